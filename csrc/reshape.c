/* SPDX-License-Identifier: Apache-2.0 */
#include "reshape.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "bounds.h"
#include "bpf.h"
#include "clock.h"
#include "error.h"
#include "memory.h"
#include "swap.h"

#define AHEAD_NS (UINT64_C(20) * 1000 * 1000) /* how far the time that parts the rings is in the future when it is set ... */
#define LATE_MS 20                            /* ... and how long the old ones are fed beyond it: packets wait in backlogs */

/* The rings to come of one source: a source beside it, with queues that have rings and nothing else. After the exchange it has
 * the old ones. */
typedef struct rs_beside {
  rs_source source;
  bool is_made;
} rs_beside;

static uint64_t load(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }
static void store(_Atomic uint64_t *counter, uint64_t value) {
  atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void pause_ms(long ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }

/* -- make ------------------------------------------------------------------------------------------------------------- */

static int check(const rs_capture *capture, const rs_config *config, rs_error *error) {
  int result = rs_bounds_check(config, error);
  if (result) return result;
  uint32_t rings = capture->count * (capture->exact ? RS_BANKS : 1);
  uint64_t limit = config->ring_limit ? config->ring_limit : rs_memory_limit();
  if (rs_memory_blocks(config->blocks, config->block_size, rings, limit) < config->blocks)
    return rs_error_set(error, ENOMEM, "there is no memory for rings of %u blocks of %u KiB beside the present ones; rings get half of "
                        "what is available at most", config->blocks, config->block_size / 1024);
  for (uint32_t i = 0; i < capture->count; i++)
    if (!rs_queue_stepped(&capture->queues[i]))
      return rs_error_set(error, EAGAIN, "the reader has not caught up with the change before; try again when it has");
  return 0;
}

static int make(const rs_source *from, const rs_config *config, rs_beside *beside, rs_error *error) {
  rs_source *source = &beside->source;
  rs_source_init(source, &from->link);
  beside->is_made = true;
  source->queues = calloc(from->count, sizeof *source->queues);
  if (!source->queues) return rs_error_set(error, ENOMEM, "no memory for %u queues", from->count);
  source->count = from->count;
  source->banks = from->banks;
  source->promiscuous = from->promiscuous;
  source->request = from->request;
  source->request.blocks = config->blocks;
  source->request.block_size = config->block_size;
  source->request.block_timeout_ms = config->block_timeout_ms;
  source->fanout = (rs_fanout){.mode = config->fanout, .queues = from->fanout.queues, .banks = from->fanout.banks};
  for (uint32_t i = 0; i < from->count; i++) {
    for (int bank = 0; bank < RS_BANKS; bank++) rs_ring_init(&source->queues[i].rings[bank]);
    source->queues[i].cpu = from->queues[i].cpu;
    source->queues[i].timeout_ns = UINT64_C(1000000) * config->block_timeout_ms;
    source->queues[i].log = from->queues[i].log;
  }
  return from->open ? rs_source_open(source, error) : 0;
}

static void unmake(rs_beside *besides, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (!besides[i].is_made) continue;
    rs_source_close(&besides[i].source);
    rs_source_destroy(&besides[i].source);
    free(besides[i].source.queues);
  }
  free(besides);
}

/* All rings to come, fed like the old ones when this returns. */
static int make_all(rs_capture *capture, const rs_config *config, rs_beside *besides, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < capture->source_count; i++) result = make(&capture->sources[i], config, &besides[i], error);
  for (uint32_t i = 0; !result && i < capture->source_count; i++)
    if (besides[i].source.open) result = rs_swap_attach(capture, &besides[i].source, error);
  if (!result && rs_bpf_settle()) pause_ms(50); /* see rs_swap_change() */
  return result;
}

/* -- the line --------------------------------------------------------------------------------------------------------- */

