/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng_read: the blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections in either byte order, interfaces, packets of all
 * three kinds, statistics, names; what else there is is kept in mind as it stands. */
#ifndef RS_PCAPNG_READ_H
#define RS_PCAPNG_READ_H

#include "file_index.h"

/* Do the first 4 bytes begin a pcapng file? */
bool rs_pcapng_begins(const uint8_t *bytes);

/* Works through the blocks that are whole, up to one that cannot be. 0 or -EBADMSG. */
int rs_pcapng_step(rs_file_index *index, rs_step *step, rs_fault *fault);

/* See rs_file_index_view(). */
bool rs_pcapng_view(const rs_file_index *index, const rs_section *section, const uint8_t *record, size_t there,
                    rs_record_view *out);

/* The options of a packet's block, of which `record` holds the first `there` bytes: where they begin and end, from the
 * beginning of the block. False: there are none. */
bool rs_pcapng_options_of(const uint8_t *record, size_t there, bool swapped, uint64_t *from, uint64_t *to);

/* Options one after another. */
typedef struct rs_options {
  const uint8_t *at;
  size_t left;
  bool swapped;
  bool broken; /* out: the last one goes beyond the end */
} rs_options;

enum { RS_OPTION_END = 0, RS_OPTION_COMMENT = 1 };

/* False: there is none any more. */
bool rs_option_next(rs_options *options, uint16_t *code, const uint8_t **value, uint16_t *length);

#endif
