/* SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "copy.h"

static void add(_Atomic uint64_t *counter, uint64_t more) {
  /* One writer: a load and a store are enough, and cheaper than a locked addition. */
  if (more)
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more, memory_order_relaxed);
}

static bool flag(const _Atomic bool *which) { return atomic_load_explicit(which, memory_order_acquire); }

static void signal_event(int fd) {
  uint64_t one = 1;
  /* Cannot block or fail: the counter is 64 bits wide and is read often. */
  ssize_t written = write(fd, &one, sizeof one);
  (void)written;
}

void rs_queue_wake(rs_queue *queue) { signal_event(queue->wake); }

/* -- steps: written by who changes the filter ------------------------------------------------------------------------- */

bool rs_queue_can_step(const rs_queue *queue) {
  enum { OF_A_CHANGE = 3 };
  /* Acquire: the worker has read a step before it says so. */
  return atomic_load_explicit(&queue->steps_set, memory_order_relaxed) -
             atomic_load_explicit(&queue->steps_done, memory_order_acquire) <=
         RS_STEPS - OF_A_CHANGE;
}

bool rs_queue_stepped(const rs_queue *queue) {
  return atomic_load_explicit(&queue->steps_set, memory_order_relaxed) ==
         atomic_load_explicit(&queue->steps_done, memory_order_acquire);
}

void rs_queue_place(const rs_queue *queue, uint32_t bank, rs_step *step) {
  rs_ring_produced(&queue->rings[bank], &step->seq, &step->packets);
}

void rs_queue_step(rs_queue *queue, const rs_step *step) {
  uint32_t set = atomic_load_explicit(&queue->steps_set, memory_order_relaxed);
  queue->steps[set % RS_STEPS] = *step;
  /* Release: the step is whole before it can be seen. */
  atomic_store_explicit(&queue->steps_set, set + 1, memory_order_release);
}

/* -- steps: met by the worker ----------------------------------------------------------------------------------------- */

static const rs_step *next_step(const rs_queue *queue) {
  uint32_t done = atomic_load_explicit(&queue->steps_done, memory_order_relaxed);
  if (done == atomic_load_explicit(&queue->steps_set, memory_order_acquire)) return NULL;
  return &queue->steps[done % RS_STEPS];
}

static void pass(rs_queue *queue, const rs_step *step) {
  if (step->kind == RS_STEP_ALONE) {
    queue->from_ns = 0;
    /* Release: all packets that were in two rings are counted. */
    atomic_store_explicit(&queue->alone, true, memory_order_release);
  } else if (step->kind == RS_STEP_MIXED) {
    queue->mixed = step->change;
  } else {
    queue->mixed = NULL;
    queue->epoch = step->epoch;
    if (step->kind == RS_STEP_BANK) queue->bank = !queue->bank;
    queue->passing = step->change->epoch;
  }
  atomic_fetch_add_explicit(&queue->steps_done, 1, memory_order_release);
}

/* Tells the merge thread, once everything that was read is published. */
static void tell_passed(rs_queue *queue) {
  if (queue->passing == atomic_load_explicit(&queue->passed, memory_order_relaxed)) return;
  /* Release: every record from before the line is in the arena. */
  atomic_store_explicit(&queue->passed, queue->passing, memory_order_release);
  signal_event(queue->news);
}

/* Passes the steps that lie before packet `position` of block `seq`. */
static void pass_until(rs_queue *queue, uint64_t seq, uint32_t position) {
  for (const rs_step *step; (step = next_step(queue)) && step->kind != RS_STEP_BANK;) {
    if (step->seq > seq || (step->seq == seq && step->packets > position)) return;
    pass(queue, step);
  }
}

/* The next packet is the first behind a loss, or behind two of them. */
static void note_loss(rs_queue *queue, rs_loss_entry *entry) {
  if (entry) queue->lost = entry;
}

