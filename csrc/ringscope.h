/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ringscope.h: the only header the outside sees.
 *
 * A capture reads one interface, several, or all of them through AF_PACKET rings (TPACKET_V3), one queue a ring. Threads of
 * the capture copy packets out of the rings into a bounded store, where every packet has a number: 1, 2, 3 ... in time
 * order over all queues, given once.
 * A file is the same: a store that grows while a thread finds out where in the file its packets are.
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

/* Whose rules a view runs a program by. They differ where an index wraps around, where a shift is of 32 bits or more, and in
 * that libpcap has no metadata. Loops are allowed by both; one without end leaves the packet unknown. */
enum {
  RS_MACHINE_KERNEL = 0,  /* as on a packet socket: programs for a capture */
  RS_MACHINE_LIBPCAP = 1, /* as by pcap_offline_filter(3pcap): programs for the packets of a file */
};

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

enum {
  RS_SOURCES_MAX = 64,
  RS_QUEUES_MAX = 256,
  RS_EPOCHS_KEPT = 256, /* filter changes that are remembered */
  RS_SLICES_KEPT = 16384, /* slices of the traffic of each queue: a minute of some milliseconds each */
  RS_SNAPLEN_MAX = 262144,
  RS_READ_MAX = RS_SNAPLEN_MAX + 24, /* bytes of the longest stored packet: with a cooked header and a tag put back */
  RS_BLOCK_MIN = 128 * 1024, /* smaller blocks silently cut GSO frames of up to 65 226 bytes and more */
  RS_STORE_MIN = 1024 * 1024,
};

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
  uint32_t block_size, blocks; /* of the ring of each queue, as in rs_config */
  uint32_t fanout;             /* RS_FANOUT_* */
} rs_shape;

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

/* What reading a file has come to. */
enum {
  RS_FILE_READING = 0,
  RS_FILE_WAITING = 1,   /* all there is has been read; more may come */
  RS_FILE_DONE = 2,
  RS_FILE_CANCELLED = 3, /* by rs_file_cancel() */
  RS_FILE_FAILED = 4,    /* the fault says why; what was read before it stays */
};

/* What kind of file it is. */
enum {
  RS_FILE_UNKNOWN = 0, /* not known yet */
  RS_FILE_PCAP = 1,    /* draft-ietf-opsawg-pcap */
  RS_FILE_PCAPNG = 2,  /* draft-ietf-opsawg-pcapng */
};

typedef struct rs_file_options {
  uint64_t store_bytes; /* of a pipe: bytes that are kept of what it brought, the oldest go; at least RS_STORE_MIN */
  uint32_t follow;      /* 1: a file that is still being written is read on as it grows */
} rs_file_options;

/* A file at one moment. Offsets are those of the bytes of the capture: in a compressed file of what comes out of it. */
typedef struct rs_file_info {
  uint32_t state;        /* RS_FILE_READING ... */
  uint32_t format;       /* RS_FILE_UNKNOWN ... */
  char compression[8];   /* "gzip", "zstd", "" */
  uint32_t pipe;         /* 1: it cannot be read twice, and nobody knows how much there is */
  uint64_t size, read;   /* bytes of the file, 0 for a pipe; those that were read so far */
  uint64_t offset;       /* bytes of the capture that were looked at */
  uint64_t packets;      /* number of the newest */
  uint64_t evicted;      /* of these: those that a pipe's spool let go */
  uint64_t bytes;        /* lengths on the wire, added up */
  uint64_t snapped;      /* packets of which only a part was captured */
  uint64_t disordered;   /* packets whose time is before that of the packet numbered before them */
  uint64_t first_ns, last_ns; /* the earliest and the latest time, 0: none yet */
  uint64_t received, dropped, os_dropped; /* sums over the interface statistics: isb_ifrecv, isb_ifdrop, isb_osdrop */
  uint32_t swapped;      /* 1: its first section is of a machine of the other byte order */
  uint32_t interfaces, sections, names, blocks; /* how many there are of each; blocks: of those kept, see rs_file_blocks() */
  uint64_t unknown;      /* blocks of a type that we do not know */
  uint64_t secrets;      /* decryption secrets blocks */
  uint64_t ignored;      /* names, comments and blocks that were too many to keep */
  uint64_t fault_offset; /* where the fault is */
  char fault[320];       /* what is wrong, one sentence that names the place; "": nothing is */
} rs_file_info;

