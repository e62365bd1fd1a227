/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_store: the packets of a file as a store: their bytes are read by pread when they are asked for, and nothing is mapped,
 * so that a file that shrinks is an error and not a SIGBUS.
 */
#ifndef RS_FILE_STORE_H
#define RS_FILE_STORE_H

#include "file_index.h"
#include "headers.h"
#include "store.h"

typedef struct rs_file_packets {
  rs_store base;
  const rs_file_index *index;
  /* Set before the first packet is published: */
  int fd;          /* not ours: where the bytes of the capture are */
  uint64_t origin; /* ... and where in that they begin */
  _Atomic uint64_t tail;  /* oldest number kept; reader thread */
  rs_headers *headers;    /* ours; NULL: none are kept */
  _Atomic uint64_t *lost; /* ours, apart since a store is read as const: one more than the offset of a packet that could be read
                             and cannot be any more, 0: there was none */
} rs_file_packets;

int rs_file_store_open(rs_file_packets *store, const rs_file_index *index, rs_error *error);
void rs_file_store_close(rs_file_packets *store);

/* Bytes of the capture from `offset` on, fewer where it ends. */
size_t rs_file_store_bytes(const rs_file_packets *store, uint64_t offset, uint8_t *bytes, size_t size);

#endif
