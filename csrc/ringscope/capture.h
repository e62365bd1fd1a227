/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: a capture, its settings, counters and filters. */
#ifndef RINGSCOPE_CAPTURE_H
#define RINGSCOPE_CAPTURE_H

#include "ringscope/base.h"

/* Which packets of an interface: tcpdump's -Q. */
enum {
  RS_DIRECTION_BOTH = 0, /* on the loopback, where every packet is sent and then received, only what is received */
  RS_DIRECTION_IN = 1,
  RS_DIRECTION_OUT = 2,
};

/* How the kernel shares the packets of an interface out among its queues: PACKET_FANOUT_* of linux/if_packet.h. */
enum {
  RS_FANOUT_HASH = 0,     /* by flow, both directions of a flow in one queue */
  RS_FANOUT_LB = 1,       /* in turn */
  RS_FANOUT_CPU = 2,      /* by the CPU that received it */
  RS_FANOUT_ROLLOVER = 3, /* the first queue until it has no room, then the next */
  RS_FANOUT_RND = 4,      /* at random */
  RS_FANOUT_QM = 5,       /* by the queue of the interface */
  RS_FANOUT_CBPF = 6,     /* by the pair of IP addresses: both directions and all fragments in one queue */
};

typedef struct rs_config {
  const char *const *interfaces; /* names, as in `ip link`; "any" alone: all there are */
  uint32_t interface_count;  /* 1 .. RS_SOURCES_MAX */
  uint32_t snaplen;          /* bytes of a frame that are kept, 1 .. RS_SNAPLEN_MAX */
  uint32_t block_size;       /* bytes of a ring block: a multiple of the page size, at least RS_BLOCK_MIN */
  uint32_t blocks;           /* blocks in the ring of each queue, at least 2 */
  uint32_t block_timeout_ms; /* retire timeout: an open block with packets is handed over after this, 1 .. 10000 */
  uint32_t promiscuous;      /* 1: ask the interface for frames that are not ours */
  uint32_t direction;        /* RS_DIRECTION_* */
  uint32_t queues;           /* queues of each interface; over all interfaces at most RS_QUEUES_MAX */
  uint32_t fanout;           /* RS_FANOUT_*; of no meaning with one queue */
  uint32_t exact_swap;       /* 1: two rings a queue, so that a filter change is one cut through all queues of an interface */
  const int32_t *cpus;       /* worker i runs on cpus[i % cpu_count] and its ring is allocated from there */
  uint32_t cpu_count;        /* 0: workers run anywhere */
  uint64_t store_bytes;      /* memory for captured packets, at least RS_STORE_MIN */
  uint64_t ring_limit;       /* memory that all rings may take; 0: half of what the system has available */
} rs_config;

/* What the capture is doing. */
enum {
  RS_STATE_OPEN = 0,    /* rings are open, every packet is still rejected */
  RS_STATE_RUNNING = 1, /* packets are being read */
  RS_STATE_DOWN = 2,    /* the interface is down; goes on by itself when it comes up */
  RS_STATE_GONE = 3,    /* the interface was removed; one of the same name is captured on as soon as there is one. An errno
                           other than ENODEV: there is one, but it cannot be opened; tried again every second */
  RS_STATE_ERROR = 4,   /* reading failed; state_errno says why */
  RS_STATE_STOPPED = 5, /* stopped; the store can still be read */
  RS_STATE_NO_CARRIER = 6, /* the interface is up, and nothing is at the other end of it */
  RS_STATE_REOPENING = 7,  /* an interface of that name is back; its rings are being opened */
};

