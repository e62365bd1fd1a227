/* SPDX-License-Identifier: Apache-2.0 */
#include "loss.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* What may be missing before a block. */
enum {
  NOTHING = 0,
  MAYBE = 1,   /* the ring was frozen without a packet */
  SURELY = 2,  /* a packet found no block */
  EARLY = 3,   /* the ring had little room: maybe, too */
  QUARTER = 4, /* the kernel looks a quarter of the ring ahead (ROOM_POW_OFF) */
  PATIENCE = 100,
};

static void close_entry(rs_loss *loss, uint64_t lost);

static uint64_t load(const _Atomic uint64_t *value) { return atomic_load_explicit(value, memory_order_relaxed); }
static void store(_Atomic uint64_t *value, uint64_t now) { atomic_store_explicit(value, now, memory_order_relaxed); }

int rs_loss_open(rs_loss *loss, rs_loss_log *log, uint32_t blocks, rs_error *error) {
  rs_loss_close(loss);
  *loss = (rs_loss){
      .log = log, .blocks = blocks, .fronts = calloc(blocks, 1), .given_ns = calloc(blocks, sizeof *loss->given_ns)};
  if (loss->fronts && loss->given_ns) return 0;
  rs_loss_close(loss);
  return rs_error_set(error, ENOMEM, "no memory for %u blocks", blocks);
}

void rs_loss_close(rs_loss *loss) {
  free(loss->fronts);
  free(loss->given_ns);
  loss->fronts = NULL;
  loss->given_ns = NULL;
}

/* -- the worker: where something may be missing ----------------------------------------------------------------------- */

static uint8_t *front_of(const rs_loss *loss, uint64_t seq) { return &loss->fronts[seq % loss->blocks]; }

/* With fewer than four blocks there is no quarter: the kernel's test for room is always the one that may fail. */
static uint8_t what_of(const rs_loss *loss, uint64_t seq) {
  uint8_t found = *front_of(loss, seq);
  return !found && seq > 1 && loss->blocks < QUARTER ? EARLY : found;
}

void rs_loss_release(rs_loss *loss, rs_ring *ring, struct tpacket_hdr_v1 *block, uint64_t now_ns) {
  const uint64_t seq = block->seq_num, newest = seq + ring->blocks - 1, ahead = seq + ring->blocks - ring->blocks / QUARTER;
  uint32_t status = loss->fronts ? rs_ring_closed(ring, newest) : 0;
  rs_ring_release(ring, block);
  if (!loss->fronts) return;
  /* Sequentially consistent: either the kernel, which looks at this block after it has closed that one, finds it given back, or
   * we find that one closed. */
  atomic_thread_fence(memory_order_seq_cst);
  if (status)
    status = status & TP_STATUS_BLK_TMO ? MAYBE : SURELY;
  else if (rs_ring_closed(ring, newest))
    status = MAYBE; /* before we gave it back, or behind it? */
  *front_of(loss, newest + 1) = (uint8_t)status;
  loss->given_ns[(newest + 1) % loss->blocks] = status ? now_ns : 0;
  if (ahead <= newest && rs_ring_closed(ring, ahead) && !*front_of(loss, ahead + 1)) *front_of(loss, ahead + 1) = EARLY;
  loss->released = seq;
}

/* -- the worker: whether it is missing -------------------------------------------------------------------------------- */

/* Readings with drops while block `seq` was the newest closed one: `there` surely, `around` perhaps. */
static void count_readings(const rs_loss *loss, uint64_t seq, uint64_t *there, bool *around) {
  *there = 0;
  *around = false;
  /* Acquire: the readings are whole. */
  uint64_t set = atomic_load_explicit(&loss->readings_set, memory_order_acquire);
  for (uint64_t i = set; i > 0 && i + RS_LOSS_READINGS > set + 1; i--) {
    const rs_loss_reading *reading = &loss->readings[(i - 1) % RS_LOSS_READINGS];
    uint64_t before = load(&reading->before), after = load(&reading->after);
    if (before <= seq && seq <= after) *around = true;
    if (before == seq && after == seq) *there += load(&reading->times);
  }
}

/* The first of the readings may tell of what was dropped before the newest block was closed, unless that was not marked. */
static bool is_proved(const rs_loss *loss, uint8_t what, uint64_t seq, bool marked) {
  uint64_t there;
  bool around;
  count_readings(loss, seq - 1, &there, &around);
  if (what == SURELY) return marked || around;
  return (marked && (there || !loss->losing)) || there >= 2 || (there == 1 && !loss->losing);
}

