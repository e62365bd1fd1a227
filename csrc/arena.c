/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"

/* The sequence lock's copies race by design; ThreadSanitizer is told so here and nowhere else. */
#if defined(__SANITIZE_THREAD__)
#define RACY __attribute__((no_sanitize_thread, noinline))
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RACY __attribute__((no_sanitize("thread"), noinline))
#endif
#endif
#ifndef RACY
#define RACY
#define copy memcpy
#else
RACY static void copy(void *to, const void *from, size_t size) {
  volatile uint8_t *out = to;
  const volatile uint8_t *in = from;
  for (size_t i = 0; i < size; i++) out[i] = in[i];
}
#endif

/* Evicting a little more than needed keeps the stores to `tail`, which readers poll, few. */
enum { EVICT_AHEAD = 64 * 1024 };

static uint64_t record_size(uint32_t captured) { return sizeof(rs_record) + (((uint64_t)captured + 7) & ~UINT64_C(7)); }

int rs_arena_open(rs_arena *arena, uint64_t size, rs_error *error) {
  *arena = (rs_arena){.size = size & ~UINT64_C(7)};
  void *base = mmap(NULL, arena->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED)
    return rs_error_set(error, errno, "no memory for a store of %llu MiB; use a smaller one: --store",
                        (unsigned long long)(size >> 20));
  arena->base = base;
  madvise(base, arena->size, MADV_DONTFORK);
  madvise(base, arena->size, MADV_HUGEPAGE); /* fewer page faults in the worker's loop */
  return 0;
}

void rs_arena_close(rs_arena *arena) {
  if (arena->base) munmap(arena->base, arena->size);
  arena->base = NULL;
}

/* Where the record at `offset` really begins and what it is: steps over the unused end of the memory. */
RACY static uint64_t header_at(const rs_arena *arena, uint64_t offset, rs_record *record) {
  uint64_t place = offset % arena->size;
  if (arena->size - place >= sizeof *record) {
    copy(record, arena->base + place, sizeof *record);
    if (record->captured != RS_RECORD_SKIP) return offset;
  }
  offset += arena->size - place;
  copy(record, arena->base, sizeof *record);
  return offset;
}

static bool make_room(rs_arena *arena, uint64_t end) {
  uint64_t tail = atomic_load_explicit(&arena->tail, memory_order_relaxed);
  if (end - tail <= arena->size) return true;
  /* Acquire: the merge thread has read a record before it says so. */
  uint64_t merged = atomic_load_explicit(&arena->merged, memory_order_acquire);
  uint64_t ahead = arena->size / 16 < EVICT_AHEAD ? arena->size / 16 : EVICT_AHEAD;
  while (end + ahead - tail > arena->size && tail < merged) {
    rs_record record;
    uint64_t begin = header_at(arena, tail, &record);
    tail = begin + record_size(record.captured);
  }
  atomic_store_explicit(&arena->tail, tail, memory_order_relaxed);
  /* Release fence: a reader that sees any byte written after this also sees the new tail. */
  atomic_thread_fence(memory_order_release);
  return end - tail <= arena->size;
}

RACY bool rs_arena_append(rs_arena *arena, const rs_record *record, const uint8_t *bytes) {
  uint64_t head = atomic_load_explicit(&arena->head, memory_order_relaxed);
  uint64_t size = record_size(record->captured), left = arena->size - head % arena->size;
  uint64_t begin = size <= left ? head : head + left;
  if (size > arena->size / 2 || !make_room(arena, begin + size)) return false;
  if (begin != head && left >= sizeof(rs_record)) {
    const rs_record skip = {.captured = RS_RECORD_SKIP};
    copy(arena->base + head % arena->size, &skip, sizeof skip);
  }
  uint8_t *to = arena->base + begin % arena->size;
  copy(to, record, sizeof *record);
  copy(to + sizeof *record, bytes, record->captured);
  /* Release: the record is whole before the merge thread can see that it is there. */
  atomic_store_explicit(&arena->head, begin + size, memory_order_release);
  return true;
}

bool rs_arena_peek(const rs_arena *arena, rs_record *record, uint64_t *offset) {
  uint64_t merged = atomic_load_explicit(&arena->merged, memory_order_relaxed);
  if (merged == atomic_load_explicit(&arena->head, memory_order_acquire)) return false;
  *offset = header_at(arena, merged, record);
  return true;
}

void rs_arena_merged(rs_arena *arena, uint64_t offset, const rs_record *record) {
  /* Release: our reads of the record come before the writer's permission to overwrite it. */
  atomic_store_explicit(&arena->merged, offset + record_size(record->captured), memory_order_release);
}

bool rs_arena_evicted(const rs_arena *arena, uint64_t offset) {
  /* Acquire fence: the reads before it happened before this look at the tail. */
  atomic_thread_fence(memory_order_acquire);
  return offset < atomic_load_explicit(&arena->tail, memory_order_relaxed);
}

RACY bool rs_arena_read(const rs_arena *arena, uint64_t offset, rs_record *record, uint8_t *bytes, uint32_t limit) {
  const uint8_t *from = arena->base + offset % arena->size;
  copy(record, from, sizeof *record);
  /* Before the lengths are believed: are they this record's still? */
  if (rs_arena_evicted(arena, offset)) return false;
  copy(bytes, from + sizeof *record, record->captured < limit ? record->captured : limit);
  return !rs_arena_evicted(arena, offset);
}
