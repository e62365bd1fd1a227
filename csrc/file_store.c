/* SPDX-License-Identifier: Apache-2.0 */
#include "file_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "error.h"
#include "pcap_read.h"

enum {
  UNKNOWN_TYPE = 255, /* rs_packet.packet_type of a file */
  WINDOW = 2 << 20, /* bytes that a walk reads at once: with a quarter of it the copy takes a quarter longer */
  PAGE = 4096,
  /* How far apart within a page the bytes are in the file and in memory. Where they are at the same place in both, the
   * processor takes what is stored for what it has yet to load, and the copy takes half as long again. */
  APART = 512,
  AHEAD = 8, /* packets that a walk has fetched into the nearest cache before it comes to them */
  CACHE_LINE = 64,
};

static const rs_store_kind kind;

int rs_file_store_open(rs_file_packets *store, const rs_file_index *index, rs_error *error) {
  *store = (rs_file_packets){.base = {&kind}, .index = index, .fd = -1, .tail = 1};
  store->lost = calloc(1, sizeof *store->lost);
  return store->lost ? 0 : rs_error_set(error, ENOMEM, "no memory to open a file");
}

void rs_file_store_close(rs_file_packets *store) {
  rs_headers_close(store->headers);
  free(store->lost);
}

size_t rs_file_store_bytes(const rs_file_packets *store, uint64_t offset, uint8_t *bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = pread(store->fd, bytes + done, size - done, (off_t)(store->origin + offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += (size_t)got;
  }
  return done;
}

/* The same into two places, one after the other; by one call of the system as a rule. */
static size_t bytes_in_two(const rs_file_packets *store, uint64_t offset, uint8_t *first, size_t size, uint8_t *second,
                           size_t rest) {
  struct iovec parts[] = {{first, size}, {second, rest}};
  ssize_t got;
  do
    got = preadv(store->fd, parts, rest ? 2 : 1, (off_t)(store->origin + offset));
  while (got < 0 && errno == EINTR);
  size_t done = got < 0 ? 0 : (size_t)got;
  if (done < size) done += rs_file_store_bytes(store, offset + done, first + done, size - done);
  if (done >= size && done < size + rest) done += rs_file_store_bytes(store, offset + done, second + (done - size), size + rest - done);
  return done;
}

static const rs_file_packets *of(const rs_store *store) { return (const void *)store; }

static uint64_t head(const rs_store *store) { return rs_pile_count(&of(store)->index->packets); }

static uint64_t tail(const rs_store *store) { return atomic_load_explicit(&of(store)->tail, memory_order_acquire); }

/* Is what was read of this packet what it was when it was found? A pipe may have let it go meanwhile: the tail is raised before
 * the bytes go. */
static bool still_there(const rs_file_packets *store, uint64_t number, uint64_t offset, bool good) {
  if (number < tail(&store->base)) return false;
  /* Relaxed: any of the places will do. */
  if (!good) atomic_store_explicit(store->lost, offset + 1, memory_order_relaxed);
  return good;
}

/* How much of a packet there is, of which `limit` bytes are wanted. */
static uint32_t least(uint32_t captured, uint32_t limit) { return captured < limit ? captured : limit; }

static rs_packet describe(const rs_file_packets *store, uint64_t number, const rs_record_view *view, uint32_t limit) {
  const rs_interface *interface = rs_pile_at(&store->index->interfaces, view->interface);
  return (rs_packet){
      .number = number,
      .time_ns = view->time_ns,
      .length = view->length,
      .captured = view->captured,
      .copied = least(view->captured, limit),
      .ifindex = (int32_t)view->interface,
      .link_type = interface->link_type,
      .epoch = 1,
      .queue = (uint16_t)view->interface,
      .packet_type = UNKNOWN_TYPE,
      .flags = RS_CLOCK_FILE,
  };
}

/* -- read ------------------------------------------------------------------------------------------------------------- */

/* One packet by a read of its own: the header aside, and what follows it to where the packet's bytes shall be. */
static bool read_one(const rs_file_packets *store, uint64_t number, uint32_t limit, rs_packet *packet, uint8_t *bytes) {
  uint64_t same;
  const rs_section *section = rs_file_index_section_of(store->index, number, &same);
  const uint64_t offset = rs_file_index_offset(store->index, number), size = rs_file_index_end(store->index, number) - offset;
  uint8_t header[RS_RECORD_HEADER_MAX];
  const uint32_t longest = section->format == RS_FILE_PCAP ? section->header : RS_RECORD_HEADER_MAX;
  const size_t first = size < longest ? size : longest, wanted = size - first < limit ? size - first : limit;
  const size_t got = bytes_in_two(store, offset, header, first, bytes, wanted);
  rs_record_view view;
  const bool good = got == first + wanted && rs_file_index_view(store->index, section, header, first, size, &view);
  if (!still_there(store, number, offset, good)) return false;
  *packet = describe(store, number, &view, limit);
  const uint32_t early = (uint32_t)first - view.header; /* bytes of the packet that came with the header */
  if (!early) return true;
  const uint32_t copied = packet->copied, from_header = early < copied ? early : copied;
  memmove(bytes + from_header, bytes, copied - from_header);
  memcpy(bytes, header + view.header, from_header);
  return true;
}

/* All of them by one read, their headers among them, where there is room for that. Returns SIZE_MAX where there is not. */
static size_t read_together(const rs_file_packets *store, uint64_t first, uint64_t last, uint32_t limit, rs_packet *out,
                            uint8_t *bytes, size_t room) {
  const uint64_t begin = rs_file_index_offset(store->index, first), size = rs_file_index_end(store->index, last) - begin;
  if (first == last || size > room || size > UINT32_MAX) return SIZE_MAX;
  const size_t got = rs_file_store_bytes(store, begin, bytes, size);
  const rs_section *section = NULL;
  uint64_t same = 0; /* packets up to this number are in that section */
  size_t done = 0;
  for (uint64_t number = first; number <= last; number++) {
    const uint64_t offset = rs_file_index_offset(store->index, number);
    /* The last one's end is not asked for twice: while the file is read through it may be further by now than what was read. */
    const size_t at = offset - begin, end = number < last ? rs_file_index_end(store->index, number) - begin : size;
    if (number > same) section = rs_file_index_section_of(store->index, number, &same);
    rs_record_view view;
    /* What was let go meanwhile has no place any more. */
    const bool good = at <= end && end <= got && rs_file_index_view(store->index, section, bytes + at, end - at, end - at, &view);
    if (!still_there(store, number, offset, good)) continue;
    out[done] = describe(store, number, &view, limit);
    out[done++].offset = (uint32_t)(at + view.header);
  }
  return done;
}

static uint32_t read_range(const rs_store *base, uint64_t first, uint64_t last, uint32_t limit, rs_packet *out,
                           uint8_t *bytes, size_t room) {
  const rs_file_packets *store = of(base);
  const size_t together = read_together(store, first, last, limit, out, bytes, room);
  if (together != SIZE_MAX) return (uint32_t)together;
  uint32_t done = 0;
  size_t used = 0;
  for (uint64_t number = first; number <= last; number++) {
    if (room - used < limit) break;
    if (!read_one(store, number, limit, &out[done], bytes + used)) continue;
    out[done].offset = (uint32_t)used;
    used += out[done].copied;
    done++;
  }
  return done;
}

/* -- walk ------------------------------------------------------------------------------------------------------------- */

typedef struct walk_state {
  uint64_t from; /* the capture's bytes from here on ... */
  size_t there;  /* ... so many, are in the window */
  const rs_section *section; /* of the packets up to number `same` */
  uint64_t same;
  uint8_t headers[RS_HEADERS_GROUP * RS_HEADERS_SHOWN]; /* what is shown of them */
  rs_headers_maker *maker; /* NULL: nothing has been gathered */
  uint8_t *bytes; /* the window, somewhere in the first page of the room */
  uint8_t room[PAGE + WINDOW];
} walk_state;

_Static_assert(WINDOW >= RS_READ_MAX + RS_RECORD_HEADER_MAX, "the longest packet has room in the window");

static int walk_open(rs_walk *walk, rs_error *error) {
  walk_state *state = walk->state = malloc(sizeof *state);
  if (!state) return rs_error_set(error, ENOMEM, "no memory to look through the packets");
  state->there = 0;
  state->same = 0;
  state->maker = NULL;
  return 0;
}

static void walk_close(rs_walk *walk) {
  walk_state *state = walk->state;
  free(state->maker);
  free(state);
}

/* Reads on from where the packet begins, but no further than the last one ends. */
static void move_window(const rs_file_packets *store, walk_state *state, uint64_t offset, uint64_t end) {
  const uint64_t there = store->origin + offset + APART, here = (uintptr_t)state->room;
  state->bytes = state->room + (there - here) % PAGE;
  state->from = offset;
  state->there = rs_file_store_bytes(store, offset, state->bytes, end - offset < WINDOW ? end - offset : WINDOW);
}

static void show(const rs_file_packets *store, uint64_t number, const rs_record_view *view, const uint8_t *record, size_t there,
                 rs_sight *out) {
  const rs_interface *interface = rs_pile_at(&store->index->interfaces, view->interface);
  const uint32_t shown = least(view->captured, (uint32_t)(there - view->header));
  *out = (rs_sight){.number = number,
                    .link_type = interface->link_type,
                    .partial = shown < view->captured,
                    .frame = {.bytes = record + view->header,
                              .captured = shown,
                              .length = view->length < INT32_MAX ? view->length : INT32_MAX}};
}

/* A packet's record, of which so many bytes are there. */
static inline bool look_at(const rs_file_index *index, const rs_section *section, const uint8_t *record, size_t there, uint64_t size,
                           rs_record_view *view) {
  if (section->format != RS_FILE_PCAP) return rs_file_index_view(index, section, record, there, size, view);
  return rs_pcap_view(section, record, there, view) && view->header + (uint64_t)view->captured <= size;
}

/* Whatever is there; a place beyond the window does no harm. */
static void fetch_ahead(const walk_state *state, uint64_t offset) {
  const uintptr_t record = (uintptr_t)state->bytes + (offset - state->from);
  __builtin_prefetch((const void *)record);
  __builtin_prefetch((const void *)(record + CACHE_LINE));
}

static uint32_t walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  const rs_file_packets *store = of(walk->store);
  const rs_file_index *index = store->index;
  walk_state *state = walk->state;
  const size_t enough = RS_RECORD_HEADER_MAX + (size_t)walk->limit;
  const uint64_t end_of_last = rs_file_index_end(index, last);
  uint32_t done = 0;
  for (uint64_t number = first, offset = rs_file_index_offset(index, first), end; number <= last && done < max;
       number++, offset = end) {
    end = number < last ? rs_file_index_offset(index, number + 1) : end_of_last;
    if (number == first || number > state->same) state->section = rs_file_index_section_of(index, number, &state->same);
    const size_t size = end - offset, wanted = size < enough ? size : enough;
    if (offset < state->from || offset + wanted > state->from + state->there) {
      if (done) break; /* what was shown has to stay where it is */
      move_window(store, state, offset, end_of_last);
    }
    if (last - number > AHEAD) fetch_ahead(state, rs_file_index_offset(index, number + AHEAD));
    const uint8_t *record = state->bytes + (offset - state->from);
    const size_t left = state->there - (offset - state->from), there = size < left ? size : left;
    rs_record_view view;
    const bool good = there >= wanted && look_at(index, state->section, record, there, size, &view);
    if (still_there(store, number, offset, good)) show(store, number, &view, record, there, &out[done++]);
  }
  return done;
}