static bool is_lost(const rs_loss *loss, uint8_t what, uint64_t seq, bool marked) {
  for (int i = 0; i < PATIENCE; i++) {
    /* A reading that took the mark away may not have been told of yet; it takes microseconds. */
    bool reading = atomic_load_explicit(&loss->reading, memory_order_acquire);
    if (is_proved(loss, what, seq, marked)) return true;
    if (!reading) return false;
    sched_yield();
  }
  return false;
}

/* Neither a mark nor a reading tells of drops there. */
static bool is_excluded(const rs_loss *loss, uint64_t seq, bool marked) {
  uint64_t there;
  bool around;
  count_readings(loss, seq - 1, &there, &around);
  return !marked && !around;
}

static void wait_for_reading(rs_loss *loss) {
  atomic_store_explicit(&loss->waiting, loss->open || loss->sharing, memory_order_release);
}

/* RS_LOST_*: a ring of which two readings tell of drops behind the same block was frozen from one to the other. */
static uint32_t cause_of(const rs_loss *loss, uint64_t seq, uint8_t what) {
  uint64_t there;
  bool around;
  if (what == EARLY) return RS_LOST_EARLY;
  count_readings(loss, seq - 1, &there, &around);
  return there >= 2 ? RS_LOST_FROZEN : RS_LOST_LATE;
}

static rs_loss_entry *open_entry(rs_loss *loss, uint64_t seq, uint8_t what) {
  rs_loss_settle(loss, false);
  if (loss->open) close_entry(loss, 0); /* two losses within the time of one reading */
  uint64_t set = load(&loss->log->set);
  rs_loss_entry *entry = &loss->log->entries[set % RS_LOSSES_KEPT];
  store(&entry->number, 0);
  /* Release: who reads what is written from here on finds, when he looks again, that the number is gone. */
  atomic_thread_fence(memory_order_release);
  store(&entry->time_ns, 0);
  store(&entry->before_ns, 0);
  store(&entry->room_ns, what == EARLY ? 0 : loss->given_ns[seq % loss->blocks]);
  store(&entry->guess, RS_LOSS_OPEN);
  store(&entry->lost, RS_LOSS_OPEN);
  atomic_store_explicit(&entry->cause, cause_of(loss, seq, what), memory_order_relaxed);
  atomic_store_explicit(&loss->log->set, set + 1, memory_order_release);
  loss->open = entry;
  loss->open_seq = seq;
  loss->open_before = loss->suspect;
  loss->open_behind = 0;
  wait_for_reading(loss);
  return entry;
}

static rs_loss_entry *find(rs_loss *loss, uint8_t what, uint64_t seq, bool marked) {
  rs_loss_entry *entry = NULL;
  if (is_lost(loss, what, seq, marked)) {
    entry = open_entry(loss, seq, what);
  } else if (is_excluded(loss, seq, marked)) {
    *front_of(loss, seq) = NOTHING;
    return NULL;
  } else if (loss->open && !loss->open_behind) {
    loss->open_behind = seq;
  }
  loss->suspect = seq;
  return entry;
}

rs_loss_entry *rs_loss_before(rs_loss *loss, uint64_t seq, uint32_t status) {
  if (!loss->fronts || seq <= loss->asked) return NULL;
  loss->asked = seq;
  bool marked = status & TP_STATUS_LOSING;
  uint8_t what = what_of(loss, seq);
  rs_loss_entry *entry = what ? find(loss, what, seq, marked) : NULL;
  loss->losing = marked;
  if ((loss->open || loss->sharing) && !entry) rs_loss_settle(loss, false);
  return entry;
}

rs_loss_entry *rs_loss_behind(rs_loss *loss, uint64_t seq) {
  if (!loss->fronts) return NULL;
  uint8_t what = what_of(loss, seq);
  /* That packet need not have been counted yet. */
  rs_loss_entry *entry = what == SURELY ? open_entry(loss, seq, what) : what ? find(loss, what, seq, false) : NULL;
  *front_of(loss, seq) = NOTHING; /* it is told of */
  return entry;
}

void rs_loss_forget(rs_loss *loss) {
  if (!loss->fronts) return;
  memset(loss->fronts, NOTHING, loss->blocks);
  loss->losing = true; /* a mark proves nothing */
  loss->asked = 0;
  if (loss->open) close_entry(loss, 0);
}

