/* SPDX-License-Identifier: Apache-2.0 */
#include "swap.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "bpf.h"
#include "clock.h"
#include "error.h"

static int fd_of(const rs_queue *queue, uint32_t bank) { return queue->rings[bank].fd; }

static void pause_ms(long ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }

/* -- the program ------------------------------------------------------------------------------------------------------ */

/* The entry of the next epoch, with the program as the kernel gets it. */
static int prepare(rs_capture *capture, const rs_insn *program, uint32_t length, rs_change **out, rs_error *error) {
  rs_insn *whole = malloc((length + RS_DIRECTION_ROOM) * sizeof *whole);
  if (!whole) return rs_error_set(error, ENOMEM, "no memory for a filter of %u instructions", length);
  length = rs_direction_apply(&capture->direction, program, length, whole);
  int result = rs_epochs_prepare(&capture->epochs, whole, length, out, error);
  free(whole);
  return result;
}

static int attach(int fd, const rs_change *change, rs_error *error) {
  return rs_bpf_attach(fd, change->program, change->length, error);
}

/* For a socket that has no room for the old program and the new one (net.core.optmem_max). */
static int attach_by_way_of_none(int fd, const rs_change *change, rs_error *error) {
  int result = rs_bpf_reject_all(fd, error);
  return result ? result : attach(fd, change, error);
}

/* In place of another program, one way or the other. */
static int replace(int fd, const rs_change *change, rs_error *error) {
  int result = attach(fd, change, error);
  return result == -ENOMEM ? attach_by_way_of_none(fd, change, error) : result;
}

/* The same for every queue of a source. */
static int replace_all(const rs_source *source, uint32_t bank, const rs_change *change, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < source->count; i++) result = replace(fd_of(&source->queues[i], bank), change, error);
  return result;
}

int rs_swap_first(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error) {
  rs_change *change;
  int result = prepare(capture, program, length, &change, error);
  if (!result) result = rs_bpf_rehearse(NULL, 0, change->program, change->length, error);
  if (result) return result;
  change->mode = RS_SWAP_FIRST;
  change->begun_ns = rs_clock_now_ns();
  change->clean_from = 1;
  rs_epochs_publish(&capture->epochs, change);
  capture->epochs.clean = capture->merge.passed = 1;
  capture->in_force = change;
  for (uint32_t i = 0; !result && i < capture->source_count; i++)
    result = rs_swap_resume(capture, &capture->sources[i], error);
  return result;
}

int rs_swap_resume(rs_capture *capture, rs_source *source, rs_error *error) {
  for (uint32_t i = 0; i < source->count; i++) {
    rs_queue *queue = &source->queues[i];
    rs_queue_skip_steps(queue, rs_epochs_latest(&capture->epochs));
    queue->epoch = capture->in_force->epoch;
  }
  rs_control_forget(capture, source);
  return replace_all(source, source->bank, capture->in_force, error);
}

int rs_swap_attach(rs_capture *capture, rs_source *source, rs_error *error) {
  return replace_all(source, source->bank, capture->in_force, error);
}

void rs_swap_skip(rs_capture *capture, rs_source *source) {
  for (uint32_t i = 0; i < source->count; i++)
    rs_queue_skip_steps(&source->queues[i], rs_epochs_latest(&capture->epochs));
}

/* -- soft: queue by queue, with what comes meanwhile tried in user space ------------------------------------------------ */

/* From here on packets may have passed either program. */
static void begin_mixed(rs_source *source, rs_change *change) {
  source->mixing = true;
  for (uint32_t i = 0; i < source->count; i++) {
    rs_step step = {.kind = RS_STEP_MIXED, .change = change};
    rs_queue_place(&source->queues[i], source->bank, &step);
    rs_queue_step(&source->queues[i], &step);
  }
}

/* From here on packets have passed the program of `epoch`. */
static void end_mixed(rs_source *source, rs_change *change, uint32_t epoch) {
  source->mixing = false;
  for (uint32_t i = 0; i < source->count; i++) {
    rs_step step = {.kind = RS_STEP_CLEAN, .change = change, .epoch = epoch};
    rs_queue_place(&source->queues[i], source->bank, &step);
    rs_queue_step(&source->queues[i], &step);
    rs_queue_wake(&source->queues[i]);
  }
}

