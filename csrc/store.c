/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdbool.h>

uint64_t rs_store_head(const rs_store *store) { return store->kind->head(store); }

uint64_t rs_store_tail(const rs_store *store) { return store->kind->tail(store); }

/* Narrows first .. last to what is kept at this moment. */
static void clamp(const rs_store *store, uint64_t *first, uint64_t *last) {
  uint64_t head = rs_store_head(store), tail = rs_store_tail(store);
  if (*first < tail) *first = tail;
  if (*last > head) *last = head;
}

uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out,
                       uint8_t *bytes, size_t room) {
  uint64_t last = first + count - 1;
  if (!count) return 0;
  if (limit > RS_READ_MAX) limit = RS_READ_MAX;
  clamp(store, &first, &last);
  return first > last ? 0 : store->kind->read(store, first, last, limit, out, bytes, room);
}

/* The first packet from `first` on, up to `last`, that can be read. False: there is none. */
static bool first_kept(const rs_store *store, uint64_t first, uint64_t last, rs_packet *out) {
  enum { AT_ONCE = 64 };
  rs_packet packets[AT_ONCE];
  uint8_t none[1];
  for (; first <= last; first += AT_ONCE) {
    uint64_t left = last - first + 1;
    if (!rs_store_read(store, first, left < AT_ONCE ? (uint32_t)left : AT_ONCE, 0, packets, none, 0)) continue;
    *out = packets[0];
    return true;
  }
  return false;
}

uint64_t rs_store_find_time(const rs_store *store, uint64_t time_ns) {
  const uint64_t last = rs_store_head(store);
  uint64_t low = rs_store_tail(store), high = last + 1;
  rs_packet packet;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (first_kept(store, middle, last, &packet) && packet.time_ns < time_ns)
      low = packet.number + 1;
    else
      high = middle;
  }
  return first_kept(store, low, last, &packet) ? packet.number : last + 1;
}

int rs_walk_open(rs_walk *walk, const rs_store *store, uint32_t limit, rs_error *error) {
  *walk = (rs_walk){.store = store, .limit = limit < RS_READ_MAX ? limit : RS_READ_MAX};
  return store->kind->walk_open(walk, error);
}

uint32_t rs_walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  clamp(walk->store, &first, &last);
  return first > last || !max ? 0 : walk->store->kind->walk_next(walk, first, last, out, max);
}

uint32_t rs_walk_headers(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  if (!walk->store->kind->walk_headers) return 0;
  clamp(walk->store, &first, &last);
  return first > last || !max ? 0 : walk->store->kind->walk_headers(walk, first, last, out, max);
}

bool rs_walk_gather(rs_walk *walk, const _Atomic bool *cancelled) {
  return walk->store->kind->walk_gather && walk->store->kind->walk_gather(walk, cancelled);
}

void rs_walk_close(rs_walk *walk) {
  if (walk->store) walk->store->kind->walk_close(walk);
  walk->store = NULL;
}
