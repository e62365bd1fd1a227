/* SPDX-License-Identifier: Apache-2.0 */
/* control: the one reader of PACKET_STATISTICS, which clears what it reads; peaks of the fill, the sum that must come out, the
 * state of each link, and the interface that is gone and comes back. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "clock.h"
#include "swap.h"

static uint64_t load(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }
static void store(_Atomic uint64_t *counter, uint64_t value) {
  atomic_store_explicit(counter, value, memory_order_relaxed);
}
static void add(_Atomic uint64_t *counter, uint64_t more) { store(counter, load(counter) + more); }

/* -- counters: under `counting` --------------------------------------------------------------------------------------- */

/* Drops with a freeze are those of a reader that is too slow, those without one of a ring that had been frozen already and still
 * was. Those of a ring with free blocks are the kernel's early drop (__packet_rcv_has_room, which looks without the lock of the
 * ring). */
static void collect_statistics(rs_queue *queue, uint32_t bank, rs_watch *watch) {
  const rs_ring *ring = &queue->rings[bank];
  rs_ring_stats stats = {0};
  rs_loss_begin_reading(&queue->losses[bank], ring);
  int result = rs_ring_statistics(ring, &stats);
  if (watch->aside) {
    watch->stored_aside += stats.packets - stats.dropped;
    stats = (rs_ring_stats){0};
  }
  if (rs_loss_end_reading(&queue->losses[bank], ring, stats.dropped)) rs_queue_wake(queue);
  if (result) return;
  /* tp_packets includes the drops (packet_getsockopt); the difference is what went into the ring, exactly. */
  add(&queue->tally.stored, stats.packets - stats.dropped);
  add(&queue->tally.dropped, stats.dropped);
  add(&queue->tally.freezes, stats.freezes);
  if (!stats.freezes) add(watch->frozen ? &queue->tally.frozen_drops : &queue->tally.early_drops, stats.dropped);
}

/* What was delivered before the statistics were read cannot be more than they say was stored, and what is delivered or in
 * the ring after it not less: on a ring that stands still this is the equation of capture.md's 2.2 in both directions. */
static void check_sum(rs_queue *queue, uint64_t delivered_before, int64_t pending) {
  uint64_t stored = load(&queue->tally.stored), delivered = load(&queue->tally.delivered), wrong = 0;
  if (delivered_before > stored) wrong = delivered_before - stored;
  if (pending >= 0 && stored > delivered + (uint64_t)pending) wrong = stored - delivered - (uint64_t)pending;
  if (wrong > load(&queue->tally.unaccounted)) store(&queue->tally.unaccounted, wrong);
}

static void note_rollovers(rs_queue *queue, const rs_ring *ring, rs_watch *watch) {
  uint64_t now[3];
  if (rs_ring_rollovers(ring, now)) return;
  for (int i = 0; i < 3; i++) store(&queue->tally.rollovers[i], watch->rollovers[i] + now[i]);
}

/* The worker has passed the last packet that came into two rings: what is stored is what was, without those. */
static void settle_exchange(rs_queue *queue, rs_watch *watch) {
  if (!watch->exchanged || !atomic_load_explicit(&queue->alone, memory_order_acquire)) return;
  uint64_t doubled = load(&queue->tally.doubled);
  store(&queue->tally.stored, load(&queue->tally.stored) + watch->stored_aside - (doubled - watch->doubled));
  watch->stored_aside = 0;
  watch->doubled = doubled;
  watch->exchanged = false;
}

static uint64_t collect_queue(rs_queue *queue, rs_watch *watch) {
  settle_exchange(queue, watch);
  uint64_t delivered = load(&queue->tally.delivered), used = 0;
  int64_t pending = 0;
  bool frozen = false;
  for (uint32_t i = 0; i < queue->banks; i++) {
    rs_ring *ring = &queue->rings[i];
    if (!rs_ring_enter(ring)) continue;
    collect_statistics(queue, i, watch);
    note_rollovers(queue, ring, watch);
    int64_t waiting = rs_ring_pending(ring);
    pending = pending < 0 || waiting < 0 ? -1 : pending + waiting;
    rs_ring_fill fill;
    rs_ring_look(ring, &fill);
    rs_ring_leave(ring);
    if (fill.misplaced) {
      atomic_store_explicit(&queue->misplaced, true, memory_order_release);
      rs_queue_wake(queue);
    }
    frozen = frozen || fill.frozen;
    if (fill.used_bytes > used) used = fill.used_bytes;
  }
  watch->frozen = frozen;
  if (!watch->aside && !watch->exchanged) check_sum(queue, delivered, pending);
  return used;
}