/* When all closed blocks are read: the steps that lie here, with no packet behind them yet. Returns whether the other ring
 * is to be read now. The kernel has fed that one since before the step was published, so what is left here is all. */
static bool pass_here(rs_queue *queue) {
  const rs_ring *ring = &queue->rings[queue->bank];
  pass_until(queue, atomic_load_explicit(&ring->next, memory_order_relaxed), 0);
  const rs_step *step = next_step(queue);
  bool flips = step && step->kind == RS_STEP_BANK && !rs_ring_acquire(ring) && rs_ring_pending(ring) == 0;
  if (flips) {
    note_loss(queue, rs_loss_behind(&queue->losses[queue->bank], atomic_load_explicit(&ring->next, memory_order_relaxed)));
    pass(queue, step);
  }
  tell_passed(queue);
  return flips;
}

void rs_queue_skip_steps(rs_queue *queue, uint32_t epoch) {
  for (const rs_step *step; (step = next_step(queue));) pass(queue, step);
  queue->passing = epoch;
  tell_passed(queue);
}

/* -- the worker ------------------------------------------------------------------------------------------------------- */

/* The next packet, the first behind a loss, is marked as such; when it is not kept, the one after it will be. */
static uint32_t copy_marked(rs_queue *queue, rs_copy *copy) {
  const uint64_t before = copy->lost + copy->doubled;
  copy->flags = RS_AFTER_LOSS;
  uint32_t read = rs_copy_packets(copy, 1);
  copy->flags = 0;
  if (!read || copy->lost + copy->doubled > before) return read;
  rs_loss_place(queue->lost, atomic_load_explicit(&queue->horizon_ns, memory_order_relaxed), copy->newest_ns);
  queue->lost = NULL;
  return read;
}

/* Copies the next packets out, as many as are of one kind. Returns how many there were. */
static uint32_t copy_some(rs_queue *queue, rs_copy *copy, uint32_t count, bool step_by_step) {
  if (queue->lost) return copy_marked(queue, copy);
  return rs_copy_packets(copy, step_by_step ? 1 : count);
}

/* Tells when the packets came, and that they are read by now. */
static void note_slice(const rs_queue *queue, const struct tpacket_hdr_v1 *block, const rs_copy *copy, uint32_t read,
                       uint32_t status, uint64_t begun_ns) {
  if (!queue->timeline) return;
  const rs_slice slice = {
      .first_ns = copy->first_ns,
      .last_ns = copy->newest_ns,
      .begun_ns = begun_ns,
      .done_ns = rs_clock_now_ns(),
      .packets = read,
      .octets = block->blk_len > block->offset_to_first_pkt ? block->blk_len - block->offset_to_first_pkt : 0,
      .timeouts = status & TP_STATUS_BLK_TMO ? 1 : 0,
  };
  enum { PART = 16 };
  rs_timeline_block(queue->timeline, &slice, queue->rings[queue->bank].blocks / PART);
}

