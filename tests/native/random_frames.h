/* SPDX-License-Identifier: Apache-2.0 */
/* random_frames.h: frames of many link types that begin like real ones, and plain ones, for tests of what is kept of them. */
#ifndef RANDOM_FRAMES_H
#define RANDOM_FRAMES_H

#include "bpf_random.h"
#include "walk.h"

enum { FRAME_MAX = 200 };

typedef struct frame {
  uint32_t link_type, captured, length;
  uint8_t bytes[FRAME_MAX];
} frame;

static inline void add16(uint8_t *bytes, uint32_t *at, uint32_t value) {
  bytes[(*at)++] = (uint8_t)(value >> 8);
  bytes[(*at)++] = (uint8_t)value;
}

/* The bytes before the network header. */
static inline uint32_t add_link(random_source *source, frame *out) {
  static const uint32_t types[] = {0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8847, 0x8864, 0x0026};
  static const uint32_t links[] = {1, 1, 1, 1, 1, 113, 276, 101, 228, 0, 108, 12, 105, 127};
  const uint32_t type = types[random_below(source, COUNT(types))];
  uint32_t at = 0;
  out->link_type = links[random_below(source, COUNT(links))];
  switch (out->link_type) {
    case 1:
      at = 12;
      for (uint32_t tags = random_chance(source, 40) ? random_below(source, 4) : 0; tags; tags--) {
        add16(out->bytes, &at, random_chance(source, 50) ? 0x8100 : 0x88a8);
        add16(out->bytes, &at, random_byte(source));
      }
      add16(out->bytes, &at, type);
      break;
    case 113:
      at = 14;
      add16(out->bytes, &at, type);
      break;
    case 276:
      add16(out->bytes, &at, type);
      at = 20;
      break;
    case 0:
    case 108:
      at = 4;
      break;
  }
  const bool is_sixth = type == 0x86dd, is_fourth = type == 0x0800;
  const uint32_t header = 5 + (random_chance(source, 20) ? random_below(source, 11) : 0);
  if (is_fourth) out->bytes[at] = (uint8_t)(0x40 | header);
  if (is_sixth) out->bytes[at] = 0x60;
  return at;
}

static inline frame random_frame(random_source *source) {
  static const uint8_t protocols[] = {6, 6, 6, 17, 17, 1, 58, 44, 0, 132};
  frame out;
  for (uint32_t i = 0; i < FRAME_MAX; i++) out.bytes[i] = random_byte(source);
  const uint32_t at = add_link(source, &out);
  const uint8_t protocol = protocols[random_below(source, COUNT(protocols))];
  const bool is_fourth = out.bytes[at] >> 4 == 4;
  out.bytes[at + (is_fourth ? 9 : 6)] = protocol;
  if (is_fourth && random_chance(source, 80)) memset(&out.bytes[at + 6], 0, 2);
  out.length = random_chance(source, 30) ? 60 : random_below(source, FRAME_MAX);
  out.captured = random_chance(source, 80) ? out.length : random_below(source, out.length + 1);
  /* What the network header says is mostly so. */
  if (random_chance(source, 70) && out.length > at + 40u) {
    uint32_t place = at + (is_fourth ? 2 : 4);
    add16(out.bytes, &place, out.length - at - (is_fourth ? 0 : 40));
  }
  if (random_chance(source, 3)) out.captured = out.length + random_below(source, FRAME_MAX - out.length + 1);
  if (random_chance(source, 3)) out.length += random_word(source) >> random_below(source, 32) >> 1;
  return out;
}

static inline rs_sight sight_of(const frame *one) {
  return (rs_sight){.link_type = one->link_type, .frame = {.bytes = one->bytes, .captured = one->captured, .length = one->length}};
}

/* Ethernet, so many tags, and what is behind. */
static inline frame ethernet(uint32_t tags, uint32_t type, uint8_t first, uint32_t protocol_at, uint8_t protocol, uint32_t length) {
  frame out = {.link_type = 1, .captured = length, .length = length};
  uint32_t at = 12;
  for (; tags; tags--, at += 2) add16(out.bytes, &at, 0x8100);
  add16(out.bytes, &at, type);
  out.bytes[at] = first;
  out.bytes[at + protocol_at] = protocol;
  return out;
}

#endif