/* -- the worker: how much is missing ---------------------------------------------------------------------------------- */

/* May something be missing before a block behind `seq`, up to `last`? -EAGAIN: who knows, yet. */
static int is_shared(const rs_loss *loss, uint64_t seq, uint64_t last) {
  if (loss->open_behind && loss->open_behind <= last) return 1;
  /* Blocks before this one were read; what was found of them is in open_behind. */
  uint64_t next = loss->released + 1, known = next + loss->blocks - loss->blocks / QUARTER;
  for (uint64_t one = seq + 1 > next ? seq + 1 : next; one <= last; one++) {
    if (one <= known && what_of(loss, one) == SURELY) return 1;
    if (one > known || what_of(loss, one)) return -EAGAIN;
  }
  return 0;
}

/* What was dropped before the open loss's block, from all readings that tell of it. -EAGAIN, or 0: cannot be told apart. */
static int64_t add_up(const rs_loss *loss) {
  const uint64_t seq = loss->open_seq;
  int64_t sum = 0;
  uint64_t set = atomic_load_explicit(&loss->readings_set, memory_order_acquire);
  for (uint64_t i = set; i > 0; i--) {
    const rs_loss_reading *reading = &loss->readings[(i - 1) % RS_LOSS_READINGS];
    if (i + RS_LOSS_READINGS <= set + 1) return 0; /* older ones are overwritten */
    uint64_t from = load(&reading->from), after = load(&reading->after);
    if (after + 1 < seq) break; /* so are all before it */
    if (from >= seq) continue;
    int shared = loss->open_before > from ? 1 : is_shared(loss, seq, after + 1);
    if (shared) return shared < 0 ? shared : 0;
    sum += (int64_t)load(&reading->dropped);
  }
  return sum;
}

/* The newest reading with drops that can be from before block `seq`; NULL: there is none, or it is not remembered. */
static const rs_loss_reading *reading_of(const rs_loss *loss, uint64_t seq) {
  uint64_t set = atomic_load_explicit(&loss->readings_set, memory_order_acquire);
  for (uint64_t i = set; i > 0 && i + RS_LOSS_READINGS > set + 1; i--) {
    const rs_loss_reading *reading = &loss->readings[(i - 1) % RS_LOSS_READINGS];
    if (load(&reading->from) < seq) return reading;
  }
  return NULL;
}

/* For how long the queue had no room, in microseconds; at least one. */
static uint64_t length_of(const rs_loss_entry *entry) {
  uint64_t before = load(&entry->before_ns), behind = load(&entry->time_ns), room = load(&entry->room_ns);
  if (room > before && room < behind) behind = room;
  return before && behind > before ? (behind - before) / 1000 + 1 : 1;
}

/* What the readings tell of, and no entry has, goes to the sharers: one packet each, for none is marked without a loss, and the
 * rest by their lengths. */
static void share_out(rs_loss *loss) {
  const rs_loss_reading *reading = reading_of(loss, loss->shared_seq);
  uint64_t total = reading ? load(&reading->total) : 0, rest = total > loss->told ? total - loss->told : 0, lengths = 0;
  for (uint32_t i = 0; i < loss->sharing; i++) lengths += length_of(loss->sharers[i]);
  loss->told += rest;
  for (uint32_t i = 0; i < loss->sharing; i++) {
    uint64_t length = length_of(loss->sharers[i]), others = loss->sharing - i - 1;
    uint64_t free = rest > others + 1 ? rest - others - 1 : 0;
    uint64_t share = (rest > others) + (uint64_t)((double)free * (double)length / (double)lengths);
    if (!others) share = rest;
    lengths -= length;
    rest -= share;
    atomic_store_explicit(&loss->sharers[i]->guess, share, memory_order_release);
  }
  loss->sharing = 0;
}

/* Is it known by now that what the sharers' readings tell of was lost before one of them, and not before a block to come? */
static bool can_share(const rs_loss *loss) {
  if (loss->open || atomic_load_explicit(&loss->settled, memory_order_acquire) < loss->shared_seq) return false;
  const rs_loss_reading *reading = reading_of(loss, loss->shared_seq);
  uint64_t next = loss->released + 1, known = next + loss->blocks - loss->blocks / QUARTER;
  for (uint64_t one = next; reading && one <= load(&reading->after) + 1; one++)
    if (one > known || what_of(loss, one)) return false;
  return true;
}

