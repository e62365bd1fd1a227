/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs made ready: the same verdicts as one instruction at a time, and, by libpcap's rules, as libpcap's own
 * interpreter, which is loaded at run time.
 */
#include "bpf_wide.h"

#include <dlfcn.h>
#include <errno.h>

#include "bpf_check.h"
#include "bpf_random.h"

enum { ROUNDS = 40000, FRAMES = 4, FRAME_MAX = 320 };

#define EVERYTHING (RS_BPF_KNOWS_RING | RS_BPF_KNOWS_QUEUE | RS_BPF_KNOWS_CPU | RS_BPF_KNOWS_RXHASH | RS_BPF_KNOWS_MARK)

static random_source source;

static rs_bpf_code *ready(const rs_insn *program, uint32_t length, uint32_t machine) {
  rs_bpf_code *code = NULL;
  rs_error error = {0};
  if (rs_bpf_code_make(program, length, machine, &code, &error)) {
    random_print(program, length);
    fprintf(stderr, "%s\n", error.text);
    CHECK(!"a valid program");
  }
  return code;
}

static rs_bpf_verdict run_once(const rs_insn *program, uint32_t length, uint32_t machine, const rs_bpf_frame *frame) {
  rs_bpf_code *code = ready(program, length, machine);
  const rs_bpf_verdict verdict = rs_bpf_code_run(code, frame);
  rs_bpf_code_free(code);
  return verdict;
}

/* A frame in a block that ends where its captured bytes end, so that AddressSanitizer sees one byte more. */
static rs_bpf_frame make_frame(void) {
  const uint32_t length = random_below(&source, FRAME_MAX);
  const uint32_t captured = random_chance(&source, 50) ? length : random_below(&source, length + 1);
  uint8_t *block = malloc(captured + 1);
  for (uint32_t i = 0; i < captured; i++) block[i + 1] = random_byte(&source);
  return (rs_bpf_frame){.bytes = block + 1,
                        .captured = captured,
                        .length = length,
                        .known = random_word(&source) & EVERYTHING,
                        .protocol = 0x800,
                        .packet_type = random_below(&source, 5),
                        .ifindex = random_below(&source, 3),
                        .hatype = 1,
                        .vlan_present = random_chance(&source, 50),
                        .vlan_tci = random_byte(&source)};
}

static void free_frame(const rs_bpf_frame *frame) { free((void *)(uintptr_t)(frame->bytes - 1)); }

static void say(const random_program *program, const rs_bpf_frame *frame, int ours, int theirs) {
  if (ours == theirs) return;
  random_print(program->insn, program->length);
  fprintf(stderr, "over %u of %u bytes: %d, and %d was expected\n", frame->captured, frame->length, ours, theirs);
  CHECK(!"the same verdict");
}

static void make_valid(random_program *program) {
  do random_make(&source, program);
  while (rs_bpf_check(program->insn, program->length, NULL));
}

static void what_was_made_ready_says_what_the_program_says(void) {
  random_program program;
  unsigned tally[3] = {0};
  for (unsigned i = 0; i < ROUNDS; i++) {
    make_valid(&program);
    rs_bpf_code *code = ready(program.insn, program.length, RS_MACHINE_KERNEL);
    for (unsigned j = 0; j < FRAMES; j++) {
      const rs_bpf_frame frame = make_frame();
      const rs_bpf_verdict theirs = rs_bpf_run(program.insn, program.length, &frame, NULL);
      say(&program, &frame, rs_bpf_code_run(code, &frame), theirs);
      tally[theirs + 1]++;
      free_frame(&frame);
    }
    rs_bpf_code_free(code);
  }
  printf("    %u unknown, %u rejected, %u match\n", tally[0], tally[1], tally[2]);
  CHECK(tally[0] > ROUNDS / 5 && tally[1] > ROUNDS / 5 && tally[2] > ROUNDS / 5);
}

