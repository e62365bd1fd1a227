/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: the memory of one queue's packets: a byte ring of records, written by one worker, numbered by one merge thread,
 * read by anybody. Offsets are absolute: they count every byte ever written and only grow, so an offset names a record
 * for ever and `offset < tail` means evicted. The writer evicts the oldest records to make room, but never one that has
 * not been numbered: then it refuses, and the caller counts.
 *
 * Readers take no lock. They copy, then look whether the record was evicted meanwhile (a sequence lock whose sequence is
 * `tail`). The copy itself therefore races with the writer by design; what it read is thrown away if it lost.
 */
#ifndef RS_ARENA_H
#define RS_ARENA_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ringscope.h"

/* A record: this header, then `captured` bytes of the frame, then padding to a multiple of 8. */
typedef struct rs_record {
  uint64_t time_ns;
  uint32_t length;   /* on the wire, as the ring says: without a VLAN tag that the kernel took out */
  uint32_t captured; /* RS_RECORD_SKIP: not a record; the next one begins where the memory begins */
  int32_t ifindex;
  uint16_t protocol;
  uint16_t epoch;
  uint16_t vlan_tci;
  uint16_t vlan_tpid; /* 0: no tag was taken out */
  uint16_t hatype;    /* ARPHRD_* of the interface */
  uint8_t packet_type;
  uint8_t flags; /* RS_CLOCK_* and so on */
} rs_record;

_Static_assert(sizeof(rs_record) == 32, "32 bytes and 8 of index are what a packet costs beyond its own");

#define RS_RECORD_SKIP UINT32_MAX

/* Where the first record of a stretch of the memory begins, and how many were written before it: the writer evicts whole
 * stretches, without reading old records again, which have long left every cache. */
typedef struct rs_stretch {
  uint64_t offset, records;
} rs_stretch;

typedef struct rs_arena {
  uint8_t *base;
  uint64_t size;
  /* The writer's own. Places are offsets within the memory, kept beside the absolute ones to save divisions. */
  uint64_t written, written_place; /* end of the newest record */
  uint64_t records;                /* written so far */
  rs_stretch *stretches;           /* ring of stretch_mask + 1 */
  uint64_t stretch_mask, newest_stretch;
  uint32_t stretch_shift;          /* log2 of bytes in a stretch */
  /* The merge thread's own. */
  uint64_t merged_place;
  uint64_t populated;              /* bytes of the memory that have pages */
  /* Shared. */
  _Atomic uint64_t head;    /* end of the newest record that was published; writer */
  _Atomic uint64_t tail;    /* begin of the oldest kept record; writer */
  _Atomic uint64_t evicted; /* records before it; writer */
  _Atomic uint64_t merged;  /* records before this have their number; merge thread */
} rs_arena;

int rs_arena_open(rs_arena *arena, uint64_t size, rs_error *error);
void rs_arena_close(rs_arena *arena);

/* Writer: appends a record with its `record->captured` bytes, of which the first `before` are taken from `header` and the
 * rest from `bytes`, evicting as need be. False: no room, because what would have to go has no number yet. Never
 * allocates, never waits. Nobody sees the record before rs_arena_publish(). */
bool rs_arena_append(rs_arena *arena, const rs_record *record, const uint8_t *header, uint32_t before, const uint8_t *bytes);

/* Writer: what was appended may be numbered. */
void rs_arena_publish(rs_arena *arena);

/* Merge thread: has pages made for what the writer comes to next in the first lap, so that it does not wait for the kernel
 * to clear them: 2 MiB take up to some milliseconds. */
void rs_arena_populate(rs_arena *arena);

/* Merge thread: the oldest record without a number and its offset; false when there is none. */
bool rs_arena_peek(const rs_arena *arena, rs_record *record, uint64_t *offset);

/* Merge thread: bytes of records that have no number yet. */
uint64_t rs_arena_unmerged(const rs_arena *arena);

/* Merge thread: that record has its number now and may be evicted. */
void rs_arena_merged(rs_arena *arena, uint64_t offset, const rs_record *record);

/* Anybody: copies a record's header, then up to `limit` of its bytes. False: evicted. */
bool rs_arena_read(const rs_arena *arena, uint64_t offset, rs_record *record, uint8_t *bytes, uint32_t limit);

/* Anybody: the same by who knows that the record is at `place` of the memory: offset % size. */
bool rs_arena_read_at(const rs_arena *arena, uint64_t offset, uint64_t place, rs_record *record, uint8_t *bytes, uint32_t limit);

/* Anybody: has this record been evicted? */
bool rs_arena_evicted(const rs_arena *arena, uint64_t offset);

#endif
