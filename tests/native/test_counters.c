/* SPDX-License-Identifier: Apache-2.0 */
/* What the counters of a capture promise, on the loopback: sums that come out, totals that only grow, nothing counted for
 * nothing, and a reader that finds its place again. */
#include "captures.h"

#include <pthread.h>

static rs_tally *tally_of(rs_capture *capture) { return &capture->queues[0].tally; }

/* Waits until the control thread has looked at all counters twice from the beginning. */
static void await_ticks(rs_capture *capture) {
  pthread_mutex_lock(&capture->counting);
  uint32_t before = capture->tick, now = before;
  pthread_mutex_unlock(&capture->counting);
  for (int i = 0; i < 6000 && now - before < 3; i++) {
    pause_ms(10);
    pthread_mutex_lock(&capture->counting);
    now = capture->tick;
    pthread_mutex_unlock(&capture->counting);
  }
  CHECK(now - before >= 3);
}

/* 2 */
static void totals_go_on_though_the_kernel_forgets_what_was_read(void) {
  rs_capture *capture = begin(config());
  rs_counters last = {0};
  for (uint64_t sent = 100; sent <= 1000; sent += 100) {
    send_datagrams(100, 100);
    AWAIT(look(capture).total.stored == sent);
    rs_counters now = look(capture).total;
    CHECK_EQUAL(now.stored, sent);
    CHECK(now.stored >= last.stored && now.bytes >= last.bytes && now.delivered >= last.delivered);
    await_ticks(capture); /* read and cleared again, with nothing in between */
    CHECK_EQUAL(look(capture).total.stored, sent);
    last = now;
  }
  rs_capture_close(capture);
}

/* 3 */
static void what_the_filter_rejects_is_in_no_counter(void) {
  const rs_config settings = config();
  rs_capture *capture;
  CHECK(rs_capture_open(&settings, &capture, NULL) == 0);
  CHECK(rs_capture_start(capture, nothing, 1, NULL) == 0);
  send_datagrams(50, 100);
  rs_capture_stop(capture);
  rs_counters total = look(capture).total;
  CHECK_EQUAL(total.stored, 0);
  CHECK_EQUAL(total.dropped, 0);
  CHECK_EQUAL(total.delivered, 0);
  CHECK_EQUAL(total.unaccounted, 0);
  CHECK_EQUAL(total.blocks_full + total.blocks_timeout, 0);
  rs_capture_close(capture);
}

/* -- 4: delivered + in the ring = stored --------------------------------------------------------------------------- */

static _Atomic bool noisy;

static void *make_noise(void *unused) {
  talk pair = talk_begin();
  while (atomic_load(&noisy)) talk_send(&pair, 64, 400, 0);
  talk_end(&pair);
  return unused;
}

/* 4 */
static void every_stored_packet_is_delivered_or_in_the_ring_however_the_reader_comes_and_goes(void) {
  rs_config settings = config();
  settings.queues = 2;
  settings.fanout = RS_FANOUT_LB;
  settings.blocks = 4; /* overflows */
  rs_capture *capture = begin(settings);
  pthread_t threads[2];
  atomic_store(&noisy, true);
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, make_noise, NULL) == 0);
  for (int i = 0; i < 40; i++) {
    rs_capture_hold(capture, i % 2);
    rs_control_collect(capture); /* between the ticks, too */
    pause_ms(20 + i % 7 * 10);
  }
  rs_capture_hold(capture, 0);
  atomic_store(&noisy, false);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  rs_counters queues[2];
  rs_snapshot now;
  for (int i = 0; i < 6000; i++) {
    rs_capture_snapshot(capture, &now, queues, 2);
    if (now.total.ready_blocks == 0 && now.total.used_bytes == 0) break;
    pause_ms(10);
  }
  await_ticks(capture);
  rs_capture_snapshot(capture, &now, queues, 2);
  for (int i = 0; i < 2; i++) { /* at rest: equal, queue by queue */
    CHECK_EQUAL(queues[i].delivered, queues[i].stored);
    CHECK_EQUAL(queues[i].unaccounted, 0);
  }
  CHECK(now.total.stored > 1000 && now.total.dropped > 0 && now.total.freezes > 0);
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).total.unaccounted, 0);
  CHECK_EQUAL(look(capture).total.delivered, look(capture).total.stored);
  rs_capture_close(capture);
}

