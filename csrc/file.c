/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "error.h"
#include "memory.h"
#include "pcap_read.h"
#include "pcapng_read.h"

enum {
  WINDOW = 1 << 20,
  BUSY = 64 << 10, /* a pipe that brings so much at once has not been read empty */
  MAGIC = 4,
  PAGE = 4096,
  HEADERS_SHARE = 4, /* a quarter of what rings may have, for the headers that views gather */
};

/* -- what has become of it -------------------------------------------------------------------------------------------- */

static uint32_t state_of(const rs_file *file) {
  /* Acquire: with the state comes the fault. */
  return atomic_load_explicit(&file->state, memory_order_acquire);
}

static bool come_to(rs_file *file, uint32_t state) {
  if (state != RS_FILE_READING && file->store.headers) rs_headers_begin_making(file->store.headers);
  atomic_store_explicit(&file->state, state, memory_order_release);
  return false;
}

/* Where an offset is counted. */
static const char *in_what(const rs_file *file) {
  const char *compression = atomic_load_explicit(&file->compression, memory_order_relaxed);
  return compression && *compression ? " of the decompressed data" : "";
}

static bool fail(rs_file *file, uint64_t offset, const char *words) {
  char text[sizeof file->fault.words.text];
  snprintf(text, sizeof text, "%s", words); /* it may stand where the sentence is going to */
  rs_fault_set(&file->fault, offset, "%s, byte %llu%s: %s", file->name, (unsigned long long)offset, in_what(file), text);
  return come_to(file, RS_FILE_FAILED);
}

/* -- a step ----------------------------------------------------------------------------------------------------------- */

/* Finds out what kind of file it is. 1: it is known; 0: more must be read; -EBADMSG. */
static int find_format(rs_file *file) {
  const uint8_t *bytes = file->window;
  if (file->there < MAGIC) return 0;
  if (rs_pcapng_begins(bytes)) {
    atomic_store_explicit(&file->format, RS_FILE_PCAPNG, memory_order_relaxed);
    return 1;
  }
  if (!rs_pcap_begins(bytes))
    return rs_fault_set(&file->fault, 0, "this is no capture file (pcap or pcapng, also compressed by gzip or zstd): it begins with %02x %02x %02x %02x",
                        bytes[0], bytes[1], bytes[2], bytes[3]);
  if (file->there < RS_PCAP_FILE_HEADER) return 0;
  const int result = rs_pcap_begin(&file->index, bytes, &file->fault);
  if (result) return result;
  atomic_store_explicit(&file->format, RS_FILE_PCAP, memory_order_relaxed);
  file->there -= RS_PCAP_FILE_HEADER;
  file->offset += RS_PCAP_FILE_HEADER;
  memmove(file->window, bytes + RS_PCAP_FILE_HEADER, file->there);
  return 1;
}

/* Works through the window, and moves what is left of it to its beginning. */
static int work_through(rs_file *file) {
  if (!atomic_load_explicit(&file->format, memory_order_relaxed)) {
    const int known = find_format(file);
    if (known != 1) return known;
  }
  const uint32_t format = atomic_load_explicit(&file->format, memory_order_relaxed);
  rs_step step = {.bytes = file->window, .there = file->there, .offset = file->offset};
  const int result = (format == RS_FILE_PCAP ? rs_pcap_step : rs_pcapng_step)(&file->index, &step, &file->fault);
  file->need = step.need;
  file->offset += step.used;
  file->there -= step.used;
  memmove(file->window, file->window + step.used, file->there);
  return result;
}

/* Makes the window large enough for the record it begins with. */
static bool widen(rs_file *file) {
  if (file->there < file->capacity) return true;
  const size_t wanted = file->need > 2 * file->capacity ? file->need : 2 * file->capacity;
  uint8_t *wider = realloc(file->window, wanted);
  if (!wider) return fail(file, file->offset, "there is no memory for the record there");
  file->window = wider;
  file->capacity = wanted;
  return true;
}

