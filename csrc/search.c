/* SPDX-License-Identifier: Apache-2.0 */
/* search: the next packet, or the one before, whose bytes contain others. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "store.h"

enum {
  AT_ONCE = 64,
  /* Backwards a window is walked forwards, and the last one found in it is the one; the first windows are small. */
  SMALLEST_WINDOW = 256,
  LARGEST_WINDOW = 16384,
};

struct rs_search {
  const rs_store *store;
  _Atomic bool cancelled;
  _Atomic uint64_t looked_at;
  rs_walk walk;
  rs_sight sights[AT_ONCE];
  uint8_t folded[RS_READ_MAX]; /* a packet in small letters */
};

/* What is looked for. */
typedef struct needle {
  const uint8_t *bytes;
  uint32_t length;
  bool fold; /* `bytes` are in small letters, and capital ones are taken for those */
  rs_view *view;
} needle;

int rs_search_open(const rs_store *store, rs_search **out, rs_error *error) {
  rs_search *search = calloc(1, sizeof *search);
  if (!search) return rs_error_set(error, ENOMEM, "no memory for a search");
  search->store = store;
  const int result = rs_walk_open(&search->walk, store, RS_READ_MAX, error);
  if (result) {
    free(search);
    return result;
  }
  *out = search;
  return 0;
}

void rs_search_close(rs_search *search) {
  if (!search) return;
  rs_walk_close(&search->walk);
  free(search);
}

/* Relaxed, here and below: each of the two carries nothing but itself. */
void rs_search_cancel(rs_search *search) { atomic_store_explicit(&search->cancelled, true, memory_order_relaxed); }

uint64_t rs_search_progress(const rs_search *search) {
  return atomic_load_explicit(&search->looked_at, memory_order_relaxed);
}

static uint8_t small(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

static bool contains(rs_search *search, const rs_sight *sight, const needle *what) {
  const uint8_t *bytes = sight->frame.bytes;
  const uint32_t count = sight->frame.captured < RS_READ_MAX ? sight->frame.captured : RS_READ_MAX;
  if (count < what->length || (what->view && !rs_view_has(what->view, sight->number))) return false;
  if (what->fold) {
    for (uint32_t i = 0; i < count; i++) search->folded[i] = small(bytes[i]);
    bytes = search->folded;
  }
  return memmem(bytes, count, what->bytes, what->length) != NULL;
}

/* The first packet of first .. last, or the last one, that has the needle; 0: none. -ECANCELED. */
static int64_t look(rs_search *search, const needle *what, uint64_t first, uint64_t last, bool want_last) {
  uint64_t found = 0;
  while (first <= last) {
    if (atomic_load_explicit(&search->cancelled, memory_order_relaxed)) return -ECANCELED;
    const uint32_t count = rs_walk_next(&search->walk, first, last, search->sights, AT_ONCE);
    if (!count) break;
    for (uint32_t i = 0; i < count; i++) {
      if (!contains(search, &search->sights[i], what)) continue;
      found = search->sights[i].number;
      if (!want_last) return (int64_t)found;
    }
    atomic_fetch_add_explicit(&search->looked_at, count, memory_order_relaxed);
    first = search->sights[count - 1].number + 1;
  }
  return (int64_t)found;
}

static int64_t look_back(rs_search *search, const needle *what, uint64_t start) {
  const uint64_t head = rs_store_head(search->store);
  uint64_t last = start < head ? start : head, window = SMALLEST_WINDOW;
  while (last && last >= rs_store_tail(search->store)) {
    const uint64_t first = last > window ? last - window + 1 : 1;
    const int64_t found = look(search, what, first, last, true);
    if (found) return found;
    last = first - 1;
    if (window < LARGEST_WINDOW) window *= 2;
  }
  return 0;
}

int rs_search_bytes(rs_search *search, const uint8_t *bytes, uint32_t length, int fold, uint64_t start, int forward,
                    rs_view *view, uint64_t *found, rs_error *error) {
  uint8_t *copy = malloc(length ? length : 1);
  *found = 0;
  if (!copy) return rs_error_set(error, ENOMEM, "no memory for a search");
  for (uint32_t i = 0; i < length; i++) copy[i] = fold ? small(bytes[i]) : bytes[i];
  const needle what = {copy, length, fold != 0, view};
  atomic_store_explicit(&search->looked_at, 0, memory_order_relaxed);
  const int64_t result = forward ? look(search, &what, start, rs_store_head(search->store), false)
                                 : look_back(search, &what, start);
  free(copy);
  if (result < 0) return rs_error_set(error, (int)-result, "the search was cancelled");
  *found = (uint64_t)result;
  return 0;
}

uint32_t rs_search_copy(rs_search *search, uint64_t first, uint64_t last, rs_view *view, uint64_t *numbers, uint32_t *ends,
                        uint32_t max, uint8_t *bytes, size_t room, uint64_t *next) {
  uint32_t done = 0;
  size_t used = 0;
  for (*next = first; *next <= last && done < max;) {
    if (atomic_load_explicit(&search->cancelled, memory_order_relaxed)) break;
    const uint32_t count = rs_walk_next(&search->walk, *next, last, search->sights, AT_ONCE);
    if (!count) {
      *next = last + 1;
      break;
    }
    for (uint32_t i = 0; i < count && done < max; i++) {
      const rs_sight *sight = &search->sights[i];
      const uint32_t size = sight->frame.captured < RS_READ_MAX ? sight->frame.captured : RS_READ_MAX;
      const bool wanted = !view || rs_view_has(view, sight->number);
      if (wanted && size > room - used) return done;
      *next = sight->number + 1;
      atomic_fetch_add_explicit(&search->looked_at, 1, memory_order_relaxed);
      if (!wanted) continue;
      memcpy(bytes + used, sight->frame.bytes, size);
      used += size;
      numbers[done] = sight->number;
      ends[done++] = (uint32_t)used;
    }
  }
  return done;
}
