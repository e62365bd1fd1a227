/* SPDX-License-Identifier: Apache-2.0 */
#include "epochs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static uint64_t load(const _Atomic uint64_t *value) { return atomic_load_explicit(value, memory_order_relaxed); }
static void store(_Atomic uint64_t *value, uint64_t now) { atomic_store_explicit(value, now, memory_order_relaxed); }

void rs_epochs_close(rs_epochs *epochs) {
  for (uint32_t i = 0; i < RS_EPOCHS_KEPT; i++) free(epochs->changes[i].program);
}

rs_change *rs_epochs_at(rs_epochs *epochs, uint32_t epoch) { return &epochs->changes[epoch % RS_EPOCHS_KEPT]; }

uint32_t rs_epochs_latest(const rs_epochs *epochs) {
  /* Acquire: what is not atomic of the entry is there. */
  return atomic_load_explicit(&epochs->latest, memory_order_acquire);
}

int rs_epochs_prepare(rs_epochs *epochs, const rs_insn *program, uint32_t length, rs_change **out, rs_error *error) {
  uint32_t epoch = rs_epochs_latest(epochs) + 1;
  rs_insn *copy = malloc(length * sizeof *copy);
  if (!copy) return rs_error_set(error, ENOMEM, "no memory for a filter of %u instructions", length);
  memcpy(copy, program, length * sizeof *copy);
  rs_change *change = rs_epochs_at(epochs, epoch);
  free(change->program);
  *change = (rs_change){.epoch = epoch, .program = copy, .length = length};
  *out = change;
  return 0;
}

void rs_epochs_publish(rs_epochs *epochs, const rs_change *change) {
  atomic_store_explicit(&epochs->latest, change->epoch, memory_order_release);
}

void rs_epochs_numbered(rs_epochs *epochs, uint32_t epoch, bool rechecked, uint64_t number) {
  rs_change *own = rs_epochs_at(epochs, epoch);
  if (!load(&own->first)) store(&own->first, number);
  /* For every epoch that is under way: does this packet come before its line? */
  uint32_t latest = rs_epochs_latest(epochs);
  for (uint32_t open = atomic_load_explicit(&epochs->clean, memory_order_relaxed) + 1; open <= latest; open++)
    if (epoch < open || (epoch == open && rechecked)) store(&rs_epochs_at(epochs, open)->last_unclean, number);
}

void rs_epochs_settle(rs_epochs *epochs, uint32_t epoch, uint64_t head) {
  uint32_t clean = atomic_load_explicit(&epochs->clean, memory_order_relaxed);
  uint64_t from = head + 1; /* of an epoch without a packet: where the next one begins */
  for (uint32_t e = epoch; e > clean; e--) {
    rs_change *change = rs_epochs_at(epochs, e);
    uint64_t last = load(&change->last_unclean), first = load(&change->first);
    if (last)
      from = last + 1;
    else if (first)
      from = first;
    if (!atomic_load_explicit(&change->undone, memory_order_relaxed)) store(&change->clean_from, from);
  }
  atomic_store_explicit(&epochs->clean, epoch, memory_order_release);
}

uint32_t rs_epochs_list(const rs_epochs *epochs, uint32_t first, rs_epoch *out, uint32_t max) {
  uint32_t latest = rs_epochs_latest(epochs), count = 0;
  /* A few entries ahead of the newest may be filled anew while we read. */
  enum { AHEAD = 8 };
  uint32_t oldest = latest <= RS_EPOCHS_KEPT - AHEAD ? 1 : latest - (RS_EPOCHS_KEPT - AHEAD) + 1;
  for (uint32_t epoch = first < oldest ? oldest : first; epoch <= latest && count < max; epoch++) {
    const rs_change *change = &epochs->changes[epoch % RS_EPOCHS_KEPT];
    out[count++] = (rs_epoch){
        .epoch = epoch,
        .mode = atomic_load_explicit(&change->mode, memory_order_relaxed),
        .undone = atomic_load_explicit(&change->undone, memory_order_relaxed),
        .unsettled = atomic_load_explicit(&change->unsettled, memory_order_relaxed),
        .first = load(&change->first),
        .clean_from = load(&change->clean_from),
        .rechecked = load(&change->rechecked),
        .matched = load(&change->matched),
        .unknown = load(&change->unknown),
        .begun_ns = change->begun_ns,
        .attached_ns = load(&change->attached_ns),
        .settled_ns = load(&change->settled_ns),
        .gap_ns = load(&change->gap_ns),
        .stored_begun = change->stored_begun,
        .dropped_begun = change->dropped_begun,
        .stored_settled = load(&change->stored_settled),
        .dropped_settled = load(&change->dropped_settled),
    };
  }
  return count;
}
