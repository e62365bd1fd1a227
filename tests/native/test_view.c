/* SPDX-License-Identifier: Apache-2.0 */
/* Views: who passes is in, whatever the store, the number of threads and what happens meanwhile. */
#include <errno.h>
#include <linux/filter.h>
#include <time.h>

#include "bpf_code.h"
#include "made_store.h"
#include "stores.h"
#include "view_hits.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define JUMP_TO(from, to) {BPF_JMP | BPF_JA, 0, 0, (uint32_t)((to) - ((from) + 1))}

/* Longer than 500 bytes. */
static const rs_insn longer[] = {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
                                 {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 500},
                                 {BPF_RET | BPF_K, 0, 0, 1},
                                 {BPF_RET | BPF_K, 0, 0, 0}};
/* An even byte at offset 300, to which an index leads that no header has. */
static const rs_insn far[] = {{BPF_LD | BPF_IMM, 0, 0, 290},           {BPF_MISC | BPF_TAX, 0, 0, 0},
                              {BPF_LD | BPF_B | BPF_IND, 0, 0, 10},    {BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1},
                              {BPF_RET | BPF_K, 0, 0, 1},              {BPF_RET | BPF_K, 0, 0, 0}};
static const rs_insn all[] = {{BPF_RET | BPF_K, 0, 0, 1}};
/* Takes minutes for a thousand packets. */
static const rs_insn slow[] = {
    {BPF_LD | BPF_IMM, 0, 0, 1}, {BPF_ALU | BPF_DIV | BPF_K, 0, 0, 1}, JUMP_TO(2, 1), {BPF_RET | BPF_K, 0, 0, 1}};

static bool passes_longer(uint64_t n) { return made_length(n) > 500; }
static bool passes_far(uint64_t n) { return made_captured(n) > 300 && (n + 300) % 2 == 0; }
static bool unknown_far(uint64_t n) { return made_captured(n) <= 300 && made_length(n) > 300; }

static void start(rs_view *view, const rs_insn *insns, uint32_t length) {
  const rs_view_program programs[] = {{MADE_ETHERNET, RS_MACHINE_LIBPCAP, insns, length},
                                      {MADE_RAW, RS_MACHINE_LIBPCAP, insns, length}};
  CHECK(rs_view_start(view, programs, 2, NULL) == 0);
}

static rs_view *open_view(const rs_store *store, uint32_t threads) {
  rs_view *view = NULL;
  CHECK(rs_view_open(store, threads, 5, &view, NULL) == 0);
  return view;
}

static rs_view_info wait_for(rs_view *view, uint64_t examined) {
  const struct timespec pause = {0, 1000 * 1000};
  rs_view_info info;
  for (int i = 0; i < 30000; i++) {
    rs_view_state(view, &info);
    CHECK_EQUAL(info.fault, 0);
    if (info.examined >= examined) return info;
    nanosleep(&pause, NULL);
  }
  CHECK(!"it came so far within half a minute");
  return info;
}

static void check_all(rs_view *view, uint64_t head, bool (*passes)(uint64_t)) {
  uint64_t index = 0, number;
  for (uint64_t n = 1; n <= head; n++) {
    const bool pass = passes(n);
    CHECK_EQUAL(rs_view_has(view, n), pass);
    if (!pass) continue;
    index++;
    if (index % 17) continue;
    CHECK(rs_view_numbers(view, index, &number, 1) == 1 && number == n);
    CHECK_EQUAL(rs_view_index(view, n), index);
  }
  rs_view_info info;
  rs_view_state(view, &info);
  CHECK_EQUAL(info.matched, index);
}

static void who_passes_is_in_whatever_the_number_of_threads(void) {
  static const uint32_t threads[] = {1, 2, 4, 0};
  static const uint64_t heads[] = {0, 1, 1000, RS_VIEW_CHUNK, RS_VIEW_CHUNK + 1, 3 * RS_VIEW_CHUNK + 5};
  for (unsigned i = 0; i < COUNT(threads); i++) {
    for (unsigned j = 0; j < COUNT(heads); j++) {
      made_store store = make_store(heads[j]);
      rs_view *view = open_view(&store.base, threads[i]);
      start(view, longer, COUNT(longer));
      rs_view_info info = wait_for(view, heads[j]);
      CHECK(!info.running && info.judged == heads[j] && info.unknown == 0);
      check_all(view, heads[j], passes_longer);
      rs_view_close(view);
    }
  }
}

