/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bounds.h"
#include "bpf.h"
#include "clock.h"
#include "error.h"
#include "memory.h"
#include "reshape.h"
#include "swap.h"

/* -- opening ---------------------------------------------------------------------------------------------------------- */

/* The interfaces, and how their frames begin: as they are if all are of one type, else with a cooked header. */
static int find_links(rs_capture *capture, const rs_config *config, rs_error *error) {
  capture->sources = calloc(config->interface_count, sizeof *capture->sources);
  if (!capture->sources) return rs_error_set(error, ENOMEM, "no memory for %u interfaces", config->interface_count);
  for (uint32_t i = 0; i < config->interface_count; i++) {
    rs_link link;
    int result = rs_link_find(config->interfaces[i], &link, error);
    if (result) return result;
    for (uint32_t j = 0; j < i; j++)
      if (capture->sources[j].link.ifindex == link.ifindex || !link.ifindex || !capture->sources[j].link.ifindex)
        return rs_error_set(error, EINVAL, "%s is captured on already; name each interface once, and any alone", link.name);
    rs_source_init(&capture->sources[i], &link);
    capture->source_count++;
    if (i && link.link_type != capture->link_type) capture->link_type = RS_LINKTYPE_SLL2;
    if (!i) capture->link_type = link.link_type;
    if (!capture->link_type) capture->link_type = RS_LINKTYPE_SLL2; /* of a kind that is not known here */
  }
  return 0;
}

static bool is_cooked(const rs_capture *capture) { return capture->link_type == RS_LINKTYPE_SLL2; }

/* Everything about the sources but their rings. */
static void plan_sources(rs_capture *capture, const rs_config *config) {
  capture->direction = (rs_direction){.wanted = config->direction};
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (!source->link.ifindex) capture->direction.loopback = rs_link_loopback();
    source->first = i * config->queues;
    source->count = config->queues;
    source->queues = &capture->queues[source->first];
    source->banks = config->exact_swap ? RS_BANKS : 1;
    source->promiscuous = config->promiscuous;
    source->fanout = (rs_fanout){.mode = config->fanout, .queues = config->queues, .banks = config->exact_swap};
    source->request = (rs_ring_request){
        .cooked = is_cooked(capture),
        .ignore_outgoing = rs_direction_ignores_outgoing(&capture->direction, source->link.loopback),
        .block_size = config->block_size,
        .blocks = config->blocks,
        .block_timeout_ms = config->block_timeout_ms,
    };
  }
}

static int plan_queue(rs_capture *capture, uint32_t which, const rs_config *config, rs_error *error) {
  rs_queue *queue = &capture->queues[which];
  queue->banks = config->exact_swap ? RS_BANKS : 1;
  queue->arena = &capture->store.arenas[which];
  queue->cpu = config->cpu_count ? config->cpus[which % config->cpu_count] : -1;
  queue->log = &capture->losses.logs[which];
  queue->timeline = &capture->timelines[which];
  queue->news = capture->merge.news;
  queue->index = which;
  queue->source = which / config->queues;
  queue->snaplen = config->snaplen;
  queue->timeout_ns = UINT64_C(1000000) * config->block_timeout_ms;
  queue->cooked = is_cooked(capture);
  queue->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return queue->wake < 0 ? rs_error_set(error, errno, "no eventfd: %s", strerror(errno)) : 0;
}

static int make_queues(rs_capture *capture, const rs_config *config, rs_error *error) {
  uint32_t count = capture->source_count * config->queues;
  capture->queues = calloc(count, sizeof *capture->queues);
  capture->watches = calloc(count, sizeof *capture->watches);
  capture->losses = (rs_losses){.logs = calloc(count, sizeof *capture->losses.logs), .count = count};
  capture->timelines = calloc(count, sizeof *capture->timelines);
  if (!capture->queues || !capture->watches || !capture->losses.logs || !capture->timelines)
    return rs_error_set(error, ENOMEM, "no memory for %u queues", count);
  int result = rs_live_store_open(&capture->store, count, config->store_bytes, capture->link_type, error);
  for (uint32_t i = 0; !result && i < count; i++) {
    for (int bank = 0; bank < RS_BANKS; bank++) rs_ring_init(&capture->queues[i].rings[bank]);
    capture->queues[i].wake = -1;
    capture->count++;
    result = plan_queue(capture, i, config, error);
  }
  return result;
}

static int make_merge(rs_capture *capture, const rs_config *config, rs_error *error) {
  rs_merge *merge = &capture->merge;
  merge->store = &capture->store;
  merge->queues = capture->queues;
  merge->epochs = &capture->epochs;
  merge->count = capture->count;
  merge->patience_ns = UINT64_C(2000000) * config->block_timeout_ms;
  merge->exact = config->exact_swap;
  merge->clock = rs_clock_now_ns;
  return rs_merge_open(merge, error);
}

