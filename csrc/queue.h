/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue: one ring, one worker thread, one arena. The worker copies every packet of a closed block with its metadata into
 * the arena and gives the block back; in its loop it allocates nothing, takes no lock and waits only in poll().
 * Part of the room `capture`; knows the ring and the arena, not the store, the filter or other queues.
 */
#ifndef RS_QUEUE_H
#define RS_QUEUE_H

#include "arena.h"
#include "ring.h"
#include "thread.h"

enum { RS_MARKS = 64 };

/* From this place in the ring on, packets belong to `epoch`. */
typedef struct rs_mark {
  uint64_t seq;     /* block */
  uint32_t packets; /* packets of it that still belong to the epoch before */
  uint32_t epoch;
} rs_mark;

/* What a queue counts. The worker alone writes those above the line, the control thread those below; all are read by
 * anybody, so all are atomic and relaxed: each is exact by itself. */
typedef struct rs_tally {
  _Atomic uint64_t delivered, bytes, truncated, arena_drops, losing_blocks, blocks_full, blocks_timeout, wakeups,
      spurious_wakeups, resyncs;
  _Atomic uint64_t used_peak; /* highest fill since the control thread last took it */
  /* -- */
  _Atomic uint64_t stored, dropped, freezes, peak_bytes;
} rs_tally;

typedef struct rs_queue {
  rs_ring ring;
  rs_arena *arena;
  rs_thread thread;
  int wake;          /* eventfd: something changed for the worker */
  int news;          /* eventfd of the merge thread: there are records to number */
  uint32_t snaplen;
  uint16_t hatype;
  _Atomic bool held;      /* leave the ring alone */
  _Atomic bool ending;    /* nothing can come into the ring any more: read what is there, then end */
  _Atomic uint32_t link_error; /* errno that poll() reported for the interface, 0: none */
  rs_mark marks[RS_MARKS];
  _Atomic uint32_t marks_set;  /* marks published; one writer, the thread that sets the filter */
  _Atomic uint32_t marks_done; /* marks passed by the worker */
  uint32_t epoch;              /* worker: of the packets it reads now */
  rs_tally tally;
} rs_queue;

/* Starts the worker. Ring, arena, descriptors and epoch are in place. */
int rs_queue_start(rs_queue *queue, rs_error *error);

/* Is there room for another mark? Not when the worker has RS_MARKS of them still to pass. */
bool rs_queue_can_mark(const rs_queue *queue);

/* Packets at and after the ring's present end belong to `epoch`. There must be room for the mark. */
void rs_queue_mark(rs_queue *queue, uint32_t epoch);

/* Makes the worker look at its flags. */
void rs_queue_wake(rs_queue *queue);

/* Waits for the worker to end; `ending` has been set. */
void rs_queue_join(rs_queue *queue);

#endif
