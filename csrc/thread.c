/* SPDX-License-Identifier: Apache-2.0 */
#include "thread.h"

#include <signal.h>
#include <string.h>

#include "error.h"

int rs_thread_start(rs_thread *thread, void *(*work)(void *), void *argument, const char *purpose, rs_error *error) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int errnum = pthread_create(&thread->id, NULL, work, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (errnum) return rs_error_set(error, errnum, "no thread to %s: %s", purpose, strerror(errnum));
  thread->running = true;
  return 0;
}

void rs_thread_join(rs_thread *thread) {
  if (!thread->running) return;
  pthread_join(thread->id, NULL);
  thread->running = false;
}
