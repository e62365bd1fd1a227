/* SPDX-License-Identifier: Apache-2.0 */
/* files.h: capture files made byte by byte, in either byte order, and opened from memory. */
#ifndef FILES_H
#define FILES_H

#include <errno.h>
#include <sys/mman.h>

#include "check.h"
#include "file.h"

typedef struct maker {
  bool swapped; /* write in the other byte order */
  size_t size, block;
  uint8_t bytes[8 << 20];
} maker;

enum {
  SHB = 0x0a0d0d0a,
  IDB = 1,
  PB = 2,
  SPB = 3,
  NRB = 4,
  ISB = 5,
  EPB = 6,
  DSB = 10,
};

static inline void put(maker *to, const void *bytes, size_t size) {
  CHECK(to->size + size <= sizeof to->bytes);
  memcpy(to->bytes + to->size, bytes, size);
  to->size += size;
}

static inline void put16(maker *to, uint16_t value) {
  if (to->swapped) value = __builtin_bswap16(value);
  put(to, &value, sizeof value);
}

static inline void put32(maker *to, uint32_t value) {
  if (to->swapped) value = __builtin_bswap32(value);
  put(to, &value, sizeof value);
}

static inline void put64(maker *to, uint64_t value) {
  if (to->swapped) value = __builtin_bswap64(value);
  put(to, &value, sizeof value);
}

/* The bytes of a packet: all different from those of the next one. */
static inline void put_frame(maker *to, uint32_t size, uint32_t seed) {
  uint8_t bytes[256];
  for (uint32_t i = 0; i < 256; i++) bytes[i] = (uint8_t)(seed * 31 + i);
  for (uint32_t done = 0; done < size; done += 256) put(to, bytes, size - done < 256 ? size - done : 256);
}

static inline bool is_frame(const uint8_t *bytes, uint32_t size, uint32_t seed) {
  for (uint32_t i = 0; i < size && i < 256; i++)
    if (bytes[i] != (uint8_t)(seed * 31 + i)) return false;
  return size <= 256 || memcmp(bytes + 256, bytes, size - 256) == 0; /* every 256 bytes it begins anew */
}

static inline void fill_up(maker *to) {
  while (to->size % 4) put(to, "", 1);
}

static inline void pcap_header(maker *to, uint32_t magic, uint16_t major, uint16_t minor, uint32_t snaplen, uint32_t link_type) {
  put32(to, magic);
  put16(to, major);
  put16(to, minor);
  put32(to, 0);
  put32(to, 0);
  put32(to, snaplen);
  put32(to, link_type);
}

static inline void pcap_record(maker *to, uint32_t seconds, uint32_t fraction, uint32_t captured, uint32_t length) {
  put32(to, seconds);
  put32(to, fraction);
  put32(to, captured);
  put32(to, length);
}

static inline void begin_block(maker *to, uint32_t type) {
  to->block = to->size;
  put32(to, type);
  put32(to, 0);
}

static inline void end_block(maker *to) {
  fill_up(to);
  const uint32_t total = (uint32_t)(to->size + 4 - to->block), value = to->swapped ? __builtin_bswap32(total) : total;
  memcpy(to->bytes + to->block + 4, &value, sizeof value);
  put32(to, total);
}

static inline void option(maker *to, uint16_t code, const void *value, uint16_t size) {
  put16(to, code);
  put16(to, size);
  put(to, value, size);
  fill_up(to);
}

static inline void text_option(maker *to, uint16_t code, const char *text) { option(to, code, text, (uint16_t)strlen(text)); }

static inline void option64(maker *to, uint16_t code, uint64_t value) {
  put16(to, code);
  put16(to, 8);
  put64(to, value);
}

static inline void end_options(maker *to) { put32(to, 0); }

static inline void begin_section(maker *to) {
  begin_block(to, SHB);
  put32(to, 0x1a2b3c4d);
  put16(to, 1);
  put16(to, 0);
  put64(to, UINT64_MAX);
}

static inline void section(maker *to) {
  begin_section(to);
  end_block(to);
}

static inline void begin_interface(maker *to, uint16_t link_type, uint32_t snaplen) {
  begin_block(to, IDB);
  put16(to, link_type);
  put16(to, 0);
  put32(to, snaplen);
}