/* 4: while the reader stands still, with packets in closed blocks and in the open one */
static void what_a_held_reader_has_before_it_adds_up_to_what_is_stored(void) {
  rs_config patient = config();
  patient.block_timeout_ms = 10000;
  rs_capture *capture = begin(patient);
  send_datagrams(7, 100);
  rs_capture_hold(capture, 1);
  send_datagrams(1000, 1000);
  AWAIT(look(capture).total.stored == 1007);
  CHECK_EQUAL(look(capture).total.stored, 1007);
  CHECK_EQUAL(look(capture).total.delivered + (uint64_t)rs_ring_pending(&capture->queues[0].rings[0]), 1007);
  CHECK(look(capture).total.ready_blocks > 5);
  await_ticks(capture);
  CHECK_EQUAL(look(capture).total.unaccounted, 0);
  rs_capture_close(capture);
}

/* 4 */
static void packets_that_nobody_delivered_and_packets_delivered_twice_are_shown(void) {
  rs_capture *capture = begin(config());
  send_datagrams(20, 100);
  await_head(capture, 20);
  await_ticks(capture);
  CHECK_EQUAL(look(capture).total.unaccounted, 0);
  atomic_fetch_sub(&tally_of(capture)->delivered, 3);
  AWAIT(look(capture).total.unaccounted == 3);
  CHECK_EQUAL(look(capture).total.unaccounted, 3);
  atomic_fetch_add(&tally_of(capture)->delivered, 3 + 5);
  AWAIT(look(capture).total.unaccounted == 5);
  CHECK_EQUAL(look(capture).total.unaccounted, 5);
  atomic_fetch_sub(&tally_of(capture)->delivered, 5);
  await_ticks(capture);
  CHECK_EQUAL(look(capture).total.unaccounted, 5); /* the worst that was seen stays */
  rs_capture_close(capture);
}

/* -- 6, 7: waking -------------------------------------------------------------------------------------------------- */

/* 6: no wake at all only if the worker was still on its way to poll() when the block was closed */
static void one_packet_is_one_block_by_the_timeout_and_wakes_once(void) {
  enum { PACKETS = 5 };
  rs_capture *capture = begin(config());
  for (uint64_t n = 1; n <= PACKETS; n++) {
    send_datagrams(1, 100);
    await_head(capture, n);
    await_ticks(capture);
    rs_counters total = look(capture).total;
    CHECK_EQUAL(total.delivered, n);
    CHECK_EQUAL(total.blocks_timeout, n);
    CHECK_EQUAL(total.blocks_full, 0);
    CHECK(total.wakeups <= n);
    CHECK_EQUAL(total.spurious_wakeups, 0);
  }
  CHECK(look(capture).total.wakeups > 0);
  rs_capture_close(capture);
}

/* Nanoseconds on a CPU of all threads of this process: the first number of /proc/PID/task/TID/schedstat. */
static uint64_t cpu_time_of_all_threads(void) {
  FILE *sum = popen("cat /proc/$PPID/task/*/schedstat", "r");
  CHECK(sum);
  uint64_t total = 0;
  for (char line[128]; fgets(line, sizeof line, sum);) total += strtoull(line, NULL, 10);
  pclose(sum);
  return total;
}

/* 7 */
static void a_silent_link_delivers_no_blocks_and_wakes_nobody(void) {
  enum { SECONDS = 3 };
  rs_config settings = config();
  settings.queues = 4;
  rs_capture *capture = begin(settings);
  uint64_t before = cpu_time_of_all_threads();
  pause_ms(SECONDS * 1000);
  uint64_t spent = cpu_time_of_all_threads() - before;
  rs_counters total = look(capture).total;
  CHECK_EQUAL(total.blocks_timeout + total.blocks_full, 0);
  CHECK_EQUAL(total.wakeups, 0);
  CHECK_EQUAL(total.spurious_wakeups, 0);
  CHECK_EQUAL(total.stored, 0);
  printf("    %.1f ms of CPU in %d s, 4 queues\n", (double)spent / 1e6, SECONDS);
  rs_capture_close(capture);
}

