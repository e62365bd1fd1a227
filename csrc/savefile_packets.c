/* SPDX-License-Identifier: Apache-2.0 */
/* savefile_packets: which packets go into a capture file, and how each stands there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "savefile.h"

/* The most that one packet adds: its block, its texts, and the block of an interface that is met with it. */
#define LARGEST ((size_t)2 * RS_BLOCK_AROUND + RS_SAVE_LIMIT + 6 * (size_t)RS_TEXT_LONGEST)

_Static_assert(LARGEST < RS_SAVE_OUTPUT / 4, "several packets are written at once");

#define HOLD_NS (UINT64_C(500) * 1000 * 1000) /* how long a packet waits for the size of the loss before it */

typedef struct packet_header {
  uint32_t seconds, nanoseconds, captured, length;
} packet_header;

_Static_assert(sizeof(packet_header) == 16, "as in the file");

/* -- packets ---------------------------------------------------------------------------------------------------------- */

static void lay_record(rs_savefile *file, const rs_packet *packet, const uint8_t *bytes) {
  const packet_header header = {.seconds = (uint32_t)(packet->time_ns / 1000000000),
                                .nanoseconds = (uint32_t)(packet->time_ns % 1000000000),
                                .captured = packet->copied,
                                .length = packet->length};
  uint8_t *to = file->buffer + file->laid.used;
  memcpy(to, &header, sizeof header);
  memcpy(to + sizeof header, bytes, packet->copied);
  file->laid.used += sizeof header + packet->copied;
}

/* How many packets were lost before one, as far as that is known: RS_LOST_*. */
typedef struct loss_size {
  uint64_t lost;
  uint32_t known;
} loss_size;

/* An estimate is marked, and says how it was made. */
static void describe_loss(const rs_packet *packet, const loss_size *size, char *text, size_t room) {
  bool estimated = size->known == RS_LOST_ESTIMATED;
  if (size->lost)
    snprintf(text, room, "%s%llu packet%s lost before this one in queue %u%s", estimated ? "~" : "",
             (unsigned long long)size->lost, size->lost == 1 ? " was" : "s were", packet->queue,
             estimated ? ": its share, by time, of what the kernel counted for several losses" : "");
  else
    snprintf(text, room, "packets were lost before this one in queue %u", packet->queue);
}

static int lay_block(rs_savefile *file, const rs_packet *packet, const uint8_t *bytes, const loss_size *size,
                     rs_error *error) {
  int64_t index = rs_savefile_interface_of(file, packet, error);
  if (index < 0) return (int)index;
  char text[160];
  /* epb_dropcount has no place to say that it is an estimate: it is for what was counted. */
  rs_blocks_about about = {.interface = (uint32_t)index, .lost = size->known == RS_LOST_COUNTED ? size->lost : 0};
  if (packet->flags & RS_AFTER_LOSS) {
    describe_loss(packet, size, text, sizeof text);
    about.comments[0] = text;
  }
  about.comments[1] = rs_savefile_epoch_of(file, packet->epoch);
  if (file->options.origin && rs_file_comment(file->options.origin, packet->number, file->comment, sizeof file->comment))
    about.comments[2] = file->comment;
  rs_blocks_packet(&file->laid, packet, bytes, &about);
  return 0;
}

/* Will this packet soon make room for others? */
static bool is_old(const rs_store *store, uint64_t number) {
  uint64_t tail = rs_store_tail(store);
  return tail > 1 && number < tail + (rs_store_head(store) - tail) / 2;
}

/* Must this packet wait, because it is not known yet how many were lost before it? */
static bool is_held(rs_savefile *file, const rs_store *store, const rs_packet *packet) {
  uint64_t now = rs_clock_steady_ns();
  if (file->held != packet->number) {
    file->held = packet->number;
    file->held_since = now;
  }
  return now - file->held_since < HOLD_NS && !is_old(store, packet->number);
}

/* What becomes of a packet. */
typedef enum verdict { LAID, STOPPED, FAILED } verdict;

/* Lays a packet out; `may_wait`: it will be asked for again. */
static verdict lay(rs_savefile *file, const rs_store *store, const rs_packet *packet, bool may_wait, int *result,
                   rs_error *error) {
  const uint8_t *bytes = file->bytes + packet->offset;
  loss_size size = {.known = RS_LOST_COUNTING};
  file->full = file->options.size_limit && file->written + file->laid_packets &&
               file->output.size + file->laid.used > file->options.size_limit;
  if (file->full) return STOPPED;
  if (rs_savefile_is_pcapng(file)) {
    if (packet->flags & RS_AFTER_LOSS && file->options.losses &&
        rs_losses_find(file->options.losses, packet->queue, packet->time_ns, &size.lost, &size.known) == -EAGAIN &&
        may_wait && is_held(file, store, packet))
      return STOPPED;
    *result = lay_block(file, packet, bytes, &size, error);
  } else if (packet->link_type != file->options.link_type) {
    *result = rs_error_set(error, EPROTONOSUPPORT, "a pcap file holds packets of one link type, and packet %llu has "
                           "another; write a pcapng file", (unsigned long long)packet->number);
  } else {
    lay_record(file, packet, bytes);
  }
  if (*result) return FAILED;
  file->ends[file->laid_packets++] = file->laid.used;
  return LAID;
}

