/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeline: when the packets of a queue came and when they were read, block by block: what another ring would have made of the
 * same traffic and the same reader can be computed from it. Some milliseconds of blocks are one slice; bounded, the oldest go.
 * One worker writes; anybody reads without a lock.
 */
#ifndef RS_TIMELINE_H
#define RS_TIMELINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ringscope.h"

/* As rs_slice. */
typedef struct rs_timeline_slice {
  _Atomic uint64_t first_ns, last_ns, away_ns, begun_ns, done_ns, busy_ns, packets, octets, timeouts;
} rs_timeline_slice;

typedef struct rs_timeline {
  rs_timeline_slice slices[RS_SLICES_KEPT];
  _Atomic uint64_t set; /* slices written so far */
  rs_slice now;         /* worker: the one that grows; of no packets: none does */
  uint64_t away_ns;     /* worker: since when it leaves the ring alone, 0: it does not */
  uint32_t blocks;      /* worker: in the slice that grows */
} rs_timeline;

/* Worker: it leaves the ring alone from now on. */
void rs_timeline_away(rs_timeline *timeline, uint64_t now_ns);

/* Worker: a block was read: a slice of one block, of which away_ns and busy_ns are found out here. A slice is to be of `most`
 * blocks at most: a small part of the ring. */
void rs_timeline_block(rs_timeline *timeline, const rs_slice *block, uint32_t most);

/* Worker: nothing waits at `now_ns`; a slice that is old enough is told of. */
void rs_timeline_rest(rs_timeline *timeline, uint64_t now_ns);

/* Worker: nothing more will come; what is there is told of. */
void rs_timeline_end(rs_timeline *timeline);

/* As rs_capture_timeline(). */
uint32_t rs_timeline_read(const rs_timeline *timeline, uint64_t since_ns, rs_slice *out, uint32_t max);

#endif
