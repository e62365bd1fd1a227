/* SPDX-License-Identifier: Apache-2.0 */
/* merges.h: a merge without its thread, on arenas that a test fills as workers would, with a clock that it sets. */
#ifndef MERGES_H
#define MERGES_H

#include "merge.h"
#include "stores.h"

enum { PATIENCE = 20, PAGE = 4096, RING_BLOCKS = 4, MOST = 64 };

typedef struct bench {
  rs_live_store store;
  rs_epochs epochs;
  rs_queue queues[MOST];
  rs_merge merge;
} bench;

static inline void set_up(bench *b, uint32_t queues, uint64_t bytes, bool exact) {
  memset(b, 0, sizeof *b);
  CHECK(rs_live_store_open(&b->store, queues, bytes, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint32_t i = 0; i < queues; i++) {
    rs_queue *queue = &b->queues[i];
    queue->arena = &b->store.arenas[i];
    queue->banks = 1;
    queue->passed = 1;
    rs_ring_init(&queue->rings[0]);
    queue->rings[0].map = aligned_alloc(64, RING_BLOCKS * PAGE); /* where the kernel would say that a block is closed */
    CHECK(queue->rings[0].map);
    memset(queue->rings[0].map, 0, RING_BLOCKS * PAGE);
    queue->rings[0].block_size = PAGE;
    queue->rings[0].blocks = RING_BLOCKS;
    queue->rings[0].ended = false;
  }
  b->merge = (rs_merge){.store = &b->store, .queues = b->queues, .epochs = &b->epochs, .count = queues, .passed = 1,
                        .patience_ns = PATIENCE, .exact = exact};
  b->epochs.latest = b->epochs.clean = 1;
  CHECK(rs_merge_open(&b->merge, NULL) == 0);
}

static inline void tear_down(bench *b) {
  for (uint32_t i = 0; i < b->merge.count; i++) free(b->queues[i].rings[0].map);
  rs_merge_close(&b->merge);
  rs_epochs_close(&b->epochs);
  rs_live_store_close(&b->store);
}

static inline void put_of(bench *b, uint32_t queue, uint64_t time, uint16_t epoch, uint8_t flags) {
  static const uint8_t bytes[64];
  const rs_record record = {.time_ns = time, .length = 64, .captured = 64, .epoch = epoch, .flags = flags};
  append(b->queues[queue].arena, &record, bytes);
  atomic_store_explicit(&b->queues[queue].horizon_ns, time, memory_order_release);
}

static inline void put(bench *b, uint32_t queue, uint64_t time) { put_of(b, queue, time, 1, 0); }

/* From now on the queue has a closed block that it has not read ... */
static inline void be_late(bench *b, uint32_t queue) {
  rs_ring *ring = &b->queues[queue].rings[0];
  uint64_t next = atomic_load(&ring->next);
  struct tpacket_hdr_v1 *block = &((struct tpacket_block_desc *)(void *)(ring->map + (next - 1) % RING_BLOCKS * PAGE))->hdr.bh1;
  __atomic_store_n(&block->seq_num, next, __ATOMIC_RELAXED);
  __atomic_store_n(&block->block_status, TP_STATUS_USER, __ATOMIC_RELEASE);
}

/* ... and now it has read it. */
static inline void catch_up(bench *b, uint32_t queue) {
  rs_ring *ring = &b->queues[queue].rings[0];
  rs_ring_release(ring, rs_ring_acquire(ring));
}

static inline uint64_t head(const bench *b) { return rs_store_head(&b->store.base); }

static inline rs_packet packet_at(const bench *b, uint64_t number) {
  rs_packet packet;
  uint8_t bytes[64];
  CHECK_EQUAL(rs_store_read(&b->store.base, number, 1, 64, &packet, bytes, sizeof bytes), 1);
  CHECK_EQUAL(packet.number, number);
  return packet;
}

/* The packets from number 1 on have these times, and there are no more. */
static inline void check_times(const bench *b, const uint64_t *times, uint64_t count) {
  CHECK_EQUAL(head(b), count);
  for (uint64_t n = 1; n <= count; n++) CHECK_EQUAL(packet_at(b, n).time_ns, times[n - 1]);
}

#endif
