/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs are valid: the same ones that SO_ATTACH_FILTER takes, and a sentence about each of the others. The
 * kernel is asked on a socket of its own, without privilege.
 */
#include "bpf_check.h"

#include <errno.h>

#include "bpf_random.h"

enum { PROGRAMS = 10000 };

/* What the kernel says of the program: VALID, INVALID, or that it had no room to say. */
typedef enum opinion { VALID, INVALID, NO_ROOM } opinion;

static opinion ask_kernel(int fd, const rs_insn *program, uint32_t length) {
  struct sock_fprog filter = {.len = (unsigned short)length, .filter = (struct sock_filter *)(uintptr_t)program};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0) return VALID;
  if (errno == EINVAL) return INVALID;
  CHECK(errno == ENOMEM); /* net.core.optmem_max, no verdict on the program */
  return NO_ROOM;
}

static int open_socket(void) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  CHECK(fd >= 0);
  return fd;
}

/* Both give the same verdict, which is returned; a refusal comes with a sentence that has no end missing. */
static opinion agree(int fd, const rs_insn *program, uint32_t length) {
  rs_error error = {0};
  const int ours = rs_bpf_check(program, length, &error);
  const opinion theirs = ask_kernel(fd, program, length);
  CHECK(ours == 0 || (ours == -EINVAL && strlen(error.text) > 20 && strlen(error.text) < sizeof error.text - 1));
  if (theirs == NO_ROOM || (theirs == VALID) == (ours == 0)) return theirs;
  random_print(program, length);
  fprintf(stderr, "here %s %s; the kernel %s it\n", ours ? "it is invalid:" : "it is valid", error.text,
          theirs == VALID ? "takes" : "refuses");
  CHECK(!"the same opinion as the kernel's");
  return NO_ROOM;
}

#define RET {BPF_RET | BPF_K, 0, 0, 1}

