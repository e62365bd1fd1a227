/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that are exchanged while numbered datagrams come over the loopback: each number is there, once. */
#include <errno.h>
#include <pthread.h>

#include "captures.h"

enum { PAYLOAD = 1000, MOST = 400000, KIB = 1024 };

static const rs_shape wide = {.block_size = 512 * KIB, .blocks = 32, .block_timeout_ms = 40},
                      narrow = {.block_size = 128 * KIB, .blocks = 64, .block_timeout_ms = 10};

/* Sends until it is told to end. */
typedef struct sender {
  pthread_t thread;
  _Atomic bool ending;
  uint32_t sent;
} sender;

static void *send_on(void *argument) {
  sender *one = argument;
  talk pair = talk_begin();
  while (!atomic_load(&one->ending) && one->sent + 10 < MOST) {
    talk_send(&pair, 10, PAYLOAD, one->sent);
    one->sent += 10;
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
  }
  talk_end(&pair);
  return NULL;
}

static void start_sending(sender *one) {
  *one = (sender){.sent = 0};
  CHECK(pthread_create(&one->thread, NULL, send_on, one) == 0);
}

static void end_sending(sender *one) {
  atomic_store(&one->ending, true);
  pthread_join(one->thread, NULL);
}

static rs_config roomy(uint32_t queues) {
  rs_config settings = config();
  settings.queues = queues;
  settings.blocks = 64;
  settings.store_bytes = UINT64_C(1) << 30;
  return settings;
}

static int reshape(rs_capture *capture, rs_shape shape, uint32_t fanout) {
  rs_error error = {0};
  shape.fanout = fanout;
  int result = rs_capture_reshape(capture, &shape, &error);
  CHECK(!result == !error.text[0]);
  return result;
}

/* How often each number is in the store; returns the packets. */
static uint64_t count_numbers(rs_capture *capture, uint8_t *times) {
  static rs_packet packets[256];
  static uint8_t bytes[256 * 64];
  const rs_store *store = rs_capture_store(capture);
  uint64_t count = 0;
  memset(times, 0, MOST);
  for (uint64_t at = 1; at <= rs_store_head(store); at += 256) {
    uint32_t got = rs_store_read(store, at, 256, 64, packets, bytes, sizeof bytes);
    for (uint32_t i = 0; i < got; i++) {
      uint32_t number;
      memcpy(&number, bytes + packets[i].offset + OVERHEAD, sizeof number);
      CHECK(ntohl(number) < MOST);
      times[ntohl(number)]++;
    }
    count += got;
  }
  return count;
}

/* All that was sent is stored, once, and the counters say so. */
static void check_all(rs_capture *capture, uint32_t sent) {
  static uint8_t times[MOST];
  rs_counters total = look(capture).total;
  CHECK_EQUAL(count_numbers(capture, times), sent);
  for (uint32_t i = 0; i < sent; i++) CHECK_EQUAL(times[i], 1);
  CHECK_EQUAL(total.stored, sent);
  CHECK_EQUAL(total.delivered, sent);
  CHECK_EQUAL(total.dropped, 0);
  CHECK_EQUAL(total.unaccounted, 0);
  CHECK_EQUAL(look(capture).disordered, 0);
}

static void packets_come_through_changes_of_the_geometry_once(rs_config settings) {
  rs_capture *capture = begin(settings);
  sender one;
  start_sending(&one);
  for (int round = 0; round < 4; round++) {
    pause_ms(60);
    const rs_shape *shape = round % 2 ? &narrow : &wide;
    AWAIT(reshape(capture, *shape, settings.fanout) == 0); /* the worker meets the change before when its block is closed */
    rs_snapshot now = look(capture);
    CHECK_EQUAL(now.total.blocks, shape->blocks);
    CHECK_EQUAL(now.total.block_size, shape->block_size);
    CHECK_EQUAL(now.state, RS_STATE_RUNNING);
  }
  pause_ms(60);
  end_sending(&one);
  rs_capture_stop(capture);
  check_all(capture, one.sent);
  rs_capture_close(capture);
}

