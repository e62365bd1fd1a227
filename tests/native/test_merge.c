/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of several queues get their numbers by time. */
#include "merges.h"

#include <pthread.h>

#include "captures.h"
#include "clock.h"

/* 35 */
static void a_packet_is_numbered_once_no_idle_queue_can_bring_an_older_one(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  put(&b, 0, 100);
  CHECK(rs_merge_round(&b.merge, 100));
  CHECK(rs_merge_round(&b.merge, 100 + PATIENCE - 1));
  CHECK_EQUAL(head(&b), 0);
  CHECK(!rs_merge_round(&b.merge, 100 + PATIENCE));
  CHECK_EQUAL(head(&b), 1);
  tear_down(&b);
}

/* 35 */
static void what_an_idle_queue_brings_within_that_time_comes_in_its_place(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  for (uint64_t t = 100; t < 110; t += 2) put(&b, 0, t);
  CHECK(rs_merge_round(&b.merge, 110));
  CHECK_EQUAL(head(&b), 0);
  put(&b, 1, 103);
  CHECK(rs_merge_round(&b.merge, 111)); /* up to 103, for nothing older than that comes from there now */
  check_times(&b, (uint64_t[]){100, 102, 103}, 3);
  put(&b, 1, 107);
  CHECK(!rs_merge_round(&b.merge, 110 + PATIENCE));
  check_times(&b, (uint64_t[]){100, 102, 103, 104, 106, 107, 108}, 7);
  CHECK_EQUAL(b.merge.disordered, 0);
  tear_down(&b);
}

/* 35 */
static void a_queue_that_is_late_is_waited_for_however_long(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  put(&b, 1, 50);
  be_late(&b, 1);
  for (uint64_t t = 40; t <= 100; t += 10) put(&b, 0, t);
  for (uint64_t now = 100; now < 1000000; now *= 3) CHECK(rs_merge_round(&b.merge, now));
  CHECK(rs_merge_round(&b.merge, 110));
  check_times(&b, (uint64_t[]){40, 50, 50}, 3); /* what is not newer than what it brought last */
  put(&b, 1, 65);
  put(&b, 1, 115);
  catch_up(&b, 1);
  CHECK(rs_merge_round(&b.merge, 111)); /* not 115: the other one may still bring something older */
  check_times(&b, (uint64_t[]){40, 50, 50, 60, 65, 70, 80, 90, 100}, 9);
  CHECK(!rs_merge_round(&b.merge, 115 + PATIENCE));
  CHECK_EQUAL(head(&b), 10);
  CHECK_EQUAL(b.merge.disordered, 0);
  tear_down(&b);
}

/* 35 */
static void a_queue_so_late_that_packets_would_be_lost_is_not_waited_for_and_the_disorder_is_counted(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  rs_arena *filling = b.queues[0].arena;
  be_late(&b, 1);
  uint64_t time = 100;
  while (rs_arena_unmerged(filling) <= filling->size / 2) put(&b, 0, time++);
  CHECK(rs_merge_round(&b.merge, 1000000000));
  CHECK(head(&b) > 0);
  CHECK(rs_arena_unmerged(filling) <= filling->size / 2);
  CHECK(rs_arena_unmerged(filling) > filling->size / 2 - 256); /* no more than need be */
  uint64_t numbered = head(&b);
  put(&b, 1, 99); /* the late one comes: older than the packet numbered last */
  catch_up(&b, 1);
  CHECK(!rs_merge_round(&b.merge, 1000000000));
  CHECK_EQUAL(packet_at(&b, numbered + 1).time_ns, 99);
  CHECK_EQUAL(b.merge.disordered, 1);
  CHECK_EQUAL(head(&b), time - 100 + 1);
  tear_down(&b);
}

/* 35: two CPUs on one ring */
static void inversions_within_a_ring_stay_as_they_are_and_are_counted(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  const uint64_t times[] = {10, 30, 20, 40, 35, 50};
  for (int i = 0; i < 6; i++) put(&b, 0, times[i]);
  put(&b, 1, 25);
  put(&b, 1, 45);
  CHECK(!rs_merge_round(&b.merge, 1000));
  check_times(&b, (uint64_t[]){10, 25, 30, 20, 40, 35, 45, 50}, 8);
  CHECK_EQUAL(b.merge.disordered, 2);
  tear_down(&b);
}

