/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_check.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>

#include "error.h"

_Static_assert((uint32_t)SKF_AD_OFF == 0xfffff000u, "rs_bpf_is_ancillary");

/* What there is to check about an instruction beyond that it exists. */
typedef enum kind {
  NO_INSTRUCTION,
  PLAIN,
  DIVISION,
  SHIFT,
  ABSOLUTE_LOAD,
  SCRATCH_LOAD,
  SCRATCH_STORE,
  JUMP,
  BRANCH,
  RETURN,
} kind;

/* The whole instruction set: what is not here does not exist. */
static kind kind_of(uint16_t code) {
  switch (code) {
  case BPF_ALU | BPF_ADD | BPF_K:
  case BPF_ALU | BPF_ADD | BPF_X:
  case BPF_ALU | BPF_SUB | BPF_K:
  case BPF_ALU | BPF_SUB | BPF_X:
  case BPF_ALU | BPF_MUL | BPF_K:
  case BPF_ALU | BPF_MUL | BPF_X:
  case BPF_ALU | BPF_DIV | BPF_X: /* X is 0: the frame is rejected, at run time */
  case BPF_ALU | BPF_MOD | BPF_X:
  case BPF_ALU | BPF_AND | BPF_K:
  case BPF_ALU | BPF_AND | BPF_X:
  case BPF_ALU | BPF_OR | BPF_K:
  case BPF_ALU | BPF_OR | BPF_X:
  case BPF_ALU | BPF_XOR | BPF_K:
  case BPF_ALU | BPF_XOR | BPF_X:
  case BPF_ALU | BPF_LSH | BPF_X:
  case BPF_ALU | BPF_RSH | BPF_X:
  case BPF_ALU | BPF_NEG:
  case BPF_LD | BPF_W | BPF_LEN:
  case BPF_LD | BPF_W | BPF_IND:
  case BPF_LD | BPF_H | BPF_IND:
  case BPF_LD | BPF_B | BPF_IND:
  case BPF_LD | BPF_IMM:
  case BPF_LDX | BPF_W | BPF_LEN:
  case BPF_LDX | BPF_B | BPF_MSH:
  case BPF_LDX | BPF_IMM:
  case BPF_MISC | BPF_TAX:
  case BPF_MISC | BPF_TXA:
    return PLAIN;
  case BPF_ALU | BPF_DIV | BPF_K:
  case BPF_ALU | BPF_MOD | BPF_K:
    return DIVISION;
  case BPF_ALU | BPF_LSH | BPF_K:
  case BPF_ALU | BPF_RSH | BPF_K:
    return SHIFT;
  case BPF_LD | BPF_W | BPF_ABS:
  case BPF_LD | BPF_H | BPF_ABS:
  case BPF_LD | BPF_B | BPF_ABS:
    return ABSOLUTE_LOAD;
  case BPF_LD | BPF_MEM:
  case BPF_LDX | BPF_MEM:
    return SCRATCH_LOAD;
  case BPF_ST:
  case BPF_STX:
    return SCRATCH_STORE;
  case BPF_JMP | BPF_JA:
    return JUMP;
  case BPF_JMP | BPF_JEQ | BPF_K:
  case BPF_JMP | BPF_JEQ | BPF_X:
  case BPF_JMP | BPF_JGE | BPF_K:
  case BPF_JMP | BPF_JGE | BPF_X:
  case BPF_JMP | BPF_JGT | BPF_K:
  case BPF_JMP | BPF_JGT | BPF_X:
  case BPF_JMP | BPF_JSET | BPF_K:
  case BPF_JMP | BPF_JSET | BPF_X:
    return BRANCH;
  case BPF_RET | BPF_K:
  case BPF_RET | BPF_A:
    return RETURN;
  default:
    return NO_INSTRUCTION;
  }
}

/* Jumps are unsigned, so that all go forward; `distance` counts from the next instruction. */
static int check_jump(uint32_t at, uint32_t distance, uint32_t length, rs_error *error) {
  if (distance < length - at - 1) return 0;
  return rs_error_set(error, EINVAL,
                      "filter instruction %u jumps over %u instructions, but only %u follow it; a jump has to end inside the "
                      "program, and forward: loops (`ip6 protochain`) do not run in the kernel",
                      at, distance, length - at - 1);
}

static int check_ancillary(uint32_t at, uint32_t k, rs_error *error) {
  const uint32_t number = k - (uint32_t)SKF_AD_OFF;
  if (!rs_bpf_is_ancillary(k) || (number < SKF_AD_MAX && number % 4 == 0)) return 0;
  return rs_error_set(error, EINVAL,
                      "filter instruction %u loads ancillary value %u, which does not exist; linux/filter.h has 0, 4, 8 ... %u",
                      at, number, SKF_AD_MAX - 4);
}