/* An interface of a file. Texts are cut where they are too long. */
typedef struct rs_file_interface {
  char name[128], description[256], filter[1024]; /* "": the file does not say */
  uint32_t link_type; /* LINKTYPE_* */
  uint32_t snaplen;   /* 0: no limit */
  uint32_t exponent;  /* its clock's unit is 10 to the power of minus this seconds, or 2 if it is binary */
  uint32_t binary;
  int64_t offset;     /* seconds that are added to its time stamps */
  uint64_t packets;
  uint32_t has_statistics; /* 1: an interface statistics block says ... */
  uint64_t received, dropped, os_dropped; /* ... isb_ifrecv, isb_ifdrop, isb_osdrop; 0 where it does not */
} rs_file_interface;

/* A name from a name resolution block. */
typedef struct rs_file_name {
  uint32_t bits;       /* of the address: 32 IPv4, 128 IPv6, 48 or 64 EUI */
  uint8_t address[16]; /* in network byte order */
  char name[256];
} rs_file_name;

/* A block that is kept as it stands in the file: names, decryption secrets, and all of which the meaning is not known. */
typedef struct rs_file_block {
  uint32_t type;
  uint32_t length; /* bytes of the whole block */
  uint64_t offset; /* where it begins */
  uint64_t after;  /* number of the packet before it, 0: none */
} rs_file_block;

typedef struct rs_capture rs_capture;
typedef struct rs_file rs_file;
typedef struct rs_store rs_store;
typedef struct rs_losses rs_losses;
typedef struct rs_savefile rs_savefile;
typedef struct rs_view rs_view;
typedef struct rs_search rs_search;

/* What a view tests packets of one link type with. */
typedef struct rs_view_program {
  uint32_t link_type; /* LINKTYPE_* */
  uint32_t machine;   /* RS_MACHINE_* */
  const rs_insn *insns;
  uint32_t length;
} rs_view_program;

/* How far a view is. What it says of matches is of the packets up to `examined`, so that an index once given stays. */
typedef struct rs_view_info {
  uint64_t examined; /* packets up to this number were looked at, or had been evicted before */
  uint64_t judged;   /* how many were looked at */
  uint64_t matched;  /* of these: those that pass */
  uint64_t unknown;  /* of these: those of which too little was kept to tell; they do not pass */
  uint64_t low, high; /* view indexes of the first and the last match that is kept; low > high: there is none */
  uint32_t running;  /* 1: not yet at the packet that was the newest when the program came */
  int32_t fault;     /* 0, or the errno with which it gave up */
} rs_view_info;

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

/* How many packets were lost before the packet of this queue and time, which is marked RS_AFTER_LOSS. 0 and *lost: so many; 0 of
 * them: it cannot be told exactly, since the kernel's counter tells of several losses at once. -EAGAIN: not known yet, for a
 * tenth of a second or two. -ENOENT: it is not remembered; the last 8192 of each queue are. Any thread. */
int rs_losses_find(const rs_losses *losses, uint32_t queue, uint64_t time_ns, uint64_t *lost);

/* The losses before the packets with numbers first .. last, in their order, the first `max` of them; returns how many were
 * written. Once a capture has ended, the packets of all that are remembered are those that the kernel dropped, without those
 * behind the last packet of a queue. Any thread. */
uint32_t rs_losses_between(const rs_losses *losses, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max);

/* The nearest packet behind `number`, or with `forward` 0 before it, that is the first one behind a loss; 0: none is known. */
uint64_t rs_losses_next(const rs_losses *losses, uint64_t number, int forward);

