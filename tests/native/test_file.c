/* SPDX-License-Identifier: Apache-2.0 */
/* Files and pipes as they are opened, read by their thread, compressed, followed, cancelled, let go, and refused. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

#include "files.h"
#include "pcap_read.h"

static maker made;
static uint8_t packed[2 << 20];
static char folder[] = "/tmp/ringscope-test-XXXXXX";

static const rs_file_options PLAIN = {.store_bytes = RS_STORE_MIN}, FOLLOW = {.store_bytes = RS_STORE_MIN, .follow = 1};

static void header(void) {
  made.size = made.swapped = 0;
  pcap_header(&made, 0xa1b2c3d4, 2, 4, 65535, 1);
}

static void one_packet(uint32_t i, uint32_t size) {
  pcap_record(&made, i, 0, size, size);
  put_frame(&made, size, i);
}

static rs_file *open_fd(int fd, const rs_file_options *options) {
  rs_file *file;
  rs_error error;
  if (rs_file_open("test.pcap", fd, options, &file, &error)) fprintf(stderr, "%s\n", error.text), exit(1);
  return file;
}

/* Patience is bounded; what is waited for comes in a moment. */
#define WAIT_FOR(condition)                                       \
  do {                                                            \
    for (int left = 20000; left && !(condition); left--) usleep(500); \
    CHECK(condition);                                             \
  } while (0)

static bool is_over(const rs_file *file) { return info_of(file).state > RS_FILE_WAITING; }

static void send_all(int fd, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t more = write(fd, (const uint8_t *)bytes + done, size - done);
    CHECK(more > 0);
    done += (size_t)more;
  }
}

static void check_packets(const rs_file *file, uint64_t first, uint64_t last, uint32_t size) {
  static uint8_t bytes[4096];
  for (uint64_t n = first; n <= last; n++) {
    const rs_packet found = packet_of(file, n, bytes, sizeof bytes);
    CHECK(found.captured == size && is_frame(bytes, size, (uint32_t)n));
  }
}

/* -- pipes ------------------------------------------------------------------------------------------------------------ */

static void packets_of_a_pipe_appear_as_they_come(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN); /* nothing has been written yet, not even the header */
  close(ends[0]);
  WAIT_FOR(info_of(file).state == RS_FILE_WAITING);
  CHECK(info_of(file).pipe && info_of(file).size == 0);
  header();
  send_all(ends[1], made.bytes, made.size);
  for (uint32_t i = 1; i <= 20; i++) {
    made.size = 0;
    one_packet(i, 100);
    send_all(ends[1], made.bytes, 50); /* in the middle of it */
    usleep(1000);
    CHECK_EQUAL(info_of(file).packets, i - 1);
    send_all(ends[1], made.bytes + 50, made.size - 50);
    WAIT_FOR(info_of(file).packets == i);
    check_packets(file, i, i, 100);
  }
  CHECK_EQUAL(info_of(file).state, RS_FILE_WAITING);
  close(ends[1]);
  WAIT_FOR(is_over(file));
  expect_packets(file, 20);
  check_packets(file, 1, 20, 100);
  rs_file_close(file);
}

static void a_pipe_that_ends_in_the_middle_says_where(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  close(ends[0]);
  header();
  one_packet(1, 100);
  const size_t where = made.size;
  one_packet(2, 100);
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
  usleep(20000);
  CHECK_EQUAL(info_of(file).state, RS_FILE_WAITING);
  const int writer = open(path, O_WRONLY | O_CLOEXEC);
  CHECK(writer >= 0);
  header();
  one_packet(1, 60);
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
  check_packets(file, info.evicted + 1, info.packets, 1000);
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

/* -- compressed ------------------------------------------------------------------------------------------------------- */

static size_t gzip(const uint8_t *bytes, size_t size, uint8_t *to, size_t room) {
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)size, .next_out = to, .avail_out = (uInt)room};
  CHECK(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  deflateEnd(&stream);
  return stream.total_out;
}

static void make_packets(uint32_t count) {
  header();
  for (uint32_t i = 1; i <= count; i++) one_packet(i, 400);
}

