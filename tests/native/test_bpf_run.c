/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs run in user space: what each instruction means, when the answer is unknown, and that the kernel gives the same
 * answers. The kernel is asked through a pair of datagram sockets: no privilege, no traffic.
 */
#include "bpf_run.h"

#include <errno.h>

#include "bpf_check.h"
#include "bpf_random.h"

enum {
  PROGRAMS = 10000,
  FRAMES = 5,           /* of each program */
  SAFETY_ROUNDS = 60000, /* programs run on exactly sized blocks */
  FRAME_MAX = 40000,
  RING_FRAME = 64,
};

#define ANCILLARY(name) ((uint32_t)SKF_AD_OFF + SKF_AD_##name)
#define EVERYTHING (RS_BPF_KNOWS_RING | RS_BPF_KNOWS_QUEUE | RS_BPF_KNOWS_CPU | RS_BPF_KNOWS_RXHASH | RS_BPF_KNOWS_MARK)

/* The verdict over a frame of 60 bytes 0, 1, 2 ... of which 40 were captured; it has to be a valid program. */
static rs_bpf_verdict verdict_of(const rs_insn *program, uint32_t length, uint32_t known, uint32_t *keep) {
  uint8_t bytes[40];
  for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
  const rs_bpf_frame frame = {.bytes = bytes,
                              .captured = sizeof bytes,
                              .length = 60,
                              .known = known,
                              .protocol = 0x0806,
                              .packet_type = 4,
                              .ifindex = 3,
                              .hatype = 772,
                              .vlan_tci = 0x2007,
                              .vlan_tpid = 0x88a8,
                              .vlan_present = true,
                              .queue = 5,
                              .cpu = 6,
                              .rxhash = 0x89abcdef,
                              .mark = 9};
  CHECK(rs_bpf_check(program, length, NULL) == 0);
  return rs_bpf_run(program, length, &frame, keep);
}

/* What one load gives: A is compared with `expected`. */
static rs_bpf_verdict load_gives(rs_insn load, uint32_t expected, uint32_t known) {
  const rs_insn program[] = {{BPF_LDX | BPF_IMM, 0, 0, 8},
                             load,
                             {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, expected},
                             {BPF_RET | BPF_K, 0, 0, 1},
                             {BPF_RET | BPF_K, 0, 0, 0}};
  return verdict_of(program, COUNT(program), known, NULL);
}

static void a_match_keeps_what_the_program_returns(void) {
  uint32_t keep = 99;
  const rs_insn twenty[] = {{BPF_RET | BPF_K, 0, 0, 20}};
  const rs_insn all[] = {{BPF_RET | BPF_K, 0, 0, 262144}};
  const rs_insn none[] = {{BPF_RET | BPF_A, 0, 0, 7}};
  CHECK(verdict_of(twenty, 1, 0, &keep) == RS_BPF_MATCH && keep == 20);
  CHECK(verdict_of(all, 1, 0, &keep) == RS_BPF_MATCH && keep == 60);
  CHECK(verdict_of(none, 1, 0, &keep) == RS_BPF_REJECT && keep == 0); /* A begins as 0 */
  const rs_insn nothing_known[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 50}, {BPF_RET | BPF_K, 0, 0, 1}};
  CHECK(verdict_of(nothing_known, 2, 0, &keep) == RS_BPF_UNKNOWN && keep == 0);
}

static void a_load_beyond_the_frame_rejects_and_one_beyond_the_captured_bytes_is_unknown(void) {
  static const struct {
    rs_insn load;
    uint32_t value;
    rs_bpf_verdict verdict;
  } cases[] = {
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 36}, 0x24252627, RS_BPF_MATCH},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 37}, 0, RS_BPF_UNKNOWN},
      {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 38}, 0x2627, RS_BPF_MATCH},
      {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 39}, 0, RS_BPF_UNKNOWN},
      {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 39}, 0x27, RS_BPF_MATCH},
      {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 40}, 0, RS_BPF_UNKNOWN},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 56}, 0, RS_BPF_UNKNOWN},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 57}, 0, RS_BPF_REJECT},
      {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 60}, 0, RS_BPF_REJECT},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0x7fffffff}, 0, RS_BPF_REJECT},
      {{BPF_LD | BPF_B | BPF_IND, 0, 0, 31}, 0x27, RS_BPF_MATCH},
      {{BPF_LD | BPF_B | BPF_IND, 0, 0, 32}, 0, RS_BPF_UNKNOWN},
      {{BPF_LD | BPF_B | BPF_IND, 0, 0, 52}, 0, RS_BPF_REJECT},
      {{BPF_LDX | BPF_B | BPF_MSH, 0, 0, 40}, 0, RS_BPF_UNKNOWN},
      {{BPF_LDX | BPF_B | BPF_MSH, 0, 0, 60}, 0, RS_BPF_REJECT},
  };
  for (unsigned i = 0; i < COUNT(cases); i++) CHECK(load_gives(cases[i].load, cases[i].value, 0) == cases[i].verdict);
}

