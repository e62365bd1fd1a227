/* SPDX-License-Identifier: Apache-2.0 */
#include "view_hits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64, WORDS = RS_VIEW_CHUNK / WORD, FEWEST = 16 };

static uint64_t chunk_of(uint64_t number) { return (number - 1) / RS_VIEW_CHUNK; }
static uint64_t first_of(uint64_t chunk) { return chunk * RS_VIEW_CHUNK + 1; }
static uint64_t last_of(uint64_t chunk) { return (chunk + 1) * RS_VIEW_CHUNK; }

static rs_view_chunk *at(const rs_view_hits *hits, uint64_t chunk) { return &hits->chunks[chunk - hits->dropped]; }

static uint64_t beyond(const rs_view_hits *hits) { return hits->dropped + hits->count; }

void rs_view_hits_open(rs_view_hits *hits, uint64_t tail) {
  const uint64_t first = chunk_of(tail ? tail : 1);
  *hits = (rs_view_hits){.dropped = first, .open = first, .tail = tail ? tail : 1};
}

void rs_view_hits_close(rs_view_hits *hits) {
  for (uint64_t i = 0; i < hits->count; i++) free(hits->chunks[i].bits);
  free(hits->chunks);
  *hits = (rs_view_hits){0};
}

static int grow(rs_view_hits *hits) {
  if (hits->count == hits->room) {
    const uint64_t room = hits->room ? 2 * hits->room : FEWEST;
    rs_view_chunk *chunks = realloc(hits->chunks, room * sizeof *chunks);
    if (!chunks) return -ENOMEM;
    hits->chunks = chunks;
    hits->room = room;
  }
  hits->chunks[hits->count++] = (rs_view_chunk){0};
  return 0;
}

/* Goes on to the first chunk that is not complete. */
static void advance(rs_view_hits *hits) {
  while (hits->open < beyond(hits)) {
    rs_view_chunk *chunk = at(hits, hits->open);
    chunk->base = hits->matched;
    if (chunk->done < RS_VIEW_CHUNK) break;
    hits->matched += chunk->tally.matched;
    hits->judged += chunk->tally.judged;
    hits->unknown += chunk->tally.unknown;
    hits->open++;
  }
}

/* What was evicted before anybody looked at it counts as examined. */
static void pass_over_evicted(rs_view_hits *hits, uint64_t tail) {
  for (uint64_t i = hits->open; i < beyond(hits) && first_of(i) < tail; i++) {
    rs_view_chunk *chunk = at(hits, i);
    const uint64_t gone = tail - first_of(i);
    if (!chunk->taken && chunk->done < gone) chunk->done = (uint32_t)(gone < RS_VIEW_CHUNK ? gone : RS_VIEW_CHUNK);
  }
  advance(hits);
}

int rs_view_hits_take(rs_view_hits *hits, uint64_t tail, uint64_t head, rs_view_piece *piece) {
  for (uint64_t i = hits->open; first_of(i) <= head; i++) {
    if (i == beyond(hits) && grow(hits)) return -ENOMEM;
    if (i == hits->open && first_of(i) < tail) {
      pass_over_evicted(hits, tail);
      if (hits->open > i) continue;
    }
    rs_view_chunk *chunk = at(hits, i);
    const uint64_t last = head < last_of(i) ? head : last_of(i);
    if (chunk->taken || first_of(i) + chunk->done > last) continue;
    chunk->taken = true;
    piece->first = first_of(i) + chunk->done;
    piece->last = last;
    piece->tally = (rs_view_tally){0};
    memset(piece->bits, 0, sizeof piece->bits);
    return 1;
  }
  return 0;
}

int rs_view_hits_put(rs_view_hits *hits, const rs_view_piece *piece) {
  rs_view_chunk *chunk = at(hits, chunk_of(piece->first));
  chunk->taken = false;
  if (piece->tally.matched && !chunk->bits) {
    chunk->bits = calloc(WORDS, sizeof *chunk->bits);
    if (!chunk->bits) return -ENOMEM;
  }
  for (uint32_t i = 0; piece->tally.matched && i < WORDS; i++) chunk->bits[i] |= piece->bits[i];
  chunk->tally.matched += piece->tally.matched;
  chunk->tally.judged += piece->tally.judged;
  chunk->tally.unknown += piece->tally.unknown;
  chunk->done = rs_view_place(piece->last) + 1;
  advance(hits);
  return 0;
}

void rs_view_hits_trim(rs_view_hits *hits, uint64_t tail) {
  uint64_t gone = 0;
  hits->tail = tail > hits->tail ? tail : hits->tail;
  for (; hits->dropped + gone < hits->open && last_of(hits->dropped + gone) < tail; gone++) {
    free(hits->chunks[gone].bits);
    hits->chunks[gone].bits = NULL;
  }
  if (gone < FEWEST || gone < hits->count / 2) return; /* the array itself is small */
  hits->count -= gone;
  memmove(hits->chunks, hits->chunks + gone, hits->count * sizeof *hits->chunks);
  hits->dropped += gone;
}

