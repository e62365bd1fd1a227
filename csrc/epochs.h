/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epochs: what is known of each filter change: the program, when it began and was settled, the packets between, the number
 * from which it holds. Written by the thread that changes the filter, by workers (what they re-check) and by the merge
 * thread (numbers); read by anybody. The last RS_EPOCHS_KEPT are remembered.
 */
#ifndef RS_EPOCHS_H
#define RS_EPOCHS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ringscope.h"

/* One epoch. What is not atomic is written before the epoch is published and never changed. */
typedef struct rs_change {
  uint32_t epoch;
  rs_insn *program; /* as attached: with what has to come before the user's; owned */
  uint32_t length;
  uint64_t begun_ns, stored_begun, dropped_begun;
  _Atomic uint64_t attached_ns, settled_ns, gap_ns, stored_settled, dropped_settled;
  _Atomic uint64_t rechecked, matched, unknown; /* workers; added to atomically */
  _Atomic uint64_t first, last_unclean, clean_from; /* merge thread */
  _Atomic uint32_t mode, undone, unsettled;
} rs_change;

typedef struct rs_epochs {
  rs_change changes[RS_EPOCHS_KEPT];
  _Atomic uint32_t latest; /* newest epoch that is published */
  _Atomic uint32_t clean;  /* merge thread: the numbers of all epochs up to this one are known */
} rs_epochs;

void rs_epochs_close(rs_epochs *epochs);

/* The entry for epoch latest + 1, emptied, with a copy of the program; published by rs_epochs_publish(). -ENOMEM. */
int rs_epochs_prepare(rs_epochs *epochs, const rs_insn *program, uint32_t length, rs_change **out, rs_error *error);
void rs_epochs_publish(rs_epochs *epochs, const rs_change *change);

uint32_t rs_epochs_latest(const rs_epochs *epochs);

/* The entry of an epoch, which must be one of the last RS_EPOCHS_KEPT. */
rs_change *rs_epochs_at(rs_epochs *epochs, uint32_t epoch);

/* Merge thread: packet `number` belongs to `epoch`. Cheap when nothing changes. */
void rs_epochs_numbered(rs_epochs *epochs, uint32_t epoch, bool rechecked, uint64_t number);

/* Merge thread: all packets from before the changes up to `epoch` were settled have their numbers, the last is `head`. */
void rs_epochs_settle(rs_epochs *epochs, uint32_t epoch, uint64_t head);

/* What rs_capture_epochs() gives. */
uint32_t rs_epochs_list(const rs_epochs *epochs, uint32_t first, rs_epoch *out, uint32_t max);

#endif
