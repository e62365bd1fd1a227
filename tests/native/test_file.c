/* SPDX-License-Identifier: Apache-2.0 */
/* Files as they are opened, read by their thread, followed, cancelled, and refused. */
#include <sys/wait.h>

#include "files.h"
#include "pcap_read.h"

static maker made;
static char folder[] = "/tmp/ringscope-test-XXXXXX";

static const rs_file_options FOLLOW = {.store_bytes = RS_STORE_MIN, .follow = 1};

static void make_packets(uint32_t count) {
  numbered_header(&made);
  for (uint32_t i = 1; i <= count; i++) numbered(&made, i, 400);
}

static void a_file_that_grows_is_followed_if_that_is_asked_for(void) {
  const int fd = in_memory("", 0);
  rs_file *file = open_fd(fd, &FOLLOW); /* who writes it has not come to its header */
  numbered_header(&made);
  CHECK(pwrite(fd, made.bytes, made.size, 0) == (ssize_t)made.size);
  WAIT_FOR(info_of(file).format == RS_FILE_PCAP);
  for (uint32_t i = 1; i <= 5; i++) {
    size_t before = made.size;
    numbered(&made, i, 200);
    CHECK(pwrite(fd, made.bytes + before, 30, (off_t)before) == 30);
    usleep(60000);
    CHECK_EQUAL(info_of(file).packets, i - 1);
    CHECK(pwrite(fd, made.bytes + before, made.size - before, (off_t)before) > 0);
    WAIT_FOR(info_of(file).packets == i);
  }
  check_numbered(file, 1, 5, 200);
  WAIT_FOR(info_of(file).state == RS_FILE_WAITING);
  CHECK(ftruncate(fd, 100) == 0);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK(strstr(info_of(file).fault, "was cut while it was read"));
  CHECK_EQUAL(info_of(file).packets, 5);
  rs_file_close(file);
  close(fd);
}

/* Many MiB: more than is read before rs_file_open() returns. */
static int large_file(uint64_t *count, uint64_t *size) {
  enum { TIMES = 100 };
  made.size = made.swapped = 0;
  for (uint32_t i = 0; i < 1000; i++) numbered(&made, i, 900);
  const int fd = memfd_create("large", MFD_CLOEXEC);
  const size_t body = made.size;
  made.size = 0;
  pcap_header(&made, 0xa1b2c3d4, 2, 4, 65535, 1);
  CHECK(write(fd, made.bytes, made.size) == (ssize_t)made.size);
  made.size = 0;
  for (uint32_t i = 0; i < 1000; i++) numbered(&made, i, 900);
  for (int i = 0; i < TIMES; i++) send_all(fd, made.bytes, body);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  *count = 1000 * TIMES;
  *size = RS_PCAP_FILE_HEADER + body * TIMES;
  return fd;
}

static void the_first_packets_are_there_at_once_and_can_be_read_while_the_rest_is_found(void) {
  uint64_t count, size;
  const int fd = large_file(&count, &size);
  rs_file *file = open_fd(fd, &PLAIN);
  CHECK(info_of(file).packets > 1000);
  static uint8_t bytes[64 * 1024];
  rs_packet found[50];
  for (uint64_t head; (head = rs_store_head(rs_file_store(file))) < count;) {
    CHECK_EQUAL(rs_store_read(rs_file_store(file), head - 49, 50, 1000, found, bytes, sizeof bytes), 50);
    for (int i = 0; i < 50; i++) CHECK(is_frame(bytes + found[i].offset, 900, (uint32_t)((head - 50 + i) % 1000)));
    CHECK(info_of(file).read <= size);
  }
  WAIT_FOR(is_over(file));
  expect_packets(file, count);
  CHECK(info_of(file).size == size && info_of(file).read == size);
  rs_file_close(file);
  close(fd);
}

