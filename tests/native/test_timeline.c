/* SPDX-License-Identifier: Apache-2.0 */
/* When packets came and were read: which blocks are one slice, what is kept, and what is told of a reader that was away. */
#include <string.h>

#include "check.h"
#include "timeline.h"

#define MS UINT64_C(1000000)
#define BEGAN (UINT64_C(1900000000) * 1000 * MS)

static rs_timeline timeline;
static rs_slice found[RS_SLICES_KEPT];

static void begin(void) { memset(&timeline, 0, sizeof timeline); }

/* A block whose packets came between two times, and that was read at once after a wait. */
static void block(uint64_t first_ns, uint64_t last_ns, uint64_t wait_ns, uint32_t most) {
  const rs_slice one = {.first_ns = BEGAN + first_ns, .last_ns = BEGAN + last_ns, .begun_ns = BEGAN + last_ns + wait_ns,
                        .done_ns = BEGAN + last_ns + wait_ns + 1000, .packets = 10, .octets = 1000, .timeouts = 1};
  rs_timeline_block(&timeline, &one, most);
}

static uint32_t slices(uint64_t since_ns) { return rs_timeline_read(&timeline, since_ns, found, RS_SLICES_KEPT); }

static void blocks_that_follow_one_another_are_one_slice(void) {
  begin();
  for (uint64_t i = 0; i < 10; i++) block(i * MS / 2, i * MS / 2 + 1, 0, 100);
  CHECK_EQUAL(slices(0), 1); /* the one that grows is not told of yet */
  CHECK_EQUAL(found[0].packets, 80);
  CHECK_EQUAL(found[0].octets, 8000);
  CHECK_EQUAL(found[0].timeouts, 8);
  CHECK_EQUAL(found[0].busy_ns, 8000);
  CHECK_EQUAL(found[0].first_ns, BEGAN);
  rs_timeline_rest(&timeline, BEGAN + 5 * MS);
  CHECK_EQUAL(slices(0), 1); /* it may go on */
  rs_timeline_rest(&timeline, BEGAN + 9 * MS);
  CHECK_EQUAL(slices(0), 2);
  CHECK_EQUAL(slices(BEGAN + 4 * MS), 1);
}

static void a_slice_is_a_small_part_of_the_ring(void) {
  begin();
  for (uint64_t i = 0; i < 10; i++) block(i * 1000, i * 1000 + 1, 0, 4);
  rs_timeline_end(&timeline);
  CHECK_EQUAL(slices(0), 3);
  CHECK_EQUAL(found[0].packets, 40);
  CHECK_EQUAL(found[2].packets, 20);
}

static void a_reader_that_kept_a_block_waiting_begins_a_slice(void) {
  begin();
  block(0, 1000, 0, 100);
  block(2000, 3000, MS, 100);
  rs_timeline_away(&timeline, BEGAN + 4 * MS);
  rs_timeline_away(&timeline, BEGAN + 5 * MS); /* it is still away */
  block(3 * MS, 6 * MS, MS, 100);
  rs_timeline_end(&timeline);
  CHECK_EQUAL(slices(0), 3);
  CHECK_EQUAL(found[1].begun_ns - found[1].last_ns, MS);
  CHECK_EQUAL(found[1].away_ns, 0);
  CHECK_EQUAL(found[2].away_ns, BEGAN + 4 * MS);
}

static void the_oldest_slices_go(void) {
  begin();
  for (uint64_t i = 0; i < RS_SLICES_KEPT + 10; i++) block(i * 10 * MS, i * 10 * MS + 1, 0, 100);
  rs_timeline_end(&timeline);
  CHECK_EQUAL(slices(0), RS_SLICES_KEPT - 1); /* where the next one goes nobody reads */
  CHECK_EQUAL(found[0].first_ns, BEGAN + 11 * 10 * MS);
  CHECK_EQUAL(rs_timeline_read(&timeline, 0, found, 5), 5);
}

int main(void) {
  RUN(blocks_that_follow_one_another_are_one_slice);
  RUN(a_slice_is_a_small_part_of_the_ring);
  RUN(a_reader_that_kept_a_block_waiting_begins_a_slice);
  RUN(the_oldest_slices_go);
  return 0;
}
