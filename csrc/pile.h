/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pile: a growing row of things of one size. One thread adds to it; what is there never moves, so that any thread reads what
 * was published without a lock. Its memory comes in pieces, and nothing is ever copied to make room.
 */
#ifndef RS_PILE_H
#define RS_PILE_H

#include <stdatomic.h>

#include "ringscope.h"

typedef struct rs_pile {
  size_t item;     /* bytes of a thing */
  uint32_t shift;  /* a piece holds 1 << shift things */
  uint32_t pieces; /* that there can be */
  _Atomic(uint8_t *) *directory;
  uint64_t next;          /* adding thread's own: things that are there, published or not */
  uint64_t forgotten;     /* ... and pieces whose memory has gone back */
  _Atomic uint64_t count; /* published */
} rs_pile;

/* Room for `pieces` pieces of 1 << shift things; no memory is taken for them yet. */
int rs_pile_open(rs_pile *pile, size_t item, uint32_t shift, uint32_t pieces, rs_error *error);
void rs_pile_close(rs_pile *pile);

/* Adding thread: where the next thing goes, and how many more have room behind it (*room of them in all); all zero. NULL: the
 * pile is full, or there is no memory. */
void *rs_pile_room(rs_pile *pile, uint64_t *room);

/* Adding thread: so many things were written where rs_pile_room() said. */
static inline void rs_pile_add(rs_pile *pile, uint64_t count) { pile->next += count; }

/* Adding thread: lets readers see all that was added. */
static inline void rs_pile_publish(rs_pile *pile) {
  /* Release: the things are written before they are counted. */
  atomic_store_explicit(&pile->count, pile->next, memory_order_release);
}

static inline uint64_t rs_pile_count(const rs_pile *pile) {
  return atomic_load_explicit(&pile->count, memory_order_acquire);
}

/* The thing of that index, which must have been published, or be the adding thread's own. */
static inline void *rs_pile_at(const rs_pile *pile, uint64_t index) {
  /* Relaxed: whoever knows the index has seen the count, and with it the piece. */
  uint8_t *piece = atomic_load_explicit(&pile->directory[index >> pile->shift], memory_order_relaxed);
  return piece + (index & ((UINT64_C(1) << pile->shift) - 1)) * pile->item;
}

/* Adding thread: the memory of pieces that hold nothing from `index` on goes back to the system; who still reads there reads
 * zeros. */
void rs_pile_forget(rs_pile *pile, uint64_t index);

#endif