/* Counters of one queue, or of all queues together. All count from the start of the capture and never wrap. */
typedef struct rs_counters {
  uint64_t stored;        /* packets the kernel put into the ring: tp_packets - tp_drops */
  uint64_t dropped;       /* packets that passed the filter and found no room: tp_drops */
  uint64_t early_drops;   /* of these: while blocks were free, by the kernel's test for room that several CPUs run without
                             a lock from a fill of 75 % on; the others: no block was free */
  uint64_t frozen_drops;  /* of these: on a ring that was frozen at the reading before and did not freeze anew: its reader takes
                             nothing; those that are neither: a reader that was too slow when the ring filled up */
  uint64_t freezes;       /* times the kernel found no free block: tp_freeze_q_cnt (transitions, not packets) */
  uint64_t delivered;     /* packets handed to the reader; equals stored once the ring is empty */
  uint64_t bytes;         /* lengths on the wire of the delivered packets, VLAN tags included, added up */
  uint64_t truncated;     /* packets cut by the block's size, not by the snaplen */
  uint64_t snapped;       /* packets cut by the snaplen, as was asked for */
  uint64_t arena_drops;   /* packets read from the ring for which the store had no room */
  uint64_t evicted;       /* packets that the store let go to make room for newer ones */
  uint64_t losing_blocks; /* blocks marked TP_STATUS_LOSING: dropped since the last look at the statistics */
  uint64_t blocks_full;   /* blocks the kernel closed because they were full */
  uint64_t blocks_timeout; /* blocks the kernel closed because the retire timeout ran out */
  uint64_t wakeups;       /* returns of poll() */
  uint64_t spurious_wakeups; /* returns of poll() after which no block was ready */
  uint64_t resyncs;       /* times the reader had lost its place in the ring and found it again */
  uint64_t rollover_all;  /* PACKET_ROLLOVER_STATS, counted at the first queue: packets for which a queue with room was found,
                             which in this mode are all, ... */
  uint64_t rollover_huge; /* ... of these when it had little room left, ... */
  uint64_t rollover_failed; /* ... and packets for which none had room */
  uint64_t unaccounted;   /* packets by which the invariant was broken: delivered + in the ring = stored. Should be 0 */
  uint64_t ring_bytes;    /* size of the ring */
  uint64_t used_bytes;    /* not yet given back to the kernel: whole closed blocks and the open block's bytes */
  uint64_t peak_bytes;    /* highest used_bytes seen in the last second */
  uint64_t highest_bytes; /* highest used_bytes seen since the start */
  uint64_t oldest_ns;     /* age of the oldest packet in a closed block that waits for the reader, 0: none waits */
  uint64_t lag_ns;        /* longest that a closed block has waited for the reader, of blocks read in the last second ... */
  uint64_t longest_lag_ns; /* ... and since the start */
  uint32_t blocks;        /* blocks in the ring */
  uint32_t block_size;    /* bytes of one */
  uint32_t ready_blocks;  /* closed, waiting for the reader */
  uint32_t headroom;      /* blocks the kernel can still open before it freezes */
  uint32_t frozen;        /* 1: all blocks wait for the reader, the kernel drops */
  uint32_t pressed;       /* 1: the block a quarter ring ahead is taken; with several CPUs early drops begin here */
  uint32_t source;        /* of a queue: index of its interface */
  int32_t cpu;            /* of a queue: the CPU its worker is pinned to, -1: none */
} rs_counters;

/* One interface of a capture. */
typedef struct rs_source_info {
  char name[16];           /* as it is called now */
  uint32_t state;          /* RS_STATE_* */
  int32_t state_errno;
  uint64_t state_since_ns; /* CLOCK_REALTIME */
  int32_t ifindex;         /* 0: all interfaces */
  uint32_t reopened;       /* times it was removed, came back and was opened again */
  uint32_t group;          /* id of its fanout group */
  uint32_t first_queue, queues;
} rs_source_info;

/* How a filter was put in force. */
enum {
  RS_SWAP_FIRST = 0, /* at the start: nothing was before it */
  RS_SWAP_SOFT = 1,  /* queue by queue; what came meanwhile was run through the filter again in user space */
  RS_SWAP_EXACT = 2, /* on all queues at once, by a flip of the fanout program to rings that wait with the filter */
};

/* The span of packets captured under one filter, and how it began. */
typedef struct rs_epoch {
  uint32_t epoch;
  uint32_t mode;        /* RS_SWAP_* */
  uint32_t undone;      /* 1: it could not be attached everywhere; the filter before it is in force again */
  uint32_t unsettled;   /* 1: the kernel could not be asked to wait until the old program had run out: after a pause
                           of 50 ms it was taken for granted */
  uint64_t first;       /* number of the first packet of this epoch, 0: none yet */
  uint64_t clean_from;  /* from this number on every packet passed this filter, 0: not known yet */
  uint64_t rechecked;   /* packets that came while it was attached, and were run through it in user space */
  uint64_t matched;     /* of these: those that pass; they belong to this epoch, the others to the one before */
  uint64_t unknown;     /* of these: those of which too little was captured to tell; they stay in the epoch before */
  uint64_t begun_ns;    /* CLOCK_REALTIME before the first queue got it */
  uint64_t attached_ns; /* nanoseconds from there until the last queue had it */
  uint64_t settled_ns;  /* ... and until no packet under the old one was on its way any more */
  uint64_t gap_ns;      /* the longest time that a queue rejected everything, for want of room for both programs */
  uint64_t stored_begun, dropped_begun;     /* counters of all queues before the first queue got it ... */
  uint64_t stored_settled, dropped_settled; /* ... and once it was settled; between the two lies the mixed window */
} rs_epoch;

