/* SPDX-License-Identifier: Apache-2.0 */
/* One ring on the loopback, without workers: what the kernel does with it, and what the ring says of it. Its blocks may be
 * smaller than a capture's, so that every packet's place can be foretold. */
#include "arena.h"
#include "bpf.h"
#include "copy.h"
#include "ring.h"

#include <pthread.h>

#include "captures.h"

enum {
  PAGE = 4096,
  NEVER = 60000, /* ms: a retire timeout that does not come to pass */
  FRAME = 200,   /* bytes; of these 14 go into a block of a page: each takes 82 + 200, rounded up to 288, after 48 */
  A_BLOCKFUL = 14,
};

static rs_ring ring;

/* A ring on lo that takes every packet once, as it is received. */
static void open_ring(uint32_t block_size, uint32_t blocks, uint32_t timeout_ms) {
  const rs_ring_request request = {.interface = "lo",
                                   .ifindex = (int)if_nametoindex("lo"),
                                   .ignore_outgoing = true,
                                   .block_size = block_size,
                                   .blocks = blocks,
                                   .block_timeout_ms = timeout_ms};
  int pending = 0;
  rs_error error = {0};
  rs_ring_init(&ring);
  int result = rs_ring_open(&ring, &request, &pending, &error);
  if (result) fprintf(stderr, "%s\n", error.text);
  CHECK(result == 0 && pending == 0);
  CHECK(rs_bpf_attach(ring.fd, everything, 1, NULL) == 0);
}

/* What the kernel has counted, once it has counted `packets`: a softirq may come a little later than the sending. */
static rs_ring_stats await_statistics(uint32_t packets) {
  rs_ring_stats sum = {0};
  for (int i = 0; i < 6000; i++) {
    rs_ring_stats more;
    CHECK(rs_ring_statistics(&ring, &more) == 0);
    sum.packets += more.packets;
    sum.dropped += more.dropped;
    sum.freezes += more.freezes;
    if (sum.packets >= packets) return sum;
    pause_ms(10);
  }
  return sum;
}

static rs_ring_fill look_at_ring(void) {
  rs_ring_fill fill;
  rs_ring_look(&ring, &fill);
  return fill;
}

/* Takes and gives back every closed block; returns the packets in them, and the blocks by *blocks. */
static uint32_t drain(uint32_t *blocks) {
  uint32_t packets = 0;
  *blocks = 0;
  for (struct tpacket_hdr_v1 *block; (block = rs_ring_acquire(&ring)); ++*blocks) {
    packets += block->num_pkts;
    rs_ring_release(&ring, block);
  }
  return packets;
}

/* 1 */
static void a_ring_that_nobody_reads_fills_up_and_every_packet_is_counted_as_stored_or_dropped(void) {
  open_ring(PAGE, 4, NEVER);
  send_datagrams(100, FRAME - OVERHEAD);
  rs_ring_stats stats = await_statistics(100);
  CHECK_EQUAL(stats.packets, 100);
  CHECK_EQUAL(stats.packets - stats.dropped, 4 * A_BLOCKFUL);
  CHECK_EQUAL(stats.dropped, 44);
  CHECK_EQUAL(stats.freezes, 1);
  rs_ring_fill fill = look_at_ring();
  CHECK(fill.frozen && fill.pressed);
  CHECK_EQUAL(fill.headroom, 0);
  CHECK_EQUAL(fill.ready, 4);
  CHECK_EQUAL(fill.used_bytes, 4 * PAGE);
  CHECK_EQUAL(rs_ring_pending(&ring), 56);
  rs_ring_close(&ring);
}

/* 1: while it is frozen no further freeze is counted, which is why the reader of the statistics remembers it */
static void a_ring_that_is_frozen_drops_on_without_another_freeze(void) {
  open_ring(PAGE, 4, NEVER);
  send_datagrams(100, FRAME - OVERHEAD);
  CHECK_EQUAL(await_statistics(100).freezes, 1);
  send_datagrams(10, FRAME - OVERHEAD);
  rs_ring_stats stats = await_statistics(10);
  CHECK_EQUAL(stats.packets, 10);
  CHECK_EQUAL(stats.dropped, 10);
  CHECK_EQUAL(stats.freezes, 0);
  rs_ring_close(&ring);
}