/* Writes the `count` packets that were read. Returns how many of them are dealt with. */
static uint32_t write_batch(rs_savefile *file, const rs_store *store, uint32_t count, bool may_wait, int *result,
                            rs_error *error) {
  uint32_t i = 0;
  *result = 0;
  for (; i < count; i++) {
    if (file->laid.used + LARGEST > sizeof file->buffer) *result = rs_savefile_flush(file, error);
    if (*result || lay(file, store, &file->packets[i], may_wait, result, error) != LAID) break;
  }
  int flushed = rs_savefile_flush(file, *result ? NULL : error);
  if (!*result) *result = flushed;
  if (*result) file->broken = true;
  return i;
}

/* -- choosing packets ------------------------------------------------------------------------------------------------- */

/* The number up to which all is known: read, or evicted. When nothing was read of what was asked for, all of that is
 * evicted, wherever the tail is: it stays at the oldest packet that any queue keeps. */
static uint64_t reached_by(const rs_savefile *file, uint64_t first, uint32_t count, uint32_t asked, uint64_t tail) {
  if (count) return file->packets[count - 1].number;
  uint64_t end = first + asked;
  return (tail > end ? tail : end) - 1;
}

/* Appends what there is of first .. last. *next: the number to go on with. */
static int append(rs_savefile *file, const rs_store *store, uint64_t first, uint64_t last, bool may_wait, uint64_t *next,
                  rs_error *error) {
  int result = rs_savefile_check(file, error);
  for (*next = first; !result && *next <= last && !file->full;) {
    uint64_t left = last - *next + 1;
    uint32_t asked = left < RS_SAVE_BATCH ? (uint32_t)left : RS_SAVE_BATCH;
    uint32_t count = rs_store_read(store, *next, asked, RS_SAVE_LIMIT, file->packets, file->bytes, sizeof file->bytes);
    uint64_t reached = reached_by(file, *next, count, asked, rs_store_tail(store));
    if (reached > last) reached = last; /* the tail went past what we were asked for */
    uint32_t done = write_batch(file, store, count, may_wait, &result, error);
    /* What was read and could not be written is lost, too: there is no going on after an error. */
    if (done < count && !result) reached = file->packets[done].number - 1;
    file->missed += reached + 1 - *next - done;
    *next = reached + 1;
    if (done < count) break;
  }
  return result;
}

int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, uint32_t may_wait, rs_error *error) {
  uint64_t head = rs_store_head(store);
  if (last > head) last = head;
  file->full = false;
  return append(file, store, file->next, last, may_wait, &file->next, error);
}

int rs_savefile_append(rs_savefile *file, const rs_store *store, uint64_t first, uint64_t last, uint64_t *next,
                       rs_error *error) {
  uint64_t head = rs_store_head(store);
  if (last > head) last = head;
  file->full = false;
  return append(file, store, first ? first : 1, last, false, next, error);
}

/* How many of these follow one another without a hole. */
static size_t run_of(const uint64_t *numbers, size_t count) {
  size_t run = 1;
  while (run < count && numbers[run] == numbers[0] + run) run++;
  return run;
}

int rs_savefile_pick(rs_savefile *file, const rs_store *store, const uint64_t *numbers, size_t count, size_t *done,
                     rs_error *error) {
  int result = rs_savefile_check(file, error);
  file->full = false;
  for (*done = 0; !result && *done < count && !file->full;) {
    /* As many runs as there is room for are read, and then written at once. */
    uint32_t got = 0, asked = 0;
    size_t used = 0;
    while (*done + asked < count && got < RS_SAVE_BATCH && RS_SAVE_BYTES - used >= RS_SAVE_LIMIT) {
      size_t run = run_of(numbers + *done + asked, count - *done - asked), room = RS_SAVE_BATCH - got;
      if (run > room) run = room;
      uint32_t more = rs_store_read(store, numbers[*done + asked], (uint32_t)run, RS_SAVE_LIMIT, file->packets + got,
                                    file->bytes + used, sizeof file->bytes - used);
      for (uint32_t i = 0; i < more; i++) file->packets[got + i].offset += (uint32_t)used;
      if (more) used = file->packets[got + more - 1].offset + file->packets[got + more - 1].copied;
      /* Fewer were read for want of room, or because they are gone. */
      if (more && more < run && sizeof file->bytes - used < RS_SAVE_LIMIT)
        run = (size_t)(file->packets[got + more - 1].number - numbers[*done + asked] + 1);
      got += more;
      asked += (uint32_t)run;
    }
    uint32_t laid = write_batch(file, store, got, false, &result, error);
    if (laid < got && !result) { /* full: up to the packet that is to come next */
      size_t at = 0;
      while (numbers[*done + at] < file->packets[laid].number) at++;
      asked = (uint32_t)at;
    }
    file->missed += asked - laid;
    *done += asked;
    if (laid < got) break;
  }
  return result;
}
