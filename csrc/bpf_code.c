/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_code.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "bpf_check.h"
#include "bpf_steps.h"
#include "error.h"

enum {
  LARGEST_IP_HEADER = 60,
  OTHER_INDEX = 160, /* bytes that an index beyond that is taken to reach; a frame that needs more is looked at again */
  LOOPS = 1 << 16,   /* jumps back in one frame; a header chain of the largest frame has half as many headers */
};

/* -- making it -------------------------------------------------------------------------------------------------------- */

/* clang-format off: tables, a case a line */
static rs_bpf_operation alu(uint16_t code, bool file) {
  const bool x = BPF_SRC(code) == BPF_X;
  switch (BPF_OP(code)) {
  case BPF_ADD: return x ? OP_ADD_X : OP_ADD_K;
  case BPF_SUB: return x ? OP_SUB_X : OP_SUB_K;
  case BPF_MUL: return x ? OP_MUL_X : OP_MUL_K;
  case BPF_DIV: return x ? OP_DIV_X : OP_DIV_K;
  case BPF_MOD: return x ? OP_MOD_X : OP_MOD_K;
  case BPF_AND: return x ? OP_AND_X : OP_AND_K;
  case BPF_OR: return x ? OP_OR_X : OP_OR_K;
  case BPF_XOR: return x ? OP_XOR_X : OP_XOR_K;
  case BPF_LSH: return !x ? OP_LSH_K : file ? OP_LSH_X_FILE : OP_LSH_X;
  case BPF_RSH: return !x ? OP_RSH_K : file ? OP_RSH_X_FILE : OP_RSH_X;
  default: return OP_NEG;
  }
}

static rs_bpf_operation jump(uint16_t code) {
  const bool x = BPF_SRC(code) == BPF_X;
  switch (BPF_OP(code)) {
  case BPF_JEQ: return x ? OP_JEQ_X : OP_JEQ_K;
  case BPF_JGT: return x ? OP_JGT_X : OP_JGT_K;
  case BPF_JGE: return x ? OP_JGE_X : OP_JGE_K;
  default: return x ? OP_JSET_X : OP_JSET_K;
  }
}
/* clang-format on */

static uint32_t width_of(uint16_t code) { return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1; }

/* The first of the operations of loads of that width. */
static rs_bpf_operation loads_of(uint16_t code) { return BPF_SIZE(code) == BPF_W ? OP_LD_W : BPF_SIZE(code) == BPF_H ? OP_LD_H : OP_LD_B; }

static rs_bpf_operation load(const rs_insn *insn, bool file) {
  switch (BPF_MODE(insn->code)) {
  case BPF_ABS:
    return !file && rs_bpf_is_ancillary(insn->k) ? OP_LD_ANCILLARY : loads_of(insn->code);
  case BPF_IND:
    return loads_of(insn->code) + OP_IND_B - OP_LD_B;
  case BPF_MSH:
    return OP_MSH;
  case BPF_LEN:
    return BPF_CLASS(insn->code) == BPF_LD ? OP_LD_LEN : OP_LDX_LEN;
  case BPF_MEM:
    return BPF_CLASS(insn->code) == BPF_LD ? OP_LD_MEM : OP_LDX_MEM;
  default:
    return BPF_CLASS(insn->code) == BPF_LD ? OP_LD_IMM : OP_LDX_IMM;
  }
}

static rs_bpf_step decode(const rs_insn *insn, uint32_t at, bool file) {
  rs_bpf_step out = {.k = insn->k, .jt = at + 1 + insn->jt, .jf = at + 1 + insn->jf};
  switch (BPF_CLASS(insn->code)) {
  case BPF_LD:
  case BPF_LDX: out.operation = load(insn, file); break;
  case BPF_ST: out.operation = OP_ST; break;
  case BPF_STX: out.operation = OP_STX; break;
  case BPF_ALU: out.operation = alu(insn->code, file); break;
  case BPF_MISC: out.operation = BPF_MISCOP(insn->code) == BPF_TAX ? OP_TAX : OP_TXA; break;
  case BPF_RET: out.operation = BPF_RVAL(insn->code) == BPF_A ? OP_RET_A : OP_RET_K; break;
  default:
    out.operation = jump(insn->code);
    if (BPF_OP(insn->code) != BPF_JA) break;
    out.operation = (int32_t)insn->k < 0 ? OP_JA_BACK : OP_JA;
    out.jt = at + 1 + insn->k; /* modulo 2^32 */
  }
  return out;
}

