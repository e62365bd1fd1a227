/* SPDX-License-Identifier: Apache-2.0 */
#include "live_store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "copy.h"
#include "error.h"
#include "link.h"

enum {
  SMALLEST_RECORD = 48, /* the header and 16 bytes: how many packets the index has room for */
  ARENA_SHIFT = 56,
  MAC_ADDRESSES = 12, /* bytes of a frame before the tag */
  TAG = 4,
};

/* The index is trimmed by pieces of this many slots: 2 MiB, what one page fault brings where there are huge pages. */
#define PIECE_BYTES (UINT64_C(2) << 20)
#define PIECE (PIECE_BYTES / sizeof(uint64_t))

static const rs_store_kind kind;

static int open_index(rs_live_store *store, uint64_t bytes, rs_error *error) {
  uint64_t pieces = bytes / SMALLEST_RECORD / PIECE + 2;
  store->capacity = pieces * PIECE;
  store->mapped = (pieces + 1) * PIECE_BYTES;
  void *mapping = mmap(NULL, store->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return rs_error_set(error, errno, "no memory for the index of the store; use a smaller one: --store");
  store->mapping = mapping;
  store->index = (void *)(((uintptr_t)mapping + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES);
  madvise(mapping, store->mapped, MADV_DONTFORK);
  madvise(mapping, store->mapped, MADV_HUGEPAGE);
  return 0;
}

int rs_live_store_open(rs_live_store *store, uint32_t arenas, uint64_t bytes, uint32_t link_type, rs_error *error) {
  *store = (rs_live_store){.base = {&kind}, .link_type = link_type, .tail = 1};
  store->arenas = calloc(arenas, sizeof *store->arenas);
  if (!store->arenas) return rs_error_set(error, ENOMEM, "no memory for %u queues", arenas);
  for (; store->count < arenas; store->count++) {
    int result = rs_arena_open(&store->arenas[store->count], bytes / arenas, error);
    if (result) {
      rs_live_store_close(store);
      return result;
    }
  }
  int result = open_index(store, bytes, error);
  if (result) rs_live_store_close(store);
  return result;
}

void rs_live_store_close(rs_live_store *store) {
  for (uint32_t i = 0; i < store->count; i++) rs_arena_close(&store->arenas[i]);
  free(store->arenas);
  if (store->mapping) munmap(store->mapping, store->mapped);
  *store = (rs_live_store){0};
}

void rs_live_store_disown(rs_live_store *store) {
  /* At these addresses there may be something else by now. */
  for (uint32_t i = 0; i < store->count; i++) store->arenas[i].base = NULL;
  store->mapping = NULL;
  atomic_store_explicit(&store->tail, atomic_load_explicit(&store->head, memory_order_relaxed) + 1, memory_order_relaxed);
}

static _Atomic uint64_t *slot(const rs_live_store *store, uint64_t number) {
  return &store->index[(number - 1) % store->capacity];
}

/* The slot after this one. */
static uint64_t after(const rs_live_store *store, uint64_t place) { return place + 1 == store->capacity ? 0 : place + 1; }

static const rs_arena *locate(const rs_live_store *store, uint64_t entry, uint64_t *offset) {
  *offset = entry & ((UINT64_C(1) << ARENA_SHIFT) - 1);
  return &store->arenas[entry >> ARENA_SHIFT];
}

void rs_live_store_follow_eviction(rs_live_store *store) {
  uint64_t head = atomic_load_explicit(&store->head, memory_order_relaxed), keep = store->capacity - PIECE;
  uint64_t old = atomic_load_explicit(&store->tail, memory_order_relaxed), tail = old, offset;
  for (; tail <= head; tail++) {
    uint64_t entry = atomic_load_explicit(&store->index[store->tail_slot], memory_order_relaxed);
    const rs_arena *arena = locate(store, entry, &offset);
    /* What has no slot any more goes, too. */
    if (head - tail < keep && !rs_arena_evicted(arena, offset)) break;
    store->tail_slot = after(store, store->tail_slot);
  }
  if (tail == old) return;
  atomic_store_explicit(&store->tail, tail, memory_order_release);
  /* The memory of index pieces that hold nothing any more goes back to the system. */
  uint64_t pieces = store->capacity / PIECE, piece = (old - 1) / PIECE, last = (tail - 1) / PIECE, newest = head / PIECE;
  for (; piece < last; piece++) {
    if (newest - piece >= pieces) continue; /* the head has come round and writes there again */
    madvise((void *)(store->index + piece % pieces * PIECE), PIECE * sizeof *store->index, MADV_DONTNEED);
  }
}

uint64_t rs_live_store_number(rs_live_store *store, uint32_t which, uint64_t offset, const rs_record *record) {
  uint64_t number = atomic_load_explicit(&store->head, memory_order_relaxed) + 1;
  uint64_t entry = (uint64_t)which << ARENA_SHIFT | offset;
  /* Release: a reader that meets this entry in the slot of an older number also sees the tail that passed it. */
  atomic_store_explicit(&store->index[store->next_slot], entry, memory_order_release);
  store->next_slot = after(store, store->next_slot);
  /* Release: the index entry is there before its number is announced. */
  atomic_store_explicit(&store->head, number, memory_order_release);
  rs_arena_merged(&store->arenas[which], offset, record);
  return number;
}

/* Where the outer VLAN tag goes: behind the addresses of an Ethernet header, where it was on the wire (IEEE 802.1Q), or
 * behind a cooked header, whose protocol field then says TPID, as the type before a tag does. */
static uint32_t tag_place(const rs_live_store *store) {
  return store->link_type == RS_LINKTYPE_ETHERNET ? MAC_ADDRESSES : store->link_type == RS_LINKTYPE_SLL2 ? RS_SLL2_HEADER : 0;
}

/* Puts the tag back, as much of it and of what follows as the limit leaves. Returns the bytes there are then. */
static uint32_t insert_tag(uint8_t *frame, uint32_t place, uint32_t copied, uint32_t limit, const rs_record *record) {
  const uint16_t tpid = htons(record->vlan_tpid), tci = htons(record->vlan_tci);
  uint8_t tag[TAG];
  if (place == RS_SLL2_HEADER) {
    memcpy(tag, &tci, 2);
    memcpy(tag + 2, frame, 2); /* the inner type, at the beginning of the cooked header */
    memcpy(frame, &tpid, 2);
  } else {
    memcpy(tag, &tpid, 2);
    memcpy(tag + 2, &tci, 2);
  }
  uint32_t room = limit - place, rest = copied - place;
  if (room < TAG) {
    memcpy(frame + place, tag, room);
    return limit;
  }
  if (rest > room - TAG) rest = room - TAG;
  memmove(frame + place + TAG, frame + place, rest);
  memcpy(frame + place, tag, TAG);
  return place + TAG + rest;
}

static bool read_one(const rs_live_store *store, uint64_t number, uint32_t limit, rs_packet *packet, uint8_t *bytes) {
  uint64_t entry = atomic_load_explicit(slot(store, number), memory_order_acquire), offset;
  const rs_arena *arena = locate(store, entry, &offset);
  rs_record record;
  if (!rs_arena_read(arena, offset, &record, bytes, limit)) return false;
  /* The slot belongs to a later number if the tail has passed ours. */
  if (number < atomic_load_explicit(&store->tail, memory_order_acquire)) return false;
  *packet = (rs_packet){
      .number = number,
      .time_ns = record.time_ns,
      .length = record.length,
      .captured = record.captured,
      .copied = record.captured < limit ? record.captured : limit,
      .ifindex = record.ifindex,
      .link_type = store->link_type,
      .epoch = record.epoch,
      .queue = (uint16_t)(entry >> ARENA_SHIFT),
      .protocol = record.protocol,
      .packet_type = record.packet_type,
      .flags = record.flags,
  };
  if (!record.vlan_tpid) return true;
  uint32_t place = tag_place(store);
  packet->length += TAG;
  if (!place || record.captured < place) return true;
  packet->captured += TAG;
  packet->flags |= RS_VLAN_REBUILT;
  if (packet->copied >= place) packet->copied = insert_tag(bytes, place, packet->copied, limit, &record);
  return true;
}

/* -- as a store ------------------------------------------------------------------------------------------------------- */

static const rs_live_store *of(const rs_store *store) { return (const void *)store; }

static uint64_t head(const rs_store *store) { return atomic_load_explicit(&of(store)->head, memory_order_acquire); }

static uint64_t tail(const rs_store *store) { return atomic_load_explicit(&of(store)->tail, memory_order_acquire); }

static uint32_t read_range(const rs_store *store, uint64_t first, uint64_t last, uint32_t limit, rs_packet *out,
                           uint8_t *bytes, size_t room) {
  uint32_t done = 0;
  size_t used = 0;
  for (uint64_t number = first; number <= last; number++) {
    if (room - used < limit) break;
    if (!read_one(of(store), number, limit, &out[done], bytes + used)) continue;
    out[done].offset = (uint32_t)used;
    used += out[done].copied;
    done++;
  }
  return done;
}

enum { WALK_AT_ONCE = 64, WALK_BYTES = 4 << 20, AHEAD = 8, CACHE_LINE = 64 };

/* What a walk copies the packets of one step into: a writer may overwrite them in the arena at any time. */
typedef struct walk_state {
  uint32_t at_once;
  uint32_t each;   /* bytes */
  uint64_t *laps;  /* of each arena: the offset at which the lap began in which it was read last; saves divisions */
  uint8_t bytes[];
} walk_state;

static int walk_open(rs_walk *walk, rs_error *error) {
  uint32_t each = (walk->limit + RS_SLL2_HEADER + 7) & ~7U, at_once = WALK_BYTES / each;
  if (at_once > WALK_AT_ONCE) at_once = WALK_AT_ONCE;
  walk_state *state = walk->state = malloc(sizeof *state + (size_t)at_once * each);
  uint64_t *laps = calloc(of(walk->store)->count, sizeof *laps);
  if (!state || !laps) {
    free(state);
    free(laps);
    return rs_error_set(error, ENOMEM, "no memory to look through the packets");
  }
  *state = (walk_state){at_once, each, laps};
  return 0;
}

static void walk_close(rs_walk *walk) {
  walk_state *state = walk->state;
  free(state->laps);
  free(state);
}

/* Where in its arena a record is, and which arena that is. */
static const rs_arena *find(const rs_live_store *store, const walk_state *state, uint64_t entry, uint64_t *offset,
                            uint64_t *place) {
  const rs_arena *arena = locate(store, entry, offset);
  uint64_t *lap = &state->laps[entry >> ARENA_SHIFT];
  if (*offset - *lap >= arena->size) *lap = *offset - *offset % arena->size; /* modulo 2^64 */
  *place = *offset - *lap;
  return arena;
}

/* One packet as its filter saw it: that of a cooked capture without the header that stands for the link layer. */
static bool see(const rs_live_store *store, uint64_t number, uint64_t entry, const walk_state *state, uint8_t *bytes,
                rs_sight *out) {
  const uint32_t header = store->link_type == RS_LINKTYPE_SLL2 ? RS_SLL2_HEADER : 0;
  uint64_t offset, place;
  const rs_arena *arena = find(store, state, entry, &offset, &place);
  rs_record record;
  if (!rs_arena_read_at(arena, offset, place, &record, bytes, state->each)) return false;
  /* The slot belongs to a later number if the tail has passed ours. */
  if (number < tail(&store->base) || record.captured < header) return false;
  *out = (rs_sight){.number = number,
                    .link_type = store->link_type,
                    .partial = record.captured > state->each,
                    .frame = {.bytes = bytes + header,
                              .captured = (record.captured < state->each ? record.captured : state->each) - header,
                              .length = record.length - header,
                              .known = RS_BPF_KNOWS_RING,
                              .protocol = record.protocol,
                              .packet_type = record.packet_type,
                              .ifindex = (uint32_t)record.ifindex,
                              .hatype = record.hatype,
                              .vlan_present = record.vlan_tpid != 0,
                              .vlan_tci = record.vlan_tci,
                              .vlan_tpid = record.vlan_tpid}};
  return true;
}

/* Has the processor fetch a record that comes soon: the packets of a capture have long left its caches. It does no harm if the
 * slot says something else by then. */
static void fetch_ahead(const rs_live_store *store, const walk_state *state, uint64_t entry) {
  uint64_t offset, place;
  const rs_arena *arena = find(store, state, entry, &offset, &place);
  __builtin_prefetch(arena->base + place);
  __builtin_prefetch(arena->base + place + CACHE_LINE);
}

static uint32_t walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  const rs_live_store *store = of(walk->store);
  walk_state *state = walk->state;
  uint64_t here = (first - 1) % store->capacity, ahead = (first - 1 + AHEAD) % store->capacity;
  uint32_t done = 0;
  if (max > state->at_once) max = state->at_once;
  for (uint64_t number = first; number <= last && done < max; number++, here = after(store, here), ahead = after(store, ahead)) {
    /* Relaxed: nothing is read there. */
    if (last - number >= AHEAD)
      fetch_ahead(store, state, atomic_load_explicit(&store->index[ahead], memory_order_relaxed));
    const uint64_t entry = atomic_load_explicit(&store->index[here], memory_order_acquire);
    done += see(store, number, entry, state, state->bytes + (size_t)done * state->each, &out[done]);
  }
  return done;
}

static const rs_store_kind kind = {head, tail, read_range, walk_open, walk_next, walk_close, NULL, NULL};