/* Frames side by side, of one program under both sets of rules, against each alone. */
static void side_by_side_each_frame_gets_the_verdict_it_gets_alone(void) {
  random_program program;
  unsigned matches = 0, unknowns = 0;
  for (unsigned i = 0; i < ROUNDS / 10; i++) {
    make_valid(&program);
    for (uint32_t machine = RS_MACHINE_KERNEL; machine <= RS_MACHINE_LIBPCAP; machine++) {
      rs_bpf_code *code = ready(program.insn, program.length, machine);
      const uint32_t count = random_chance(&source, 50) ? RS_BPF_LANES : random_below(&source, RS_BPF_LANES + 1);
      rs_bpf_frame frames[RS_BPF_LANES];
      const rs_bpf_frame *listed[RS_BPF_LANES];
      uint64_t match, unknown;
      for (uint32_t j = 0; j < count; j++) frames[j] = make_frame();
      for (uint32_t j = 0; j < count; j++) listed[j] = &frames[j];
      rs_bpf_wide_run(code, listed, count, &match, &unknown);
      CHECK(count == RS_BPF_LANES || (match | unknown) >> count == 0);
      for (uint32_t j = 0; j < count; j++) {
        const rs_bpf_verdict ours = match >> j & 1 ? RS_BPF_MATCH : unknown >> j & 1 ? RS_BPF_UNKNOWN : RS_BPF_REJECT;
        say(&program, &frames[j], ours, rs_bpf_code_run(code, &frames[j]));
        free_frame(&frames[j]);
      }
      matches += (unsigned)__builtin_popcountll(match);
      unknowns += (unsigned)__builtin_popcountll(unknown);
      rs_bpf_code_free(code);
    }
  }
  CHECK(matches > ROUNDS && unknowns > ROUNDS / 2);
}

typedef unsigned (*bpf_filter_function)(const struct sock_filter *, const unsigned char *, unsigned, unsigned);

/* libpcap's interpreter, NULL where there is no libpcap; its instructions are the kernel's. */
static bpf_filter_function libpcap(void) {
  static const char *const names[] = {"libpcap.so.1", "libpcap.so.0.8"};
  const char *required = getenv("RINGSCOPE_REQUIRE_ORACLES");
  for (unsigned i = 0; i < COUNT(names); i++) {
    void *library = dlopen(names[i], RTLD_NOW);
    if (library) return (bpf_filter_function)(uintptr_t)dlsym(library, "bpf_filter");
  }
  CHECK(!required || strcmp(required, "1"));
  printf("    left out: there is no libpcap\n");
  return NULL;
}

/* In a file's packet there is no metadata and what was cut off is not there: both are out of the frame. */
static void by_libpcaps_rules_it_says_what_libpcap_says(void) {
  bpf_filter_function theirs = libpcap();
  random_program program;
  unsigned tally[3] = {0};
  for (unsigned i = 0; theirs && i < ROUNDS; i++) {
    make_valid(&program);
    rs_bpf_code *code = ready(program.insn, program.length, RS_MACHINE_LIBPCAP);
    for (unsigned j = 0; j < FRAMES; j++) {
      const rs_bpf_frame frame = make_frame();
      const rs_bpf_verdict verdict = rs_bpf_code_run(code, &frame);
      const bool taken = theirs((const void *)program.insn, frame.bytes, frame.length, frame.captured) != 0;
      say(&program, &frame, verdict == RS_BPF_MATCH, taken);
      if (verdict == RS_BPF_UNKNOWN) CHECK(frame.captured < frame.length);
      tally[verdict + 1]++;
      free_frame(&frame);
    }
    rs_bpf_code_free(code);
  }
  printf("    %u unknown, %u rejected, %u match\n", tally[0], tally[1], tally[2]);
  CHECK(!theirs || (tally[0] > ROUNDS / 20 && tally[1] > ROUNDS / 5 && tally[2] > ROUNDS / 5));
}

#define JUMP_TO(from, to) {BPF_JMP | BPF_JA, 0, 0, (uint32_t)((to) - ((from) + 1))}

