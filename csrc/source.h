/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: one interface of a capture: its link, its queues, their fanout group. Opens and closes all its rings at the same time
 * (an open takes some 16 ms, a close up to 50), attaches programs to all of them, and opens anew when the interface was
 * removed and is back. Knows queues, not the store, the epochs' course or other sources.
 */
#ifndef RS_SOURCE_H
#define RS_SOURCE_H

#include "direction.h"
#include "fanout.h"
#include "link.h"
#include "queue.h"

typedef struct rs_source {
  rs_link link;
  char asked[IFNAMSIZ]; /* the name that the user gave; link.name is the present one */
  rs_queue *queues; /* `count` of the capture's */
  uint32_t first, count, banks;
  uint32_t bank;      /* the one that is fed; who changes the filter */
  bool mixing;        /* its workers have met, or will meet, a MIXED step without the CLEAN one; who changes the filter */
  rs_fanout fanout;
  rs_ring_request request;
  bool promiscuous;
  bool open;          /* there are rings; under the lock of who changes the filter or opens and closes */
  pthread_mutex_t naming; /* held around link.name, which a rename changes; never by a worker */
  uint64_t tried_ns;  /* control thread: when it last tried to open the interface again (CLOCK_MONOTONIC) */
  _Atomic uint32_t state, reopened, ifindex, group;
  _Atomic int32_t state_errno;
  _Atomic uint64_t state_since_ns;
} rs_source;

void rs_source_init(rs_source *source, const rs_link *link);
void rs_source_destroy(rs_source *source);

void rs_source_set_state(rs_source *source, uint32_t state, int errnum);

/* Rings of all queues with `ret #0`, then the group, then promiscuity. On an error nothing is left open. */
int rs_source_open(rs_source *source, rs_error *error);

/* Workers have ended: closes all rings. Idempotent. */
void rs_source_close(rs_source *source);

/* Rejects every further packet. */
void rs_source_reject_all(rs_source *source);

/* Starts the workers of all queues; on an error those that were started are ended again. */
int rs_source_start(rs_source *source, rs_error *error);

/* Nothing can come in any more: lets the workers read what is there and waits for their end. */
void rs_source_finish(rs_source *source);

/* Looks for the interface again, after it was removed: by the name it had last, then by the one that was asked for. 0: it is
 * back, and *link has it. */
int rs_source_find_again(rs_source *source, rs_link *link);

void rs_source_describe(rs_source *source, rs_source_info *out);

#endif
