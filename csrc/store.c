/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

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

int rs_walk_open(rs_walk *walk, const rs_store *store, uint32_t limit, rs_error *error) {
  *walk = (rs_walk){.store = store, .limit = limit < RS_READ_MAX ? limit : RS_READ_MAX};
  return store->kind->walk_open(walk, error);
}

uint32_t rs_walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  clamp(walk->store, &first, &last);
  return first > last || !max ? 0 : walk->store->kind->walk_next(walk, first, last, out, max);
}

void rs_walk_close(rs_walk *walk) {
  if (walk->store) walk->store->kind->walk_close(walk);
  walk->store = NULL;
}
