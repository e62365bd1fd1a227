/* SPDX-License-Identifier: Apache-2.0 */
/* pcap_read: the records of a pcap file (draft-ietf-opsawg-pcap), in both byte orders, with micro- and nanoseconds, of the old
 * versions that libpcap reads, and with Alexey Kuznetsov's longer record headers. */
#ifndef RS_PCAP_READ_H
#define RS_PCAP_READ_H

#include "file_index.h"

enum { RS_PCAP_FILE_HEADER = 24 };

/* Do the first 4 bytes begin a pcap file? */
bool rs_pcap_begins(const uint8_t *bytes);

/* Reads the file's header: one section, one interface. 0 or -EBADMSG. */
int rs_pcap_begin(rs_file_index *index, const uint8_t header[RS_PCAP_FILE_HEADER], rs_fault *fault);

/* Adds the packets whose records are whole, up to one that cannot be. 0 or -EBADMSG. */
int rs_pcap_step(rs_file_index *index, rs_step *step, rs_fault *fault);

/* See rs_file_index_view(). */
bool rs_pcap_view(const rs_section *section, const uint8_t *record, size_t there, rs_record_view *out);

#endif
