/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes and FIFOs: packets as they come, the oldest let go, secrets kept, ends in the middle. */
#include <pthread.h>
#include <sys/stat.h>

#include "files.h"

static maker made;
static char folder[] = "/tmp/ringscope-test-XXXXXX";

static void packets_of_a_pipe_appear_as_they_come(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN); /* nothing has been written yet, not even the header */
  close(ends[0]);
  WAIT_FOR(info_of(file).state == RS_FILE_WAITING);
  CHECK(info_of(file).pipe && info_of(file).size == 0);
  numbered_header(&made);
  send_all(ends[1], made.bytes, made.size);
  for (uint32_t i = 1; i <= 20; i++) {
    made.size = 0;
    numbered(&made, i, 100);
    send_all(ends[1], made.bytes, 50); /* in the middle of it */
    usleep(1000);
    CHECK_EQUAL(info_of(file).packets, i - 1);
    send_all(ends[1], made.bytes + 50, made.size - 50);
    WAIT_FOR(info_of(file).packets == i);
    check_numbered(file, i, i, 100);
  }
  CHECK_EQUAL(info_of(file).state, RS_FILE_WAITING);
  close(ends[1]);
  WAIT_FOR(is_over(file));
  expect_packets(file, 20);
  check_numbered(file, 1, 20, 100);
  rs_file_close(file);
}

static void a_pipe_that_ends_in_the_middle_says_where(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  close(ends[0]);
  numbered_header(&made);
  numbered(&made, 1, 100);
  const size_t where = made.size;
  numbered(&made, 2, 100);
  send_all(ends[1], made.bytes, made.size - 1);
  close(ends[1]);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK_EQUAL(info_of(file).fault_offset, where);
  CHECK_EQUAL(info_of(file).packets, 1);
  rs_file_close(file);
}

static void a_fifo_waits_for_its_writer(void) {
  char path[64];
  snprintf(path, sizeof path, "%s/fifo", folder);
  CHECK(mkfifo(path, 0600) == 0);
  rs_file *file;
  CHECK(rs_file_open(path, -1, &PLAIN, &file, NULL) == 0);
  WAIT_FOR(info_of(file).state == RS_FILE_WAITING);
  const int writer = open(path, O_WRONLY | O_CLOEXEC);
  CHECK(writer >= 0);
  numbered_header(&made);
  numbered(&made, 1, 60);
  send_all(writer, made.bytes, made.size);
  close(writer);
  WAIT_FOR(is_over(file));
  expect_packets(file, 1);
  rs_file_close(file);
}

static uint64_t spool_bytes(const rs_file *file) {
  struct stat about;
  CHECK(fstat(file->spool.fd, &about) == 0);
  return (uint64_t)about.st_blocks * 512;
}

typedef struct sender {
  int fd;
  uint32_t count;
} sender;

/* Numbered packets of 1000 bytes, made as they go. */
static void *send_numbered(void *argument) {
  const sender *to = argument;
  static maker one;
  one.size = 0;
  pcap_header(&one, 0xa1b2c3d4, 2, 4, 65535, 1);
  for (uint32_t i = 1; i <= to->count; i++) {
    pcap_record(&one, i, 0, 1000, 1000);
    put_frame(&one, 1000, i);
    if (i % 64 && i < to->count) continue;
    send_all(to->fd, one.bytes, one.size);
    one.size = 0;
  }
  close(to->fd);
  return NULL;
}

static void a_pipe_keeps_what_its_store_holds_and_the_oldest_go_while_it_is_read(void) {
  enum { COUNT = 20000 };
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  close(ends[0]);
  sender to = {ends[1], COUNT};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, send_numbered, &to) == 0);
  /* Meanwhile a reader asks for what is there, oldest and newest, and must never be given bytes of another packet. */
  static uint8_t bytes[64 * 1024];
  rs_packet found[40];
  rs_walk walk;
  rs_sight seen[40];
  CHECK(rs_walk_open(&walk, rs_file_store(file), 1000, NULL) == 0);
  uint64_t most = 0;
  while (!is_over(file)) {
    const uint64_t places[] = {rs_store_tail(rs_file_store(file)), rs_store_head(rs_file_store(file))};
    for (int p = 0; p < 2; p++) {
      const uint32_t got = rs_store_read(rs_file_store(file), places[p], 40, 1000, found, bytes, sizeof bytes);
      for (uint32_t i = 0; i < got; i++)
        CHECK(found[i].captured == 1000 && is_frame(bytes + found[i].offset, found[i].copied, (uint32_t)found[i].number));
      const uint32_t shown = rs_walk_next(&walk, places[p], UINT64_MAX, seen, 40);
      for (uint32_t i = 0; i < shown; i++)
        CHECK(seen[i].frame.captured == 1000 && is_frame(seen[i].frame.bytes, 1000, (uint32_t)seen[i].number));
    }
    const uint64_t now = places[1] ? spool_bytes(file) : 0;
    if (now > most) most = now;
  }
  pthread_join(thread, NULL);
  rs_walk_close(&walk);
  const rs_file_info info = info_of(file);
  expect_packets(file, COUNT);
  CHECK_EQUAL(info.evicted, rs_store_tail(rs_file_store(file)) - 1);
  const uint64_t kept = info.packets - info.evicted;
  CHECK(kept >= RS_STORE_MIN * 7 / 8 / 1016 && kept <= RS_STORE_MIN / 1016 + 1);
  check_numbered(file, info.evicted + 1, info.packets, 1000);
  CHECK(most <= 3 * RS_STORE_MIN); /* a window may stand above it */
  CHECK(spool_bytes(file) <= RS_STORE_MIN + RS_STORE_MIN / 8);
  rs_file_close(file);
}

static void secrets_of_a_pipe_stay_when_the_packets_around_them_go(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  close(ends[0]);
  made.size = made.swapped = 0;
  section(&made);
  interface(&made, 1, 0);
  for (uint32_t i = 0; i < 50; i++) packet(&made, 0, i, 1000, 1000, i);
  begin_block(&made, DSB);
  put32(&made, 0x544c534b);
  put32(&made, 9000);
  put_frame(&made, 9000, 3);
  end_block(&made);
  send_all(ends[1], made.bytes, made.size);
  made.size = 0;
  for (uint32_t i = 0; i < 500; i++) packet(&made, 0, i, 1000, 1000, i);
  for (int turn = 0; turn < 6; turn++) send_all(ends[1], made.bytes, made.size);
  close(ends[1]);
  WAIT_FOR(is_over(file));
  expect_packets(file, 3050);
  CHECK(info_of(file).evicted > 1000);
  rs_file_block block;
  static uint8_t bytes[9020];
  CHECK_EQUAL(rs_file_blocks(file, 0, &block, 1), 1);
  CHECK(block.type == DSB && block.length == sizeof bytes);
  CHECK_EQUAL(rs_file_bytes(file, block.offset, bytes, sizeof bytes), sizeof bytes);
  CHECK(is_frame(bytes + 16, 9000, 3));
  rs_file_close(file);
}

int main(void) {
  CHECK(mkdtemp(folder));
  RUN(packets_of_a_pipe_appear_as_they_come);
  RUN(a_pipe_that_ends_in_the_middle_says_where);
  RUN(a_fifo_waits_for_its_writer);
  RUN(a_pipe_keeps_what_its_store_holds_and_the_oldest_go_while_it_is_read);
  RUN(secrets_of_a_pipe_stay_when_the_packets_around_them_go);
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}
