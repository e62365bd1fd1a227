/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline.h"

#define SLICE_NS (UINT64_C(4) * 1000 * 1000)   /* blocks whose packets begin within it are one slice ... */
#define PROMPT_NS (UINT64_C(200) * 1000)       /* ... if the reader did not keep any of them waiting for longer */

static uint64_t load(const _Atomic uint64_t *value) { return atomic_load_explicit(value, memory_order_relaxed); }
static void store(_Atomic uint64_t *value, uint64_t now) { atomic_store_explicit(value, now, memory_order_relaxed); }

/* -- the worker ------------------------------------------------------------------------------------------------------- */

static void write_slice(rs_timeline *timeline) {
  const rs_slice *now = &timeline->now;
  uint64_t set = load(&timeline->set);
  rs_timeline_slice *to = &timeline->slices[set % RS_SLICES_KEPT];
  /* Release: who reads of what is written from here on finds, when he looks again, that so many were written before. */
  atomic_thread_fence(memory_order_release);
  store(&to->first_ns, now->first_ns);
  store(&to->last_ns, now->last_ns);
  store(&to->away_ns, now->away_ns);
  store(&to->begun_ns, now->begun_ns);
  store(&to->done_ns, now->done_ns);
  store(&to->busy_ns, now->busy_ns);
  store(&to->packets, now->packets);
  store(&to->timeouts, now->timeouts);
  store(&to->octets, now->octets);
  /* Release: who sees the count sees the slice. */
  atomic_store_explicit(&timeline->set, set + 1, memory_order_release);
  timeline->now.packets = 0;
}

void rs_timeline_away(rs_timeline *timeline, uint64_t now_ns) {
  if (!timeline->away_ns) timeline->away_ns = now_ns;
}

/* Does the block go on with the slice that grows? */
static bool goes_on(const rs_timeline *timeline, const rs_slice *block, uint32_t most) {
  const rs_slice *now = &timeline->now;
  uint64_t due_ns = block->last_ns > now->done_ns ? block->last_ns : now->done_ns;
  return now->packets && timeline->blocks < most && !timeline->away_ns && block->first_ns >= now->first_ns &&
         block->first_ns - now->first_ns < SLICE_NS && block->begun_ns < due_ns + PROMPT_NS;
}

void rs_timeline_block(rs_timeline *timeline, const rs_slice *block, uint32_t most) {
  if (!block->packets) return;
  rs_slice *now = &timeline->now;
  if (!goes_on(timeline, block, most)) {
    if (now->packets) write_slice(timeline);
    *now = (rs_slice){.first_ns = block->first_ns, .away_ns = timeline->away_ns, .begun_ns = block->begun_ns};
    timeline->away_ns = 0;
    timeline->blocks = 0;
  }
  timeline->blocks++;
  now->last_ns = block->last_ns;
  now->done_ns = block->done_ns;
  now->busy_ns += block->done_ns > block->begun_ns ? block->done_ns - block->begun_ns : 0;
  now->packets += block->packets;
  now->octets += block->octets;
  now->timeouts += block->timeouts;
}

void rs_timeline_rest(rs_timeline *timeline, uint64_t now_ns) {
  if (timeline->now.packets && now_ns - timeline->now.first_ns >= SLICE_NS) write_slice(timeline);
}

void rs_timeline_end(rs_timeline *timeline) {
  if (timeline->now.packets) write_slice(timeline);
}

/* -- anybody ---------------------------------------------------------------------------------------------------------- */

static rs_slice read_slice(const rs_timeline_slice *from) {
  return (rs_slice){.first_ns = load(&from->first_ns),
                    .last_ns = load(&from->last_ns),
                    .away_ns = load(&from->away_ns),
                    .begun_ns = load(&from->begun_ns),
                    .done_ns = load(&from->done_ns),
                    .busy_ns = load(&from->busy_ns),
                    .packets = load(&from->packets),
                    .octets = load(&from->octets),
                    .timeouts = load(&from->timeouts)};
}

uint32_t rs_timeline_read(const rs_timeline *timeline, uint64_t since_ns, rs_slice *out, uint32_t max) {
  uint32_t count = 0;
  uint64_t set = atomic_load_explicit(&timeline->set, memory_order_acquire), from = set;
  while (from > 0 && from + RS_SLICES_KEPT > set + 1 &&
         load(&timeline->slices[(from - 1) % RS_SLICES_KEPT].last_ns) >= since_ns)
    from--;
  for (uint64_t i = from; i < set && count < max; i++) {
    rs_slice one = read_slice(&timeline->slices[i % RS_SLICES_KEPT]);
    atomic_thread_fence(memory_order_acquire);
    /* The worker writes, or is about to write, where slice `set - RS_SLICES_KEPT` was. */
    if (i + RS_SLICES_KEPT > load(&timeline->set)) out[count++] = one;
  }
  return count;
}