/* Sets the time that parts the packets of the old rings from those of the new ones. */
static uint64_t draw_line(rs_capture *capture) {
  pthread_mutex_lock(&capture->counting);
  /* Until now all that is stored is before the line; what comes from now on is counted when it is read. */
  for (uint32_t i = 0; i < capture->source_count; i++) rs_control_count(capture, &capture->sources[i]);
  uint64_t line_ns = rs_clock_now_ns() + AHEAD_NS;
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_queue *queue = &capture->queues[i];
    if (!capture->sources[queue->source].open) continue;
    capture->watches[i].aside = true;
    atomic_store_explicit(&queue->moving, true, memory_order_release);
    atomic_store_explicit(&queue->until_ns, line_ns, memory_order_seq_cst);
  }
  pthread_mutex_unlock(&capture->counting);
  return line_ns;
}

/* Packets that the new rings of a queue have stored so far. What they dropped is not ours to lose: it is in the old ones. */
static uint64_t stored_beside(const rs_source *source, uint32_t which) {
  uint64_t stored = 0;
  for (uint32_t bank = 0; bank < source->banks; bank++) {
    rs_ring_stats stats;
    if (!rs_ring_statistics(&source->queues[which].rings[bank], &stats)) stored += stats.packets - stats.dropped;
  }
  return stored;
}

/* -- break ------------------------------------------------------------------------------------------------------------ */

/* The worker has ended, and all is counted of the old rings: what was lost behind their last packet, in whatever block that is, is
 * before the first of the new ones. */
static void settle_losses(rs_queue *queue) {
  rs_loss *loss = &queue->losses[queue->bank];
  rs_loss_entry *entry = rs_loss_before(loss, load(&queue->rings[queue->bank].next), 0);
  if (entry) queue->lost = entry;
  rs_queue_settle_losses(queue);
}

/* Shares of a ring stay what they are when it gets another size. */
static void rescale(rs_queue *queue, rs_watch *watch, double factor) {
  _Atomic uint64_t *const most[] = {&queue->tally.highest_bytes, &queue->tally.peak_bytes, &queue->tally.used_peak};
  for (size_t i = 0; i < sizeof most / sizeof *most; i++) store(most[i], (uint64_t)((double)load(most[i]) * factor));
  for (int i = 0; i < RS_PEAK_TICKS; i++) watch->peaks[i] = (uint64_t)((double)watch->peaks[i] * factor);
}

/* Puts the new rings of a queue in the place of the old ones. Under `counting`, without its worker. */
static void exchange(rs_queue *queue, rs_queue *beside, rs_watch *watch, uint64_t line_ns, uint64_t stored) {
  double before = (double)queue->rings[0].block_size * queue->rings[0].blocks;
  for (uint32_t bank = 0; bank < queue->banks; bank++) {
    rs_ring_exchange(&queue->rings[bank], &beside->rings[bank]);
    rs_loss losses = queue->losses[bank];
    queue->losses[bank] = beside->losses[bank];
    beside->losses[bank] = losses;
  }
  rescale(queue, watch, (double)queue->rings[0].block_size * queue->rings[0].blocks / before);
  /* Of what was set aside of the old rings all that is not in the new ones, too, is ours. */
  uint64_t doubled = load(&queue->tally.doubled);
  store(&queue->tally.stored, load(&queue->tally.stored) + watch->stored_aside - (doubled - watch->doubled));
  for (int i = 0; i < 3; i++) watch->rollovers[i] = load(&queue->tally.rollovers[i]);
  watch->doubled = doubled;
  watch->stored_aside = stored;
  watch->aside = false;
  watch->exchanged = true;
  queue->timeout_ns = beside->timeout_ns;
  queue->from_ns = line_ns;
  atomic_store_explicit(&queue->until_ns, 0, memory_order_relaxed);
  atomic_store_explicit(&queue->alone, false, memory_order_relaxed);
  /* Nothing from before the line can come any more. */
  rs_step step = {.kind = RS_STEP_ALONE};
  rs_queue_place(queue, 0, &step);
  rs_queue_step(queue, &step);
}

