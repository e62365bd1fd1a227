/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks: how the blocks of a pcapng file are laid out (draft-ietf-opsawg-pcapng), in this machine's byte order, with time
 * stamps in nanoseconds. Into memory; knows no file.
 */
#ifndef RS_BLOCKS_H
#define RS_BLOCKS_H

#include "ringscope.h"

enum {
  RS_TEXT_LONGEST = 32768,  /* bytes of a text; longer ones are cut */
  RS_BLOCK_AROUND = 128,    /* a block has at most so much beside its texts and the bytes of its packet */
};

/* Memory that is filled. Who calls sees to it that there is room. */
typedef struct rs_blocks {
  uint8_t *to;
  size_t used;
} rs_blocks;

/* Texts may be NULL or "": the option is then left out. */
void rs_blocks_section(rs_blocks *blocks, const char *hardware, const char *os, const char *application);

void rs_blocks_interface(rs_blocks *blocks, const rs_savefile_interface *interface);

/* What is said of a packet beside itself. */
typedef struct rs_blocks_about {
  uint32_t interface;       /* its index in this section */
  const char *comments[3];  /* NULL: none */
  uint64_t lost;            /* packets of its interface since the one before it, if that is known; else 0 */
} rs_blocks_about;

void rs_blocks_packet(rs_blocks *blocks, const rs_packet *packet, const uint8_t *bytes, const rs_blocks_about *about);

void rs_blocks_statistics(rs_blocks *blocks, uint32_t interface, const rs_savefile_statistics *statistics);

#endif
