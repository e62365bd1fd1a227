/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf.h"
#include "clock.h"
#include "error.h"

void rs_source_init(rs_source *source, const rs_link *link) {
  source->link = *link;
  memcpy(source->asked, link->name, sizeof source->asked);
  source->state_since_ns = rs_clock_now_ns();
  source->ifindex = (uint32_t)link->ifindex;
  pthread_mutex_init(&source->naming, NULL);
}

void rs_source_destroy(rs_source *source) { pthread_mutex_destroy(&source->naming); }

void rs_source_set_state(rs_source *source, uint32_t state, int errnum) {
  if (atomic_load_explicit(&source->state, memory_order_relaxed) == state) return;
  atomic_store_explicit(&source->state_errno, errnum, memory_order_relaxed);
  atomic_store_explicit(&source->state_since_ns, rs_clock_now_ns(), memory_order_relaxed);
  atomic_store_explicit(&source->state, state, memory_order_release);
}

/* -- opening ---------------------------------------------------------------------------------------------------------- */

/* Rings in the order in which they join: queue 0, 1 ... of the first bank, then of the second. */
static rs_ring *ring_at(const rs_source *source, uint32_t which) {
  return &source->queues[which % source->count].rings[which / source->count];
}

static uint32_t rings_of(const rs_source *source) { return source->count * source->banks; }

static int cpu_of(void *argument, uint32_t which) {
  const rs_source *source = argument;
  return source->queues[which % source->count].cpu;
}

/* Opening all rings at once; each thread has a result and a sentence of its own. */
typedef struct rs_opening {
  rs_source *source;
  int results[RS_QUEUES_MAX * RS_BANKS], pending[RS_QUEUES_MAX * RS_BANKS];
  rs_error errors[RS_QUEUES_MAX * RS_BANKS];
} rs_opening;

static int cpu_of_opening(void *argument, uint32_t which) {
  const rs_opening *opening = argument;
  return cpu_of(opening->source, which);
}

static void open_one(void *argument, uint32_t which) {
  rs_opening *opening = argument;
  opening->results[which] = rs_ring_open(ring_at(opening->source, which), &opening->source->request, &opening->pending[which],
                                         &opening->errors[which]);
}

/* One after another, in the order in which they join: see rs_ring_create(). */
static int create_all(rs_source *source, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < rings_of(source); i++)
    result = rs_ring_create(ring_at(source, i), &source->request, error);
  return result;
}

static int open_rings(rs_source *source, int *pending, rs_error *error) {
  rs_opening *opening = calloc(1, sizeof *opening);
  if (!opening) return rs_error_set(error, ENOMEM, "no memory to open rings");
  opening->source = source;
  rs_thread_each(rings_of(source), open_one, cpu_of_opening, opening);
  int result = 0;
  for (uint32_t i = 0; !result && i < rings_of(source); i++) {
    result = opening->results[i];
    if (result && error) *error = opening->errors[i];
    if (opening->pending[i]) *pending = opening->pending[i];
  }
  free(opening);
  return result;
}

static int open_losses(rs_source *source, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < rings_of(source); i++) {
    rs_queue *queue = &source->queues[i % source->count];
    result = rs_loss_open(&queue->losses[i / source->count], queue->log, source->request.blocks, error);
  }
  return result;
}

static int join_all(rs_source *source, rs_error *error) {
  rs_fanout *fanout = &source->fanout;
  fanout->joined = 0;
  fanout->ignore_outgoing = source->request.ignore_outgoing;
  int result = 0;
  for (uint32_t i = 0; !result && i < rings_of(source); i++) result = rs_fanout_join(fanout, ring_at(source, i)->fd, error);
  atomic_store_explicit(&source->group, fanout->id, memory_order_relaxed);
  return result;
}

int rs_source_open(rs_source *source, rs_error *error) {
  int pending = 0;
  source->bank = 0;
  source->request.interface = source->link.name;
  source->request.ifindex = source->link.ifindex;
  int result = create_all(source, error);
  if (!result) result = open_losses(source, error);
  if (!result) result = open_rings(source, &pending, error);
  if (!result) result = join_all(source, error);
  /* One membership serves all queues. */
  if (!result && source->promiscuous && source->link.ifindex)
    result = rs_ring_be_promiscuous(ring_at(source, 0), &source->request, error);
  if (result) {
    source->open = true;
    rs_source_close(source);
    return result;
  }
  source->open = true;
  atomic_store_explicit(&source->ifindex, (uint32_t)source->link.ifindex, memory_order_relaxed);
  if (pending == ENETDOWN) rs_source_set_state(source, RS_STATE_DOWN, ENETDOWN);
  return 0;
}

static void close_one(void *argument, uint32_t which) { rs_ring_close(ring_at(argument, which)); }

void rs_source_close(rs_source *source) {
  if (!source->open) return;
  rs_thread_each(rings_of(source), close_one, cpu_of, source);
  for (uint32_t i = 0; i < rings_of(source); i++) rs_loss_close(&source->queues[i % source->count].losses[i / source->count]);
  source->open = false;
}

void rs_source_reject_all(rs_source *source) {
  for (uint32_t i = 0; source->open && i < rings_of(source); i++) (void)rs_bpf_reject_all(ring_at(source, i)->fd, NULL);
}

/* -- workers ---------------------------------------------------------------------------------------------------------- */

int rs_source_start(rs_source *source, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < source->count; i++) {
    rs_queue *queue = &source->queues[i];
    queue->bank = 0;
    atomic_store_explicit(&queue->ending, false, memory_order_relaxed);
    result = rs_queue_start(queue, error);
  }
  if (result) rs_source_finish(source);
  return result;
}

void rs_source_finish(rs_source *source) {
  for (uint32_t i = 0; i < source->count; i++) {
    /* All are told before the first is waited for. */
    atomic_store_explicit(&source->queues[i].ending, true, memory_order_release);
    if (source->queues[i].thread.running) rs_queue_wake(&source->queues[i]);
  }
  for (uint32_t i = 0; i < source->count; i++) rs_thread_join(&source->queues[i].thread);
}

int rs_source_find_again(rs_source *source, rs_link *link) {
  int result = rs_link_find(source->link.name, link, NULL);
  if (result == -ENODEV) result = rs_link_find(source->asked, link, NULL);
  if (result) return result;
  /* Packets of another kind could not be told from those that are stored already. */
  if (!source->request.cooked && link->link_type != source->link.link_type) return -EPROTONOSUPPORT;
  return 0;
}

void rs_source_describe(rs_source *source, rs_source_info *out) {
  *out = (rs_source_info){
      .state = atomic_load_explicit(&source->state, memory_order_acquire),
      .state_errno = atomic_load_explicit(&source->state_errno, memory_order_relaxed),
      .state_since_ns = atomic_load_explicit(&source->state_since_ns, memory_order_relaxed),
      .ifindex = (int32_t)atomic_load_explicit(&source->ifindex, memory_order_relaxed),
      .reopened = atomic_load_explicit(&source->reopened, memory_order_relaxed),
      .group = atomic_load_explicit(&source->group, memory_order_relaxed),
      .first_queue = source->first,
      .queues = source->count,
  };
  pthread_mutex_lock(&source->naming);
  memcpy(out->name, source->link.name, sizeof out->name);
  pthread_mutex_unlock(&source->naming);
}
