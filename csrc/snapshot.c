/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: all counters of a capture at one moment. Reads atomics and the rings; no lock, no system call that blocks. */
#include "capture.h"

static uint64_t load(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

static void look_at_ring(rs_ring *ring, rs_counters *out) {
  if (!rs_ring_enter(ring)) return; /* closed: nothing waits in it */
  rs_ring_fill fill;
  rs_ring_look(ring, &fill);
  rs_ring_leave(ring);
  out->used_bytes = fill.used_bytes;
  out->ready_blocks = fill.ready;
  out->headroom = fill.headroom;
  out->frozen = fill.frozen;
  out->pressed = fill.pressed;
}

static rs_counters count(rs_queue *queue) {
  const rs_tally *tally = &queue->tally;
  rs_counters out = {
      .stored = load(&tally->stored),
      .dropped = load(&tally->dropped),
      .freezes = load(&tally->freezes),
      .delivered = load(&tally->delivered),
      .bytes = load(&tally->bytes),
      .truncated = load(&tally->truncated),
      .arena_drops = load(&tally->arena_drops),
      .losing_blocks = load(&tally->losing_blocks),
      .blocks_full = load(&tally->blocks_full),
      .blocks_timeout = load(&tally->blocks_timeout),
      .wakeups = load(&tally->wakeups),
      .spurious_wakeups = load(&tally->spurious_wakeups),
      .resyncs = load(&tally->resyncs),
      .ring_bytes = (uint64_t)queue->ring.block_size * queue->ring.blocks,
      .peak_bytes = load(&tally->peak_bytes),
      .blocks = queue->ring.blocks,
      .block_size = queue->ring.block_size,
      .headroom = queue->ring.blocks,
  };
  /* The statistics are read ten times a second; what the reader was handed since then was stored, too. */
  if (out.stored < out.delivered) out.stored = out.delivered;
  look_at_ring(&queue->ring, &out);
  if (out.used_bytes > out.peak_bytes) out.peak_bytes = out.used_bytes;
  return out;
}

static void sum(rs_counters *total, const rs_counters *one) {
  total->stored += one->stored;
  total->dropped += one->dropped;
  total->freezes += one->freezes;
  total->delivered += one->delivered;
  total->bytes += one->bytes;
  total->truncated += one->truncated;
  total->arena_drops += one->arena_drops;
  total->losing_blocks += one->losing_blocks;
  total->blocks_full += one->blocks_full;
  total->blocks_timeout += one->blocks_timeout;
  total->wakeups += one->wakeups;
  total->spurious_wakeups += one->spurious_wakeups;
  total->resyncs += one->resyncs;
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
}

void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max) {
  *out = (rs_snapshot){
      .time_ns = rs_capture_now_ns(),
      .state = atomic_load_explicit(&capture->state, memory_order_acquire),
      .state_errno = atomic_load_explicit(&capture->state_errno, memory_order_relaxed),
      .state_since_ns = load(&capture->state_since_ns),
      .head = rs_store_head(&capture->store),
      .tail = rs_store_tail(&capture->store),
      .epoch = atomic_load_explicit(&capture->epoch, memory_order_acquire),
      .epoch_seen = atomic_load_explicit(&capture->store.epoch_seen, memory_order_acquire),
      .epoch_first = load(&capture->store.epoch_first),
      .queues = capture->count,
  };
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_counters one = count(&capture->queues[i]);
    sum(&out->total, &one);
    if (i < max) queues[i] = one;
  }
}
