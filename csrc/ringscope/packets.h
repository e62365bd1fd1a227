/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: a store of packets, of a capture or of a file, and the losses between them. */
#ifndef RINGSCOPE_PACKETS_H
#define RINGSCOPE_PACKETS_H

#include "ringscope/base.h"

/* Bits of rs_packet.flags. */
enum {
  RS_CLOCK_SOFTWARE = 1, /* stamped by the kernel on arrival */
  RS_CLOCK_HARDWARE = 2, /* stamped by the interface's own clock */
                         /* neither: stamped when it was copied into the ring */
  RS_CLOCK_FILE = 3,     /* both: out of a file, which does not say */
  RS_CHECKSUM_NOT_READY = 4, /* the checksum is left to the hardware: not to be judged */
  RS_CHECKSUM_VALID = 8,     /* the kernel has verified the checksum */
  RS_GSO = 16,               /* one frame that stands for several on the wire */
  RS_VLAN_REBUILT = 32,      /* the outer VLAN tag, which the kernel takes out, was put back into the bytes */
  RS_RECHECKED = 64,         /* came while the filter was being changed, and was run through the new one in user space */
  RS_AFTER_LOSS = 128,       /* the kernel dropped packets of this queue directly before this one. Never without a loss; of
                                losses that follow one another within a tenth of a second not always each */
};

typedef struct rs_packet {
  uint64_t number;
  uint64_t time_ns;  /* CLOCK_REALTIME, nanoseconds since 1970 */
  uint32_t length;   /* bytes on the wire, VLAN tag included, without FCS */
  uint32_t captured; /* bytes that were kept of it */
  uint32_t offset;   /* where its bytes begin in the buffer that was read into */
  uint32_t copied;   /* how many were copied there: captured, or fewer if the caller asked for fewer */
  int32_t ifindex;     /* of a file: the index of its interface, see rs_file_interfaces() */
  uint32_t link_type;  /* LINKTYPE_* of its bytes; of a capture always the same, in a file each interface has its own */
  uint16_t epoch;      /* of a file 1 */
  uint16_t queue;      /* of a file: the index of its interface */
  uint16_t protocol;   /* ethertype as the kernel classified it, host byte order */
  uint8_t packet_type; /* PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4; 255: a file does not say */
  uint8_t flags;       /* RS_CLOCK_* and so on */
} rs_packet;

/* What is known of the size of a loss. */
enum {
  RS_LOST_COUNTING = 0,  /* nothing yet */
  RS_LOST_COUNTED = 1,   /* the kernel has counted it */
  RS_LOST_ESTIMATED = 2, /* the kernel counted several together, which share that by how long each of them was */
};

/* Why the kernel dropped. */
enum {
  RS_LOST_SOMEHOW = 0, /* a file does not say */
  RS_LOST_LATE = 1,  /* all blocks waited for the reader */
  RS_LOST_EARLY = 2, /* by its test for room, which fails early where several CPUs feed a ring: see rs_counters.early_drops */
  RS_LOST_FROZEN = 3, /* as the first, and the reader took none of them from one reading of the counters to the next */
};

/* Packets that are missing directly before one that is there. */
typedef struct rs_loss_info {
  uint64_t number;    /* of that packet */
  uint64_t time_ns;   /* its time ... */
  uint64_t before_ns; /* ... and that of the packet before it in that queue, or of that interface of a file; 0: there is none */
  uint64_t room_ns;   /* when the reader gave back the block that the kernel waited for; 0: it did not wait, or a file */
  uint64_t lost;      /* how many are missing; 0: that is not known */
  uint32_t known;     /* RS_LOST_COUNTING ... */
  uint32_t cause;     /* RS_LOST_LATE ... */
  uint32_t queue;     /* as in rs_packet */
} rs_loss_info;

/* Number of the newest packet, and of the oldest that may still be kept. */
uint64_t rs_store_head(const rs_store *store);
uint64_t rs_store_tail(const rs_store *store);

/* Reads the packets with numbers first .. first + count - 1 that are kept: metadata to out[], at most `limit` bytes of
 * each to `bytes` (`room` bytes long; reading ends before it would overflow). Packets that were evicted, also while
 * reading, are left out. Returns how many were read. Takes no lock and makes nobody wait. */
uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out,
                       uint8_t *bytes, size_t room);

/* Number of the first packet that is kept and not before that time (ns since 1970); head + 1: there is none. Times are taken as
 * rising; where a clock was set back it is one of those that may be meant. */
uint64_t rs_store_find_time(const rs_store *store, uint64_t time_ns);

/* How many packets were lost before the packet of this queue and time, which is marked RS_AFTER_LOSS. 0: *lost, and *known says
 * whether they were counted or estimated. -EAGAIN: not known yet, for a tenth of a second or two. -ENOENT: it is not
 * remembered; the last 8192 of each queue are. Any thread. */
int rs_losses_find(const rs_losses *losses, uint32_t queue, uint64_t time_ns, uint64_t *lost, uint32_t *known);

/* The losses before the packets with numbers first .. last, in their order, the first `max` of them; returns how many were
 * written. Once a capture has ended, the packets of all that are remembered are those that the kernel dropped, without those
 * behind the last packet of a queue. Any thread. */
uint32_t rs_losses_between(const rs_losses *losses, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max);

/* The nearest packet behind `number`, or with `forward` 0 before it, that is the first one behind a loss; 0: none is known. */
uint64_t rs_losses_next(const rs_losses *losses, uint64_t number, int forward);

#endif