typedef struct rs_snapshot {
  uint64_t time_ns;        /* CLOCK_REALTIME of this snapshot */
  uint64_t state_since_ns; /* CLOCK_REALTIME of the last change of state */
  uint64_t head;           /* number of the newest packet in the store, 0: none yet */
  uint64_t tail;           /* number of the oldest packet still kept, 1 at the start. Queues evict on their own: behind an
                              old packet of a quiet queue newer ones of a busy queue may be gone */
  uint64_t disordered;     /* packets whose time is before that of the packet numbered before them */
  uint32_t epoch;          /* newest epoch that has begun, also if it was undone; 1 once started */
  uint32_t state;          /* RS_STATE_*; of several interfaces that of the one that is worst off ... */
  uint32_t source;         /* ... and that interface */
  int32_t state_errno;     /* for RS_STATE_ERROR */
  uint32_t queues;         /* number of queues */
  rs_counters total;       /* sums; fill and headroom are those of the fullest queue */
} rs_snapshot;

/* What came to a queue, and was stored, in some milliseconds: blocks that were read one after another. Times are ns since 1970,
 * by CLOCK_REALTIME. */
typedef struct rs_slice {
  uint64_t first_ns, last_ns; /* of its first and last packet */
  uint64_t away_ns;  /* since when the reader had left the ring alone on purpose, see rs_capture_hold(), 0: it had not */
  uint64_t begun_ns; /* when the reader began with the first of its blocks ... */
  uint64_t done_ns;  /* ... when it was done with the last ... */
  uint64_t busy_ns;  /* ... and how long it took for all, added up */
  uint64_t packets;
  uint64_t octets;   /* in the ring, with what the kernel puts before each packet */
  uint64_t timeouts; /* blocks that were closed by the retire timeout, not because they were full */
} rs_slice;

/* The rings of a capture, as they can be changed while it runs. */
typedef struct rs_shape {
  uint32_t block_size, blocks, block_timeout_ms; /* of the ring of each queue, as in rs_config */
  uint32_t fanout;                               /* RS_FANOUT_* */
} rs_shape;

/* Opens socket and ring of each queue, all at the same time; every packet is still rejected. Interfaces of different link
 * types, and "any", are captured cooked: LINKTYPE_LINUX_SLL2. Where memory is short the rings get fewer blocks, see
 * rs_capture_note(). Needs CAP_NET_RAW in the network namespace (-EPERM). */
int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error);

/* What was done otherwise than asked, in one sentence; "": nothing. Lives as long as the capture. */
const char *rs_capture_note(const rs_capture *capture);

/* Attaches the filter and starts the threads: epoch 1 begins. Start, stop and close are for one thread at a time. The program must end in `ret #snaplen` for what it accepts
 * and be one for this kernel's packet sockets: with metadata loads for what is not in the bytes. */
int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error);

/* Puts another filter in force and returns, some 20 ms later, when no packet that passed only the old one can enter a ring
 * any more. *epoch is its epoch. On an error the old filter stays in force. Waits for another change that is under way. */
int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error);

/* Exchanges all rings for such of another shape, while packets come: none is lost by that or stored twice, and the counters go on.
 * Returns after some 100 ms, when the old rings are closed. On an error, such as no memory (-ENOMEM), the old rings stay in
 * force. Waits for another change that is under way. */
int rs_capture_reshape(rs_capture *capture, const rs_shape *shape, rs_error *error);

/* The epochs from number `first` on, as far as they are remembered, oldest first; returns how many were written. */
uint32_t rs_capture_epochs(const rs_capture *capture, uint32_t first, rs_epoch *out, uint32_t max);

/* The interfaces; returns how many were written. */
uint32_t rs_capture_sources(rs_capture *capture, rs_source_info *out, uint32_t max);

/* Rejects every further packet, reads what the rings hold, ends the threads, closes rings and sockets. The store stays
 * readable and the counters are final: delivered equals stored. Idempotent. */
void rs_capture_stop(rs_capture *capture);

/* In a process that was forked from the one that captures, where only this thread lives: closes the copies of its
 * descriptors, which would keep the sockets hooked to the interface when the capture itself has ended. Touches nothing that the
 * other process shares. After it the capture counts as stopped, and its store, whose memory is not inherited, as empty. */
void rs_capture_disown(rs_capture *capture);

/* Stops if need be and frees everything. NULL is allowed. */
void rs_capture_close(rs_capture *capture);

/* While held, the readers leave the rings alone: what a reader that is late does to a ring, made at will. */
void rs_capture_hold(rs_capture *capture, int held);

/* Counters and state at this moment; up to `max` queues are written to `queues`. No system call that can block. */
void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max);

/* What came to a queue since then (ns since 1970) in time order, as far as it is remembered: a minute, more on a quiet queue.
 * Returns how many slices were written. Any thread. */
uint32_t rs_capture_timeline(const rs_capture *capture, uint32_t queue, uint64_t since_ns, rs_slice *out, uint32_t max);

/* LINKTYPE_* of the frames (pcap-linktype(7)). */
uint32_t rs_capture_link_type(const rs_capture *capture);

/* The store of this capture; lives as long as the capture. */
const rs_store *rs_capture_store(const rs_capture *capture);

/* What is known of the losses of this capture; lives as long as it. */
const rs_losses *rs_capture_losses(const rs_capture *capture);

#endif
