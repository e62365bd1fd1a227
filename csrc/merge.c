/* SPDX-License-Identifier: Apache-2.0 */
#include "merge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"

int rs_merge_open(rs_merge *merge, rs_error *error) {
  merge->heads = calloc(merge->count, sizeof *merge->heads);
  merge->targets = calloc(merge->count, sizeof *merge->targets);
  if (!merge->heads || !merge->targets) return rs_error_set(error, ENOMEM, "no memory to number packets");
  return 0;
}

void rs_merge_close(rs_merge *merge) {
  free(merge->heads);
  free(merge->targets);
  merge->heads = NULL;
  merge->targets = NULL;
}

/* -- what may be numbered --------------------------------------------------------------------------------------------- */

static rs_arena *arena_of(const rs_merge *merge, uint32_t which) { return merge->queues[which].arena; }

static void peek(rs_merge *merge, uint32_t which) {
  rs_head *head = &merge->heads[which];
  head->there = rs_arena_peek(arena_of(merge, which), &head->record, &head->offset);
}

/* Comes `one` before `other`? */
static bool before(const rs_merge *merge, const rs_record *one, const rs_record *other) {
  if (merge->exact && one->epoch != other->epoch) return one->epoch < other->epoch;
  return one->time_ns < other->time_ns;
}

/* The queue whose next record comes first, and the one that comes second (NULL: none). */
static rs_head *first_of(const rs_merge *merge, const rs_head **second) {
  rs_head *first = NULL;
  *second = NULL;
  for (uint32_t i = 0; i < merge->count; i++) {
    rs_head *head = &merge->heads[i];
    if (!head->there) continue;
    if (!first || before(merge, &head->record, &first->record)) {
      *second = first;
      first = head;
    } else if (!*second || before(merge, &head->record, &(*second)->record)) {
      *second = head;
    }
  }
  return first;
}

static uint64_t patience_ns(const rs_merge *merge) {
  return atomic_load_explicit(&merge->patience_ns, memory_order_relaxed);
}

static bool is_to_come(const rs_merge *merge, uint64_t time_ns) {
  return time_ns > merge->now_ns && time_ns - merge->now_ns > patience_ns(merge);
}

/* What was learnt of the queues before the clock was set back holds no more. */
static void set_clock(rs_merge *merge, uint64_t now_ns) {
  bool back = now_ns < merge->now_ns;
  merge->now_ns = now_ns;
  for (uint32_t i = 0; back && i < merge->count; i++)
    if (is_to_come(merge, merge->heads[i].bound_ns)) merge->heads[i].bound_ns = 0;
}

/* A time that is still to come is from before the clock was set back: there is no waiting for it. */
static bool is_of_another_clock(rs_merge *merge, uint64_t time_ns) {
  if (is_to_come(merge, time_ns) && merge->clock) set_clock(merge, merge->clock());
  return is_to_come(merge, time_ns);
}

/* Nothing waits of a queue: may this record of another one be numbered all the same? If not, looks again at the queue, whose
 * next record is then taken in if it has come. */
static bool cannot_be_preceded(rs_merge *merge, uint32_t empty, const rs_record *record) {
  rs_queue *queue = &merge->queues[empty];
  rs_head *head = &merge->heads[empty];
  /* Acquire, and before the look at the arena: whatever comes from before the line is in it. */
  if (merge->exact && atomic_load_explicit(&queue->passed, memory_order_acquire) < record->epoch) {
    peek(merge, empty);
    return false;
  }
  if (record->time_ns <= head->bound_ns || is_of_another_clock(merge, record->time_ns)) return true;
  /* In this order: idle now means that everything from before now - patience is in the arena; and with the ring of a queue that is
   * idle comes the patience for it. */
  const uint64_t now_ns = merge->now_ns;
  bool idle = rs_queue_idle(queue);
  const uint64_t patience = patience_ns(merge);
  uint64_t bound = atomic_load_explicit(&queue->horizon_ns, memory_order_acquire);
  if (is_of_another_clock(merge, bound)) bound = 0;
  if (idle && now_ns > patience + bound) bound = now_ns - patience;
  peek(merge, empty);
  if (head->there) return !before(merge, &head->record, record);
  if (bound > head->bound_ns) head->bound_ns = bound;
  return record->time_ns <= head->bound_ns;
}

/* May this record be numbered now, for all that is known of the queues of which nothing waits? */
static bool is_next(rs_merge *merge, const rs_record *record) {
  for (uint32_t i = 0; i < merge->count; i++)
    if (!merge->heads[i].there && !cannot_be_preceded(merge, i, record)) return false;
  return true;
}

/* Has a queue so much that waiting would cost packets? */
static bool is_pressed(const rs_merge *merge) {
  for (uint32_t i = 0; i < merge->count; i++)
    if (rs_arena_unmerged(arena_of(merge, i)) > arena_of(merge, i)->size / 2) return true;
  return false;
}

/* -- numbering -------------------------------------------------------------------------------------------------------- */

