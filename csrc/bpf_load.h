/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_load: what the loads of a classic BPF program give that are not simply bytes of the frame. For bpf_run and bpf_code. */
#ifndef RS_BPF_LOAD_H
#define RS_BPF_LOAD_H

#include "bpf_run.h"

/* How it goes on after a load. */
typedef enum rs_bpf_outcome {
  RS_BPF_LOADED,
  RS_BPF_ENDS_IN_REJECT,
  RS_BPF_ENDS_UNKNOWN,
  RS_BPF_ENDS_IN_RETURN_A,
} rs_bpf_outcome;

/* What a load gives. By value: a register of the program whose address is given away would live in memory. */
typedef struct rs_bpf_loaded {
  uint32_t value;
  rs_bpf_outcome outcome;
} rs_bpf_loaded;

/* What the ancillary value needs, RS_BPF_KNOWS_* or RS_BPF_NEEDS_*. */
uint32_t rs_bpf_ancillary_needs(uint32_t k);

/* An ancillary load: the whole value, whatever width was asked for. */
rs_bpf_loaded rs_bpf_load_ancillary(const rs_bpf_frame *frame, uint32_t k, uint32_t a, uint32_t x);

/* How a load ends that does not lie within the captured bytes. */
rs_bpf_outcome rs_bpf_load_beyond(const rs_bpf_frame *frame, uint32_t offset, uint32_t size);

#endif
