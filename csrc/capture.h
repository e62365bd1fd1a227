/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture: queues, store, merge thread and control thread under one owner, with the order in which they begin and end.
 * The control thread alone reads PACKET_STATISTICS and the state of the link, ten times a second.
 */
#ifndef RS_CAPTURE_H
#define RS_CAPTURE_H

#include "link.h"
#include "queue.h"
#include "store.h"

enum { RS_TICK_MS = 100, RS_PEAK_TICKS = 10 };

struct rs_capture {
  rs_link link;
  rs_store store;
  rs_queue *queues; /* `count` of them, one arena of the store each */
  uint32_t count;
  int news; /* eventfd: workers to the merge thread */
  int stop; /* eventfd: ends the control thread */
  rs_thread merger, controller;
  _Atomic bool ending; /* the merge thread numbers what is there and ends */
  _Atomic uint32_t epoch;
  _Atomic uint32_t state;
  _Atomic int32_t state_errno;
  _Atomic uint64_t state_since_ns;
  rs_insn *program; /* the filter in force */
  uint32_t program_length;
  uint64_t *peaks; /* control thread: RS_PEAK_TICKS values a queue */
  uint32_t tick;
};

uint64_t rs_capture_now_ns(void);
void rs_capture_set_state(rs_capture *capture, uint32_t state, int errnum);

/* control.c */
int rs_control_start(rs_capture *capture, rs_error *error);
void rs_control_stop(rs_capture *capture);
/* Adds what the kernel counted since the last call. Only for the control thread and, when that has ended, its owner. */
void rs_control_collect(rs_capture *capture);

#endif