/* 7: not while it has something to do but must not, either */
static void a_held_reader_with_a_full_ring_does_not_spin(void) {
  rs_config small = config();
  small.blocks = 4;
  rs_capture *capture = begin(small);
  rs_capture_hold(capture, 1);
  AWAIT(look(capture).total.wakeups == 1); /* it has heard */
  send_datagrams(2000, 1000);
  AWAIT(look(capture).total.frozen);
  uint64_t before = look(capture).total.wakeups;
  send_datagrams(2000, 1000); /* each drop rouses who polls the ring */
  pause_ms(500);
  CHECK_EQUAL(look(capture).total.wakeups, before);
  rs_capture_close(capture);
}

/* What "the reader is late" is known by. */
static void how_long_blocks_have_waited_for_the_reader_is_told_for_a_second_and_for_good(void) {
  rs_capture *capture = begin(config());
  rs_capture_hold(capture, 1);
  AWAIT(look(capture).total.wakeups == 1);
  send_datagrams(2000, 1000);
  AWAIT(look(capture).total.ready_blocks > 0);
  pause_ms(300);
  CHECK_EQUAL(look(capture).total.lag_ns, 0); /* of blocks that were read; the others have an oldest packet */
  rs_capture_hold(capture, 0);
  AWAIT(look(capture).head == look(capture).total.stored);
  uint64_t late = look(capture).total.longest_lag_ns; /* at once: drops are not to be seen without their reason */
  CHECK(late >= UINT64_C(300000000) && late < UINT64_C(60000000000));
  CHECK_EQUAL(look(capture).total.lag_ns, late);
  AWAIT(look(capture).total.lag_ns < late); /* a second later only of what came since */
  CHECK_EQUAL(look(capture).total.longest_lag_ns, late);
  rs_capture_close(capture);
}

/* Whoever looks with top or ps -L sees what each thread is for. */
static void every_thread_has_a_name(void) {
  rs_capture *capture = begin(config());
  const rs_thread *threads[] = {&capture->queues[0].thread, &capture->merge.thread, &capture->controller};
  const char *names[] = {"rs ring 0", "rs merge", "rs control"};
  for (int i = 0; i < 3; i++) {
    char name[16] = "";
    AWAIT(pthread_getname_np(threads[i]->id, name, sizeof name) == 0 && strcmp(name, names[i]) == 0);
    CHECK(strcmp(name, names[i]) == 0);
  }
  rs_capture_close(capture);
}

/* 8 */
static void a_reader_that_comes_back_gets_every_stored_packet_once_and_in_order(void) {
  rs_config small = config();
  small.blocks = 4;
  small.block_timeout_ms = 50;
  rs_capture *capture = begin(small);
  talk pair = talk_begin();
  rs_packet packet;
  uint8_t bytes[64];
  uint64_t read = 0, sent = 0;
  int64_t last = -1;
  for (int round = 0; round < 3; round++) {
    rs_capture_hold(capture, 1);
    talk_send(&pair, 1000, 1000, (uint32_t)sent);
    sent += 1000;
    AWAIT(look(capture).total.stored + look(capture).total.dropped == sent);
    CHECK(look(capture).total.frozen);
    CHECK_EQUAL(look(capture).total.freezes, (uint64_t)round + 1);
    rs_capture_hold(capture, 0);
    await_head(capture, look(capture).total.stored);
    CHECK(!look(capture).total.frozen);
    talk_send(&pair, 10, 1000, (uint32_t)sent);
    sent += 10;
    AWAIT(look(capture).total.stored + look(capture).total.dropped == sent && look(capture).head == look(capture).total.stored);
    CHECK_EQUAL(look(capture).head, look(capture).total.stored);
    while (rs_store_read(rs_capture_store(capture), read + 1, 1, 64, &packet, bytes, sizeof bytes)) {
      uint32_t number;
      memcpy(&number, bytes + OVERHEAD, sizeof number);
      CHECK((int64_t)ntohl(number) > last);
      last = (int64_t)ntohl(number);
      read++;
    }
    CHECK_EQUAL(last, sent - 1);
    CHECK_EQUAL(read, look(capture).total.stored);
  }
  talk_end(&pair);
  CHECK_EQUAL(look(capture).total.resyncs, 0);
  rs_capture_close(capture);
}