/* 2 */
static void the_kernels_statistics_are_gone_once_they_are_read(void) {
  open_ring(PAGE, 4, NEVER);
  send_datagrams(70, FRAME - OVERHEAD);
  CHECK_EQUAL(await_statistics(70).dropped, 14);
  rs_ring_stats again;
  CHECK(rs_ring_statistics(&ring, &again) == 0);
  CHECK(again.packets == 0 && again.dropped == 0 && again.freezes == 0);
  rs_ring_close(&ring);
}

/* 3 */
static void what_the_filter_rejects_is_neither_stored_nor_dropped(void) {
  open_ring(PAGE, 4, NEVER);
  CHECK(rs_bpf_reject_all(ring.fd, NULL) == 0);
  send_datagrams(50, FRAME - OVERHEAD);
  CHECK(rs_bpf_attach(ring.fd, everything, 1, NULL) == 0);
  send_datagrams(1, FRAME - OVERHEAD);
  rs_ring_stats stats = await_statistics(1);
  CHECK_EQUAL(stats.packets, 1);
  CHECK_EQUAL(stats.dropped, 0);
  CHECK_EQUAL(rs_ring_pending(&ring), 1);
  rs_ring_close(&ring);
}

/* 4, of the ring alone: closed blocks, the open one, and what was given back */
static void what_was_taken_and_what_is_in_the_ring_is_what_the_kernel_has_stored(void) {
  open_ring(PAGE, 8, NEVER);
  uint32_t stored = 0, taken = 0, blocks;
  for (int i = 1; i <= 40; i++) {
    send_datagrams(i, FRAME - OVERHEAD);
    rs_ring_stats stats = await_statistics((uint32_t)i);
    stored += stats.packets - stats.dropped;
    CHECK_EQUAL(taken + (uint64_t)rs_ring_pending(&ring), stored);
    if (i % 3) continue;
    taken += drain(&blocks);
    CHECK_EQUAL(taken + (uint64_t)rs_ring_pending(&ring), stored);
  }
  CHECK(taken > 500);
  rs_ring_close(&ring);
}

static struct tpacket_hdr_v1 *block_number(uint32_t index) {
  return &((struct tpacket_block_desc *)(void *)(ring.map + (size_t)index * ring.block_size))->hdr.bh1;
}

/* 5 */
static void giving_back_without_having_taken_in_order_is_not_possible(void) {
  open_ring(PAGE, 4, NEVER);
  send_datagrams(4 * A_BLOCKFUL, FRAME - OVERHEAD);
  CHECK_EQUAL(await_statistics(4 * A_BLOCKFUL).dropped, 0);
  struct tpacket_hdr_v1 *first = rs_ring_acquire(&ring);
  CHECK(first && rs_ring_acquire(&ring) == first); /* held: there is no way to the second */
  rs_ring_release(&ring, first);
  struct tpacket_hdr_v1 *second = rs_ring_acquire(&ring);
  CHECK(second && second != first && second->seq_num == 2);
  rs_ring_close(&ring);
}

