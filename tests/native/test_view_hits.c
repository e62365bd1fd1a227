/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets pass: pieces in any order, the n-th match, how many up to a packet, and what eviction leaves of it. */
#include "view_hits.h"

#include <errno.h>

#include "check.h"

/* Every third packet matches, every hundredth is not known, every thousandth is gone. */
static void look(rs_view_piece *piece) {
  for (uint64_t n = piece->first; n <= piece->last; n++) {
    if (n % 1000 == 1) continue;
    piece->tally.judged++;
    piece->tally.unknown += n % 100 == 2;
    if (n % 3) continue;
    piece->tally.matched++;
    piece->bits[rs_view_place(n) / 64] |= UINT64_C(1) << rs_view_place(n) % 64;
  }
}

static bool matches(uint64_t n) { return n % 3 == 0 && n % 1000 != 1; }

static uint64_t matches_upto(uint64_t n) {
  uint64_t count = 0;
  for (uint64_t i = 3; i <= n; i += 3) count += i % 1000 != 1;
  return count;
}

static void fill(rs_view_hits *hits, uint64_t tail, uint64_t head) {
  rs_view_piece piece;
  while (rs_view_hits_take(hits, tail, head, &piece) == 1) {
    look(&piece);
    CHECK(rs_view_hits_put(hits, &piece) == 0);
  }
}

static void every_index_is_the_number_of_its_match_and_back(void) {
  rs_view_hits hits;
  rs_view_info info;
  uint64_t number;
  const uint64_t head = 3 * RS_VIEW_CHUNK + 777;
  rs_view_hits_open(&hits, 1);
  fill(&hits, 1, head);
  rs_view_hits_info(&hits, &info);
  CHECK_EQUAL(info.examined, head);
  CHECK_EQUAL(info.judged, head - (head + 999) / 1000);
  CHECK_EQUAL(info.matched, matches_upto(head));
  CHECK_EQUAL(info.low, 1);
  CHECK_EQUAL(info.high, info.matched);
  uint64_t index = 0;
  for (uint64_t n = 1; n <= head; n++) {
    if (matches(n)) {
      CHECK_EQUAL(rs_view_hits_numbers(&hits, ++index, &number, 1), 1);
      CHECK_EQUAL(number, n);
    }
    if (n % 7 == 0 || n % RS_VIEW_CHUNK < 2) CHECK_EQUAL(rs_view_hits_index(&hits, n), index);
    CHECK_EQUAL(rs_view_hits_has(&hits, n), matches(n));
  }
  CHECK_EQUAL(rs_view_hits_numbers(&hits, index + 1, &number, 1), 0);
  CHECK_EQUAL(rs_view_hits_numbers(&hits, 0, &number, 1), 0);
  CHECK_EQUAL(rs_view_hits_index(&hits, UINT64_MAX), index);
  CHECK(!rs_view_hits_has(&hits, 0) && !rs_view_hits_has(&hits, UINT64_MAX));
  rs_view_hits_close(&hits);
}

static void many_numbers_are_given_at_once_across_chunks(void) {
  static uint64_t numbers[50000];
  rs_view_hits hits;
  rs_view_hits_open(&hits, 1);
  fill(&hits, 1, 4 * RS_VIEW_CHUNK);
  const uint32_t count = rs_view_hits_numbers(&hits, 100, numbers, 50000);
  CHECK_EQUAL(count, matches_upto(4 * RS_VIEW_CHUNK) - 99);
  uint64_t n = numbers[0];
  for (uint32_t i = 0; i < count; i++, n++) {
    while (!matches(n)) n++;
    CHECK_EQUAL(numbers[i], n);
  }
  CHECK_EQUAL(rs_view_hits_numbers(&hits, 100, numbers, 7), 7);
  rs_view_hits_close(&hits);
}

static void pieces_come_back_in_any_order_and_count_only_without_a_hole(void) {
  rs_view_hits hits;
  rs_view_piece pieces[3], none;
  rs_view_info info;
  const uint64_t head = 2 * RS_VIEW_CHUNK + 50;
  rs_view_hits_open(&hits, 1);
  for (int i = 0; i < 3; i++) CHECK_EQUAL(rs_view_hits_take(&hits, 1, head, &pieces[i]), 1);
  CHECK_EQUAL(rs_view_hits_take(&hits, 1, head, &none), 0);
  CHECK_EQUAL(pieces[1].first, RS_VIEW_CHUNK + 1);
  CHECK_EQUAL(pieces[2].last, head);
  for (int i = 0; i < 3; i++) look(&pieces[i]);
  CHECK(rs_view_hits_put(&hits, &pieces[2]) == 0 && rs_view_hits_put(&hits, &pieces[1]) == 0);
  rs_view_hits_info(&hits, &info);
  CHECK(info.examined == 0 && info.matched == 0 && info.judged == 0 && info.high == 0);
  CHECK_EQUAL(rs_view_hits_index(&hits, head), 0);
  CHECK(rs_view_hits_put(&hits, &pieces[0]) == 0);
  rs_view_hits_info(&hits, &info);
  CHECK_EQUAL(info.examined, head);
  CHECK_EQUAL(info.matched, matches_upto(head));
  rs_view_hits_close(&hits);
}

