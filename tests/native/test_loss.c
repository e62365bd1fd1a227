/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets are marked as the first behind a loss: numbered datagrams over the loopback, a reader that is held up, and the
 * marks held against the gaps in the numbers. */
#include <errno.h>
#include <pthread.h>

#include "captures.h"

enum {
  PAYLOAD = 4000,
  A_BLOCKFUL = 30, /* datagrams, and a little more, that a block of RS_BLOCK_MIN takes */
  MOST = 60000,
  NEVER = 10000, /* ms: a retire timeout that does not come to pass */
};

typedef struct seen {
  uint32_t number; /* that the sender gave it */
  uint32_t missing; /* numbers that this queue should have had between the one before and this one */
  bool marked;
  int known; /* what rs_losses_find() said */
  uint64_t lost; /* counted, not estimated; else 0 */
} seen;

static seen all[MOST];

/* All packets that the store has of a queue, in order. Each `step`th number is for this queue. */
static uint32_t read_queue(rs_capture *capture, uint32_t queue, uint32_t step) {
  static rs_packet packets[256];
  static uint8_t bytes[256 * 64];
  const rs_store *store = rs_capture_store(capture);
  uint32_t count = 0;
  for (uint64_t at = 1; at <= rs_store_head(store); at += 256) {
    uint32_t got = rs_store_read(store, at, 256, 64, packets, bytes, sizeof bytes);
    for (uint32_t i = 0; i < got; i++) {
      if (packets[i].queue != queue) continue;
      CHECK(count < MOST && packets[i].copied >= OVERHEAD + 4);
      seen *one = &all[count];
      uint32_t number;
      memcpy(&number, bytes + packets[i].offset + OVERHEAD, sizeof number);
      *one = (seen){.number = ntohl(number), .marked = packets[i].flags & RS_AFTER_LOSS};
      uint32_t how;
      one->known = rs_losses_find(rs_capture_losses(capture), queue, packets[i].time_ns, &one->lost, &how);
      CHECK(one->known || (how != RS_LOST_COUNTING && one->lost > 0));
      if (how == RS_LOST_ESTIMATED) one->lost = 0;
      if (count) one->missing = (one->number - all[count - 1].number) / step - 1;
      count++;
    }
  }
  return count;
}

/* Marks are where the gaps are; what is said of their size is true. Returns how many marks there are, and how many of them have
 * a size by *sized. */
static uint32_t check_marks(uint32_t count, uint32_t *sized) {
  uint32_t marks = 0;
  *sized = 0;
  for (uint32_t i = 1; i < count; i++) {
    if (all[i].marked != (all[i].missing > 0))
      fprintf(stderr, "number %u, behind %u missing: %s\n", all[i].number, all[i].missing,
              all[i].marked ? "marked" : "not marked");
    CHECK(all[i].marked == (all[i].missing > 0));
    CHECK(all[i].marked ? all[i].known == 0 : all[i].known == -ENOENT);
    if (all[i].lost) CHECK_EQUAL(all[i].lost, all[i].missing);
    marks += all[i].marked;
    *sized += all[i].lost > 0;
  }
  return marks;
}

/* The losses that are told of, counted or estimated, are all that the kernel dropped, if a packet came behind each; they are where
 * the marks are. */
static void check_sum(rs_capture *capture, uint32_t marks) {
  static rs_loss_info found[4096];
  uint32_t count = rs_losses_between(rs_capture_losses(capture), 1, UINT64_MAX, found, 4096);
  uint64_t lost = 0, number = 0;
  CHECK_EQUAL(count, marks);
  for (uint32_t i = 0; i < count; i++) {
    rs_packet packet;
    uint8_t byte;
    CHECK(found[i].number >= number && found[i].known != RS_LOST_COUNTING && found[i].lost > 0);
    CHECK_EQUAL(rs_losses_next(rs_capture_losses(capture), number, 1), found[i].number);
    CHECK_EQUAL(rs_losses_next(rs_capture_losses(capture), found[i].number + 1, 0), found[i].number);
    CHECK_EQUAL(rs_store_read(rs_capture_store(capture), found[i].number, 1, 1, &packet, &byte, 1), 1);
    CHECK(packet.flags & RS_AFTER_LOSS && packet.time_ns == found[i].time_ns && packet.queue == found[i].queue);
    CHECK(found[i].before_ns < found[i].time_ns);
    lost += found[i].lost;
    number = found[i].number;
  }
  CHECK_EQUAL(lost, look(capture).total.dropped);
}

