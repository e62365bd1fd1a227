/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed files and pipes: the same packets, what is good of damaged ones, and a full disk where they are unpacked. */
#include <dlfcn.h>
#include <signal.h>
#include <sys/resource.h>
#include <zlib.h>

#include "files.h"

static maker made;
static uint8_t packed[2 << 20];
static char folder[] = "/tmp/ringscope-test-XXXXXX";

static size_t gzip(const uint8_t *bytes, size_t size, uint8_t *to, size_t room) {
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)size, .next_out = to, .avail_out = (uInt)room};
  CHECK(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  deflateEnd(&stream);
  return stream.total_out;
}

static void make_packets(uint32_t count) {
  numbered_header(&made);
  for (uint32_t i = 1; i <= count; i++) numbered(&made, i, 400);
}

static void what_gzip_compressed_reads_like_the_file_itself(void) {
  make_packets(2000);
  size_t size = gzip(made.bytes, 300000, packed, sizeof packed);
  size += gzip(made.bytes + 300000, made.size - 300000, packed + size, sizeof packed - size); /* two members */
  int fd = in_memory(packed, size);
  rs_file *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  expect_packets(file, 2000);
  check_numbered(file, 1, 2000, 400);
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
      check_numbered(file, 1, info.packets, 400);
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
  check_numbered(file, 1, 2000, 400);
  CHECK(strcmp(info_of(file).compression, "zstd") == 0);
  rs_file_close(file);
  close(fd);
  fd = in_memory(packed, size - 9);
  file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(file));
  CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
  CHECK(strstr(info_of(file).fault, "zstd data end in the middle"));
  check_numbered(file, 1, info_of(file).packets, 400);
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
  check_numbered(file, 1, info.packets, 400);
  rs_file_close(file);
  close(fd);
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
  RUN(what_gzip_compressed_reads_like_the_file_itself);
  RUN(gzip_data_cut_or_damaged_show_what_is_good);
  RUN(what_follows_gzip_data_is_named_and_not_shown);
  RUN(what_zstd_compressed_reads_like_the_file_itself);
  RUN(a_full_disk_ends_reading_and_what_was_read_stays);
  RUN(nothing_is_left_in_the_temporary_folder);
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}
