/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* linux/mman.h, since Linux 5.14 */
#endif

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

enum { LARGEST_STRETCH_SHIFT = 16, STRETCHES = 16, AHEAD = 8 << 20, AT_ONCE = 2 << 20 };

static uint64_t record_size(uint32_t captured) { return sizeof(rs_record) + (((uint64_t)captured + 7) & ~UINT64_C(7)); }

/* Stretches of 64 KiB, or of a 16th of a smaller arena. */
static int make_stretches(rs_arena *arena, rs_error *error) {
  arena->stretch_shift = LARGEST_STRETCH_SHIFT;
  while (arena->stretch_shift > 6 && arena->size >> arena->stretch_shift < STRETCHES) arena->stretch_shift--;
  uint64_t count = 1;
  while (count < (arena->size >> arena->stretch_shift) + 3) count *= 2;
  arena->stretch_mask = count - 1;
  arena->stretches = calloc(count, sizeof *arena->stretches);
  return arena->stretches ? 0 : rs_error_set(error, ENOMEM, "no memory for a store of %llu MiB; use a smaller one: --store",
                                             (unsigned long long)(arena->size >> 20));
}

int rs_arena_open(rs_arena *arena, uint64_t size, rs_error *error) {
  *arena = (rs_arena){.size = size & ~UINT64_C(7)};
  void *base = mmap(NULL, arena->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED)
    return rs_error_set(error, errno, "no memory for a store of %llu MiB; use a smaller one: --store",
                        (unsigned long long)(size >> 20));
  arena->base = base;
  madvise(base, arena->size, MADV_DONTFORK);
  madvise(base, arena->size, MADV_HUGEPAGE); /* fewer page faults */
  int result = make_stretches(arena, error);
  if (result) rs_arena_close(arena);
  return result;
}

void rs_arena_close(rs_arena *arena) {
  if (arena->base) munmap(arena->base, arena->size);
  free(arena->stretches);
  arena->base = NULL;
  arena->stretches = NULL;
}

void rs_arena_populate(rs_arena *arena) {
  uint64_t head = atomic_load_explicit(&arena->head, memory_order_relaxed);
  const uint64_t ahead = arena->size / 8 < AHEAD ? arena->size / 8 : AHEAD; /* many queues have small arenas */
  while (arena->populated < arena->size && arena->populated < head + ahead) {
    uint64_t left = arena->size - arena->populated, more = left < AT_ONCE ? left : AT_ONCE;
    /* Where the kernel cannot (before Linux 5.14), the writer's own faults have to do. */
    (void)madvise(arena->base + arena->populated, more, MADV_POPULATE_WRITE);
    arena->populated += more;
  }
}

/* -- the writer ------------------------------------------------------------------------------------------------------- */

/* A record begins here: it is the first of every stretch that has begun since the one before. */
static void note_stretches(rs_arena *arena, uint64_t begin) {
  for (uint64_t stretch = begin >> arena->stretch_shift; arena->newest_stretch < stretch;)
    arena->stretches[++arena->newest_stretch & arena->stretch_mask] = (rs_stretch){begin, arena->records};
}

static bool make_room(rs_arena *arena, uint64_t end) {
  if (end - atomic_load_explicit(&arena->tail, memory_order_relaxed) <= arena->size) return true;
  uint64_t stretch = ((end - arena->size - 1) >> arena->stretch_shift) + 1;
  rs_stretch first = {.offset = arena->written, .records = arena->records}; /* no record begins so late: all go */
  if (stretch <= arena->newest_stretch) first = arena->stretches[stretch & arena->stretch_mask];
  /* Acquire: the merge thread has read a record before it says so. */
  if (first.offset > atomic_load_explicit(&arena->merged, memory_order_acquire)) return false;
  atomic_store_explicit(&arena->evicted, first.records, memory_order_relaxed);
  atomic_store_explicit(&arena->tail, first.offset, memory_order_relaxed);
  /* Release fence: a reader that sees any byte written after this also sees the new tail. */
  atomic_thread_fence(memory_order_release);
  return true;
}

