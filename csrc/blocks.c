/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <linux/if_packet.h>
#include <stdbool.h>
#include <string.h>

enum {
  SECTION = 0x0A0D0D0A,
  INTERFACE = 1,
  STATISTICS = 5,
  PACKET = 6,
  BYTE_ORDER = 0x1A2B3C4D,
  NANOSECONDS = 9, /* if_tsresol: 10 to the power of minus this */
  FILTER_IS_TEXT = 0,
};

/* Options, by the block they are of. */
enum {
  END = 0,
  COMMENT = 1,
  SHB_HARDWARE = 2,
  SHB_OS = 3,
  SHB_USERAPPL = 4,
  IF_NAME = 2,
  IF_DESCRIPTION = 3,
  IF_TSRESOL = 9,
  IF_FILTER = 11,
  EPB_FLAGS = 2,
  EPB_DROPCOUNT = 4,
  ISB_STARTTIME = 2,
  ISB_ENDTIME = 3,
  ISB_IFRECV = 4,
  ISB_IFDROP = 5,
  ISB_FILTERACCEPT = 6,
  ISB_OSDROP = 7,
  ISB_USRDELIV = 8,
};

/* -- pieces ----------------------------------------------------------------------------------------------------------- */

static void put(rs_blocks *blocks, const void *bytes, size_t size) {
  if (size) memcpy(blocks->to + blocks->used, bytes, size);
  blocks->used += size;
}

static void put16(rs_blocks *blocks, uint16_t value) { put(blocks, &value, sizeof value); }
static void put32(rs_blocks *blocks, uint32_t value) { put(blocks, &value, sizeof value); }
static void put64(rs_blocks *blocks, uint64_t value) { put(blocks, &value, sizeof value); }

/* Time stamps have their upper half first, whatever the byte order. */
static void put_time(rs_blocks *blocks, uint64_t time_ns) {
  put32(blocks, (uint32_t)(time_ns >> 32));
  put32(blocks, (uint32_t)time_ns);
}

/* Everything is padded to 32 bits. */
static void pad(rs_blocks *blocks, size_t size) {
  static const uint8_t zeros[3];
  put(blocks, zeros, (4 - size % 4) % 4);
}

static size_t begin(rs_blocks *blocks, uint32_t type) {
  size_t at = blocks->used;
  put32(blocks, type);
  put32(blocks, 0);
  return at;
}

static void end(rs_blocks *blocks, size_t at) {
  const uint32_t length = (uint32_t)(blocks->used - at) + sizeof length;
  memcpy(blocks->to + at + 4, &length, sizeof length);
  put32(blocks, length);
}

static void put_option(rs_blocks *blocks, uint16_t code, const void *value, uint16_t length) {
  put16(blocks, code);
  put16(blocks, length);
  put(blocks, value, length);
  pad(blocks, length);
}

static void put_option32(rs_blocks *blocks, uint16_t code, uint32_t value) {
  const struct {
    uint16_t code, length;
    uint32_t value;
  } option = {code, sizeof value, value};
  put(blocks, &option, sizeof option);
}

static void end_options(rs_blocks *blocks) { put32(blocks, END); }
static void put_option64(rs_blocks *blocks, uint16_t code, uint64_t value) { put_option(blocks, code, &value, sizeof value); }

/* UTF-8, cut between two characters where it is too long. */
static uint16_t length_of(const char *text) {
  size_t length = strnlen(text, RS_TEXT_LONGEST + 1);
  if (length <= RS_TEXT_LONGEST) return (uint16_t)length;
  length = RS_TEXT_LONGEST;
  while (length && ((uint8_t)text[length] & 0xC0) == 0x80) length--;
  return (uint16_t)length;
}

static void put_text(rs_blocks *blocks, uint16_t code, const char *text) {
  if (text && *text) put_option(blocks, code, text, length_of(text));
}

/* -- blocks ----------------------------------------------------------------------------------------------------------- */

void rs_blocks_section(rs_blocks *blocks, const char *hardware, const char *os, const char *application) {
  size_t at = begin(blocks, SECTION);
  put32(blocks, BYTE_ORDER);
  put16(blocks, 1); /* version 1.0 */
  put16(blocks, 0);
  put64(blocks, UINT64_MAX); /* up to the end of the file */
  put_text(blocks, SHB_HARDWARE, hardware);
  put_text(blocks, SHB_OS, os);
  put_text(blocks, SHB_USERAPPL, application);
  end_options(blocks);
  end(blocks, at);
}

