/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: capture files and pipes that are read. */
#ifndef RINGSCOPE_FILES_H
#define RINGSCOPE_FILES_H

#include "ringscope/base.h"

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

#endif
