/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_steps: what a program is made into: one step an instruction. For bpf_code, which runs it over one frame, and
 * bpf_wide, which runs it over many side by side. */
#ifndef RS_BPF_STEPS_H
#define RS_BPF_STEPS_H

#include <endian.h>
#include <string.h>

#include "bpf_code.h"
#include "bpf_load.h"

/*
 * The steps. An instruction that names no width here has none. _QUICK: the frame is known to be long enough. _JEQ, _JSET:
 * with the comparison by K that follows the load.
 */
#define RS_BPF_LOADS(WIDTH)                                                                                                   \
  OP_LD_##WIDTH, OP_LD_##WIDTH##_JEQ, OP_LD_##WIDTH##_JSET, OP_LD_##WIDTH##_QUICK, OP_LD_##WIDTH##_QUICK_JEQ, OP_LD_##WIDTH##_QUICK_JSET, \
      OP_IND_##WIDTH, OP_IND_##WIDTH##_JEQ
typedef enum rs_bpf_operation {
  RS_BPF_LOADS(B), RS_BPF_LOADS(H), RS_BPF_LOADS(W), OP_MSH, OP_MSH_QUICK, OP_LD_ANCILLARY,
  OP_LD_LEN, OP_LDX_LEN, OP_LD_IMM, OP_LDX_IMM, OP_LD_MEM, OP_LDX_MEM, OP_ST, OP_STX, OP_TAX, OP_TXA,
  OP_JA, OP_JA_BACK, OP_JEQ_K, OP_JEQ_X, OP_JGT_K, OP_JGT_X, OP_JGE_K, OP_JGE_X, OP_JSET_K, OP_JSET_X,
  OP_ADD_K, OP_ADD_X, OP_SUB_K, OP_SUB_X, OP_MUL_K, OP_MUL_X, OP_DIV_K, OP_DIV_X, OP_MOD_K, OP_MOD_X, OP_AND_K, OP_AND_X, OP_OR_K, OP_OR_X, OP_XOR_K, OP_XOR_X,
  OP_LSH_K, OP_LSH_X, OP_LSH_X_FILE, OP_RSH_K, OP_RSH_X, OP_RSH_X_FILE, OP_NEG, OP_RET_K, OP_RET_A,
  OP_OPERATIONS,
} rs_bpf_operation;

enum { RS_BPF_LOADS_OF_A_WIDTH = OP_LD_H - OP_LD_B };

typedef struct rs_bpf_step {
  uint16_t operation;
  uint32_t k;
  uint32_t value;  /* what a load compares with */
  uint32_t jt, jf; /* steps from the beginning of the program */
} rs_bpf_step;

struct rs_bpf_code {
  uint32_t length;
  uint32_t fixed; /* bytes of a frame that loads at fixed places ask for */
  uint32_t reach;
  uint32_t machine;
  bool uses_memory;
  bool loops;
  uint64_t wraps; /* mask of the sum of index and constant: the kernel's wraps around, libpcap's is out of the frame */
  rs_bpf_step *checked, *quick; /* the same steps, with tests of bounds at fixed places and without: those are the caller's */
  rs_bpf_step steps[];
};

static inline uint32_t rs_bpf_fetch_1(const uint8_t *at) { return *at; }

static inline uint32_t rs_bpf_fetch_2(const uint8_t *at) {
  uint16_t half;
  memcpy(&half, at, sizeof half);
  return be16toh(half);
}

static inline uint32_t rs_bpf_fetch_4(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return be32toh(word);
}

/* The end of a load that does not lie within the captured bytes. libpcap rejects; what is within the frame is unknown. */
static inline rs_bpf_verdict rs_bpf_beyond(const rs_bpf_code *code, const rs_bpf_frame *frame, uint64_t offset, uint32_t size) {
  if (code->machine == RS_MACHINE_LIBPCAP) return offset + size > frame->length ? RS_BPF_REJECT : RS_BPF_UNKNOWN;
  return rs_bpf_load_beyond(frame, (uint32_t)offset, size) == RS_BPF_ENDS_UNKNOWN ? RS_BPF_UNKNOWN : RS_BPF_REJECT;
}

#endif