/* X is 8 here, so that k = -8 is the start of the frame and k = -9 the byte before it. */
static void a_negative_sum_is_no_ancillary_value(void) {
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_IND, 0, 0, 0u - 8}, 0, 0) == RS_BPF_MATCH);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_IND, 0, 0, 0u - 9}, 0, 0) == RS_BPF_REJECT);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_IND, 0, 0, ANCILLARY(PKTTYPE) - 8}, 4, EVERYTHING) == RS_BPF_REJECT);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_IND, 0, 0, (uint32_t)SKF_NET_OFF - 8}, 0, EVERYTHING) == RS_BPF_UNKNOWN);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF + 59}, 0, EVERYTHING) == RS_BPF_UNKNOWN);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF + 60}, 0, EVERYTHING) == RS_BPF_REJECT);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_LL_OFF}, 0, EVERYTHING) == RS_BPF_UNKNOWN);
  CHECK(load_gives((rs_insn){BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_LL_OFF - 1}, 0, EVERYTHING) == RS_BPF_REJECT);
}

static void an_ancillary_value_is_whole_at_any_width_and_unknown_when_it_is_not_known(void) {
  static const struct {
    uint32_t k, needs, value;
  } cases[] = {
      {ANCILLARY(PROTOCOL), RS_BPF_KNOWS_PROTOCOL, 0x0806}, {ANCILLARY(PKTTYPE), RS_BPF_KNOWS_PACKET_TYPE, 4},
      {ANCILLARY(IFINDEX), RS_BPF_KNOWS_IFINDEX, 3},        {ANCILLARY(HATYPE), RS_BPF_KNOWS_HATYPE, 772},
      {ANCILLARY(VLAN_TAG), RS_BPF_KNOWS_VLAN, 0x2007},     {ANCILLARY(VLAN_TAG_PRESENT), RS_BPF_KNOWS_VLAN, 1},
      {ANCILLARY(VLAN_TPID), RS_BPF_KNOWS_VLAN, 0x88a8},    {ANCILLARY(QUEUE), RS_BPF_KNOWS_QUEUE, 5},
      {ANCILLARY(CPU), RS_BPF_KNOWS_CPU, 6},                {ANCILLARY(RXHASH), RS_BPF_KNOWS_RXHASH, 0x89abcdef},
      {ANCILLARY(MARK), RS_BPF_KNOWS_MARK, 9},              {ANCILLARY(ALU_XOR_X), 0, 8},
  };
  static const uint16_t widths[] = {BPF_B, BPF_H, BPF_W};
  for (unsigned i = 0; i < COUNT(cases); i++) {
    for (unsigned width = 0; width < 3; width++) {
      const rs_insn insn = {(uint16_t)(BPF_LD | BPF_ABS | widths[width]), 0, 0, cases[i].k};
      CHECK(rs_bpf_needs(&insn, 1) == cases[i].needs);
      CHECK(load_gives(insn, cases[i].value, cases[i].needs) == RS_BPF_MATCH);
      if (cases[i].needs) CHECK(load_gives(insn, cases[i].value, EVERYTHING & ~cases[i].needs) == RS_BPF_UNKNOWN);
    }
  }
}

