/* SPDX-License-Identifier: Apache-2.0 */
/* saves.h: a store filled with packets of one's choice, a capture file written from it, and what is in that. */
#ifndef SAVES_H
#define SAVES_H

#include "live_store.h"
#include "savefile.h"
#include "stores.h"

static char path[] __attribute__((unused)) = "/tmp/ringscope-test-XXXXXX";

static const rs_savefile_options pcap __attribute__((unused)) = {.format = RS_FORMAT_PCAP, .link_type = 1, .snaplen = 262144};
static const rs_savefile_options pcapng __attribute__((unused)) = {.format = RS_FORMAT_PCAPNG, .link_type = 1, .snaplen = 262144};

static inline int create(rs_savefile **file, rs_savefile_options options) {
  rs_error error = {0};
  int result = rs_savefile_create(path, &options, file, &error);
  if (result) fprintf(stderr, "%s\n", error.text);
  return result;
}

static inline rs_savefile_info state(const rs_savefile *file) {
  rs_savefile_info info;
  rs_savefile_state(file, &info);
  return info;
}

static inline void put(rs_live_store *store, uint64_t time, uint32_t captured, uint32_t length) {
  uint8_t bytes[2048];
  memset(bytes, (int)captured, sizeof bytes);
  const rs_record record = {.time_ns = time, .length = length, .captured = captured};
  append(&store->arenas[0], &record, bytes);
}

static inline size_t slurp(uint8_t *to, size_t room) {
  FILE *in = fopen(path, "rb");
  CHECK(in);
  size_t got = fread(to, 1, room, in);
  fclose(in);
  return got;
}

static inline uint32_t word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static inline void put_as(rs_live_store *store, uint64_t time, uint16_t epoch, int32_t ifindex, uint8_t flags, uint8_t type) {
  uint8_t bytes[60] = {0};
  const rs_record record = {.time_ns = time, .length = 60, .captured = 60, .epoch = epoch, .ifindex = ifindex, .flags = flags,
                            .packet_type = type};
  append(&store->arenas[0], &record, bytes);
}

/* What every test program begins and ends with: a file of its own. */
static inline void make_path(void) {
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  close(fd);
}

#endif