static int check_instruction(const rs_insn *program, uint32_t length, uint32_t at, rs_error *error) {
  const rs_insn *insn = &program[at];
  switch (kind_of(insn->code)) {
  case NO_INSTRUCTION:
    return rs_error_set(error, EINVAL, "filter instruction %u has the code %#x, which is none of classic BPF", at, insn->code);
  case DIVISION:
    if (insn->k) return 0;
    return rs_error_set(error, EINVAL, "filter instruction %u divides by the constant 0", at);
  case SHIFT:
    if (insn->k < 32) return 0;
    return rs_error_set(error, EINVAL, "filter instruction %u shifts by %u bits; the accumulator has 32, shift by 0 to 31", at,
                        insn->k);
  case SCRATCH_LOAD:
  case SCRATCH_STORE:
    if (insn->k < BPF_MEMWORDS) return 0;
    return rs_error_set(error, EINVAL, "filter instruction %u uses M[%u]; scratch memory is M[0] to M[%d]", at, insn->k,
                        BPF_MEMWORDS - 1);
  case ABSOLUTE_LOAD:
    return check_ancillary(at, insn->k, error);
  case JUMP:
    return check_jump(at, insn->k, length, error);
  case BRANCH:
    return check_jump(at, insn->jt > insn->jf ? insn->jt : insn->jf, length, error);
  case PLAIN:
  case RETURN:
    break;
  }
  return 0;
}

/*
 * Every M[] that is loaded was stored before, on every path that leads there. One pass is enough because jumps only go
 * forward: `stored` is what is stored here for certain, `arriving[i]` the same over all jumps to i. After a jump nothing
 * falls through, so everything counts as stored until a jump arrives. After a return nothing falls through either, but
 * check_load_and_stores() of the kernel goes on with what it had, and so does this.
 */
static int check_scratch(const rs_insn *program, uint32_t length, rs_error *error) {
  uint16_t arriving[BPF_MAXINSNS], stored = 0;
  memset(arriving, 0xff, length * sizeof *arriving);
  for (uint32_t at = 0; at < length; at++) {
    const rs_insn *insn = &program[at];
    stored &= arriving[at];
    switch (kind_of(insn->code)) {
    case SCRATCH_STORE:
      stored |= (uint16_t)(1u << insn->k);
      break;
    case SCRATCH_LOAD:
      if (!(stored & 1u << insn->k))
        return rs_error_set(error, EINVAL, "filter instruction %u loads M[%u], which is not stored on every path before it", at,
                            insn->k);
      break;
    case JUMP:
      arriving[at + 1 + insn->k] &= stored;
      stored = UINT16_MAX;
      break;
    case BRANCH:
      arriving[at + 1 + insn->jt] &= stored;
      arriving[at + 1 + insn->jf] &= stored;
      stored = UINT16_MAX;
      break;
    default:
      break;
    }
  }
  return 0;
}

int rs_bpf_check(const rs_insn *program, uint32_t length, rs_error *error) {
  if (!program || length == 0)
    return rs_error_set(error, EINVAL, "the filter has no instruction; `ret #262144` is the one that takes every packet");
  if (length > BPF_MAXINSNS)
    return rs_error_set(error, EINVAL, "the filter has %u instructions, the kernel takes at most %d; shorten it", length,
                        BPF_MAXINSNS);
  for (uint32_t at = 0; at < length; at++) {
    const int result = check_instruction(program, length, at, error);
    if (result) return result;
  }
  if (kind_of(program[length - 1].code) != RETURN)
    return rs_error_set(error, EINVAL, "filter instruction %u is the last one and no return; end the program with `ret`",
                        length - 1);
  return check_scratch(program, length, error);
}

int rs_bpf_check_loops(const rs_insn *program, uint32_t length, int metadata, rs_error *error) {
  if (!program || length == 0)
    return rs_error_set(error, EINVAL, "the filter has no instruction; `ret #262144` is the one that takes every packet");
  for (uint32_t at = 0; at < length; at++) {
    const kind which = kind_of(program[at].code);
    /* Modulo 2^32: jumps without a condition may go back. */
    if (which == JUMP && at + 1 + program[at].k < length) continue;
    if (which == ABSOLUTE_LOAD && !metadata) continue;
    const int result = check_instruction(program, length, at, error);
    if (result) return result;
  }
  if (kind_of(program[length - 1].code) == RETURN) return 0;
  return rs_error_set(error, EINVAL, "filter instruction %u is the last one and no return; end the program with `ret`",
                      length - 1);
}
