/* SPDX-License-Identifier: Apache-2.0 */
/* One queue's packet memory: what goes in comes out, in order, until it is evicted; and eviction is always noticed. */
#include "arena.h"

#include <pthread.h>

#include "check.h"

static uint8_t bytes[4096];

/* A frame whose every byte follows from its number, so that a torn copy shows. */
static void fill(uint64_t number, uint32_t captured) {
  for (uint32_t i = 0; i < captured; i++) bytes[i] = (uint8_t)(number * 31 + i);
}

static bool append(rs_arena *arena, uint64_t number, uint32_t captured) {
  fill(number, captured);
  const rs_record record = {.time_ns = number, .length = captured, .captured = captured};
  bool appended = rs_arena_append(arena, &record, NULL, 0, bytes);
  rs_arena_publish(arena);
  return appended;
}

static uint64_t merge_one(rs_arena *arena) {
  rs_record record;
  uint64_t offset;
  CHECK(rs_arena_peek(arena, &record, &offset));
  rs_arena_merged(arena, offset, &record);
  return record.time_ns;
}

static void records_come_out_in_order_with_their_bytes(void) {
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 1 << 20, NULL) == 0);
  for (uint64_t n = 1; n <= 100; n++) CHECK(append(&arena, n, (uint32_t)(n * 7 % 200)));
  rs_record record, again;
  uint64_t offset;
  uint8_t got[4096];
  for (uint64_t n = 1; n <= 100; n++) {
    CHECK(rs_arena_peek(&arena, &record, &offset));
    CHECK_EQUAL(record.time_ns, n);
    CHECK(rs_arena_read(&arena, offset, &again, got, sizeof got));
    fill(n, record.captured);
    CHECK(memcmp(got, bytes, record.captured) == 0);
    rs_arena_merged(&arena, offset, &record);
  }
  CHECK(!rs_arena_peek(&arena, &record, &offset));
  rs_arena_close(&arena);
}

static void a_full_arena_evicts_the_oldest_and_tells(void) {
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 64 * 1024, NULL) == 0);
  uint64_t offsets[5001];
  rs_record record;
  for (uint64_t n = 1; n <= 5000; n++) {
    CHECK(append(&arena, n, 60 + (uint32_t)(n % 90)));
    CHECK(rs_arena_peek(&arena, &record, &offsets[n]));
    CHECK_EQUAL(merge_one(&arena), n);
  }
  CHECK(rs_arena_evicted(&arena, offsets[1]));
  CHECK(!rs_arena_evicted(&arena, offsets[5000]));
  uint64_t kept = 0;
  uint8_t got[4096];
  for (uint64_t n = 1; n <= 5000; n++) {
    bool there = rs_arena_read(&arena, offsets[n], &record, got, sizeof got);
    CHECK(there == !rs_arena_evicted(&arena, offsets[n]));
    if (!there) CHECK(kept == 0); /* oldest first, no holes */
    if (!there) continue;
    kept++;
    CHECK_EQUAL(record.time_ns, n);
    fill(n, record.captured);
    CHECK(memcmp(got, bytes, record.captured) == 0);
  }
  CHECK(kept > 300 && kept < 700);
  rs_arena_close(&arena);
}

static void a_record_without_a_number_is_never_evicted(void) {
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 16 * 1024, NULL) == 0);
  uint64_t n = 0;
  while (append(&arena, n + 1, 100)) n++;
  CHECK(n >= 100 && n < 16 * 1024 / 128 + 1);
  CHECK(!append(&arena, 999, 100)); /* refused, and the refusal changed nothing */
  /* Once a stretch of the memory has its numbers, there is room again, and nothing else has gone. */
  for (uint64_t i = 1; i <= n / 8; i++) CHECK_EQUAL(merge_one(&arena), i);
  CHECK(append(&arena, n + 1, 100));
  CHECK(arena.evicted > 0 && arena.evicted <= n / 8);
  for (uint64_t i = n / 8 + 1; i <= n + 1; i++) CHECK_EQUAL(merge_one(&arena), i);
  rs_arena_close(&arena);
}

static void a_record_larger_than_half_the_arena_is_refused(void) {
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 4096, NULL) == 0);
  CHECK(!append(&arena, 1, 3000));
  CHECK(append(&arena, 1, 1000));
  rs_arena_close(&arena);
}

/* -- writer, merge thread and readers at once ---------------------------------------------------------------------- */

enum {
  LEAST_WRITTEN = 50000, /* the memory goes round some eighty times ... */
  MOST_WRITTEN = 5000000,
  ENOUGH_READ = 1000, /* ... and on until readers had so many turns */
};
static rs_arena shared;
static _Atomic uint64_t recent[1024];
static _Atomic uint64_t numbered, good, late;
static _Atomic uint64_t last = UINT64_MAX; /* record, once it is known */

static void *writer(void *unused) {
  uint8_t frame[256];
  uint64_t n = 1;
  while (n <= LEAST_WRITTEN || (atomic_load(&good) < ENOUGH_READ && n <= MOST_WRITTEN)) {
    const rs_record record = {.time_ns = n, .captured = 40 + (uint32_t)(n % 160)};
    memset(frame, (int)(n & 0xff), record.captured);
    if (rs_arena_append(&shared, &record, NULL, 0, frame)) n++;
    rs_arena_publish(&shared);
  }
  atomic_store(&last, n - 1);
  return unused;
}

static void *merger(void *unused) {
  rs_record record;
  uint64_t offset;
  for (uint64_t n = 1; n <= atomic_load(&last);) {
    if (!rs_arena_peek(&shared, &record, &offset)) continue;
    CHECK_EQUAL(record.time_ns, n);
    atomic_store(&recent[n % 1024], offset);
    rs_arena_merged(&shared, offset, &record);
    atomic_store(&numbered, n++);
  }
  return unused;
}

static void *reader(void *unused) {
  rs_record record;
  uint8_t got[256];
  for (uint64_t newest; (newest = atomic_load(&numbered)) < atomic_load(&last);) {
    uint64_t wanted = newest > 600 ? newest - 600 : 1; /* about where eviction is at work */
    if (!newest || !rs_arena_read(&shared, atomic_load(&recent[wanted % 1024]), &record, got, sizeof got)) {
      atomic_fetch_add(&late, 1);
      continue;
    }
    atomic_fetch_add(&good, 1);
    CHECK(record.captured <= 200);
    for (uint32_t i = 0; i < record.captured; i++) CHECK_EQUAL(got[i], record.time_ns & 0xff);
  }
  return unused;
}

static void readers_never_see_a_torn_record_while_the_writer_evicts(void) {
  CHECK(rs_arena_open(&shared, 96 * 1024, NULL) == 0);
  void *(*const roles[])(void *) = {writer, merger, reader, reader};
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, roles[i], NULL) == 0);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  printf("    %llu read whole, %llu evicted\n", (unsigned long long)good, (unsigned long long)late);
  CHECK(good > 0);
  rs_arena_close(&shared);
}

int main(void) {
  RUN(records_come_out_in_order_with_their_bytes);
  RUN(a_full_arena_evicts_the_oldest_and_tells);
  RUN(a_record_without_a_number_is_never_evicted);
  RUN(a_record_larger_than_half_the_arena_is_refused);
  RUN(readers_never_see_a_torn_record_while_the_writer_evicts);
  return 0;
}
