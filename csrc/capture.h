/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture: interfaces, queues, store, merge thread and control thread under one owner, with the order in which they begin and
 * end. The control thread looks at all counters ten times a second, watches the links, and opens an interface again that was
 * gone.
 */
#ifndef RS_CAPTURE_H
#define RS_CAPTURE_H

#include "merge.h"
#include "source.h"

enum { RS_TICK_MS = 100, RS_PEAK_TICKS = 10 };

/* What the control thread remembers of a queue from one tick to the next. */
typedef struct rs_watch {
  uint64_t peaks[RS_PEAK_TICKS]; /* bytes, of the last ticks */
  uint64_t lags[RS_PEAK_TICKS];  /* nanoseconds, of the last ticks */
  bool frozen;                   /* at the last tick */
  uint64_t rollovers[3];         /* of the sockets before the present one */
  /* While the rings are exchanged for others (reshape), packets come into both, and are counted in both: */
  bool aside;                    /* what is stored is set aside, what is dropped is not ours to lose */
  bool exchanged;                /* what was set aside is added once the worker has passed the last that came twice */
  uint64_t stored_aside, doubled; /* packets; of tally.doubled those that are taken off already */
} rs_watch;

struct rs_capture {
  rs_source *sources;
  uint32_t source_count;
  rs_queue *queues; /* of all sources, one arena of the store each */
  uint32_t count;
  rs_live_store store;
  rs_losses losses;
  rs_timeline *timelines; /* one a queue */
  rs_epochs epochs;
  rs_change *in_force; /* under `changing` */
  bool running;        /* under `changing` */
  _Atomic bool stopping; /* a change that is under way is not to wait for workers any more */
  rs_merge merge;
  rs_direction direction;
  bool exact;
  rs_config config; /* as asked for, but for names and CPUs, which are the caller's; rings as they are now */
  uint32_t link_type;
  int stop;                 /* eventfd: ends the control thread */
  int links;                /* rtnetlink, -1: there is none, and the tick has to do */
  rs_thread controller;
  pthread_mutex_t changing; /* held by who changes the filter, or opens or closes a source; never by a worker */
  pthread_mutex_t counting; /* held around what reads PACKET_STATISTICS, and what exchanges rings; taken after `changing` */
  rs_watch *watches;        /* one a queue; under `counting` */
  uint32_t tick;
  char note[160];
};

/* control.c */
int rs_control_start(rs_capture *capture, rs_error *error);
void rs_control_stop(rs_capture *capture);
/* Adds what the kernel has counted since the last call. */
void rs_control_collect(rs_capture *capture);
/* The same, and what all queues have stored and dropped by now. */
void rs_control_cut(rs_capture *capture, uint64_t *stored, uint64_t *dropped);
/* What was counted while everything was rejected belongs to nobody. */
void rs_control_forget(rs_capture *capture, const rs_source *source);
/* Adds what the kernel has counted of a source's queues. Under `counting`. */
void rs_control_count(rs_capture *capture, const rs_source *source);

#endif
