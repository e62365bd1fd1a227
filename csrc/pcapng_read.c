/* SPDX-License-Identifier: Apache-2.0 */
#include "pcapng_read.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"

/* Types of blocks. */
enum {
  SECTION_HEADER = 0x0a0d0d0a,
  INTERFACE_DESCRIPTION = 1,
  PACKET = 2, /* obsolete */
  SIMPLE_PACKET = 3,
  NAME_RESOLUTION = 4,
  INTERFACE_STATISTICS = 5,
  ENHANCED_PACKET = 6,
  DECRYPTION_SECRETS = 10,
};

enum {
  BYTE_ORDER = 0x1a2b3c4d,
  BLOCK_HEADER = 8,
  BLOCK_TRAILER = 4,
  PACKET_HEADER = 28,
  SIMPLE_HEADER = 12,
};

/* Options. */
enum {
  IF_NAME = 2,
  IF_DESCRIPTION = 3,
  IF_TSRESOL = 9,
  IF_FILTER = 11,
  IF_TSOFFSET = 14,
  EPB_DROPCOUNT = 4,
  ISB_IFRECV = 4,
  ISB_IFDROP = 5,
  ISB_OSDROP = 7,
};

bool rs_pcapng_begins(const uint8_t *bytes) { return rs_u32(bytes, false) == SECTION_HEADER; }

bool rs_option_next(rs_options *options, uint16_t *code, const uint8_t **value, uint16_t *length) {
  enum { HEADER = 4 };
  if (options->left < HEADER) {
    options->broken = options->left != 0;
    return false;
  }
  *code = rs_u16(options->at, options->swapped);
  *length = rs_u16(options->at + 2, options->swapped);
  *value = options->at + HEADER;
  if (*code == RS_OPTION_END) return false;
  if (*length > options->left - HEADER) {
    options->broken = true;
    return false;
  }
  size_t whole = HEADER + ((*length + 3U) & ~3U);
  if (whole > options->left) whole = options->left; /* the last one was not filled up to 32 bits */
  options->at += whole;
  options->left -= whole;
  return true;
}

/* One block, of which all bytes are there. */
typedef struct rs_block {
  const uint8_t *bytes;
  uint32_t type, size; /* whole, filled up to 32 bits */
  bool swapped;
  uint64_t offset;
} rs_block;

/* What one step carries from block to block. */
typedef struct rs_work {
  rs_file_index *index;
  rs_fault *fault;
  rs_section section;      /* in force; format 0: none yet */
  uint64_t *slot;          /* room for packets, of which `added` are taken */
  uint64_t room, added;
  rs_interface *interface; /* of the newest packet, so that it need not be looked up again, ... */
  uint32_t interface_id;
  uint64_t interface_packets; /* ... and packets that are not counted for it yet */
  rs_sum sum;
  uint64_t end;
} rs_work;

static unsigned long long next_number(const rs_work *work) {
  return (unsigned long long)(work->index->packets.next + work->added + 1);
}

static rs_options options_at(const rs_block *block, uint32_t from) {
  return (rs_options){.at = block->bytes + from, .left = block->size - BLOCK_TRAILER - from, .swapped = block->swapped};
}

static void keep_comment(rs_file_index *index, const uint8_t *value, uint16_t length) {
  char **place = length ? rs_file_index_entry(index, &index->comments) : NULL;
  if (place) *place = rs_file_index_text(index, value, length);
}

/* Keeps in mind where the block stands. */
static void keep_block(rs_work *work, const rs_block *block) {
  rs_file_block *place = rs_file_index_entry(work->index, &work->index->blocks);
  if (place)
    *place = (rs_file_block){.type = block->type, .length = block->size, .offset = block->offset, .after = next_number(work) - 1};
}

static int too_short(const rs_work *work, const rs_block *block, const char *what) {
  return rs_fault_set(work->fault, block->offset, "the %s there is too short: %u bytes", what, block->size);
}

/* -- sections and interfaces ------------------------------------------------------------------------------------------ */

static void settle_interface(rs_work *work) {
  if (work->interface) rs_file_index_raise(&work->interface->packets, work->interface_packets);
  work->interface_packets = 0;
}

static int section_header(rs_work *work, const rs_block *block) {
  enum { OPTIONS = 24 };
  if (block->size < OPTIONS + BLOCK_TRAILER) return too_short(work, block, "section header");
  const uint16_t major = rs_u16(block->bytes + 12, block->swapped), minor = rs_u16(block->bytes + 14, block->swapped);
  if (major != 1)
    return rs_fault_set(work->fault, block->offset, "the version of the section is %u.%u, and only pcapng 1.x is known", major, minor);
  work->section = (rs_section){.first = next_number(work),
                               .interface = (uint32_t)work->index->interfaces.next,
                               .format = RS_FILE_PCAPNG,
                               .swapped = block->swapped};
  settle_interface(work);
  work->interface = NULL;
  work->interface_id = UINT32_MAX;
  rs_options options = options_at(block, OPTIONS);
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&options, &code, &value, &length);)
    if (code == RS_OPTION_COMMENT) keep_comment(work->index, value, length);
  return rs_file_index_section(work->index, &work->section, work->fault, block->offset);
}