/* 5: why it must not be possible */
static void one_block_that_is_held_back_stops_the_ring_though_others_are_free(void) {
  open_ring(PAGE, 4, NEVER);
  send_datagrams(5 * A_BLOCKFUL, FRAME - OVERHEAD); /* frozen */
  CHECK_EQUAL(await_statistics(5 * A_BLOCKFUL).freezes, 1);
  for (uint32_t i = 1; i < 4; i++) __atomic_store_n(&block_number(i)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  send_datagrams(17, FRAME - OVERHEAD);
  rs_ring_stats stats = await_statistics(17);
  CHECK_EQUAL(stats.dropped, 17);
  CHECK_EQUAL(stats.freezes, 0);
  CHECK_EQUAL(look_at_ring().ready, 1);
  rs_ring_release(&ring, rs_ring_acquire(&ring));
  send_datagrams(1, FRAME - OVERHEAD);
  CHECK_EQUAL(await_statistics(1).dropped, 0);
  rs_ring_close(&ring);
}

/* 8 */
static void a_frozen_ring_that_was_emptied_thaws_by_the_timer_and_goes_on_with_the_next_number(void) {
  open_ring(PAGE, 4, 10);
  uint32_t stored = 0, taken = 0, blocks;
  for (uint64_t round = 0, next = 1; round < 3; round++, next += blocks) {
    send_datagrams(100, FRAME - OVERHEAD);
    rs_ring_stats stats = await_statistics(100);
    CHECK_EQUAL(stats.freezes, 1);
    stored += stats.packets - stats.dropped;
    AWAIT(look_at_ring().frozen);
    CHECK_EQUAL(rs_ring_acquire(&ring)->seq_num, next);
    taken += drain(&blocks); /* by number: a block out of turn would not be taken */
    CHECK_EQUAL(blocks, 4);
    CHECK_EQUAL(taken, stored);
    AWAIT(look_at_ring().open_seq); /* no packet comes, and yet a block is opened */
    CHECK_EQUAL(look_at_ring().open_seq, next + blocks);
    CHECK_EQUAL(look_at_ring().headroom, 3);
  }
  rs_ring_close(&ring);
}

/* -- 9: drops while blocks are free -------------------------------------------------------------------------------- */

enum { MANY = 256, LOAD = (MANY - MANY * 84 / 100 - 12) * A_BLOCKFUL / 2 }; /* from 84 % to a few blocks before the end */

static _Atomic bool go;

static void *send_from(void *argument) {
  stay_on_cpu(*(const int *)argument);
  talk pair = talk_begin();
  while (!atomic_load(&go)) sched_yield();
  talk_send(&pair, LOAD, FRAME - OVERHEAD, 0);
  talk_end(&pair);
  return NULL;
}

static int cpus[2], cpu_count; /* found before this thread keeps to one of them */

static uint32_t dropped_with_free_blocks(void) {
  open_ring(PAGE, MANY, NEVER);
  send_datagrams(MANY * 84 / 100 * A_BLOCKFUL, FRAME - OVERHEAD);
  CHECK_EQUAL(await_statistics(MANY * 84 / 100 * A_BLOCKFUL).dropped, 0); /* one CPU */
  CHECK(look_at_ring().pressed);
  pthread_t threads[2];
  atomic_store(&go, false);
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, send_from, &cpus[i]) == 0);
  atomic_store(&go, true);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  rs_ring_stats stats = await_statistics(2 * LOAD);
  CHECK_EQUAL(stats.packets, 2 * LOAD);
  CHECK_EQUAL(stats.freezes, 0); /* so none of these is to be laid to the reader */
  CHECK(look_at_ring().headroom > 0 && !look_at_ring().frozen);
  CHECK_EQUAL((uint64_t)rs_ring_pending(&ring) + stats.dropped, MANY * 84 / 100 * A_BLOCKFUL + 2 * LOAD);
  rs_ring_close(&ring);
  return stats.dropped;
}

/* 9: whether it happens is chance; that it is never a freeze, and that the sum comes out, is not */
static void two_cpus_may_lose_packets_before_the_ring_is_full_and_no_freeze_is_counted(void) {
  enum { ATTEMPTS = 40 };
  if (cpu_count < 2) {
    printf("    one CPU: nothing to see\n");
    return;
  }
  uint32_t dropped = 0;
  int tries = 0;
  while (!dropped && tries < ATTEMPTS) {
    dropped = dropped_with_free_blocks();
    tries++;
  }
  printf("    %u early drops in attempt %d of %d\n", dropped, tries, ATTEMPTS);
}

/* -- 11: frames that a block cannot hold --------------------------------------------------------------------------- */

/* What is left of a block for the bytes of one frame, as tpacket_rcv() reckons: without the block's own header, and where the
 * frame begins behind the packet's. */
static uint32_t largest_frame(uint32_t block_size) {
  const uint32_t block_header = 48, network = TPACKET_ALIGN(TPACKET3_HDRLEN + 16), ethernet = 14;
  return block_size - block_header - (network - ethernet);
}

static void take_all(rs_copy *copy) {
  for (struct tpacket_hdr_v1 *block; (block = rs_ring_acquire(&ring)); rs_ring_release(&ring, block)) {
    copy->block = block;
    copy->offset = block->offset_to_first_pkt;
    CHECK_EQUAL(rs_copy_packets(copy, block->num_pkts), block->num_pkts);
  }
}

