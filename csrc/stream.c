/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

enum {
  RAW = 256 << 10,      /* bytes that are read at once where they are decompressed */
  PIPE = 1 << 20,       /* bytes that a pipe shall hold, so that the writer is not held up */
  TICK_MS = 50,         /* how often it is looked whether a file has grown: nothing tells */
};

int rs_stream_open(rs_stream *stream, int fd, bool follow, int wake, rs_error *error) {
  struct stat about;
  *stream = (rs_stream){.fd = fd, .wake = wake};
  stream->raw = malloc(RAW);
  int result = stream->raw ? 0 : rs_error_set(error, ENOMEM, "no memory to read a file");
  if (!result && fstat(fd, &about)) result = rs_error_set(error, errno, "what it is cannot be found out: %s", strerror(errno));
  if (!result && S_ISDIR(about.st_mode)) result = rs_error_set(error, EISDIR, "it is a folder; name a capture file in it");
  if (!result && isatty(fd))
    result = rs_error_set(error, EINVAL, "it is a terminal; pipe a capture into it: tcpdump -U -w - | ringscope open -");
  if (result) {
    rs_stream_close(stream);
    return result;
  }
  stream->seekable = S_ISREG(about.st_mode);
  if (!stream->seekable) {
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE); /* for speed alone: where it may not be, the pipe stays as it is */
    return 0;
  }
  const off_t base = lseek(fd, 0, SEEK_CUR); /* of a descriptor that we were handed, somebody may have read before */
  stream->base = base > 0 ? (uint64_t)base : 0;
  stream->size = (uint64_t)about.st_size > stream->base ? (uint64_t)about.st_size - stream->base : 0;
  stream->follow = follow;
  (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return 0;
}

void rs_stream_close(rs_stream *stream) {
  rs_inflate_close(stream->inflate);
  free(stream->raw);
  if (stream->fd >= 0) close(stream->fd);
  *stream = (rs_stream){.fd = -1};
}

/* A file gave nothing: has it ended, or will it grow, or was something taken away from it? */
static ssize_t at_end(const rs_stream *stream, rs_error *error) {
  struct stat about;
  if (fstat(stream->fd, &about) == 0) {
    const uint64_t size = (uint64_t)about.st_size, known = stream->follow ? 0 : stream->size;
    const uint64_t least = stream->base + (stream->at > known ? stream->at : known);
    if (size < least)
      return rs_error_set(error, ESTALE, "the file was cut while it was read, from %llu bytes to %llu", (unsigned long long)least,
                          (unsigned long long)size);
  }
  return stream->follow ? -EAGAIN : 0;
}

static ssize_t from_file(rs_stream *stream, uint8_t *to, size_t room, rs_error *error) {
  ssize_t got;
  do
    got = pread(stream->fd, to, room, (off_t)(stream->base + stream->at));
  while (got < 0 && errno == EINTR);
  if (got < 0) return rs_error_set(error, errno, "the file cannot be read on: %s", strerror(errno));
  return got ? got : at_end(stream, error);
}

static ssize_t from_pipe(const rs_stream *stream, uint8_t *to, size_t room, rs_error *error) {
  /* It is asked before it is read: it need not be ours alone, so its mode is left as it is, and reading would wait. The end of a
   * FIFO whose writer is still to come is no end either, and poll(2) does not report it. */
  struct pollfd ready = {.fd = stream->fd, .events = POLLIN};
  if (poll(&ready, 1, 0) <= 0) return -EAGAIN;
  const ssize_t got = read(stream->fd, to, room);
  if (got >= 0) return got;
  if (errno == EINTR || errno == EAGAIN) return -EAGAIN;
  return rs_error_set(error, errno, "the pipe cannot be read on: %s", strerror(errno));
}

static ssize_t fetch(rs_stream *stream, uint8_t *to, size_t room, rs_error *error) {
  const ssize_t got = stream->seekable ? from_file(stream, to, room, error) : from_pipe(stream, to, room, error);
  if (got > 0) stream->at += (uint64_t)got;
  return got;
}

/* Finds out by the first bytes whether they are compressed. > 0: yes or no, it is known. */
static ssize_t find_out(rs_stream *stream, rs_error *error) {
  stream->next = stream->raw;
  for (ssize_t got = 1; got && stream->left < RS_INFLATE_MAGIC; stream->left += (size_t)got) {
    got = fetch(stream, stream->raw + stream->left, RAW - stream->left, error);
    if (got < 0) return got;
  }
  stream->compression = rs_inflate_name(stream->raw, stream->left);
  if (!*stream->compression) return 1;
  const int result = rs_inflate_open(stream->compression, &stream->inflate, error);
  return result ? result : 1;
}

static ssize_t decompressed(rs_stream *stream, uint8_t *to, size_t room, rs_error *error) {
  for (;;) {
    if (!stream->left && !stream->more) {
      ssize_t got = fetch(stream, stream->raw, RAW, error);
      if (got == 0 && !rs_inflate_whole(stream->inflate))
        return rs_error_set(error, EBADMSG, "the %s data end in the middle", stream->compression);
      if (got <= 0) return got;
      stream->next = stream->raw;
      stream->left = (size_t)got;
    }
    const ssize_t out = rs_inflate_run(stream->inflate, &stream->next, &stream->left, to, room, error);
    stream->more = out > 0;
    if (out) return out;
  }
}

ssize_t rs_stream_read(rs_stream *stream, uint8_t *to, size_t room, rs_error *error) {
  if (!stream->compression) {
    const ssize_t result = find_out(stream, error);
    if (result < 0) return result;
  }
  if (stream->inflate) return decompressed(stream, to, room, error);
  if (!stream->left) return fetch(stream, to, room, error);
  const size_t taken = stream->left < room ? stream->left : room;
  memcpy(to, stream->next, taken);
  stream->next += taken;
  stream->left -= taken;
  return (ssize_t)taken;
}

void rs_stream_wait(const rs_stream *stream) {
  struct pollfd what[] = {{.fd = stream->wake, .events = POLLIN}, {.fd = stream->fd, .events = POLLIN}};
  if (stream->seekable)
    (void)poll(what, 1, TICK_MS);
  else
    (void)poll(what, 2, -1);
}