static bool loads_at_fixed_place(const rs_bpf_step *one) {
  return one->operation == OP_LD_B || one->operation == OP_LD_H || one->operation == OP_LD_W || one->operation == OP_MSH;
}

static bool loads_by_index(const rs_bpf_step *one) {
  return one->operation == OP_IND_B || one->operation == OP_IND_H || one->operation == OP_IND_W;
}

/* Takes the comparison behind a load into it. The comparison's own step stays, for who jumps there. */
static void fuse(rs_bpf_step *one, const rs_bpf_step *next) {
  const bool fixed = loads_at_fixed_place(one) && one->operation != OP_MSH;
  if (next->operation == OP_JEQ_K && (fixed || loads_by_index(one)))
    one->operation += 1;
  else if (next->operation == OP_JSET_K && fixed)
    one->operation += 2;
  else
    return;
  one->value = next->k;
  one->jt = next->jt;
  one->jf = next->jf;
}

/* How far an index can be taken to lead. */
static uint32_t index_reach(const rs_insn *program, uint32_t length) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < length; i++) {
    const rs_insn *insn = &program[i];
    uint32_t here = 0;
    if (BPF_CLASS(insn->code) == BPF_MISC && BPF_MISCOP(insn->code) == BPF_TAX) here = OTHER_INDEX;
    if (BPF_CLASS(insn->code) == BPF_LDX)
      here = BPF_MODE(insn->code) == BPF_MSH ? LARGEST_IP_HEADER : BPF_MODE(insn->code) == BPF_IMM ? insn->k : OTHER_INDEX;
    if (here > most) most = here;
  }
  return most < OTHER_INDEX ? most : OTHER_INDEX;
}

static void measure(rs_bpf_code *code, const rs_insn *program) {
  const uint32_t index = index_reach(program, code->length);
  for (uint32_t i = 0; i < code->length; i++) {
    const uint16_t insn = program[i].code;
    const bool loads = BPF_CLASS(insn) == BPF_LD || BPF_CLASS(insn) == BPF_LDX, by_index = BPF_MODE(insn) == BPF_IND;
    code->loops |= insn == (BPF_JMP | BPF_JA) && (int32_t)program[i].k < 0;
    code->uses_memory |= loads && BPF_MODE(insn) == BPF_MEM;
    if (!loads || (BPF_MODE(insn) != BPF_ABS && BPF_MODE(insn) != BPF_MSH && !by_index)) continue;
    if (program[i].k > RS_READ_MAX) continue; /* no frame is so long, or it is no place in a frame */
    const uint32_t end = program[i].k + width_of(insn) + (by_index ? index : 0);
    if (end > code->reach) code->reach = end;
    if (!by_index && end > code->fixed) code->fixed = end;
  }
}

static void translate(rs_bpf_code *code, const rs_insn *program) {
  const bool file = code->machine == RS_MACHINE_LIBPCAP;
  for (uint32_t i = 0; i < code->length; i++) code->checked[i] = decode(&program[i], i, file);
  for (uint32_t i = 0; i < code->length; i++) {
    if (i + 1 < code->length) fuse(&code->checked[i], &code->checked[i + 1]);
    code->quick[i] = code->checked[i];
    if (program[i].k > RS_READ_MAX) continue;
    const uint16_t now = code->quick[i].operation;
    if (now == OP_MSH) code->quick[i].operation = OP_MSH_QUICK;
    if (now <= OP_IND_W_JEQ && now % RS_BPF_LOADS_OF_A_WIDTH <= OP_LD_B_JSET) code->quick[i].operation += OP_LD_B_QUICK - OP_LD_B;
  }
}

int rs_bpf_code_make(const rs_insn *program, uint32_t length, uint32_t machine, rs_bpf_code **out, rs_error *error) {
  const int result = rs_bpf_check_loops(program, length, machine == RS_MACHINE_KERNEL, error);
  if (result) return result;
  rs_bpf_code *code = calloc(1, sizeof *code + 2 * (size_t)length * sizeof *code->steps);
  if (!code) return rs_error_set(error, ENOMEM, "no memory for a filter of %u instructions", length);
  code->length = length;
  code->machine = machine;
  code->wraps = machine == RS_MACHINE_LIBPCAP ? UINT64_MAX : UINT32_MAX;
  code->checked = code->steps;
  code->quick = code->steps + length;
  measure(code, program);
  translate(code, program);
  *out = code;
  return 0;
}

