/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: the bytes of a capture in order, whatever they come from: a file, read by pread; a pipe, as it delivers; either
 * compressed. One thread reads; nothing blocks but rs_stream_wait().
 */
#ifndef RS_STREAM_H
#define RS_STREAM_H

#include "inflate.h"

typedef struct rs_stream {
  int fd;          /* owned */
  int wake;        /* not ours: readable when waiting is to end */
  bool seekable;   /* a regular file */
  bool follow;     /* a file's end is not the end */
  uint64_t base;   /* a file: where in it the capture begins */
  uint64_t size;   /* a file: bytes there were from there on when it was opened */
  uint64_t at;     /* bytes read so far, as they stand in the file */
  const char *compression; /* "gzip", "zstd", "": none, NULL: not known yet */
  rs_inflate *inflate;     /* NULL: none */
  uint8_t *raw;            /* bytes that have been read and not handed on */
  const uint8_t *next;     /* ... the first of them */
  size_t left;             /* ... and how many */
  bool more;               /* there may be more in `inflate` than was asked for */
} rs_stream;

/* Takes the descriptor over, also on an error. */
int rs_stream_open(rs_stream *stream, int fd, bool follow, int wake, rs_error *error);
void rs_stream_close(rs_stream *stream);

/* Reads at most `room` bytes of the capture. 0: it ends here. -EAGAIN: there is nothing more for now. Any other: it cannot be
 * read on. */
ssize_t rs_stream_read(rs_stream *stream, uint8_t *to, size_t room, rs_error *error);

/* Waits until there may be more, or a wake-up. */
void rs_stream_wait(const rs_stream *stream);

/* The bytes can be read a second time, from `fd` at `base` on. Known as soon as something has been read. */
static inline bool rs_stream_again(const rs_stream *stream) { return stream->seekable && !stream->inflate; }

#endif