static int interface_description(rs_work *work, const rs_block *block) {
  enum { OPTIONS = 16 };
  if (block->size < OPTIONS + BLOCK_TRAILER) return too_short(work, block, "interface description");
  rs_interface *interface = rs_file_index_interface(work->index, rs_u16(block->bytes + 8, block->swapped),
                                                    rs_u32(block->bytes + 12, block->swapped));
  if (!interface)
    return rs_fault_set(work->fault, block->offset, "there are more than %u interfaces", RS_INTERFACES_MAX);
  rs_options options = options_at(block, OPTIONS);
  uint8_t resolution = 6;
  int64_t offset = 0;
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&options, &code, &value, &length);) {
    char **text = code == IF_NAME ? &interface->name : code == IF_DESCRIPTION ? &interface->description : NULL;
    if (text && !*text) *text = rs_file_index_text(work->index, value, length);
    /* A filter begins with its kind; 0 is an expression. */
    if (code == IF_FILTER && length > 1 && value[0] == 0 && !interface->filter)
      interface->filter = rs_file_index_text(work->index, value + 1, length - 1U);
    if (code == IF_TSRESOL && length == 1) resolution = value[0];
    if (code == IF_TSOFFSET && length == 8) offset = (int64_t)rs_u64(value, block->swapped);
    if (code == RS_OPTION_COMMENT) keep_comment(work->index, value, length);
  }
  interface->ticks = rs_ticks_of(resolution, offset);
  /* What stands behind could be how its clock counts. */
  return options.broken ? rs_fault_set(work->fault, block->offset, "an option of the interface there goes beyond its end") : 0;
}

/* The interface of that number in the section that is in force; NULL: there is none. */
static rs_interface *find_interface(const rs_work *work, uint32_t id) {
  return id < work->index->interfaces.next - work->section.interface
             ? rs_pile_at(&work->index->interfaces, work->section.interface + id)
             : NULL;
}

static int interface_statistics(rs_work *work, const rs_block *block) {
  enum { OPTIONS = 20 };
  if (block->size < OPTIONS + BLOCK_TRAILER) return too_short(work, block, "interface statistics block");
  rs_interface *interface = find_interface(work, rs_u32(block->bytes + 8, block->swapped));
  if (!interface) return 0; /* statistics of nothing spoil no packet */
  rs_options options = options_at(block, OPTIONS);
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&options, &code, &value, &length);) {
    _Atomic uint64_t *counter = code == ISB_IFRECV   ? &interface->received
                                : code == ISB_IFDROP ? &interface->dropped
                                : code == ISB_OSDROP ? &interface->os_dropped
                                                     : NULL;
    if (counter && length == 8) atomic_store_explicit(counter, rs_u64(value, block->swapped), memory_order_relaxed);
  }
  return 0;
}

/* -- names ------------------------------------------------------------------------------------------------------------ */

/* One record: an address, and names of it, each with a NUL at its end. */
static void name_record(rs_file_index *index, uint32_t address, const uint8_t *value, uint16_t length) {
  for (size_t at = address; at < length;) {
    const size_t size = strnlen((const char *)value + at, length - at);
    rs_file_name *place = size ? rs_file_index_entry(index, &index->names) : NULL;
    if (place) {
      place->bits = 8 * address;
      memcpy(place->address, value, address);
      memcpy(place->name, value + at, size < sizeof place->name ? size : sizeof place->name - 1);
    }
    at += size + 1;
  }
}

static int name_resolution(rs_work *work, const rs_block *block) {
  static const uint8_t address_bytes[] = {0, 4, 16, 6, 8}; /* nrb_record_ipv4, _ipv6, _eui48, _eui64 */
  /* Records stand like options, and end like them. */
  rs_options records = options_at(block, BLOCK_HEADER);
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&records, &code, &value, &length);)
    if (code < sizeof address_bytes && length > address_bytes[code])
      name_record(work->index, address_bytes[code], value, length);
  keep_block(work, block);
  return 0;
}

/* -- packets ---------------------------------------------------------------------------------------------------------- */

static bool change_interface(rs_work *work, uint32_t id) {
  settle_interface(work);
  work->interface_id = id;
  work->interface = find_interface(work, id);
  return work->interface != NULL;
}

