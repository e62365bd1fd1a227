/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_index: what is kept in memory of a capture file: for each packet where its record begins, for each section and
 * interface what is needed to read the records, and the texts that stand between them. The reader thread adds; everybody
 * else looks things up, without a lock.
 */
#ifndef RS_FILE_INDEX_H
#define RS_FILE_INDEX_H

#include <stdbool.h>

#include "pile.h"

enum {
  RS_RECORD_HEADER_MAX = 28, /* bytes before a packet's own */
  RS_RECORD_MAX = 16 << 20,  /* a longer record, or block, is damage */
  RS_INTERFACES_MAX = 1 << 16, /* in a file: rs_packet.queue has 16 bits */
  RS_TEXT_MAX = 4096,        /* bytes of a name, comment ... that are kept */
};

/* The unit of an interface's time stamps (if_tsresol) and what is to be added to them (if_tsoffset). */
typedef struct rs_ticks {
  bool binary;      /* a unit is 2 to the power of -exponent seconds, else 10 */
  uint8_t exponent; /* 0 .. 127 */
  uint64_t factor;  /* decimal, up to 9: nanoseconds of a unit; from 10 on: units of a nanosecond, 0: more than 2^64 */
  int64_t offset;   /* seconds */
} rs_ticks;

rs_ticks rs_ticks_of(uint8_t resolution, int64_t offset);
/* Nanoseconds since 1970; what lies before that is 0, what lies after the year 2554 the last that there is. */
uint64_t rs_ticks_ns(const rs_ticks *ticks, uint64_t stamp);

/* Packets of one section are read the same way. A pcap file has one, of one interface. */
typedef struct rs_section {
  uint64_t first;     /* number of the first packet that can be in it */
  uint32_t interface; /* its first interface */
  uint8_t format;     /* RS_FILE_PCAP or RS_FILE_PCAPNG */
  bool swapped;       /* in the other byte order */
  /* pcap only: */
  uint8_t header;     /* bytes of a record's header */
  uint8_t order;      /* RS_LENGTHS_* */
  bool nanoseconds;
  uint32_t snaplen;   /* bytes beyond it do not belong to the packet, as libpcap has it */
} rs_section;

/* Which of the two lengths comes first in a pcap record. */
enum {
  RS_LENGTHS_CAPTURED_FIRST = 0, /* as since version 2.3 */
  RS_LENGTHS_WIRE_FIRST = 1,     /* before */
  RS_LENGTHS_SMALLER_FIRST = 2,  /* files of version 2.3 have either */
};

/* An interface; all but the counters stand when it is published. */
typedef struct rs_interface {
  uint32_t link_type, snaplen;
  uint32_t longest; /* bytes of a packet; more is damage */
  rs_ticks ticks;
  char *name, *description, *filter; /* owned; NULL: the file does not say */
  uint64_t newest_ns; /* reader's own: time of its newest packet */
  _Atomic uint64_t packets;
  _Atomic uint64_t received, dropped, os_dropped; /* of its newest statistics, UINT64_MAX: none */
} rs_interface;

/* Packets that the file says are missing (epb_dropcount) before one of its own. */
typedef struct rs_file_loss {
  uint64_t number, lost, time_ns;
  uint64_t before_ns; /* time of the packet before it of the same interface, 0: there is none */
  uint32_t interface;
} rs_file_loss;

typedef struct rs_file_index {
  rs_pile packets;    /* uint64_t: where the record begins, in bytes of the stream */
  rs_pile sections;   /* rs_section */
  rs_pile interfaces; /* rs_interface */
  rs_pile names;      /* rs_file_name */
  rs_pile blocks;     /* rs_file_block */
  rs_pile comments;   /* char *: on sections and interfaces, owned */
  rs_pile losses;     /* rs_file_loss */
  /* Writers: the reader thread alone; nothing hangs on the order in which they are seen. */
  _Atomic uint64_t end; /* where the record of the newest packet ends */
  _Atomic uint64_t bytes, snapped, disordered, first_ns, last_ns;
  _Atomic uint64_t unknown, secrets, ignored; /* blocks; ignored: names, comments, blocks, losses for which there was no room */
  uint64_t newest_ns; /* reader's own: time of the newest packet */
  size_t text;        /* reader's own: bytes of text that are kept */
} rs_file_index;

int rs_file_index_open(rs_file_index *index, rs_error *error);
void rs_file_index_close(rs_file_index *index);

/* What is wrong with a file, and where. */
typedef struct rs_fault {
  uint64_t offset; /* in bytes of the stream */
  rs_error words;  /* "packet 17 ..." */
} rs_fault;

__attribute__((format(printf, 3, 4))) int rs_fault_set(rs_fault *fault, uint64_t offset, const char *format, ...);

/* A look at part of the stream: a parser works through the records that are whole. */
typedef struct rs_step {
  const uint8_t *bytes;
  size_t there;
  uint64_t offset; /* of the first byte, in the stream */
  size_t used;     /* out: bytes that are done with */
  size_t need;     /* out: bytes that the next record takes, 0: more than there are */
} rs_step;

/* Reader thread: adds a section; the fault says that there are too many. */
int rs_file_index_section(rs_file_index *index, const rs_section *section, rs_fault *fault, uint64_t offset);
/* ... an interface, to be filled in before it is published; NULL: there are too many. */
rs_interface *rs_file_index_interface(rs_file_index *index, uint32_t link_type, uint32_t snaplen);
/* ... a name, block, comment or loss; NULL: there is no room, which is counted. */
void *rs_file_index_entry(rs_file_index *index, rs_pile *pile);
/* ... a copy of a text up to a NUL in it; NULL: it is empty, or there is no room, which is counted. */
char *rs_file_index_text(rs_file_index *index, const uint8_t *from, size_t size);
/* ... raises one of the counters. */
void rs_file_index_raise(_Atomic uint64_t *counter, uint64_t by);

/* What the packets of one step add up to; times 0: there was none. */
typedef struct rs_sum {
  uint64_t bytes, snapped, disordered, first_ns, last_ns;
} rs_sum;

/* Reader thread: takes a step's packets into account, and lets all that was added be seen; `end`: where the last packet ends, 0:
 * there was none. */
void rs_file_index_publish(rs_file_index *index, const rs_sum *sum, uint64_t end);

/* The section of a packet that was published; the packets up to *last are of the same one. */
const rs_section *rs_file_index_section_of(const rs_file_index *index, uint64_t number, uint64_t *last);

static inline uint64_t rs_file_index_offset(const rs_file_index *index, uint64_t number) {
  return *(const uint64_t *)rs_pile_at(&index->packets, number - 1);
}

/* Where what belongs to this packet ends at the latest. */
static inline uint64_t rs_file_index_end(const rs_file_index *index, uint64_t number) {
  /* The end is written before the packets are counted, and only grows: with a head that is older it is too far, never too
   * near. */
  return number < rs_pile_count(&index->packets) ? rs_file_index_offset(index, number + 1)
                                                 : atomic_load_explicit(&index->end, memory_order_relaxed);
}

/* What a record says of its packet. */
typedef struct rs_record_view {
  uint64_t time_ns;
  uint32_t captured, length; /* as the file says; captured bytes are all in the record */
  uint32_t header;           /* bytes before the packet's */
  uint32_t interface;
} rs_record_view;

/* Reads the header of a record out of the first `there` bytes of it, of which there must be as many as the header has;
 * `size`: bytes up to where the record ends at the latest. False: this is no record of a packet. */
bool rs_file_index_view(const rs_file_index *index, const rs_section *section, const uint8_t *record, size_t there,
                        uint64_t size, rs_record_view *out);

#endif