static void bytes_beyond_the_reach_are_looked_for_and_what_was_cut_off_is_counted(void) {
  made_store store = make_store(5000);
  for (uint32_t shown = 0; shown < 200; shown += 100) {
    atomic_store(&store.shown, shown);
    rs_view *view = open_view(&store.base, 2);
    start(view, far, COUNT(far));
    const rs_view_info info = wait_for(view, 5000);
    uint64_t unknown = 0;
    for (uint64_t n = 1; n <= 5000; n++) unknown += unknown_far(n);
    CHECK(unknown > 100);
    CHECK_EQUAL(info.unknown, unknown);
    check_all(view, 5000, passes_far);
    rs_view_close(view);
  }
}

static bool is_ethernet(uint64_t n) { return made_link_type(n) == MADE_ETHERNET; }
static bool passes_each(uint64_t n) { return is_ethernet(n) ? passes_longer(n) : passes_far(n); }
static bool passes_none(uint64_t n) { return !n; }

static void each_link_type_has_its_program_and_none_means_no(void) {
  made_store store = make_store(3000);
  rs_view *view = open_view(&store.base, 2);
  const rs_view_program each[] = {{MADE_ETHERNET, RS_MACHINE_LIBPCAP, longer, COUNT(longer)},
                                  {MADE_RAW, RS_MACHINE_LIBPCAP, far, COUNT(far)}};
  CHECK(rs_view_start(view, each, 2, NULL) == 0);
  wait_for(view, 3000);
  check_all(view, 3000, passes_each);
  const rs_view_program only[] = {{MADE_ETHERNET, RS_MACHINE_LIBPCAP, all, COUNT(all)}};
  CHECK(rs_view_start(view, only, 1, NULL) == 0);
  wait_for(view, 3000);
  check_all(view, 3000, is_ethernet);
  CHECK(rs_view_start(view, NULL, 0, NULL) == 0);
  CHECK_EQUAL(wait_for(view, 3000).judged, 3000);
  check_all(view, 3000, passes_none);
  rs_view_close(view);
}

static void packets_that_come_later_are_judged_as_they_come(void) {
  made_store store = make_store(0);
  rs_view *view = open_view(&store.base, 3);
  start(view, longer, COUNT(longer));
  uint64_t head = 0;
  for (uint32_t step = 1; head < 2 * RS_VIEW_CHUNK; step = step * 3 + 1) {
    atomic_store(&store.head, head += step);
    CHECK_EQUAL(wait_for(view, head).examined, head);
  }
  check_all(view, head, passes_longer);
  rs_view_close(view);
}

static void a_view_that_nobody_asks_is_up_to_date_all_the_same(void) {
  const struct timespec while_looking = {0, 400 * 1000 * 1000};
  made_store store = make_store(10);
  rs_view *view = open_view(&store.base, 1);
  start(view, all, COUNT(all));
  wait_for(view, 10);
  atomic_store(&store.head, 20);
  nanosleep(&while_looking, NULL);
  CHECK_EQUAL(rs_view_index(view, 100), 20);
  rs_view_close(view);
}

static void the_next_program_drops_the_one_before_at_once(void) {
  made_store store = make_store(100000);
  rs_view *view = open_view(&store.base, 2);
  for (int i = 0; i < 20; i++) {
    start(view, slow, COUNT(slow));
    if (i % 2) nanosleep(&(struct timespec){0, 3 * 1000 * 1000}, NULL);
    rs_view_info info;
    rs_view_state(view, &info);
    CHECK(info.running && info.examined < 100000);
  }
  start(view, longer, COUNT(longer));
  wait_for(view, 100000);
  check_all(view, 100000, passes_longer);
  rs_view_close(view);
}

static void closing_does_not_wait_for_the_end(void) {
  made_store store = make_store(UINT64_C(1) << 40);
  for (int i = 0; i < 20; i++) {
    rs_view *view = open_view(&store.base, 4);
    if (i) start(view, i % 2 ? slow : all, i % 2 ? COUNT(slow) : COUNT(all));
    if (i % 3) nanosleep(&(struct timespec){0, 1000 * 1000}, NULL);
    rs_view_close(view);
  }
  rs_view_close(NULL);
}