static inline void interface(maker *to, uint16_t link_type, uint32_t snaplen) {
  begin_interface(to, link_type, snaplen);
  end_block(to);
}

static inline void begin_packet(maker *to, uint32_t id, uint64_t stamp, uint32_t captured, uint32_t length, uint32_t seed) {
  begin_block(to, EPB);
  put32(to, id);
  put32(to, (uint32_t)(stamp >> 32));
  put32(to, (uint32_t)stamp);
  put32(to, captured);
  put32(to, length);
  put_frame(to, captured, seed);
  fill_up(to);
}

static inline void packet(maker *to, uint32_t id, uint64_t stamp, uint32_t captured, uint32_t length, uint32_t seed) {
  begin_packet(to, id, stamp, captured, length, seed);
  end_block(to);
}

/* A file in memory that holds these bytes. */
static inline int in_memory(const void *bytes, size_t size) {
  const int fd = memfd_create("test", MFD_CLOEXEC);
  CHECK(fd >= 0 && pwrite(fd, bytes, size, 0) == (ssize_t)size);
  return fd;
}

/* The file, read through by this thread with a window of so many bytes to begin with. */
static inline rs_file *read_bytes(const void *bytes, size_t size, size_t window) {
  const rs_file_options options = {.store_bytes = RS_STORE_MIN};
  const int fd = in_memory(bytes, size);
  rs_file *file;
  rs_error error;
  if (rs_file_prepare("test.pcap", fd, &options, window, &file, &error)) fprintf(stderr, "%s\n", error.text), exit(1);
  rs_file_read_through(file);
  close(fd);
  return file;
}

static inline rs_file *read_made(const maker *made) { return read_bytes(made->bytes, made->size, 1 << 20); }

static inline rs_file_info info_of(const rs_file *file) {
  rs_file_info info;
  rs_file_state(file, &info);
  return info;
}

/* All is well, and so many packets are there. */
static inline void expect_packets(const rs_file *file, uint64_t count) {
  const rs_file_info info = info_of(file);
  if (info.fault[0]) fprintf(stderr, "%s\n", info.fault);
  CHECK_EQUAL(info.state, RS_FILE_DONE);
  CHECK_EQUAL(info.packets, count);
}

static inline rs_packet packet_of(const rs_file *file, uint64_t number, uint8_t *bytes, size_t room) {
  rs_packet found;
  CHECK_EQUAL(rs_store_read(rs_file_store(file), number, 1, (uint32_t)room, &found, bytes, room), 1);
  return found;
}

/* -- opened as anybody opens them ------------------------------------------------------------------------------------- */

static const rs_file_options PLAIN = {.store_bytes = RS_STORE_MIN};

/* A pcap file of numbered packets. */
static inline void numbered_header(maker *to) {
  to->size = to->swapped = 0;
  pcap_header(to, 0xa1b2c3d4, 2, 4, 65535, 1);
}

static inline void numbered(maker *to, uint32_t number, uint32_t size) {
  pcap_record(to, number, 0, size, size);
  put_frame(to, size, number);
}

static inline rs_file *open_fd(int fd, const rs_file_options *options) {
  rs_file *file;
  rs_error error;
  if (rs_file_open("test.pcap", fd, options, &file, &error)) fprintf(stderr, "%s\n", error.text), exit(1);
  return file;
}

/* Patience is bounded; what is waited for comes in a moment. */
#define WAIT_FOR(condition)                                           \
  do {                                                                \
    for (int left = 40000; left && !(condition); left--) usleep(500); \
    CHECK(condition);                                                 \
  } while (0)

static inline bool is_over(const rs_file *file) { return info_of(file).state > RS_FILE_WAITING; }

static inline void send_all(int fd, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t more = write(fd, (const uint8_t *)bytes + done, size - done);
    CHECK(more > 0);
    done += (size_t)more;
  }
}

static inline void check_numbered(const rs_file *file, uint64_t first, uint64_t last, uint32_t size) {
  static uint8_t bytes[4096];
  for (uint64_t n = first; n <= last; n++) {
    const rs_packet found = packet_of(file, n, bytes, sizeof bytes);
    CHECK(found.captured == size && is_frame(bytes, size, (uint32_t)n));
  }
}

#endif