static void number(rs_merge *merge, uint32_t which) {
  enum { BATCH = 4096 };
  rs_head *head = &merge->heads[which];
  const rs_record *record = &head->record;
  /* Before it can be read: who finds the packet finds the loss, too. */
  if (record->flags & RS_AFTER_LOSS && merge->queues[which].log)
    rs_loss_number(merge->queues[which].log, record->time_ns, rs_store_head(&merge->store->base) + 1);
  uint64_t given = rs_live_store_number(merge->store, which, head->offset, record);
  rs_epochs_numbered(merge->epochs, record->epoch, record->flags & RS_RECHECKED, given);
  if (record->time_ns < merge->last_ns) atomic_fetch_add_explicit(&merge->disordered, 1, memory_order_relaxed);
  merge->last_ns = record->time_ns;
  if (record->time_ns > head->bound_ns && !is_of_another_clock(merge, record->time_ns)) head->bound_ns = record->time_ns;
  if (given % BATCH == 0) rs_live_store_follow_eviction(merge->store);
  peek(merge, which);
}

/* No queue of which nothing waits can bring anything older than this. */
static uint64_t limit_of(const rs_merge *merge) {
  uint64_t limit = UINT64_MAX;
  for (uint32_t i = 0; i < merge->count; i++)
    if (!merge->heads[i].there && merge->heads[i].bound_ns < limit) limit = merge->heads[i].bound_ns;
  return limit;
}

/* Numbers the first queue's records as long as no other queue's can come before them. */
static void number_run(rs_merge *merge, rs_head *first, const rs_head *second, uint64_t limit_ns) {
  uint32_t which = (uint32_t)(first - merge->heads);
  uint16_t epoch = first->record.epoch;
  do {
    number(merge, which);
  } while (first->there && first->record.time_ns <= limit_ns && (!merge->exact || first->record.epoch == epoch) &&
           (!second || !before(merge, &second->record, &first->record)));
}

static bool number_all(rs_merge *merge) {
  bool ending = atomic_load_explicit(&merge->ending, memory_order_acquire);
  for (uint32_t i = 0; i < merge->count; i++)
    if (!merge->heads[i].there) peek(merge, i);
  const rs_head *second;
  for (rs_head *first; (first = first_of(merge, &second));) {
    uint64_t limit = UINT64_MAX;
    if (merge->count > 1 && !ending) {
      bool next = is_next(merge, &first->record);
      /* A record that came in while we looked is to be considered, too. */
      if (first_of(merge, &second) != first) continue;
      if (!next && !is_pressed(merge)) return true;
      limit = next ? limit_of(merge) : first->record.time_ns;
    }
    number_run(merge, first, second, limit);
  }
  return false;
}

/* -- epochs ----------------------------------------------------------------------------------------------------------- */

/* When every queue has passed the line of an epoch, and all that came before it has a number, the line has its number. */
static void note_passed(rs_merge *merge) {
  uint32_t passed = UINT32_MAX;
  for (uint32_t i = 0; i < merge->count; i++) {
    /* Acquire: the records from before the line are in the arena. */
    uint32_t one = atomic_load_explicit(&merge->queues[i].passed, memory_order_acquire);
    if (one < passed) passed = one;
  }
  if (passed <= merge->passed) return;
  merge->passed = passed;
  for (uint32_t i = 0; i < merge->count; i++)
    merge->targets[i] = atomic_load_explicit(&arena_of(merge, i)->head, memory_order_acquire);
}

static void settle(rs_merge *merge) {
  if (merge->passed == atomic_load_explicit(&merge->epochs->clean, memory_order_relaxed)) return;
  for (uint32_t i = 0; i < merge->count; i++)
    if (atomic_load_explicit(&arena_of(merge, i)->merged, memory_order_relaxed) < merge->targets[i]) return;
  rs_epochs_settle(merge->epochs, merge->passed, rs_store_head(&merge->store->base));
}

bool rs_merge_round(rs_merge *merge, uint64_t now_ns) {
  set_clock(merge, now_ns);
  for (uint32_t i = 0; i < merge->count; i++) rs_arena_populate(arena_of(merge, i));
  note_passed(merge);
  bool waits = number_all(merge);
  rs_live_store_follow_eviction(merge->store);
  settle(merge);
  return waits;
}

/* -- the thread ------------------------------------------------------------------------------------------------------- */

static void *work(void *argument) {
  rs_merge *merge = argument;
  rs_thread_name("rs merge");
  struct pollfd news = {.fd = merge->news, .events = POLLIN};
  for (;;) {
    bool ending = atomic_load_explicit(&merge->ending, memory_order_acquire);
    bool waits = rs_merge_round(merge, rs_clock_now_ns());
    if (ending) return NULL;
    const int patience_ms = (int)(patience_ns(merge) / 2000000) + 1;
    uint64_t count;
    if (poll(&news, 1, waits ? patience_ms : -1) == 1 && read(merge->news, &count, sizeof count) < 0 && errno != EAGAIN)
      return NULL;
  }
}

int rs_merge_start(rs_merge *merge, rs_error *error) {
  return rs_thread_start(&merge->thread, work, merge, -1, "number packets", error);
}

void rs_merge_finish(rs_merge *merge) {
  atomic_store_explicit(&merge->ending, true, memory_order_release);
  if (!merge->thread.running) return;
  uint64_t one = 1;
  ssize_t written = write(merge->news, &one, sizeof one);
  (void)written;
  rs_thread_join(&merge->thread);
}
