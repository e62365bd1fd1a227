/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fanout: the group in which the kernel shares packets out among the queues of one interface (packet(7), fanout_add of
 * net/packet/af_packet.c). Joins in order, and flips a group with two banks of rings. A socket leaves by being closed.
 */
#ifndef RS_FANOUT_H
#define RS_FANOUT_H

#include <stdbool.h>

#include "ringscope.h"

typedef struct rs_fanout {
  uint32_t mode;        /* RS_FANOUT_* as asked for */
  uint32_t queues;      /* sockets that share the packets; with banks twice as many are members */
  bool banks;           /* every queue has two rings, and the group's program says which one is fed */
  bool ignore_outgoing; /* PACKET_IGNORE_OUTGOING of the members is without effect in a group */
  uint16_t id;          /* once joined */
  uint32_t joined;
} rs_fanout;

/* Is there a group at all? One queue with one ring has none. */
bool rs_fanout_needed(const rs_fanout *fanout);

/* Can this mode be had with banks? -EINVAL with a sentence: no. */
int rs_fanout_check(uint32_t mode, bool banks, rs_error *error);

/* The next member: queue 0, 1 ... of the first bank, then of the second. The first makes a group with an id that nobody has
 * (PACKET_FANOUT_FLAG_UNIQUEID): a chosen id could be another program's, and take its packets. */
int rs_fanout_join(rs_fanout *fanout, int fd, rs_error *error);

/* From now on `bank` is fed, on all CPUs: nothing is on its way into the other when this returns, since the kernel waits for
 * that (synchronize_net in __fanout_set_data_bpf). Only in a group with banks. `fd`: any member. */
int rs_fanout_feed(const rs_fanout *fanout, int fd, uint32_t bank, rs_error *error);

#endif
