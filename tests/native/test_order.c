/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting packets: by what is known without their bytes, all of them or a view, in memory or in a file. */
#include <linux/filter.h>
#include <time.h>

#include "made_store.h"

enum { HEAD = 5000 };

static uint64_t numbers[HEAD], keys[HEAD];

static uint64_t of_length(uint64_t n) { return made_length(n); }
static uint64_t of_captured(uint64_t n) { return made_captured(n); }
static uint64_t of_number(uint64_t n) { return n; }

static void check_order(int64_t count, uint64_t (*key)(uint64_t), bool falling) {
  for (int64_t i = 1; i < count; i++) {
    const uint64_t one = key(numbers[i - 1]), next = key(numbers[i]);
    CHECK(one == next ? numbers[i - 1] < numbers[i] : falling ? one > next : one < next);
  }
}

static void packets_are_sorted_by_what_the_store_knows_and_what_is_equal_stays_in_its_order(void) {
  made_store store = make_store(HEAD);
  const struct { uint32_t by; uint64_t (*key)(uint64_t); } kinds[] = {{RS_BY_LENGTH, of_length},
                                                                      {RS_BY_CAPTURED, of_captured},
                                                                      {RS_BY_TIME, of_number},
                                                                      {RS_BY_NUMBER, of_number}};
  for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    for (uint32_t falling = 0; falling < 2; falling++) {
      CHECK_EQUAL(rs_order_keys(&store.base, NULL, 1, HEAD, kinds[kind].by, numbers, keys, NULL), HEAD);
      CHECK(rs_order_sort(keys, numbers, HEAD, falling, NULL) == 0);
      check_order(HEAD, kinds[kind].key, falling);
      bool met[HEAD + 1] = {0};
      for (int i = 0; i < HEAD; i++) met[numbers[i]] = true;
      for (uint64_t n = 1; n <= HEAD; n++) CHECK(met[n]);
    }
  }
}

static void keys_of_any_size_are_sorted(void) {
  for (uint64_t i = 0; i < HEAD; i++) {
    numbers[i] = i;
    keys[i] = i * UINT64_C(0x9e3779b97f4a7c15);
  }
  CHECK(rs_order_sort(keys, numbers, HEAD, 0, NULL) == 0);
  for (uint64_t i = 1; i < HEAD; i++)
    CHECK(numbers[i - 1] * UINT64_C(0x9e3779b97f4a7c15) < numbers[i] * UINT64_C(0x9e3779b97f4a7c15));
  CHECK(rs_order_sort(keys, numbers, 0, 0, NULL) == 0);
}

static void evicted_packets_are_left_out(void) {
  made_store store = make_store(HEAD);
  atomic_store(&store.tail, 4001);
  CHECK_EQUAL(rs_order_keys(&store.base, NULL, 1, HEAD, RS_BY_LENGTH, numbers, keys, NULL), 1000);
  CHECK_EQUAL(numbers[0], 4001);
}

static void of_a_view_only_what_passes_is_sorted_also_when_some_of_it_was_evicted(void) {
  static const rs_insn longer[] = {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
                                   {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 500},
                                   {BPF_RET | BPF_K, 0, 0, 1},
                                   {BPF_RET | BPF_K, 0, 0, 0}};
  const rs_view_program programs[] = {{MADE_ETHERNET, RS_MACHINE_LIBPCAP, longer, 4}, {MADE_RAW, RS_MACHINE_LIBPCAP, longer, 4}};
  const struct timespec pause = {0, 1000 * 1000};
  made_store store = make_store(HEAD);
  rs_view *view = NULL;
  rs_view_info info;
  uint32_t passing = 0, kept = 0;
  CHECK(rs_view_open(&store.base, 1, 0, &view, NULL) == 0 && rs_view_start(view, programs, 2, NULL) == 0);
  do {
    nanosleep(&pause, NULL);
    rs_view_state(view, &info);
  } while (info.running);
  for (uint64_t n = 1; n <= HEAD; n++) {
    passing += made_length(n) > 500;
    kept += n >= 2001 && made_length(n) > 500;
  }
  CHECK_EQUAL(rs_order_keys(&store.base, view, 1, HEAD, RS_BY_LENGTH, numbers, keys, NULL), passing);
  CHECK(rs_order_sort(keys, numbers, passing, 1, NULL) == 0);
  check_order(passing, of_length, true);
  CHECK(made_length(numbers[passing - 1]) > 500);
  atomic_store(&store.tail, 2001);
  CHECK_EQUAL(rs_order_keys(&store.base, view, 1, HEAD, RS_BY_LENGTH, numbers, keys, NULL), kept);
  rs_view_close(view);
}

static void the_nearest_number_is_found_in_any_order(void) {
  const uint64_t some[] = {70, 10, 50, 30};
  CHECK_EQUAL(rs_order_nearest(some, 4, 50), 2);
  CHECK_EQUAL(rs_order_nearest(some, 4, 0), 1);
  CHECK_EQUAL(rs_order_nearest(some, 4, UINT64_MAX), 0);
  CHECK_EQUAL(rs_order_nearest(some, 4, 31), 3);
  CHECK_EQUAL(rs_order_nearest(some, 0, 31), 0);
}

int main(void) {
  RUN(packets_are_sorted_by_what_the_store_knows_and_what_is_equal_stays_in_its_order);
  RUN(keys_of_any_size_are_sorted);
  RUN(evicted_packets_are_left_out);
  RUN(of_a_view_only_what_passes_is_sorted_also_when_some_of_it_was_evicted);
  RUN(the_nearest_number_is_found_in_any_order);
  return 0;
}