/* The capture ends here: after a whole record, or in the middle of one. */
static bool end(rs_file *file) {
  const unsigned long long last = file->offset + file->there, packets = rs_pile_count(&file->index.packets);
  if (!last) return fail(file, 0, "nothing is in it, not even a header");
  if (!atomic_load_explicit(&file->format, memory_order_relaxed)) return fail(file, last, "it ends there, within its header");
  if (!file->there) return come_to(file, RS_FILE_DONE);
  char words[160];
  snprintf(words, sizeof words, "it was cut: it ends at byte %llu, in the middle of what begins here, behind packet %llu", last,
           packets);
  return fail(file, file->offset, words);
}

/* Gives the room of these bytes back, but for that of kept blocks, as long as those are not a quarter of all. */
static void drop(rs_file *file, uint64_t from, uint64_t to) {
  for (; file->next_block < file->index.blocks.next; file->next_block++) {
    const rs_file_block *block = rs_pile_at(&file->index.blocks, file->next_block);
    if (block->offset >= to) break;
    if (file->spared + block->length > file->store_bytes / 4) continue;
    rs_spool_drop(&file->spool, from, block->offset);
    from = block->offset + block->length;
    file->spared += block->length;
  }
  rs_spool_drop(&file->spool, from, to);
}

/* The oldest packets of a pipe go when its spool is full, a sixteenth of it at a time. */
static void let_go(rs_file *file) {
  const uint64_t have = file->offset + file->there, head = rs_pile_count(&file->index.packets);
  uint64_t tail = atomic_load_explicit(&file->store.tail, memory_order_relaxed);
  if (!head || have - file->dropped <= file->store_bytes) return;
  const uint64_t keep_from = have - file->store_bytes + file->store_bytes / 16;
  uint64_t high = head + 1;
  /* The first packet that begins there or behind it. */
  for (uint64_t low = tail; low < high;) {
    const uint64_t middle = low + (high - low) / 2;
    if (rs_file_index_offset(&file->index, middle) < keep_from)
      tail = low = middle + 1;
    else
      high = middle;
  }
  const uint64_t from = tail <= head ? rs_file_index_offset(&file->index, tail) : file->offset;
  /* Release, and before anything goes: who reads on sees that it has gone. */
  atomic_store_explicit(&file->store.tail, tail, memory_order_release);
  drop(file, file->dropped, from);
  file->dropped = from / PAGE * PAGE; /* the rest of its page goes next time */
  rs_pile_forget(&file->index.packets, tail - 1);
}

/* Where the bytes can be read again; known when the first have been read. */
static int choose_place(rs_file *file, rs_error *error) {
  atomic_store_explicit(&file->compression, file->stream.compression, memory_order_relaxed);
  file->store.origin = file->stream.base;
  file->store.fd = file->stream.fd;
  if (rs_stream_again(&file->stream)) return 0;
  const int result = rs_spool_open(&file->spool, file->pipe, error);
  file->store.origin = 0;
  file->store.fd = file->spool.fd;
  return result;
}

bool rs_file_step(rs_file *file) {
  rs_error error;
  if (atomic_load_explicit(&file->cancelled, memory_order_relaxed)) return come_to(file, RS_FILE_CANCELLED);
  if (!widen(file)) return false;
  uint8_t *const to = file->window + file->there;
  const ssize_t got = rs_stream_read(&file->stream, to, file->capacity - file->there, &error);
  const uint64_t place = file->offset + file->there;
  atomic_store_explicit(&file->read, file->stream.at, memory_order_relaxed);
  if (got == -EAGAIN) return come_to(file, RS_FILE_WAITING);
  if (got < 0) return fail(file, place, error.text);
  if (got == 0) return end(file);
  if (file->store.fd < 0 && choose_place(file, &error)) return fail(file, place, error.text);
  if (file->spool.fd >= 0 && rs_spool_append(&file->spool, to, (size_t)got, &error)) return fail(file, place, error.text);
  file->there += (size_t)got;
  const int result = work_through(file);
  atomic_store_explicit(&file->looked, file->offset, memory_order_relaxed);
  if (result) return fail(file, file->fault.offset, file->fault.words.text);
  if (file->pipe) let_go(file);
  if (!file->pipe || got >= BUSY) come_to(file, RS_FILE_READING);
  return true;
}

static bool is_over(const rs_file *file) { return state_of(file) > RS_FILE_WAITING; }

void rs_file_read_through(rs_file *file) {
  while (!is_over(file))
    if (!rs_file_step(file) && !is_over(file)) rs_stream_wait(&file->stream);
}