/* Opens a capture file (pcap or pcapng, also compressed by gzip or zstd), or, if `fd` is not negative, what that descriptor
 * reads (it is duplicated; `path` is then only its name): a FIFO, a pipe or a socket is read as it comes. The first MiB of a
 * file has been read on return, the rest is read by a thread; nothing waits for a pipe. Frames are not copied but read again
 * from the file, or, where that cannot be, from an unlinked temporary file in $TMPDIR, /var/tmp or /tmp. What is no capture
 * at all is an error, as far as that is seen at once. Not to be closed in a forked child, which does not have the thread. */
int rs_file_open(const char *path, int fd, const rs_file_options *options, rs_file **out, rs_error *error);

/* The store of this file, whose head grows while it is read; lives as long as the file. */
const rs_store *rs_file_store(const rs_file *file);

/* Returns at once, as do all that follow. */
void rs_file_state(const rs_file *file, rs_file_info *out);

/* Reads no further; what was found stays. */
void rs_file_cancel(rs_file *file);

/* The interfaces, names and kept blocks from index `first` on; return how many were written. */
uint32_t rs_file_interfaces(const rs_file *file, uint32_t first, rs_file_interface *out, uint32_t max);
uint32_t rs_file_names(const rs_file *file, uint32_t first, rs_file_name *out, uint32_t max);
uint32_t rs_file_blocks(const rs_file *file, uint32_t first, rs_file_block *out, uint32_t max);

/* The link types of the packets so far, those of most packets first; returns how many were written. */
uint32_t rs_file_link_types(const rs_file *file, uint32_t *out, uint32_t max);

/* The comments on a packet, one a line; of number 0 those on sections and interfaces. Writes at most `room` bytes, with the NUL
 * that ends them; returns their length, 0: there are none. */
size_t rs_file_comment(const rs_file *file, uint64_t number, char *buffer, size_t room);

/* As rs_losses_between() and rs_losses_next(): what the file says is missing (epb_dropcount) before its packets. */
uint32_t rs_file_losses(const rs_file *file, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max);
uint64_t rs_file_next_loss(const rs_file *file, uint64_t number, int forward);

/* Bytes of the capture as they stand in the file; returns how many were read. */
size_t rs_file_bytes(const rs_file *file, uint64_t offset, uint8_t *bytes, size_t size);

/* Ends reading and frees everything. NULL is allowed. */
void rs_file_close(rs_file *file);

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

/*
 * A view of a store, which must outlive it: the numbers of the packets that pass a program, found by `threads` threads of its
 * own (0: one a CPU, at most 4) and kept up to date as packets come. Where packets are being captured, `nice` (0 .. 19) lets
 * the capture's threads go first. No function here waits for the threads but close, and that for a few packets.
 */
int rs_view_open(const rs_store *store, uint32_t threads, int32_t nice, rs_view **out, rs_error *error);

/* Begins anew with other programs, at most one a link type; packets of a link type without one do not pass. What the view
 * was doing is dropped at once. -EINVAL: a program is not valid, and the view stays as it was. */
int rs_view_start(rs_view *view, const rs_view_program *programs, uint32_t count, rs_error *error);

/* How far it is; also tells the threads that there may be new packets. */
void rs_view_state(rs_view *view, rs_view_info *out);

/* Numbers of the matches with view indexes first, first + 1 ..., which count from 1; returns how many were written: less
 * than `max` at the end. None that was evicted is among them. */
uint32_t rs_view_numbers(rs_view *view, uint64_t first, uint64_t *out, uint32_t max);

/* How many matches have a number of at most this: the view index of the last of them. */
uint64_t rs_view_index(rs_view *view, uint64_t number);

/* 1: that packet passes; 0: it does not, or it is not known yet. */
int rs_view_has(rs_view *view, uint64_t number);

/* Ends its threads and frees it. NULL is allowed. */
void rs_view_close(rs_view *view);

/* A search through the bytes that a store kept, as the filter of their capture saw them: without a VLAN tag that the kernel
 * took out. It and the view that it is given must not outlive the store. For one thread, but for cancel and progress. */
int rs_search_open(const rs_store *store, rs_search **out, rs_error *error);

