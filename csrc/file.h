/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: a capture file under one owner: its bytes in order (stream), where they can be read again (spool), what is known of its
 * packets (file_index), the store that shows them (file_store), and the thread that reads it through.
 */
#ifndef RS_FILE_H
#define RS_FILE_H

#include "file_store.h"
#include "spool.h"
#include "stream.h"
#include "thread.h"

struct rs_file {
  char name[96]; /* for sentences: the end of its path */
  rs_file_index index;
  rs_file_packets store;
  rs_stream stream; /* reader thread's own */
  rs_spool spool;
  rs_thread thread;
  int wake; /* eventfd: readable when reading is to end */
  uint64_t store_bytes;
  bool pipe;
  /* Reader thread's own: */
  uint8_t *window; /* bytes of the capture that have been read and not worked through */
  size_t capacity, there;
  uint64_t offset;  /* of the window's first byte, in the capture */
  uint64_t dropped; /* bytes that the spool was told to let go, ... */
  uint64_t spared;  /* ... those among them that it keeps, since they are of blocks that are kept */
  uint64_t next_block; /* the first kept block behind them */
  size_t need;      /* bytes that the record at the window's beginning takes, 0: not known */
  rs_fault fault;   /* stands before the state says that it does */
  _Atomic uint32_t state, format;
  _Atomic uint64_t read, looked; /* rs_file_info.read, .offset */
  _Atomic uint64_t size;
  _Atomic(const char *) compression;
  _Atomic bool cancelled;
};

/* rs_file_open() without the thread, and with a window of that size to begin with. */
int rs_file_prepare(const char *path, int fd, const rs_file_options *options, size_t window, rs_file **out, rs_error *error);

/* One step: reads what there is to be read now, at most a window of it, and finds the packets in it. False: reading has come to
 * its end, or must wait: see the state. */
bool rs_file_step(rs_file *file);

/* What the thread does: steps and waits up to the end. */
void rs_file_read_through(rs_file *file);

#endif