/* -- open and close --------------------------------------------------------------------------------------------------- */

static int open_path(const char *path, int fd, rs_error *error) {
  /* Neither waits: a FIFO whose writer is still to come is opened at once, a terminal does not become ours. */
  fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd >= 0) return fd;
  if (errno == ENOENT) return rs_error_set(error, ENOENT, "there is no file %s", path);
  if (errno == EACCES) return rs_error_set(error, EACCES, "%s may not be read; use sudo, or ask its owner", path);
  return rs_error_set(error, errno, "%s cannot be opened: %s", path, strerror(errno));
}

static void set_name(rs_file *file, const char *path) {
  const char *slash = strrchr(path, '/');
  snprintf(file->name, sizeof file->name, "%s", slash && slash[1] ? slash + 1 : path);
}

static int prepare(rs_file *file, int fd, const rs_file_options *options, size_t window, rs_error *error) {
  int result = rs_file_index_open(&file->index, error);
  if (!result) result = rs_file_store_open(&file->store, &file->index, error);
  if (!result && (file->wake = eventfd(0, EFD_CLOEXEC)) < 0) result = rs_error_set(error, errno, "no eventfd: %s", strerror(errno));
  if (result) {
    close(fd);
    return result;
  }
  rs_error words;
  result = rs_stream_open(&file->stream, fd, options->follow, file->wake, &words);
  if (result) return rs_error_set(error, -result, "%s cannot be opened: %s", file->name, words.text);
  file->pipe = !file->stream.seekable;
  /* Of a pipe's packets the oldest go. */
  if (!file->pipe) file->store.headers = rs_headers_open(rs_memory_limit() / HEADERS_SHARE);
  file->capacity = window;
  file->window = malloc(window);
  return file->window ? 0 : rs_error_set(error, ENOMEM, "no memory to read a file");
}

int rs_file_prepare(const char *path, int fd, const rs_file_options *options, size_t window, rs_file **out, rs_error *error) {
  *out = NULL;
  const int opened = open_path(path, fd, error);
  if (opened < 0) return opened;
  rs_file *file = calloc(1, sizeof *file);
  if (!file) {
    close(opened);
    return rs_error_set(error, ENOMEM, "no memory to open a file");
  }
  file->wake = file->stream.fd = file->spool.fd = -1;
  file->store_bytes = options->store_bytes < RS_STORE_MIN ? RS_STORE_MIN : options->store_bytes;
  set_name(file, path);
  const int result = prepare(file, opened, options, window, error);
  if (result)
    rs_file_close(file);
  else
    *out = file;
  return result;
}

static void *read_through(void *file) {
  rs_file_read_through(file);
  return NULL;
}

int rs_file_open(const char *path, int fd, const rs_file_options *options, rs_file **out, rs_error *error) {
  int result = rs_file_prepare(path, fd, options, WINDOW, out, error);
  if (result) return result;
  rs_file *file = *out;
  /* Of a file the first packets are there at once, and often all of them. */
  while (!file->pipe && file->offset + file->there < WINDOW && rs_file_step(file)) {
  }
  if (state_of(file) == RS_FILE_FAILED && !rs_pile_count(&file->index.sections))
    result = rs_error_set(error, EBADMSG, "%s", file->fault.words.text);
  else if (!is_over(file))
    result = rs_thread_start(&file->thread, read_through, file, -1, "read a file", error);
  if (!result) return 0;
  rs_file_close(file);
  *out = NULL;
  return result;
}

const rs_store *rs_file_store(const rs_file *file) { return &file->store.base; }

void rs_file_cancel(rs_file *file) {
  atomic_store_explicit(&file->cancelled, true, memory_order_relaxed);
  const uint64_t once = 1;
  /* It can only fail when it has been called 2^64 times. */
  if (write(file->wake, &once, sizeof once) < 0) return;
}

void rs_file_close(rs_file *file) {
  if (!file) return;
  if (file->wake >= 0) rs_file_cancel(file);
  rs_thread_join(&file->thread);
  rs_stream_close(&file->stream);
  rs_spool_close(&file->spool);
  rs_file_store_close(&file->store);
  rs_file_index_close(&file->index);
  if (file->wake >= 0) close(file->wake);
  free(file->window);
  free(file);
}
