/* SPDX-License-Identifier: Apache-2.0 */
/* Captures begin and end a thousand times, under traffic, several at once, looked at and held by other threads; and nothing
 * of them stays. Interfaces come and go under them. */
#include "captures.h"

#include <pthread.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "links.h"

enum { LANES = 8, ROUNDS = UNDER_TSAN ? 20 : 125, WORKERS = 4 };

/* AddressSanitizer keeps what is freed for a while, 256 MiB of it if one lets it, which would hide what grows. */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void) { return "quarantine_size_mb=8"; }

static _Atomic bool sending;
static _Atomic uint64_t starts, packets;

static void *flood(void *unused) {
  talk pair = talk_begin();
  while (atomic_load(&sending)) talk_send(&pair, 64, 200, 0);
  talk_end(&pair);
  return unused;
}

/* Bursts with pauses: eight captures get each of these packets, and have but two CPUs for it, perhaps. */
static void *send_bursts(void *unused) {
  talk pair = talk_begin();
  for (; atomic_load(&sending); pause_ms(2)) talk_send(&pair, 64, 200, 0);
  talk_end(&pair);
  return unused;
}

static rs_config busy(void) {
  rs_config settings = config();
  settings.queues = WORKERS;
  settings.fanout = RS_FANOUT_LB; /* all of them have something to read */
  settings.blocks = 4;
  settings.block_timeout_ms = 1;
  settings.store_bytes = 4 << 20;
  settings.ring_limit = 1 << 30;
  return settings;
}

static void check_final(rs_capture *capture) {
  rs_snapshot now = look(capture);
  CHECK_EQUAL(now.state, RS_STATE_STOPPED);
  CHECK_EQUAL(now.total.delivered, now.total.stored);
  CHECK_EQUAL(now.total.unaccounted, 0);
  CHECK_EQUAL(now.head + now.total.arena_drops, now.total.stored);
  CHECK_EQUAL(now.total.ready_blocks, 0);
  atomic_fetch_add(&packets, now.total.stored);
}

/* Starts and stops one capture after another. */
static void *run_lane(void *unused) {
  const rs_config settings = busy();
  for (int i = 0; i < ROUNDS; i++) {
    rs_capture *capture = begin(settings);
    atomic_fetch_add(&starts, 1);
    if (i % 4 == 1) await_head(capture, 100);
    if (i % 4 == 2) rs_capture_hold(capture, 1);
    if (i % 4 == 3) pause_ms(i % 16);
    rs_capture_stop(capture);
    check_final(capture);
    rs_capture_stop(capture);
    rs_capture_close(capture);
  }
  return unused;
}

static void run_lanes(void) {
  pthread_t lanes[LANES], sender;
  atomic_store(&sending, true);
  CHECK(pthread_create(&sender, NULL, send_bursts, NULL) == 0);
  for (int i = 0; i < LANES; i++) CHECK(pthread_create(&lanes[i], NULL, run_lane, NULL) == 0);
  for (int i = 0; i < LANES; i++) pthread_join(lanes[i], NULL);
  atomic_store(&sending, false);
  pthread_join(sender, NULL);
}

/* 29 */
static void a_thousand_starts_and_stops_under_load_leave_nothing(void) {
  enum { GROWTH = 64 * 1024 }; /* kB: stacks and what sanitizers keep, but not a hundredth of the rings there were */
  rs_capture_close(begin(busy())); /* what is made once is there now */
  int descriptors = open_descriptors(), sockets = packet_sockets();
  long threads = status_of("Threads"), resident = status_of("VmRSS");
  run_lanes();
  AWAIT(status_of("Threads") == threads);
  printf("    %llu starts, %llu packets, %ld kB resident, %ld kB before\n", (unsigned long long)starts,
         (unsigned long long)packets, status_of("VmRSS"), resident);
  CHECK_EQUAL(starts, LANES * ROUNDS);
  CHECK(packets > 0);
  CHECK_EQUAL(status_of("Threads"), threads);
  CHECK_EQUAL(open_descriptors(), descriptors);
  CHECK_EQUAL(packet_sockets(), sockets);
  CHECK_EQUAL(mapped_rings(), 0);
  CHECK(status_of("VmRSS") < resident + GROWTH);
}

/* -- others do something meanwhile --------------------------------------------------------------------------------- */