static void what_no_frame_tells_is_unknown_and_told_beforehand(void) {
  static const struct {
    rs_insn load;
    uint32_t needs;
  } cases[] = {
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, ANCILLARY(NLATTR)}, RS_BPF_NEEDS_NETLINK},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, ANCILLARY(NLATTR_NEST)}, RS_BPF_NEEDS_NETLINK},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, ANCILLARY(RANDOM)}, RS_BPF_NEEDS_RANDOM},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, ANCILLARY(PAY_OFFSET)}, RS_BPF_NEEDS_PAYLOAD_OFFSET},
      {{BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_NET_OFF}, RS_BPF_NEEDS_HEADER_OFFSETS},
      {{BPF_LD | BPF_B | BPF_IND, 0, 0, (uint32_t)SKF_LL_OFF}, RS_BPF_NEEDS_HEADER_OFFSETS},
      {{BPF_LDX | BPF_B | BPF_MSH, 0, 0, (uint32_t)SKF_NET_OFF + 1}, RS_BPF_NEEDS_HEADER_OFFSETS},
  };
  for (unsigned i = 0; i < COUNT(cases); i++) {
    CHECK_EQUAL(rs_bpf_needs(&cases[i].load, 1), cases[i].needs);
    CHECK((cases[i].needs & RS_BPF_NEVER) == cases[i].needs);
    CHECK(load_gives(cases[i].load, 0, EVERYTHING) == RS_BPF_UNKNOWN);
  }
  const rs_insn bytes_only[] = {
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, 12}, {BPF_LD | BPF_B | BPF_IND, 0, 0, 0u - 4}, {BPF_RET | BPF_A, 0, 0, 0}};
  CHECK_EQUAL(rs_bpf_needs(bytes_only, 3), 0);
}

static void what_is_not_reached_does_no_harm(void) {
  const rs_insn program[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 7},
                             {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 7},
                             {BPF_LD | BPF_W | BPF_ABS, 0, 0, ANCILLARY(RANDOM)},
                             {BPF_RET | BPF_K, 0, 0, 1}};
  CHECK(verdict_of(program, COUNT(program), 0, NULL) == RS_BPF_MATCH);
  CHECK(rs_bpf_needs(program, COUNT(program)) == RS_BPF_NEEDS_RANDOM);
}

static void without_a_device_who_asks_for_it_returns_what_a_holds(void) {
  static const uint32_t asked[] = {ANCILLARY(IFINDEX), ANCILLARY(HATYPE)};
  static const uint8_t bytes[9];
  const rs_bpf_frame frame = {.bytes = bytes, .captured = 9, .length = 9, .known = RS_BPF_KNOWS_RING};
  for (uint32_t i = 0; i < 4; i++) {
    const uint32_t a = i / 2 * 5;
    const rs_insn program[] = {
        {BPF_LD | BPF_IMM, 0, 0, a}, {BPF_LD | BPF_W | BPF_ABS, 0, 0, asked[i % 2]}, {BPF_RET | BPF_K, 0, 0, 9}};
    uint32_t keep = 99;
    CHECK(rs_bpf_run(program, COUNT(program), &frame, &keep) == (a ? RS_BPF_MATCH : RS_BPF_REJECT) && keep == a);
  }
}

static void dividing_by_an_x_of_0_rejects(void) {
  static const uint16_t operations[] = {BPF_DIV, BPF_MOD};
  for (unsigned i = 0; i < COUNT(operations); i++) {
    const rs_insn program[] = {{(uint16_t)(BPF_ALU | operations[i] | BPF_X), 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 1}};
    CHECK(verdict_of(program, COUNT(program), 0, NULL) == RS_BPF_REJECT);
  }
}

static random_source source;

/* One that rs_bpf_check() takes. */
static void make_valid(random_program *program) {
  do random_make(&source, program);
  while (rs_bpf_check(program->insn, program->length, NULL));
}

/* Short ones, empty ones, ones that random_epilogue() can speak through, and a few that do not fit the kernel's linear
 * buffer. */
static uint32_t random_length(void) {
  const uint32_t kind = random_below(&source, 100);
  if (kind < 5) return random_below(&source, 5);
  if (kind < 25) return random_below(&source, 40);
  if (kind < 40) return random_below(&source, 200);
  if (kind < 98) return 257 + random_below(&source, 60);
  return random_below(&source, FRAME_MAX);
}

static void fill(uint8_t *bytes, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) bytes[i] = i < 400 ? random_byte(&source) : (uint8_t)(i * 7);
}

