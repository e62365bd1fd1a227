/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's side of a ring, on memory that this test fills as the kernel would. */
#include "ring.h"

#include <pthread.h>

#include "check.h"

enum { BLOCKS = 8, SIZE = 4096 };

typedef struct fake {
  rs_ring ring;
} fake;

static struct tpacket_hdr_v1 *block(fake *f, unsigned index) {
  return &((struct tpacket_block_desc *)(void *)(f->ring.map + (size_t)index * SIZE))->hdr.bh1;
}

static fake make(void) {
  fake f = {.ring = {.fd = -1, .block_size = SIZE, .blocks = BLOCKS, .next = 1}};
  f.ring.map = aligned_alloc(64, (size_t)BLOCKS * SIZE);
  CHECK(f.ring.map);
  memset(f.ring.map, 0, (size_t)BLOCKS * SIZE);
  return f;
}

static void drop(fake *f) { free(f->ring.map); }

/* The kernel opens block `seq` ... */
static void open_block(fake *f, uint64_t seq, unsigned packets, unsigned bytes) {
  struct tpacket_hdr_v1 *b = block(f, (seq - 1) % BLOCKS);
  b->seq_num = seq;
  b->num_pkts = packets;
  b->blk_len = bytes;
}

/* ... and closes it. */
static void close_block(fake *f, uint64_t seq) {
  __atomic_store_n(&block(f, (seq - 1) % BLOCKS)->block_status, TP_STATUS_USER, __ATOMIC_RELEASE);
}

static void blocks_come_in_order_and_only_when_closed(void) {
  fake f = make();
  open_block(&f, 1, 3, 500);
  CHECK(rs_ring_acquire(&f.ring) == NULL);
  close_block(&f, 1);
  struct tpacket_hdr_v1 *b = rs_ring_acquire(&f.ring);
  CHECK(b == block(&f, 0));
  CHECK(rs_ring_acquire(&f.ring) == b); /* not given back yet: the same again */
  rs_ring_release(&f.ring, b);
  CHECK_EQUAL(b->block_status, TP_STATUS_KERNEL);
  CHECK(rs_ring_acquire(&f.ring) == NULL);
  drop(&f);
}

static void fill_counts_whole_closed_blocks_and_the_open_ones_bytes(void) {
  fake f = make();
  for (uint64_t seq = 1; seq <= 3; seq++) {
    open_block(&f, seq, 10, 100); /* a closed block's unused end is taken all the same */
    close_block(&f, seq);
  }
  open_block(&f, 4, 5, 1234);
  rs_ring_fill fill;
  rs_ring_look(&f.ring, &fill);
  CHECK_EQUAL(fill.ready, 3);
  CHECK_EQUAL(fill.headroom, BLOCKS - 4);
  CHECK_EQUAL(fill.open_seq, 4);
  CHECK_EQUAL(fill.open_packets, 5);
  CHECK_EQUAL(fill.used_bytes, 3 * SIZE + 1234);
  CHECK(!fill.frozen && !fill.pressed);
  drop(&f);
}

static void a_block_given_back_but_not_reopened_counts_as_empty(void) {
  fake f = make();
  for (uint64_t seq = 1; seq <= BLOCKS; seq++) {
    open_block(&f, seq, 1, 4000);
    close_block(&f, seq);
  }
  for (int i = 0; i < BLOCKS; i++) rs_ring_release(&f.ring, rs_ring_acquire(&f.ring));
  rs_ring_fill fill;
  rs_ring_look(&f.ring, &fill); /* block 0 still says seq 1, num_pkts 1 */
  CHECK_EQUAL(fill.ready, 0);
  CHECK_EQUAL(fill.used_bytes, 0);
  CHECK_EQUAL(fill.open_seq, 0);
  CHECK_EQUAL(fill.headroom, BLOCKS - 1);
  drop(&f);
}

static void a_ring_with_every_block_closed_is_frozen_with_no_headroom(void) {
  fake f = make();
  for (uint64_t seq = 1; seq <= BLOCKS; seq++) {
    open_block(&f, seq, 1, 100);
    close_block(&f, seq);
  }
  rs_ring_fill fill;
  rs_ring_look(&f.ring, &fill);
  CHECK(fill.frozen && fill.pressed);
  CHECK_EQUAL(fill.headroom, 0);
  CHECK_EQUAL(fill.used_bytes, BLOCKS * SIZE);
  drop(&f);
}

static void pressure_begins_when_the_block_a_quarter_ahead_is_taken(void) {
  fake f = make();
  for (uint64_t seq = 1; seq <= 6; seq++) {
    open_block(&f, seq, 1, 100);
    close_block(&f, seq);
  }
  open_block(&f, 7, 1, 100);
  rs_ring_fill fill;
  rs_ring_look(&f.ring, &fill); /* two ahead of block index 6 is index 0: taken */
  CHECK(fill.pressed && !fill.frozen);
  rs_ring_release(&f.ring, rs_ring_acquire(&f.ring));
  rs_ring_look(&f.ring, &fill);
  CHECK(!fill.pressed);
  drop(&f);
}

static void a_reader_that_lost_its_place_finds_the_oldest_closed_block(void) {
  fake f = make();
  for (uint64_t seq = 1; seq <= 5; seq++) {
    open_block(&f, seq, 1, 100);
    if (seq >= 3) close_block(&f, seq);
  }
  CHECK(rs_ring_acquire(&f.ring) == NULL);
  CHECK(rs_ring_resync(&f.ring));
  struct tpacket_hdr_v1 *b = rs_ring_acquire(&f.ring);
  CHECK(b && b->seq_num == 3);
  drop(&f);
}

