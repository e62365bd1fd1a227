/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets go into a capture file: all that come, a range, some; and which are too late. */
#include "saves.h"

static void what_was_evicted_before_it_could_be_written_is_counted_as_missed(void) {
  rs_live_store store;
  rs_savefile *file;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, pcap) == 0);
  for (int i = 0; i < 20000; i++) {
    put(&store, 1, 100, 100);
    if (i % 100 == 99) number_all(&store);
  }
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  rs_savefile_info info = state(file);
  CHECK_EQUAL(info.written + info.missed, 20000);
  CHECK_EQUAL(info.missed, rs_store_tail(&store.base) - 1);
  CHECK(rs_savefile_close(file, NULL) == 0);
  rs_live_store_close(&store);
}

/* The tail of the store is the idle queue's packet; what the other queue let go lies behind it. */
static void packets_evicted_behind_one_that_is_kept_are_missed_and_not_waited_for(void) {
  enum { MANY = 20000 };
  static const uint8_t bytes[100];
  rs_live_store store;
  rs_savefile *file;
  CHECK(rs_live_store_open(&store, 2, 2 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, pcap) == 0);
  for (uint64_t time = 1; time <= MANY; time++) {
    const rs_record record = {.time_ns = time, .length = sizeof bytes, .captured = sizeof bytes};
    append(&store.arenas[time > 1], &record, bytes);
    number_all(&store);
  }
  CHECK_EQUAL(rs_store_tail(&store.base), 1);
  alarm(30); /* for one that waits for ever */
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  alarm(0);
  rs_savefile_info info = state(file);
  CHECK_EQUAL(info.written + info.missed, MANY);
  CHECK_EQUAL(info.missed, store.arenas[1].evicted);
  CHECK(info.missed > 2048);
  CHECK(rs_savefile_close(file, NULL) == 0);
  rs_live_store_close(&store);
}

static void a_packet_waits_for_the_size_of_the_loss_before_it_but_not_for_ever(void) {
  rs_live_store store;
  rs_savefile *file;
  rs_loss_log log = {.entries = {{.time_ns = 2, .lost = RS_LOSS_OPEN}, {.time_ns = 4, .lost = RS_LOSS_OPEN}}, .set = 2};
  const rs_losses losses = {.logs = &log, .count = 1};
  rs_savefile_options options = pcapng;
  options.losses = &losses;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, options) == 0);
  for (uint64_t n = 1; n <= 5; n++) put_as(&store, n, 1, 1000, n % 2 ? 0 : RS_AFTER_LOSS, 0);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  CHECK_EQUAL(state(file).written, 1);
  CHECK_EQUAL(state(file).next, 2);
  log.entries[0].lost = 7;
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  CHECK_EQUAL(state(file).written, 3);
  CHECK(rs_savefile_follow(file, &store.base, 4, 0, NULL) == 0); /* who may not wait does not */
  CHECK_EQUAL(state(file).written, 4);
  log.entries[log.set++] = (rs_loss_entry){.time_ns = 6, .lost = RS_LOSS_OPEN};
  put_as(&store, 6, 1, 1000, RS_AFTER_LOSS, 0);
  number_all(&store);
  for (int i = 0; i < 2000 && state(file).written < 6; i++) {
    CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
    usleep(1000);
  }
  CHECK_EQUAL(state(file).written, 6);
  CHECK_EQUAL(state(file).missed, 0);
  CHECK(rs_savefile_close(file, NULL) == 0);
  rs_live_store_close(&store);
}

static void a_packet_does_not_wait_until_the_store_lets_it_go(void) {
  enum { MANY = 20000 };
  rs_live_store store;
  rs_savefile *file;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= MANY; n++) {
    put_as(&store, n, 1, 1000, n % 1000 ? 0 : RS_AFTER_LOSS, 0);
    number_all(&store);
  }
  uint64_t tail = rs_store_tail(&store.base), old = tail / 1000 * 1000 + 1000, young = MANY - 1000;
  rs_loss_log log = {.entries = {{.time_ns = old, .lost = RS_LOSS_OPEN}, {.time_ns = young, .lost = RS_LOSS_OPEN}}, .set = 2};
  const rs_losses losses = {.logs = &log, .count = 1};
  rs_savefile_options options = pcapng;
  options.losses = &losses;
  CHECK(old < tail + (MANY - tail) / 2 && young > tail + (MANY - tail) / 2);
  CHECK(create(&file, options) == 0);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  CHECK_EQUAL(state(file).next, young);
  rs_savefile_discard(file);
  rs_live_store_close(&store);
}

