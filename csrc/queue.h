/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue: one worker thread, one arena, and one ring, or two of which one is fed (fanout.h). The worker copies every packet
 * of a closed block with its metadata into the arena and gives the block back; in its loop it allocates nothing, takes no
 * lock and waits only in poll(). Knows rings, the arena and the epochs, not the store, the filter's attaching or other
 * queues.
 */
#ifndef RS_QUEUE_H
#define RS_QUEUE_H

#include "arena.h"
#include "epochs.h"
#include "loss.h"
#include "ring.h"
#include "thread.h"
#include "timeline.h"

enum { RS_STEPS = 64, RS_BANKS = 2 };

/* A change as a worker meets it: places in the ring from which on something else holds. */
typedef struct rs_step {
  enum {
    RS_STEP_MIXED, /* packets may have passed the old filter or the new one: they are run through the new one */
    RS_STEP_CLEAN, /* packets have passed the new one */
    RS_STEP_BANK,  /* packets come in the other ring, and have passed the new one */
    RS_STEP_ALONE, /* packets have come into no other ring, see `from_ns` */
  } kind;
  uint64_t seq;     /* block */
  uint32_t packets; /* packets of it that are still before the step */
  uint32_t epoch;   /* CLEAN, BANK: of packets from here on */
  rs_change *change; /* ALONE: none */
} rs_step;

/* What a queue counts. The worker alone writes those above the line, the control thread those below; all are read by
 * anybody, so all are atomic and relaxed: each is exact by itself. */
typedef struct rs_tally {
  _Atomic uint64_t delivered, bytes, truncated, snapped, arena_drops, losing_blocks, blocks_full, blocks_timeout, wakeups,
      spurious_wakeups, resyncs;
  _Atomic uint64_t doubled;   /* packets that were in two rings, and are read from the other one */
  _Atomic uint64_t used_peak; /* highest fill since the control thread last took it */
  _Atomic uint64_t lag_peak;  /* longest that a closed block has waited, since the control thread last took it */
  /* -- */
  _Atomic uint64_t stored, dropped, early_drops, frozen_drops, freezes, peak_bytes, highest_bytes, lag_ns, longest_lag_ns,
      unaccounted;
  _Atomic uint64_t rollovers[3]; /* all, huge, failed */
} rs_tally;

typedef struct rs_queue {
  rs_ring rings[RS_BANKS];
  uint32_t banks;  /* rings in use */
  uint32_t bank;   /* worker: the one that is read */
  rs_loss losses[RS_BANKS]; /* of each ring */
  rs_loss_entry *lost; /* worker: the next packet in the arena is the first behind this loss, NULL: behind none */
  rs_loss_log *log;
  rs_timeline *timeline; /* NULL: nobody asks */
  rs_arena *arena;
  rs_thread thread;
  int cpu;         /* pinned to, -1: none */
  int wake;        /* eventfd: something changed for the worker */
  int news;        /* eventfd of the merge thread: there are records to number */
  uint32_t index;  /* among the queues of the capture */
  uint32_t source; /* index of its interface */
  uint32_t snaplen;
  uint64_t timeout_ns; /* retire timeout */
  bool cooked;     /* a header of LINKTYPE_LINUX_SLL2 is put before each packet */
  _Atomic bool held;      /* leave the ring alone */
  _Atomic bool misplaced; /* find your place in the ring again */
  _Atomic bool ending;    /* nothing can come into the ring any more: read what is there, then end */
  _Atomic uint32_t link_error; /* errno that poll() reported for the interface, 0: none */
  rs_step steps[RS_STEPS];
  _Atomic uint32_t steps_set;  /* published; one writer, who changes the filter */
  _Atomic uint32_t steps_done; /* passed by the worker */
  /* While the ring is exchanged for another (reshape), packets come into both: */
  _Atomic uint64_t until_ns;   /* those from this time on are read from the ring to come, 0: all are read from this one */
  uint64_t from_ns;            /* worker: those before this time were read from the ring before, 0: none were */
  _Atomic bool moving;         /* there are packets in the ring to come, which nobody sees from outside */
  _Atomic bool alone;          /* the worker has passed the ALONE step */
  uint32_t epoch;              /* worker: of the packets it reads now */
  rs_change *mixed;            /* worker: packets are run through this one's program, NULL: not */
  uint32_t passing;            /* worker: newest epoch whose line it has passed ... */
  _Atomic uint32_t passed;     /* ... and before whose line no more packets come from this queue */
  _Atomic uint64_t horizon_ns; /* time of the newest packet of the last block read */
  rs_tally tally;
} rs_queue;

/* Starts the worker. Rings, arena, descriptors and epoch are in place. */
int rs_queue_start(rs_queue *queue, rs_error *error);

/* Is there room for the steps of another change? Not when the worker has too many still to pass. */
bool rs_queue_can_step(const rs_queue *queue);

/* Where packets that the kernel stores from now on will be in the ring that is fed: fills the place of a step. */
void rs_queue_place(const rs_queue *queue, uint32_t bank, rs_step *step);

/* Publishes a step; there must be room for it. */
void rs_queue_step(rs_queue *queue, const rs_step *step);

/* Has the worker passed all steps? */
bool rs_queue_stepped(const rs_queue *queue);

/* All steps count as passed, and all lines up to that of `epoch`: for a queue whose worker has ended and whose rings were
 * emptied. */
void rs_queue_skip_steps(rs_queue *queue, uint32_t epoch);

/* Is all that was stored before `now - two retire timeouts` in the arena? True for a queue without an unread closed block. */
bool rs_queue_idle(rs_queue *queue);

/* The worker has ended, and all is counted: what is not known by now of its losses will never be. */
void rs_queue_settle_losses(rs_queue *queue);

/* Makes the worker look at its flags. */
void rs_queue_wake(rs_queue *queue);

#endif