/* -- headers ---------------------------------------------------------------------------------------------------------- */

static uint32_t walk_headers(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max) {
  const rs_headers *headers = of(walk->store)->headers;
  walk_state *state = walk->state;
  uint32_t place;
  const rs_headers_block *block = headers ? rs_headers_of(headers, first, &place) : NULL;
  const uint64_t wanted = last - first + 1;
  return block ? rs_headers_show(block, place, first, out, wanted < max ? (uint32_t)wanted : max, state->headers) : 0;
}

enum { MADE, CANCELLED, LOST };

/* Makes a block of the packets from that number on. LOST: one of them cannot be read any more. */
static int make_block(const rs_walk *walk, uint64_t first, const _Atomic bool *cancelled) {
  walk_state *state = walk->state;
  rs_walk whole = {.store = walk->store, .limit = RS_READ_MAX, .state = state};
  rs_sight sights[RS_HEADERS_GROUP];
  const uint64_t last = first + RS_HEADERS_PACKETS - 1;
  rs_headers_begin(state->maker);
  for (uint64_t next = first; next <= last;) {
    /* Relaxed: it carries nothing but itself. */
    if (atomic_load_explicit(cancelled, memory_order_relaxed)) return CANCELLED;
    const uint32_t count = walk_next(&whole, next, last, sights, RS_HEADERS_GROUP);
    if (!count) return LOST;
    for (uint32_t i = 0; i < count; i++, next++) {
      if (sights[i].number != next) return LOST;
      rs_headers_add(state->maker, &sights[i]);
    }
  }
  return MADE;
}

static bool walk_gather(rs_walk *walk, const _Atomic bool *cancelled) {
  rs_headers *headers = of(walk->store)->headers;
  walk_state *state = walk->state;
  const uint64_t newest = head(walk->store), first = headers ? rs_headers_claim(headers, newest) : 0;
  if (!first) return false;
  if (!state->maker) state->maker = malloc(sizeof *state->maker);
  const int result = state->maker ? make_block(walk, first, cancelled) : LOST;
  if (result == MADE)
    rs_headers_keep(headers, first, newest, state->maker);
  else if (result == LOST)
    rs_headers_refuse(headers, first);
  else
    rs_headers_leave(headers, first);
  return result == MADE;
}

static const rs_store_kind kind = {head, tail, read_range, walk_open, walk_next, walk_close, walk_headers, walk_gather};
