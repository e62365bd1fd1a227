/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers_block: the first bytes of some thousand packets that follow each other, as far as filters mostly look, so packed that
 * they need a tenth of the memory that the packets need. Made by one thread, and the same ever after for all that read it.
 */
#ifndef RS_HEADERS_BLOCK_H
#define RS_HEADERS_BLOCK_H

#include <stddef.h>

#include "outline.h"
#include "walk.h"

enum {
  RS_HEADERS_PACKETS = 1 << 15, /* of a block */
  RS_HEADERS_GROUP = 64,        /* packets, of which it is noted where the first one begins */
  RS_HEADERS_GROUPS = RS_HEADERS_PACKETS / RS_HEADERS_GROUP,
  RS_HEADERS_FRONTS = 1024,     /* most fronts of a block */
  RS_HEADERS_SLOTS = 4 * RS_HEADERS_FRONTS,
  RS_HEADERS_REST = 63,         /* most bytes that are kept of what is behind a front */
  RS_HEADERS_LONGEST = 3 + 2 * 4 + RS_HEADERS_REST, /* most bytes of a packet */
  RS_HEADERS_AT_ONCE = 64,      /* bytes that are copied, whatever a packet has: a constant is quicker */
  RS_HEADERS_SHOWN = 96,        /* room that a packet takes where it is shown */
};

/* The bytes with which many frames begin: see outline. */
typedef struct rs_headers_front {
  uint64_t words[RS_FRONT_MAX / sizeof(uint64_t)]; /* as they stand in memory; zeros behind the last */
  uint32_t link_type;
  rs_outline outline;
} rs_headers_front;

typedef struct rs_headers_block {
  size_t size; /* of all of it */
  uint32_t groups[RS_HEADERS_GROUPS]; /* where in `bytes` each begins */
  const uint8_t *bytes; /* packet by packet; behind the last one is room to copy from */
  rs_headers_front fronts[]; /* then the bytes */
} rs_headers_block;

/* What a thread makes blocks with; it may be large. */
typedef struct rs_headers_maker {
  uint32_t packets, used, front_count; /* so far */
  uint16_t slots[RS_HEADERS_SLOTS];    /* by a hash of a front one more than its index, 0: free */
  uint32_t groups[RS_HEADERS_GROUPS];
  rs_headers_front fronts[RS_HEADERS_FRONTS];
  uint8_t bytes[RS_HEADERS_PACKETS * RS_HEADERS_LONGEST + RS_HEADERS_AT_ONCE];
} rs_headers_maker;

void rs_headers_begin(rs_headers_maker *maker);

/* The next packet, of which all is shown that was kept. */
void rs_headers_add(rs_headers_maker *maker, const rs_sight *sight);

/* Bytes of the block that rs_headers_finish() makes in memory that begins where a page does. */
size_t rs_headers_size(const rs_headers_maker *maker);
void rs_headers_finish(const rs_headers_maker *maker, rs_headers_block *block);

/* Shows packets from the one at that place of the block on: at most `max` of them, and none behind the first one of which
 * nothing is kept, or behind the end of its group. `room` has RS_HEADERS_SHOWN bytes for each. The first has that number. */
uint32_t rs_headers_show(const rs_headers_block *block, uint32_t place, uint64_t number, rs_sight *out, uint32_t max, uint8_t *room);

#endif
