/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meaning of each instruction is that of the kernel's translation to eBPF, bpf_convert_filter() of net/core/filter.c,
 * and of the helpers that it calls.
 */
#include "bpf_run.h"

#include <endian.h>
#include <linux/filter.h>
#include <string.h>

#include "bpf_check.h"
#include "bpf_load.h"

static inline rs_bpf_loaded give(uint32_t value) { return (rs_bpf_loaded){.value = value, .outcome = RS_BPF_LOADED}; }

/* Inlined with a constant size, so that of the branches below one is left. */
static inline rs_bpf_loaded load(const rs_bpf_frame *frame, uint32_t offset, uint32_t size) {
  if (__builtin_expect((uint64_t)offset + size > frame->captured, 0))
    return (rs_bpf_loaded){.outcome = rs_bpf_load_beyond(frame, offset, size)};
  const uint8_t *at = frame->bytes + offset;
  uint16_t half;
  uint32_t word;
  switch (size) {
  case 1:
    return give(*at);
  case 2:
    memcpy(&half, at, sizeof half);
    return give(be16toh(half));
  default:
    memcpy(&word, at, sizeof word);
    return give(be32toh(word));
  }
}

static rs_bpf_verdict finish(const rs_bpf_frame *frame, uint32_t result, uint32_t *keep) {
  if (keep) *keep = result < frame->length ? result : frame->length;
  return result ? RS_BPF_MATCH : RS_BPF_REJECT;
}

/* The end of a run whose load found nothing. */
static rs_bpf_verdict stop(const rs_bpf_frame *frame, rs_bpf_outcome why, uint32_t a, uint32_t *keep) {
  if (why == RS_BPF_ENDS_IN_RETURN_A) return finish(frame, a, keep);
  return why == RS_BPF_ENDS_UNKNOWN ? RS_BPF_UNKNOWN : RS_BPF_REJECT;
}

/* A load into a register, or the end of the run. */
#define LOAD(into, expression)                                                                        \
  {                                                                                                   \
    const rs_bpf_loaded got = (expression);                                                                  \
    if (__builtin_expect(got.outcome != RS_BPF_LOADED, 0)) return stop(frame, got.outcome, a, keep);         \
    (into) = got.value;                                                                               \
  }

/* An absolute load: a place in the frame, or an ancillary value. */
#define LOAD_ABSOLUTE(size) \
  LOAD(a, __builtin_expect(rs_bpf_is_ancillary(k), 0) ? rs_bpf_load_ancillary(frame, k, a, x) : load(frame, k, size))

