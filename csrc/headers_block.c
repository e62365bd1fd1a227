/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a packet there is: a byte with the size of its rest and how its lengths are told, the number of its front in two
 * bytes, the lengths where they have to be told, and the rest, which is what follows the front. 0 alone: nothing.
 */
#include "headers_block.h"

#include <string.h>

enum {
  SIZE_BITS = 6,
  SAID = 1 << SIZE_BITS,  /* the frame is as long as its network header says, ... */
  LEAST = 2 << SIZE_BITS, /* ... or as long as an Ethernet frame is at least, ... */
  TOLD = 3 << SIZE_BITS,  /* ... or two numbers say what was captured of it, and how much more it had */
  HOW = 3 << SIZE_BITS,
  LEAST_FRAME = 60,
  BEFORE_LENGTHS = 3,
  NUMBER_BITS = 7, /* of a length in a byte; another one follows */
  NUMBER_BYTES = 4,
  PROBES = 8,        /* a front that finds no slot in so many has none: no file makes the search long */
  FRONTS_SPARED = 8, /* for link types alone, which is what a packet has whose own front finds no room */
  WORDS = RS_FRONT_MAX / sizeof(uint64_t),
};

_Static_assert(RS_HEADERS_LONGEST == BEFORE_LENGTHS + 2 * NUMBER_BYTES + RS_HEADERS_REST, "the bytes of a packet");
_Static_assert(RS_HEADERS_SHOWN >= RS_FRONT_MAX + RS_HEADERS_AT_ONCE && RS_HEADERS_AT_ONCE >= RS_HEADERS_REST, "room to copy");

/* -- making ----------------------------------------------------------------------------------------------------------- */

void rs_headers_begin(rs_headers_maker *maker) {
  maker->packets = maker->used = maker->front_count = 0;
  memset(maker->slots, 0, sizeof maker->slots);
}

static uint64_t word(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

/* The first `size` bytes of a frame as words of a front. */
static void read_front(const uint8_t *frame, uint32_t size, uint64_t words[WORDS]) {
  static const uint8_t masks[2 * RS_FRONT_MAX] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const uint8_t *const mask = masks + RS_FRONT_MAX - size;
  for (uint32_t i = 0; i < WORDS; i++) words[i] = size ? word(frame + 8 * i) & word(mask + 8 * i) : 0;
}

static uint32_t slot_of(const uint64_t words[WORDS], uint32_t link_type) {
  const uint64_t hash = (words[0] ^ link_type) * UINT64_C(0x9e3779b97f4a7c15) ^ words[1] * UINT64_C(0xbf58476d1ce4e5b9) ^
                        words[2] * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)(hash >> 32) % RS_HEADERS_SLOTS;
}

/* The front of so many bytes with which a frame begins, entered if it is new. NULL: there is no room for it. */
static const rs_headers_front *front_of(rs_headers_maker *maker, uint32_t link_type, const uint8_t *frame, uint32_t captured, uint32_t size) {
  uint64_t words[WORDS];
  read_front(frame, size, words);
  const uint32_t begin = slot_of(words, link_type);
  for (uint32_t i = 0; i < PROBES; i++) {
    uint16_t *slot = &maker->slots[(begin + i) % RS_HEADERS_SLOTS];
    rs_headers_front *front = &maker->fronts[*slot ? *slot - 1U : maker->front_count];
    if (!*slot) {
      if (maker->front_count >= (size ? RS_HEADERS_FRONTS - FRONTS_SPARED : RS_HEADERS_FRONTS)) return NULL;
      *front = (rs_headers_front){.words = {words[0], words[1], words[2]},
                                  .link_type = link_type,
                                  .outline = rs_outline_of(link_type, frame, size ? captured : 0)};
      *slot = (uint16_t)++maker->front_count;
      return front;
    }
    if (front->words[0] == words[0] && front->words[1] == words[1] && front->words[2] == words[2] &&
        front->link_type == link_type && front->outline.front == size)
      return front;
  }
  return NULL;
}

static uint8_t *put_number(uint8_t *at, uint32_t number) {
  for (; number >> NUMBER_BITS; number >>= NUMBER_BITS) *at++ = (uint8_t)(number | 1 << NUMBER_BITS);
  *at++ = (uint8_t)number;
  return at;
}

static uint8_t *put(uint8_t *at, uint16_t number, const rs_outline *outline, const rs_bpf_frame *frame) {
  const uint32_t behind = rs_outline_end(outline, frame->bytes, frame->captured) - outline->front,
                 rest = behind < RS_HEADERS_REST ? behind : RS_HEADERS_REST, end = outline->front + rest;
  const bool is_whole = frame->captured == frame->length,
             is_said = is_whole && end >= outline->length_at + 2U && rs_outline_length(outline, frame->bytes) == frame->length;
  const uint32_t how = is_said ? SAID : is_whole && frame->length == LEAST_FRAME ? LEAST : TOLD;
  *at++ = (uint8_t)(how | rest);
  memcpy(at, &number, sizeof number);
  at += sizeof number;
  if (how == TOLD) at = put_number(put_number(at, frame->captured), frame->length - frame->captured);
  memcpy(at, frame->bytes + outline->front, rest);
  return at + rest;
}