/* 41 */
static void a_snaplen_keeps_the_length_on_the_wire_and_counts_no_loss(void) {
  enum { PACKETS = 300, WHOLE = (64 - OVERHEAD - 1) / 7 + 1 };
  rs_config cut = config();
  cut.snaplen = 64;
  rs_capture *capture;
  const rs_insn program[] = {{BPF_RET | BPF_K, 0, 0, 64}};
  CHECK(rs_capture_open(&cut, &capture, NULL) == 0);
  CHECK(rs_capture_start(capture, program, 1, NULL) == 0);
  uint64_t bytes = 0;
  for (int i = 0; i < PACKETS; i++) {
    send_datagrams(1, (size_t)(1 + i * 7));
    bytes += (uint64_t)(1 + i * 7 + OVERHEAD);
  }
  await_head(capture, PACKETS);
  rs_capture_stop(capture);
  for (uint64_t n = 1; n <= PACKETS; n++) {
    rs_packet packet;
    uint8_t kept[256];
    CHECK_EQUAL(rs_store_read(rs_capture_store(capture), n, 1, 256, &packet, kept, 256), 1);
    CHECK_EQUAL(packet.length, 1 + (n - 1) * 7 + OVERHEAD);
    CHECK_EQUAL(packet.captured, packet.length < 64 ? packet.length : 64);
  }
  rs_counters total = look(capture).total;
  CHECK_EQUAL(total.bytes, bytes);
  CHECK_EQUAL(total.truncated, 0);
  CHECK_EQUAL(total.snapped, PACKETS - WHOLE);
  CHECK_EQUAL(total.dropped + total.arena_drops + total.unaccounted, 0);
  rs_capture_close(capture);
}

/* -- 42: a reader out of step -------------------------------------------------------------------------------------- */

enum { WAITING = 600 }; /* datagrams of 1000 bytes: more than five blocks */

/* A capture whose reader is held before `WAITING` packets, in five closed blocks at least. */
static rs_capture *hold_before_packets(const talk *pair) {
  rs_config settings = config();
  settings.block_timeout_ms = 20;
  rs_capture *capture = begin(settings);
  talk_send(pair, 10, 1000, 0);
  await_head(capture, 10);
  rs_capture_hold(capture, 1);
  pause_ms(100);
  talk_send(pair, WAITING, 1000, 10);
  AWAIT(look(capture).total.stored == 10 + WAITING);
  CHECK(look(capture).total.ready_blocks >= 5);
  return capture;
}

/* Displaces the held reader, lets it go, and sends more than two laps of the ring behind what it had before it. */
static rs_counters displaced_by(int64_t blocks) {
  enum { MORE = 5000 };
  talk pair = talk_begin();
  rs_capture *capture = hold_before_packets(&pair);
  uint64_t before = look(capture).total.wakeups;
  atomic_fetch_add(&capture->queues[0].rings[0].next, (uint64_t)blocks);
  rs_capture_hold(capture, 0);
  AWAIT(look(capture).total.wakeups > before && look(capture).total.delivered > 10);
  for (uint32_t sent = 0; sent < MORE; sent += 50) { /* no faster than it is read */
    talk_send(&pair, 50, 1000, 10 + WAITING + sent);
    AWAIT(look(capture).total.headroom > 4);
  }
  AWAIT(look(capture).total.stored + look(capture).total.dropped == 10 + WAITING + MORE);
  rs_capture_stop(capture);
  rs_counters total = look(capture).total;
  CHECK_EQUAL(total.stored + total.dropped, 10 + WAITING + MORE);
  CHECK_EQUAL(look(capture).head + total.arena_drops, total.delivered);
  talk_end(&pair);
  rs_capture_close(capture);
  return total;
}

static void finds_its_place_and_loses_nothing(int64_t blocks) {
  rs_counters total = displaced_by(blocks);
  CHECK_EQUAL(total.resyncs, 1);
  CHECK_EQUAL(total.dropped, 0);
  CHECK_EQUAL(total.delivered, total.stored);
}

