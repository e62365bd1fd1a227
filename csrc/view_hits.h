/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view_hits: which packets pass, one bit each, in chunks that several threads fill in any order; the n-th of them, and how
 * many there are up to a packet. An index counts from the first packet that was there at the beginning and stays what it
 * is when older packets are evicted. Has no lock: it is used under its view's.
 */
#ifndef RS_VIEW_HITS_H
#define RS_VIEW_HITS_H

#include <stdbool.h>

#include "ringscope.h"

/* Packets of a chunk, the unit of work: a millisecond or two, and 4 KiB of bits. */
#define RS_VIEW_CHUNK UINT64_C(32768)

typedef struct rs_view_tally {
  uint32_t judged, matched, unknown;
} rs_view_tally;

typedef struct rs_view_chunk {
  uint64_t *bits;      /* who passes; NULL: nobody, or not kept any more */
  uint64_t base;       /* matches in all chunks before; known when those are complete */
  uint32_t done;       /* packets from its first on that were examined */
  bool taken;          /* a thread is at it */
  rs_view_tally tally; /* of these packets */
} rs_view_chunk;

typedef struct rs_view_hits {
  rs_view_chunk *chunks; /* number `dropped`, dropped + 1 ... of all chunks, counted from 0 */
  uint64_t dropped, count, room;
  uint64_t open;                     /* the first chunk that is not complete */
  uint64_t matched, judged, unknown; /* in all chunks before that */
  uint64_t tail;                     /* the oldest packet that was kept when it was last asked */
} rs_view_hits;

/* A part of one chunk, and what a thread found in it. */
typedef struct rs_view_piece {
  uint64_t first, last;
  rs_view_tally tally;
  uint64_t bits[RS_VIEW_CHUNK / 64]; /* by a number's place in its chunk */
} rs_view_piece;

/* The place of a packet in its chunk. */
static inline uint32_t rs_view_place(uint64_t number) { return (uint32_t)((number - 1) % RS_VIEW_CHUNK); }

/* Empty, for packets from `tail` on. */
void rs_view_hits_open(rs_view_hits *hits, uint64_t tail);
void rs_view_hits_close(rs_view_hits *hits);

/* Sets first and last of a part of tail .. head that nobody has looked at nor is looking at. 0: there is none; 1: it has to
 * be given back by rs_view_hits_put(); or -ENOMEM. */
int rs_view_hits_take(rs_view_hits *hits, uint64_t tail, uint64_t head, rs_view_piece *piece);

/* Puts down what was found in a piece. 0 or -ENOMEM. */
int rs_view_hits_put(rs_view_hits *hits, const rs_view_piece *piece);

/* Lets go what is known of packets before `tail`. */
void rs_view_hits_trim(rs_view_hits *hits, uint64_t tail);

/* All packets up to this number are examined. */
uint64_t rs_view_hits_examined(const rs_view_hits *hits);

/* As the functions of views in ringscope.h. */
void rs_view_hits_info(const rs_view_hits *hits, rs_view_info *out);
uint32_t rs_view_hits_numbers(const rs_view_hits *hits, uint64_t first, uint64_t *out, uint32_t max);
uint64_t rs_view_hits_index(const rs_view_hits *hits, uint64_t number);
bool rs_view_hits_has(const rs_view_hits *hits, uint64_t number);

#endif
