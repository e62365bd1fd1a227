/* SPDX-License-Identifier: Apache-2.0 */
/* Searching bytes: the next packet and the one before, in a view or in all, until it is told to stop. */
#include <errno.h>
#include <linux/filter.h>
#include <pthread.h>
#include <time.h>

#include "made_store.h"
#include "stores.h"

enum { HEAD = 40000 };

static rs_search *open_search(const rs_store *store) {
  rs_search *search = NULL;
  CHECK(rs_search_open(store, &search, NULL) == 0);
  return search;
}

static uint64_t find(rs_search *search, const void *bytes, uint32_t length, uint64_t start, int forward, rs_view *view) {
  uint64_t found = 99;
  CHECK(rs_search_bytes(search, bytes, length, 0, start, forward, view, &found, NULL) == 0);
  return found;
}

static void the_next_and_the_one_before_are_found(void) {
  made_store store = make_store(HEAD);
  rs_search *search = open_search(&store.base);
  /* The four bytes of a number stand at the beginning of its packet; elsewhere bytes only count up. */
  for (uint64_t n = 1; n <= HEAD; n += 7999) {
    const uint8_t bytes[4] = {0, 0, (uint8_t)(n >> 8), (uint8_t)n};
    CHECK_EQUAL(find(search, bytes, 4, 1, 1, NULL), n);
    CHECK_EQUAL(find(search, bytes, 4, n, 1, NULL), n);
    CHECK_EQUAL(find(search, bytes, 4, n + 1, 1, NULL), 0);
    CHECK_EQUAL(find(search, bytes, 4, UINT64_MAX, 0, NULL), n);
    CHECK_EQUAL(find(search, bytes, 4, n, 0, NULL), n);
    CHECK_EQUAL(find(search, bytes, 4, n - 1, 0, NULL), 0);
  }
  CHECK_EQUAL(rs_search_progress(search) > 0, 1);
  rs_search_close(search);
}

/* By hand: does packet n contain byte pairs 0xfe 0xff within what was kept? */
static bool has_pair(uint64_t n) {
  uint8_t bytes[MADE_LONGEST];
  made_bytes(n, bytes, made_captured(n));
  return memmem(bytes, made_captured(n), "\xfe\xff", 2) != NULL;
}

static void each_packet_that_has_it_is_met_in_either_direction_and_no_other(void) {
  made_store store = make_store(3000);
  rs_search *search = open_search(&store.base);
  uint64_t at = 0, next = 1, met = 0;
  while ((at = find(search, "\xfe\xff", 2, next, 1, NULL))) {
    for (; next < at; next++) CHECK(!has_pair(next));
    CHECK(has_pair(at));
    next = at + 1;
    met++;
  }
  for (; next <= 3000; next++) CHECK(!has_pair(next));
  CHECK(met > 100 && met < 2900);
  next = 3000;
  while (next && (at = find(search, "\xfe\xff", 2, next, 0, NULL))) {
    CHECK(has_pair(at));
    next = at - 1;
    met--;
  }
  CHECK_EQUAL(met, 0);
  rs_search_close(search);
}

static void capital_letters_are_small_ones_where_that_is_wanted(void) {
  static const char text[] = "GET /Index.html HTTP/1.1";
  rs_live_store store;
  uint64_t found;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  const rs_record record = {.time_ns = 1, .length = sizeof text, .captured = sizeof text};
  append(&store.arenas[0], &record, (const uint8_t *)text);
  number_all(&store);
  rs_search *search = open_search(&store.base);
  CHECK_EQUAL(find(search, "Index", 5, 1, 1, NULL), 1);
  CHECK_EQUAL(find(search, "index", 5, 1, 1, NULL), 0);
  CHECK(rs_search_bytes(search, (const uint8_t *)"iNDEX.HTML http", 15, 1, 1, 1, NULL, &found, NULL) == 0 && found == 1);
  CHECK(rs_search_bytes(search, (const uint8_t *)"index\x0ehtml", 10, 1, 1, 1, NULL, &found, NULL) == 0 && found == 0);
  CHECK_EQUAL(find(search, "GET /Index.html HTTP/1.1\0\0", sizeof text + 1, 1, 1, NULL), 0); /* longer than the packet */
  rs_search_close(search);
  rs_live_store_close(&store);
}

