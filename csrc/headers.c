/* SPDX-License-Identifier: Apache-2.0 */
#include "headers.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
  BLOCKS = 1 << 19, /* as many packets as an index has room for */
  PAGE = 4096,
};

/* Blocks that are none: somebody is making it, and none will be. */
static rs_headers_block *const CLAIMED = (rs_headers_block *)1, *const REFUSED = (rs_headers_block *)2;

static bool is_block(const rs_headers_block *block) { return block && block != CLAIMED && block != REFUSED; }

static void *memory(size_t size) {
  void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapping == MAP_FAILED ? NULL : mapping;
}

rs_headers *rs_headers_open(uint64_t limit) {
  rs_headers *headers = calloc(1, sizeof *headers);
  if (!headers) return NULL;
  headers->limit = limit;
  headers->blocks = memory(BLOCKS * sizeof *headers->blocks);
  if (headers->blocks) return headers;
  free(headers);
  return NULL;
}

/* Acquire: with the block comes what is in it. */
static rs_headers_block *block_at(const rs_headers *headers, uint64_t index) {
  return atomic_load_explicit(&headers->blocks[index], memory_order_acquire);
}

static void set_block(rs_headers *headers, uint64_t index, rs_headers_block *block) {
  atomic_store_explicit(&headers->blocks[index], block, memory_order_release);
}

void rs_headers_close(rs_headers *headers) {
  if (!headers) return;
  const uint64_t begun = atomic_load_explicit(&headers->begun, memory_order_relaxed);
  for (uint64_t i = 0; i < begun; i++) {
    rs_headers_block *block = block_at(headers, i);
    if (is_block(block)) munmap(block, block->size);
  }
  munmap(headers->blocks, BLOCKS * sizeof *headers->blocks);
  free(headers);
}

static uint64_t index_of(uint64_t number) { return (number - 1) / RS_HEADERS_PACKETS; }

const rs_headers_block *rs_headers_of(const rs_headers *headers, uint64_t number, uint32_t *place) {
  const uint64_t index = index_of(number);
  if (index >= BLOCKS) return NULL;
  const rs_headers_block *block = block_at(headers, index);
  *place = (uint32_t)((number - 1) % RS_HEADERS_PACKETS);
  return is_block(block) ? block : NULL;
}

/* Relaxed, as what asks for it: they carry nothing but themselves. */
static void raise_flag(_Atomic bool *flag) { atomic_store_explicit(flag, true, memory_order_relaxed); }

static bool is_raised(const _Atomic bool *flag) { return atomic_load_explicit(flag, memory_order_relaxed); }

void rs_headers_begin_making(rs_headers *headers) { raise_flag(&headers->open); }

/* Of the blocks one is begun that is behind all the others. */
static void note_begun(rs_headers *headers, uint64_t index) {
  /* Relaxed: it is read when all threads have come to their end. */
  uint64_t begun = atomic_load_explicit(&headers->begun, memory_order_relaxed);
  while (begun <= index &&
         !atomic_compare_exchange_weak_explicit(&headers->begun, &begun, index + 1, memory_order_relaxed, memory_order_relaxed)) {
  }
}

uint64_t rs_headers_claim(rs_headers *headers, uint64_t head) {
  const uint64_t whole = head / RS_HEADERS_PACKETS, count = whole < BLOCKS ? whole : BLOCKS;
  bool are_settled = true;
  if (!is_raised(&headers->open) || is_raised(&headers->full)) return 0;
  /* Relaxed: it is a hint; whatever is before it has been settled for good. */
  for (uint64_t i = atomic_load_explicit(&headers->settled, memory_order_relaxed); i < count; i++) {
    rs_headers_block *block = NULL;
    /* Relaxed: nothing is read of it. */
    if (atomic_compare_exchange_strong_explicit(&headers->blocks[i], &block, CLAIMED, memory_order_relaxed, memory_order_relaxed)) {
      note_begun(headers, i);
      return i * RS_HEADERS_PACKETS + 1;
    }
    are_settled = are_settled && block != CLAIMED;
    if (are_settled) atomic_store_explicit(&headers->settled, i + 1, memory_order_relaxed);
  }
  return 0;
}

void rs_headers_keep(rs_headers *headers, uint64_t first, uint64_t head, const rs_headers_maker *maker) {
  const uint64_t size = (rs_headers_size(maker) + PAGE - 1) / PAGE * PAGE, average = head * RS_HEADERS_EACH,
                 most = headers->limit < average ? headers->limit : average;
  /* Relaxed: it is counted, and nothing more. */
  const bool has_room = atomic_fetch_add_explicit(&headers->bytes, size, memory_order_relaxed) + size <= most;
  rs_headers_block *block = has_room ? memory(size) : NULL;
  if (block) {
    rs_headers_finish(maker, block);
  } else {
    atomic_fetch_sub_explicit(&headers->bytes, size, memory_order_relaxed);
    raise_flag(&headers->full);
  }
  set_block(headers, index_of(first), block ? block : REFUSED);
}

void rs_headers_refuse(rs_headers *headers, uint64_t first) { set_block(headers, index_of(first), REFUSED); }

void rs_headers_leave(rs_headers *headers, uint64_t first) { set_block(headers, index_of(first), NULL); }