/* Copies the packets of one block out. `status` is the block's, 0 while it is open; `begun_ns` is now. */
static void read_block(rs_queue *queue, const struct tpacket_hdr_v1 *block, uint32_t status, uint64_t begun_ns) {
  note_loss(queue, rs_loss_before(&queue->losses[queue->bank], block->seq_num, status));
  rs_copy copy = {.block = block, .size = queue->rings[queue->bank].block_size, .snaplen = queue->snaplen,
                  .cooked = queue->cooked, .arena = queue->arena, .epoch = queue->epoch, .offset = block->offset_to_first_pkt,
                  .until_ns = atomic_load_explicit(&queue->until_ns, memory_order_acquire)};
  uint32_t count = block->num_pkts, read = 0;
  /* A step lies beyond all blocks that were closed when it was published; so it is enough to look before a block. */
  const bool steps = next_step(queue) || queue->mixed;
  for (uint32_t more = 1; more && read < count; read += more) {
    if (steps) pass_until(queue, block->seq_num, read);
    copy.epoch = queue->epoch;
    copy.mixed = queue->mixed;
    copy.from_ns = queue->from_ns;
    more = copy_some(queue, &copy, count - read, steps);
  }
  add(&queue->tally.delivered, read - copy.doubled);
  add(&queue->tally.doubled, copy.doubled);
  add(&queue->tally.bytes, copy.bytes);
  add(&queue->tally.truncated, copy.truncated);
  add(&queue->tally.snapped, copy.snapped);
  add(&queue->tally.arena_drops, copy.lost);
  /* After the counters: no packet has a number that was not counted as delivered. */
  rs_arena_publish(queue->arena);
  tell_passed(queue);
  /* Release: the records are in the arena. */
  if (copy.newest_ns) atomic_store_explicit(&queue->horizon_ns, copy.newest_ns, memory_order_release);
  signal_event(queue->news);
  note_slice(queue, block, &copy, read - (uint32_t)copy.doubled, status, begun_ns);
}

static void count_block(rs_queue *queue, const struct tpacket_hdr_v1 *block) {
  add(block->block_status & TP_STATUS_BLK_TMO ? &queue->tally.blocks_timeout : &queue->tally.blocks_full, 1);
  if (block->block_status & TP_STATUS_LOSING) add(&queue->tally.losing_blocks, 1);
}

/* Raises what the control thread takes, and sets to 0, once a tick. */
static void raise_to(_Atomic uint64_t *peak, uint64_t value) {
  uint64_t seen = atomic_load_explicit(peak, memory_order_relaxed);
  while (value > seen &&
         !atomic_compare_exchange_weak_explicit(peak, &seen, value, memory_order_relaxed, memory_order_relaxed)) {
  }
}

/* Remembers the longest that a closed block has waited for the reader. It was closed when its last packet came, or by its
 * timeout, at most that much later (a step of the clock is taken for waiting: packets have no other time). */
static void note_lag(rs_queue *queue, const struct tpacket_hdr_v1 *block, uint64_t now_ns) {
  uint64_t closed = (uint64_t)block->ts_last_pkt.ts_sec * 1000000000 + block->ts_last_pkt.ts_nsec;
  if (block->block_status & TP_STATUS_BLK_TMO) closed += queue->timeout_ns;
  if (closed < now_ns) raise_to(&queue->tally.lag_peak, now_ns - closed);
}

/* Remembers the highest fill that the reader met; the control thread takes it once a tick. */
static void note_fill(rs_queue *queue) {
  rs_ring_fill fill;
  rs_ring_look(&queue->rings[queue->bank], &fill);
  raise_to(&queue->tally.used_peak, fill.used_bytes);
}

/* Reads all closed blocks. */
static void drain(rs_queue *queue) {
  do {
    rs_ring *ring = &queue->rings[queue->bank];
    struct tpacket_hdr_v1 *block = rs_ring_acquire(ring);
    if (block) note_fill(queue);
    for (; block; block = rs_ring_acquire(ring)) {
      uint64_t begun_ns = rs_clock_now_ns();
      note_lag(queue, block, begun_ns);
      read_block(queue, block, block->block_status, begun_ns);
      count_block(queue, block);
      rs_loss_release(&queue->losses[queue->bank], ring, block, rs_clock_now_ns());
      if (flag(&queue->held) && !flag(&queue->ending)) return;
    }
  } while (pass_here(queue));
}

/* Reads all there is in a ring, the open block too: without waiting for its retire timeout, which may be ten seconds. Its
 * packets are whole, since whatever was on its way when the ring was shut has arrived. */
static void read_rest(rs_queue *queue) {
  drain(queue);
  const rs_ring *ring = &queue->rings[queue->bank];
  const struct tpacket_hdr_v1 *open = rs_ring_unfinished(ring);
  /* Closed by its timeout in between: it is a block like the others. */
  drain(queue);
  if (open && ring == &queue->rings[queue->bank] &&
      open->seq_num == atomic_load_explicit(&ring->next, memory_order_relaxed))
    read_block(queue, open, 0, rs_clock_now_ns());
}