void rs_headers_add(rs_headers_maker *maker, const rs_sight *sight) {
  const rs_bpf_frame *frame = &sight->frame;
  const uint32_t size = rs_outline_front(sight->link_type, frame->bytes, frame->captured);
  uint8_t *const at = maker->bytes + maker->used;
  if (maker->packets % RS_HEADERS_GROUP == 0) maker->groups[maker->packets / RS_HEADERS_GROUP] = maker->used;
  maker->packets++;
  const rs_headers_front *front = front_of(maker, sight->link_type, frame->bytes, frame->captured, size);
  if (!front) front = front_of(maker, sight->link_type, frame->bytes, frame->captured, 0);
  /* Where more was captured than the frame is said to have, a load there is within the frame only while it is seen. */
  const bool fits = front && !sight->partial && frame->captured <= frame->length && frame->length < 1U << (NUMBER_BITS * NUMBER_BYTES);
  uint8_t *end = at + 1;
  if (fits)
    end = put(at, (uint16_t)(front - maker->fronts), &front->outline, frame);
  else
    *at = 0;
  maker->used += (uint32_t)(end - at);
}

static size_t bytes_of_fronts(const rs_headers_maker *maker) { return maker->front_count * sizeof *maker->fronts; }

size_t rs_headers_size(const rs_headers_maker *maker) {
  return sizeof(rs_headers_block) + bytes_of_fronts(maker) + maker->used + RS_HEADERS_AT_ONCE;
}

void rs_headers_finish(const rs_headers_maker *maker, rs_headers_block *block) {
  uint8_t *bytes = (uint8_t *)block->fronts + bytes_of_fronts(maker);
  block->size = rs_headers_size(maker);
  block->bytes = bytes;
  memcpy(block->groups, maker->groups, sizeof block->groups);
  memcpy(block->fronts, maker->fronts, bytes_of_fronts(maker));
  memcpy(bytes, maker->bytes, maker->used);
}

/* -- showing ---------------------------------------------------------------------------------------------------------- */

static const uint8_t *get_number(const uint8_t *at, uint32_t *number) {
  uint32_t shift = 0;
  *number = 0;
  for (; *at >> NUMBER_BITS; shift += NUMBER_BITS) *number |= (*at++ & ((1U << NUMBER_BITS) - 1)) << shift;
  *number |= (uint32_t)*at << shift;
  return at + 1;
}

/* Behind a packet that begins there. */
static const uint8_t *pass(const uint8_t *at) {
  uint32_t number;
  const uint32_t how = *at & HOW, rest = *at & RS_HEADERS_REST;
  if (!*at) return at + 1;
  at += BEFORE_LENGTHS;
  if (how == TOLD) at = get_number(get_number(at, &number), &number);
  return at + rest;
}

/* One packet, whose bytes begin there. Returns where they end. */
static const uint8_t *show(const rs_headers_block *block, const uint8_t *at, uint8_t *bytes, uint64_t number_of_packet, rs_sight *out) {
  const uint32_t how = *at & HOW, rest = *at & RS_HEADERS_REST;
  uint16_t number;
  memcpy(&number, at + 1, sizeof number);
  at += BEFORE_LENGTHS;
  const rs_headers_front *front = &block->fronts[number];
  const uint32_t size = front->outline.front, shown = size + rest;
  uint32_t captured = LEAST_FRAME, length = LEAST_FRAME;
  if (how == TOLD) {
    at = get_number(get_number(at, &captured), &length);
    length += captured;
  }
  memcpy(bytes, front->words, sizeof front->words);
  memcpy(bytes + size, at, RS_HEADERS_AT_ONCE);
  if (how == SAID) captured = length = rs_outline_length(&front->outline, bytes);
  *out = (rs_sight){.number = number_of_packet,
                    .link_type = front->link_type,
                    .partial = shown < captured,
                    .frame = {.bytes = bytes, .captured = shown, .length = length}};
  return at + rest;
}

uint32_t rs_headers_show(const rs_headers_block *block, uint32_t place, uint64_t number, rs_sight *out, uint32_t max, uint8_t *room) {
  const uint32_t before = place % RS_HEADERS_GROUP, in_group = RS_HEADERS_GROUP - before, most = max < in_group ? max : in_group;
  const uint8_t *at = block->bytes + block->groups[place / RS_HEADERS_GROUP];
  uint32_t done = 0;
  for (uint32_t i = 0; i < before; i++) at = pass(at);
  for (; done < most && *at; done++) at = show(block, at, room + (size_t)done * RS_HEADERS_SHOWN, number + done, &out[done]);
  return done;
}