/* All sources with rings of so many blocks. */
static int open_sources(rs_capture *capture, uint32_t blocks, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < capture->source_count; i++) {
    capture->sources[i].request.blocks = blocks;
    result = rs_source_open(&capture->sources[i], error);
  }
  for (uint32_t i = 0; result && i < capture->source_count; i++) rs_source_close(&capture->sources[i]);
  return result;
}

/* With fewer blocks, a quarter at a time, until there is memory for all rings. */
static int open_rings(rs_capture *capture, const rs_config *config, rs_error *error) {
  uint32_t rings = capture->count * (config->exact_swap ? RS_BANKS : 1);
  uint64_t limit = config->ring_limit ? config->ring_limit : rs_memory_limit();
  uint32_t blocks = rs_memory_blocks(config->blocks, config->block_size, rings, limit);
  int result = open_sources(capture, blocks, error);
  for (uint32_t fewer; result == -ENOMEM && (fewer = rs_memory_fewer(blocks)) < blocks;) {
    blocks = fewer;
    result = open_sources(capture, blocks, error);
  }
  if (!result && blocks < config->blocks)
    snprintf(capture->note, sizeof capture->note,
             "memory is short: each ring has %u blocks of %u KiB, not %u; rings get half of what is available at most", blocks,
             config->block_size / 1024, config->blocks);
  return result;
}

static int open_all(rs_capture *capture, const rs_config *config, rs_error *error) {
  int result = rs_bounds_check(config, error);
  if (!result) result = find_links(capture, config, error);
  if (result) return result;
  capture->merge.news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  capture->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (capture->merge.news < 0 || capture->stop < 0) return rs_error_set(error, errno, "no eventfd: %s", strerror(errno));
  capture->links = rs_link_watch();
  capture->exact = config->exact_swap;
  capture->config = *config;
  result = make_queues(capture, config, error);
  if (result) return result;
  plan_sources(capture, config);
  result = make_merge(capture, config, error);
  return result ? result : open_rings(capture, config, error);
}

int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error) {
  *out = NULL;
  rs_capture *capture = calloc(1, sizeof *capture);
  if (!capture) return rs_error_set(error, ENOMEM, "no memory for a capture");
  capture->merge.news = capture->stop = capture->links = -1;
  pthread_mutex_init(&capture->changing, NULL);
  pthread_mutex_init(&capture->counting, NULL);
  int result = open_all(capture, config, error);
  if (result)
    rs_capture_close(capture);
  else
    *out = capture;
  return result;
}

/* -- starting and stopping ------------------------------------------------------------------------------------------- */

static uint32_t state_of(const rs_source *source) { return atomic_load_explicit(&source->state, memory_order_relaxed); }

static bool is_stopped(const rs_capture *capture) {
  return !capture->source_count || state_of(&capture->sources[0]) == RS_STATE_STOPPED;
}

static int start_threads(rs_capture *capture, rs_error *error) {
  int result = rs_merge_start(&capture->merge, error);
  for (uint32_t i = 0; !result && i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    result = rs_source_start(source, error);
    if (state_of(source) == RS_STATE_OPEN) rs_source_set_state(source, RS_STATE_RUNNING, 0);
  }
  return result ? result : rs_control_start(capture, error);
}

int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error) {
  if (capture->in_force || is_stopped(capture))
    return rs_error_set(error, EALREADY, "this capture has been started before");
  /* A program that the kernel refuses leaves the capture as it was. */
  int result = rs_swap_first(capture, program, length, error);
  if (result && !capture->in_force) return result;
  if (!result) result = start_threads(capture, error);
  if (result) {
    rs_capture_stop(capture);
    return result;
  }
  pthread_mutex_lock(&capture->changing);
  capture->running = true;
  pthread_mutex_unlock(&capture->changing);
  return 0;
}

int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error) {
  pthread_mutex_lock(&capture->changing);
  int result = capture->running ? rs_swap_change(capture, program, length, epoch, error)
                                : rs_error_set(error, EINVAL, "the capture is not running");
  pthread_mutex_unlock(&capture->changing);
  return result;
}

int rs_capture_reshape(rs_capture *capture, const rs_shape *shape, rs_error *error) {
  pthread_mutex_lock(&capture->changing);
  int result = capture->running ? rs_reshape_change(capture, shape, error)
                                : rs_error_set(error, EINVAL, "the capture is not running");
  pthread_mutex_unlock(&capture->changing);
  return result;
}