/* The most of the last second, and of all seconds; of the one tick it is what the worker has raised `latest` to, and `least`. */
static void note_most(_Atomic uint64_t *latest, uint64_t least, uint64_t *ticks, uint32_t tick, _Atomic uint64_t *of_second,
                      _Atomic uint64_t *of_all) {
  uint64_t raised = load(latest), most = raised > least ? raised : least;
  if (most > load(of_all)) store(of_all, most);
  ticks[tick % RS_PEAK_TICKS] = most;
  for (int i = 0; i < RS_PEAK_TICKS; i++)
    if (ticks[i] > most) most = ticks[i];
  store(of_second, most);
  /* What the worker raised meanwhile is of the next tick. Release: who finds it gone from here finds it there. */
  atomic_compare_exchange_strong_explicit(latest, &raised, 0, memory_order_release, memory_order_relaxed);
}

static void note_peaks(rs_queue *queue, rs_watch *watch, uint32_t tick, uint64_t used) {
  rs_tally *tally = &queue->tally;
  note_most(&tally->used_peak, used, watch->peaks, tick, &tally->peak_bytes, &tally->highest_bytes);
  note_most(&tally->lag_peak, 0, watch->lags, tick, &tally->lag_ns, &tally->longest_lag_ns);
}

void rs_control_collect(rs_capture *capture) {
  pthread_mutex_lock(&capture->counting);
  for (uint32_t i = 0; i < capture->count; i++)
    note_peaks(&capture->queues[i], &capture->watches[i], capture->tick,
               collect_queue(&capture->queues[i], &capture->watches[i]));
  capture->tick++;
  pthread_mutex_unlock(&capture->counting);
}

void rs_control_cut(rs_capture *capture, uint64_t *stored, uint64_t *dropped) {
  *stored = *dropped = 0;
  pthread_mutex_lock(&capture->counting);
  for (uint32_t i = 0; i < capture->count; i++) {
    (void)collect_queue(&capture->queues[i], &capture->watches[i]);
    *stored += load(&capture->queues[i].tally.stored);
    *dropped += load(&capture->queues[i].tally.dropped);
  }
  pthread_mutex_unlock(&capture->counting);
}

void rs_control_count(rs_capture *capture, const rs_source *source) {
  for (uint32_t i = 0; i < source->count; i++) (void)collect_queue(&source->queues[i], &capture->watches[source->first + i]);
}

void rs_control_forget(rs_capture *capture, const rs_source *source) {
  pthread_mutex_lock(&capture->counting);
  for (uint32_t i = 0; i < source->count * source->banks; i++) {
    rs_ring_stats stats;
    (void)rs_ring_statistics(&source->queues[i % source->count].rings[i / source->count], &stats);
  }
  /* A ring that is opened again counts its rollovers from 0. */
  for (uint32_t i = 0; i < source->count; i++)
    for (int j = 0; j < 3; j++)
      capture->watches[source->first + i].rollovers[j] = load(&source->queues[i].tally.rollovers[j]);
  pthread_mutex_unlock(&capture->counting);
}

/* -- links ------------------------------------------------------------------------------------------------------------ */

/* The interface was removed: what its rings hold is read, then they are closed, for their sockets never hear anything again and
 * their group's id would be in the way of new ones. */
static void let_go(rs_capture *capture, rs_source *source) {
  pthread_mutex_lock(&capture->changing);
  rs_control_collect(capture); /* so that the workers know of the last drops */
  rs_source_finish(source);
  rs_control_collect(capture);
  for (uint32_t i = 0; i < source->count; i++) rs_queue_settle_losses(&source->queues[i]);
  rs_source_close(source);
  rs_swap_skip(capture, source);
  pthread_mutex_unlock(&capture->changing);
  rs_source_set_state(source, RS_STATE_GONE, ENODEV);
}

/* With new sockets and a new group; counters, store and filter go on. */
static int open_again(rs_capture *capture, rs_source *source, const rs_link *link) {
  pthread_mutex_lock(&capture->changing);
  pthread_mutex_lock(&source->naming);
  source->link = *link;
  pthread_mutex_unlock(&source->naming);
  int result = rs_source_open(source, NULL);
  if (!result) result = rs_swap_resume(capture, source, NULL);
  if (!result) result = rs_source_start(source, NULL);
  if (result) rs_source_close(source);
  pthread_mutex_unlock(&capture->changing);
  return result;
}

/* It is back, but something is in the way, which may go away, too, though not soon. It has been away since then. */
static void stay_away(rs_source *source, int errnum, uint64_t since_ns) {
  source->tried_ns = rs_clock_steady_ns();
  rs_source_set_state(source, RS_STATE_GONE, errnum);
  atomic_store_explicit(&source->state_errno, errnum, memory_order_relaxed);
  store(&source->state_since_ns, since_ns);
}

