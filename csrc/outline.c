/* SPDX-License-Identifier: Apache-2.0 */
#include "outline.h"

enum {
  IPV4 = 0x0800,
  ARP = 0x0806,
  IPV6 = 0x86dd,
  ARP_PACKET = 28,
  IPV4_HEADER = 20,
  IPV6_HEADER = 40,
  IN_FRONT = 2, /* bytes of the network header */
  OTHERS = 40,  /* bytes of what has none of these headers: a PPPoE or MPLS header, IPv4 and ports have room in it */
  STRANGE = 48, /* bytes of a frame of which nothing is known: an Ethernet header, IPv4 and TCP's flags have room in it */
};

/* What begins behind the link-layer header, by that, or by the version that an IP header tells. */
static uint32_t network_of(uint32_t link_type, const uint8_t *frame, uint32_t place) {
  enum { ETHERNET = 1, SLL = 113, SLL2 = 276 };
  if (link_type == SLL2) return rs_outline_u16(frame);
  if (link_type == ETHERNET || link_type == SLL) return rs_outline_u16(frame + place - 2);
  const uint8_t version = frame[place] >> 4;
  return version == 4 ? IPV4 : version == 6 ? IPV6 : 0;
}

rs_outline rs_outline_of(uint32_t link_type, const uint8_t *frame, uint32_t captured) {
  const uint32_t front = rs_outline_front(link_type, frame, captured);
  if (!front) return (rs_outline){.before = RS_LENGTH_UNSAID, .end = STRANGE};
  const uint32_t place = front - IN_FRONT, network = network_of(link_type, frame, place);
  rs_outline outline = {.before = RS_LENGTH_UNSAID, .front = (uint8_t)front, .end = (uint8_t)(place + OTHERS)};
  if (network == IPV4) {
    const uint32_t header = (frame[place] & 15U) * 4;
    outline.before = place;
    outline.length_at = (uint8_t)(place + 2);
    outline.fragment_at = (uint8_t)(place + 6);
    outline.fragments = 0x1fff;
    outline.protocol_at = (uint8_t)(place + 9);
    outline.end = (uint8_t)(place + (header < IPV4_HEADER ? IPV4_HEADER : header));
  } else if (network == IPV6) {
    outline.before = place + IPV6_HEADER;
    outline.length_at = (uint8_t)(place + 4);
    outline.protocol_at = (uint8_t)(place + 6);
    outline.end = (uint8_t)(place + IPV6_HEADER);
  } else if (network == ARP) {
    outline.end = (uint8_t)(place + ARP_PACKET);
  }
  return outline;
}
