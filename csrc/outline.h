/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outline: how far filters mostly look into a frame, by what its headers say. Nothing hangs on whether they are right: it decides
 * only how many bytes of the frame are kept in memory. Many frames of a file have the same first bytes, through the link-layer
 * header and two bytes of the network header (version, header length, type of service). These are a front, and tell nearly all.
 */
#ifndef RS_OUTLINE_H
#define RS_OUTLINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  RS_FRONT_MAX = 24, /* an Ethernet header with two VLAN tags, and two bytes */
  RS_LENGTH_UNSAID = 1 << 30, /* rs_outline.before where a network header says no length: longer than any frame */
};

/* What the frames with one front have in common. Places count from the beginning of the frame. */
typedef struct rs_outline {
  uint32_t before;     /* the frame is as long as this and what stands at `length_at` */
  uint16_t fragments;  /* bits at `fragment_at` that only a fragment has which is not the first: no ports are in it */
  uint8_t front;       /* bytes of it; 0: it is not known what the frames are */
  uint8_t end;         /* where the network header ends, or what else there is to look at */
  uint8_t length_at, fragment_at;
  uint8_t protocol_at; /* 0: no transport header follows */
} rs_outline;

/* Of the frames that begin like this one, by rs_outline_front(). */
rs_outline rs_outline_of(uint32_t link_type, const uint8_t *frame, uint32_t captured);

/* -- for every packet of a file ----------------------------------------------------------------------------------------- */

static inline uint32_t rs_outline_u16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

static inline bool rs_outline_is_tag(uint32_t ethertype) { return ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100; }

/* Bytes of the front of a frame. */
static inline uint32_t rs_outline_front(uint32_t link_type, const uint8_t *frame, uint32_t captured) {
  /* LINKTYPE_*, of pcap-linktype(7); and DLT_RAW as most systems number it. */
  enum { LOOPBACK = 0, ETHERNET = 1, DLT_RAW = 12, RAW = 101, OPENBSD_LOOPBACK = 108, SLL = 113, IPV4 = 228, IPV6 = 229, SLL2 = 276 };
  if (captured < RS_FRONT_MAX) return 0;
  switch (link_type) {
    case ETHERNET:
      if (!rs_outline_is_tag(rs_outline_u16(frame + 12))) return 16;
      return rs_outline_is_tag(rs_outline_u16(frame + 16)) ? 24 : 20;
    case SLL:
      return 18;
    case SLL2:
      return 22;
    case LOOPBACK:
    case OPENBSD_LOOPBACK:
      return 6;
    case DLT_RAW:
    case RAW:
    case IPV4:
    case IPV6:
      return 2;
    default:
      return 0;
  }
}

/* Where there is nothing more to keep of a frame: of TCP behind the flags, of UDP behind the length. */
static inline uint32_t rs_outline_end(const rs_outline *outline, const uint8_t *frame, uint32_t captured) {
  enum { TCP = 6, UDP = 17 };
  uint32_t end = outline->end;
  if (outline->protocol_at && outline->protocol_at < captured) {
    const uint8_t protocol = frame[outline->protocol_at];
    const uint32_t transport = protocol == TCP ? 14 : protocol == UDP ? 6 : 4;
    if (!(rs_outline_u16(frame + outline->fragment_at) & outline->fragments)) end += transport;
  }
  return end < captured ? end : captured;
}

/* The length of a frame of which more than `length_at` + 1 bytes are there. */
static inline uint32_t rs_outline_length(const rs_outline *outline, const uint8_t *frame) {
  return outline->before + rs_outline_u16(frame + outline->length_at);
}

#endif
