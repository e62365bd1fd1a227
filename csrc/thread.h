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

/* Starts it with all signals blocked: they belong to the program's own threads. It runs on `cpu`, or anywhere if that is
 * negative. `purpose` completes the sentence "no thread to ...". */
int rs_thread_start(rs_thread *thread, void *(*work)(void *), void *argument, int cpu, const char *purpose, rs_error *error);

/* Names the calling thread, as printf(3) does, for who looks at /proc/PID/task/TID/comm: top, ps -L, and we ourselves. The
 * kernel keeps 15 bytes. */
__attribute__((format(printf, 1, 2))) void rs_thread_name(const char *format, ...);

/* Waits for its end. Idempotent. */
void rs_thread_join(rs_thread *thread);

/* Calls work(argument, i) for i = 0 .. count - 1, each in a thread of its own, on cpu(argument, i); where there is no thread
 * to be had, one after another in this one. Returns when all have returned. */
void rs_thread_each(uint32_t count, void (*work)(void *, uint32_t), int (*cpu)(void *, uint32_t), void *argument);

#endif