static void await_quiet(rs_capture *capture, uint64_t sent) {
  AWAIT(look(capture).total.delivered + look(capture).total.dropped >= sent);
  await_head(capture, look(capture).total.delivered);
}

static rs_config small(uint32_t blocks, uint32_t timeout_ms) {
  rs_config settings = config();
  settings.blocks = blocks;
  settings.block_timeout_ms = timeout_ms;
  settings.store_bytes = 256 << 20;
  return settings;
}

/* The reader is late for so long, `count` datagrams come meanwhile, and one behind them, when it goes on. */
static void stall(rs_capture *capture, const talk *pair, uint32_t *next, int count, long ms) {
  rs_capture_hold(capture, 1);
  talk_send(pair, count, PAYLOAD, *next);
  *next += (uint32_t)count;
  pause_ms(ms);
  rs_capture_hold(capture, 0);
  AWAIT(!look(capture).total.ready_blocks);
  talk_send(pair, 1, PAYLOAD, (*next)++);
}

static void the_first_packet_behind_a_loss_is_marked_and_the_loss_has_its_size(void) {
  rs_capture *capture = begin(small(8, 10));
  talk pair = talk_begin();
  uint32_t next = 0, sized;
  for (int round = 0; round < 5; round++) {
    stall(capture, &pair, &next, 12 * A_BLOCKFUL, round % 2 ? 250 : 20);
    pause_ms(250); /* each within readings of its own */
  }
  await_quiet(capture, next);
  rs_capture_stop(capture);
  CHECK_EQUAL(check_marks(read_queue(capture, 0, 1), &sized), 5);
  CHECK_EQUAL(sized, 5);
  check_sum(capture, 5);
  rs_capture_close(capture);
  talk_end(&pair);
}

/* What is dropped later, with no freeze of its own, is of another class, in the counters and in the log. */
static void a_ring_that_stays_frozen_loses_on_and_the_loss_says_so(void) {
  rs_capture *capture = begin(small(8, 10));
  talk pair = talk_begin();
  rs_loss_info found[2];
  rs_capture_hold(capture, 1);
  talk_send(&pair, 9 * A_BLOCKFUL, PAYLOAD, 0);
  AWAIT(look(capture).total.dropped);
  pause_ms(250);
  rs_counters froze = look(capture).total;
  talk_send(&pair, 100, PAYLOAD, 9 * A_BLOCKFUL);
  AWAIT(look(capture).total.dropped == froze.dropped + 100);
  CHECK_EQUAL(look(capture).total.frozen_drops, froze.frozen_drops + 100);
  CHECK(froze.dropped > froze.frozen_drops); /* those that came with the freeze */
  rs_capture_hold(capture, 0);
  AWAIT(!look(capture).total.ready_blocks);
  talk_send(&pair, 1, PAYLOAD, 9 * A_BLOCKFUL + 100);
  await_quiet(capture, 9 * A_BLOCKFUL + 101);
  rs_capture_stop(capture);
  rs_counters total = look(capture).total;
  CHECK_EQUAL(total.early_drops, 0);
  CHECK_EQUAL(rs_losses_between(rs_capture_losses(capture), 1, UINT64_MAX, found, 2), 1);
  CHECK_EQUAL(found[0].cause, RS_LOST_FROZEN);
  CHECK_EQUAL(found[0].lost, total.dropped);
  rs_capture_close(capture);
  talk_end(&pair);
}