rs_bpf_verdict rs_bpf_run(const rs_insn *program, uint32_t length, const rs_bpf_frame *frame, uint32_t *keep) {
  uint32_t a = 0, x = 0, memory[BPF_MEMWORDS] = {0};
  if (keep) *keep = 0;
  for (const rs_insn *insn = program, *beyond = program + length; insn < beyond; insn++) {
    const uint32_t k = insn->k;
    switch (insn->code) { /* clang-format off: a table, an instruction a line */
    case BPF_LD | BPF_W | BPF_ABS: LOAD_ABSOLUTE(4); break;
    case BPF_LD | BPF_H | BPF_ABS: LOAD_ABSOLUTE(2); break;
    case BPF_LD | BPF_B | BPF_ABS: LOAD_ABSOLUTE(1); break;
    case BPF_LD | BPF_W | BPF_IND: LOAD(a, load(frame, x + k, 4)); break;
    case BPF_LD | BPF_H | BPF_IND: LOAD(a, load(frame, x + k, 2)); break;
    case BPF_LD | BPF_B | BPF_IND: LOAD(a, load(frame, x + k, 1)); break;
    case BPF_LDX | BPF_B | BPF_MSH: LOAD(x, load(frame, k, 1)); x = (x & 0xf) * 4; break;
    case BPF_LD | BPF_W | BPF_LEN: a = frame->length; break;
    case BPF_LDX | BPF_W | BPF_LEN: x = frame->length; break;
    case BPF_LD | BPF_IMM: a = k; break;
    case BPF_LDX | BPF_IMM: x = k; break;
    case BPF_LD | BPF_MEM: a = memory[k]; break;
    case BPF_LDX | BPF_MEM: x = memory[k]; break;
    case BPF_ST: memory[k] = a; break;
    case BPF_STX: memory[k] = x; break;
    case BPF_MISC | BPF_TAX: x = a; break;
    case BPF_MISC | BPF_TXA: a = x; break;

    case BPF_JMP | BPF_JA: insn += k; break;
    case BPF_JMP | BPF_JEQ | BPF_K: insn += a == k ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JEQ | BPF_X: insn += a == x ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JGT | BPF_K: insn += a > k ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JGT | BPF_X: insn += a > x ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JGE | BPF_K: insn += a >= k ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JGE | BPF_X: insn += a >= x ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JSET | BPF_K: insn += a & k ? insn->jt : insn->jf; break;
    case BPF_JMP | BPF_JSET | BPF_X: insn += a & x ? insn->jt : insn->jf; break;

    case BPF_ALU | BPF_ADD | BPF_K: a += k; break;
    case BPF_ALU | BPF_ADD | BPF_X: a += x; break;
    case BPF_ALU | BPF_SUB | BPF_K: a -= k; break;
    case BPF_ALU | BPF_SUB | BPF_X: a -= x; break;
    case BPF_ALU | BPF_MUL | BPF_K: a *= k; break;
    case BPF_ALU | BPF_MUL | BPF_X: a *= x; break;
    case BPF_ALU | BPF_DIV | BPF_K: a /= k; break;
    case BPF_ALU | BPF_DIV | BPF_X: if (!x) return RS_BPF_REJECT; a /= x; break;
    case BPF_ALU | BPF_MOD | BPF_K: a %= k; break;
    case BPF_ALU | BPF_MOD | BPF_X: if (!x) return RS_BPF_REJECT; a %= x; break;
    case BPF_ALU | BPF_AND | BPF_K: a &= k; break;
    case BPF_ALU | BPF_AND | BPF_X: a &= x; break;
    case BPF_ALU | BPF_OR | BPF_K: a |= k; break;
    case BPF_ALU | BPF_OR | BPF_X: a |= x; break;
    case BPF_ALU | BPF_XOR | BPF_K: a ^= k; break;
    case BPF_ALU | BPF_XOR | BPF_X: a ^= x; break;
    case BPF_ALU | BPF_LSH | BPF_K: a <<= k; break;
    case BPF_ALU | BPF_LSH | BPF_X: a <<= x & 31; break; /* eBPF takes the lower five bits of the count */
    case BPF_ALU | BPF_RSH | BPF_K: a >>= k; break;
    case BPF_ALU | BPF_RSH | BPF_X: a >>= x & 31; break;
    case BPF_ALU | BPF_NEG: a = 0u - a; break;

    case BPF_RET | BPF_K: return finish(frame, k, keep);
    case BPF_RET | BPF_A: return finish(frame, a, keep);
    } /* clang-format on */
  }
  return RS_BPF_UNKNOWN; /* not after rs_bpf_check(): what passes it ends in a return */
}

static uint32_t instruction_needs(const rs_insn *insn) {
  switch (insn->code) {
  case BPF_LD | BPF_W | BPF_ABS:
  case BPF_LD | BPF_H | BPF_ABS:
  case BPF_LD | BPF_B | BPF_ABS:
  case BPF_LD | BPF_W | BPF_IND:
  case BPF_LD | BPF_H | BPF_IND:
  case BPF_LD | BPF_B | BPF_IND:
    if (rs_bpf_is_ancillary(insn->k)) /* of an indexed load a small negative constant: no ancillary value */
      return BPF_MODE(insn->code) == BPF_ABS ? rs_bpf_ancillary_needs(insn->k) : 0;
    break;
  case BPF_LDX | BPF_B | BPF_MSH:
    break;
  default:
    return 0;
  }
  return insn->k >= (uint32_t)SKF_LL_OFF ? RS_BPF_NEEDS_HEADER_OFFSETS : 0;
}

uint32_t rs_bpf_needs(const rs_insn *program, uint32_t length) {
  uint32_t needs = 0;
  for (uint32_t i = 0; i < length; i++) needs |= instruction_needs(&program[i]);
  return needs;
}