/* `ip6 protochain 6` over raw IP, without authentication headers. */
static const rs_insn protochain[] = {
    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 6},
    {BPF_LDX | BPF_IMM, 0, 0, 40},
    /* 2 */ {BPF_JMP | BPF_JEQ | BPF_K, 10, 0, 6},
    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 9, 60},
    /* 5 */ {BPF_LD | BPF_B | BPF_IND, 0, 0, 0},
    {BPF_ST, 0, 0, 0},
    {BPF_LD | BPF_B | BPF_IND, 0, 0, 1},
    {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1},
    {BPF_ALU | BPF_MUL | BPF_K, 0, 0, 8},
    {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0},
    {BPF_MISC | BPF_TAX, 0, 0, 0},
    /* 12 */ JUMP_TO(12, 15),
    /* 13 */ {BPF_RET | BPF_K, 0, 0, 262144},
    /* 14 */ {BPF_RET | BPF_K, 0, 0, 0},
    /* 15 */ {BPF_LD | BPF_MEM, 0, 0, 0},
    /* 16 */ JUMP_TO(16, 2),
    {BPF_RET | BPF_K, 0, 0, 0},
};

static void loops_are_run_as_libpcap_runs_them(void) {
  uint8_t bytes[200];
  rs_bpf_code *code = ready(protochain, COUNT(protochain), RS_MACHINE_LIBPCAP);
  bpf_filter_function theirs = libpcap();
  unsigned matches = 0;
  CHECK(rs_bpf_check(protochain, COUNT(protochain), NULL) == -EINVAL);
  for (unsigned i = 0; i < 2000; i++) {
    memset(bytes, 0, sizeof bytes);
    bytes[6] = random_chance(&source, 50) ? 0 : 60;
    for (unsigned at = 40; at < sizeof bytes; at += 8) {
      static const uint8_t next[] = {0, 60, 0, 60, 6, 17};
      bytes[at] = next[random_below(&source, COUNT(next))];
      bytes[at + 1] = (uint8_t)random_below(&source, 3);
    }
    const rs_bpf_frame frame = {.bytes = bytes, .captured = sizeof bytes, .length = sizeof bytes};
    const bool match = rs_bpf_code_run(code, &frame) == RS_BPF_MATCH;
    matches += match;
    const rs_bpf_frame *one = &frame;
    uint64_t wide, unknown;
    rs_bpf_wide_run(code, &one, 1, &wide, &unknown);
    CHECK(wide == match && !unknown);
    if (theirs) CHECK(match == (theirs((const void *)protochain, bytes, sizeof bytes, sizeof bytes) != 0));
  }
  CHECK(matches > 200 && matches < 1800);
  rs_bpf_code_free(code);
}

static void a_loop_without_end_ends_and_is_unknown(void) {
  static const rs_insn endless[] = {JUMP_TO(0, 0), {BPF_RET | BPF_K, 0, 0, 1}};
  const rs_bpf_frame frame = {.bytes = (const uint8_t *)""};
  CHECK(run_once(endless, 2, RS_MACHINE_LIBPCAP, &frame) == RS_BPF_UNKNOWN);
  CHECK(run_once(endless, 2, RS_MACHINE_KERNEL, &frame) == RS_BPF_UNKNOWN);
  CHECK(rs_bpf_check(endless, 2, NULL) == -EINVAL);
}

