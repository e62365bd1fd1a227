/* SPDX-License-Identifier: Apache-2.0 */
/* Where the line between two capture filters lies in the numbers: behind the last packet that may have passed the one before. */
#include "captures.h"
#include "merges.h"

static rs_change *publish(bench *b) {
  rs_change *change;
  CHECK(rs_epochs_prepare(&b->epochs, everything, 1, &change, NULL) == 0);
  rs_epochs_publish(&b->epochs, change);
  return change;
}

static void pass_line(bench *b, uint32_t queue, uint32_t epoch) { b->queues[queue].passed = epoch; }

static rs_epoch epoch_of(const bench *b, uint32_t epoch) {
  rs_epoch one;
  CHECK_EQUAL(rs_epochs_list(&b->epochs, epoch, &one, 1), 1);
  CHECK_EQUAL(one.epoch, epoch);
  return one;
}

static void a_filter_holds_from_behind_the_last_packet_that_may_have_passed_the_one_before(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  publish(&b);
  put_of(&b, 0, 10, 1, 0);
  put_of(&b, 1, 12, 1, 0);
  put_of(&b, 0, 20, 2, RS_RECHECKED);
  put_of(&b, 0, 25, 1, RS_RECHECKED);
  put_of(&b, 1, 27, 2, RS_RECHECKED);
  put_of(&b, 0, 30, 2, RS_RECHECKED);
  CHECK(rs_merge_round(&b.merge, 40));
  CHECK_EQUAL(epoch_of(&b, 2).first, 3);
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 0); /* not known yet */
  pass_line(&b, 0, 2);
  put_of(&b, 0, 40, 2, 0);
  CHECK(!rs_merge_round(&b.merge, 100));
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 0); /* one queue has not passed */
  pass_line(&b, 1, 2);
  put_of(&b, 1, 110, 2, 0);
  CHECK(!rs_merge_round(&b.merge, 200));
  CHECK_EQUAL(head(&b), 8);
  CHECK_EQUAL(epoch_of(&b, 2).first, 3);
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 7);
  tear_down(&b);
}

static void the_line_waits_for_the_packets_from_before_it_that_have_no_number_yet(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  publish(&b);
  be_late(&b, 1);
  put_of(&b, 0, 50, 1, 0);
  pass_line(&b, 0, 2);
  pass_line(&b, 1, 2); /* by a step that lies before its next block */
  CHECK(rs_merge_round(&b.merge, 60));
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 0);
  put_of(&b, 1, 55, 2, 0);
  catch_up(&b, 1);
  CHECK(!rs_merge_round(&b.merge, 55 + PATIENCE));
  CHECK_EQUAL(epoch_of(&b, 2).first, 2);
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 2);
  tear_down(&b);
}

static void changes_without_packets_between_hold_from_where_the_next_packet_comes(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, false);
  put_of(&b, 0, 10, 1, 0);
  for (uint32_t epoch = 2; epoch <= 4; epoch++) {
    publish(&b);
    pass_line(&b, 0, epoch);
    pass_line(&b, 1, epoch);
  }
  CHECK(!rs_merge_round(&b.merge, 100));
  for (uint32_t epoch = 2; epoch <= 4; epoch++) {
    CHECK_EQUAL(epoch_of(&b, epoch).first, 0);
    CHECK_EQUAL(epoch_of(&b, epoch).clean_from, 2);
  }
  put_of(&b, 1, 110, 4, 0);
  CHECK(!rs_merge_round(&b.merge, 200));
  CHECK_EQUAL(epoch_of(&b, 4).first, 2);
  CHECK_EQUAL(epoch_of(&b, 3).first, 0);
  tear_down(&b);
}

static void several_changes_under_way_at_once_each_get_their_own_line(void) {
  bench b;
  set_up(&b, 1, RS_STORE_MIN, false);
  for (uint32_t epoch = 2; epoch <= 4; epoch++) publish(&b);
  for (uint16_t epoch = 1; epoch <= 4; epoch++) {
    for (int i = 0; i < 5; i++) put_of(&b, 0, 10u * epoch, epoch, epoch > 1 && i < 2 ? RS_RECHECKED : 0);
  }
  pass_line(&b, 0, 4);
  CHECK(!rs_merge_round(&b.merge, 100));
  for (uint32_t epoch = 2; epoch <= 4; epoch++) {
    CHECK_EQUAL(epoch_of(&b, epoch).first, (epoch - 1) * 5 + 1);
    CHECK_EQUAL(epoch_of(&b, epoch).clean_from, (epoch - 1) * 5 + 3); /* behind its two that were re-checked */
  }
  tear_down(&b);
}

static void a_change_that_was_undone_holds_from_nowhere(void) {
  bench b;
  set_up(&b, 1, RS_STORE_MIN, false);
  rs_change *change = publish(&b);
  put_of(&b, 0, 10, 1, 0);
  put_of(&b, 0, 11, 1, RS_RECHECKED);
  atomic_store(&change->undone, 1);
  pass_line(&b, 0, 2);
  put_of(&b, 0, 12, 1, 0);
  CHECK(!rs_merge_round(&b.merge, 100));
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 0);
  publish(&b);
  pass_line(&b, 0, 3);
  put_of(&b, 0, 20, 3, 0);
  CHECK(!rs_merge_round(&b.merge, 200));
  CHECK_EQUAL(epoch_of(&b, 3).clean_from, 4);
  tear_down(&b);
}

static void an_exact_change_puts_all_of_an_epoch_before_any_of_the_next(void) {
  bench b;
  set_up(&b, 2, 2 * RS_STORE_MIN, true);
  publish(&b);
  put_of(&b, 0, 10, 1, 0);
  pass_line(&b, 0, 2);
  put_of(&b, 0, 15, 2, 0);
  put_of(&b, 0, 20, 2, 0);
  CHECK(rs_merge_round(&b.merge, 1000000)); /* however late: the other queue may still have some of before */
  check_times(&b, (uint64_t[]){10}, 1);
  put_of(&b, 1, 18, 1, 0);
  put_of(&b, 1, 30, 1, 0);
  CHECK(rs_merge_round(&b.merge, 1000000));
  check_times(&b, (uint64_t[]){10, 18, 30}, 3);
  pass_line(&b, 1, 2);
  CHECK(!rs_merge_round(&b.merge, 1000000));
  check_times(&b, (uint64_t[]){10, 18, 30, 15, 20}, 5);
  CHECK_EQUAL(epoch_of(&b, 2).first, 4);
  CHECK_EQUAL(epoch_of(&b, 2).clean_from, 4);
  CHECK_EQUAL(b.merge.disordered, 1);
  tear_down(&b);
}

int main(void) {
  RUN(a_filter_holds_from_behind_the_last_packet_that_may_have_passed_the_one_before);
  RUN(the_line_waits_for_the_packets_from_before_it_that_have_no_number_yet);
  RUN(changes_without_packets_between_hold_from_where_the_next_packet_comes);
  RUN(several_changes_under_way_at_once_each_get_their_own_line);
  RUN(a_change_that_was_undone_holds_from_nowhere);
  RUN(an_exact_change_puts_all_of_an_epoch_before_any_of_the_next);
  return 0;
}