static _Atomic bool meddling;

static void *keep_looking(void *argument) {
  while (atomic_load(&meddling)) {
    rs_snapshot now;
    rs_counters queues[WORKERS];
    rs_source_info source;
    rs_epoch epochs[8];
    rs_capture_snapshot(argument, &now, queues, WORKERS);
    CHECK(now.head <= now.total.stored);
    CHECK_EQUAL(rs_capture_sources(argument, &source, 1), 1);
    rs_capture_epochs(argument, 1, epochs, 8);
    sched_yield();
  }
  return NULL;
}

static void *keep_holding(void *argument) {
  for (int held = 0; atomic_load(&meddling); held = !held) {
    rs_capture_hold(argument, held);
    pause_ms(1);
  }
  return NULL;
}

static void *keep_reading(void *argument) {
  const rs_store *store = rs_capture_store(argument);
  static const uint32_t limit = 64;
  rs_packet out[32];
  uint8_t bytes[32 * 64];
  for (uint64_t next = 1; atomic_load(&meddling);) {
    uint32_t got = rs_store_read(store, next, 32, limit, out, bytes, sizeof bytes);
    next = got ? out[got - 1].number + 1 : next + 1;
    sched_yield();
  }
  return NULL;
}

/* 29 */
static void stopping_while_all_workers_read_at_full_rate_is_safe_for_who_looks_reads_and_holds(void) {
  void *(*const meddlers[])(void *) = {flood, flood, keep_looking, keep_holding, keep_reading};
  enum { MEDDLERS = sizeof meddlers / sizeof *meddlers };
  for (int i = 0; i < (UNDER_TSAN ? 10 : 20); i++) {
    rs_config settings = busy();
    settings.exact_swap = i % 2;
    if (settings.exact_swap) settings.fanout = RS_FANOUT_RND;
    rs_capture *capture = begin(settings);
    pthread_t threads[MEDDLERS];
    atomic_store(&sending, true);
    atomic_store(&meddling, true);
    for (int j = 0; j < MEDDLERS; j++) CHECK(pthread_create(&threads[j], NULL, meddlers[j], capture) == 0);
    await_head(capture, 2000);
    rs_capture_stop(capture);
    check_final(capture);
    atomic_store(&meddling, false);
    atomic_store(&sending, false);
    for (int j = 0; j < MEDDLERS; j++) pthread_join(threads[j], NULL);
    rs_capture_close(capture);
  }
}

static void *keep_changing(void *argument) {
  enum { CHANGES = 20 };
  const rs_insn most[] = {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 40},
                          {BPF_RET | BPF_K, 0, 0, 262144}, {BPF_RET | BPF_K, 0, 0, 0}};
  for (int i = 0; i < CHANGES; i++) {
    rs_error error = {0};
    uint32_t epoch = 0;
    int result = i % 2 ? rs_capture_set_filter(argument, most, 4, &epoch, &error)
                       : rs_capture_set_filter(argument, everything, 1, &epoch, &error);
    /* A reader that is late may have no room for more changes, and says so. */
    CHECK(result == 0 ? epoch > 1 : result == -EAGAIN);
  }
  return NULL;
}

static void changes_of_the_filter_by_several_threads_wait_for_each_other_and_lose_nothing(void) {
  for (int exact = 0; exact < 2; exact++) {
    rs_config settings = busy();
    settings.exact_swap = (uint32_t)exact;
    settings.fanout = RS_FANOUT_HASH;
    rs_capture *capture = begin(settings);
    pthread_t changers[2], looker, sender;
    atomic_store(&sending, true);
    atomic_store(&meddling, true);
    CHECK(pthread_create(&sender, NULL, flood, NULL) == 0);
    CHECK(pthread_create(&looker, NULL, keep_looking, capture) == 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&changers[i], NULL, keep_changing, capture) == 0);
    for (int i = 0; i < 2; i++) pthread_join(changers[i], NULL);
    atomic_store(&sending, false);
    atomic_store(&meddling, false);
    pthread_join(looker, NULL);
    pthread_join(sender, NULL);
    rs_capture_stop(capture);
    check_final(capture); /* both filters let all of this traffic pass */
    rs_epoch epochs[64];
    uint32_t count = rs_capture_epochs(capture, 1, epochs, 64);
    CHECK_EQUAL(count, look(capture).epoch);
    for (uint32_t i = 0; i < count; i++) {
      CHECK_EQUAL(epochs[i].epoch, i + 1);
      CHECK(epochs[i].clean_from > 0 && !epochs[i].undone);
      CHECK(!i || epochs[i].clean_from >= epochs[i - 1].clean_from);
      CHECK_EQUAL(epochs[i].matched, epochs[i].rechecked);
    }
    rs_capture_close(capture);
  }
}

