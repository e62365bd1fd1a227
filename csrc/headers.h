/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers: which blocks of a file's packets have their headers in memory, so that a filter need not read the file again, and
 * how much memory they may take. Any thread makes a block that nobody has made yet; who reads them takes no lock.
 */
#ifndef RS_HEADERS_H
#define RS_HEADERS_H

#include <stdatomic.h>

#include "headers_block.h"

enum { RS_HEADERS_EACH = 38 /* bytes a packet, on average over all packets of the file so far, blocks made or not */ };

typedef struct rs_headers {
  uint64_t limit; /* most bytes, whatever the average */
  _Atomic bool open; /* the file has been read through, which goes first */
  _Atomic bool full; /* there was no room for a block: for another one the file would be read in vain */
  _Atomic uint64_t bytes;
  _Atomic uint64_t settled; /* whoever has a block to make need not look at so many, ... */
  _Atomic uint64_t begun;   /* ... and behind so many none has ever been made */
  _Atomic(rs_headers_block *) *blocks;
} rs_headers;

/* Of at most so many bytes. NULL: no memory; a file can be read without. */
rs_headers *rs_headers_open(uint64_t limit);
void rs_headers_close(rs_headers *headers); /* NULL is allowed */

/* The block in which that packet is, and its place in it. NULL: it has none. */
const rs_headers_block *rs_headers_of(const rs_headers *headers, uint64_t number, uint32_t *place);

/* From any thread: from now on blocks may be made. */
void rs_headers_begin_making(rs_headers *headers);

/* A block is to be made of the packets from the returned number on, where `head` is the newest of all; 0: of none. Whoever is
 * told so has to say what came of it: a block, as far as there is room for it; that none can be made; or nothing yet. */
uint64_t rs_headers_claim(rs_headers *headers, uint64_t head);
void rs_headers_keep(rs_headers *headers, uint64_t first, uint64_t head, const rs_headers_maker *maker);
void rs_headers_refuse(rs_headers *headers, uint64_t first);
void rs_headers_leave(rs_headers *headers, uint64_t first);

#endif
