/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: capture files that are written. */
#ifndef RINGSCOPE_SAVEFILE_H
#define RINGSCOPE_SAVEFILE_H

#include "ringscope/base.h"

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
