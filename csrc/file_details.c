/* SPDX-License-Identifier: Apache-2.0 */
/* file_details: what a file says beside its packets: how far it was read, its interfaces, names, comments, kept blocks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "file.h"
#include "pcapng_read.h"

static uint64_t load(const _Atomic uint64_t *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

static uint64_t least(uint64_t one, uint64_t other) { return one < other ? one : other; }

/* A statistic that the file does not give counts nothing. */
static uint64_t said(const _Atomic uint64_t *counter) {
  const uint64_t value = load(counter);
  return value == UINT64_MAX ? 0 : value;
}

static void add_statistics(const rs_file_index *index, rs_file_info *out) {
  for (uint64_t i = 0; i < out->interfaces; i++) {
    const rs_interface *interface = rs_pile_at(&index->interfaces, i);
    out->received += said(&interface->received);
    out->dropped += said(&interface->dropped);
    out->os_dropped += said(&interface->os_dropped);
  }
}

static void say_fault(const rs_file *file, rs_file_info *out) {
  if (out->state == RS_FILE_FAILED) {
    out->fault_offset = file->fault.offset;
    snprintf(out->fault, sizeof out->fault, "%s", file->fault.words.text);
    return;
  }
  /* Packets that were found and cannot be read any more. */
  const uint64_t lost = load(file->store.lost);
  if (!lost) return;
  if (out->state == RS_FILE_DONE) out->state = RS_FILE_FAILED;
  out->fault_offset = lost - 1;
  snprintf(out->fault, sizeof out->fault,
           "%s, byte %llu: the packet that was there cannot be read any more; the file was cut or written over since it was opened",
           file->name, (unsigned long long)out->fault_offset);
}

void rs_file_state(const rs_file *file, rs_file_info *out) {
  const rs_file_index *index = &file->index;
  /* Acquire, and before all else: a state that says it is over comes with the last packets. */
  *out = (rs_file_info){.state = atomic_load_explicit(&file->state, memory_order_acquire)};
  const char *compression = atomic_load_explicit(&file->compression, memory_order_relaxed);
  snprintf(out->compression, sizeof out->compression, "%s", compression ? compression : "");
  out->format = atomic_load_explicit(&file->format, memory_order_relaxed);
  out->pipe = file->pipe;
  out->read = load(&file->read);
  out->size = file->pipe ? 0 : file->stream.size > out->read ? file->stream.size : out->read;
  out->offset = load(&file->looked);
  out->packets = rs_pile_count(&index->packets);
  out->evicted = least(atomic_load_explicit(&file->store.tail, memory_order_acquire) - 1, out->packets);
  out->bytes = load(&index->bytes);
  out->snapped = load(&index->snapped);
  out->disordered = load(&index->disordered);
  out->first_ns = load(&index->first_ns);
  out->last_ns = load(&index->last_ns);
  out->interfaces = (uint32_t)rs_pile_count(&index->interfaces);
  out->sections = (uint32_t)rs_pile_count(&index->sections);
  if (out->sections) out->swapped = ((const rs_section *)rs_pile_at(&index->sections, 0))->swapped;
  out->names = (uint32_t)rs_pile_count(&index->names);
  out->blocks = (uint32_t)rs_pile_count(&index->blocks);
  out->unknown = load(&index->unknown);
  out->secrets = load(&index->secrets);
  out->ignored = load(&index->ignored);
  add_statistics(index, out);
  say_fault(file, out);
}

static void copy_text(char *to, size_t room, const char *text) { snprintf(to, room, "%s", text ? text : ""); }

uint32_t rs_file_interfaces(const rs_file *file, uint32_t first, rs_file_interface *out, uint32_t max) {
  const uint64_t count = rs_pile_count(&file->index.interfaces);
  uint32_t done = 0;
  for (; first + (uint64_t)done < count && done < max; done++) {
    const rs_interface *one = rs_pile_at(&file->index.interfaces, first + (uint64_t)done);
    out[done] = (rs_file_interface){
        .link_type = one->link_type,
        .snaplen = one->snaplen,
        .exponent = one->ticks.exponent,
        .binary = one->ticks.binary,
        .offset = one->ticks.offset,
        .packets = load(&one->packets),
        .has_statistics = (load(&one->received) & load(&one->dropped) & load(&one->os_dropped)) != UINT64_MAX,
        .received = said(&one->received),
        .dropped = said(&one->dropped),
        .os_dropped = said(&one->os_dropped),
    };
    copy_text(out[done].name, sizeof out[done].name, one->name);
    copy_text(out[done].description, sizeof out[done].description, one->description);
    copy_text(out[done].filter, sizeof out[done].filter, one->filter);
  }
  return done;
}

uint32_t rs_file_names(const rs_file *file, uint32_t first, rs_file_name *out, uint32_t max) {
  const uint64_t count = rs_pile_count(&file->index.names);
  uint32_t done = 0;
  for (; first + (uint64_t)done < count && done < max; done++)
    out[done] = *(const rs_file_name *)rs_pile_at(&file->index.names, first + (uint64_t)done);
  return done;
}

uint32_t rs_file_blocks(const rs_file *file, uint32_t first, rs_file_block *out, uint32_t max) {
  const uint64_t count = rs_pile_count(&file->index.blocks);
  uint32_t done = 0;
  for (; first + (uint64_t)done < count && done < max; done++)
    out[done] = *(const rs_file_block *)rs_pile_at(&file->index.blocks, first + (uint64_t)done);
  return done;
}

