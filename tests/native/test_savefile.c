/* SPDX-License-Identifier: Apache-2.0 */
/* pcap files, byte by byte, and what happens when they cannot be written. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "check.h"
#include "stores.h"
#include "live_store.h"

static char path[] = "/tmp/ringscope-test-XXXXXX";

static void put(rs_live_store *store, uint64_t time, uint32_t captured, uint32_t length) {
  uint8_t bytes[2048];
  memset(bytes, (int)captured, sizeof bytes);
  const rs_record record = {.time_ns = time, .length = length, .captured = captured};
  append(&store->arenas[0], &record, bytes);
}

static size_t slurp(uint8_t *to, size_t room) {
  FILE *in = fopen(path, "rb");
  CHECK(in);
  size_t got = fread(to, 1, room, in);
  fclose(in);
  return got;
}

static uint32_t word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static void a_file_holds_every_packet_once(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(rs_savefile_create(path, 1, 262144, &file, NULL) == 0);
  put(&store, 1700000000123456789u, 60, 1500);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0); /* nothing new: nothing written twice */
  for (int i = 0; i < 3000; i++) put(&store, 5, 70, 70);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, 2001, NULL) == 0); /* as far as asked */
  uint64_t written, missed;
  rs_savefile_counts(file, &written, &missed);
  CHECK_EQUAL(written, 2001);
  CHECK_EQUAL(missed, 0);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 16 + 60 + 2000 * (16 + 70));
  CHECK_EQUAL(word(got), 0xA1B23C4D);
  CHECK_EQUAL(word(got + 20), 1);
  CHECK_EQUAL(word(got + 24), 1700000000);
  CHECK_EQUAL(word(got + 28), 123456789);
  CHECK_EQUAL(word(got + 32), 60);
  CHECK_EQUAL(word(got + 36), 1500);
  CHECK_EQUAL(got[40], 60);
  rs_live_store_close(&store);
}

static void what_was_evicted_before_it_could_be_written_is_counted_as_missed(void) {
  rs_live_store store;
  rs_savefile *file;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(rs_savefile_create(path, 1, 262144, &file, NULL) == 0);
  for (int i = 0; i < 20000; i++) {
    put(&store, 1, 100, 100);
    if (i % 100 == 99) number_all(&store);
  }
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0);
  uint64_t written, missed;
  rs_savefile_counts(file, &written, &missed);
  CHECK_EQUAL(written + missed, 20000);
  CHECK_EQUAL(missed, rs_store_tail(&store.base) - 1);
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
  CHECK(rs_savefile_create(path, 1, 262144, &file, NULL) == 0);
  for (uint64_t time = 1; time <= MANY; time++) {
    const rs_record record = {.time_ns = time, .length = sizeof bytes, .captured = sizeof bytes};
    append(&store.arenas[time > 1], &record, bytes);
    number_all(&store);
  }
  CHECK_EQUAL(rs_store_tail(&store.base), 1);
  alarm(30); /* for one that waits for ever */
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0);
  alarm(0);
  uint64_t written, missed;
  rs_savefile_counts(file, &written, &missed);
  CHECK_EQUAL(written + missed, MANY);
  CHECK_EQUAL(missed, store.arenas[1].evicted);
  CHECK(missed > 2048);
  CHECK(rs_savefile_close(file, NULL) == 0);
  rs_live_store_close(&store);
}

static void a_full_disk_leaves_whole_packets(void) {
  rs_live_store store;
  rs_savefile *file;
  rs_error error;
  static uint8_t got[1 << 20];
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(rs_savefile_create(path, 1, 262144, &file, NULL) == 0);
  put(&store, 1, 100, 100);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0);
  struct rlimit before, limit;
  getrlimit(RLIMIT_FSIZE, &before);
  limit = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0); /* write(2) fails as on a full disk, after a part */
  for (int i = 0; i < 50; i++) put(&store, 1, 100, 100);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, &error) == -EFBIG);
  CHECK(strstr(error.text, "cannot be written"));
  setrlimit(RLIMIT_FSIZE, &before);
  uint64_t written, missed;
  rs_savefile_counts(file, &written, &missed);
  CHECK_EQUAL(written, 8);
  CHECK_EQUAL(written + missed, 51);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 8 * 116); /* as many as fit into 1000 bytes */
  rs_live_store_close(&store);
}

static void no_packet_is_longer_than_readers_of_the_format_take(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20], frame[RS_SNAPLEN_MAX];
  CHECK(rs_live_store_open(&store, 1, 8 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(rs_savefile_create(path, 1, RS_SNAPLEN_MAX, &file, NULL) == 0);
  const rs_record record = {.length = RS_SNAPLEN_MAX, .captured = RS_SNAPLEN_MAX, .vlan_tpid = 0x8100};
  append(&store.arenas[0], &record, frame);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, NULL) == 0);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 16 + RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 16), RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 32), RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 36), RS_SNAPLEN_MAX + 4);
  rs_live_store_close(&store);
}

static void a_path_that_cannot_be_written_is_named(void) {
  rs_savefile *file;
  rs_error error;
  CHECK(rs_savefile_create("/nonexistent/x.pcap", 1, 100, &file, &error) == -ENOENT);
  CHECK(strstr(error.text, "/nonexistent/x.pcap"));
  CHECK(file == NULL);
}

int main(void) {
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  close(fd);
  RUN(a_file_holds_every_packet_once);
  RUN(what_was_evicted_before_it_could_be_written_is_counted_as_missed);
  RUN(packets_evicted_behind_one_that_is_kept_are_missed_and_not_waited_for);
  RUN(a_full_disk_leaves_whole_packets);
  RUN(no_packet_is_longer_than_readers_of_the_format_take);
  RUN(a_path_that_cannot_be_written_is_named);
  unlink(path);
  return 0;
}