static void a_closed_block_with_another_sequence_number_is_not_taken(void) {
  fake f = make();
  open_block(&f, 1 + BLOCKS, 1, 100); /* a lap ahead of the reader */
  close_block(&f, 1 + BLOCKS);
  CHECK(rs_ring_acquire(&f.ring) == NULL);
  CHECK(rs_ring_resync(&f.ring));
  CHECK(rs_ring_acquire(&f.ring)->seq_num == 1 + BLOCKS);
  drop(&f);
}

static void a_reader_in_step_is_left_where_it_is(void) {
  fake f = make();
  CHECK(!rs_ring_resync(&f.ring)); /* nothing closed */
  open_block(&f, 1, 1, 100);
  close_block(&f, 1);
  open_block(&f, 2, 1, 100);
  close_block(&f, 2);
  CHECK(!rs_ring_resync(&f.ring));
  CHECK_EQUAL(rs_ring_acquire(&f.ring)->seq_num, 1);
  drop(&f);
}

static void the_newest_block_and_its_packets_are_what_the_kernel_has_produced(void) {
  fake f = make();
  uint64_t seq;
  uint32_t packets;
  rs_ring_produced(&f.ring, &seq, &packets);
  CHECK(seq == 1 && packets == 0); /* nothing opened yet */
  for (uint64_t n = 1; n <= 11; n++) open_block(&f, n, (unsigned)n, 100); /* more than a lap */
  close_block(&f, 10);
  rs_ring_produced(&f.ring, &seq, &packets);
  CHECK_EQUAL(seq, 11);
  CHECK_EQUAL(packets, 11);
  close_block(&f, 11); /* frozen, or given back and not opened again: still the newest there is */
  rs_ring_produced(&f.ring, &seq, &packets);
  CHECK_EQUAL(seq, 11);
  drop(&f);
}

static void a_closed_ring_lets_nobody_in(void) {
  rs_ring ring = {.fd = -1, .block_size = SIZE, .blocks = BLOCKS, .next = 1};
  CHECK(rs_ring_enter(&ring));
  rs_ring_leave(&ring);
  rs_ring_close(&ring);
  CHECK(!rs_ring_enter(&ring));
  rs_ring_close(&ring); /* and nobody who was turned away is waited for */
}

/* -- a look while the reader gives blocks back --------------------------------------------------------------------- */

static fake shared;
static _Atomic uint64_t phase, looks; /* odd phases: a full ring is given back, and nothing is opened meanwhile */

static void *give_back(void *unused) {
  for (uint64_t lap = 0; lap < 100000 && atomic_load(&looks) < 1000000; lap++) {
    for (uint64_t seq = lap * BLOCKS + 1; seq <= (lap + 1) * BLOCKS; seq++) {
      struct tpacket_hdr_v1 *b = block(&shared, (seq - 1) % BLOCKS);
      __atomic_store_n(&b->num_pkts, 99, __ATOMIC_RELAXED);
      __atomic_store_n(&b->seq_num, seq, __ATOMIC_RELAXED);
      close_block(&shared, seq);
    }
    atomic_fetch_add(&phase, 1);
    for (int i = 0; i < BLOCKS; i++) {
      rs_ring_release(&shared.ring, rs_ring_acquire(&shared.ring));
      for (volatile int pause = 0; pause < 100; pause++) {
      }
    }
    atomic_fetch_add(&phase, 1);
  }
  atomic_store(&phase, UINT64_MAX);
  return unused;
}

static void a_block_that_is_given_back_during_a_look_is_not_taken_for_the_open_one(void) {
  pthread_t thread;
  rs_ring_fill fill;
  shared = make();
  CHECK(pthread_create(&thread, NULL, give_back, NULL) == 0);
  for (uint64_t begin; (begin = atomic_load(&phase)) != UINT64_MAX;) {
    rs_ring_look(&shared.ring, &fill);
    if (begin % 2 == 0 || atomic_load(&phase) != begin) continue;
    atomic_fetch_add(&looks, 1);
    CHECK_EQUAL(fill.open_packets, 0);
    CHECK_EQUAL(fill.open_seq, 0);
  }
  pthread_join(thread, NULL);
  printf("    %llu looks\n", (unsigned long long)looks);
  CHECK(looks > 0);
  drop(&shared);
}

int main(void) {
  RUN(blocks_come_in_order_and_only_when_closed);
  RUN(fill_counts_whole_closed_blocks_and_the_open_ones_bytes);
  RUN(a_block_given_back_but_not_reopened_counts_as_empty);
  RUN(a_ring_with_every_block_closed_is_frozen_with_no_headroom);
  RUN(pressure_begins_when_the_block_a_quarter_ahead_is_taken);
  RUN(a_reader_that_lost_its_place_finds_the_oldest_closed_block);
  RUN(a_closed_block_with_another_sequence_number_is_not_taken);
  RUN(a_reader_in_step_is_left_where_it_is);
  RUN(the_newest_block_and_its_packets_are_what_the_kernel_has_produced);
  RUN(a_closed_ring_lets_nobody_in);
  RUN(a_block_that_is_given_back_during_a_look_is_not_taken_for_the_open_one);
  return 0;
}