void rs_bpf_code_free(rs_bpf_code *code) { free(code); }

uint32_t rs_bpf_code_reach(const rs_bpf_code *code) { return code->reach; }

/* -- running it ------------------------------------------------------------------------------------------------------- */

/* Each step ends in a jump of its own to the next one, so that the processor can learn which one follows which. */
#define NEXT goto *places[(++at)->operation]
#define GO(target) \
  do { \
    at = steps + (target); \
    goto *places[at->operation]; \
  } while (0)
#define WHERE_SO(condition) GO((condition) ? at->jt : at->jf)
#define NEED(offset, size) \
  if (__builtin_expect((offset) + (size) > captured, 0)) return rs_bpf_beyond(code, frame, offset, size)

#define LOADING(WIDTH, size) \
  ld_##WIDTH: NEED((uint64_t)at->k, size); a = rs_bpf_fetch_##size(bytes + at->k); NEXT; \
  ld_##WIDTH##_jeq: NEED((uint64_t)at->k, size); a = rs_bpf_fetch_##size(bytes + at->k); WHERE_SO(a == at->value); \
  ld_##WIDTH##_jset: NEED((uint64_t)at->k, size); a = rs_bpf_fetch_##size(bytes + at->k); WHERE_SO(a & at->value); \
  ld_##WIDTH##_quick: a = rs_bpf_fetch_##size(bytes + at->k); NEXT; \
  ld_##WIDTH##_quick_jeq: a = rs_bpf_fetch_##size(bytes + at->k); WHERE_SO(a == at->value); \
  ld_##WIDTH##_quick_jset: a = rs_bpf_fetch_##size(bytes + at->k); WHERE_SO(a & at->value); \
  ind_##WIDTH: index = ((uint64_t)x + at->k) & code->wraps; NEED(index, size); a = rs_bpf_fetch_##size(bytes + index); NEXT; \
  ind_##WIDTH##_jeq: index = ((uint64_t)x + at->k) & code->wraps; NEED(index, size); a = rs_bpf_fetch_##size(bytes + index); \
    WHERE_SO(a == at->value);

