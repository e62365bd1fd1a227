/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: packets by number. Arenas hold the records; the index says, for each number, in which arena and where. The merge
 * thread is the only one that numbers; reading is O(1) a packet, from any thread, without a lock (see arena.h).
 */
#ifndef RS_STORE_H
#define RS_STORE_H

#include "arena.h"

struct rs_store {
  rs_arena *arenas; /* one a queue, owned */
  uint32_t count;
  bool ethernet;    /* frames begin with an Ethernet header, into which a VLAN tag can be put back */
  _Atomic uint64_t *index; /* slot (number - 1) % capacity: arena << 56 | offset */
  uint64_t capacity;
  _Atomic uint64_t head;        /* newest number; merge thread */
  _Atomic uint64_t tail;        /* oldest number that may still be there; merge thread */
  _Atomic uint64_t epoch_first; /* first packet of the newest epoch seen; merge thread */
  _Atomic uint32_t epoch_seen;
};

/* `bytes` of memory for `arenas` queues. */
int rs_store_open(rs_store *store, uint32_t arenas, uint64_t bytes, bool ethernet, rs_error *error);
void rs_store_close(rs_store *store);

/* Merge thread: gives numbers to all records that have none, earliest time stamp first, and follows what was evicted.
 * Returns how many. */
uint64_t rs_store_merge(rs_store *store);

uint64_t rs_store_head(const rs_store *store);
uint64_t rs_store_tail(const rs_store *store);

#endif