static int take_over(rs_capture *capture, rs_source *source, rs_source *beside, uint64_t line_ns, const uint64_t *stored,
                     rs_error *error) {
  rs_source_finish(source);
  pthread_mutex_lock(&capture->counting);
  rs_control_count(capture, source);
  for (uint32_t i = 0; i < source->count; i++) {
    settle_losses(&source->queues[i]);
    exchange(&source->queues[i], &beside->queues[i], &capture->watches[source->first + i], line_ns, stored[i]);
  }
  source->bank = 0;
  source->fanout = beside->fanout;
  atomic_store_explicit(&source->group, beside->fanout.id, memory_order_relaxed);
  int result = rs_source_start(source, error);
  for (uint32_t i = 0; i < source->count; i++) atomic_store_explicit(&source->queues[i].moving, false, memory_order_release);
  pthread_mutex_unlock(&capture->counting);
  if (result) rs_source_set_state(source, RS_STATE_ERROR, -result);
  return result;
}

/* Both are fed: from the line on the new rings alone. */
static int cut_over(rs_capture *capture, rs_beside *besides, rs_error *error) {
  uint64_t stored[RS_QUEUES_MAX] = {0}, line_ns = draw_line(capture);
  for (uint64_t now; (now = rs_clock_now_ns()) < line_ns && line_ns - now <= AHEAD_NS;) pause_ms(1);
  for (uint32_t i = 0; i < capture->source_count; i++)
    for (uint32_t j = 0; besides[i].source.open && j < besides[i].source.count; j++)
      stored[capture->sources[i].first + j] = stored_beside(&besides[i].source, j);
  pause_ms(LATE_MS);
  for (uint32_t i = 0; i < capture->source_count; i++) rs_source_reject_all(&capture->sources[i]);
  if (rs_bpf_settle()) pause_ms(50);
  int result = 0;
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (!besides[i].source.open) continue;
    int one = take_over(capture, source, &besides[i].source, line_ns, &stored[source->first], result ? NULL : error);
    if (!result) result = one;
  }
  return result;
}

/* Two retire timeouts. Relaxed: a longer one is there before a queue begins to move, a shorter one when none does any more. */
static void be_patient(rs_capture *capture, uint32_t timeout_ms) {
  atomic_store_explicit(&capture->merge.patience_ns, UINT64_C(2000000) * timeout_ms, memory_order_relaxed);
}

/* An interface that is away gets such rings, too, when it is back. */
static void remember(rs_capture *capture, const rs_config *config) {
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    source->request.blocks = config->blocks;
    source->request.block_size = config->block_size;
    source->request.block_timeout_ms = config->block_timeout_ms;
    source->fanout.mode = config->fanout;
    for (uint32_t j = 0; !source->open && j < source->count; j++)
      source->queues[j].timeout_ns = UINT64_C(1000000) * config->block_timeout_ms;
  }
  capture->config = *config;
}

int rs_reshape_change(rs_capture *capture, const rs_shape *shape, rs_error *error) {
  rs_config config = capture->config;
  config.block_size = shape->block_size;
  config.blocks = shape->blocks;
  config.block_timeout_ms = shape->block_timeout_ms;
  config.fanout = shape->fanout;
  int result = check(capture, &config, error);
  if (result) return result;
  rs_beside *besides = calloc(capture->source_count, sizeof *besides);
  if (!besides) return rs_error_set(error, ENOMEM, "no memory for other rings");
  result = make_all(capture, &config, besides, error);
  if (!result) {
    uint32_t before_ms = capture->config.block_timeout_ms;
    if (config.block_timeout_ms > before_ms) be_patient(capture, config.block_timeout_ms);
    result = cut_over(capture, besides, error);
    remember(capture, &config);
    be_patient(capture, config.block_timeout_ms);
  }
  unmake(besides, capture->source_count);
  return result;
}
