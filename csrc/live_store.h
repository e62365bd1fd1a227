/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live_store: the packets of a capture by number. Arenas hold the records; the index says, for each number, in which arena
 * and where. The merge thread is the only one that numbers; reading is O(1) a packet, from any thread, without a lock (see
 * arena.h).
 */
#ifndef RS_LIVE_STORE_H
#define RS_LIVE_STORE_H

#include "arena.h"
#include "store.h"

typedef struct rs_live_store {
  rs_store base;
  rs_arena *arenas; /* one a queue, owned */
  uint32_t count;
  uint32_t link_type; /* RS_LINKTYPE_*: where in a frame a VLAN tag is put back */
  _Atomic uint64_t *index; /* slot (number - 1) % capacity: arena << 56 | offset */
  uint64_t capacity;
  void *mapping; /* of the index, which begins at a boundary within it */
  uint64_t mapped;
  uint64_t next_slot, tail_slot; /* merge thread's own: slots of head + 1 and of tail, to save divisions */
  _Atomic uint64_t head;        /* newest number; merge thread */
  _Atomic uint64_t tail;        /* oldest number that may still be there; merge thread */
} rs_live_store;

/* `bytes` of memory for `arenas` queues. */
int rs_live_store_open(rs_live_store *store, uint32_t arenas, uint64_t bytes, uint32_t link_type, rs_error *error);
void rs_live_store_close(rs_live_store *store);

/* In a forked process, which did not inherit the memory of the packets: they are all gone. */
void rs_live_store_disown(rs_live_store *store);

/* Merge thread: the record of arena `which` at `offset` gets the next number, which is returned. */
uint64_t rs_live_store_number(rs_live_store *store, uint32_t which, uint64_t offset, const rs_record *record);

/* Merge thread: moves the tail over what was evicted. To be called every few thousand packets. */
void rs_live_store_follow_eviction(rs_live_store *store);

#endif
