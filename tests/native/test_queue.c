/* SPDX-License-Identifier: Apache-2.0 */
/* A worker on rings that this test fills as the kernel would. */
#include "queue.h"

#include <sys/eventfd.h>
#include <time.h>

#include "check.h"

enum { BLOCKS = 4 };

typedef struct fake {
  rs_queue queue;
  rs_arena arena;
  rs_change change;
} fake;

static struct tpacket_hdr_v1 *first_block(rs_ring *ring) {
  return &((struct tpacket_block_desc *)(void *)ring->map)->hdr.bh1;
}

static fake *make(void) {
  fake *f = calloc(1, sizeof *f);
  CHECK(f && rs_arena_open(&f->arena, RS_STORE_MIN, NULL) == 0);
  f->queue = (rs_queue){.banks = RS_BANKS, .arena = &f->arena, .cpu = -1, .snaplen = RS_SNAPLEN_MAX, .epoch = 1,
                        .wake = eventfd(0, EFD_CLOEXEC), .news = eventfd(0, EFD_CLOEXEC)};
  for (int i = 0; i < RS_BANKS; i++) {
    rs_ring *ring = &f->queue.rings[i];
    *ring = (rs_ring){.fd = eventfd(0, EFD_CLOEXEC), .block_size = RS_BLOCK_MIN, .blocks = BLOCKS, .next = 1};
    ring->map = calloc(BLOCKS, RS_BLOCK_MIN);
    CHECK(ring->map);
  }
  return f;
}

static void drop(fake *f) {
  for (int i = 0; i < RS_BANKS; i++) {
    close(f->queue.rings[i].fd);
    free(f->queue.rings[i].map);
  }
  close(f->queue.wake);
  close(f->queue.news);
  rs_arena_close(&f->arena);
  free(f);
}

static void pause_ms(long ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }

/* prb_open_block() of net/packet/af_packet.c gives a block its new number first and clears the number of packets that it had
 * a lap before after that. A worker that looks in between must not wait for packets that are not there. */
static void a_ring_that_seems_not_to_be_empty_is_looked_at_again_before_the_other_one_is_read(void) {
  fake *f = make();
  struct tpacket_hdr_v1 *open = first_block(&f->queue.rings[0]);
  open->seq_num = 1;
  open->num_pkts = 3;
  CHECK(rs_queue_start(&f->queue, NULL) == 0);
  f->change.epoch = 2;
  rs_queue_step(&f->queue, &(rs_step){.kind = RS_STEP_BANK, .epoch = 2, .change = &f->change});
  rs_queue_wake(&f->queue);
  pause_ms(50);
  CHECK(!rs_queue_stepped(&f->queue));
  __atomic_store_n(&open->num_pkts, 0, __ATOMIC_RELEASE);
  for (int i = 0; i < 500 && !rs_queue_stepped(&f->queue); i++) pause_ms(10);
  CHECK(rs_queue_stepped(&f->queue));
  CHECK_EQUAL(f->queue.passed, 2);
  atomic_store(&f->queue.ending, true);
  rs_queue_wake(&f->queue);
  rs_thread_join(&f->queue.thread);
  drop(f);
}

int main(void) {
  RUN(a_ring_that_seems_not_to_be_empty_is_looked_at_again_before_the_other_one_is_read);
  return 0;
}
