/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf: classic BPF programs and the kernel that runs them: attach to a socket, try on a scratch socket, and wait until
 * no CPU runs a replaced program any more. Knows sockets and programs, not rings or captures.
 */
#ifndef RS_BPF_H
#define RS_BPF_H

#include "ringscope.h"

/* Attaches the program to the socket, in place of any other (SO_ATTACH_FILTER, socket(7)).
 * On an error the socket keeps the filter it had. */
int rs_bpf_attach(int fd, const rs_insn *program, uint32_t length, rs_error *error);

/* Attaches `ret #0`: from now on nothing enters the ring and nothing is counted. */
int rs_bpf_reject_all(int fd, rs_error *error);

/* Would the kernel take this program on a socket that has `old` (NULL: none)? Tries it on a socket of its own, so that no
 * live capture is touched. The kernel charges both programs to the socket during the change (sk_attach_filter); one that
 * has room for the new one only once the old one is gone is good enough. */
int rs_bpf_rehearse(const rs_insn *old, uint32_t old_length, const rs_insn *program, uint32_t length, rs_error *error);

/*
 * Returns once every CPU has left the programs that were replaced before the call. SO_ATTACH_FILTER only swaps an RCU
 * pointer; a packet that has passed the old program may still be on its way into the ring. MEMBARRIER_CMD_GLOBAL is
 * synchronize_rcu() (kernel/sched/membarrier.c), needs no privilege and takes 20 to 30 ms. Where it is refused (nohz_full,
 * seccomp) closing a packet socket does the same through synchronize_net(). Returns 0, or -errno if neither was possible.
 */
int rs_bpf_settle(void);

#endif