/* The same for a ring that is fed: without room for both programs nothing is captured for a moment, which is measured. */
static int exchange(int fd, rs_change *change, rs_error *error) {
  int result = attach(fd, change, error);
  if (result != -ENOMEM) return result;
  uint64_t begun = rs_clock_steady_ns();
  result = attach_by_way_of_none(fd, change, error);
  uint64_t gap = rs_clock_steady_ns() - begun;
  if (gap > atomic_load_explicit(&change->gap_ns, memory_order_relaxed))
    atomic_store_explicit(&change->gap_ns, gap, memory_order_relaxed);
  return result;
}

static int exchange_all(const rs_source *source, rs_change *change, rs_error *error) {
  int result = 0;
  for (uint32_t i = 0; !result && i < source->count; i++)
    result = exchange(fd_of(&source->queues[i], source->bank), change, error);
  return result;
}

/* Puts the old program back wherever it may not be any more. It was there before, so there is room for it. */
static void put_back(const rs_capture *capture, rs_change *change) {
  atomic_store_explicit(&change->undone, 1, memory_order_relaxed);
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (source->open && !source->mixing) begin_mixed(source, change);
    for (uint32_t j = 0; source->open && j < source->count; j++) {
      /* Without memory even for what was there before, the socket is left with `ret #0`: nothing is captured any more. One that
       * refuses for another reason has kept what it had. */
      if (replace(fd_of(&source->queues[j], source->bank), capture->in_force, NULL) == -ENOMEM)
        rs_source_set_state(source, RS_STATE_ERROR, ENOMEM);
    }
  }
}

/* A source that had no room even for what was there before has a program again. */
static void take_up_again(const rs_capture *capture) {
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (source->open && atomic_load_explicit(&source->state, memory_order_relaxed) == RS_STATE_ERROR &&
        atomic_load_explicit(&source->state_errno, memory_order_relaxed) == ENOMEM)
      rs_source_set_state(source, RS_STATE_RUNNING, 0);
  }
}

/* -- exact: to rings that wait with the new program ---------------------------------------------------------------------- */

/* Has every worker gone over to the ring that is fed, and left the other one empty? It takes a retire timeout. */
static bool flipped_before(const rs_capture *capture) {
  for (int tries = 0; tries < 500; tries++) {
    bool done = true;
    for (uint32_t i = 0; i < capture->count; i++) done = done && rs_queue_stepped(&capture->queues[i]);
    if (done || atomic_load_explicit(&capture->stopping, memory_order_relaxed)) return done;
    pause_ms(1);
  }
  return false;
}

/* The rings that are not fed take nothing. When an interface comes up, the kernel puts its group together one socket after
 * another, and meanwhile the program's number, modulo what there is, may be that of a ring nobody reads. It is to be as if the
 * interface had come up later. */
static void close_idle(const rs_source *source) {
  for (uint32_t i = 0; source->open && i < source->count; i++)
    (void)rs_bpf_reject_all(fd_of(&source->queues[i], !source->bank), NULL);
}

/* Feeds the other bank, and tells the workers; what came before is all in the ring they still read. */
static int flip(rs_source *source, rs_change *change, rs_error *error) {
  int result = rs_fanout_feed(&source->fanout, fd_of(&source->queues[0], source->bank), !source->bank, error);
  if (!result) source->bank = !source->bank;
  for (uint32_t i = 0; !result && i < source->count; i++) {
    rs_step step = {.kind = RS_STEP_BANK, .change = change, .epoch = change->epoch};
    rs_queue_step(&source->queues[i], &step);
    rs_queue_wake(&source->queues[i]);
  }
  close_idle(source);
  return result;
}

/* -- the change ------------------------------------------------------------------------------------------------------- */