/* -- link types ------------------------------------------------------------------------------------------------------- */

typedef struct usage {
  uint32_t link_type;
  uint64_t packets;
} usage;

static int by_packets(const void *left, const void *right) {
  const uint64_t one = ((const usage *)left)->packets, other = ((const usage *)right)->packets;
  return one < other ? 1 : one > other ? -1 : 0;
}

uint32_t rs_file_link_types(const rs_file *file, uint32_t *out, uint32_t max) {
  enum { MOST = 64 }; /* of different ones in a file; there are not three hundred at all */
  usage met[MOST];
  uint32_t kinds = 0;
  const uint64_t count = rs_pile_count(&file->index.interfaces);
  for (uint64_t i = 0; i < count; i++) {
    const rs_interface *interface = rs_pile_at(&file->index.interfaces, i);
    uint32_t kind = 0;
    while (kind < kinds && met[kind].link_type != interface->link_type) kind++;
    if (kind == MOST) continue;
    if (kind == kinds) met[kinds++] = (usage){.link_type = interface->link_type};
    met[kind].packets += load(&interface->packets);
  }
  qsort(met, kinds, sizeof *met, by_packets);
  uint32_t done = 0;
  for (; done < kinds && done < max && (met[done].packets || !done); done++) out[done] = met[done].link_type;
  return done;
}

/* -- comments --------------------------------------------------------------------------------------------------------- */

/* Lines of text in a buffer, with a NUL at the end. */
typedef struct text_lines {
  char *buffer;
  size_t room, used;
} text_lines;

static void add_line(text_lines *lines, const char *text, size_t size) {
  size = strnlen(text, size);
  if (!size || lines->used + 2 > lines->room) return;
  if (lines->used) lines->buffer[lines->used++] = '\n';
  size = least(size, lines->room - lines->used - 1);
  memcpy(lines->buffer + lines->used, text, size);
  lines->used += size;
}

static void add_packet_comments(const rs_file *file, uint64_t number, text_lines *lines) {
  enum { OPTIONS_MAX = 64 << 10 };
  const rs_file_packets *store = &file->store;
  uint64_t same, from, to;
  const rs_section *section = rs_file_index_section_of(&file->index, number, &same);
  if (section->format != RS_FILE_PCAPNG) return;
  const uint64_t offset = rs_file_index_offset(&file->index, number);
  uint8_t header[RS_RECORD_HEADER_MAX];
  const size_t there = rs_file_store_bytes(store, offset, header, sizeof header);
  if (!rs_pcapng_options_of(header, there, section->swapped, &from, &to)) return;
  const size_t size = least(to - from, OPTIONS_MAX);
  uint8_t *bytes = malloc(size);
  if (!bytes) return;
  rs_options options = {.at = bytes, .left = rs_file_store_bytes(store, offset + from, bytes, size), .swapped = section->swapped};
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&options, &code, &value, &length);)
    if (code == RS_OPTION_COMMENT) add_line(lines, (const char *)value, length);
  free(bytes);
}

size_t rs_file_comment(const rs_file *file, uint64_t number, char *buffer, size_t room) {
  text_lines lines = {.buffer = buffer, .room = room};
  if (number == 0) {
    const uint64_t count = rs_pile_count(&file->index.comments);
    for (uint64_t i = 0; i < count; i++) {
      const char *text = *(char **)rs_pile_at(&file->index.comments, i);
      if (text) add_line(&lines, text, RS_TEXT_MAX);
    }
  } else if (number >= rs_store_tail(&file->store.base) && number <= rs_store_head(&file->store.base)) {
    add_packet_comments(file, number, &lines);
  }
  if (room) buffer[lines.used] = 0;
  return lines.used;
}

/* -- losses ----------------------------------------------------------------------------------------------------------- */

/* The first loss that is known before packet `number` or a later one; as many as there are: none. */
static uint64_t loss_from(const rs_file_index *index, uint64_t number, uint64_t count) {
  uint64_t low = 0, high = count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (((const rs_file_loss *)rs_pile_at(&index->losses, middle))->number < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

uint32_t rs_file_losses(const rs_file *file, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max) {
  const uint64_t count = rs_pile_count(&file->index.losses);
  uint32_t done = 0;
  for (uint64_t i = loss_from(&file->index, first, count); i < count && done < max; i++) {
    const rs_file_loss *one = rs_pile_at(&file->index.losses, i);
    if (one->number > last) break;
    out[done++] = (rs_loss_info){.number = one->number, .time_ns = one->time_ns, .before_ns = one->before_ns,
                                 .lost = one->lost, .known = RS_LOST_COUNTED, .queue = one->interface};
  }
  return done;
}

uint64_t rs_file_next_loss(const rs_file *file, uint64_t number, int forward) {
  const uint64_t count = rs_pile_count(&file->index.losses);
  const uint64_t at = loss_from(&file->index, forward ? number + 1 : number, count);
  if (forward ? at == count : at == 0) return 0;
  return ((const rs_file_loss *)rs_pile_at(&file->index.losses, forward ? at : at - 1))->number;
}

size_t rs_file_bytes(const rs_file *file, uint64_t offset, uint8_t *bytes, size_t size) {
  /* Where to read is known when the first section is. */
  return rs_pile_count(&file->index.sections) ? rs_file_store_bytes(&file->store, offset, bytes, size) : 0;
}