static void a_program_that_is_wrong_leaves_the_view_as_it_was(void) {
  static const rs_insn wrong[] = {{BPF_LD | BPF_IMM, 0, 0, 0}};
  made_store store = make_store(1000);
  rs_error error;
  rs_view *view = open_view(&store.base, 1);
  start(view, longer, COUNT(longer));
  wait_for(view, 1000);
  const rs_view_program program = {MADE_ETHERNET, RS_MACHINE_KERNEL, wrong, 1};
  CHECK(rs_view_start(view, &program, 1, &error) == -EINVAL && strstr(error.text, "no return"));
  check_all(view, 1000, passes_longer);
  rs_view_close(view);
  CHECK(rs_view_open(&store.base, 1000, 0, &view, &error) == -EINVAL && strstr(error.text, "at most 64"));
}

/* -- over a capture's store ------------------------------------------------------------------------------------------- */

static void put(rs_live_store *store, uint64_t n) {
  static const uint8_t bytes[1024];
  const rs_record record = {.time_ns = n, .length = 60 + (uint32_t)(n % 900), .captured = 60 + (uint32_t)(n % 40),
                            .packet_type = n % 3 ? 0 : 4, .ifindex = 3};
  append(&store->arenas[n % store->count], &record, bytes);
}

/* `outbound`: in the metadata, not in the bytes. */
static const rs_insn outbound[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE},
                                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 4},
                                   {BPF_RET | BPF_K, 0, 0, 1},
                                   {BPF_RET | BPF_K, 0, 0, 0}};

static void a_capture_is_judged_while_it_evicts_and_indexes_stay(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 2, 4 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  rs_view *view = open_view(&store.base, 2);
  const rs_view_program program = {RS_LINKTYPE_ETHERNET, RS_MACHINE_KERNEL, outbound, COUNT(outbound)};
  CHECK(rs_view_start(view, &program, 1, NULL) == 0);
  uint64_t last_low = 0, index_of_one = 0, one = 0, numbers[8];
  for (uint64_t n = 1; n <= 200000; n++) {
    put(&store, n);
    if (n % 500) continue;
    number_all(&store);
    rs_view_info info;
    rs_view_state(view, &info);
    CHECK(info.low >= last_low && info.fault == 0 && info.unknown == 0);
    last_low = info.low;
    if (n == 150000) wait_for(view, rs_store_head(&store.base));
    if (n == 150000) CHECK(rs_view_numbers(view, index_of_one = rs_view_index(view, n - 10), &one, 1) == 1 && one <= n - 10);
    if (n == 155000) CHECK(rs_view_numbers(view, index_of_one, numbers, 1) == 1 && numbers[0] == one);
  }
  const rs_view_info info = wait_for(view, rs_store_head(&store.base));
  CHECK(info.low > 1 && info.high == info.matched && info.high > info.low);
  const uint32_t count = rs_view_numbers(view, info.low, numbers, 8);
  CHECK_EQUAL(count, 8);
  for (uint32_t i = 0; i < count; i++) {
    rs_packet packet;
    uint8_t nothing[1];
    CHECK(numbers[i] >= rs_store_tail(&store.base));
    if (rs_store_read(&store.base, numbers[i], 1, 0, &packet, nothing, 0)) CHECK_EQUAL(packet.packet_type, 4);
  }
  rs_view_close(view);
  rs_live_store_close(&store);
}

int main(void) {
  RUN(who_passes_is_in_whatever_the_number_of_threads);
  RUN(bytes_beyond_the_reach_are_looked_for_and_what_was_cut_off_is_counted);
  RUN(each_link_type_has_its_program_and_none_means_no);
  RUN(packets_that_come_later_are_judged_as_they_come);
  RUN(a_view_that_nobody_asks_is_up_to_date_all_the_same);
  RUN(the_next_program_drops_the_one_before_at_once);
  RUN(closing_does_not_wait_for_the_end);
  RUN(a_program_that_is_wrong_leaves_the_view_as_it_was);
  RUN(a_capture_is_judged_while_it_evicts_and_indexes_stay);
  return 0;
}