static bool make_room(rs_work *work) {
  rs_pile_add(&work->index->packets, work->added);
  work->added = 0;
  work->slot = rs_pile_room(&work->index->packets, &work->room);
  if (!work->slot) work->room = 0;
  return work->slot != NULL;
}

static inline void note_time(rs_work *work, uint64_t time_ns) {
  rs_file_index *index = work->index;
  work->sum.disordered += time_ns < index->newest_ns;
  index->newest_ns = time_ns;
  if (time_ns && (!work->sum.first_ns || time_ns < work->sum.first_ns)) work->sum.first_ns = time_ns;
  if (time_ns > work->sum.last_ns) work->sum.last_ns = time_ns;
}

/* The packet that was added last has options: does it come behind a loss? */
static void note_loss(rs_work *work, const rs_block *block, uint32_t captured) {
  rs_options options = options_at(block, PACKET_HEADER + ((captured + 3) & ~3U));
  const uint8_t *value;
  for (uint16_t code, length; rs_option_next(&options, &code, &value, &length);) {
    const uint64_t lost = code == EPB_DROPCOUNT && length == sizeof lost ? rs_u64(value, block->swapped) : 0;
    rs_file_loss *place = lost ? rs_file_index_entry(work->index, &work->index->losses) : NULL;
    if (!place) continue;
    *place = (rs_file_loss){.number = next_number(work) - 1, .lost = lost, .time_ns = work->index->newest_ns,
                            .before_ns = work->interface->newest_ns, .interface = work->section.interface + work->interface_id};
    return;
  }
}

static int bad_packet(rs_work *work, const rs_block *block, uint32_t id, uint32_t captured) {
  if (!work->interface)
    return rs_fault_set(work->fault, block->offset, "packet %llu is said to be of interface %u, and there is none of that number",
                        next_number(work), id);
  if (captured > work->interface->longest)
    return rs_fault_set(work->fault, block->offset,
                        "the block of packet %llu says that %u bytes of it were captured, and no packet has more than %u",
                        next_number(work), captured, work->interface->longest);
  return rs_fault_set(work->fault, block->offset,
                      "the block of packet %llu says that %u bytes of it were captured, but has only %u bytes itself",
                      next_number(work), captured, block->size);
}

/* How many bytes of the packet a simple block holds: it does not say, but the snaplen of the interface does. */
static uint32_t simple_captured(const rs_interface *interface, uint32_t length) {
  return interface && interface->snaplen && interface->snaplen < length ? interface->snaplen : length;
}

static inline __attribute__((always_inline)) int packet(rs_work *work, const rs_block *block) {
  const uint8_t *at = block->bytes;
  const bool swapped = block->swapped, simple = block->type == SIMPLE_PACKET;
  const uint32_t header = simple ? SIMPLE_HEADER : PACKET_HEADER;
  if (block->size < header + BLOCK_TRAILER) return too_short(work, block, "packet's block");
  const uint32_t id = simple ? 0 : block->type == PACKET ? rs_u16(at + 8, swapped) : rs_u32(at + 8, swapped);
  if (id != work->interface_id && !change_interface(work, id)) return bad_packet(work, block, id, 0);
  const rs_interface *interface = work->interface;
  const uint32_t length = rs_u32(at + (simple ? 8 : 24), swapped);
  const uint32_t captured = simple ? simple_captured(interface, length) : rs_u32(at + 20, swapped);
  if (!interface || captured > interface->longest || captured > block->size - header - BLOCK_TRAILER)
    return bad_packet(work, block, id, captured);
  if (work->added == work->room && !make_room(work))
    return rs_fault_set(work->fault, block->offset, "no memory to find packets from here on; the ones before are kept");
  work->slot[work->added++] = block->offset;
  work->interface_packets++;
  work->sum.bytes += length;
  work->sum.snapped += captured < length;
  if (!simple) {
    note_time(work, rs_ticks_ns(&interface->ticks, (uint64_t)rs_u32(at + 12, swapped) << 32 | rs_u32(at + 16, swapped)));
    if (block->size - header - BLOCK_TRAILER - captured > 4 && block->type == ENHANCED_PACKET) note_loss(work, block, captured);
    work->interface->newest_ns = work->index->newest_ns;
  }
  work->end = block->offset + block->size;
  return 0;
}

