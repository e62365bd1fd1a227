/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"

enum {
  SMALLEST_RECORD = 48, /* the header and 16 bytes: how many packets the index has room for */
  ARENA_SHIFT = 56,
  MAC_ADDRESSES = 12, /* bytes of a frame before the tag */
  TAG = 4,
};

/* The index is trimmed by pieces of this many slots: 1 MiB. */
static const uint64_t PIECE = (1 << 20) / sizeof(uint64_t);

int rs_store_open(rs_store *store, uint32_t arenas, uint64_t bytes, bool ethernet, rs_error *error) {
  *store = (rs_store){.ethernet = ethernet, .tail = 1};
  store->arenas = calloc(arenas, sizeof *store->arenas);
  if (!store->arenas) return rs_error_set(error, ENOMEM, "no memory for %u queues", arenas);
  for (; store->count < arenas; store->count++) {
    int result = rs_arena_open(&store->arenas[store->count], bytes / arenas, error);
    if (result) {
      rs_store_close(store);
      return result;
    }
  }
  uint64_t pieces = bytes / SMALLEST_RECORD / PIECE + 2;
  store->capacity = pieces * PIECE;
  void *index = mmap(NULL, store->capacity * sizeof *store->index, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (index == MAP_FAILED) {
    int errnum = errno;
    rs_store_close(store);
    return rs_error_set(error, errnum, "no memory for the index of the store; use a smaller one: --store");
  }
  store->index = index;
  madvise(index, store->capacity * sizeof *store->index, MADV_DONTFORK);
  return 0;
}

void rs_store_close(rs_store *store) {
  for (uint32_t i = 0; i < store->count; i++) rs_arena_close(&store->arenas[i]);
  free(store->arenas);
  if (store->index) munmap((void *)store->index, store->capacity * sizeof *store->index);
  *store = (rs_store){0};
}

uint64_t rs_store_head(const rs_store *store) { return atomic_load_explicit(&store->head, memory_order_acquire); }

uint64_t rs_store_tail(const rs_store *store) { return atomic_load_explicit(&store->tail, memory_order_acquire); }

static _Atomic uint64_t *slot(const rs_store *store, uint64_t number) {
  return &store->index[(number - 1) % store->capacity];
}

static const rs_arena *locate(const rs_store *store, uint64_t entry, uint64_t *offset) {
  *offset = entry & ((UINT64_C(1) << ARENA_SHIFT) - 1);
  return &store->arenas[entry >> ARENA_SHIFT];
}

/* Moves the tail over what the arenas have evicted, and over `keep` slots' worth of numbers, then gives the memory of
 * index pieces that hold nothing any more back to the system. */
static void follow_eviction(rs_store *store, uint64_t head, uint64_t keep) {
  uint64_t old = atomic_load_explicit(&store->tail, memory_order_relaxed), tail = old, offset;
  while (tail <= head) {
    const rs_arena *arena = locate(store, atomic_load_explicit(slot(store, tail), memory_order_relaxed), &offset);
    if (head - tail < keep && !rs_arena_evicted(arena, offset)) break;
    tail++;
  }
  if (tail == old) return;
  atomic_store_explicit(&store->tail, tail, memory_order_release);
  uint64_t pieces = store->capacity / PIECE, piece = (old - 1) / PIECE, last = (tail - 1) / PIECE, newest = head / PIECE;
  for (; piece < last; piece++) {
    if (newest - piece >= pieces) continue; /* the head has come round and writes there again */
    madvise((void *)(store->index + piece % pieces * PIECE), PIECE * sizeof *store->index, MADV_DONTNEED);
  }
}

/* The arena whose next record is the earliest; NULL when all is numbered. */
static rs_arena *earliest(rs_store *store, rs_record *record, uint64_t *offset) {
  rs_arena *found = NULL;
  for (uint32_t i = 0; i < store->count; i++) {
    rs_record next;
    uint64_t at;
    if (!rs_arena_peek(&store->arenas[i], &next, &at)) continue;
    if (found && next.time_ns >= record->time_ns) continue;
    found = &store->arenas[i];
    *record = next;
    *offset = at;
  }
  return found;
}

uint64_t rs_store_merge(rs_store *store) {
  enum { BATCH = 4096 };
  uint64_t head = atomic_load_explicit(&store->head, memory_order_relaxed), first = head, offset;
  rs_record record;
  for (rs_arena *arena; (arena = earliest(store, &record, &offset));) {
    if ((head - first) % BATCH == 0) follow_eviction(store, head, store->capacity - PIECE);
    head++;
    uint64_t entry = (uint64_t)(arena - store->arenas) << ARENA_SHIFT | offset;
    /* Release: a reader that meets this entry in the slot of an older number also sees the tail that passed it. */
    atomic_store_explicit(slot(store, head), entry, memory_order_release);
    if (record.epoch > atomic_load_explicit(&store->epoch_seen, memory_order_relaxed)) {
      atomic_store_explicit(&store->epoch_first, head, memory_order_relaxed);
      atomic_store_explicit(&store->epoch_seen, record.epoch, memory_order_release);
    }
    /* Release: the index entry is there before its number is announced. */
    atomic_store_explicit(&store->head, head, memory_order_release);
    rs_arena_merged(arena, offset, &record);
  }
  follow_eviction(store, head, store->capacity - PIECE);
  return head - first;
}

/* Puts the outer VLAN tag back between the addresses and the type, where it was on the wire (IEEE 802.1Q); as much of it
 * and of what follows as the limit leaves. Returns the bytes there are then. */
static uint32_t insert_tag(uint8_t *frame, uint32_t copied, uint32_t limit, const rs_record *record) {
  uint16_t tag[2] = {htons(record->vlan_tpid), htons(record->vlan_tci)};
  uint32_t room = limit - MAC_ADDRESSES, rest = copied - MAC_ADDRESSES;
  if (room < TAG) {
    memcpy(frame + MAC_ADDRESSES, tag, room);
    return limit;
  }
  if (rest > room - TAG) rest = room - TAG;
  memmove(frame + MAC_ADDRESSES + TAG, frame + MAC_ADDRESSES, rest);
  memcpy(frame + MAC_ADDRESSES, tag, sizeof tag);
  return MAC_ADDRESSES + TAG + rest;
}

static bool read_one(const rs_store *store, uint64_t number, uint32_t limit, rs_packet *packet, uint8_t *bytes) {
  uint64_t entry = atomic_load_explicit(slot(store, number), memory_order_acquire), offset;
  const rs_arena *arena = locate(store, entry, &offset);
  rs_record record;
  if (!rs_arena_read(arena, offset, &record, bytes, limit)) return false;
  /* The slot belongs to a later number if the tail has passed ours. */
  if (number < rs_store_tail(store)) return false;
  *packet = (rs_packet){
      .number = number,
      .time_ns = record.time_ns,
      .length = record.length,
      .captured = record.captured,
      .copied = record.captured < limit ? record.captured : limit,
      .ifindex = record.ifindex,
      .epoch = record.epoch,
      .queue = (uint16_t)(entry >> ARENA_SHIFT),
      .protocol = record.protocol,
      .packet_type = record.packet_type,
      .flags = record.flags,
  };
  if (!record.vlan_tpid) return true;
  packet->length += TAG;
  if (!store->ethernet || record.captured < MAC_ADDRESSES) return true;
  packet->captured += TAG;
  packet->flags |= RS_VLAN_REBUILT;
  if (packet->copied >= MAC_ADDRESSES) packet->copied = insert_tag(bytes, packet->copied, limit, &record);
  return true;
}

uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out,
                       uint8_t *bytes, size_t room) {
  uint64_t head = rs_store_head(store), tail = rs_store_tail(store), last = first + count;
  if (limit > RS_SNAPLEN_MAX + TAG) limit = RS_SNAPLEN_MAX + TAG;
  if (first < tail) first = tail;
  if (last > head + 1) last = head + 1;
  uint32_t done = 0;
  size_t used = 0;
  for (uint64_t number = first; number < last; number++) {
    if (room - used < limit) break;
    if (!read_one(store, number, limit, &out[done], bytes + used)) continue;
    out[done].offset = (uint32_t)used;
    used += out[done].copied;
    done++;
  }
  return done;
}