static void put_filter(rs_blocks *blocks, const char *filter) {
  if (!filter || !*filter) return;
  const uint8_t kind = FILTER_IS_TEXT;
  uint16_t length = length_of(filter);
  put16(blocks, IF_FILTER);
  put16(blocks, (uint16_t)(length + 1));
  put(blocks, &kind, 1);
  put(blocks, filter, length);
  pad(blocks, length + 1U);
}

void rs_blocks_interface(rs_blocks *blocks, const rs_savefile_interface *interface) {
  const uint8_t resolution = NANOSECONDS;
  size_t at = begin(blocks, INTERFACE);
  put16(blocks, (uint16_t)interface->link_type);
  put16(blocks, 0);
  put32(blocks, interface->snaplen);
  put_text(blocks, IF_NAME, interface->name);
  put_text(blocks, IF_DESCRIPTION, interface->description);
  put_option(blocks, IF_TSRESOL, &resolution, 1);
  put_filter(blocks, interface->filter);
  end_options(blocks);
  end(blocks, at);
}

/* epb_flags: bits 0 and 1 the direction, bits 2 to 4 to whom it was sent; 0: it is not known. */
static uint32_t flags_of(const rs_packet *packet) {
  enum { INBOUND = 1, OUTBOUND = 2, UNICAST = 1 << 2, MULTICAST = 2 << 2, BROADCAST = 3 << 2, PROMISCUOUS = 4 << 2 };
  switch (packet->packet_type) {
  case PACKET_HOST:
    return INBOUND | UNICAST;
  case PACKET_BROADCAST:
    return INBOUND | BROADCAST;
  case PACKET_MULTICAST:
    return INBOUND | MULTICAST;
  case PACKET_OTHERHOST:
    return INBOUND | PROMISCUOUS;
  case PACKET_OUTGOING:
    return OUTBOUND;
  default:
    return 0;
  }
}

/* The beginning of an enhanced packet block. */
typedef struct packet_head {
  uint32_t type, whole, interface, time_high, time_low, captured, length;
} packet_head;

void rs_blocks_packet(rs_blocks *blocks, const rs_packet *packet, const uint8_t *bytes, const rs_blocks_about *about) {
  const packet_head head = {.type = PACKET,
                            .interface = about->interface,
                            .time_high = (uint32_t)(packet->time_ns >> 32),
                            .time_low = (uint32_t)packet->time_ns,
                            .captured = packet->copied,
                            .length = packet->length};
  size_t at = blocks->used;
  uint32_t flags = flags_of(packet);
  bool told = flags || about->lost;
  put(blocks, &head, sizeof head);
  put(blocks, bytes, packet->copied);
  pad(blocks, packet->copied);
  for (size_t i = 0; i < sizeof about->comments / sizeof *about->comments; i++) {
    put_text(blocks, COMMENT, about->comments[i]);
    told = told || about->comments[i];
  }
  if (flags) put_option32(blocks, EPB_FLAGS, flags);
  if (about->lost) put_option64(blocks, EPB_DROPCOUNT, about->lost);
  if (told) end_options(blocks);
  end(blocks, at);
}

static void put_time_option(rs_blocks *blocks, uint16_t code, uint64_t time_ns) {
  if (!time_ns) return;
  put16(blocks, code);
  put16(blocks, sizeof time_ns);
  put_time(blocks, time_ns);
}

static void put_count(rs_blocks *blocks, uint16_t code, uint64_t count) {
  if (count != RS_NOT_KNOWN) put_option64(blocks, code, count);
}

void rs_blocks_statistics(rs_blocks *blocks, uint32_t interface, const rs_savefile_statistics *statistics) {
  size_t at = begin(blocks, STATISTICS);
  put32(blocks, interface);
  put_time(blocks, statistics->end_ns);
  put_time_option(blocks, ISB_STARTTIME, statistics->start_ns);
  put_time_option(blocks, ISB_ENDTIME, statistics->end_ns);
  put_count(blocks, ISB_IFRECV, statistics->received);
  put_count(blocks, ISB_IFDROP, statistics->dropped);
  put_count(blocks, ISB_FILTERACCEPT, statistics->accepted);
  put_count(blocks, ISB_OSDROP, statistics->os_dropped);
  put_count(blocks, ISB_USRDELIV, statistics->delivered);
  end_options(blocks);
  end(blocks, at);
}
