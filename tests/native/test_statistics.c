/* SPDX-License-Identifier: Apache-2.0 */
/* What the control thread makes of the kernel's numbers, which this test says itself: linked with
 * --wrap=rs_ring_statistics. Sums beyond 32 bits, and which drops are laid to the reader. */
#include "captures.h"

#include <errno.h>
#include <pthread.h>

typedef struct fake_kernel {
  pthread_mutex_t lock;
  bool speaks; /* else the real one does */
  rs_ring_stats next;
  int refusal;
  uint64_t asked;
} fake_kernel;

static fake_kernel kernel = {.lock = PTHREAD_MUTEX_INITIALIZER};

int __real_rs_ring_statistics(const rs_ring *ring, rs_ring_stats *stats);
int __wrap_rs_ring_statistics(const rs_ring *ring, rs_ring_stats *stats);

int __wrap_rs_ring_statistics(const rs_ring *ring, rs_ring_stats *stats) {
  pthread_mutex_lock(&kernel.lock);
  int result = kernel.refusal;
  kernel.asked++;
  if (!kernel.speaks) {
    result = __real_rs_ring_statistics(ring, stats);
  } else if (!result) {
    *stats = kernel.next;
    kernel.next = (rs_ring_stats){0}; /* read and cleared */
  }
  pthread_mutex_unlock(&kernel.lock);
  return result;
}

static rs_capture *begin_with_fake(rs_config settings) {
  kernel.speaks = false;
  rs_capture *capture = begin(settings);
  rs_control_stop(capture); /* so that each number is asked for when this test says so */
  kernel.speaks = true;
  kernel.next = (rs_ring_stats){0};
  kernel.refusal = 0;
  return capture;
}

/* The kernel has counted this since it was last asked; and it is asked. */
static rs_counters say(rs_capture *capture, uint32_t packets, uint32_t dropped, uint32_t freezes) {
  kernel.next = (rs_ring_stats){.packets = packets, .dropped = dropped, .freezes = freezes};
  rs_control_collect(capture);
  return look(capture).total;
}

/* 32: at 160 000 packets a second 32 bits last for seven hours and a half */
static void totals_grow_beyond_what_the_kernels_counters_hold(void) {
  rs_capture *capture = begin_with_fake(config());
  uint64_t stored = 0, dropped = 0;
  for (int i = 0; i < 10; i++) {
    rs_counters total = say(capture, UINT32_MAX, 1000000000, 1);
    stored += UINT32_MAX - 1000000000u;
    dropped += 1000000000;
    CHECK_EQUAL(total.stored, stored);
    CHECK_EQUAL(total.dropped, dropped);
    CHECK_EQUAL(total.freezes, (uint64_t)i + 1);
  }
  CHECK(stored > UINT64_C(1) << 34 && dropped > UINT64_C(1) << 33);
  for (int i = 0; i < 3; i++) CHECK_EQUAL(say(capture, UINT32_MAX, UINT32_MAX, 0).stored, stored); /* all dropped */
  CHECK_EQUAL(look(capture).total.dropped, dropped + UINT64_C(3) * UINT32_MAX);
  rs_capture_close(capture);
}

/* 32: over queues, too */
static void the_sum_over_queues_does_not_wrap(void) {
  enum { QUEUES = 4 };
  rs_config settings = config();
  settings.queues = QUEUES;
  rs_capture *capture = begin_with_fake(settings);
  rs_counters queues[QUEUES];
  rs_snapshot now;
  for (int i = 0; i < QUEUES; i++) atomic_store(&capture->queues[i].tally.stored, UINT64_C(3) << 31);
  rs_capture_snapshot(capture, &now, queues, QUEUES);
  CHECK_EQUAL(now.total.stored, UINT64_C(3) << 33);
  for (int i = 0; i < QUEUES; i++) CHECK_EQUAL(queues[i].stored, UINT64_C(3) << 31);
  rs_capture_close(capture);
}

/* 2 */
static void nothing_new_changes_no_total(void) {
  rs_capture *capture = begin_with_fake(config());
  CHECK_EQUAL(say(capture, 10, 3, 1).stored, 7);
  for (int i = 0; i < 5; i++) {
    rs_counters total = say(capture, 0, 0, 0);
    CHECK(total.stored == 7 && total.dropped == 3 && total.freezes == 1);
  }
  rs_capture_close(capture);
}

