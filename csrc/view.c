/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view: the packets of a store that pass a program, kept up to date by threads of its own. Under one lock, which no thread
 * of a capture ever takes: which run is the present one, what of it is done, and who sleeps.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "thread.h"
#include "view_tests.h"

enum {
  MOST_BY_DEFAULT = 4,
  MOST_THREADS = 64,
  LOOK_NS = 50 * 1000 * 1000, /* between two looks for new packets ... */
  LOOKS = 20,                 /* ... of which so many in vain end the looking; rs_view_state() begins it anew */
  WORTH_WAKING = 4096,        /* packets that are left to do, for which the other threads are woken */
};

/* The programs of one start, and what they found. */
typedef struct run {
  rs_view_tests tests;
  rs_view_hits hits;
  _Atomic bool cancelled;
  uint32_t users; /* the view and the threads that are at it; the last one frees it */
  uint64_t target; /* the newest packet when it began */
  int32_t fault;
} run;

typedef struct worker {
  rs_view *view;
  rs_thread thread;
  uint32_t which;
  run *at; /* whose eyes these are; NULL: none */
  bool is_last; /* its piece goes up to the newest packet: then it rests, for all that comes in the meantime to be one piece */
  rs_view_eyes eyes;
  rs_view_piece piece;
} worker;

struct rs_view {
  const rs_store *store;
  int32_t nice;
  pthread_mutex_t lock;
  pthread_cond_t news; /* there is something to do, or all is over */
  bool closing;
  uint32_t looks; /* in vain, since there was something new */
  run *now;       /* NULL: not started */
  uint32_t count;
  worker workers[];
};

static void release(run *one) {
  if (--one->users) return;
  rs_view_tests_close(&one->tests);
  rs_view_hits_close(&one->hits);
  free(one);
}

/* -- the threads ------------------------------------------------------------------------------------------------------ */

/* Takes up the present run and lets the one before go. */
static void take_up(worker *self, run *now) {
  if (self->at == now) return;
  if (self->at) {
    rs_view_eyes_close(&self->eyes);
    release(self->at);
  }
  self->at = NULL;
  if (!now || now->fault) return;
  const int result = rs_view_eyes_open(&self->eyes, self->view->store, &now->tests);
  if (result) {
    now->fault = -result;
    return;
  }
  self->at = now;
  now->users++;
}

/* Something to do of the present run; false: nothing. */
static bool find_work(worker *self) {
  rs_view *view = self->view;
  take_up(self, view->now);
  if (!self->at || self->at->fault) return false;
  /* Newest first: what it numbers is kept at least until the tail that is read after it. */
  const uint64_t head = rs_store_head(view->store), tail = rs_store_tail(view->store);
  rs_view_hits_trim(&self->at->hits, tail);
  const int result = rs_view_hits_take(&self->at->hits, tail, head, &self->piece);
  if (result < 0) self->at->fault = -result;
  if (result <= 0) return false;
  self->is_last = self->piece.last == head;
  if (head - self->piece.last >= WORTH_WAKING) pthread_cond_broadcast(&view->news);
  return true;
}

static void work(worker *self) {
  rs_view *view = self->view;
  run *at = self->at;
  view->looks = 0;
  pthread_mutex_unlock(&view->lock);
  int result = rs_view_tests_run(&at->tests, &self->eyes, &at->cancelled, &self->piece);
  pthread_mutex_lock(&view->lock);
  if (!result) result = rs_view_hits_put(&at->hits, &self->piece);
  if (result && result != -ECANCELED) at->fault = -result;
}

/* With nothing to look through it gathers what makes the next run quick. False: there is nothing to gather, either. */
static bool gather(worker *self) {
  rs_view *view = self->view;
  run *at = self->at;
  if (!at || at->fault) return false;
  pthread_mutex_unlock(&view->lock);
  const bool gathered = rs_walk_gather(&self->eyes.walk, &at->cancelled);
  pthread_mutex_lock(&view->lock);
  /* Meanwhile it has not heard what was said. */
  return gathered || view->closing || view->now != at;
}

/* Sleeps until there is news; the first thread also looks by itself, for as long as that is worth while. */
static void rest(worker *self) {
  rs_view *view = self->view;
  if (self->which || !view->now || view->looks >= LOOKS) {
    pthread_cond_wait(&view->news, &view->lock);
    return;
  }
  view->looks++;
  const uint64_t then = rs_clock_steady_ns() + LOOK_NS;
  const struct timespec until = {(time_t)(then / 1000000000), (long)(then % 1000000000)};
  pthread_cond_timedwait(&view->news, &view->lock, &until);
}

static void *thread_main(void *argument) {
  worker *self = argument;
  rs_view *view = self->view;
  /* In Linux it holds for this thread alone: setpriority(2). */
  if (view->nice) setpriority(PRIO_PROCESS, (id_t)gettid(), view->nice);
  pthread_mutex_lock(&view->lock);
  while (!view->closing) {
    const bool found = find_work(self);
    if (found) work(self);
    /* What was said while it worked it has not heard: that all is over, or another run. */
    const bool is_current = self->at == view->now || (view->now && view->now->fault);
    if ((!found || self->is_last) && !view->closing && is_current && !gather(self)) rest(self);
  }
  take_up(self, NULL);
  pthread_mutex_unlock(&view->lock);
  return NULL;
}