/* Runs the program over a block that ends where the captured bytes end, so that AddressSanitizer sees one byte more. */
static rs_bpf_verdict run_exactly(const random_program *program, rs_bpf_frame frame, const uint8_t *bytes, uint32_t *keep) {
  uint8_t *block = malloc(frame.captured ? frame.captured : 1);
  memcpy(block, bytes, frame.captured);
  frame.bytes = frame.captured ? block : block + 1;
  const rs_bpf_verdict verdict = rs_bpf_run(program->insn, program->length, &frame, keep);
  free(block);
  return verdict;
}

typedef struct tally {
  unsigned match, reject, unknown, cut_known, cut_unknown;
} tally;

typedef struct kernel {
  int in, out;  /* `out` has the filter */
  uint32_t cpu; /* the one that runs it: this thread stays there */
} kernel;

static kernel kernel_open(void) {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  return (kernel){.in = pair[0], .out = pair[1], .cpu = stay_on_this_cpu()};
}

static void kernel_close(kernel *kernel) {
  close(kernel->in);
  close(kernel->out);
}

static void kernel_attach(kernel *kernel, random_program *program) {
  struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = (struct sock_filter *)program->insn};
  if (setsockopt(kernel->out, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0) return;
  random_print(program->insn, program->length);
  CHECK(!"the kernel takes a program that rs_bpf_check() takes");
}

static rs_bpf_verdict kernel_run(kernel *kernel, const uint8_t *bytes, uint32_t length, uint32_t *keep) {
  static uint8_t received[FRAME_MAX];
  CHECK(send(kernel->in, bytes, length, 0) == (ssize_t)length);
  const ssize_t got = recv(kernel->out, received, sizeof received, MSG_DONTWAIT);
  CHECK(got >= 0 || errno == EAGAIN);
  *keep = got > 0 ? (uint32_t)got : 0;
  return got >= 0 ? RS_BPF_MATCH : RS_BPF_REJECT;
}

static void check_same(const random_program *program, const rs_bpf_frame *frame, rs_bpf_verdict ours, rs_bpf_verdict theirs,
                       uint32_t our_keep, uint32_t their_keep) {
  if (ours == theirs && our_keep == their_keep) return;
  random_print(program->insn, program->length);
  fprintf(stderr, "over %u of %u bytes: verdict %d, keeps %u; the kernel says %d, keeps %u\n", frame->captured, frame->length,
          ours, our_keep, theirs, their_keep);
  CHECK(!"the same verdict as the kernel's");
}

static bool asks_for_length(const random_program *program) {
  for (uint32_t i = 0; i < program->length; i++) {
    const uint16_t code = program->insn[i].code;
    if (code == (BPF_LD | BPF_W | BPF_LEN) || code == (BPF_LDX | BPF_W | BPF_LEN)) return true;
  }
  return false;
}

/*
 * The same frame, cut: the verdict is unknown or still the kernel's. It is unknown only if the program really came to a
 * byte that was cut off; then the kernel, given the shorter frame, finds that byte out of range and rejects.
 */
static void compare_cut(kernel *kernel, const random_program *program, rs_bpf_frame frame, const uint8_t *bytes,
                        rs_bpf_verdict theirs, uint32_t their_keep, tally *tally) {
  uint32_t keep;
  frame.captured = random_below(&source, frame.length + 1);
  const rs_bpf_verdict ours = run_exactly(program, frame, bytes, &keep);
  if (ours != RS_BPF_UNKNOWN) {
    check_same(program, &frame, ours, theirs, keep, their_keep);
    tally->cut_known++;
    return;
  }
  tally->cut_unknown++;
  if (asks_for_length(program)) return;
  const rs_bpf_verdict shorter = kernel_run(kernel, bytes, frame.captured, &their_keep);
  check_same(program, &frame, RS_BPF_REJECT, shorter, 0, their_keep);
}

