/* SPDX-License-Identifier: Apache-2.0 */
/* The whole core on a real ring: the loopback of a network namespace that belongs to this test. */
#include "captures.h"
#include "clock.h"

#include <errno.h>
#include <pthread.h>

static void every_packet_sent_is_stored_once_and_counted(void) {
  rs_capture *capture = begin(config());
  send_datagrams(5000, 100);
  rs_capture_stop(capture);
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.total.stored, 5000);
  CHECK_EQUAL(now.total.dropped, 0);
  CHECK_EQUAL(now.total.delivered, 5000);
  CHECK_EQUAL(now.total.bytes, 5000 * 142);
  CHECK_EQUAL(now.head, 5000);
  CHECK_EQUAL(now.state, RS_STATE_STOPPED);
  rs_packet packet;
  uint8_t bytes[256];
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 5000, 1, 256, &packet, bytes, 256), 1);
  CHECK_EQUAL(packet.length, 142);
  CHECK(packet.flags & RS_CLOCK_SOFTWARE);
  CHECK_EQUAL(bytes[23], 17);
  rs_capture_close(capture);
}

static void packets_come_without_waiting_for_a_full_block(void) {
  rs_capture *capture = begin(config());
  send_datagrams(1, 100);
  await_head(capture, 1);
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.head, 1);
  CHECK_EQUAL(now.total.blocks_timeout, 1);
  rs_capture_close(capture);
}

static void a_held_reader_makes_the_kernel_drop_and_freeze_and_all_of_it_is_counted(void) {
  rs_config small = config();
  small.blocks = 4;
  rs_capture *capture = begin(small);
  rs_capture_hold(capture, 1);
  send_datagrams(2000, 1000);
  pause_ms(250);
  rs_snapshot held = look(capture);
  CHECK(held.total.dropped > 0);
  CHECK_EQUAL(held.total.freezes, 1);
  CHECK(held.total.frozen);
  CHECK_EQUAL(held.total.headroom, 0);
  CHECK_EQUAL(held.total.used_bytes, held.total.ring_bytes);
  CHECK_EQUAL(held.total.stored + held.total.dropped, 2000);
  CHECK_EQUAL(held.head, 0);
  rs_capture_hold(capture, 0);
  await_head(capture, held.total.stored);
  send_datagrams(10, 100); /* the ring thaws and goes on */
  rs_capture_stop(capture);
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.total.dropped, held.total.dropped);
  CHECK_EQUAL(now.total.stored, held.total.stored + 10);
  CHECK_EQUAL(now.total.delivered, now.total.stored);
  CHECK_EQUAL(now.head, now.total.stored);
  rs_capture_close(capture);
}

static void another_filter_begins_a_new_epoch_and_a_bad_one_does_not(void) {
  rs_capture *capture = begin(config());
  rs_error error;
  uint32_t epoch = 0;
  const rs_insn broken[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}};
  send_datagrams(10, 100);
  CHECK(rs_capture_set_filter(capture, broken, 1, &epoch, &error) == -EINVAL);
  CHECK_EQUAL(look(capture).epoch, 1);
  send_datagrams(10, 100); /* the first filter is still in force */
  CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, &error) == 0);
  CHECK_EQUAL(epoch, 2);
  send_datagrams(10, 100);
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, &error) == 0);
  CHECK_EQUAL(epoch, 3);
  send_datagrams(10, 100);
  rs_capture_stop(capture);
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.total.stored, 30);
  CHECK_EQUAL(now.head, 30);
  CHECK_EQUAL(now.epoch, 3);
  rs_epoch epochs[3];
  CHECK_EQUAL(rs_capture_epochs(capture, 1, epochs, 3), 3);
  CHECK_EQUAL(epochs[2].first, 21);
  CHECK_EQUAL(epochs[2].clean_from, 21);
  CHECK_EQUAL(epochs[1].first, 0);
  CHECK_EQUAL(epochs[0].clean_from, 1);
  rs_packet packets[30];
  static uint8_t bytes[30 * 64];
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 1, 30, 64, packets, bytes, sizeof bytes), 30);
  for (int i = 0; i < 30; i++) CHECK_EQUAL(packets[i].epoch, i < 20 ? 1 : 3);
  rs_capture_close(capture);
}