/* Only Ethernet. */
static rs_view *open_view(const rs_store *store) {
  static const rs_insn all[] = {{BPF_RET | BPF_K, 0, 0, 1}};
  const rs_view_program program = {MADE_ETHERNET, RS_MACHINE_LIBPCAP, all, 1};
  rs_view *view = NULL;
  rs_view_info info = {0};
  CHECK(rs_view_open(store, 1, 0, &view, NULL) == 0 && rs_view_start(view, &program, 1, NULL) == 0);
  while (info.examined < rs_store_head(store)) rs_view_state(view, &info);
  return view;
}

static void in_a_view_only_what_passes_is_found(void) {
  made_store store = make_store(HEAD);
  rs_search *search = open_search(&store.base);
  rs_view *view = open_view(&store.base);
  const uint8_t raw[4] = {0, 0, 100 >> 8, 100}, ethernet[4] = {0, 0, 0, 101};
  CHECK_EQUAL(find(search, raw, 4, 1, 1, NULL), 100);
  CHECK_EQUAL(find(search, raw, 4, 1, 1, view), 0);
  CHECK_EQUAL(find(search, ethernet, 4, 1, 1, view), 101);
  CHECK_EQUAL(find(search, ethernet, 4, HEAD, 0, view), 101);
  rs_view_close(view);
  rs_search_close(search);
}

static void what_is_copied_is_all_that_passes_and_goes_on_where_it_ended(void) {
  static uint8_t bytes[20000];
  uint64_t numbers[50], next = 1, expected = 1;
  uint32_t ends[50];
  made_store store = make_store(2000);
  rs_search *search = open_search(&store.base);
  rs_view *view = open_view(&store.base);
  while (next <= 2000) {
    const uint32_t count = rs_search_copy(search, next, 2000, view, numbers, ends, 50, bytes, sizeof bytes, &next);
    for (uint32_t i = 0, begin = 0; i < count; begin = ends[i++], expected++) {
      while (made_link_type(expected) != MADE_ETHERNET) expected++;
      uint8_t own[MADE_LONGEST];
      made_bytes(expected, own, made_captured(expected));
      CHECK_EQUAL(numbers[i], expected);
      CHECK_EQUAL(ends[i] - begin, made_captured(expected));
      CHECK(memcmp(bytes + begin, own, ends[i] - begin) == 0);
    }
  }
  CHECK_EQUAL(expected, 2000);
  CHECK_EQUAL(rs_search_progress(search), 2000);
  rs_view_close(view);
  rs_search_close(search);
}

static void *cancel_soon(void *search) {
  nanosleep(&(struct timespec){0, 20 * 1000 * 1000}, NULL);
  rs_search_cancel(search);
  return NULL;
}

static void a_search_that_would_take_for_ever_is_cancelled_from_another_thread(void) {
  made_store store = make_store(UINT64_C(1) << 40);
  for (int forward = 0; forward < 2; forward++) {
    rs_search *search = open_search(&store.base);
    pthread_t thread;
    uint64_t found;
    rs_error error;
    CHECK(pthread_create(&thread, NULL, cancel_soon, search) == 0);
    CHECK(rs_search_bytes(search, (const uint8_t *)"no such text", 12, 0, UINT64_C(1) << 39, forward, NULL, &found, &error) ==
          -ECANCELED);
    CHECK(found == 0 && strstr(error.text, "cancelled") && rs_search_progress(search) > 0);
    pthread_join(thread, NULL);
    rs_search_close(search);
  }
}

static void evicted_packets_end_a_search_backwards(void) {
  made_store store = make_store(HEAD);
  atomic_store(&store.tail, 30000);
  rs_search *search = open_search(&store.base);
  const uint8_t gone[4] = {0, 0, 1, 0}, kept[4] = {0, 0, 30001 >> 8, 30001 & 255};
  CHECK_EQUAL(find(search, gone, 4, HEAD, 0, NULL), 0);
  CHECK_EQUAL(find(search, kept, 4, HEAD, 0, NULL), 30001);
  CHECK(rs_search_progress(search) <= HEAD - 30000 + 2);
  rs_search_close(search);
}

int main(void) {
  RUN(the_next_and_the_one_before_are_found);
  RUN(each_packet_that_has_it_is_met_in_either_direction_and_no_other);
  RUN(capital_letters_are_small_ones_where_that_is_wanted);
  RUN(in_a_view_only_what_passes_is_found);
  RUN(what_is_copied_is_all_that_passes_and_goes_on_where_it_ended);
  RUN(a_search_that_would_take_for_ever_is_cancelled_from_another_thread);
  RUN(evicted_packets_end_a_search_backwards);
  return 0;
}