static void look_for(rs_capture *capture, rs_source *source) {
  const uint64_t again_ns = UINT64_C(1000000000), since_ns = load(&source->state_since_ns);
  if (rs_clock_steady_ns() - source->tried_ns < again_ns) return;
  rs_link link;
  int result = rs_source_find_again(source, &link);
  if (result == -ENODEV) return;
  if (!result) {
    rs_source_set_state(source, RS_STATE_REOPENING, 0);
    result = open_again(capture, source, &link);
  }
  if (result) {
    stay_away(source, -result, since_ns);
    return;
  }
  atomic_fetch_add_explicit(&source->reopened, 1, memory_order_relaxed);
  if (atomic_load_explicit(&source->state, memory_order_relaxed) == RS_STATE_REOPENING)
    rs_source_set_state(source, RS_STATE_RUNNING, 0);
}

/* An error that a worker's poll() reported, 0: none. */
static uint32_t take_error(rs_source *source) {
  uint32_t error = 0;
  for (uint32_t i = 0; i < source->count; i++) {
    uint32_t one = atomic_exchange_explicit(&source->queues[i].link_error, 0, memory_order_acq_rel);
    if (one && one != ENETDOWN) error = one;
  }
  return error;
}

static void follow_name(rs_source *source, const char *name) {
  if (strcmp(name, source->link.name) == 0) return;
  pthread_mutex_lock(&source->naming);
  memcpy(source->link.name, name, sizeof source->link.name);
  pthread_mutex_unlock(&source->naming);
}

static void look_at_link(rs_capture *capture, rs_source *source) {
  if (!source->open) {
    look_for(capture, source);
    return;
  }
  char name[IFNAMSIZ];
  memcpy(name, source->link.name, sizeof name);
  uint32_t error = take_error(source);
  pthread_mutex_lock(&capture->counting); /* the ring may be about to be exchanged for another */
  rs_link_state state = rs_link_look(source->queues[0].rings[0].fd, name);
  pthread_mutex_unlock(&capture->counting);
  follow_name(source, name);
  switch (state) {
  case RS_LINK_GONE:
    let_go(capture, source);
    break;
  case RS_LINK_UNKNOWN:
    break;
  case RS_LINK_DOWN:
    rs_source_set_state(source, RS_STATE_DOWN, ENETDOWN);
    break;
  case RS_LINK_NO_CARRIER:
    rs_source_set_state(source, RS_STATE_NO_CARRIER, 0);
    break;
  case RS_LINK_UP:
    if (error)
      rs_source_set_state(source, RS_STATE_ERROR, (int)error);
    else if (atomic_load_explicit(&source->state, memory_order_relaxed) != RS_STATE_ERROR)
      rs_source_set_state(source, RS_STATE_RUNNING, 0);
  }
}

/* -- the thread ------------------------------------------------------------------------------------------------------- */

static void *control(void *argument) {
  rs_capture *capture = argument;
  rs_thread_name("rs control");
  const uint64_t tick_ns = RS_TICK_MS * UINT64_C(1000000);
  uint64_t due = rs_clock_steady_ns() + tick_ns;
  for (;;) {
    struct pollfd wait[2] = {{.fd = capture->stop, .events = POLLIN}, {.fd = capture->links, .events = POLLIN}};
    uint64_t now = rs_clock_steady_ns();
    int ready = poll(wait, 2, now < due ? (int)((due - now) / 1000000) + 1 : 0);
    /* All signals are blocked but the one that carries setuid(2) to every thread of a process (nptl(7)). */
    if (ready < 0 && errno != EINTR) return NULL;
    if (ready > 0 && wait[0].revents) return NULL;
    if (ready > 0 && wait[1].revents) rs_link_heard(capture->links);
    if (rs_clock_steady_ns() >= due) {
      rs_control_collect(capture);
      due = rs_clock_steady_ns() + tick_ns;
    }
    for (uint32_t i = 0; i < capture->source_count; i++) look_at_link(capture, &capture->sources[i]);
  }
}

int rs_control_start(rs_capture *capture, rs_error *error) {
  return rs_thread_start(&capture->controller, control, capture, -1, "read the statistics", error);
}

void rs_control_stop(rs_capture *capture) {
  if (!capture->controller.running) return;
  uint64_t one = 1;
  ssize_t written = write(capture->stop, &one, sizeof one);
  (void)written;
  rs_thread_join(&capture->controller);
}