static void a_reader_that_is_late_bounds_the_changes_of_the_filter(void) {
  enum { CHANGES = (RS_STEPS - 3) / 2 + 1 }; /* each is two steps, and needs room for three */
  rs_config patient = config();
  patient.block_timeout_ms = 500; /* so that the ring is not full of blocks with one packet each */
  rs_capture *capture = begin(patient);
  rs_error error;
  uint32_t epoch = 1;
  rs_capture_hold(capture, 1);
  send_datagrams(1, 100);
  for (int i = 0; i < CHANGES; i++) {
    CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, &error) == 0);
    send_datagrams(1, 100);
  }
  CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, &error) == -EAGAIN);
  send_datagrams(1, 100); /* the filter in force is the one before */
  CHECK_EQUAL(look(capture).epoch, 1 + CHANGES);
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).head, CHANGES + 2);
  rs_packet packets[CHANGES + 2];
  static uint8_t bytes[(CHANGES + 2) * 16];
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 1, CHANGES + 2, 16, packets, bytes, sizeof bytes), CHANGES + 2);
  for (uint32_t i = 0; i < CHANGES + 1; i++) CHECK_EQUAL(packets[i].epoch, i + 1);
  CHECK_EQUAL(packets[CHANGES + 1].epoch, CHANGES + 1);
  rs_epoch epochs[CHANGES + 1];
  CHECK_EQUAL(rs_capture_epochs(capture, 1, epochs, CHANGES + 1), CHANGES + 1);
  for (uint32_t i = 0; i < CHANGES + 1; i++) CHECK_EQUAL(epochs[i].clean_from, i + 1);
  rs_capture_close(capture);
}

static void a_snaplen_cuts_and_is_not_called_a_loss(void) {
  rs_config cut = config();
  cut.snaplen = 64;
  rs_capture *capture;
  const rs_insn program[] = {{BPF_RET | BPF_K, 0, 0, 64}};
  CHECK(rs_capture_open(&cut, &capture, NULL) == 0);
  CHECK(rs_capture_start(capture, program, 1, NULL) == 0);
  send_datagrams(5, 500);
  rs_capture_stop(capture);
  rs_packet packet;
  uint8_t bytes[1024];
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 1, 1, 1024, &packet, bytes, 1024), 1);
  CHECK_EQUAL(packet.captured, 64);
  CHECK_EQUAL(packet.length, 542);
  CHECK_EQUAL(look(capture).total.truncated, 0);
  rs_capture_close(capture);
}

static void a_small_store_evicts_and_keeps_counting(void) {
  rs_config small = config();
  small.store_bytes = RS_STORE_MIN;
  rs_capture *capture = begin(small);
  send_datagrams(20000, 200);
  rs_capture_stop(capture);
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.total.stored + now.total.dropped, 20000);
  CHECK_EQUAL(now.head + now.total.arena_drops, now.total.stored);
  CHECK(now.tail > 1 && now.tail < now.head);
  rs_capture_close(capture);
}

static void a_link_that_goes_down_and_up_is_seen_and_survived(void) {
  rs_capture *capture = begin(config());
  send_datagrams(3, 100);
  await_head(capture, 3);
  set_link("lo", 0);
  for (int i = 0; i < 100 && look(capture).state != RS_STATE_DOWN; i++) pause_ms(20);
  CHECK_EQUAL(look(capture).state, RS_STATE_DOWN);
  set_link("lo", IFF_UP);
  for (int i = 0; i < 100 && look(capture).state != RS_STATE_RUNNING; i++) pause_ms(20);
  CHECK_EQUAL(look(capture).state, RS_STATE_RUNNING);
  send_datagrams(4, 100);
  await_head(capture, 7);
  CHECK_EQUAL(look(capture).head, 7);
  rs_capture_close(capture);
}