void rs_capture_stop(rs_capture *capture) {
  if (is_stopped(capture)) return;
  atomic_store_explicit(&capture->stopping, true, memory_order_relaxed);
  /* Before the lock is taken, for the control thread may want it. */
  rs_control_stop(capture);
  pthread_mutex_lock(&capture->changing);
  capture->running = false;
  for (uint32_t i = 0; i < capture->source_count; i++) rs_source_reject_all(&capture->sources[i]);
  /* After this nothing can enter a ring any more; where it is refused, a pause outlasts what is on its way. */
  if (capture->in_force && rs_bpf_settle()) nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  if (capture->in_force) rs_control_collect(capture); /* so that the workers know of the last drops */
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source_finish(&capture->sources[i]);
    /* A line that lies behind the last packet was never come to. */
    if (capture->in_force) rs_swap_skip(capture, &capture->sources[i]);
  }
  rs_merge_finish(&capture->merge);
  if (capture->in_force) rs_control_collect(capture);
  for (uint32_t i = 0; i < capture->count; i++) rs_queue_settle_losses(&capture->queues[i]);
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source_close(&capture->sources[i]);
    rs_source_set_state(&capture->sources[i], RS_STATE_STOPPED, 0);
  }
  pthread_mutex_unlock(&capture->changing);
}

static void close_if_open(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void rs_capture_disown(rs_capture *capture) {
  /* The threads, and the mappings of rings and store (MADV_DONTFORK), are not here. Nor is who held a lock. */
  pthread_mutex_init(&capture->changing, NULL);
  pthread_mutex_init(&capture->counting, NULL);
  capture->running = false;
  rs_live_store_disown(&capture->store);
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_queue *queue = &capture->queues[i];
    queue->thread.running = false;
    close_if_open(&queue->wake);
    for (int bank = 0; bank < RS_BANKS; bank++) rs_ring_disown(&queue->rings[bank]);
  }
  capture->merge.thread.running = capture->controller.running = false;
  close_if_open(&capture->merge.news);
  close_if_open(&capture->stop);
  close_if_open(&capture->links);
  for (uint32_t i = 0; i < capture->source_count; i++) {
    pthread_mutex_init(&capture->sources[i].naming, NULL);
    capture->sources[i].open = false;
    rs_source_set_state(&capture->sources[i], RS_STATE_STOPPED, 0);
  }
}

void rs_capture_close(rs_capture *capture) {
  if (!capture) return;
  rs_capture_stop(capture);
  for (uint32_t i = 0; i < capture->count; i++) close_if_open(&capture->queues[i].wake);
  for (uint32_t i = 0; i < capture->source_count; i++) rs_source_destroy(&capture->sources[i]);
  rs_merge_close(&capture->merge);
  rs_epochs_close(&capture->epochs);
  rs_live_store_close(&capture->store);
  close_if_open(&capture->merge.news);
  close_if_open(&capture->stop);
  close_if_open(&capture->links);
  pthread_mutex_destroy(&capture->changing);
  pthread_mutex_destroy(&capture->counting);
  free(capture->queues);
  free(capture->watches);
  free(capture->losses.logs);
  free(capture->timelines);
  free(capture->sources);
  free(capture);
}

void rs_capture_hold(rs_capture *capture, int held) {
  for (uint32_t i = 0; i < capture->count; i++) {
    atomic_store_explicit(&capture->queues[i].held, held != 0, memory_order_release);
    rs_queue_wake(&capture->queues[i]);
  }
}

uint32_t rs_capture_epochs(const rs_capture *capture, uint32_t first, rs_epoch *out, uint32_t max) {
  return rs_epochs_list(&capture->epochs, first, out, max);
}

uint32_t rs_capture_sources(rs_capture *capture, rs_source_info *out, uint32_t max) {
  uint32_t count = capture->source_count < max ? capture->source_count : max;
  for (uint32_t i = 0; i < count; i++) rs_source_describe(&capture->sources[i], &out[i]);
  return count;
}

uint32_t rs_capture_timeline(const rs_capture *capture, uint32_t queue, uint64_t since_ns, rs_slice *out, uint32_t max) {
  return queue < capture->count ? rs_timeline_read(&capture->timelines[queue], since_ns, out, max) : 0;
}

const char *rs_capture_note(const rs_capture *capture) { return capture->note; }

uint32_t rs_capture_link_type(const rs_capture *capture) { return capture->link_type; }

const rs_store *rs_capture_store(const rs_capture *capture) { return &capture->store.base; }

const rs_losses *rs_capture_losses(const rs_capture *capture) { return &capture->losses; }