static void what_gzip_compressed_reads_like_the_file_itself(void) {
  make_packets(2000);
  size_t size = gzip(made.bytes, 300000, packed, sizeof packed);
  size += gzip(made.bytes + 300000, made.size - 300000, packed + size, sizeof packed - size); /* two members */
  int fd = in_memory(packed, size);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  expect_packets(file, 2000);
  check_packets(file, 1, 2000, 400);
  const rs_file_info info = info_of(file);
  CHECK(strcmp(info.compression, "gzip") == 0 && info.size == size && info.read == size && info.offset == made.size);
  CHECK_EQUAL(info.evicted, 0); /* of a file all is kept */
  rs_file_close(file);
  close(fd);
  int ends[2]; /* ... and by a pipe */
  CHECK(pipe(ends) == 0);
  file = open_fd(ends[0], &PLAIN);
  close(ends[0]);
  send_all(ends[1], packed, size);
  close(ends[1]);
  WAIT_FOR(is_over(file));
  expect_packets(file, 2000);
  rs_file_close(file);
}

static void gzip_data_cut_or_damaged_show_what_is_good(void) {
  make_packets(2000);
  const size_t size = gzip(made.bytes, made.size, packed, sizeof packed);
  for (size_t cut = 1; cut < size; cut += size / 17) {
    const int fd = in_memory(packed, cut);
    rs_file *file;
    rs_error error;
    if (rs_file_open("test.pcap.gz", fd, &PLAIN, &file, &error)) {
      CHECK(strstr(error.text, "test.pcap.gz"));
    } else {
      WAIT_FOR(is_over(file));
      const rs_file_info info = info_of(file);
      CHECK_EQUAL(info.state, RS_FILE_FAILED);
      CHECK(strstr(info.fault, "end in the middle") && strstr(info.fault, "of the decompressed data"));
      check_packets(file, 1, info.packets, 400);
      rs_file_close(file);
    }
    close(fd);
  }
  packed[size / 2] ^= 0x55;
  const int fd = in_memory(packed, size);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK(info_of(file).packets > 100);
  rs_file_close(file);
  close(fd);
}

static void what_follows_gzip_data_is_named_and_not_shown(void) {
  make_packets(100);
  size_t size = gzip(made.bytes, made.size, packed, sizeof packed);
  memcpy(packed + size, "garbage", 7);
  const int fd = in_memory(packed, size + 7);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).packets, 100);
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK(strstr(info_of(file).fault, "not compressed by gzip"));
  rs_file_close(file);
  close(fd);
}

static void what_zstd_compressed_reads_like_the_file_itself(void) {
  void *library = dlopen("libzstd.so.1", RTLD_NOW);
  size_t (*compress)(void *, size_t, const void *, size_t, int) = NULL;
  if (library) *(void **)&compress = dlsym(library, "ZSTD_compress");
  make_packets(2000);
  if (!compress) { /* an extra: without the library there is a sentence */
    const int fd = in_memory("\x28\xb5\x2f\xfd", 4);
    rs_file *file;
    rs_error error;
    CHECK(rs_file_open("test.zst", fd, &PLAIN, &file, &error) < 0 && strstr(error.text, "libzstd"));
    close(fd);
    return;
  }
  size_t size = compress(packed, sizeof packed, made.bytes, 300000, 3);
  size += compress(packed + size, sizeof packed - size, made.bytes + 300000, made.size - 300000, 3);
  int fd = in_memory(packed, size);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  expect_packets(file, 2000);
  check_packets(file, 1, 2000, 400);
  CHECK(strcmp(info_of(file).compression, "zstd") == 0);
  rs_file_close(file);
  close(fd);
  fd = in_memory(packed, size - 9);
  file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK(strstr(info_of(file).fault, "zstd data end in the middle"));
  check_packets(file, 1, info_of(file).packets, 400);
  rs_file_close(file);
  close(fd);
  dlclose(library);
}