static void compare(kernel *kernel, const random_program *program, const uint8_t *bytes, uint32_t length, tally *tally) {
  /* A datagram has no device, no protocol, no tag, no mark, no hash and no queue. */
  const rs_bpf_frame frame = {.captured = length, .length = length, .known = EVERYTHING, .cpu = kernel->cpu};
  uint32_t keep, their_keep;
  const rs_bpf_verdict theirs = kernel_run(kernel, bytes, length, &their_keep);
  const rs_bpf_verdict ours = run_exactly(program, frame, bytes, &keep);
  if (ours == RS_BPF_UNKNOWN) {
    tally->unknown++;
    return;
  }
  check_same(program, &frame, ours, theirs, keep, their_keep);
  ours == RS_BPF_MATCH ? tally->match++ : tally->reject++;
  compare_cut(kernel, program, frame, bytes, theirs, their_keep, tally);
}

static void ten_thousand_random_programs_agree_with_the_kernel(void) {
  static uint8_t bytes[FRAME_MAX];
  kernel kernel = kernel_open();
  tally tally = {0};
  random_program program;
  for (unsigned i = 0; i < PROGRAMS; i++) {
    make_valid(&program);
    kernel_attach(&kernel, &program);
    for (unsigned j = 0; j < FRAMES; j++) {
      const uint32_t length = random_length();
      fill(bytes, length);
      compare(&kernel, &program, bytes, length, &tally);
    }
  }
  kernel_close(&kernel);
  const unsigned whole = tally.match + tally.reject + tally.unknown;
  printf("    whole frames: %u %% match, %u %% rejected, %u %% unknown; cut ones: %u known, %u unknown\n",
         tally.match * 100 / whole, tally.reject * 100 / whole, tally.unknown * 100 / whole, tally.cut_known, tally.cut_unknown);
  /* or the test would prove little */
  CHECK(tally.match > whole / 5 && tally.reject > whole / 5 && tally.unknown < whole / 10 && tally.cut_unknown > whole / 20);
}

/* Changes a few fields at will; what rs_bpf_check() refuses afterwards is of no interest here. */
static void damage(random_program *program) {
  for (uint32_t changes = 1 + random_below(&source, 4); changes; changes--) {
    rs_insn *insn = &program->insn[random_below(&source, program->length)];
    switch (random_below(&source, 4)) {
    case 0:
      insn->k = random_word(&source);
      break;
    case 1:
      insn->k = random_constant(&source);
      break;
    case 2:
      insn->code = (uint16_t)random_below(&source, 0xc0);
      break;
    default:
      insn->jt = (uint8_t)random_below(&source, 16);
      insn->jf = (uint8_t)random_below(&source, 16);
    }
  }
}

static void no_program_that_passes_the_check_reads_out_of_bounds(void) {
  uint8_t bytes[400];
  random_program program;
  unsigned taken = 0;
  for (unsigned i = 0; i < SAFETY_ROUNDS; i++) {
    random_make(&source, &program);
    if (random_chance(&source, 70)) damage(&program);
    if (rs_bpf_check(program.insn, program.length, NULL)) continue;
    taken++;
    fill(bytes, RING_FRAME);
    rs_bpf_frame frame = {.length = random_below(&source, 2 * RING_FRAME), .known = random_word(&source) & EVERYTHING,
                          .ifindex = random_below(&source, 2)};
    frame.captured = random_below(&source, (frame.length < RING_FRAME ? frame.length : RING_FRAME) + 1);
    uint32_t keep;
    run_exactly(&program, frame, bytes, &keep);
    CHECK(keep <= frame.length);
  }
  printf("    %u of %u programs passed the check and were run\n", taken, SAFETY_ROUNDS);
  CHECK(taken > SAFETY_ROUNDS / 4);
}

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  RUN(a_match_keeps_what_the_program_returns);
  RUN(a_load_beyond_the_frame_rejects_and_one_beyond_the_captured_bytes_is_unknown);
  RUN(a_negative_sum_is_no_ancillary_value);
  RUN(an_ancillary_value_is_whole_at_any_width_and_unknown_when_it_is_not_known);
  RUN(what_no_frame_tells_is_unknown_and_told_beforehand);
  RUN(what_is_not_reached_does_no_harm);
  RUN(without_a_device_who_asks_for_it_returns_what_a_holds);
  RUN(dividing_by_an_x_of_0_rejects);
  RUN(ten_thousand_random_programs_agree_with_the_kernel);
  RUN(no_program_that_passes_the_check_reads_out_of_bounds);
  return 0;
}
