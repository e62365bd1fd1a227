/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_check: is this a classic BPF program that the kernel would take? Asks no kernel: the same rules, and a sentence that
 * says which instruction breaks which of them. Knows programs, not sockets or frames.
 */
#ifndef RS_BPF_CHECK_H
#define RS_BPF_CHECK_H

#include "ringscope.h"

/*
 * Returns 0, or -EINVAL with a sentence that counts instructions from 0, as `tcpdump -d` does. What bpf_check_classic() of
 * net/core/filter.c refuses this refuses, and nothing else: a program that passes ends, whatever the frame, and never
 * divides by a constant 0, jumps out of itself or reads scratch memory that it did not write. rs_bpf_run() relies on that.
 *
 * The kernel may still refuse a very long program that passes: with ENOMEM where net.core.optmem_max is too small, and
 * with EINVAL where a jump is too far once the program is translated (over some 2300 loads). rs_bpf_rehearse() asks it.
 */
int rs_bpf_check(const rs_insn *program, uint32_t length, rs_error *error);

/*
 * The same for a program that rs_bpf_code_run() runs and not the kernel: what bpf_validate() of libpcap takes. It may have
 * loops and be of any length. `metadata` 0: there is none, every load is of bytes.
 */
int rs_bpf_check_loops(const rs_insn *program, uint32_t length, int metadata, rs_error *error);

/* Is `k` of an absolute load the address of an ancillary value (SKF_AD_OFF + SKF_AD_*), not a place in the frame? */
static inline int rs_bpf_is_ancillary(uint32_t k) { return k >= 0xfffff000u; }

#endif