static void with_one_queue_every_packet_is_there_once(void) {
  packets_come_through_changes_of_the_geometry_once(roomy(1));
}

static void with_three_queues_every_packet_is_there_once(void) {
  rs_config settings = roomy(3);
  settings.fanout = RS_FANOUT_LB;
  packets_come_through_changes_of_the_geometry_once(settings);
}

static void with_two_banks_every_packet_is_there_once(void) {
  rs_config settings = roomy(2);
  settings.exact_swap = 1;
  packets_come_through_changes_of_the_geometry_once(settings);
}

static void the_fanout_mode_changes_and_with_it_who_gets_what(void) {
  static const uint32_t modes[] = {RS_FANOUT_LB, RS_FANOUT_CBPF, RS_FANOUT_ROLLOVER, RS_FANOUT_CPU, RS_FANOUT_RND};
  rs_capture *capture = begin(roomy(2));
  rs_counters queues[2];
  rs_snapshot now;
  uint64_t before[2] = {0};
  sender one;
  start_sending(&one);
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    CHECK_EQUAL(reshape(capture, narrow, modes[i]), 0);
    pause_ms(150);
    rs_capture_snapshot(capture, &now, queues, 2);
    if (modes[i] == RS_FANOUT_LB) CHECK(queues[0].delivered > before[0] && queues[1].delivered > before[1]);
    for (int j = 0; j < 2; j++) before[j] = queues[j].delivered;
  }
  end_sending(&one);
  rs_capture_stop(capture);
  check_all(capture, one.sent);
  rs_capture_close(capture);
}

/* What the reader has left in the old ring comes before what is in the new one. */
static void a_backlog_is_read_before_the_new_ring(void) {
  rs_capture *capture = begin(roomy(1));
  talk pair = talk_begin();
  rs_capture_hold(capture, 1);
  talk_send(&pair, 3000, PAYLOAD, 0);
  CHECK(look(capture).total.ready_blocks > 10);
  CHECK_EQUAL(reshape(capture, wide, RS_FANOUT_HASH), 0);
  talk_send(&pair, 1000, PAYLOAD, 3000);
  rs_capture_hold(capture, 0);
  AWAIT(look(capture).head == 4000);
  rs_capture_stop(capture);
  check_all(capture, 4000);
  talk_end(&pair);
  rs_capture_close(capture);
}

/* A packet that is alone in its block is handed over when the timeout in force has run out, be it longer or shorter than before;
 * with two queues the other one's packets wait for it, and no longer. */
static void the_retire_timeout_changes_both_ways(void) {
  enum { LONG_MS = 10000 };
  rs_shape patient = narrow;
  patient.block_timeout_ms = LONG_MS;
  rs_capture *capture = begin(roomy(2));
  talk pair = talk_begin();
  for (uint32_t round = 0; round < 2; round++) {
    CHECK_EQUAL(reshape(capture, patient, RS_FANOUT_LB), 0);
    talk_send(&pair, 1, PAYLOAD, 3 * round);
    pause_ms(300);
    CHECK_EQUAL(look(capture).head, 3 * round);
    CHECK_EQUAL(reshape(capture, narrow, RS_FANOUT_LB), 0);
    AWAIT(look(capture).head == 3 * round + 1);
    uint64_t closed = look(capture).total.blocks_timeout;
    talk_send(&pair, 2, PAYLOAD, 3 * round + 1);
    AWAIT(look(capture).head == 3 * round + 3);
    CHECK(look(capture).total.blocks_timeout > closed);
  }
  rs_capture_stop(capture);
  check_all(capture, 6);
  talk_end(&pair);
  rs_capture_close(capture);
}