/* 34 */
static void a_clock_that_steps_back_reorders_no_queue_and_loses_nothing(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  uint64_t next[2] = {0}, now = 1000000;
  for (int i = 0; i < 2000; i++) {
    if (i % 500 == 250) now -= 200000; /* an hour, or a second: of no matter */
    put(&b, (uint32_t)i % 2, now++);
    if (i % 10 == 9) rs_merge_round(&b.merge, now);
  }
  b.merge.ending = true;
  CHECK(!rs_merge_round(&b.merge, now));
  CHECK_EQUAL(head(&b), 2000);
  uint64_t order[2][1000];
  for (uint64_t n = 1; n <= 2000; n++) {
    rs_packet packet = packet_at(&b, n);
    order[packet.queue][next[packet.queue]++] = packet.time_ns;
  }
  now = 1000000;
  for (int i = 0; i < 2000; i++) {
    if (i % 500 == 250) now -= 200000;
    CHECK_EQUAL(order[i % 2][i / 2], now++);
  }
  CHECK(b.merge.disordered >= 4);
  tear_down(&b);
}

/* 34: all of it at once, as after a long hold */
static void a_step_back_among_packets_that_wait_is_counted_once_a_queue_at_most(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  for (uint64_t t = 0; t < 20; t++) put(&b, t % 2, t < 10 ? 1000 + t : 500 + t);
  CHECK(!rs_merge_round(&b.merge, 2000));
  CHECK_EQUAL(head(&b), 20);
  CHECK(b.merge.disordered >= 1 && b.merge.disordered <= 2);
  tear_down(&b);
}

/* 35 */
static void many_queues_are_merged_into_one_order(void) {
  enum { EACH = 200 };
  static bench b;
  set_up(&b, MOST, MOST * RS_STORE_MIN / 8, false);
  uint64_t time = 1, random = 88172645463325252u;
  for (int i = 0; i < MOST * EACH; i++) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17; /* xorshift64, Marsaglia 2003 */
    put(&b, (uint32_t)(random % MOST), time);
    time += random >> 62; /* equal times are allowed */
    if (i % 97 == 0) rs_merge_round(&b.merge, time);
  }
  CHECK(!rs_merge_round(&b.merge, time + PATIENCE));
  CHECK_EQUAL(head(&b), MOST * EACH);
  for (uint64_t n = 2; n <= head(&b); n++) CHECK(packet_at(&b, n).time_ns >= packet_at(&b, n - 1).time_ns);
  CHECK_EQUAL(b.merge.disordered, 0);
  tear_down(&b);
}

static void the_end_numbers_everything_without_waiting(void) {
  bench b;
  set_up(&b, 3, 3 * RS_STORE_MIN, false);
  put(&b, 0, 300);
  put(&b, 1, 200);
  be_late(&b, 2);
  CHECK(rs_merge_round(&b.merge, 300));
  b.merge.ending = true;
  CHECK(!rs_merge_round(&b.merge, 300));
  check_times(&b, (uint64_t[]){200, 300}, 2);
  tear_down(&b);
}

/* -- all at once --------------------------------------------------------------------------------------------------- */

enum { WRITERS = 3, BATCH = 50, BATCHES = UNDER_TSAN ? 400 : 3000 };

static bench shared;
static _Atomic uint32_t writing;

/* A worker: a block is closed, then the packets of it are stamped at the latest, then they are read. */
static void *write_batches(void *argument) {
  uint32_t which = (uint32_t)(uintptr_t)argument;
  rs_arena *arena = shared.queues[which].arena;
  static const uint8_t bytes[64];
  for (int i = 0; i < BATCHES; i++) {
    while (rs_arena_unmerged(arena) > arena->size / 4) sched_yield();
    be_late(&shared, which);
    uint64_t time = 0;
    for (int n = 0; n < BATCH; n++) {
      time = rs_clock_steady_ns();
      const rs_record record = {.time_ns = time, .length = 64, .captured = 64, .epoch = 1};
      CHECK(rs_arena_append(arena, &record, NULL, 0, bytes));
    }
    rs_arena_publish(arena);
    atomic_store_explicit(&shared.queues[which].horizon_ns, time, memory_order_release);
    catch_up(&shared, which);
    if (i % 16 == (int)which) pause_ms(1); /* idle for a moment, one after another */
  }
  atomic_fetch_sub(&writing, 1);
  return NULL;
}

