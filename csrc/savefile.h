/* SPDX-License-Identifier: Apache-2.0 */
/*
 * savefile: a capture file, written from a store by a reader like any other: what it is too late for was evicted and is
 * counted as missed. Never in the way of a capture thread. savefile.c makes the file and what it tells beside its packets,
 * savefile_packets.c chooses packets and writes them.
 */
#ifndef RS_SAVEFILE_H
#define RS_SAVEFILE_H

#include <stdbool.h>

#include "blocks.h"
#include "output.h"

enum {
  RS_SAVE_BATCH = 1024,             /* packets read from the store at once */
  RS_SAVE_BYTES = 4 * 1024 * 1024,  /* ... and their bytes */
  RS_SAVE_LIMIT = RS_SNAPLEN_MAX,   /* readers refuse packets that are longer (MAXIMUM_SNAPLEN of libpcap) */
  RS_SAVE_OUTPUT = 4 * 1024 * 1024, /* laid out, on its way to the file */
  RS_SAVE_EPOCHS = UINT16_MAX + 1,
};

/* An interface that is described in the file; its index is its place. */
typedef struct rs_known_interface {
  int32_t ifindex;
  uint32_t link_type;
} rs_known_interface;

typedef struct rs_epoch_comment {
  uint32_t epoch;
  char *text; /* owned */
} rs_epoch_comment;

struct rs_savefile {
  rs_output output;
  rs_savefile_options options; /* its texts: filter is owned, the others are gone */
  char *filter;
  rs_known_interface *interfaces;
  uint32_t interface_count;
  rs_epoch_comment *epochs;
  uint32_t epoch_count;
  uint8_t epochs_met[RS_SAVE_EPOCHS / 8];
  uint64_t next;            /* number of the next packet to follow */
  uint64_t written, missed;
  uint64_t held, held_since; /* a packet that waits, and since when (CLOCK_MONOTONIC) */
  bool full, broken;
  rs_blocks laid;            /* in `buffer`, not written yet */
  uint32_t laid_packets;     /* of these many packets ... */
  size_t ends[RS_SAVE_BATCH];        /* ... each up to here */
  char comment[RS_TEXT_LONGEST + 1]; /* that came with a packet */
  rs_packet packets[RS_SAVE_BATCH];
  uint8_t bytes[RS_SAVE_BYTES], buffer[RS_SAVE_OUTPUT];
};

static inline bool rs_savefile_is_pcapng(const rs_savefile *file) { return file->options.format == RS_FORMAT_PCAPNG; }

/* Writes what is laid out. On an error leaves only whole packets in the file, which takes no more of them. */
int rs_savefile_flush(rs_savefile *file, rs_error *error);

/* -EIO after such an error. */
int rs_savefile_check(const rs_savefile *file, rs_error *error);

/* pcapng: the index of a packet's interface, which is described if it has not been; negative: an errno. */
int64_t rs_savefile_interface_of(rs_savefile *file, const rs_packet *packet, rs_error *error);

/* pcapng: the comment for the first packet of an epoch; NULL: it is not the first, or there is none. */
const char *rs_savefile_epoch_of(rs_savefile *file, uint16_t epoch);

#endif
