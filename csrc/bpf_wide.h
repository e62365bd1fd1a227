/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_wide: a program that was made ready, over many frames side by side: several times as fast as one after another. */
#ifndef RS_BPF_WIDE_H
#define RS_BPF_WIDE_H

#include "bpf_code.h"

enum { RS_BPF_LANES = 64 };

/* Of frame i the verdict is in bit i: it matches, it is unknown, or neither. At most RS_BPF_LANES frames. */
void rs_bpf_wide_run(const rs_bpf_code *code, const rs_bpf_frame *const *frames, uint32_t count, uint64_t *match,
                     uint64_t *unknown);

#endif