static void what_jumps_out_of_the_program_or_does_not_end_it_is_refused(void) {
  static const struct {
    rs_insn insn[3];
    const char *says;
  } cases[] = {
      {{{BPF_JMP | BPF_JA, 0, 0, 2}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "jumps over 2"},
      {{{BPF_JMP | BPF_JA, 0, 0, (uint32_t)-2}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "jumps over"},
      {{{BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "jumps over 2"},
      {{{BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_JMP | BPF_JA, 0, 0, (uint32_t)-2}}, "no return"},
      {{{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "divides"},
      {{{BPF_ST, 0, 0, 16}, {BPF_RET | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "M[16]"},
  };
  for (unsigned i = 0; i < COUNT(cases); i++) {
    rs_bpf_code *code = NULL;
    rs_error error = {0};
    CHECK(rs_bpf_code_make(cases[i].insn, 3, RS_MACHINE_LIBPCAP, &code, &error) == -EINVAL);
    CHECK(strstr(error.text, cases[i].says) && !code);
  }
  const rs_insn no_such_value[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_MAX}, {BPF_RET | BPF_A, 0, 0, 0}};
  rs_bpf_code *code = NULL;
  CHECK(rs_bpf_code_make(no_such_value, 2, RS_MACHINE_KERNEL, &code, NULL) == -EINVAL);
  rs_bpf_code_free(ready(no_such_value, 2, RS_MACHINE_LIBPCAP));
}

/* The places where the two sets of rules part. */
static void the_kernels_rules_and_libpcaps_part_where_they_do(void) {
  static const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8};
  const rs_bpf_frame frame = {.bytes = bytes, .captured = 16, .length = 16, .known = RS_BPF_KNOWS_RING, .packet_type = 4};
  static const rs_insn wraps[] = {
      {BPF_LDX | BPF_IMM, 0, 0, 0xfffffffe}, {BPF_LD | BPF_B | BPF_IND, 0, 0, 4}, {BPF_RET | BPF_A, 0, 0, 0}};
  CHECK(run_once(wraps, 3, RS_MACHINE_KERNEL, &frame) == RS_BPF_MATCH);
  CHECK(run_once(wraps, 3, RS_MACHINE_LIBPCAP, &frame) == RS_BPF_REJECT);
  static const rs_insn shifts[] = {{BPF_LDX | BPF_IMM, 0, 0, 33},
                                   {BPF_LD | BPF_IMM, 0, 0, 2},
                                   {BPF_ALU | BPF_RSH | BPF_X, 0, 0, 0},
                                   {BPF_RET | BPF_A, 0, 0, 0}};
  CHECK(run_once(shifts, 4, RS_MACHINE_KERNEL, &frame) == RS_BPF_MATCH); /* by 1 */
  CHECK(run_once(shifts, 4, RS_MACHINE_LIBPCAP, &frame) == RS_BPF_REJECT);
  static const rs_insn sent[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE},
                                 {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 4},
                                 {BPF_RET | BPF_K, 0, 0, 1},
                                 {BPF_RET | BPF_K, 0, 0, 0}};
  CHECK(run_once(sent, 4, RS_MACHINE_KERNEL, &frame) == RS_BPF_MATCH);
  CHECK(run_once(sent, 4, RS_MACHINE_LIBPCAP, &frame) == RS_BPF_REJECT);
}

static uint32_t reach_of(const rs_insn *program, uint32_t length) {
  rs_bpf_code *code = ready(program, length, RS_MACHINE_LIBPCAP);
  const uint32_t reach = rs_bpf_code_reach(code);
  rs_bpf_code_free(code);
  return reach;
}

static void the_reach_is_the_end_of_the_farthest_load(void) {
  static const rs_insn len[] = {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0}};
  static const rs_insn fixed[] = {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12}, {BPF_LD | BPF_W | BPF_ABS, 0, 0, 30},
                                  {BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF}, {BPF_RET | BPF_A, 0, 0, 0}};
  static const rs_insn port[] = {
      {BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14}, {BPF_LD | BPF_H | BPF_IND, 0, 0, 16}, {BPF_RET | BPF_A, 0, 0, 0}};
  CHECK_EQUAL(reach_of(len, 2), 0);
  CHECK_EQUAL(reach_of(fixed, 4), 34);
  CHECK_EQUAL(reach_of(port, 3), 60 + 16 + 2);
}

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  RUN(what_was_made_ready_says_what_the_program_says);
  RUN(side_by_side_each_frame_gets_the_verdict_it_gets_alone);
  RUN(by_libpcaps_rules_it_says_what_libpcap_says);
  RUN(loops_are_run_as_libpcap_runs_them);
  RUN(a_loop_without_end_ends_and_is_unknown);
  RUN(what_jumps_out_of_the_program_or_does_not_end_it_is_refused);
  RUN(the_kernels_rules_and_libpcaps_part_where_they_do);
  RUN(the_reach_is_the_end_of_the_farthest_load);
  return 0;
}