/* Whatever can be found out to be wrong, before any live socket is touched. */
static int check(const rs_capture *capture, const rs_change *change, rs_error *error) {
  if (change->epoch > UINT16_MAX)
    return rs_error_set(error, EOVERFLOW, "the filter was changed 65 534 times; start a new capture");
  if (change->epoch - capture->in_force->epoch > RS_EPOCHS_KEPT / 2)
    return rs_error_set(error, EIO, "the filter could not be attached %d times in a row; start a new capture",
                        RS_EPOCHS_KEPT / 2);
  for (uint32_t i = 0; i < capture->count; i++)
    if (!rs_queue_can_step(&capture->queues[i]))
      return rs_error_set(error, EAGAIN, "the reader has too many filter changes still to come to; try again when it has "
                          "caught up");
  int result = rs_bpf_rehearse(capture->in_force->program, capture->in_force->length, change->program, change->length,
                               error);
  if (result || !capture->exact) return result;
  if (!flipped_before(capture))
    return rs_error_set(error, EAGAIN, "the reader has not emptied the rings of the filter before; try again when it has "
                        "caught up");
  for (uint32_t i = 0; !result && i < capture->source_count; i++) {
    const rs_source *source = &capture->sources[i];
    if (source->open) result = replace_all(source, !source->bank, change, error);
  }
  for (uint32_t i = 0; result && i < capture->source_count; i++) close_idle(&capture->sources[i]);
  return result;
}

/* Every source: exactly where it can be, else softly. */
static int change_sources(rs_capture *capture, rs_change *change, rs_error *error) {
  for (uint32_t i = 0; !capture->exact && i < capture->source_count; i++)
    if (capture->sources[i].open) begin_mixed(&capture->sources[i], change);
  int result = 0;
  for (uint32_t i = 0; !result && i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (!source->open || (capture->exact && !flip(source, change, NULL))) continue;
    if (capture->exact) { /* the kernel had no memory for the program of the group */
      begin_mixed(source, change);
      atomic_store_explicit(&change->mode, RS_SWAP_SOFT, memory_order_relaxed);
    }
    result = exchange_all(source, change, error);
  }
  if (result) put_back(capture, change);
  return result;
}

/* Returns when no packet that passed only the program before can enter a ring any more. */
static void wait_until_settled(const rs_capture *capture, rs_change *change) {
  bool soft = false;
  for (uint32_t i = 0; i < capture->source_count; i++) soft = soft || capture->sources[i].mixing;
  if (!soft || !rs_bpf_settle()) return;
  /* What is on its way arrives within a softirq; nothing but time can be given to it. */
  pause_ms(50);
  atomic_store_explicit(&change->unsettled, 1, memory_order_relaxed);
}

static void finish_sources(rs_capture *capture, rs_change *change, uint32_t epoch) {
  for (uint32_t i = 0; i < capture->source_count; i++) {
    rs_source *source = &capture->sources[i];
    if (!source->open)
      rs_swap_skip(capture, source);
    else if (source->mixing)
      end_mixed(source, change, epoch);
  }
}

int rs_swap_change(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error) {
  rs_change *change;
  int result = prepare(capture, program, length, &change, error);
  if (!result) result = check(capture, change, error);
  if (result) return result;
  atomic_store_explicit(&change->mode, capture->exact ? RS_SWAP_EXACT : RS_SWAP_SOFT, memory_order_relaxed);
  rs_control_cut(capture, &change->stored_begun, &change->dropped_begun);
  change->begun_ns = rs_clock_now_ns();
  uint64_t begun = rs_clock_steady_ns(), stored, dropped;
  rs_epochs_publish(&capture->epochs, change);
  result = change_sources(capture, change, error);
  atomic_store_explicit(&change->attached_ns, rs_clock_steady_ns() - begun, memory_order_relaxed);
  wait_until_settled(capture, change);
  atomic_store_explicit(&change->settled_ns, rs_clock_steady_ns() - begun, memory_order_relaxed);
  rs_control_cut(capture, &stored, &dropped);
  atomic_store_explicit(&change->stored_settled, stored, memory_order_relaxed);
  atomic_store_explicit(&change->dropped_settled, dropped, memory_order_relaxed);
  finish_sources(capture, change, result ? capture->in_force->epoch : change->epoch);
  if (!result) {
    capture->in_force = change;
    take_up_again(capture);
  }
  *epoch = capture->in_force->epoch;
  return result;
}