/* Drops before the change stay counted, and the first packet behind them is marked, in whichever ring it is. */
static void what_was_lost_before_is_before_the_first_packet_of_the_new_ring(void) {
  rs_config settings = roomy(1);
  settings.blocks = 4;
  rs_capture *capture = begin(settings);
  talk pair = talk_begin();
  rs_loss_info found[4];
  rs_capture_hold(capture, 1);
  talk_send(&pair, 3000, PAYLOAD, 0);
  pause_ms(250);
  uint64_t dropped = look(capture).total.dropped;
  CHECK(dropped > 1000);
  CHECK_EQUAL(reshape(capture, narrow, RS_FANOUT_HASH), 0);
  rs_capture_hold(capture, 0);
  talk_send(&pair, 10, PAYLOAD, 3000);
  AWAIT(look(capture).total.delivered + dropped == 3010);
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).total.dropped, dropped);
  CHECK_EQUAL(look(capture).total.stored, 3010 - dropped);
  CHECK_EQUAL(rs_losses_between(rs_capture_losses(capture), 1, UINT64_MAX, found, 4), 1);
  CHECK_EQUAL(found[0].number, 3000 - dropped + 1);
  CHECK_EQUAL(found[0].lost, dropped);
  talk_end(&pair);
  rs_capture_close(capture);
}

static void filters_change_before_and_after(void) {
  rs_config settings = roomy(2);
  settings.exact_swap = 1;
  rs_capture *capture = begin(settings);
  sender one;
  uint32_t epoch;
  start_sending(&one);
  for (int round = 0; round < 3; round++) {
    pause_ms(30);
    CHECK_EQUAL(rs_capture_set_filter(capture, everything, 1, &epoch, NULL), 0);
    rs_shape shape = round % 2 ? narrow : wide;
    AWAIT(reshape(capture, shape, RS_FANOUT_HASH) == 0);
    AWAIT(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
  }
  end_sending(&one);
  rs_capture_stop(capture);
  check_all(capture, one.sent);
  rs_capture_close(capture);
}

static void what_cannot_be_leaves_the_rings_as_they_are(void) {
  rs_config settings = roomy(1);
  settings.ring_limit = UINT64_C(64) << 20;
  rs_capture *capture = begin(settings);
  int descriptors = open_descriptors(), rings = mapped_rings();
  talk pair = talk_begin();
  CHECK_EQUAL(reshape(capture, (rs_shape){.block_size = 1024 * KIB, .blocks = 1024, .block_timeout_ms = 10}, RS_FANOUT_HASH), -ENOMEM);
  CHECK_EQUAL(reshape(capture, (rs_shape){.block_size = 1000, .blocks = 4, .block_timeout_ms = 10}, RS_FANOUT_HASH), -EINVAL);
  CHECK_EQUAL(reshape(capture, wide, 77), -EINVAL);
  CHECK_EQUAL(reshape(capture, (rs_shape){.block_size = 512 * KIB, .blocks = 32}, RS_FANOUT_HASH), -EINVAL);
  talk_send(&pair, 100, PAYLOAD, 0);
  AWAIT(look(capture).head == 100);
  CHECK_EQUAL(look(capture).total.blocks, 64);
  talk_end(&pair);
  CHECK_EQUAL(open_descriptors(), descriptors);
  CHECK_EQUAL(reshape(capture, wide, RS_FANOUT_HASH), 0);
  CHECK_EQUAL(open_descriptors(), descriptors); /* nothing of the old ring is left */
  CHECK_EQUAL(mapped_rings(), rings);
  rs_capture_stop(capture);
  CHECK_EQUAL(reshape(capture, narrow, RS_FANOUT_HASH), -EINVAL);
  rs_capture_close(capture);
}

int main(void) {
  enter_private_network();
  RUN(with_one_queue_every_packet_is_there_once);
  RUN(with_three_queues_every_packet_is_there_once);
  RUN(with_two_banks_every_packet_is_there_once);
  RUN(the_fanout_mode_changes_and_with_it_who_gets_what);
  RUN(a_backlog_is_read_before_the_new_ring);
  RUN(the_retire_timeout_changes_both_ways);
  RUN(what_was_lost_before_is_before_the_first_packet_of_the_new_ring);
  RUN(filters_change_before_and_after);
  RUN(what_cannot_be_leaves_the_rings_as_they_are);
  return 0;
}
