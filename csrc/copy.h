/* SPDX-License-Identifier: Apache-2.0 */
/* copy: packets of a ring block into an arena, with what the kernel says of each. The innermost loop of a capture. */
#ifndef RS_COPY_H
#define RS_COPY_H

#include <linux/if_packet.h>
#include <stdbool.h>

#include "arena.h"
#include "epochs.h"

enum { RS_SLL2_HEADER = 20 }; /* bytes, LINKTYPE_LINUX_SLL2 of pcap-linktype(7) */

typedef struct rs_copy {
  const struct tpacket_hdr_v1 *block;
  uint32_t size;    /* of the block: nothing beyond it is believed */
  uint32_t snaplen;
  bool cooked;      /* put an SLL2 header before each packet */
  rs_arena *arena;
  uint32_t epoch;   /* of the packets ... */
  rs_change *mixed; /* ... but those that pass this one's program are of its epoch; NULL: none is tried */
  uint8_t flags;    /* what every packet gets beside its own */
  uint64_t from_ns, until_ns; /* packets before the first, or from the second on (0: none), are in another ring, too */
  uint32_t offset;  /* of the next packet; moves on */
  /* Sums over what was copied: */
  uint64_t bytes, truncated, snapped, lost, doubled, first_ns, newest_ns;
} rs_copy;

/* Copies the next `count` packets. Returns how many there were: fewer when the block's own numbers lead out of it. */
uint32_t rs_copy_packets(rs_copy *copy, uint32_t count);

#endif