/* Every limit from both sides. `says` is a part of the sentence, NULL for what is valid. */
static void each_limit_is_where_the_kernel_has_it_and_is_named(void) {
  static const struct {
    rs_insn insn[6];
    uint32_t length;
    const char *says;
  } cases[] = {
      {{RET}, 1, NULL},
      {{{BPF_RET | BPF_A, 0, 0, 0}}, 1, NULL},
      {{{BPF_RET | BPF_X, 0, 0, 0}}, 1, "instruction 0 has the code 0xe"},
      {{RET}, 0, "has no instruction"},
      {{RET, {BPF_LD | BPF_IMM, 0, 0, 0}}, 2, "instruction 1 is the last one and no return"},
      {{{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 1}, RET}, 2, NULL},
      {{{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, RET}, 2, "instruction 0 divides by the constant 0"},
      {{RET, {BPF_ALU | BPF_MOD | BPF_K, 0, 0, 0}, RET}, 3, "instruction 1 divides by the constant 0"}, /* reached or not */
      {{{BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0}, RET}, 2, NULL},
      {{{BPF_ALU | BPF_LSH | BPF_K, 0, 0, 31}, {BPF_ALU | BPF_RSH | BPF_K, 0, 0, 0}, RET}, 3, NULL},
      {{{BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32}, RET}, 2, "shifts by 32 bits"},
      {{{BPF_ALU | BPF_RSH | BPF_K, 0, 0, 0xffffffff}, RET}, 2, "shifts by 4294967295 bits"},
      {{{BPF_ST, 0, 0, 15}, {BPF_LD | BPF_MEM, 0, 0, 15}, RET}, 3, NULL},
      {{{BPF_STX, 0, 0, 16}, RET}, 2, "uses M[16]"},
      {{{BPF_LDX | BPF_MEM, 0, 0, 16}, RET}, 2, "uses M[16]"},
      {{{BPF_LD | BPF_MEM, 0, 0, 0}, RET}, 2, "instruction 0 loads M[0]"},
      {{{BPF_JMP | BPF_JA, 0, 0, 1}, RET, RET}, 3, NULL},
      {{{BPF_JMP | BPF_JA, 0, 0, 2}, RET, RET}, 3, "jumps over 2 instructions, but only 2 follow"},
      {{RET, {BPF_JMP | BPF_JA, 0, 0, 0xfffffffe}, RET}, 3, "jumps over 4294967294 instructions, but only 1"}, /* a loop */
      {{{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}, RET, RET}, 3, NULL},
      {{{BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 0}, RET, RET}, 3, "jumps over 2 instructions"},
      {{{BPF_JMP | BPF_JSET | BPF_X, 0, 255, 0}, RET, RET}, 3, "jumps over 255 instructions"},
      {{{BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF - 1}, RET}, 2, NULL},
      {{{BPF_LD | BPF_H | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TPID}, RET}, 2, NULL},
      {{{BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_MAX}, RET}, 2, "loads ancillary value 64"},
      {{{BPF_LD | BPF_B | BPF_IND, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_MAX}, RET}, 2, NULL},
      /* stored on one of two paths */
      {{{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0}, {BPF_ST, 0, 0, 3}, {BPF_LD | BPF_MEM, 0, 0, 3}, RET},
       4,
       "instruction 2 loads M[3]"},
      /* on both */
      {{{BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0},
        {BPF_ST, 0, 0, 3},
        {BPF_JMP | BPF_JA, 0, 0, 1},
        {BPF_STX, 0, 0, 3},
        {BPF_LDX | BPF_MEM, 0, 0, 3},
        RET},
       6,
       NULL},
      /* after a jump that goes elsewhere nothing is missed, after a return it is: the kernel's words on both */
      {{{BPF_JMP | BPF_JA, 0, 0, 1}, {BPF_LD | BPF_MEM, 0, 0, 3}, RET}, 3, NULL},
      {{RET, {BPF_LD | BPF_MEM, 0, 0, 3}, RET}, 3, "instruction 1 loads M[3]"},
  };
  const int fd = open_socket();
  for (unsigned i = 0; i < COUNT(cases); i++) {
    rs_error error = {0};
    const int ours = rs_bpf_check(cases[i].insn, cases[i].length, &error);
    if ((ours == 0) != !cases[i].says || (cases[i].says && !strstr(error.text, cases[i].says)))
      fprintf(stderr, "case %u: %d, \"%s\"\n", i, ours, error.text);
    CHECK((ours == 0) == !cases[i].says && (!cases[i].says || strstr(error.text, cases[i].says)));
    agree(fd, cases[i].insn, cases[i].length);
  }
  CHECK(rs_bpf_check(NULL, 1, NULL) == -EINVAL);
  close(fd);
}

static void every_code_is_known_or_not_as_in_the_kernel(void) {
  const int fd = open_socket();
  unsigned valid = 0;
  for (uint32_t code = 0; code <= UINT16_MAX; code++) {
    const rs_insn program[] = {{BPF_ST, 0, 0, 1}, {(uint16_t)code, 0, 0, 1}, RET, RET};
    valid += agree(fd, program, COUNT(program)) == VALID;
  }
  CHECK_EQUAL(valid, 49);
  close(fd);
}

static void every_ancillary_number_is_known_or_not_as_in_the_kernel(void) {
  static const uint16_t loads[] = {BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_W | BPF_ABS,
                                   BPF_LD | BPF_W | BPF_IND, BPF_LDX | BPF_B | BPF_MSH};
  const int fd = open_socket();
  for (unsigned i = 0; i < COUNT(loads); i++) {
    for (uint32_t k = (uint32_t)SKF_AD_OFF - 8; k != (uint32_t)SKF_AD_OFF + 200; k++) {
      const rs_insn program[] = {{loads[i], 0, 0, k}, RET};
      agree(fd, program, COUNT(program));
    }
    const rs_insn last[] = {{loads[i], 0, 0, UINT32_MAX}, RET};
    agree(fd, last, COUNT(last));
  }
  close(fd);
}

static void a_program_has_at_most_4096_instructions(void) {
  static rs_insn program[5000];
  rs_error error;
  for (uint32_t i = 0; i < COUNT(program); i++) program[i] = (rs_insn){BPF_ALU | BPF_NEG, 0, 0, 0};
  program[4095] = program[4096] = program[4999] = (rs_insn)RET;
  const int fd = open_socket();
  CHECK(rs_bpf_check(program, 4096, NULL) == 0 && agree(fd, program, 4096) != INVALID);
  CHECK(agree(fd, program, 4097) == INVALID);
  CHECK(rs_bpf_check(program, 5000, &error) == -EINVAL && strstr(error.text, "5000") && strstr(error.text, "4096"));
  /* The longest jump there is, and one more. */
  program[0] = (rs_insn){BPF_JMP | BPF_JA, 0, 0, 4094};
  CHECK(rs_bpf_check(program, 4096, NULL) == 0 && agree(fd, program, 4096) != INVALID);
  program[0].k = 4095;
  CHECK(agree(fd, program, 4096) == INVALID);
  close(fd);
}

static random_source source;

/* Breaks what random_make() took care of: one field of one instruction, or the end of the program. */
static void damage(random_program *program) {
  rs_insn *insn = &program->insn[random_below(&source, program->length)];
  switch (random_below(&source, 7)) {
  case 0:
    insn->code = (uint16_t)random_below(&source, 0xc0);
    break;
  case 1:
    insn->code ^= (uint16_t)(1u << random_below(&source, 16));
    break;
  case 2:
    insn->k = random_below(&source, 70);
    break;
  case 3:
    insn->k = random_constant(&source);
    break;
  case 4:
    insn->jt = (uint8_t)random_below(&source, 64);
    break;
  case 5:
    insn->jf = (uint8_t)random_below(&source, 64);
    break;
  default:
    program->length = random_below(&source, program->length + 1);
  }
}

/* Little else than what matters for scratch memory: three cells, stores, loads, jumps and returns. */
static void make_forgetful(random_program *program) {
  static const uint16_t codes[] = {BPF_ST, BPF_ST, BPF_STX, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM, BPF_RET | BPF_K};
  const uint32_t total = 4 + random_below(&source, 12);
  program->length = 0;
  while (program->length < total - 1) {
    const uint32_t following = total - program->length - 1;
    if (random_chance(&source, 40)) {
      random_add(program, random_jump(&source, following));
    } else {
      random_add(program, (rs_insn){codes[random_below(&source, COUNT(codes))], 0, 0, random_below(&source, 3)});
    }
  }
  random_add(program, (rs_insn)RET);
}

static void report_shares(const unsigned *opinions) {
  printf("    %u valid, %u invalid, %u that the kernel had no room for\n", opinions[VALID], opinions[INVALID],
         opinions[NO_ROOM]);
  /* or the test would prove little */
  CHECK(opinions[VALID] > PROGRAMS / 5 && opinions[INVALID] > PROGRAMS / 5 && opinions[NO_ROOM] < PROGRAMS / 20);
}

static void ten_thousand_random_programs_are_valid_where_the_kernel_says_so(void) {
  const int fd = open_socket();
  unsigned opinions[3] = {0};
  random_program program;
  for (unsigned i = 0; i < PROGRAMS; i++) {
    random_make(&source, &program);
    for (uint32_t times = random_below(&source, 4); times; times--)
      if (program.length) damage(&program);
    opinions[agree(fd, program.insn, program.length)]++;
  }
  report_shares(opinions);
  close(fd);
}

static void scratch_memory_is_followed_over_every_path_as_in_the_kernel(void) {
  const int fd = open_socket();
  unsigned opinions[3] = {0};
  random_program program;
  for (unsigned i = 0; i < PROGRAMS; i++) {
    make_forgetful(&program);
    opinions[agree(fd, program.insn, program.length)]++;
  }
  report_shares(opinions);
  close(fd);
}

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  RUN(each_limit_is_where_the_kernel_has_it_and_is_named);
  RUN(every_code_is_known_or_not_as_in_the_kernel);
  RUN(every_ancillary_number_is_known_or_not_as_in_the_kernel);
  RUN(a_program_has_at_most_4096_instructions);
  RUN(ten_thousand_random_programs_are_valid_where_the_kernel_says_so);
  RUN(scratch_memory_is_followed_over_every_path_as_in_the_kernel);
  return 0;
}
