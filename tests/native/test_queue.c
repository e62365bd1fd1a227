/* SPDX-License-Identifier: Apache-2.0 */
/* A worker on rings that this test fills as the kernel would. */
#include "queue.h"

#include <linux/filter.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

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

static void end(fake *f) {
  atomic_store(&f->queue.ending, true);
  rs_queue_wake(&f->queue);
  rs_thread_join(&f->queue.thread);
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
  end(f);
  drop(f);
}

/* A closed block with `count` packets of 60 and 61 bytes in turn, as the kernel leaves it. */
static void close_block(fake *f, uint64_t seq, uint32_t count) {
  enum { FIRST = 48, ROOM = 256, MAC = 80 };
  rs_ring *ring = &f->queue.rings[0];
  uint8_t *begin = ring->map + (seq - 1) * RS_BLOCK_MIN;
  for (uint32_t i = 0; i < count; i++) {
    struct tpacket3_hdr *packet = (void *)(begin + FIRST + i * ROOM);
    *packet = (struct tpacket3_hdr){.tp_next_offset = ROOM, .tp_sec = 1, .tp_nsec = i, .tp_mac = MAC,
                                    .tp_len = 60 + i % 2, .tp_snaplen = 60 + i % 2};
  }
  struct tpacket_hdr_v1 *block = &((struct tpacket_block_desc *)(void *)begin)->hdr.bh1;
  *block = (struct tpacket_hdr_v1){.num_pkts = count, .offset_to_first_pkt = FIRST, .seq_num = seq};
  __atomic_store_n(&block->block_status, TP_STATUS_USER, __ATOMIC_RELEASE);
}

/* Epoch and look of the packets in the arena, in order: 'a' before the change, '-' and '+' tried in vain and with success,
 * 'b' behind the line. */
static void tell(const rs_arena *arena, char *out, int room) {
  uint64_t offset = 0;
  rs_record record;
  uint8_t bytes[64];
  for (; offset < arena->written && room-- > 1; offset += sizeof record + (record.captured + 7) / 8 * 8) {
    CHECK(rs_arena_read(arena, offset, &record, bytes, sizeof bytes));
    *out++ = record.flags & RS_RECHECKED ? (record.epoch == 2 ? '+' : '-') : record.epoch == 2 ? 'b' : 'a';
  }
  *out = '\0';
}

/* Two steps in two blocks of six packets each; every place that they can have. */
static void a_change_of_the_filter_begins_and_ends_at_the_packet_where_its_steps_lie(void) {
  enum { EACH = 6, ALL = 2 * EACH };
  rs_insn longer[] = {{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
                      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 61},
                      {BPF_RET | BPF_K, 0, 0, 262144},
                      {BPF_RET | BPF_K, 0, 0, 0}};
  for (uint32_t mixed = 0; mixed <= ALL; mixed++) {
    for (uint32_t clean = mixed; clean <= ALL; clean++) {
      fake *f = make();
      f->change = (rs_change){.epoch = 2, .program = longer, .length = sizeof longer / sizeof *longer};
      const uint32_t places[] = {mixed, clean};
      for (int i = 0; i < 2; i++) {
        /* At the end of the first block there are two ways to say the same place. */
        uint32_t before = places[i] > EACH || (places[i] == EACH && clean % 2) ? EACH : 0;
        rs_queue_step(&f->queue, &(rs_step){.kind = i ? RS_STEP_CLEAN : RS_STEP_MIXED, .epoch = 2, .change = &f->change,
                                            .seq = before ? 2 : 1, .packets = places[i] - before});
      }
      close_block(f, 1, EACH);
      close_block(f, 2, EACH);
      CHECK(rs_queue_start(&f->queue, NULL) == 0);
      end(f);
      char found[ALL + 1], wanted[ALL + 1] = {0};
      for (uint32_t i = 0; i < ALL; i++) wanted[i] = i < mixed ? 'a' : i >= clean ? 'b' : i % 2 ? '+' : '-';
      tell(&f->arena, found, sizeof found);
      if (strcmp(found, wanted) != 0) fprintf(stderr, "%u to %u: %s, not %s\n", mixed, clean, found, wanted);
      CHECK(strcmp(found, wanted) == 0);
      CHECK_EQUAL(f->change.rechecked, clean - mixed);
      CHECK_EQUAL(f->queue.passed, 2);
      drop(f);
    }
  }
}

/* Nobody numbers what is in the arena, so nothing may go to make room. */
static void packets_for_which_the_arena_has_no_room_are_counted_as_delivered_and_lost(void) {
  enum { SMALL = 4096, SENT = 100, RECORD = sizeof(rs_record) + 64, KEPT = SMALL / RECORD };
  fake *f = make();
  rs_arena_close(&f->arena);
  CHECK(rs_arena_open(&f->arena, SMALL, NULL) == 0);
  close_block(f, 1, SENT);
  CHECK(rs_queue_start(&f->queue, NULL) == 0);
  end(f);
  CHECK_EQUAL(f->queue.tally.delivered, SENT);
  CHECK_EQUAL(f->arena.records, KEPT);
  CHECK_EQUAL(f->queue.tally.arena_drops, SENT - KEPT);
  drop(f);
}

/* TP_STATUS_LOSING, BLK_TMO: how the kernel says that it had dropped packets, and why it closed a block. */
static void what_the_kernel_says_of_a_block_is_counted(void) {
  fake *f = make();
  close_block(f, 1, 3);
  close_block(f, 2, 3);
  close_block(f, 3, 3);
  first_block(&f->queue.rings[0])->block_status |= TP_STATUS_LOSING;
  struct tpacket_block_desc *third = (void *)(f->queue.rings[0].map + 2 * RS_BLOCK_MIN);
  third->hdr.bh1.block_status |= TP_STATUS_LOSING | TP_STATUS_BLK_TMO;
  CHECK(rs_queue_start(&f->queue, NULL) == 0);
  end(f);
  CHECK_EQUAL(f->queue.tally.losing_blocks, 2);
  CHECK_EQUAL(f->queue.tally.blocks_timeout, 1);
  CHECK_EQUAL(f->queue.tally.blocks_full, 2);
  drop(f);
}

static void a_return_of_poll_with_nothing_to_read_is_counted_as_spurious(void) {
  fake *f = make();
  uint64_t one = 1;
  CHECK(rs_queue_start(&f->queue, NULL) == 0);
  CHECK(write(f->queue.rings[0].fd, &one, sizeof one) == sizeof one); /* readable, as the socket of a ring with a closed block */
  for (int i = 0; i < 500 && !atomic_load(&f->queue.tally.spurious_wakeups); i++) pause_ms(10);
  CHECK(read(f->queue.rings[0].fd, &one, sizeof one) == sizeof one);
  end(f);
  CHECK(f->queue.tally.spurious_wakeups > 0);
  CHECK(f->queue.tally.wakeups >= f->queue.tally.spurious_wakeups);
  CHECK_EQUAL(f->queue.tally.resyncs, 0);
  drop(f);
}

int main(void) {
  RUN(a_ring_that_seems_not_to_be_empty_is_looked_at_again_before_the_other_one_is_read);
  RUN(a_change_of_the_filter_begins_and_ends_at_the_packet_where_its_steps_lie);
  RUN(packets_for_which_the_arena_has_no_room_are_counted_as_delivered_and_lost);
  RUN(what_the_kernel_says_of_a_block_is_counted);
  RUN(a_return_of_poll_with_nothing_to_read_is_counted_as_spurious);
  return 0;
}
