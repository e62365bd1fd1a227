/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring: one AF_PACKET socket with its TPACKET_V3 ring (packet(7), Documentation/networking/packet_mmap.rst). Opens both
 * in the order in which no foreign packet can get in, hands out closed blocks in order, gives them back in order, and
 * tells how full the ring is. Knows nothing of workers, stores or threads: one reader consumes, anybody may look.
 */
#ifndef RS_RING_H
#define RS_RING_H

#include <linux/if_packet.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "ringscope.h"

typedef struct rs_ring {
  int fd;              /* -1: closed */
  uint8_t *map;        /* blocks * block_size bytes shared with the kernel */
  _Atomic uint32_t block_size, blocks; /* change where the ring is exchanged for another; read by anybody */
  /* seq_num of the next block to consume; written by the reader, read by anybody. Block index = (seq - 1) % blocks. */
  _Atomic uint64_t next;
  _Atomic uint32_t lookers; /* who are between rs_ring_enter() and rs_ring_leave() */
  _Atomic bool ended;
} rs_ring;

/* How full the ring is, from the blocks themselves. */
typedef struct rs_ring_fill {
  uint32_t ready;        /* closed blocks that wait for the reader */
  uint32_t headroom;     /* blocks the kernel can still open before it freezes */
  uint32_t open_packets; /* packets reserved in the open block */
  uint32_t open_bytes;   /* bytes of the open block in use */
  uint64_t open_seq;     /* seq_num of the open block; 0: no block is open (frozen, or not opened yet) */
  uint64_t used_bytes;   /* whole ready blocks, plus open_bytes */
  bool frozen;           /* every block waits for the reader */
  bool pressed;          /* the block a quarter of the ring ahead of the open one is taken */
  bool misplaced;        /* a block from an earlier lap was passed over: the kernel waits for it, and poll() never tells */
} rs_ring_fill;

/* What a ring is opened with. */
typedef struct rs_ring_request {
  const char *interface; /* for sentences */
  int ifindex;           /* 0: all interfaces */
  bool cooked;           /* packets begin with the network header (SOCK_DGRAM) */
  bool ignore_outgoing;
  uint32_t block_size, blocks, block_timeout_ms;
} rs_ring_request;

/* PACKET_STATISTICS since the last call. */
typedef struct rs_ring_stats {
  uint32_t packets; /* stored + dropped */
  uint32_t dropped;
  uint32_t freezes;
} rs_ring_stats;

/* A ring that is not open, and can be looked at, closed and opened. */
void rs_ring_init(rs_ring *ring);

/* The socket alone, which hears nothing yet. What shares a fanout group is to be made in the order in which it joins: when the
 * interface was down and is up again, the kernel puts sockets back into their group in the order in which they were made
 * (packet_notifier of net/packet/af_packet.c), and a member's place in the group says what it is fed. */
int rs_ring_create(rs_ring *ring, const rs_ring_request *request, rs_error *error);

/* Socket (unless it was created before), version, time stamps, ring, mapping, `ret #0`, bind: in this order. Nothing enters the
 * ring until another filter is attached. *pending gets the error that waits on the socket (ENETDOWN: the interface is down). */
int rs_ring_open(rs_ring *ring, const rs_ring_request *request, int *pending, rs_error *error);

/* Asks the interface for frames that are not ours, as long as the socket lives. */
int rs_ring_be_promiscuous(const rs_ring *ring, const rs_ring_request *request, rs_error *error);

/* Unmaps, then closes: a mapping that outlives the descriptor keeps the socket hooked to the interface. Waits for those who
 * are looking. Idempotent. */
void rs_ring_close(rs_ring *ring);

/* Exchanges two rings that are open, of which nobody else knows the other yet. Waits for those who are looking; reader and who
 * reads the statistics must not be at work. */
void rs_ring_exchange(rs_ring *ring, rs_ring *other);

/* In a forked process: closes the copy of the descriptor; the mapping was not inherited. */
void rs_ring_disown(rs_ring *ring);

/* For who looks from outside while the ring may be closed: true lets him look until he leaves; false: it is closed. */
bool rs_ring_enter(rs_ring *ring);
void rs_ring_leave(rs_ring *ring);

/* The next closed block with its seq_num as expected, or NULL. Does not advance. */
struct tpacket_hdr_v1 *rs_ring_acquire(const rs_ring *ring);

/* For a reader that poll() says has something to read and that finds nothing: moves it to the oldest closed block if it
 * has lost its place (a ring index out of step would spin at 100 % until the ring wraps). Returns whether it moved. */
bool rs_ring_resync(rs_ring *ring);

/* The status of block `seq` if it is closed, and still that block; else 0. Any thread, as long as the ring is open. */
uint32_t rs_ring_closed(const rs_ring *ring, uint64_t seq);

/* Gives the block last acquired back to the kernel and moves on to the next. */
void rs_ring_release(rs_ring *ring, struct tpacket_hdr_v1 *block);

/* The open block with the packets it has so far, or NULL when none is open. To be read only when no packet can be on its
 * way any more: a filter that rejects all is attached, and rs_bpf_settle() has returned. */
struct tpacket_hdr_v1 *rs_ring_unfinished(const rs_ring *ring);

/* Is the next block closed, or its packets on their way to being read? False also when the ring is closed. Any thread. */
bool rs_ring_waits(rs_ring *ring);

/* Packets in the ring that the reader has not released, those of the open block included. -EAGAIN: the reader is too fast to
 * count. Any thread between enter and leave. */
int64_t rs_ring_pending(const rs_ring *ring);

/* Time of the oldest packet in a closed block that has not been released, in nanoseconds since 1970; 0: there is none. */
uint64_t rs_ring_oldest(const rs_ring *ring);

/* How far the kernel has come: the newest block it opened and the packets reserved in it. Any thread; scans all blocks. */
void rs_ring_produced(const rs_ring *ring, uint64_t *seq, uint32_t *packets);

/* No system call, no lock, any thread. Exact while the reader stands still; while it runs, as of one moment or, with a
 * very long backlog, nearly so. */
void rs_ring_look(const rs_ring *ring, rs_ring_fill *fill);

/* Clears what it reads: one caller only, or the sums are wrong. */
int rs_ring_statistics(const rs_ring *ring, rs_ring_stats *stats);

/* PACKET_ROLLOVER_STATS, which counts from the opening on: all, huge, failed. -EINVAL: the group does not roll over. */
int rs_ring_rollovers(const rs_ring *ring, uint64_t counts[3]);

#endif