RACY bool rs_arena_append(rs_arena *arena, const rs_record *record, const uint8_t *header, uint32_t before,
                          const uint8_t *bytes) {
  uint64_t size = record_size(record->captured), left = arena->size - arena->written_place;
  bool turns = size > left; /* what is left of the memory is too small: from the beginning again */
  uint64_t begin = turns ? arena->written + left : arena->written;
  if (size > arena->size / 2 || !make_room(arena, begin + size)) return false;
  if (turns && left >= sizeof(rs_record)) {
    const rs_record skip = {.captured = RS_RECORD_SKIP};
    copy(arena->base + arena->written_place, &skip, sizeof skip);
  }
  uint64_t place = turns ? 0 : arena->written_place;
  note_stretches(arena, begin);
  uint8_t *to = arena->base + place;
  copy(to, record, sizeof *record);
  if (before) copy(to + sizeof *record, header, before);
  copy(to + sizeof *record + before, bytes, record->captured - before);
  arena->written = begin + size;
  arena->written_place = place + size == arena->size ? 0 : place + size;
  arena->records++;
  return true;
}

void rs_arena_publish(rs_arena *arena) {
  /* Release: the records are whole before the merge thread can see that they are there. */
  atomic_store_explicit(&arena->head, arena->written, memory_order_release);
}

/* -- the merge thread ------------------------------------------------------------------------------------------------- */

RACY bool rs_arena_peek(const rs_arena *arena, rs_record *record, uint64_t *offset) {
  uint64_t merged = atomic_load_explicit(&arena->merged, memory_order_relaxed), left = arena->size - arena->merged_place;
  if (merged == atomic_load_explicit(&arena->head, memory_order_acquire)) return false;
  *offset = merged;
  if (left >= sizeof *record) {
    copy(record, arena->base + arena->merged_place, sizeof *record);
    if (record->captured != RS_RECORD_SKIP) return true;
  }
  *offset = merged + left;
  copy(record, arena->base, sizeof *record);
  return true;
}

uint64_t rs_arena_unmerged(const rs_arena *arena) {
  return atomic_load_explicit(&arena->head, memory_order_relaxed) -
         atomic_load_explicit(&arena->merged, memory_order_relaxed);
}

void rs_arena_merged(rs_arena *arena, uint64_t offset, const rs_record *record) {
  uint64_t merged = atomic_load_explicit(&arena->merged, memory_order_relaxed), size = record_size(record->captured);
  uint64_t place = (offset == merged ? arena->merged_place : 0) + size;
  arena->merged_place = place == arena->size ? 0 : place;
  /* Release: our reads of the record come before the writer's permission to overwrite it. */
  atomic_store_explicit(&arena->merged, offset + size, memory_order_release);
}

/* -- anybody ---------------------------------------------------------------------------------------------------------- */

bool rs_arena_evicted(const rs_arena *arena, uint64_t offset) {
  /* Acquire fence: the reads before it happened before this look at the tail. */
  atomic_thread_fence(memory_order_acquire);
  return offset < atomic_load_explicit(&arena->tail, memory_order_relaxed);
}

bool rs_arena_read(const rs_arena *arena, uint64_t offset, rs_record *record, uint8_t *bytes, uint32_t limit) {
  return rs_arena_read_at(arena, offset, offset % arena->size, record, bytes, limit);
}

RACY bool rs_arena_read_at(const rs_arena *arena, uint64_t offset, uint64_t place, rs_record *record, uint8_t *bytes,
                           uint32_t limit) {
  const uint8_t *from = arena->base + place;
  copy(record, from, sizeof *record);
  /* Before the lengths are believed: are they this record's still? */
  if (rs_arena_evicted(arena, offset)) return false;
  copy(bytes, from + sizeof *record, record->captured < limit ? record->captured : limit);
  return !rs_arena_evicted(arena, offset);
}