static void what_comes_later_goes_on_in_the_last_chunk(void) {
  rs_view_hits hits;
  rs_view_info info;
  rs_view_hits_open(&hits, 1);
  for (uint64_t head = 0; head < 2 * RS_VIEW_CHUNK; head += 1237) {
    fill(&hits, 1, head);
    rs_view_hits_info(&hits, &info);
    CHECK_EQUAL(info.examined, head);
    CHECK_EQUAL(info.matched, matches_upto(head));
  }
  rs_view_hits_close(&hits);
}

static void eviction_raises_low_and_moves_no_index(void) {
  rs_view_hits hits;
  rs_view_info info;
  uint64_t number;
  const uint64_t head = 60 * RS_VIEW_CHUNK;
  rs_view_hits_open(&hits, 1);
  fill(&hits, 1, head);
  const uint64_t all = matches_upto(head), room = hits.room;
  for (uint64_t tail = 1; tail <= head; tail += 9001) {
    rs_view_hits_trim(&hits, tail);
    rs_view_hits_info(&hits, &info);
    CHECK_EQUAL(info.low, matches_upto(tail - 1) + 1);
    CHECK_EQUAL(info.high, all);
    if (info.low > all) break;
    CHECK_EQUAL(rs_view_hits_numbers(&hits, info.low, &number, 1), 1);
    CHECK(number >= tail && number < tail + 6 && matches(number));
    CHECK_EQUAL(rs_view_hits_index(&hits, number), info.low);
    uint64_t kept = 0;
    for (uint64_t i = 0; i < hits.count; i++) kept += hits.chunks[i].bits != NULL;
    CHECK_EQUAL(kept, 60 - (tail - 1) / RS_VIEW_CHUNK); /* the others' memory was given back */
  }
  CHECK(hits.count < 40 && hits.room == room);
  CHECK_EQUAL(rs_view_hits_numbers(&hits, 1, &number, 1), 0); /* evicted */
  CHECK(!rs_view_hits_has(&hits, 3));
  rs_view_hits_close(&hits);
}

static void what_was_evicted_before_it_was_looked_at_is_passed_over(void) {
  rs_view_hits hits;
  rs_view_info info;
  const uint64_t tail = 5 * RS_VIEW_CHUNK + 100, head = tail + 900;
  rs_view_hits_open(&hits, 10);
  fill(&hits, 10, 1000);
  rs_view_hits_info(&hits, &info);
  const uint64_t before = info.matched;
  CHECK_EQUAL(before, matches_upto(1000) - matches_upto(9));
  fill(&hits, tail, head);
  rs_view_hits_trim(&hits, tail);
  rs_view_hits_info(&hits, &info);
  CHECK_EQUAL(info.examined, head);
  CHECK_EQUAL(info.matched, before + matches_upto(head) - matches_upto(tail - 1));
  CHECK_EQUAL(info.low, before + 1);
  rs_view_hits_close(&hits);
}

static void a_run_that_begins_late_begins_at_the_tail(void) {
  rs_view_hits hits;
  rs_view_piece piece;
  const uint64_t tail = UINT64_C(3000000000007);
  rs_view_hits_open(&hits, tail);
  CHECK_EQUAL(rs_view_hits_take(&hits, tail, tail + 10, &piece), 1);
  CHECK_EQUAL(piece.first, tail);
  CHECK_EQUAL(piece.last, tail + 10);
  CHECK(hits.count == 1);
  rs_view_hits_close(&hits);
}

int main(void) {
  RUN(every_index_is_the_number_of_its_match_and_back);
  RUN(many_numbers_are_given_at_once_across_chunks);
  RUN(pieces_come_back_in_any_order_and_count_only_without_a_hole);
  RUN(what_comes_later_goes_on_in_the_last_chunk);
  RUN(eviction_raises_low_and_moves_no_index);
  RUN(what_was_evicted_before_it_was_looked_at_is_passed_over);
  RUN(a_run_that_begins_late_begins_at_the_tail);
  return 0;
}