static void stopping_does_not_wait_for_the_retire_timeout(void) {
  rs_config patient = config();
  patient.block_timeout_ms = 10000;
  rs_capture *capture = begin(patient);
  send_datagrams(50, 100); /* in the open block, which nobody closes for ten seconds */
  CHECK_EQUAL(look(capture).head, 0);
  uint64_t begin_ns = rs_clock_now_ns();
  rs_capture_stop(capture);
  CHECK(rs_clock_now_ns() - begin_ns < UINT64_C(5000000000));
  CHECK_EQUAL(look(capture).head, 50);
  CHECK_EQUAL(look(capture).total.stored, 50);
  CHECK_EQUAL(look(capture).total.delivered, 50);
  CHECK_EQUAL(look(capture).total.blocks_timeout + look(capture).total.blocks_full, 0);
  rs_capture_close(capture);
}

/* The last packets are read out of the open block; the line lies behind them, and nothing comes after it. */
static void a_line_behind_the_last_packet_has_its_number_when_the_capture_is_stopped(void) {
  for (uint32_t exact = 0; exact < 2; exact++) {
    rs_config patient = config();
    patient.block_timeout_ms = 10000;
    patient.exact_swap = exact;
    rs_capture *capture = begin(patient);
    rs_epoch change;
    uint32_t epoch;
    send_datagrams(5, 100);
    CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, NULL) == 0);
    rs_capture_stop(capture);
    CHECK_EQUAL(look(capture).head, 5);
    CHECK_EQUAL(rs_capture_epochs(capture, 2, &change, 1), 1);
    CHECK_EQUAL(change.clean_from, 6);
    rs_capture_close(capture);
  }
}

static _Atomic bool looking;

static void *keep_looking(void *argument) {
  while (atomic_load(&looking)) {
    rs_snapshot now = look(argument);
    CHECK(now.head <= now.total.stored);
  }
  return NULL;
}

static void *keep_holding(void *argument) {
  for (int held = 0; atomic_load(&looking); held = !held) rs_capture_hold(argument, held);
  return NULL;
}

static void the_counters_can_be_looked_at_while_the_capture_is_stopped(void) {
  for (int i = 0; i < 5; i++) {
    rs_capture *capture = begin(config());
    pthread_t thread;
    atomic_store(&looking, true);
    CHECK(pthread_create(&thread, NULL, keep_looking, capture) == 0);
    send_datagrams(500, 100);
    rs_capture_stop(capture);
    pause_ms(5);
    atomic_store(&looking, false);
    pthread_join(thread, NULL);
    rs_snapshot now = look(capture);
    CHECK(now.head == 500 && now.total.used_bytes == 0);
    rs_capture_close(capture);
  }
}

static void a_change_of_user_leaves_the_statistics_running(void) {
  rs_capture *capture = begin(config());
  int changed = setgid(getgid()); /* allowed or not, it interrupts every thread of the process */
  (void)changed;
  send_datagrams(10, 100);
  for (int i = 0; i < 100 && look(capture).total.stored < 10; i++) pause_ms(20);
  set_link("lo", 0);
  for (int i = 0; i < 100 && look(capture).state != RS_STATE_DOWN; i++) pause_ms(20);
  CHECK_EQUAL(look(capture).state, RS_STATE_DOWN); /* only the control thread can tell */
  set_link("lo", IFF_UP);
  rs_capture_close(capture);
}