static void a_range_is_what_is_there_of_it(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  uint64_t next;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= 20000; n++) {
    put(&store, n, 100, 100);
    number_all(&store);
  }
  uint64_t tail = rs_store_tail(&store.base);
  CHECK(create(&file, pcap) == 0);
  CHECK(rs_savefile_append(file, &store.base, tail - 100, tail + 1999, &next, NULL) == 0);
  CHECK_EQUAL(next, tail + 2000);
  CHECK_EQUAL(state(file).written, 2000);
  CHECK_EQUAL(state(file).missed, 100);
  CHECK(rs_savefile_append(file, &store.base, 19999, UINT64_MAX, &next, NULL) == 0);
  CHECK_EQUAL(next, 20001);
  CHECK_EQUAL(state(file).written, 2002);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 2002 * 116);
  CHECK_EQUAL(word(got + 24 + 4), tail);
  CHECK_EQUAL(word(got + 24 + 1999 * 116 + 4), tail + 1999);
  CHECK_EQUAL(word(got + 24 + 2001 * 116 + 4), 20000);
  rs_live_store_close(&store);
}

static void packets_are_picked_by_their_numbers(void) {
  enum { MANY = 4000 };
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  static uint64_t numbers[MANY];
  size_t count = 0, done;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= 20000; n++) {
    put(&store, n, 100, 100);
    number_all(&store);
  }
  uint64_t tail = rs_store_tail(&store.base), gone;
  for (uint64_t n = tail - 40; n <= 20000 && count < MANY; n++)
    if (n % 3 == 0 || n % 100 < 20) numbers[count++] = n;
  for (gone = 0; numbers[gone] < tail;) gone++;
  CHECK(gone > 5 && count > 2500);
  CHECK(create(&file, pcap) == 0);
  CHECK(rs_savefile_pick(file, &store.base, numbers, count, &done, NULL) == 0);
  CHECK_EQUAL(done, count);
  CHECK_EQUAL(state(file).missed, gone);
  CHECK_EQUAL(state(file).written, count - gone);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + (count - gone) * 116);
  for (size_t i = gone; i < count; i++) CHECK_EQUAL(word(got + 24 + (i - gone) * 116 + 4), numbers[i]);
  /* In pieces of a size. */
  rs_savefile_options options = pcapng;
  options.size_limit = 30000;
  uint64_t written = 0;
  for (size_t at = 0; at < count; at += done) {
    CHECK(create(&file, options) == 0);
    CHECK(rs_savefile_pick(file, &store.base, numbers + at, count - at, &done, NULL) == 0);
    CHECK(done > 0);
    written += state(file).written;
    CHECK_EQUAL(state(file).full, at + done < count);
    CHECK(rs_savefile_close(file, NULL) == 0);
  }
  CHECK_EQUAL(written, count - gone);
  rs_live_store_close(&store);
}

/* Frames so large that only some of them are read at once. */
static void large_packets_are_picked_in_several_goes(void) {
  enum { MANY = 40, LARGE = 200000 };
  rs_live_store store;
  rs_savefile *file;
  static uint8_t frame[LARGE];
  uint64_t numbers[MANY];
  size_t done;
  CHECK(rs_live_store_open(&store, 1, 16 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 0; n < MANY; n++) {
    const rs_record record = {.time_ns = n, .length = LARGE, .captured = LARGE};
    append(&store.arenas[0], &record, frame);
    numbers[n] = n + 1;
  }
  number_all(&store);
  CHECK(create(&file, pcapng) == 0);
  CHECK(rs_savefile_pick(file, &store.base, numbers, MANY, &done, NULL) == 0);
  CHECK_EQUAL(done, MANY);
  CHECK_EQUAL(state(file).written, MANY);
  CHECK_EQUAL(state(file).missed, 0);
  rs_savefile_discard(file);
  rs_live_store_close(&store);
}

int main(void) {
  make_path();
  RUN(what_was_evicted_before_it_could_be_written_is_counted_as_missed);
  RUN(packets_evicted_behind_one_that_is_kept_are_missed_and_not_waited_for);
  RUN(a_packet_waits_for_the_size_of_the_loss_before_it_but_not_for_ever);
  RUN(a_packet_does_not_wait_until_the_store_lets_it_go);
  RUN(a_range_is_what_is_there_of_it);
  RUN(packets_are_picked_by_their_numbers);
  RUN(large_packets_are_picked_in_several_goes);
  unlink(path);
  return 0;
}