static void *merge_rounds(void *unused) {
  while (atomic_load(&writing)) {
    rs_merge_round(&shared.merge, rs_clock_steady_ns());
    sched_yield();
  }
  atomic_store(&shared.merge.ending, true);
  rs_merge_round(&shared.merge, rs_clock_steady_ns());
  return unused;
}

/* 35 */
static void numbers_have_no_holes_and_times_never_decrease_while_workers_write(void) {
  set_up(&shared, WRITERS, WRITERS * (UINT64_C(64) << 20), false);
  shared.merge.patience_ns = 2000000;
  shared.merge.clock = rs_clock_steady_ns;
  pthread_t threads[WRITERS + 1];
  atomic_store(&writing, WRITERS);
  for (uintptr_t i = 0; i < WRITERS; i++) CHECK(pthread_create(&threads[i], NULL, write_batches, (void *)i) == 0);
  CHECK(pthread_create(&threads[WRITERS], NULL, merge_rounds, NULL) == 0);
  uint64_t seen = 0, last = 0, during = 0;
  while (seen < WRITERS * BATCHES * BATCH) {
    rs_packet packets[256];
    static uint8_t bytes[256];
    uint32_t got = rs_store_read(&shared.store.base, seen + 1, 256, 0, packets, bytes, sizeof bytes);
    if (atomic_load(&writing)) during += got;
    for (uint32_t i = 0; i < got; i++) {
      CHECK_EQUAL(packets[i].number, ++seen);
      CHECK(packets[i].time_ns >= last);
      last = packets[i].time_ns;
    }
    if (!got) sched_yield();
  }
  for (int i = 0; i <= WRITERS; i++) pthread_join(threads[i], NULL);
  CHECK_EQUAL(rs_store_head(&shared.store.base), WRITERS * BATCHES * BATCH);
  CHECK_EQUAL(shared.merge.disordered, 0);
  printf("    %llu of %d while they wrote\n", (unsigned long long)during, WRITERS * BATCHES * BATCH);
  tear_down(&shared);
}

/* 34: a packet from before the step is not kept until the clock has come there again, nor what is behind it in its queue */
static void a_clock_that_steps_back_hides_no_packet_until_it_has_caught_up(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  put(&b, 0, 1000000);
  put(&b, 0, 1000010);                              /* within the patience when the clock steps back by an hour */
  for (uint64_t t = 200000; t < 200100; t++) put(&b, t % 2, t);
  rs_merge_round(&b.merge, 200100);
  rs_merge_round(&b.merge, 200100 + 10 * PATIENCE); /* ten patiences later all must be out */
  CHECK_EQUAL(head(&b), 102);
  tear_down(&b);
}

/* 34: after the step, order by time over the queues holds again */
static void after_a_step_back_the_queues_are_merged_by_time_again(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  put(&b, 0, 1000000);
  put(&b, 1, 1000001);
  rs_merge_round(&b.merge, 1000000 + PATIENCE + 1);
  CHECK_EQUAL(head(&b), 2);
  put(&b, 0, 200000); /* the first after the step; the other queue may still bring an older one */
  rs_merge_round(&b.merge, 200001);
  put(&b, 1, 199999);
  rs_merge_round(&b.merge, 200001 + PATIENCE);
  check_times(&b, (uint64_t[]){1000000, 1000001, 199999, 200000}, 4);
  tear_down(&b);
}

int main(void) {
  RUN(a_packet_is_numbered_once_no_idle_queue_can_bring_an_older_one);
  RUN(what_an_idle_queue_brings_within_that_time_comes_in_its_place);
  RUN(a_queue_that_is_late_is_waited_for_however_long);
  RUN(a_queue_so_late_that_packets_would_be_lost_is_not_waited_for_and_the_disorder_is_counted);
  RUN(inversions_within_a_ring_stay_as_they_are_and_are_counted);
  RUN(a_clock_that_steps_back_reorders_no_queue_and_loses_nothing);
  RUN(a_step_back_among_packets_that_wait_is_counted_once_a_queue_at_most);
  RUN(many_queues_are_merged_into_one_order);
  RUN(the_end_numbers_everything_without_waiting);
  RUN(numbers_have_no_holes_and_times_never_decrease_while_workers_write);
  RUN(a_clock_that_steps_back_hides_no_packet_until_it_has_caught_up);
  RUN(after_a_step_back_the_queues_are_merged_by_time_again);
  return 0;
}