static void holding_while_stopping_loses_nothing(void) {
  for (int i = 0; i < 10; i++) {
    rs_config patient = config();
    patient.block_timeout_ms = 5;
    rs_capture *capture = begin(patient);
    rs_capture_hold(capture, 1);
    for (int n = 0; n < 10; n++) {
      send_datagrams(10, 100);
      pause_ms(6);
    }
    atomic_store(&looking, true);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, keep_holding, capture) == 0);
    rs_capture_stop(capture);
    atomic_store(&looking, false);
    pthread_join(thread, NULL);
    CHECK_EQUAL(look(capture).head, 100);
    CHECK_EQUAL(look(capture).total.delivered, look(capture).total.stored);
    rs_capture_close(capture);
  }
}

static void what_cannot_be_is_refused_with_its_limit(void) {
  rs_capture *capture;
  rs_error error;
  rs_config bad = config();
  bad.block_size = 16384;
  CHECK(rs_capture_open(&bad, &capture, &error) == -EINVAL && strstr(error.text, "128 KiB"));
  bad = config();
  bad.snaplen = 0;
  CHECK(rs_capture_open(&bad, &capture, &error) == -EINVAL && strstr(error.text, "262144"));
  bad = config();
  const char *const nowhere[] = {"nowhere0"}, *const absurd[] = {"a name that is far too long for an interface"};
  bad.interfaces = nowhere;
  CHECK(rs_capture_open(&bad, &capture, &error) == -ENODEV && strstr(error.text, "nowhere0"));
  bad.interfaces = absurd;
  CHECK(rs_capture_open(&bad, &capture, &error) == -ENODEV);
  bad = config();
  bad.store_bytes = 5;
  CHECK(rs_capture_open(&bad, &capture, &error) == -EINVAL && strstr(error.text, "1 MiB"));
  bad.store_bytes = RS_STORE_MIN; /* a block must not be larger than what the store can take in one go */
  bad.block_size = 1 << 20;
  CHECK(rs_capture_open(&bad, &capture, &error) == -EINVAL && strstr(error.text, "4096 KiB"));
  CHECK(capture == NULL);
}

static void closing_at_any_point_leaves_nothing(void) {
  rs_capture *capture;
  const rs_config settings = config();
  CHECK(rs_capture_open(&settings, &capture, NULL) == 0);
  rs_capture_close(capture); /* never started */
  capture = begin(settings);
  CHECK(rs_capture_start(capture, everything, 1, NULL) == -EALREADY);
  rs_capture_hold(capture, 1);
  send_datagrams(100, 100);
  rs_capture_close(capture); /* held, with packets in the ring */
  for (int i = 0; i < 20; i++) rs_capture_close(begin(settings));
  rs_capture_close(NULL);
  int lines = 0;
  FILE *sockets = fopen("/proc/self/net/packet", "r");
  CHECK(sockets);
  for (char line[256]; fgets(line, sizeof line, sockets);) lines++;
  fclose(sockets);
  CHECK_EQUAL(lines, 1); /* the heading */
}

int main(void) {
  enter_private_network();
  RUN(every_packet_sent_is_stored_once_and_counted);
  RUN(packets_come_without_waiting_for_a_full_block);
  RUN(a_held_reader_makes_the_kernel_drop_and_freeze_and_all_of_it_is_counted);
  RUN(another_filter_begins_a_new_epoch_and_a_bad_one_does_not);
  RUN(a_reader_that_is_late_bounds_the_changes_of_the_filter);
  RUN(a_snaplen_cuts_and_is_not_called_a_loss);
  RUN(a_small_store_evicts_and_keeps_counting);
  RUN(a_link_that_goes_down_and_up_is_seen_and_survived);
  RUN(stopping_does_not_wait_for_the_retire_timeout);
  RUN(a_line_behind_the_last_packet_has_its_number_when_the_capture_is_stopped);
  RUN(the_counters_can_be_looked_at_while_the_capture_is_stopped);
  RUN(a_change_of_user_leaves_the_statistics_running);
  RUN(holding_while_stopping_loses_nothing);
  RUN(what_cannot_be_is_refused_with_its_limit);
  RUN(closing_at_any_point_leaves_nothing);
  return 0;
}
