/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_code: a classic BPF program made ready to be run over millions of frames: decoded once, with what libpcap writes most
 * often (load, then compare) in one step, and without tests of bounds where a frame is long enough for every load at a
 * fixed place. Says what rs_bpf_run() says; and, for the packets of files, what libpcap says, which differs in places.
 */
#ifndef RS_BPF_CODE_H
#define RS_BPF_CODE_H

#include "bpf_run.h"

typedef struct rs_bpf_code rs_bpf_code;

/* Checks the program and makes it ready. `machine` is RS_MACHINE_*. Returns 0, -EINVAL with a sentence, or -ENOMEM. */
int rs_bpf_code_make(const rs_insn *program, uint32_t length, uint32_t machine, rs_bpf_code **out, rs_error *error);
void rs_bpf_code_free(rs_bpf_code *code);

/* Allocates nothing, never reads beyond `captured`, and always ends. */
rs_bpf_verdict rs_bpf_code_run(const rs_bpf_code *code, const rs_bpf_frame *frame);

/* Bytes of a frame within which the program mostly finds what it looks for: the end of its farthest load, where an index
 * that comes from a header's length field counts as the largest of IPv4, and any other as some extension headers. */
uint32_t rs_bpf_code_reach(const rs_bpf_code *code);

#endif