static void take_link_error(rs_queue *queue) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(queue->rings[queue->bank].fd, SOL_SOCKET, SO_ERROR, &error, &size)) error = errno;
  if (error) atomic_store_explicit(&queue->link_error, (uint32_t)error, memory_order_release);
}

static void resync(rs_queue *queue) {
  if (!rs_ring_resync(&queue->rings[queue->bank])) return;
  add(&queue->tally.resyncs, 1);
  rs_loss_forget(&queue->losses[queue->bank]);
}

/* The control thread has seen that a block was passed over. */
static void find_place(rs_queue *queue) {
  if (flag(&queue->misplaced) && atomic_exchange_explicit(&queue->misplaced, false, memory_order_acq_rel)) resync(queue);
}

/* How long to wait in poll(). A ring that must be empty before the worker goes over to the other one may have seemed not to be:
 * prb_open_block() gives a block its new number before it clears the count of the lap before. Nothing comes in that ring any
 * more, so nobody would wake us to look again. */
static int patience_ms(const rs_queue *queue) {
  const rs_step *step = next_step(queue);
  return step && step->kind == RS_STEP_BANK ? 10 : -1;
}

/* Waits for a block or for news. While the ring must be left alone only for news, else poll() would spin. */
static void await(rs_queue *queue) {
  if (queue->timeline && flag(&queue->held)) rs_timeline_away(queue->timeline, rs_clock_now_ns());
  if (queue->timeline) rs_timeline_rest(queue->timeline, rs_clock_now_ns());
  rs_ring *ring = &queue->rings[queue->bank];
  struct pollfd wait[2] = {{.fd = queue->wake, .events = POLLIN},
                           {.fd = flag(&queue->held) ? -1 : ring->fd, .events = POLLIN}};
  int ready = poll(wait, 2, patience_ms(queue));
  add(&queue->tally.wakeups, 1);
  if (ready <= 0) return;
  if (wait[0].revents) {
    uint64_t count;
    ssize_t got = read(queue->wake, &count, sizeof count);
    (void)got;
  }
  if (wait[1].revents & POLLERR) take_link_error(queue);
  if (wait[1].revents & POLLIN && !rs_ring_acquire(ring)) {
    add(&queue->tally.spurious_wakeups, 1);
    resync(queue);
  }
}

static void *work(void *argument) {
  rs_queue *queue = argument;
  rs_thread_name("rs ring %u", queue->index);
  while (!flag(&queue->ending)) {
    if (!flag(&queue->held)) {
      find_place(queue);
      drain(queue);
    }
    for (uint32_t i = 0; i < queue->banks; i++) rs_loss_settle(&queue->losses[i], false);
    await(queue);
  }
  read_rest(queue);
  /* A flip that was still to come: what has come in the other ring since. */
  const rs_step *step = next_step(queue);
  if (step && step->kind == RS_STEP_BANK) {
    pass(queue, step);
    tell_passed(queue);
    read_rest(queue);
  }
  if (queue->timeline) rs_timeline_end(queue->timeline);
  return NULL;
}

void rs_queue_settle_losses(rs_queue *queue) {
  for (uint32_t i = 0; i < queue->banks; i++) rs_loss_settle(&queue->losses[i], true);
}

int rs_queue_start(rs_queue *queue, rs_error *error) {
  return rs_thread_start(&queue->thread, work, queue, queue->cpu, "read the ring", error);
}

bool rs_queue_idle(rs_queue *queue) {
  if (flag(&queue->moving)) return false;
  for (uint32_t i = 0; i < queue->banks; i++)
    if (rs_ring_waits(&queue->rings[i])) return false;
  return true;
}