/* *found: the first packet from number `start` on, or with `forward` 0 the last one up to it, whose bytes contain these;
 * 0: none. `fold`: capital letters A to Z are as small ones. `view` NULL: any packet, else one that passes. -ECANCELED. */
int rs_search_bytes(rs_search *search, const uint8_t *bytes, uint32_t length, int fold, uint64_t start, int forward,
                    rs_view *view, uint64_t *found, rs_error *error);

/* For who looks himself: copies the bytes of packets first .. last that pass, one behind the other, each ending at ends[i];
 * at most `max`, and as many as have room. Returns how many; *next is the first number that was not looked at. */
uint32_t rs_search_copy(rs_search *search, uint64_t first, uint64_t last, rs_view *view, uint64_t *numbers, uint32_t *ends,
                        uint32_t max, uint8_t *bytes, size_t room, uint64_t *next);

/* From any thread: what is under way ends at once, and nothing is found any more. */
void rs_search_cancel(rs_search *search);

/* Packets that were looked at since rs_search_bytes() began, and by rs_search_copy(). From any thread. */
uint64_t rs_search_progress(const rs_search *search);

/* Frees it. NULL is allowed. */
void rs_search_close(rs_search *search);

/* What packets can be sorted by without a look at their bytes. */
enum {
  RS_BY_NUMBER = 0,
  RS_BY_TIME = 1,
  RS_BY_LENGTH = 2,   /* on the wire */
  RS_BY_CAPTURED = 3, /* bytes that were kept */
  RS_BY_QUEUE = 4,
  RS_BY_EPOCH = 5,
};

/* Numbers and sort keys of the packets at places first .. first + count - 1: places are numbers or, of a view, its indexes. Both
 * arrays have room for `count`. Returns how many of the packets are kept, or -ENOMEM. From any thread. */
int64_t rs_order_keys(const rs_store *store, rs_view *view, uint64_t first, uint32_t count, uint32_t by, uint64_t *numbers,
                      uint64_t *keys, rs_error *error);

/* Sorts packet numbers by their keys, the least first, or the greatest; what has the same key stays in its order. The keys
 * are of no use after that. Takes 16 bytes a packet meanwhile. -ENOMEM: they are as they were, but for `falling` their keys. */
int rs_order_sort(uint64_t *keys, uint64_t *numbers, size_t count, uint32_t falling, rs_error *error);

/* Where among numbers, in whatever order, the one stands that is nearest to this. */
size_t rs_order_nearest(const uint64_t *numbers, size_t count, uint64_t number);

/* -- capture files ---------------------------------------------------------------------------------------------------- */

enum {
  RS_FORMAT_PCAP = 0,   /* draft-ietf-opsawg-pcap, with nanosecond time stamps */
  RS_FORMAT_PCAPNG = 1, /* draft-ietf-opsawg-pcapng: with interfaces, comments, statistics */
};

/* Texts are UTF-8 and may be NULL; they are copied. */
typedef struct rs_savefile_options {
  uint32_t format;         /* RS_FORMAT_* */
  uint32_t link_type;      /* LINKTYPE_* of all packets of a pcap file */
  uint32_t snaplen;        /* bytes of a frame that were kept: of a pcap file, and of interfaces that were not described */
  uint32_t names;          /* 1: rs_packet.ifindex is one of this network namespace, where an interface that was not described
                              can be asked for its name */
  uint64_t first;          /* number with which rs_savefile_follow() begins */
  uint64_t size_limit;     /* bytes: no packet is appended to a file that is larger; 0: no limit */
  const char *hardware, *os, *application; /* pcapng: of what and with what the file was made */
  const char *filter;      /* pcapng: of interfaces that were not described */
  const rs_losses *losses; /* what is known of the losses of a capture's packets; NULL: nothing. Outlives the file */
  const rs_file *origin;   /* the file that the packets are of, whose comments go with them; NULL: a capture. Outlives it, too */
} rs_savefile_options;

