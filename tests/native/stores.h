/* SPDX-License-Identifier: Apache-2.0 */
/* stores.h: a store filled by hand, for tests of who reads it. */
#ifndef STORES_H
#define STORES_H

#include "check.h"
#include "link.h"
#include "merge.h"

static inline void append(rs_arena *arena, const rs_record *record, const uint8_t *bytes) {
  CHECK(rs_arena_append(arena, record, NULL, 0, bytes));
  rs_arena_publish(arena);
}

/* Numbers everything, as the merge thread does when all workers have ended. Returns how many. */
static inline uint64_t number_all(rs_live_store *store) {
  static rs_queue queues[2];
  static rs_epochs epochs;
  for (uint32_t i = 0; i < store->count; i++) queues[i].arena = &store->arenas[i];
  rs_merge merge = {.store = store, .queues = queues, .epochs = &epochs, .count = store->count, .ending = true};
  CHECK(rs_merge_open(&merge, NULL) == 0);
  uint64_t before = rs_store_head(&store->base);
  CHECK(!rs_merge_round(&merge, 0));
  rs_merge_close(&merge);
  return rs_store_head(&store->base) - before;
}

#endif
