/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: packets by number, whatever keeps them: memory that a capture fills (live_store) or a file (file_store). Who
 * reads packets asks a store and does not know its kind.
 */
#ifndef RS_STORE_H
#define RS_STORE_H

#include "ringscope.h"
#include "walk.h"

/* What a kind of store can do. All of it from any thread, without a lock that a writer waits for. */
typedef struct rs_store_kind {
  uint64_t (*head)(const rs_store *store); /* newest number, 0: none yet */
  uint64_t (*tail)(const rs_store *store); /* oldest number that may still be there */
  /* As rs_store_read(), for a range that lies within tail .. head. */
  uint32_t (*read)(const rs_store *store, uint64_t first, uint64_t last, uint32_t limit, rs_packet *out, uint8_t *bytes,
                   size_t room);
  int (*walk_open)(rs_walk *walk, rs_error *error);
  uint32_t (*walk_next)(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max);
  void (*walk_close)(rs_walk *walk);
  /* NULL, both: */
  uint32_t (*walk_headers)(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max);
  bool (*walk_gather)(rs_walk *walk, const _Atomic bool *cancelled);
} rs_store_kind;

/* The first member of every kind of store. */
struct rs_store {
  const rs_store_kind *kind;
};

#endif
