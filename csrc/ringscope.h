/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ringscope.h: the only header the outside sees.
 *
 * A capture is one interface read through AF_PACKET rings (TPACKET_V3), one queue a ring. Threads of the capture copy
 * packets out of the rings into a bounded store, where every packet has a number: 1, 2, 3 ... in time order, given once.
 * Nothing here calls back; callers ask, from any thread, and reading never makes a capture thread wait.
 *
 * Functions that can fail return 0 or a negative errno and put one sentence with cause and cure into `error`.
 */
#ifndef RINGSCOPE_H
#define RINGSCOPE_H

#include <stddef.h>
#include <stdint.h>

/* What went wrong, in words for the person at the keyboard. */
typedef struct rs_error {
  char text[320];
} rs_error;

/* One classic BPF instruction: struct sock_filter of linux/filter.h, field by field. */
typedef struct rs_insn {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
} rs_insn;

typedef struct rs_config {
  const char *interface;     /* name, as in `ip link` */
  uint32_t snaplen;          /* bytes of a frame that are kept, 1 .. RS_SNAPLEN_MAX */
  uint32_t block_size;       /* bytes of a ring block: a multiple of the page size, at least RS_BLOCK_MIN */
  uint32_t blocks;           /* blocks in the ring of each queue, at least 2 */
  uint32_t block_timeout_ms; /* retire timeout: an open block with packets is handed over after this, 1 .. 10000 */
  uint32_t promiscuous;      /* 1: ask the interface for frames that are not ours */
  uint64_t store_bytes;      /* memory for captured packets, at least RS_STORE_MIN */
} rs_config;

enum {
  RS_SNAPLEN_MAX = 262144,
  RS_BLOCK_MIN = 128 * 1024, /* smaller blocks silently cut GSO frames of up to 65 226 bytes and more */
  RS_STORE_MIN = 1024 * 1024,
};

/* What the capture is doing. */
enum {
  RS_STATE_OPEN = 0,    /* rings are open, every packet is still rejected */
  RS_STATE_RUNNING = 1, /* packets are being read */
  RS_STATE_DOWN = 2,    /* the interface is down; goes on by itself when it comes up */
  RS_STATE_GONE = 3,    /* the interface was removed; it will not come back for this capture */
  RS_STATE_ERROR = 4,   /* reading failed; state_errno says why */
  RS_STATE_STOPPED = 5, /* stopped; the store can still be read */
  RS_STATE_NO_CARRIER = 6, /* the interface is up, and nothing is at the other end of it */
};

/* Counters of one queue, or of all queues together. All count from the start of the capture and never wrap. */
typedef struct rs_counters {
  uint64_t stored;        /* packets the kernel put into the ring: tp_packets - tp_drops */
  uint64_t dropped;       /* packets that passed the filter and found no room: tp_drops */
  uint64_t freezes;       /* times the kernel found no free block: tp_freeze_q_cnt (transitions, not packets) */
  uint64_t delivered;     /* packets handed to the reader; equals stored once the ring is empty */
  uint64_t bytes;         /* lengths on the wire of the delivered packets, added up */
  uint64_t truncated;     /* packets cut by the block's size, not by the snaplen */
  uint64_t arena_drops;   /* packets read from the ring for which the store had no room */
  uint64_t losing_blocks; /* blocks marked TP_STATUS_LOSING: dropped since the last look at the statistics */
  uint64_t blocks_full;   /* blocks the kernel closed because they were full */
  uint64_t blocks_timeout; /* blocks the kernel closed because the retire timeout ran out */
  uint64_t wakeups;       /* returns of poll() */
  uint64_t spurious_wakeups; /* returns of poll() after which no block was ready */
  uint64_t resyncs;       /* times the reader had lost its place in the ring and found it again */
  uint64_t ring_bytes;    /* size of the ring */
  uint64_t used_bytes;    /* not yet given back to the kernel: whole closed blocks and the open block's bytes */
  uint64_t peak_bytes;    /* highest used_bytes seen in the last second */
  uint32_t blocks;        /* blocks in the ring */
  uint32_t block_size;    /* bytes of one */
  uint32_t ready_blocks;  /* closed, waiting for the reader */
  uint32_t headroom;      /* blocks the kernel can still open before it freezes */
  uint32_t frozen;        /* 1: all blocks wait for the reader, the kernel drops */
  uint32_t pressed;       /* 1: the block a quarter ring ahead is taken; with several CPUs early drops begin here */
} rs_counters;