/* -- its owner -------------------------------------------------------------------------------------------------------- */

static uint32_t usual_threads(void) {
  cpu_set_t set;
  /* It fails on a machine with more CPUs than the set has room for. */
  const int cpus = sched_getaffinity(0, sizeof set, &set) ? MOST_BY_DEFAULT : CPU_COUNT(&set);
  return cpus < MOST_BY_DEFAULT ? (uint32_t)cpus : MOST_BY_DEFAULT;
}

static void open_lock(rs_view *view) {
  pthread_condattr_t attributes;
  pthread_mutex_init(&view->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&view->news, &attributes);
  pthread_condattr_destroy(&attributes);
}

int rs_view_open(const rs_store *store, uint32_t threads, int32_t nice, rs_view **out, rs_error *error) {
  if (!threads) threads = usual_threads();
  if (threads > MOST_THREADS) return rs_error_set(error, EINVAL, "a view has at most %d threads, not %u", MOST_THREADS, threads);
  rs_view *view = calloc(1, sizeof *view + threads * sizeof *view->workers);
  if (!view) return rs_error_set(error, ENOMEM, "no memory for a view");
  view->store = store;
  view->nice = nice;
  open_lock(view);
  for (uint32_t i = 0; i < threads; i++) {
    worker *each = &view->workers[i];
    *each = (worker){.view = view, .which = i};
    const int result = rs_thread_start(&each->thread, thread_main, each, -1, "look through the packets", error);
    /* With one thread fewer it is only slower. */
    if (result && !i) {
      rs_view_close(view);
      return result;
    }
    if (result) break;
    view->count++;
  }
  *out = view;
  return 0;
}

/* Under the lock: another run, or none, in place of the present one. */
static void replace(rs_view *view, run *next) {
  run *before = view->now;
  view->now = next;
  view->looks = 0;
  pthread_cond_broadcast(&view->news);
  if (!before) return;
  /* Relaxed: it carries nothing but itself. */
  atomic_store_explicit(&before->cancelled, true, memory_order_relaxed);
  release(before);
}

int rs_view_start(rs_view *view, const rs_view_program *programs, uint32_t count, rs_error *error) {
  run *next = calloc(1, sizeof *next);
  if (!next) return rs_error_set(error, ENOMEM, "no memory for a view");
  const int result = rs_view_tests_open(&next->tests, programs, count, error);
  if (result) {
    free(next);
    return result;
  }
  next->users = 1;
  next->target = rs_store_head(view->store);
  rs_view_hits_open(&next->hits, rs_store_tail(view->store));
  pthread_mutex_lock(&view->lock);
  replace(view, next);
  pthread_mutex_unlock(&view->lock);
  return 0;
}

void rs_view_state(rs_view *view, rs_view_info *out) {
  *out = (rs_view_info){.low = 1};
  pthread_mutex_lock(&view->lock);
  run *now = view->now;
  if (now) {
    rs_view_hits_trim(&now->hits, rs_store_tail(view->store));
    rs_view_hits_info(&now->hits, out);
    out->fault = now->fault;
    out->running = !now->fault && out->examined < now->target;
    if (!now->fault && out->examined < rs_store_head(view->store)) {
      view->looks = 0;
      pthread_cond_broadcast(&view->news);
    }
  }
  pthread_mutex_unlock(&view->lock);
}

uint32_t rs_view_numbers(rs_view *view, uint64_t first, uint64_t *out, uint32_t max) {
  pthread_mutex_lock(&view->lock);
  const uint32_t count = view->now ? rs_view_hits_numbers(&view->now->hits, first, out, max) : 0;
  pthread_mutex_unlock(&view->lock);
  return count;
}

uint64_t rs_view_index(rs_view *view, uint64_t number) {
  pthread_mutex_lock(&view->lock);
  const uint64_t index = view->now ? rs_view_hits_index(&view->now->hits, number) : 0;
  pthread_mutex_unlock(&view->lock);
  return index;
}

int rs_view_has(rs_view *view, uint64_t number) {
  pthread_mutex_lock(&view->lock);
  const bool has = view->now && rs_view_hits_has(&view->now->hits, number);
  pthread_mutex_unlock(&view->lock);
  return has;
}

void rs_view_close(rs_view *view) {
  if (!view) return;
  pthread_mutex_lock(&view->lock);
  view->closing = true;
  replace(view, NULL);
  pthread_mutex_unlock(&view->lock);
  for (uint32_t i = 0; i < view->count; i++) rs_thread_join(&view->workers[i].thread);
  pthread_cond_destroy(&view->news);
  pthread_mutex_destroy(&view->lock);
  free(view);
}
