/* SPDX-License-Identifier: Apache-2.0 */
/* order: what packets are sorted by, many at once, and the sorting of their numbers. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "store.h"

enum {
  AT_ONCE = 1024,
  /* A file's store reads the records of many packets together where they have room here. */
  ROOM = 1 << 20,
  DIGITS = 8, /* of a key, of eight bits each */
  VALUES = 256,
};

typedef struct scratch {
  uint64_t numbers[AT_ONCE];
  rs_packet packets[AT_ONCE];
  uint8_t bytes[ROOM];
} scratch;

static uint64_t key_of(const rs_packet *packet, uint32_t by) {
  switch (by) {
    case RS_BY_TIME: return packet->time_ns;
    case RS_BY_LENGTH: return packet->length;
    case RS_BY_CAPTURED: return packet->captured;
    case RS_BY_QUEUE: return packet->queue;
    case RS_BY_EPOCH: return packet->epoch;
    default: return packet->number;
  }
}

/* Numbers of the packets at places first .. first + count - 1, as many as have one. */
static uint32_t numbers_at(rs_view *view, uint64_t first, uint32_t count, uint64_t *numbers) {
  if (!view) {
    for (uint32_t i = 0; i < count; i++) numbers[i] = first + i;
    return count;
  }
  rs_view_info info;
  rs_view_state(view, &info); /* from an index that was evicted on it tells none */
  const uint64_t past = first + count, from = first < info.low ? info.low : first;
  return from < past ? rs_view_numbers(view, from, numbers, (uint32_t)(past - from)) : 0;
}

/* How many of these follow each other without a gap. */
static uint32_t run_length(const uint64_t *numbers, uint32_t count) {
  uint32_t length = 1;
  while (length < count && numbers[length] == numbers[0] + length) length++;
  return length;
}

int64_t rs_order_keys(const rs_store *store, rs_view *view, uint64_t first, uint32_t count, uint32_t by, uint64_t *numbers,
                      uint64_t *keys, rs_error *error) {
  uint32_t found = 0;
  scratch *work = malloc(sizeof *work);
  if (!work) return rs_error_set(error, ENOMEM, "no memory to sort packets");
  for (uint32_t done = 0, wanted; done < count; done += wanted) {
    wanted = count - done < AT_ONCE ? count - done : AT_ONCE;
    const uint32_t there = numbers_at(view, first + done, wanted, work->numbers);
    for (uint32_t at = 0, length; at < there; at += length) {
      length = run_length(work->numbers + at, there - at);
      const uint32_t got = rs_store_read(store, work->numbers[at], length, 0, work->packets, work->bytes, ROOM);
      for (uint32_t i = 0; i < got; i++, found++) {
        numbers[found] = work->packets[i].number;
        keys[found] = key_of(&work->packets[i], by);
      }
    }
  }
  free(work);
  return found;
}

static bool is_sorted(const uint64_t *keys, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (keys[i - 1] > keys[i]) return false;
  return true;
}

static uint32_t digit(uint64_t key, uint32_t which) { return key >> 8 * which & (VALUES - 1); }

/* One pass: brings what has a smaller digit before what has a larger one, and leaves the others as they stand. */
static void sort_by_digit(const uint64_t *keys, const uint64_t *numbers, size_t count, uint32_t which, size_t *places,
                          uint64_t *sorted_keys, uint64_t *sorted_numbers) {
  size_t before = 0;
  for (uint32_t value = 0; value < VALUES; value++) {
    const size_t many = places[value];
    places[value] = before;
    before += many;
  }
  for (size_t i = 0; i < count; i++) {
    const size_t place = places[digit(keys[i], which)]++;
    sorted_keys[place] = keys[i];
    sorted_numbers[place] = numbers[i];
  }
}

int rs_order_sort(uint64_t *keys, uint64_t *numbers, size_t count, uint32_t falling, rs_error *error) {
  if (falling)
    for (size_t i = 0; i < count; i++) keys[i] = ~keys[i];
  if (is_sorted(keys, count)) return 0;
  size_t places[DIGITS][VALUES] = {{0}};
  uint64_t *more = malloc(count * 2 * sizeof *more);
  if (!more) return rs_error_set(error, ENOMEM, "no memory to sort %zu packets; a view makes them fewer", count);
  for (size_t i = 0; i < count; i++)
    for (uint32_t which = 0; which < DIGITS; which++) places[which][digit(keys[i], which)]++;
  uint64_t *from[] = {keys, numbers}, *to[] = {more, more + count};
  for (uint32_t which = 0; which < DIGITS; which++) {
    if (places[which][digit(keys[0], which)] == count) continue; /* the same in all keys */
    sort_by_digit(from[0], from[1], count, which, places[which], to[0], to[1]);
    uint64_t *const swapped[] = {from[0], from[1]};
    memcpy(from, to, sizeof from);
    memcpy(to, swapped, sizeof to);
  }
  if (from[0] != keys) {
    memcpy(keys, from[0], count * sizeof *keys);
    memcpy(numbers, from[1], count * sizeof *numbers);
  }
  free(more);
  return 0;
}

size_t rs_order_nearest(const uint64_t *numbers, size_t count, uint64_t number) {
  size_t best = 0;
  uint64_t distance = UINT64_MAX;
  for (size_t i = 0; i < count && distance; i++) {
    const uint64_t apart = numbers[i] > number ? numbers[i] - number : number - numbers[i];
    if (apart < distance) {
      distance = apart;
      best = i;
    }
  }
  return best;
}