static void reading_can_be_cancelled_and_what_was_found_stays(void) {
  uint64_t count, size;
  const int fd = large_file(&count, &size);
  for (int turn = 0; turn < 20; turn++) {
    rs_file *file = open_fd(fd, &PLAIN);
    rs_file_cancel(file);
    WAIT_FOR(is_over(file));
    const rs_file_info info = info_of(file);
    CHECK(info.state == RS_FILE_CANCELLED || info.packets == count);
    CHECK(info.packets > 1000 && info.packets == rs_store_head(rs_file_store(file)) && !info.fault[0]);
    rs_file_close(file);
  }
  for (int turn = 0; turn < 20; turn++) rs_file_close(open_fd(fd, &PLAIN)); /* closed in the middle */
  close(fd);
  int ends[2]; /* a pipe that nobody writes does not hold it up */
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  rs_file_cancel(file);
  WAIT_FOR(info_of(file).state == RS_FILE_CANCELLED);
  rs_file_close(file);
  rs_file_close(open_fd(ends[0], &PLAIN));
  close(ends[0]);
  close(ends[1]);
}

static void a_descriptor_is_read_from_where_it_stands(void) {
  uint8_t before[300] = {0};
  make_packets(3);
  const int fd = memfd_create("test", MFD_CLOEXEC);
  send_all(fd, before, sizeof before);
  send_all(fd, made.bytes, made.size);
  CHECK(lseek(fd, sizeof before, SEEK_SET) == sizeof before);
  rs_file *file = open_fd(fd, &PLAIN);
  close(fd); /* it has one of its own */
  WAIT_FOR(is_over(file));
  expect_packets(file, 3);
  check_numbered(file, 1, 3, 400);
  CHECK_EQUAL(info_of(file).size, made.size);
  rs_file_close(file);
}

static void refused(const char *path, int fd, int errnum, const char *words) {
  rs_file *file = (void *)1;
  rs_error error;
  const int result = rs_file_open(path, fd, &PLAIN, &file, &error);
  if (result != -errnum || !strstr(error.text, words)) fprintf(stderr, "%d: %s\n", result, error.text);
  CHECK(result == -errnum && strstr(error.text, words) && file == NULL);
}

static void what_is_no_capture_is_refused_in_words(void) {
  char path[64];
  refused("/nowhere/at-all.pcap", -1, ENOENT, "there is no file /nowhere/at-all.pcap");
  refused(folder, -1, EISDIR, "is a folder");
  int fd = in_memory("", 0);
  refused("empty.pcap", fd, EBADMSG, "empty.pcap, byte 0: nothing is in it");
  close(fd);
  fd = in_memory("\xd4\xc3\xb2\xa1\2\0\4\0", 8);
  refused("short.pcap", fd, EBADMSG, "short.pcap, byte 8: it ends there, within its header");
  close(fd);
  fd = in_memory("# a text, and no capture\n", 25);
  refused("text", fd, EBADMSG, "text, byte 0: this is no capture file");
  close(fd);
  fd = in_memory("\x1f\x8b nothing of the kind", 22);
  refused("broken.gz", fd, EBADMSG, "gzip data are damaged");
  close(fd);
  snprintf(path, sizeof path, "%s/secret", folder);
  fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0);
  CHECK(fd >= 0);
  close(fd);
  const pid_t child = fork(); /* root may read it, somebody else may not */
  if (child == 0) {
    enum { SOMEBODY = 65534 };
    if (geteuid() == 0) CHECK(setuid(SOMEBODY) == 0);
    refused(path, -1, EACCES, "may not be read");
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(void) {
  CHECK(mkdtemp(folder));
  RUN(a_file_that_grows_is_followed_if_that_is_asked_for);
  RUN(the_first_packets_are_there_at_once_and_can_be_read_while_the_rest_is_found);
  RUN(reading_can_be_cancelled_and_what_was_found_stays);
  RUN(a_descriptor_is_read_from_where_it_stands);
  RUN(what_is_no_capture_is_refused_in_words);
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}