bool rs_pcapng_view(const rs_file_index *index, const rs_section *section, const uint8_t *record, size_t there,
                    rs_record_view *out) {
  const bool swapped = section->swapped;
  if (there < SIMPLE_HEADER) return false;
  const uint32_t type = rs_u32(record, swapped);
  const bool simple = type == SIMPLE_PACKET;
  if ((type != ENHANCED_PACKET && type != PACKET && !simple) || (!simple && there < PACKET_HEADER)) return false;
  const uint32_t id = simple ? 0 : type == PACKET ? rs_u16(record + 8, swapped) : rs_u32(record + 8, swapped);
  /* A file that was written over since may say anything. */
  if (id >= rs_pile_count(&index->interfaces) - section->interface) return false;
  const rs_interface *interface = rs_pile_at(&index->interfaces, section->interface + id);
  *out = (rs_record_view){.header = simple ? SIMPLE_HEADER : PACKET_HEADER, .interface = section->interface + id};
  out->length = rs_u32(record + (simple ? 8 : 24), swapped);
  out->captured = simple ? simple_captured(interface, out->length) : rs_u32(record + 20, swapped);
  if (!simple)
    out->time_ns =
        rs_ticks_ns(&interface->ticks, (uint64_t)rs_u32(record + 12, swapped) << 32 | rs_u32(record + 16, swapped));
  return true;
}

bool rs_pcapng_options_of(const uint8_t *record, size_t there, bool swapped, uint64_t *from, uint64_t *to) {
  if (there < PACKET_HEADER) return false;
  const uint32_t type = rs_u32(record, swapped);
  if (type != ENHANCED_PACKET && type != PACKET) return false;
  *from = PACKET_HEADER + (((uint64_t)rs_u32(record + 20, swapped) + 3) & ~UINT64_C(3));
  *to = (((uint64_t)rs_u32(record + 4, swapped) + 3) & ~UINT64_C(3)) - BLOCK_TRAILER;
  return *from < *to;
}

/* -- blocks ----------------------------------------------------------------------------------------------------------- */

static int other_block(rs_work *work, const rs_block *block) {
  switch (block->type) {
    case SECTION_HEADER:
      return section_header(work, block);
    case INTERFACE_DESCRIPTION:
      return interface_description(work, block);
    case INTERFACE_STATISTICS:
      return interface_statistics(work, block);
    case NAME_RESOLUTION:
      return name_resolution(work, block);
    case DECRYPTION_SECRETS:
      rs_file_index_raise(&work->index->secrets, 1);
      break;
    default:
      rs_file_index_raise(&work->index->unknown, 1);
  }
  keep_block(work, block);
  return 0;
}

/* The byte order in which this block is written: a section header says so itself. */
static bool find_order(rs_work *work, rs_block *block) {
  block->swapped = work->section.swapped;
  if (rs_u32(block->bytes, false) != SECTION_HEADER) return true;
  const uint32_t magic = rs_u32(block->bytes + BLOCK_HEADER, false);
  block->swapped = magic != BYTE_ORDER;
  return magic == BYTE_ORDER || magic == __builtin_bswap32(BYTE_ORDER);
}

/* Reads the type and size of the block that begins at `at`. 1: it is whole; 0: step->need says how many bytes it has. */
static inline int next_block(rs_work *work, rs_step *step, size_t at, rs_block *out) {
  *out = (rs_block){.bytes = step->bytes + at, .offset = step->offset + at};
  if (!find_order(work, out))
    return rs_fault_set(work->fault, out->offset, "the byte-order magic of the section there is wrong");
  out->type = rs_u32(out->bytes, out->swapped);
  const uint32_t total = rs_u32(out->bytes + 4, out->swapped);
  if (total < BLOCK_HEADER + BLOCK_TRAILER || total > RS_RECORD_MAX)
    return rs_fault_set(work->fault, out->offset, "a block of %u bytes is said to be there, behind packet %llu", total,
                        next_number(work) - 1);
  out->size = (total + 3) & ~3U; /* some writers do not count what fills it up */
  if (step->there - at < out->size) {
    step->need = out->size;
    return 0;
  }
  const uint32_t again = rs_u32(out->bytes + out->size - BLOCK_TRAILER, out->swapped);
  if (again != total)
    return rs_fault_set(work->fault, out->offset, "the block there, behind packet %llu, has %u bytes by its beginning and %u by its end",
                        next_number(work) - 1, total, again);
  return 1;
}

int rs_pcapng_step(rs_file_index *index, rs_step *step, rs_fault *fault) {
  rs_work work = {.index = index, .fault = fault, .interface_id = UINT32_MAX};
  if (index->sections.next) work.section = *(const rs_section *)rs_pile_at(&index->sections, index->sections.next - 1);
  size_t at = 0;
  int result = 0;
  while (step->there - at >= BLOCK_HEADER + BLOCK_TRAILER) {
    rs_block block;
    result = next_block(&work, step, at, &block);
    if (result != 1) break;
    const bool is_packet = block.type == ENHANCED_PACKET || block.type == SIMPLE_PACKET || block.type == PACKET;
    result = is_packet ? packet(&work, &block) : other_block(&work, &block);
    if (result) break;
    at += block.size;
  }
  settle_interface(&work);
  rs_pile_add(&index->packets, work.added);
  step->used = at;
  rs_file_index_publish(index, &work.sum, work.end);
  return result;
}