/* An interface of a pcapng file. */
typedef struct rs_savefile_interface {
  int32_t ifindex;     /* of its packets, see rs_packet */
  uint32_t link_type;  /* LINKTYPE_* of its packets */
  uint32_t snaplen;    /* 0: no limit */
  const char *name, *description, *filter;
} rs_savefile_interface;

/* What was counted of an interface since its capture began; RS_NOT_KNOWN is left out. */
typedef struct rs_savefile_statistics {
  int32_t ifindex;
  uint64_t start_ns, end_ns; /* nanoseconds since 1970 */
  uint64_t received;   /* isb_ifrecv, as libpcap's ps_recv: packets that passed the filter, those dropped included */
  uint64_t dropped;    /* isb_ifdrop, as dumpcap writes ps_drop there, and Wireshark shows it */
  uint64_t accepted;   /* isb_filteraccept */
  uint64_t os_dropped; /* isb_osdrop: of these those for which the ring had no room */
  uint64_t delivered;  /* isb_usrdeliv */
} rs_savefile_statistics;

#define RS_NOT_KNOWN UINT64_MAX

typedef struct rs_savefile_info {
  uint64_t written; /* packets in the file */
  uint64_t missed;  /* packets that are not: evicted before they could be written, or lost to an error of the file */
  uint64_t bytes;   /* size of the file */
  uint64_t next;    /* number with which rs_savefile_follow() goes on */
  uint32_t full;    /* 1: the size limit is passed */
} rs_savefile_info;

/* Creates a capture file, under a hidden name until it is closed: .NAME.xxxxxx in the same folder. What is there and is no
 * regular file, and "-", standard output, is written directly. A file is for one thread at a time. */
int rs_savefile_create(const char *path, const rs_savefile_options *options, rs_savefile **out, rs_error *error);

/* pcapng: describes an interface, unless that ifindex with that link type has been; others are, as far as is known, when their
 * first packet is met. */
int rs_savefile_interface_add(rs_savefile *file, const rs_savefile_interface *interface, rs_error *error);

/* pcapng: a comment for the first packet of this epoch in the file. -ENOMEM. */
int rs_savefile_epoch_add(rs_savefile *file, uint32_t epoch, const char *comment, rs_error *error);

/* The three ways to choose packets. Each ends before a packet if the file is full, see rs_savefile_state(). After an error the
 * file ends with a whole packet, and takes no more. Packets with bytes of another link type than a pcap file's are an error
 * (-EPROTONOSUPPORT).
 *
 * Every packet from where the last call ended on, up to `last`; all is handed to the kernel on return. If it may wait, it ends
 * before a packet that is the first behind a loss of which the size is not known yet, for half a second at most, and not where
 * the store would soon let it go. */
int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, uint32_t may_wait, rs_error *error);

/* The packets with numbers first .. last. *next gets the number to go on with: last + 1, or less if the file is full. */
int rs_savefile_append(rs_savefile *file, const rs_store *store, uint64_t first, uint64_t last, uint64_t *next,
                       rs_error *error);

/* The packets with these numbers, which rise. *done gets how many of them were looked at. */
int rs_savefile_pick(rs_savefile *file, const rs_store *store, const uint64_t *numbers, size_t count, size_t *done,
                     rs_error *error);

/* pcapng: what was counted of an interface; of one that has not been described nothing is written. */
int rs_savefile_statistics_add(rs_savefile *file, const rs_savefile_statistics *statistics, rs_error *error);

void rs_savefile_state(const rs_savefile *file, rs_savefile_info *out);

/* Hands what was written to the disk and gives the file its name, under which it is written on. */
int rs_savefile_publish(rs_savefile *file, rs_error *error);

/* Was the file, after it had its name, moved away or removed? */
int rs_savefile_was_moved(const rs_savefile *file);

/* Gives the file its name, closes and frees it, also on an error. NULL is allowed. */
int rs_savefile_close(rs_savefile *file, rs_error *error);

/* Closes and frees it, and removes it if it has not its name yet. NULL is allowed. */
void rs_savefile_discard(rs_savefile *file);

#endif