/* 11 */
static void frames_that_a_block_cannot_hold_are_counted_as_truncated_each_and_no_other(void) {
  const uint32_t fits = largest_frame(4 * PAGE);
  const uint32_t sizes[] = {60, 1514, 9014, fits - 1, fits, fits + 1, fits + 2, 32810, 60042, 65507 + OVERHEAD};
  enum { SIZES = sizeof sizes / sizeof *sizes, EACH = 3 };
  open_ring(4 * PAGE, 64, 10);
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 16 << 20, NULL) == 0);
  uint32_t longer = 0;
  uint64_t bytes = 0;
  for (int i = 0; i < SIZES * EACH; i++) {
    send_datagrams(1, sizes[i % SIZES] - OVERHEAD);
    longer += sizes[i % SIZES] > fits;
    bytes += sizes[i % SIZES];
  }
  CHECK_EQUAL(await_statistics(SIZES * EACH).dropped, 0); /* the kernel does not call it a loss */
  rs_copy copy = {.size = 4 * PAGE, .snaplen = 262144, .arena = &arena, .epoch = 1};
  for (int i = 0; i < 6000 && copy.bytes < bytes; i++) {
    take_all(&copy);
    pause_ms(1);
  }
  rs_arena_publish(&arena);
  CHECK_EQUAL(copy.bytes, bytes);
  CHECK_EQUAL(copy.truncated, longer);
  CHECK_EQUAL(longer, 5 * EACH);
  rs_record record;
  uint64_t offset;
  for (int i = 0; i < SIZES * EACH; i++) {
    CHECK(rs_arena_peek(&arena, &record, &offset));
    CHECK_EQUAL(record.length, sizes[i % SIZES]);
    CHECK_EQUAL(record.captured, record.length > fits ? fits : record.length);
    rs_arena_merged(&arena, offset, &record);
  }
  rs_arena_close(&arena);
  rs_ring_close(&ring);
}

/* 11: what was cut at the snaplen is not cut by the block */
static void a_snaplen_shorter_than_what_fits_leaves_nothing_truncated(void) {
  const rs_insn cut[] = {{BPF_RET | BPF_K, 0, 0, 96}};
  open_ring(4 * PAGE, 16, 10);
  CHECK(rs_bpf_attach(ring.fd, cut, 1, NULL) == 0);
  rs_arena arena;
  CHECK(rs_arena_open(&arena, 1 << 20, NULL) == 0);
  send_datagrams(20, 60000);
  CHECK_EQUAL(await_statistics(20).dropped, 0);
  rs_copy copy = {.size = 4 * PAGE, .snaplen = 96, .arena = &arena, .epoch = 1};
  for (int i = 0; i < 6000 && copy.bytes < 20 * (60000 + OVERHEAD); i++) {
    take_all(&copy);
    pause_ms(1);
  }
  CHECK_EQUAL(copy.bytes, 20 * (60000 + OVERHEAD));
  CHECK_EQUAL(copy.truncated, 0);
  rs_arena_close(&arena);
  rs_ring_close(&ring);
}

int main(void) {
  enter_private_network();
  cpu_count = usable_cpus(cpus, 2);
  stay_on_cpu(cpus[0]);
  RUN(a_ring_that_nobody_reads_fills_up_and_every_packet_is_counted_as_stored_or_dropped);
  RUN(a_ring_that_is_frozen_drops_on_without_another_freeze);
  RUN(the_kernels_statistics_are_gone_once_they_are_read);
  RUN(what_the_filter_rejects_is_neither_stored_nor_dropped);
  RUN(what_was_taken_and_what_is_in_the_ring_is_what_the_kernel_has_stored);
  RUN(giving_back_without_having_taken_in_order_is_not_possible);
  RUN(one_block_that_is_held_back_stops_the_ring_though_others_are_free);
  RUN(a_frozen_ring_that_was_emptied_thaws_by_the_timer_and_goes_on_with_the_next_number);
  RUN(frames_that_a_block_cannot_hold_are_counted_as_truncated_each_and_no_other);
  RUN(a_snaplen_shorter_than_what_fits_leaves_nothing_truncated);
  RUN(two_cpus_may_lose_packets_before_the_ring_is_full_and_no_freeze_is_counted);
  return 0;
}