static void a_ring_that_was_nearly_full_has_lost_nothing(void) {
  rs_capture *capture = begin(small(8, 1000)); /* however slowly it is sent, a block is closed when it is full */
  talk pair = talk_begin();
  uint32_t next = 0, sized;
  for (int round = 0; round < 5; round++) stall(capture, &pair, &next, 7 * A_BLOCKFUL, 30);
  await_quiet(capture, next);
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).total.dropped, 0);
  CHECK_EQUAL(check_marks(read_queue(capture, 0, 1), &sized), 0);
  rs_capture_close(capture);
  talk_end(&pair);
}

/* Blocks that their timeout closes, one by one, until there is none left: nothing has been lost until a packet comes. */
static void a_ring_that_froze_without_a_packet_has_lost_nothing_until_one_comes(int more, long ms) {
  enum { BLOCKS = 4, ROUNDS = 2 };
  rs_capture *capture = begin(small(BLOCKS, 10));
  talk pair = talk_begin();
  uint32_t next = 0, sized;
  for (int round = 0; round < ROUNDS; round++) {
    rs_capture_hold(capture, 1);
    for (uint32_t i = 0; i < BLOCKS; i++) {
      talk_send(&pair, 1, PAYLOAD, next++);
      AWAIT(look(capture).total.ready_blocks > i);
    }
    CHECK(look(capture).total.frozen);
    talk_send(&pair, more, PAYLOAD, next);
    next += (uint32_t)more;
    pause_ms(ms);
    rs_capture_hold(capture, 0);
    AWAIT(!look(capture).total.frozen && !look(capture).total.ready_blocks);
    talk_send(&pair, 1, PAYLOAD, next++);
    pause_ms(250);
  }
  await_quiet(capture, next);
  rs_capture_stop(capture);
  CHECK_EQUAL(check_marks(read_queue(capture, 0, 1), &sized), more ? ROUNDS : 0);
  CHECK_EQUAL(sized, more ? ROUNDS : 0);
  rs_capture_close(capture);
  talk_end(&pair);
}

static void a_ring_frozen_by_its_timeouts_is_marked_only_where_a_packet_was_lost(void) {
  a_ring_that_froze_without_a_packet_has_lost_nothing_until_one_comes(0, 0);
  a_ring_that_froze_without_a_packet_has_lost_nothing_until_one_comes(3, 0);
  a_ring_that_froze_without_a_packet_has_lost_nothing_until_one_comes(3, 250); /* read by the statistics before the thaw */
  a_ring_that_froze_without_a_packet_has_lost_nothing_until_one_comes(0, 250);
}

static void a_packet_in_a_block_that_the_end_finds_open_is_marked_too(void) {
  rs_capture *capture = begin(small(8, NEVER));
  talk pair = talk_begin();
  uint32_t next = 0, sized;
  rs_capture_hold(capture, 1);
  talk_send(&pair, 12 * A_BLOCKFUL, PAYLOAD, next);
  next += 12 * A_BLOCKFUL;
  rs_capture_hold(capture, 0);
  AWAIT(!look(capture).total.frozen);
  talk_send(&pair, 3, PAYLOAD, next);
  rs_capture_stop(capture);
  uint32_t count = read_queue(capture, 0, 1);
  CHECK_EQUAL(check_marks(count, &sized), 1);
  CHECK(all[count - 3].marked);
  CHECK_EQUAL(sized, 1);
  rs_capture_close(capture);
  talk_end(&pair);
}