uint64_t rs_view_hits_examined(const rs_view_hits *hits) {
  return hits->open * RS_VIEW_CHUNK + (hits->open < beyond(hits) ? at(hits, hits->open)->done : 0);
}

/* Of the packets that are examined. */
static uint64_t all_matched(const rs_view_hits *hits) {
  return hits->matched + (hits->open < beyond(hits) ? at(hits, hits->open)->tally.matched : 0);
}

/* The chunk in which the match of that index lies, among those that are examined. */
static uint64_t chunk_with(const rs_view_hits *hits, uint64_t index) {
  uint64_t low = hits->dropped, high = hits->open < beyond(hits) ? hits->open : hits->open - 1;
  while (low < high) {
    const uint64_t middle = high - (high - low) / 2;
    if (at(hits, middle)->base < index)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/* The word and the bit of the match that has `before` others before it in its chunk. */
static uint32_t select_bit(const uint64_t *bits, uint64_t before) {
  for (uint32_t i = 0; i < WORDS; i++) {
    uint64_t word = bits[i];
    const uint32_t here = (uint32_t)__builtin_popcountll(word);
    if (before >= here) {
      before -= here;
      continue;
    }
    for (; before; before--) word &= word - 1;
    return i * WORD + (uint32_t)__builtin_ctzll(word);
  }
  return RS_VIEW_CHUNK; /* not reached: there are so many */
}

uint64_t rs_view_hits_index(const rs_view_hits *hits, uint64_t number) {
  const uint64_t examined = rs_view_hits_examined(hits);
  if (number > examined) number = examined;
  if (number < first_of(hits->dropped)) return hits->count ? hits->chunks[0].base : hits->matched;
  const uint64_t which = chunk_of(number);
  if (which >= beyond(hits)) return hits->matched;
  const rs_view_chunk *chunk = at(hits, which);
  uint64_t found = chunk->base;
  const uint32_t place = rs_view_place(number);
  for (uint32_t i = 0; chunk->bits && i <= place / WORD; i++) {
    const uint64_t upto = i < place / WORD ? UINT64_MAX : UINT64_MAX >> (WORD - 1 - place % WORD);
    found += (uint64_t)__builtin_popcountll(chunk->bits[i] & upto);
  }
  /* Whose bits are gone counts as passed altogether. */
  return !chunk->bits && which < hits->open ? found + chunk->tally.matched : found;
}

uint32_t rs_view_hits_numbers(const rs_view_hits *hits, uint64_t first, uint64_t *out, uint32_t max) {
  uint32_t done = 0;
  if (!first || first > all_matched(hits) || !max) return 0;
  uint64_t which = chunk_with(hits, first);
  const uint64_t last = rs_view_hits_examined(hits);
  if (!at(hits, which)->bits) return 0; /* evicted */
  uint32_t place = select_bit(at(hits, which)->bits, first - at(hits, which)->base - 1);
  for (; which < beyond(hits) && first_of(which) <= last; which++, place = 0) {
    const uint64_t *bits = at(hits, which)->bits;
    for (uint32_t i = place / WORD; bits && i < WORDS; i++) {
      uint64_t word = bits[i];
      if (i == place / WORD) word &= UINT64_MAX << place % WORD;
      for (; word; word &= word - 1) {
        const uint64_t number = first_of(which) + i * WORD + (uint64_t)__builtin_ctzll(word);
        if (number > last || done == max) return done;
        out[done++] = number;
      }
    }
  }
  return done;
}

bool rs_view_hits_has(const rs_view_hits *hits, uint64_t number) {
  if (!number || number > rs_view_hits_examined(hits) || number < first_of(hits->dropped)) return false;
  if (chunk_of(number) >= beyond(hits)) return false;
  const uint64_t *bits = at(hits, chunk_of(number))->bits;
  const uint32_t place = rs_view_place(number);
  return bits && bits[place / WORD] >> place % WORD & 1;
}

void rs_view_hits_info(const rs_view_hits *hits, rs_view_info *out) {
  const rs_view_tally now = hits->open < beyond(hits) ? at(hits, hits->open)->tally : (rs_view_tally){0};
  *out = (rs_view_info){.examined = rs_view_hits_examined(hits),
                        .judged = hits->judged + now.judged,
                        .matched = all_matched(hits),
                        .unknown = hits->unknown + now.unknown,
                        .low = rs_view_hits_index(hits, hits->tail - 1) + 1,
                        .high = all_matched(hits)};
}