/* 9 */
static void drops_without_a_freeze_while_blocks_are_free_are_early(void) {
  rs_capture *capture = begin_with_fake(config());
  rs_counters total = say(capture, 27000, 7, 0);
  CHECK_EQUAL(total.dropped, 7);
  CHECK_EQUAL(total.early_drops, 7);
  CHECK_EQUAL(total.frozen_drops, 0);
  rs_capture_close(capture);
}

/* 9 */
static void drops_with_a_freeze_are_those_of_a_slow_reader(void) {
  rs_capture *capture = begin_with_fake(config());
  rs_counters total = say(capture, 100, 44, 1);
  CHECK_EQUAL(total.dropped, 44);
  CHECK_EQUAL(total.early_drops, 0);
  CHECK_EQUAL(total.frozen_drops, 0);
  rs_capture_close(capture);
}

/* 9: a real ring that is full, and drops on without another freeze */
static void drops_of_a_ring_that_has_been_frozen_all_along_are_a_kind_of_their_own(void) {
  rs_config small = config();
  small.blocks = 4;
  rs_capture *capture = begin_with_fake(small);
  rs_capture_hold(capture, 1);
  send_datagrams(2000, 1000);
  AWAIT(look(capture).total.frozen);
  CHECK_EQUAL(say(capture, 2000, 1500, 1).frozen_drops, 0);
  CHECK_EQUAL(say(capture, 200, 200, 0).frozen_drops, 200);
  CHECK_EQUAL(say(capture, 200, 200, 0).frozen_drops, 400);
  CHECK_EQUAL(look(capture).total.early_drops, 0);
  rs_capture_hold(capture, 0);
  AWAIT(look(capture).total.ready_blocks == 0);
  CHECK_EQUAL(say(capture, 50, 50, 0).frozen_drops, 450); /* between the last look and the thaw */
  CHECK_EQUAL(say(capture, 1000, 2, 0).early_drops, 2); /* it has room again */
  CHECK_EQUAL(look(capture).total.frozen_drops, 450);
  CHECK_EQUAL(look(capture).total.dropped, 1500 + 200 + 200 + 50 + 2);
  rs_capture_close(capture);
}

static void a_kernel_that_does_not_answer_leaves_the_totals_as_they_were(void) {
  rs_capture *capture = begin_with_fake(config());
  CHECK_EQUAL(say(capture, 10, 3, 1).stored, 7);
  kernel.refusal = -EINVAL;
  rs_counters total = say(capture, 10, 3, 1);
  CHECK(total.stored == 7 && total.dropped == 3 && total.freezes == 1 && total.early_drops == 0);
  rs_capture_close(capture);
}

/* What is counted before the start, while everything is rejected, is thrown away; but it is asked for. */
static void counting_begins_at_the_start(void) {
  rs_config settings = config();
  rs_capture *capture;
  kernel = (fake_kernel){.lock = PTHREAD_MUTEX_INITIALIZER, .speaks = true, .next = {.packets = 9, .dropped = 5, .freezes = 1}};
  CHECK(rs_capture_open(&settings, &capture, NULL) == 0);
  CHECK(rs_capture_start(capture, everything, 1, NULL) == 0);
  rs_capture_stop(capture);
  rs_counters total = look(capture).total;
  CHECK(total.stored == 0 && total.dropped == 0 && total.freezes == 0);
  CHECK(kernel.asked >= 2);
  rs_capture_close(capture);
}

int main(void) {
  enter_private_network();
  RUN(totals_grow_beyond_what_the_kernels_counters_hold);
  RUN(the_sum_over_queues_does_not_wrap);
  RUN(nothing_new_changes_no_total);
  RUN(drops_without_a_freeze_while_blocks_are_free_are_early);
  RUN(drops_with_a_freeze_are_those_of_a_slow_reader);
  RUN(drops_of_a_ring_that_has_been_frozen_all_along_are_a_kind_of_their_own);
  RUN(a_kernel_that_does_not_answer_leaves_the_totals_as_they_were);
  RUN(counting_begins_at_the_start);
  return 0;
}
