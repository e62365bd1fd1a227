/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loss: which packets of a ring are the first ones behind a loss, and how many were lost there. The kernel tells of drops by a
 * counter that is cleared when it is read, and by a mark on blocks (TP_STATUS_LOSING) that says only that something was
 * dropped since then. The rest follows from how it drops (net/packet/af_packet.c, tpacket_rcv):
 *
 *  - It drops behind a block that it has closed and before the first packet of the next one: because the next one was not
 *    given back yet (the ring is frozen), or because another CPU looked for room while that block was being closed (an early
 *    drop).
 *  - Frozen: when block n is closed, block n + 1 - blocks is still the reader's. If a packet closed it, that packet is
 *    dropped; if the retire timeout closed it, packets may or may not come before a block is given back.
 *  - Early: when block n is closed, the block a quarter of the ring ahead is still the reader's.
 *
 * So a reader that looks, whenever it gives a block back, whether the ring waited for it, knows before which blocks something
 * may be missing; marks and readings of the counter then say whether it is. Where both say only that something was dropped
 * since a loss that is marked already, within the time between two readings, nothing is marked: a mark is never wrong.
 *
 * One worker reads blocks; whoever reads the statistics says so before and after; anybody asks the log.
 */
#ifndef RS_LOSS_H
#define RS_LOSS_H

#include "ring.h"

enum { RS_LOSSES_KEPT = 256, RS_LOSS_READINGS = 32 };

/* One loss of a queue: the time of the first packet behind it, and how many packets it was. */
typedef struct rs_loss_entry {
  _Atomic uint64_t time_ns; /* 0: that packet is not there (yet) */
  _Atomic uint64_t lost;    /* 0: cannot be told; RS_LOSS_OPEN: not known yet */
} rs_loss_entry;

#define RS_LOSS_OPEN UINT64_MAX

/* The last losses of one queue, whatever its rings; written by its worker. */
typedef struct rs_loss_log {
  rs_loss_entry entries[RS_LOSSES_KEPT];
  _Atomic uint64_t set;
} rs_loss_log;

/* One or several readings of the statistics that had drops to tell of. */
typedef struct rs_loss_reading {
  _Atomic uint64_t from;    /* newest closed block at the reading before: the drops are behind this one or later ... */
  _Atomic uint64_t before;  /* a block that was closed when it began ... */
  _Atomic uint64_t after;   /* ... and the newest that can have been: the drops are behind this one or earlier */
  _Atomic uint64_t times;   /* readings; several only if `before` and `after` are the same, and all of them there */
  _Atomic uint64_t dropped;
} rs_loss_reading;

/* What is known of one ring. */
typedef struct rs_loss {
  rs_loss_log *log;
  uint32_t blocks;
  /* The worker's own. */
  uint8_t *fronts;       /* by seq % blocks: may something be missing before that block? Owned */
  bool losing;           /* the block read last was marked */
  uint64_t released;     /* newest block given back */
  uint64_t suspect;      /* newest block read before which something may be missing */
  rs_loss_entry *open;   /* of which the number is not known yet, NULL: none */
  uint64_t open_seq;     /* the block behind it */
  uint64_t open_before;  /* nearest blocks on both sides before which something may be missing, too; 0: none */
  uint64_t open_behind;
  _Atomic bool waiting;  /* `open` waits for a reading */
  /* Of who reads the statistics. */
  rs_loss_reading readings[RS_LOSS_READINGS];
  _Atomic uint64_t readings_set;
  _Atomic uint64_t settled; /* what was dropped before this block was closed has been read */
  _Atomic bool reading;
  uint64_t before;
} rs_loss;

/* The log of each queue of a capture. */
struct rs_losses {
  rs_loss_log *logs;
  uint32_t count;
};

/* For a ring that is opened, or opened again. */
int rs_loss_open(rs_loss *loss, rs_loss_log *log, uint32_t blocks, rs_error *error);
void rs_loss_close(rs_loss *loss);

/* Worker: gives the block back, and sees who waited for it. */
void rs_loss_release(rs_loss *loss, rs_ring *ring, struct tpacket_hdr_v1 *block);

/* Worker, once for each block, in order: was something lost before its first packet? NULL: no. The entry gets the time of the
 * first packet behind it. `status` is that of the block; 0 for one that is still open. */
rs_loss_entry *rs_loss_before(rs_loss *loss, uint64_t seq, uint32_t status);

/* Worker, who leaves a ring that is empty and not fed any more: was something lost behind its last block? */
rs_loss_entry *rs_loss_behind(rs_loss *loss, uint64_t seq);

/* Worker, whose place in the ring was another than it thought: what it knew of it holds no more. */
void rs_loss_forget(rs_loss *loss);

/* Worker: finds out how many were lost, if it can be known by now. `last`: nothing comes any more, it is now or never. */
void rs_loss_settle(rs_loss *loss, bool last);

/* Around every reading of PACKET_STATISTICS, by one thread at a time. Returns whether the worker waits for it. */
void rs_loss_begin_reading(rs_loss *loss, const rs_ring *ring);
bool rs_loss_end_reading(rs_loss *loss, const rs_ring *ring, uint32_t dropped);

#endif