/* Sent on one CPU with no timeout in the way, every loss is by a packet that found no block, and there is a mark for each. */
static void every_gap_in_the_numbers_has_its_mark_and_no_mark_is_without_a_gap(uint32_t queues) {
  rs_config settings = small(4, NEVER);
  settings.queues = queues;
  settings.fanout = RS_FANOUT_LB;
  rs_capture *capture = begin(settings);
  talk pair = talk_begin();
  uint32_t next = 0, sized, marks = 0, random = 12345;
  for (int round = 0; round < (UNDER_TSAN ? 60 : 200); round++) {
    random = random * 1103515245 + 12345;
    int count = (int)(random >> 16) % (int)(A_BLOCKFUL * 9 * queues);
    rs_capture_hold(capture, random >> 12 & 1);
    talk_send(&pair, count, PAYLOAD, next);
    next += (uint32_t)count;
    if (random >> 13 & 1) rs_capture_hold(capture, 0);
    pause_ms((long)(random >> 8) % 20);
  }
  rs_capture_hold(capture, 0);
  AWAIT(!look(capture).total.ready_blocks);
  talk_send(&pair, (int)queues, PAYLOAD, next); /* nothing is lost behind the last of each */
  rs_capture_stop(capture);
  CHECK_EQUAL(look(capture).total.evicted, 0);
  for (uint32_t queue = 0; queue < queues; queue++) marks += check_marks(read_queue(capture, queue, queues), &sized);
  CHECK(look(capture).total.dropped > 100 && marks > 10);
  check_sum(capture, marks);
  rs_capture_close(capture);
  talk_end(&pair);
}

static void with_one_queue_marks_are_where_the_gaps_are(void) {
  every_gap_in_the_numbers_has_its_mark_and_no_mark_is_without_a_gap(1);
}

static void with_two_queues_each_has_its_own_marks(void) {
  every_gap_in_the_numbers_has_its_mark_and_no_mark_is_without_a_gap(2);
}

/* What was lost behind the last packet of one ring is before the first of the other. */
static void a_loss_at_a_flip_to_the_other_ring_is_marked_there(void) {
  rs_config settings = small(4, 10);
  settings.exact_swap = 1;
  settings.fanout = RS_FANOUT_CPU;
  rs_capture *capture = begin(settings);
  talk pair = talk_begin();
  uint32_t next = 0, sized, epoch;
  for (int round = 0; round < 4; round++) {
    rs_capture_hold(capture, 1);
    talk_send(&pair, 8 * A_BLOCKFUL, PAYLOAD, next);
    next += 8 * A_BLOCKFUL;
    CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
    rs_capture_hold(capture, 0);
    AWAIT(!look(capture).total.frozen && !look(capture).total.ready_blocks);
    pause_ms(50);
    talk_send(&pair, 2, PAYLOAD, next);
    next += 2;
    pause_ms(250);
  }
  await_quiet(capture, next);
  rs_capture_stop(capture);
  CHECK_EQUAL(check_marks(read_queue(capture, 0, 1), &sized), 4);
  CHECK_EQUAL(sized, 4);
  rs_capture_close(capture);
  talk_end(&pair);
}

typedef struct sender {
  pthread_t thread;
  int cpu;
  uint32_t begin; /* of its numbers */
} sender;

enum { SENDERS = 2, FROM_EACH = 12000, APART = 1 << 20 };

static void *send_many(void *argument) {
  const sender *one = argument;
  stay_on_cpu(one->cpu);
  talk pair = talk_begin();
  for (uint32_t i = 0; i < FROM_EACH; i += 100) {
    talk_send(&pair, 100, PAYLOAD, one->begin + i);
    pause_ms(1);
  }
  talk_end(&pair);
  return NULL;
}

/* With several CPUs at one ring there are early drops, too, and a lost packet's neighbours of the other CPU may come on either
 * side of it. But of one of the senders something is missing between what came before the mark and what came from there on. */
