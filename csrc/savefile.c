/* SPDX-License-Identifier: Apache-2.0 */
/*
 * savefile: pcap files (draft-ietf-opsawg-pcap), written from a store by a reader like any other: what it is too late
 * for was evicted and is counted as missed. Never in the way of a capture thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "ringscope.h"

enum {
  MAGIC_NANOSECONDS = 0xA1B23C4D,
  BATCH = 1024,                /* packets read from the store at once */
  BYTES = 4 * 1024 * 1024,     /* ... and their bytes */
  LIMIT = RS_SNAPLEN_MAX,      /* readers refuse packets that are longer (MAXIMUM_SNAPLEN of libpcap) */
  OUTPUT = BYTES + BATCH * 16, /* a batch with its record headers */
};

typedef struct file_header {
  uint32_t magic;
  uint16_t major, minor;
  uint32_t reserved[2], snaplen, link_type;
} file_header;

typedef struct packet_header {
  uint32_t seconds, nanoseconds, captured, length;
} packet_header;

_Static_assert(sizeof(file_header) == 24 && sizeof(packet_header) == 16, "as in the file");

struct rs_savefile {
  int fd;
  bool owned;     /* ours to close; standard output is not */
  bool seekable;  /* a half-written packet can be taken back */
  uint64_t next;  /* number of the next packet to write */
  uint64_t written, missed;
  rs_packet packets[BATCH];
  uint8_t bytes[BYTES], output[OUTPUT];
};

/* Writes all of it; on an error *done says how much was written. */
static int put(rs_savefile *file, const void *from, size_t size, size_t *done, rs_error *error) {
  const uint8_t *bytes = from;
  *done = 0;
  while (*done < size) {
    ssize_t more = write(file->fd, bytes + *done, size - *done);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return rs_error_set(error, errno, "the capture file cannot be written: %s", strerror(errno));
    *done += (size_t)more;
  }
  return 0;
}

/* After an error: leaves of the first `done` bytes of the batch only whole packets in the file; returns how many. */
static uint32_t keep_whole(rs_savefile *file, uint32_t count, size_t done) {
  size_t whole = 0;
  uint32_t kept = 0;
  while (kept < count && whole + sizeof(packet_header) + file->packets[kept].copied <= done)
    whole += sizeof(packet_header) + file->packets[kept++].copied;
  if (file->seekable) {
    off_t end = lseek(file->fd, -(off_t)(done - whole), SEEK_CUR);
    /* Nothing more can be done about an error here; the one that led to it is reported. */
    if (end >= 0 && ftruncate(file->fd, end)) return kept;
  }
  return kept;
}

static int open_output(rs_savefile *file, const char *path, rs_error *error) {
  if (strcmp(path, "-") == 0) {
    file->fd = STDOUT_FILENO;
    return 0;
  }
  file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file->fd < 0) return rs_error_set(error, errno, "%s cannot be written: %s", path, strerror(errno));
  file->owned = true;
  file->seekable = lseek(file->fd, 0, SEEK_CUR) == 0;
  return 0;
}

int rs_savefile_create(const char *path, uint32_t link_type, uint32_t snaplen, rs_savefile **out, rs_error *error) {
  *out = NULL;
  rs_savefile *file = calloc(1, sizeof *file);
  if (!file) return rs_error_set(error, ENOMEM, "no memory to write a capture file");
  file->next = 1;
  const file_header header = {
      .magic = MAGIC_NANOSECONDS,
      .major = 2,
      .minor = 4,
      /* A cooked header and a VLAN tag that was put back are on top of the snaplen. */
      .snaplen = snaplen + 24 < LIMIT ? snaplen + 24 : LIMIT,
      .link_type = link_type};
  size_t done;
  int result = open_output(file, path, error);
  if (!result) result = put(file, &header, sizeof header, &done, error);
  if (result)
    (void)rs_savefile_close(file, NULL);
  else
    *out = file;
  return result;
}

/* Lays a batch out as it stands in the file. */
static size_t lay_out(rs_savefile *file, uint32_t count) {
  uint8_t *to = file->output;
  for (uint32_t i = 0; i < count; i++) {
    const rs_packet *packet = &file->packets[i];
    const packet_header header = {.seconds = (uint32_t)(packet->time_ns / 1000000000),
                                  .nanoseconds = (uint32_t)(packet->time_ns % 1000000000),
                                  .captured = packet->copied,
                                  .length = packet->length};
    memcpy(to, &header, sizeof header);
    memcpy(to + sizeof header, file->bytes + packet->offset, packet->copied);
    to += sizeof header + packet->copied;
  }
  return (size_t)(to - file->output);
}

/* The number up to which all is known: read, or evicted. When nothing was read of what was asked for, all of that is evicted,
 * wherever the tail is: it stays at the oldest packet that any queue keeps. */
static uint64_t reached_by(const rs_savefile *file, uint32_t count, uint32_t asked, uint64_t tail) {
  if (count) return file->packets[count - 1].number;
  uint64_t end = file->next + asked;
  return (tail > end ? tail : end) - 1;
}

int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, rs_error *error) {
  uint64_t head = rs_store_head(store);
  if (last > head) last = head;
  while (file->next <= last) {
    uint64_t left = last - file->next + 1;
    uint32_t asked = left < BATCH ? (uint32_t)left : BATCH;
    uint32_t count = rs_store_read(store, file->next, asked, LIMIT, file->packets, file->bytes, sizeof file->bytes);
    uint64_t reached = reached_by(file, count, asked, rs_store_tail(store));
    if (reached > last) reached = last; /* the tail went past what we were asked for */
    file->missed += reached - file->next + 1 - count;
    file->next = reached + 1;
    size_t done;
    int result = put(file, file->output, lay_out(file, count), &done, error);
    uint32_t kept = result ? keep_whole(file, count, done) : count;
    file->written += kept;
    file->missed += count - kept;
    if (result) return result;
  }
  return 0;
}

void rs_savefile_counts(const rs_savefile *file, uint64_t *written, uint64_t *missed) {
  *written = file->written;
  *missed = file->missed;
}

int rs_savefile_close(rs_savefile *file, rs_error *error) {
  if (!file) return 0;
  int result = 0;
  if (file->owned && close(file->fd)) result = rs_error_set(error, errno, "the capture file cannot be closed: %s", strerror(errno));
  free(file);
  return result;
}
