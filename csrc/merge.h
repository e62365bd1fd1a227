/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge: the thread that gives packets their numbers: 1, 2, 3 ... by time over all queues. It must not number a packet as long as
 * an earlier one may still come from another queue. A queue that has packets waiting tells the time of the next; one that is idle can
 * only bring packets of the last two retire timeouts, for older ones would have been handed over by now; one that is late
 * brings nothing older than what it brought before. When a queue is so late that another's arena would overflow, order
 * gives way, and is counted. Within one queue the order of the ring stays.
 */
#ifndef RS_MERGE_H
#define RS_MERGE_H

#include "queue.h"
#include "live_store.h"

/* The next record of a queue's arena. */
typedef struct rs_head {
  bool there;
  rs_record record;
  uint64_t offset;
  uint64_t bound_ns; /* what comes after it is not older than this, apart from inversions within a ring */
} rs_head;

typedef struct rs_merge {
  rs_live_store *store;
  rs_queue *queues;
  rs_epochs *epochs;
  rs_head *heads; /* one a queue */
  uint64_t *targets; /* see settle() in merge.c */
  uint32_t count;
  uint32_t passed;       /* epoch that all queues have passed */
  _Atomic uint64_t patience_ns; /* two retire timeouts; changes where the rings are exchanged for others */
  bool exact;            /* all of an epoch before any of the next */
  uint64_t last_ns;      /* time of the packet numbered last */
  uint64_t now_ns;       /* the clock at the beginning of this round, or when it was last asked */
  uint64_t (*clock)(void); /* asked before a time is called one of the future; NULL: the round's is good enough */
  _Atomic uint64_t disordered;
  int news;              /* eventfd: workers have something */
  _Atomic bool ending;   /* all workers have ended: number what is there, then end */
  rs_thread thread;
} rs_merge;

/* The rest of *merge is set. Owns heads and targets. */
int rs_merge_open(rs_merge *merge, rs_error *error);
void rs_merge_close(rs_merge *merge);

int rs_merge_start(rs_merge *merge, rs_error *error);

/* Numbers what can be numbered at `now_ns`, which may be before the last round's: clocks are set. Returns whether something
 * is left that has to wait. */
bool rs_merge_round(rs_merge *merge, uint64_t now_ns);

/* All workers have ended: numbers everything and waits for the thread's end. */
void rs_merge_finish(rs_merge *merge);

#endif
