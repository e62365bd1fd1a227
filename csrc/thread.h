/* SPDX-License-Identifier: Apache-2.0 */
/* thread: how every thread of the core begins. */
#ifndef RS_THREAD_H
#define RS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "ringscope.h"

/* A thread that may not be there. */
typedef struct rs_thread {
  pthread_t id;
  bool running; /* started and not joined */
} rs_thread;

/* Starts it with all signals blocked: they belong to the program's own threads. `purpose` completes the sentence
 * "no thread to ...". */
int rs_thread_start(rs_thread *thread, void *(*work)(void *), void *argument, const char *purpose, rs_error *error);

/* Waits for its end. Idempotent. */
void rs_thread_join(rs_thread *thread);

#endif