/* 29, 23: the control thread closes rings and opens others where these were, while all of them are looked at */
static void an_interface_that_is_removed_and_made_anew_is_safe_to_look_at(void) {
  static const char *const gone[] = {"rs0"};
  rs_config settings = busy();
  settings.interfaces = gone;
  CHECK(add_link("rs0", "veth"));
  rs_capture *capture = begin(settings);
  pthread_t threads[2];
  atomic_store(&meddling, true);
  CHECK(pthread_create(&threads[0], NULL, keep_looking, capture) == 0);
  CHECK(pthread_create(&threads[1], NULL, keep_holding, capture) == 0);
  for (uint32_t round = 1; round <= 3; round++) {
    rs_source_info source = {0};
    remove_link("rs0");
    AWAIT(look(capture).state == RS_STATE_GONE);
    CHECK_EQUAL(look(capture).state, RS_STATE_GONE);
    CHECK_EQUAL(packet_sockets(), 0);
    CHECK(add_link("rs0", "veth"));
    AWAIT(rs_capture_sources(capture, &source, 1) && source.reopened == round);
    CHECK_EQUAL(source.reopened, round);
    CHECK_EQUAL(packet_sockets(), WORKERS);
  }
  atomic_store(&meddling, false);
  for (int j = 0; j < 2; j++) pthread_join(threads[j], NULL);
  rs_capture_stop(capture);
  check_final(capture);
  rs_capture_close(capture);
  remove_link("rs0");
}

static void *change_until_it_is_stopped(void *argument) {
  uint32_t epoch;
  int result;
  while ((result = rs_capture_set_filter(argument, everything, 1, &epoch, NULL)) == 0 || result == -EAGAIN) {
  }
  return NULL;
}

static void stopping_waits_for_a_change_of_the_filter_that_is_under_way(void) {
  for (int i = 0; i < (UNDER_TSAN ? 20 : 60); i++) {
    rs_capture *capture = begin(config());
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, change_until_it_is_stopped, capture) == 0);
    pause_ms(i % 40);
    rs_capture_stop(capture);
    pthread_join(thread, NULL);
    rs_capture_close(capture);
  }
}

static void disown_and_close(rs_capture *capture) {
  const rs_arena *arena = &capture->store.arenas[0];
  const size_t size = arena->size;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  uint8_t bytes[64], *mine = mmap(arena->base, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  CHECK(mine == arena->base); /* the child did not inherit what was here */
  rs_capture_disown(capture);
  rs_packet packet;
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 1, 1, sizeof bytes, &packet, bytes, sizeof bytes), 0);
  uint32_t epoch;
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == -EINVAL);
  CHECK_EQUAL(look(capture).state, RS_STATE_STOPPED);
  rs_capture_close(capture);
  mine[0] = mine[size - 1] = 1;
}

static void a_forked_child_can_close_the_capture_and_keeps_what_it_has_where_the_store_was(void) {
  rs_capture *capture = begin(config());
  send_datagrams(10, 100);
  await_head(capture, 10);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    disown_and_close(capture);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  send_datagrams(10, 100);
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).head, 20);
  rs_capture_close(capture);
}

int main(void) {
  enter_private_network();
  RUN(a_forked_child_can_close_the_capture_and_keeps_what_it_has_where_the_store_was);
  RUN(stopping_while_all_workers_read_at_full_rate_is_safe_for_who_looks_reads_and_holds);
  RUN(changes_of_the_filter_by_several_threads_wait_for_each_other_and_lose_nothing);
  RUN(stopping_waits_for_a_change_of_the_filter_that_is_under_way);
  RUN(an_interface_that_is_removed_and_made_anew_is_safe_to_look_at);
  RUN(a_thousand_starts_and_stops_under_load_leave_nothing);
  return 0;
}