/* 42 */
static void a_reader_set_back_finds_its_place_and_loses_nothing(void) {
  finds_its_place_and_loses_nothing(-1);
  finds_its_place_and_loses_nothing(-2); /* before the first block there ever was */
}

/* 42 */
static void a_reader_set_beyond_all_closed_blocks_finds_its_place_and_loses_nothing(void) {
  finds_its_place_and_loses_nothing(8);
  finds_its_place_and_loses_nothing(16); /* a lap */
  finds_its_place_and_loses_nothing(INT64_C(1) << 40);
}

/* 42, 5: the kernel stops when it has gone round to the blocks that were passed over, and poll() never tells; the control
 * thread does, and the reader goes back for them */
static void a_reader_set_over_closed_blocks_goes_back_for_them_and_the_capture_goes_on(void) {
  for (int64_t blocks = 1; blocks <= 3; blocks++) {
    rs_counters total = displaced_by(blocks);
    CHECK(total.resyncs > 0);
    CHECK_EQUAL(total.delivered, total.stored);
    printf("    %d over: stored %llu, dropped %llu, resyncs %llu\n", (int)blocks, (unsigned long long)total.stored,
           (unsigned long long)total.dropped, (unsigned long long)total.resyncs);
  }
}

static void how_long_the_oldest_packet_waits_and_how_full_the_ring_was_are_told(void) {
  rs_capture *capture = begin(config());
  CHECK_EQUAL(look(capture).total.oldest_ns, 0);
  rs_capture_hold(capture, 1);
  send_datagrams(300, 1000); /* two blocks and more */
  AWAIT(look(capture).total.ready_blocks >= 2);
  rs_snapshot one = look(capture);
  pause_ms(20);
  rs_snapshot other = look(capture);
  CHECK(one.total.oldest_ns > 0);
  CHECK_EQUAL(other.total.oldest_ns - one.total.oldest_ns, other.time_ns - one.time_ns);
  CHECK(one.total.used_bytes >= 2 * RS_BLOCK_MIN);
  rs_capture_hold(capture, 0);
  await_head(capture, 300);
  AWAIT(look(capture).total.peak_bytes < one.total.used_bytes); /* that is of the last second, the other one for good */
  rs_counters after = look(capture).total;
  CHECK_EQUAL(after.oldest_ns, 0);
  CHECK_EQUAL(after.ready_blocks, 0);
  CHECK_EQUAL(after.headroom, after.blocks - 1);
  CHECK(after.peak_bytes < one.total.used_bytes);
  CHECK(after.highest_bytes >= one.total.used_bytes);
  rs_capture_close(capture);
}

int main(void) {
  enter_private_network();
  int cpu;
  CHECK(usable_cpus(&cpu, 1) == 1);
  stay_on_cpu(cpu);
  RUN(totals_go_on_though_the_kernel_forgets_what_was_read);
  RUN(what_the_filter_rejects_is_in_no_counter);
  RUN(every_stored_packet_is_delivered_or_in_the_ring_however_the_reader_comes_and_goes);
  RUN(what_a_held_reader_has_before_it_adds_up_to_what_is_stored);
  RUN(packets_that_nobody_delivered_and_packets_delivered_twice_are_shown);
  RUN(one_packet_is_one_block_by_the_timeout_and_wakes_once);
  RUN(a_silent_link_delivers_no_blocks_and_wakes_nobody);
  RUN(a_held_reader_with_a_full_ring_does_not_spin);
  RUN(how_long_blocks_have_waited_for_the_reader_is_told_for_a_second_and_for_good);
  RUN(every_thread_has_a_name);
  RUN(a_reader_that_comes_back_gets_every_stored_packet_once_and_in_order);
  RUN(how_long_the_oldest_packet_waits_and_how_full_the_ring_was_are_told);
  RUN(a_snaplen_keeps_the_length_on_the_wire_and_counts_no_loss);
  RUN(a_reader_set_back_finds_its_place_and_loses_nothing);
  RUN(a_reader_set_beyond_all_closed_blocks_finds_its_place_and_loses_nothing);
  RUN(a_reader_set_over_closed_blocks_goes_back_for_them_and_the_capture_goes_on);
  return 0;
}