static void with_several_cpus_no_mark_is_without_a_loss(void) {
  sender senders[SENDERS];
  int cpus[SENDERS], count = usable_cpus(cpus, SENDERS);
  rs_capture *capture = begin(small(8, 10));
  for (int i = 0; i < SENDERS; i++) {
    senders[i] = (sender){.cpu = cpus[i % count], .begin = (uint32_t)i * APART};
    CHECK(pthread_create(&senders[i].thread, NULL, send_many, &senders[i]) == 0);
  }
  for (int i = 0; i < 60; i++) {
    rs_capture_hold(capture, 1);
    pause_ms(2 + i % 7);
    rs_capture_hold(capture, 0);
    pause_ms(i % 3);
  }
  for (int i = 0; i < SENDERS; i++) pthread_join(senders[i].thread, NULL);
  rs_capture_stop(capture);
  uint32_t got = read_queue(capture, 0, 1), marks = 0;
  for (uint32_t i = 1; i < got; i++) {
    if (!all[i].marked) continue;
    marks++;
    uint32_t missing = 0;
    for (uint32_t of = 0; of < SENDERS; of++) {
      uint32_t before = i, behind = i;
      while (before > 0 && all[before - 1].number / APART != of) before--;
      while (behind < got && all[behind].number / APART != of) behind++;
      uint32_t last = before ? all[before - 1].number + 1 : of * APART;
      missing += (behind < got ? all[behind].number : of * APART + FROM_EACH) - last;
    }
    CHECK(missing > 0);
    CHECK_EQUAL(all[i].known, 0);
    CHECK(all[i].lost <= look(capture).total.dropped);
  }
  CHECK(marks > 0 && look(capture).total.dropped > 0);
  rs_capture_close(capture);
}

static void what_is_not_remembered_is_said_not_to_be(void) {
  static rs_loss_log log;
  const rs_losses losses = {.logs = &log, .count = 1};
  uint64_t lost;
  uint32_t known;
  CHECK(rs_losses_find(&losses, 0, 5, &lost, &known) == -ENOENT);
  CHECK(rs_losses_find(&losses, 1, 5, &lost, &known) == -ENOENT);
  for (uint64_t i = 1; i <= RS_LOSSES_KEPT + 1; i++) {
    log.entries[(i - 1) % RS_LOSSES_KEPT].time_ns = i;
    log.entries[(i - 1) % RS_LOSSES_KEPT].lost = i == 9 ? RS_LOSS_OPEN : 10 * i;
    log.set = i;
  }
  CHECK(rs_losses_find(&losses, 0, 1, &lost, &known) == -ENOENT);
  CHECK(rs_losses_find(&losses, 0, 2, &lost, &known) == 0);
  CHECK(lost == 20 && known == RS_LOST_COUNTED);
  CHECK(rs_losses_find(&losses, 0, 9, &lost, &known) == -EAGAIN);
  log.entries[8].lost = 0;
  log.entries[8].guess = RS_LOSS_OPEN;
  CHECK(rs_losses_find(&losses, 0, 9, &lost, &known) == -EAGAIN);
  log.entries[8].guess = 7;
  CHECK(rs_losses_find(&losses, 0, 9, &lost, &known) == 0);
  CHECK(lost == 7 && known == RS_LOST_ESTIMATED);
}

int main(void) {
  enter_private_network();
  RUN(with_several_cpus_no_mark_is_without_a_loss);
  stay_on_this_cpu();
  RUN(the_first_packet_behind_a_loss_is_marked_and_the_loss_has_its_size);
  RUN(a_ring_that_stays_frozen_loses_on_and_the_loss_says_so);
  RUN(a_ring_that_was_nearly_full_has_lost_nothing);
  RUN(a_ring_frozen_by_its_timeouts_is_marked_only_where_a_packet_was_lost);
  RUN(a_packet_in_a_block_that_the_end_finds_open_is_marked_too);
  RUN(with_one_queue_marks_are_where_the_gaps_are);
  RUN(with_two_queues_each_has_its_own_marks);
  RUN(a_loss_at_a_flip_to_the_other_ring_is_marked_there);
  RUN(what_is_not_remembered_is_said_not_to_be);
  return 0;
}
