/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_store.h: a store whose packets are worked out from their numbers, of a kind of its own: two link types, any length,
 * some cut, and a head and a tail that the test moves. For tests of who reads any store.
 */
#ifndef MADE_STORE_H
#define MADE_STORE_H

#include <stdatomic.h>

#include "check.h"
#include "store.h"

enum { MADE_ETHERNET = 1, MADE_RAW = 101, MADE_LONGEST = 1024 };

typedef struct made_store {
  rs_store base;
  _Atomic uint64_t head, tail;
  _Atomic uint32_t shown; /* bytes that a walk shows beyond its limit: 0 most often */
} made_store;

static inline uint32_t made_link_type(uint64_t n) { return n % 5 ? MADE_ETHERNET : MADE_RAW; }
static inline uint32_t made_length(uint64_t n) { return 60 + (uint32_t)(n * 7 % (MADE_LONGEST - 60)); }
/* Every eleventh is cut to 40 bytes. */
static inline uint32_t made_captured(uint64_t n) { return n % 11 ? made_length(n) : 40; }

/* Bytes that count up, copied in one piece: millions of packets are made, and a sanitizer looks at every write. */
#define MADE_4(n) (uint8_t)(n), (uint8_t)((n) + 1), (uint8_t)((n) + 2), (uint8_t)((n) + 3)
#define MADE_16(n) MADE_4(n), MADE_4((n) + 4), MADE_4((n) + 8), MADE_4((n) + 12)
#define MADE_64(n) MADE_16(n), MADE_16((n) + 16), MADE_16((n) + 32), MADE_16((n) + 48)
#define MADE_256 MADE_64(0), MADE_64(64), MADE_64(128), MADE_64(192)
static const uint8_t made_counting[256 + MADE_LONGEST] = {MADE_256, MADE_256, MADE_256, MADE_256, MADE_256};

/* The bytes of a packet. The first four are its number. */
static inline void made_bytes(uint64_t n, uint8_t *out, uint32_t count) {
  for (uint32_t i = 0; i < count && i < 4; i++) out[i] = (uint8_t)(n >> (24 - 8 * i));
  if (count > 4) memcpy(out + 4, made_counting + (uint8_t)(n + 4), count - 4);
}

static inline const made_store *made_of(const rs_store *store) { return (const void *)store; }

static inline uint64_t made_head(const rs_store *store) { return atomic_load(&made_of(store)->head); }
static inline uint64_t made_tail(const rs_store *store) { return atomic_load(&made_of(store)->tail); }

static inline uint32_t made_read(const rs_store *store, uint64_t first, uint64_t last, uint32_t limit, rs_packet *out,
                                 uint8_t *bytes, size_t room) {
  uint32_t done = 0;
  size_t used = 0;
  (void)store;
  for (uint64_t n = first; n <= last && room - used >= limit; n++) {
    rs_packet *packet = &out[done++];
    *packet = (rs_packet){.number = n, .time_ns = n, .length = made_length(n), .captured = made_captured(n),
                          .link_type = made_link_type(n), .offset = (uint32_t)used};
    packet->copied = packet->captured < limit ? packet->captured : limit;
    made_bytes(n, bytes + used, packet->copied);
    used += packet->copied;
  }
  return done;
}

static inline int made_walk_open(rs_walk *walk, rs_error *error) {
  (void)error;
  walk->state = malloc(8 * MADE_LONGEST);
  return walk->state ? 0 : -1;
}

/* At most eight at once: fewer than were asked for. */
static inline uint32_t made_walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  uint32_t done = 0;
  const uint32_t limit = walk->limit + atomic_load(&made_of(walk->store)->shown);
  for (uint64_t n = first; n <= last && done < max && done < 8; n++, done++) {
    uint8_t *bytes = (uint8_t *)walk->state + done * MADE_LONGEST;
    const uint32_t captured = made_captured(n) < limit ? made_captured(n) : limit;
    made_bytes(n, bytes, captured);
    out[done] = (rs_sight){.number = n, .link_type = made_link_type(n), .partial = captured < made_captured(n),
                           .frame = {.bytes = bytes, .captured = captured, .length = made_length(n)}};
  }
  return done;
}

static inline void made_walk_close(rs_walk *walk) { free(walk->state); }

static const rs_store_kind made_kind = {made_head, made_tail, made_read, made_walk_open, made_walk_next, made_walk_close, NULL, NULL};

static inline made_store make_store(uint64_t head) { return (made_store){.base = {&made_kind}, .head = head, .tail = 1}; }

#endif
