/* SPDX-License-Identifier: Apache-2.0 */
#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* With attributes that bind it to the CPU, so that it never runs, and never allocates, elsewhere. */
static int create(pthread_t *id, void *(*work)(void *), void *argument, int cpu) {
  if (cpu < 0) return pthread_create(id, NULL, work, argument);
  if (cpu >= CPU_SETSIZE) return EINVAL;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_attr_t attributes;
  int errnum = pthread_attr_init(&attributes);
  if (errnum) return errnum;
  errnum = pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
  if (!errnum) errnum = pthread_create(id, &attributes, work, argument);
  pthread_attr_destroy(&attributes);
  return errnum;
}

int rs_thread_start(rs_thread *thread, void *(*work)(void *), void *argument, int cpu, const char *purpose, rs_error *error) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int errnum = create(&thread->id, work, argument, cpu);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (errnum == EINVAL && cpu >= 0)
    return rs_error_set(error, EINVAL, "there is no CPU %d here, or this process may not run on it; see nproc, taskset", cpu);
  if (errnum) return rs_error_set(error, errnum, "no thread to %s: %s", purpose, strerror(errnum));
  thread->running = true;
  return 0;
}

void rs_thread_name(const char *format, ...) {
  char name[16];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(name, sizeof name, format, arguments);
  va_end(arguments);
  /* Cannot fail: it is short enough, and it is our own. */
  pthread_setname_np(pthread_self(), name);
}

void rs_thread_join(rs_thread *thread) {
  if (!thread->running) return;
  pthread_join(thread->id, NULL);
  thread->running = false;
}

typedef struct rs_share {
  void (*work)(void *, uint32_t);
  void *argument;
  uint32_t which;
  rs_thread thread;
} rs_share;

static void *do_share(void *argument) {
  rs_share *share = argument;
  rs_thread_name("rs opens %u", share->which);
  share->work(share->argument, share->which);
  return NULL;
}

void rs_thread_each(uint32_t count, void (*work)(void *, uint32_t), int (*cpu)(void *, uint32_t), void *argument) {
  rs_share *shares = calloc(count, sizeof *shares);
  for (uint32_t i = 0; i < count; i++) {
    int where = cpu ? cpu(argument, i) : -1;
    if (shares) shares[i] = (rs_share){.work = work, .argument = argument, .which = i};
    if (!shares || rs_thread_start(&shares[i].thread, do_share, &shares[i], where, "open and close rings", NULL))
      work(argument, i);
  }
  for (uint32_t i = 0; shares && i < count; i++) rs_thread_join(&shares[i].thread);
  free(shares);
}
