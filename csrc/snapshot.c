/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: all counters of a capture at one moment. Reads atomics and the rings; no lock, no system call that blocks. */
#include "capture.h"
#include "clock.h"

static uint64_t load(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

static uint64_t larger(uint64_t one, uint64_t other) { return one > other ? one : other; }

static void look_at_ring(rs_ring *ring, uint64_t now_ns, rs_counters *out) {
  if (!rs_ring_enter(ring)) return; /* closed: nothing waits in it */
  rs_ring_fill fill;
  rs_ring_look(ring, &fill);
  uint64_t oldest = rs_ring_oldest(ring);
  rs_ring_leave(ring);
  if (oldest && oldest < now_ns && now_ns - oldest > out->oldest_ns) out->oldest_ns = now_ns - oldest;
  /* Of two rings the fuller one speaks; the other waits, or is being emptied. */
  if (fill.used_bytes < out->used_bytes) return;
  out->used_bytes = fill.used_bytes;
  out->ready_blocks = fill.ready;
  out->headroom = fill.headroom;
  out->frozen = fill.frozen;
  out->pressed = fill.pressed;
}

/* Since the control thread last looked the reader may have met more. The rings have been looked at before: so whoever sees drops
 * also sees how late the reader is or, if he has read those blocks by now, was. */
static void note_peaks(const rs_tally *tally, rs_counters *out) {
  /* Acquire: what the control thread has taken from here stands in the others. */
  const uint64_t lag = atomic_load_explicit(&tally->lag_peak, memory_order_acquire);
  const uint64_t used = larger(out->used_bytes, atomic_load_explicit(&tally->used_peak, memory_order_acquire));
  out->peak_bytes = larger(used, load(&tally->peak_bytes));
  out->highest_bytes = larger(used, load(&tally->highest_bytes));
  out->lag_ns = larger(lag, load(&tally->lag_ns));
  out->longest_lag_ns = larger(lag, load(&tally->longest_lag_ns));
}

static rs_counters count(rs_queue *queue, uint64_t now_ns) {
  const rs_tally *tally = &queue->tally;
  rs_counters out = {
      .stored = load(&tally->stored),
      .dropped = load(&tally->dropped),
      .early_drops = load(&tally->early_drops),
      .frozen_drops = load(&tally->frozen_drops),
      .freezes = load(&tally->freezes),
      .delivered = load(&tally->delivered),
      .bytes = load(&tally->bytes),
      .truncated = load(&tally->truncated),
      .snapped = load(&tally->snapped),
      .arena_drops = load(&tally->arena_drops),
      .evicted = load(&queue->arena->evicted),
      .losing_blocks = load(&tally->losing_blocks),
      .blocks_full = load(&tally->blocks_full),
      .blocks_timeout = load(&tally->blocks_timeout),
      .wakeups = load(&tally->wakeups),
      .spurious_wakeups = load(&tally->spurious_wakeups),
      .resyncs = load(&tally->resyncs),
      .rollover_all = load(&tally->rollovers[0]),
      .rollover_huge = load(&tally->rollovers[1]),
      .rollover_failed = load(&tally->rollovers[2]),
      .unaccounted = load(&tally->unaccounted),
      .ring_bytes = (uint64_t)queue->rings[0].block_size * queue->rings[0].blocks,
      .blocks = queue->rings[0].blocks,
      .block_size = queue->rings[0].block_size,
      .headroom = queue->rings[0].blocks,
      .source = queue->source,
      .cpu = queue->cpu,
  };
  /* The statistics are read ten times a second; what the reader was handed since then was stored, too. */
  if (out.stored < out.delivered) out.stored = out.delivered;
  for (uint32_t i = 0; i < queue->banks; i++) look_at_ring(&queue->rings[i], now_ns, &out);
  note_peaks(tally, &out);
  return out;
}

static void sum(rs_counters *total, const rs_counters *one) {
  total->stored += one->stored;
  total->dropped += one->dropped;
  total->early_drops += one->early_drops;
  total->frozen_drops += one->frozen_drops;
  total->freezes += one->freezes;
  total->delivered += one->delivered;
  total->bytes += one->bytes;
  total->truncated += one->truncated;
  total->snapped += one->snapped;
  total->arena_drops += one->arena_drops;
  total->evicted += one->evicted;
  total->losing_blocks += one->losing_blocks;
  total->blocks_full += one->blocks_full;
  total->blocks_timeout += one->blocks_timeout;
  total->wakeups += one->wakeups;
  total->spurious_wakeups += one->spurious_wakeups;
  total->resyncs += one->resyncs;
  total->rollover_all += one->rollover_all;
  total->rollover_huge += one->rollover_huge;
  total->rollover_failed += one->rollover_failed;
  total->unaccounted += one->unaccounted;
  total->frozen |= one->frozen;
  total->pressed |= one->pressed;
  /* One full ring loses packets however empty the others are: the fullest one speaks for all. */
  if (one->used_bytes >= total->used_bytes) {
    total->ring_bytes = one->ring_bytes;
    total->used_bytes = one->used_bytes;
    total->blocks = one->blocks;
    total->block_size = one->block_size;
    total->ready_blocks = one->ready_blocks;
    total->headroom = one->headroom;
  }
  if (one->peak_bytes > total->peak_bytes) total->peak_bytes = one->peak_bytes;
  if (one->highest_bytes > total->highest_bytes) total->highest_bytes = one->highest_bytes;
  if (one->oldest_ns > total->oldest_ns) total->oldest_ns = one->oldest_ns;
  if (one->lag_ns > total->lag_ns) total->lag_ns = one->lag_ns;
  if (one->longest_lag_ns > total->longest_lag_ns) total->longest_lag_ns = one->longest_lag_ns;
}

/* How bad a state is: of several interfaces the one that is worst off speaks. */
static int badness(uint32_t state) {
  static const uint32_t worst_last[] = {RS_STATE_STOPPED, RS_STATE_OPEN, RS_STATE_RUNNING, RS_STATE_NO_CARRIER,
                                        RS_STATE_DOWN, RS_STATE_REOPENING, RS_STATE_GONE, RS_STATE_ERROR};
  int place = 0;
  while (worst_last[place] != state) place++;
  return place;
}

static void find_state(rs_capture *capture, rs_snapshot *out) {
  int worst = -1;
  for (uint32_t i = 0; i < capture->source_count; i++) {
    const rs_source *source = &capture->sources[i];
    uint32_t state = atomic_load_explicit(&source->state, memory_order_acquire);
    if (badness(state) <= worst) continue;
    worst = badness(state);
    out->state = state;
    out->state_errno = atomic_load_explicit(&source->state_errno, memory_order_relaxed);
    out->state_since_ns = load(&source->state_since_ns);
    out->source = i;
  }
}

void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max) {
  *out = (rs_snapshot){
      .time_ns = rs_clock_now_ns(),
      .head = rs_store_head(&capture->store.base),
      .tail = rs_store_tail(&capture->store.base),
      .disordered = load(&capture->merge.disordered),
      .epoch = rs_epochs_latest(&capture->epochs),
      .queues = capture->count,
      .total.cpu = -1,
  };
  find_state(capture, out);
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_counters one = count(&capture->queues[i], out->time_ns);
    sum(&out->total, &one);
    if (i < max) queues[i] = one;
  }
}
