/* SPDX-License-Identifier: Apache-2.0 */
/* losses: the log of what a capture lost, by the numbers of its packets, as everybody reads it. The workers write on (loss). */
#include <errno.h>

#include "loss.h"

static uint64_t load(const _Atomic uint64_t *value) { return atomic_load_explicit(value, memory_order_relaxed); }

void rs_loss_number(rs_loss_log *log, uint64_t time_ns, uint64_t number) {
  /* Acquire: the entry is whole before its packet can be read, and so before it is numbered. */
  uint64_t set = atomic_load_explicit(&log->set, memory_order_acquire);
  if (set - log->numbered > RS_LOSSES_KEPT) log->numbered = set - RS_LOSSES_KEPT;
  for (uint64_t i = log->numbered; i < set; i++) {
    rs_loss_entry *entry = &log->entries[i % RS_LOSSES_KEPT];
    if (load(&entry->time_ns) != time_ns) continue;
    /* Release: who finds the number finds what belongs to it. */
    atomic_store_explicit(&entry->number, number, memory_order_release);
    log->numbered = i + 1;
    return;
  }
}

/* What is known of the size of a loss: RS_LOST_COUNTING, or *lost and how it was found out. */
static uint32_t size_of(const rs_loss_entry *entry, uint64_t *lost) {
  /* Acquire: with the number comes the time. */
  uint64_t counted = atomic_load_explicit(&entry->lost, memory_order_acquire);
  uint64_t guess = atomic_load_explicit(&entry->guess, memory_order_acquire);
  bool is_open = counted == RS_LOSS_OPEN || (!counted && guess == RS_LOSS_OPEN);
  *lost = is_open ? 0 : counted ? counted : guess;
  return is_open ? RS_LOST_COUNTING : counted ? RS_LOST_COUNTED : RS_LOST_ESTIMATED;
}

int rs_losses_find(const rs_losses *losses, uint32_t queue, uint64_t time_ns, uint64_t *lost, uint32_t *known) {
  *lost = 0;
  *known = RS_LOST_COUNTING;
  if (queue >= losses->count) return -ENOENT;
  const rs_loss_log *log = &losses->logs[queue];
  uint64_t set = atomic_load_explicit(&log->set, memory_order_acquire);
  for (uint64_t i = set; i > 0 && i + RS_LOSSES_KEPT > set; i--) {
    const rs_loss_entry *entry = &log->entries[(i - 1) % RS_LOSSES_KEPT];
    if (load(&entry->time_ns) != time_ns) continue;
    uint64_t size;
    uint32_t how = size_of(entry, &size);
    if (load(&entry->time_ns) != time_ns) continue; /* it is another loss's by now */
    if (how == RS_LOST_COUNTING) return -EAGAIN;
    *lost = size;
    *known = how;
    return 0;
  }
  return -ENOENT;
}

/* Reads entry `which` of a log; false: its packet has no number, or it is another loss's by now. */
static bool read_entry(const rs_loss_log *log, uint64_t which, rs_loss_info *out) {
  const rs_loss_entry *entry = &log->entries[which % RS_LOSSES_KEPT];
  uint64_t number = atomic_load_explicit(&entry->number, memory_order_acquire);
  if (!number) return false;
  *out = (rs_loss_info){.number = number,
                        .time_ns = load(&entry->time_ns),
                        .before_ns = load(&entry->before_ns),
                        .room_ns = load(&entry->room_ns),
                        .cause = atomic_load_explicit(&entry->cause, memory_order_relaxed)};
  out->known = size_of(entry, &out->lost);
  atomic_thread_fence(memory_order_acquire);
  return load(&entry->number) == number;
}

/* Puts one more into a list that is in order, and of which the last is dropped where there is no room. */
static uint32_t insert(rs_loss_info *list, uint32_t count, uint32_t max, const rs_loss_info *one) {
  uint32_t at = count < max ? count : max - 1;
  if (count == max && list[at].number <= one->number) return count;
  for (; at > 0 && list[at - 1].number > one->number; at--) list[at] = list[at - 1];
  list[at] = *one;
  return count < max ? count + 1 : max;
}

uint32_t rs_losses_between(const rs_losses *losses, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max) {
  uint32_t count = 0;
  for (uint32_t queue = 0; max && queue < losses->count; queue++) {
    const rs_loss_log *log = &losses->logs[queue];
    uint64_t set = atomic_load_explicit(&log->set, memory_order_acquire);
    for (uint64_t i = set; i > 0 && i + RS_LOSSES_KEPT > set; i--) {
      rs_loss_info one;
      if (!read_entry(log, i - 1, &one) || one.number > last) continue;
      if (one.number < first) break; /* so are all before it */
      one.queue = queue;
      count = insert(out, count, max, &one);
    }
  }
  return count;
}

uint64_t rs_losses_next(const rs_losses *losses, uint64_t number, int forward) {
  uint64_t found = 0;
  for (uint32_t queue = 0; queue < losses->count; queue++) {
    const rs_loss_log *log = &losses->logs[queue];
    uint64_t set = atomic_load_explicit(&log->set, memory_order_acquire);
    for (uint64_t i = set; i > 0 && i + RS_LOSSES_KEPT > set; i--) {
      rs_loss_info one;
      if (!read_entry(log, i - 1, &one)) continue;
      if (forward && one.number <= number) break;
      if (!forward && one.number >= number) continue;
      if (!found || (forward ? one.number < found : one.number > found)) found = one.number;
      if (!forward) break;
    }
  }
  return found;
}