static void a_full_disk_ends_reading_and_what_was_read_stays(void) {
  make_packets(2000);
  const size_t size = gzip(made.bytes, made.size, packed, sizeof packed);
  const int fd = in_memory(packed, size);
  struct rlimit before, less = {300000, 300000};
  CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
  less.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  CHECK(setrlimit(RLIMIT_FSIZE, &less) == 0); /* EFBIG: the same as ENOSPC to who writes */
  const rs_file_options options = PLAIN;
  rs_file *file;
  rs_error error;
  CHECK(rs_file_prepare("test.pcap", fd, &options, 64 << 10, &file, &error) == 0);
  rs_file_read_through(file);
  CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
  const rs_file_info info = info_of(file);
  CHECK_EQUAL(info.state, RS_FILE_FAILED);
  CHECK(strstr(info.fault, "cannot take more") && strstr(info.fault, "TMPDIR"));
  CHECK(info.packets > 500 && info.packets < 800);
  check_packets(file, 1, info.packets, 400);
  rs_file_close(file);
  close(fd);
}

/* -- files ------------------------------------------------------------------------------------------------------------ */

static void a_file_that_grows_is_followed_if_that_is_asked_for(void) {
  const int fd = in_memory("", 0);
  rs_file *file = open_fd(fd, &FOLLOW); /* who writes it has not come to its header */
  header();
  CHECK(pwrite(fd, made.bytes, made.size, 0) == (ssize_t)made.size);
  WAIT_FOR(info_of(file).format == RS_FILE_PCAP);
  for (uint32_t i = 1; i <= 5; i++) {
    size_t before = made.size;
    one_packet(i, 200);
    CHECK(pwrite(fd, made.bytes + before, 30, (off_t)before) == 30);
    usleep(60000);
    CHECK_EQUAL(info_of(file).packets, i - 1);
    CHECK(pwrite(fd, made.bytes + before, made.size - before, (off_t)before) > 0);
    WAIT_FOR(info_of(file).packets == i);
  }
  check_packets(file, 1, 5, 200);
  CHECK_EQUAL(info_of(file).state, RS_FILE_WAITING);
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
  for (uint32_t i = 0; i < 1000; i++) one_packet(i, 900);
  const int fd = memfd_create("large", MFD_CLOEXEC);
  const size_t body = made.size;
  made.size = 0;
  pcap_header(&made, 0xa1b2c3d4, 2, 4, 65535, 1);
  CHECK(write(fd, made.bytes, made.size) == (ssize_t)made.size);
  made.size = 0;
  for (uint32_t i = 0; i < 1000; i++) one_packet(i, 900);
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
  check_packets(file, 1, 3, 400);
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
  if (geteuid() != 0) refused(path, -1, EACCES, "may not be read");
}

static void nothing_is_left_in_the_temporary_folder(void) {
  setenv("TMPDIR", folder, 1);
  make_packets(100);
  const size_t size = gzip(made.bytes, made.size, packed, sizeof packed);
  const int fd = in_memory(packed, size);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  CHECK(strcmp(file->spool.folder, folder) == 0);
  char name[80], target[128] = "";
  snprintf(name, sizeof name, "/proc/self/fd/%d", file->spool.fd);
  CHECK(readlink(name, target, sizeof target - 1) > 0 && strstr(target, "(deleted)"));
  rs_file_close(file);
  close(fd);
}

int main(void) {
  CHECK(mkdtemp(folder));
  RUN(packets_of_a_pipe_appear_as_they_come);
  RUN(a_pipe_that_ends_in_the_middle_says_where);
  RUN(a_fifo_waits_for_its_writer);
  RUN(a_pipe_keeps_what_its_store_holds_and_the_oldest_go_while_it_is_read);
  RUN(secrets_of_a_pipe_stay_when_the_packets_around_them_go);
  RUN(what_gzip_compressed_reads_like_the_file_itself);
  RUN(gzip_data_cut_or_damaged_show_what_is_good);
  RUN(what_follows_gzip_data_is_named_and_not_shown);
  RUN(what_zstd_compressed_reads_like_the_file_itself);
  RUN(a_full_disk_ends_reading_and_what_was_read_stays);
  RUN(a_file_that_grows_is_followed_if_that_is_asked_for);
  RUN(the_first_packets_are_there_at_once_and_can_be_read_while_the_rest_is_found);
  RUN(reading_can_be_cancelled_and_what_was_found_stays);
  RUN(a_descriptor_is_read_from_where_it_stands);
  RUN(what_is_no_capture_is_refused_in_words);
  RUN(nothing_is_left_in_the_temporary_folder);
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}