typedef struct rs_snapshot {
  uint64_t time_ns;        /* CLOCK_REALTIME of this snapshot */
  uint64_t state_since_ns; /* CLOCK_REALTIME of the last change of state */
  uint64_t head;           /* number of the newest packet in the store, 0: none yet */
  uint64_t tail;           /* number of the oldest packet still kept, 1 at the start */
  uint64_t epoch_first;    /* number of the first packet of the newest epoch that has one */
  uint32_t epoch_seen;     /* ... and that epoch */
  uint32_t epoch;          /* epoch of the capture filter in force, 1 at the start */
  uint32_t state;          /* RS_STATE_* */
  int32_t state_errno;     /* for RS_STATE_ERROR */
  uint32_t queues;         /* number of queues */
  rs_counters total;       /* sums; fill and headroom are those of the fullest queue */
} rs_snapshot;

/* Bits of rs_packet.flags. */
enum {
  RS_CLOCK_SOFTWARE = 1, /* stamped by the kernel on arrival */
  RS_CLOCK_HARDWARE = 2, /* stamped by the interface's own clock */
                         /* neither: stamped when it was copied into the ring */
  RS_CHECKSUM_NOT_READY = 4, /* the checksum is left to the hardware: not to be judged */
  RS_CHECKSUM_VALID = 8,     /* the kernel has verified the checksum */
  RS_GSO = 16,               /* one frame that stands for several on the wire */
  RS_VLAN_REBUILT = 32,      /* the outer VLAN tag, which the kernel takes out, was put back into the bytes */
};

typedef struct rs_packet {
  uint64_t number;
  uint64_t time_ns;  /* CLOCK_REALTIME, nanoseconds since 1970 */
  uint32_t length;   /* bytes on the wire, VLAN tag included, without FCS */
  uint32_t captured; /* bytes that were kept of it */
  uint32_t offset;   /* where its bytes begin in the buffer that was read into */
  uint32_t copied;   /* how many were copied there: captured, or fewer if the caller asked for fewer */
  int32_t ifindex;
  uint16_t epoch;
  uint16_t queue;
  uint16_t protocol;   /* ethertype as the kernel classified it, host byte order */
  uint8_t packet_type; /* PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4 */
  uint8_t flags;       /* RS_CLOCK_* and so on */
} rs_packet;

typedef struct rs_capture rs_capture;
typedef struct rs_store rs_store;
typedef struct rs_savefile rs_savefile;

/* Opens socket and ring of each queue on the interface; every packet is still rejected.
 * Needs CAP_NET_RAW in the network namespace (-EPERM). */
int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error);

/* Attaches the filter, discards what was counted before, starts the threads: epoch 1 begins.
 * The program must end in `ret #snaplen` for what it accepts. */
int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error);

/* Attaches another filter to the running capture; the old one stays in force on any error. Takes some 20 ms: returns
 * when no packet that passed only the old filter can enter a ring any more. The new epoch's number is in *epoch. */
int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error);

/* Rejects every further packet, reads what the rings hold, ends the threads, closes rings and sockets. The store stays
 * readable and the counters are final: delivered equals stored. Idempotent. */
void rs_capture_stop(rs_capture *capture);

/* Stops if need be and frees everything. NULL is allowed. */
void rs_capture_close(rs_capture *capture);

/* While held, the readers leave the rings alone: what a reader that is late does to a ring, made at will. */
void rs_capture_hold(rs_capture *capture, int held);

/* Counters and state at this moment; up to `max` queues are written to `queues`. No system call that can block. */
void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max);

/* LINKTYPE_* of the frames (pcap-linktype(7)). */
uint32_t rs_capture_link_type(const rs_capture *capture);

/* The store of this capture; lives as long as the capture. */
const rs_store *rs_capture_store(const rs_capture *capture);

/* Reads the packets with numbers first .. first + count - 1 that are kept: metadata to out[], at most `limit` bytes of
 * each to `bytes` (`room` bytes long; reading ends before it would overflow). Packets that were evicted, also while
 * reading, are left out. Returns how many were read. Takes no lock and makes nobody wait. */
uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out,
                       uint8_t *bytes, size_t room);

/* Creates a pcap file with nanosecond time stamps (draft-ietf-opsawg-pcap); "-" is standard output. */
int rs_savefile_create(const char *path, uint32_t link_type, uint32_t snaplen, rs_savefile **out, rs_error *error);

/* Appends every packet of the store that is newer than the last one appended, and hands all to the kernel. */
int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, rs_error *error);

/* Packets written, and packets that were not: evicted before they could be, or lost to an error of the file. */
void rs_savefile_counts(const rs_savefile *file, uint64_t *written, uint64_t *missed);

/* Closes and frees. NULL is allowed. Returns what close(2) said. */
int rs_savefile_close(rs_savefile *file, rs_error *error);

#endif