rs_bpf_verdict rs_bpf_code_run(const rs_bpf_code *code, const rs_bpf_frame *frame) {
#define OF_WIDTH(WIDTH, name) \
  [OP_LD_##WIDTH] = &&ld_##name, [OP_LD_##WIDTH##_JEQ] = &&ld_##name##_jeq, [OP_LD_##WIDTH##_JSET] = &&ld_##name##_jset, \
  [OP_LD_##WIDTH##_QUICK] = &&ld_##name##_quick, [OP_LD_##WIDTH##_QUICK_JEQ] = &&ld_##name##_quick_jeq, \
  [OP_LD_##WIDTH##_QUICK_JSET] = &&ld_##name##_quick_jset, [OP_IND_##WIDTH] = &&ind_##name, \
  [OP_IND_##WIDTH##_JEQ] = &&ind_##name##_jeq
  static const void *const places[OP_OPERATIONS] = { /* clang-format off: tables */
      OF_WIDTH(B, b), OF_WIDTH(H, h), OF_WIDTH(W, w), [OP_MSH] = &&msh, [OP_MSH_QUICK] = &&msh_quick,
      [OP_LD_ANCILLARY] = &&ld_ancillary, [OP_LD_LEN] = &&ld_len, [OP_LDX_LEN] = &&ldx_len, [OP_LD_IMM] = &&ld_imm,
      [OP_LDX_IMM] = &&ldx_imm, [OP_LD_MEM] = &&ld_mem, [OP_LDX_MEM] = &&ldx_mem, [OP_ST] = &&st, [OP_STX] = &&stx, [OP_TAX] = &&tax,
      [OP_TXA] = &&txa, [OP_JA] = &&ja, [OP_JA_BACK] = &&ja_back, [OP_JEQ_K] = &&jeq_k, [OP_JEQ_X] = &&jeq_x, [OP_JGT_K] = &&jgt_k,
      [OP_JGT_X] = &&jgt_x, [OP_JGE_K] = &&jge_k, [OP_JGE_X] = &&jge_x, [OP_JSET_K] = &&jset_k, [OP_JSET_X] = &&jset_x,
      [OP_ADD_K] = &&add_k, [OP_ADD_X] = &&add_x, [OP_SUB_K] = &&sub_k, [OP_SUB_X] = &&sub_x, [OP_MUL_K] = &&mul_k, [OP_MUL_X] = &&mul_x,
      [OP_DIV_K] = &&div_k, [OP_DIV_X] = &&div_x, [OP_MOD_K] = &&mod_k, [OP_MOD_X] = &&mod_x, [OP_AND_K] = &&and_k, [OP_AND_X] = &&and_x,
      [OP_OR_K] = &&or_k, [OP_OR_X] = &&or_x, [OP_XOR_K] = &&xor_k, [OP_XOR_X] = &&xor_x, [OP_LSH_K] = &&lsh_k, [OP_LSH_X] = &&lsh_x,
      [OP_LSH_X_FILE] = &&lsh_x_file, [OP_RSH_K] = &&rsh_k, [OP_RSH_X] = &&rsh_x, [OP_RSH_X_FILE] = &&rsh_x_file, [OP_NEG] = &&neg,
      [OP_RET_K] = &&ret_k, [OP_RET_A] = &&ret_a,
  };
  const uint8_t *const bytes = frame->bytes;
  const uint64_t captured = frame->captured;
  const rs_bpf_step *const steps = captured >= code->fixed ? code->quick : code->checked, *at = steps;
  uint32_t a = 0, x = 0, loops = 0, memory[BPF_MEMWORDS];
  uint64_t index;
  memset(memory, 0, code->uses_memory ? sizeof memory : 0);
  goto *places[at->operation];

  LOADING(b, 1)
  LOADING(h, 2)
  LOADING(w, 4)
msh: NEED((uint64_t)at->k, 1); x = (bytes[at->k] & 0xf) * 4; NEXT;
msh_quick: x = (bytes[at->k] & 0xf) * 4; NEXT;
ld_ancillary: {
  const rs_bpf_loaded got = rs_bpf_load_ancillary(frame, at->k, a, x);
  if (got.outcome == RS_BPF_ENDS_IN_RETURN_A) goto ret_a;
  if (got.outcome != RS_BPF_LOADED) return got.outcome == RS_BPF_ENDS_UNKNOWN ? RS_BPF_UNKNOWN : RS_BPF_REJECT;
  a = got.value;
  NEXT;
}
ld_len: a = frame->length; NEXT;
ldx_len: x = frame->length; NEXT;
ld_imm: a = at->k; NEXT;
ldx_imm: x = at->k; NEXT;
ld_mem: a = memory[at->k]; NEXT;
ldx_mem: x = memory[at->k]; NEXT;
st: memory[at->k] = a; NEXT;
stx: memory[at->k] = x; NEXT;
tax: x = a; NEXT;
txa: a = x; NEXT;
ja_back: if (++loops > LOOPS) return RS_BPF_UNKNOWN;
ja: GO(at->jt);
jeq_k: WHERE_SO(a == at->k);
jeq_x: WHERE_SO(a == x);
jgt_k: WHERE_SO(a > at->k);
jgt_x: WHERE_SO(a > x);
jge_k: WHERE_SO(a >= at->k);
jge_x: WHERE_SO(a >= x);
jset_k: WHERE_SO(a & at->k);
jset_x: WHERE_SO(a & x);
add_k: a += at->k; NEXT;
add_x: a += x; NEXT;
sub_k: a -= at->k; NEXT;
sub_x: a -= x; NEXT;
mul_k: a *= at->k; NEXT;
mul_x: a *= x; NEXT;
div_k: a /= at->k; NEXT;
div_x: if (!x) return RS_BPF_REJECT; a /= x; NEXT;
mod_k: a %= at->k; NEXT;
mod_x: if (!x) return RS_BPF_REJECT; a %= x; NEXT;
and_k: a &= at->k; NEXT;
and_x: a &= x; NEXT;
or_k: a |= at->k; NEXT;
or_x: a |= x; NEXT;
xor_k: a ^= at->k; NEXT;
xor_x: a ^= x; NEXT;
lsh_k: a <<= at->k; NEXT;
lsh_x: a <<= x & 31; NEXT;
lsh_x_file: a = x < 32 ? a << x : 0; NEXT;
rsh_k: a >>= at->k; NEXT;
rsh_x: a >>= x & 31; NEXT;
rsh_x_file: a = x < 32 ? a >> x : 0; NEXT;
neg: a = 0u - a; NEXT;
ret_k: return at->k ? RS_BPF_MATCH : RS_BPF_REJECT;
ret_a: return a ? RS_BPF_MATCH : RS_BPF_REJECT;
  /* clang-format on */
}