static void share(rs_loss *loss, rs_loss_entry *entry, uint64_t seq) {
  if (loss->sharing == RS_LOSS_SHARERS) share_out(loss);
  loss->sharers[loss->sharing++] = entry;
  loss->shared_seq = seq;
}

static void close_entry(rs_loss *loss, uint64_t lost) {
  rs_loss_entry *entry = loss->open;
  if (!lost) {
    share(loss, entry, loss->open_seq);
  } else {
    if (loss->sharing) share_out(loss); /* what is told of there ends before this one */
    loss->told += lost;
  }
  /* Release: with the number comes the time. */
  atomic_store_explicit(&entry->lost, lost, memory_order_release);
  loss->open = NULL;
  wait_for_reading(loss);
}

void rs_loss_settle(rs_loss *loss, bool last) {
  if (loss->open) {
    /* Acquire: the readings up to there are in the list. */
    bool read = atomic_load_explicit(&loss->settled, memory_order_acquire) >= loss->open_seq;
    int64_t lost = read || last ? add_up(loss) : -EAGAIN;
    if (lost >= 0 || last) close_entry(loss, lost > 0 ? (uint64_t)lost : 0);
  }
  if (!loss->sharing || !(last || can_share(loss))) return;
  share_out(loss);
  wait_for_reading(loss);
}

void rs_loss_place(rs_loss_entry *entry, uint64_t before_ns, uint64_t time_ns) {
  store(&entry->before_ns, before_ns);
  store(&entry->time_ns, time_ns);
}

/* -- who reads the statistics ----------------------------------------------------------------------------------------- */

/* A block that is closed, and the newest one unless the kernel closes one meanwhile. */
static uint64_t closed_at_least(const rs_ring *ring) {
  uint64_t seq = atomic_load_explicit(&ring->next, memory_order_acquire);
  for (uint32_t i = 0; i < ring->blocks && rs_ring_closed(ring, seq); i++) seq++;
  return seq - 1;
}

/* The newest block that can have been closed before. */
static uint64_t closed_at_most(const rs_ring *ring) {
  uint64_t newest, next;
  uint32_t packets;
  rs_ring_produced(ring, &newest, &packets);
  bool is_closed = rs_ring_closed(ring, newest);
  next = atomic_load_explicit(&ring->next, memory_order_acquire);
  return is_closed || next > newest ? newest : newest - 1;
}

void rs_loss_begin_reading(rs_loss *loss, const rs_ring *ring) {
  /* Sequentially consistent: a worker that finds a block whose mark this reading took away finds the reading, too. */
  atomic_store_explicit(&loss->reading, true, memory_order_seq_cst);
  loss->before = loss->settling = closed_at_least(ring);
  /* With room behind the newest closed block nothing is dropped until the next one is closed; but whoever found none may still
   * have to count it. He has done so by now if there was room at the reading before. */
  bool has_room = loss->before < ring->blocks || !rs_ring_closed(ring, loss->before + 1 - ring->blocks);
  if (has_room && loss->before && loss->roomy == loss->before) loss->settling++;
  loss->roomy = has_room ? loss->before : 0;
}

static void note(rs_loss *loss, uint64_t after, uint32_t dropped) {
  uint64_t set = load(&loss->readings_set);
  rs_loss_reading *newest = &loss->readings[(set + RS_LOSS_READINGS - 1) % RS_LOSS_READINGS];
  loss->total += dropped;
  if (set && loss->before == after && load(&newest->before) == after && load(&newest->after) == after) {
    store(&newest->dropped, load(&newest->dropped) + dropped);
    store(&newest->total, loss->total);
    store(&newest->times, load(&newest->times) + 1);
    return;
  }
  rs_loss_reading *reading = &loss->readings[set % RS_LOSS_READINGS];
  store(&reading->from, load(&loss->settled));
  store(&reading->before, loss->before);
  store(&reading->after, after);
  store(&reading->times, 1);
  store(&reading->dropped, dropped);
  store(&reading->total, loss->total);
  atomic_store_explicit(&loss->readings_set, set + 1, memory_order_release);
}

bool rs_loss_end_reading(rs_loss *loss, const rs_ring *ring, uint32_t dropped) {
  if (dropped) note(loss, closed_at_most(ring), dropped);
  atomic_store_explicit(&loss->settled, loss->settling, memory_order_release);
  /* Release: what it had to tell is in the list. */
  atomic_store_explicit(&loss->reading, false, memory_order_release);
  return atomic_load_explicit(&loss->waiting, memory_order_acquire);
}
