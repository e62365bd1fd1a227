/* SPDX-License-Identifier: Apache-2.0 */
/* pcap_read: the records of a pcap file (draft-ietf-opsawg-pcap), in both byte orders, with micro- and nanoseconds, of the old
 * versions that libpcap reads, and with Alexey Kuznetsov's longer record headers. */
#ifndef RS_PCAP_READ_H
#define RS_PCAP_READ_H

#include "bytes.h"
#include "file_index.h"

enum { RS_PCAP_FILE_HEADER = 24 };

/* Do the first 4 bytes begin a pcap file? */
bool rs_pcap_begins(const uint8_t *bytes);

/* Reads the file's header: one section, one interface. 0 or -EBADMSG. */
int rs_pcap_begin(rs_file_index *index, const uint8_t header[RS_PCAP_FILE_HEADER], rs_fault *fault);

/* Adds the packets whose records are whole, up to one that cannot be. 0 or -EBADMSG. */
int rs_pcap_step(rs_file_index *index, rs_step *step, rs_fault *fault);

/* The two lengths of a record. */
static inline void rs_pcap_lengths(const rs_section *section, const uint8_t *record, bool swapped, uint32_t *captured,
                                   uint32_t *length) {
  const uint32_t one = rs_u32(record + 8, swapped), other = rs_u32(record + 12, swapped);
  const bool turned = section->order == RS_LENGTHS_WIRE_FIRST || (section->order == RS_LENGTHS_SMALLER_FIRST && one > other);
  *captured = turned ? other : one;
  *length = turned ? one : other;
}

/* See rs_file_index_view(). Inline: it is done for every packet of a walk, mostly for two of the numbers. */
static inline bool rs_pcap_view(const rs_section *section, const uint8_t *record, size_t there, rs_record_view *out) {
  if (there < section->header) return false;
  uint32_t captured, length;
  rs_pcap_lengths(section, record, section->swapped, &captured, &length);
  const uint64_t seconds = rs_u32(record, section->swapped), fraction = rs_u32(record + 4, section->swapped);
  *out = (rs_record_view){
      .time_ns = seconds * 1000000000 + fraction * (section->nanoseconds ? 1 : 1000),
      .captured = captured < section->snaplen ? captured : section->snaplen,
      .length = length,
      .header = section->header,
  };
  return true;
}

#endif
