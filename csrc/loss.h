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
 * How many were lost before a mark is known exactly where the readings that tell of it tell of no other loss. Losses that share
 * a reading share what it says by how long each of them was: an estimate, of which the sum is the kernel's.
 *
 * One worker reads blocks; whoever reads the statistics says so before and after; the merge thread tells what number a packet
 * got (losses); anybody asks the log.
 */
#ifndef RS_LOSS_H
#define RS_LOSS_H

#include "ring.h"

enum { RS_LOSSES_KEPT = 8192, RS_LOSS_READINGS = 32, RS_LOSS_SHARERS = 64 };

/* One loss of a queue: the time of the first packet behind it, and how many packets it was. */
typedef struct rs_loss_entry {
  _Atomic uint64_t time_ns;   /* 0: that packet is not there (yet) */
  _Atomic uint64_t lost;      /* 0: cannot be told exactly; RS_LOSS_OPEN: not known yet */
  _Atomic uint64_t guess;     /* its share, where it cannot be told exactly; RS_LOSS_OPEN: not known yet */
  _Atomic uint64_t before_ns; /* time of the packet before the loss, 0: there was none */
  _Atomic uint64_t room_ns;   /* when the reader gave back the block that was waited for, 0: none was */
  _Atomic uint64_t number;    /* of the first packet behind it, 0: it has none yet; merge thread */
  _Atomic uint32_t cause;     /* RS_LOST_* */
} rs_loss_entry;

#define RS_LOSS_OPEN UINT64_MAX

/* The last losses of one queue, whatever its rings; written by its worker. */
typedef struct rs_loss_log {
  rs_loss_entry entries[RS_LOSSES_KEPT];
  _Atomic uint64_t set;
  uint64_t numbered; /* merge thread: entries before this one have their number, or will never have one */
} rs_loss_log;

/* One or several readings of the statistics that had drops to tell of. */
typedef struct rs_loss_reading {
  _Atomic uint64_t from;    /* newest closed block at the reading before: the drops are behind this one or later ... */
  _Atomic uint64_t before;  /* a block that was closed when it began ... */
  _Atomic uint64_t after;   /* ... and the newest that can have been: the drops are behind this one or earlier */
  _Atomic uint64_t times;   /* readings; several only if `before` and `after` are the same, and all of them there */
  _Atomic uint64_t dropped;
  _Atomic uint64_t total;   /* dropped since the ring was opened, up to and with this reading */
} rs_loss_reading;

/* What is known of one ring. */
typedef struct rs_loss {
  rs_loss_log *log;
  uint32_t blocks;
  /* The worker's own. */
  uint8_t *fronts;       /* by seq % blocks: may something be missing before that block? Owned */
  uint64_t *given_ns;    /* by seq % blocks: when there was room for it, if it was waited for. Owned */
  bool losing;           /* the block read last was marked */
  uint64_t released;     /* newest block given back */
  uint64_t suspect;      /* newest block read before which something may be missing */
  uint64_t asked;        /* newest block of which rs_loss_before() was asked */
  rs_loss_entry *open;   /* of which the number is not known yet, NULL: none */
  uint64_t open_seq;     /* the block behind it */
  uint64_t open_before;  /* nearest blocks on both sides before which something may be missing, too; 0: none */
  uint64_t open_behind;
  rs_loss_entry *sharers[RS_LOSS_SHARERS]; /* of which the number cannot be told exactly, and which have no share yet ... */
  uint32_t sharing;      /* ... so many of them ... */
  uint64_t shared_seq;   /* ... and the block behind the newest */
  uint64_t told;         /* packets that are in the numbers, and in the shares, of entries */
  _Atomic bool waiting;  /* `open` or the sharers wait for a reading */
  /* Of who reads the statistics. */
  rs_loss_reading readings[RS_LOSS_READINGS];
  _Atomic uint64_t readings_set;
  _Atomic uint64_t settled; /* what was dropped before this block was closed has been read; nothing is while it is open */
  _Atomic bool reading;
  uint64_t before, total;
  uint64_t settling; /* what is settled once the reading has ended */
  uint64_t roomy;    /* newest closed block when there was room behind it at the reading before; 0: there was none */
} rs_loss;

/* The log of each queue of a capture. */
struct rs_losses {
  rs_loss_log *logs;
  uint32_t count;
};

/* For a ring that is opened, or opened again. */
int rs_loss_open(rs_loss *loss, rs_loss_log *log, uint32_t blocks, rs_error *error);
void rs_loss_close(rs_loss *loss);

/* Worker: gives the block back at `now_ns`, and sees who waited for it. */
void rs_loss_release(rs_loss *loss, rs_ring *ring, struct tpacket_hdr_v1 *block, uint64_t now_ns);

/* Worker, for each block, in order: was something lost before its first packet? NULL: no, or it was asked before. The entry gets
 * the time of the first packet behind it. `status` is that of the block; 0 for one that is still open. */
rs_loss_entry *rs_loss_before(rs_loss *loss, uint64_t seq, uint32_t status);

/* Worker, who leaves a ring that is empty and not fed any more: was something lost behind its last block? */
rs_loss_entry *rs_loss_behind(rs_loss *loss, uint64_t seq);

/* Worker, whose place in the ring was another than it thought: what it knew of it holds no more. */
void rs_loss_forget(rs_loss *loss);

/* Worker: finds out how many were lost, if it can be known by now. `last`: nothing comes any more, it is now or never. */
void rs_loss_settle(rs_loss *loss, bool last);

/* Worker: the packet before the loss, and the first behind it, came at these times. */
void rs_loss_place(rs_loss_entry *entry, uint64_t before_ns, uint64_t time_ns);

/* Around every reading of PACKET_STATISTICS, by one thread at a time. Returns whether the worker waits for it. */
void rs_loss_begin_reading(rs_loss *loss, const rs_ring *ring);
bool rs_loss_end_reading(rs_loss *loss, const rs_ring *ring, uint32_t dropped);

/* Merge thread, in the order of the queue's packets: the first one behind a loss, of this time, gets this number. */
void rs_loss_number(rs_loss_log *log, uint64_t time_ns, uint64_t number);

#endif
