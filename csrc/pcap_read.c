/* SPDX-License-Identifier: Apache-2.0 */
#include "pcap_read.h"

#include <errno.h>

#include "bytes.h"

enum {
  MAGIC_MICROSECONDS = 0xa1b2c3d4,
  MAGIC_NANOSECONDS = 0xa1b23c4d,
  MAGIC_KUZNETSOV = 0xa1b2cd34, /* microseconds; interface, protocol and direction stand behind the lengths */
  RECORD = 16,
  RECORD_KUZNETSOV = 24,
  COOKED_HEADER = 14, /* what a kernel of that time made up before a packet that had no header */
};

#define NANOSECONDS UINT64_C(1000000000)

static bool is_magic(uint32_t word) {
  return word == MAGIC_MICROSECONDS || word == MAGIC_NANOSECONDS || word == MAGIC_KUZNETSOV;
}

bool rs_pcap_begins(const uint8_t *bytes) { return is_magic(rs_u32(bytes, false)) || is_magic(rs_u32(bytes, true)); }

/* Which length comes first: changed with version 2.3, and not by everybody; 543.0 is DG/UX. */
static uint8_t lengths_of(uint16_t major, uint16_t minor) {
  if (major != 2 || minor < 3) return RS_LENGTHS_WIRE_FIRST;
  return minor == 3 ? RS_LENGTHS_SMALLER_FIRST : RS_LENGTHS_CAPTURED_FIRST;
}

int rs_pcap_begin(rs_file_index *index, const uint8_t header[RS_PCAP_FILE_HEADER], rs_fault *fault) {
  const bool swapped = !is_magic(rs_u32(header, false));
  const uint32_t magic = rs_u32(header, swapped), snaplen = rs_u32(header + 16, swapped);
  const uint16_t major = rs_u16(header + 4, swapped), minor = rs_u16(header + 6, swapped);
  if (!(major == 2 && minor <= 4) && !(major == 543 && minor == 0))
    return rs_fault_set(fault, 4, "its version is %u.%u, and only pcap files up to version 2.4 are known", major, minor);
  /* The bits above 16 tell of the frame check sequence. */
  const uint32_t link_type = rs_u32(header + 20, swapped) & 0xffff;
  rs_interface *interface = rs_file_index_interface(index, link_type, snaplen);
  if (!interface) return rs_fault_set(fault, 0, "no memory for its interface");
  interface->ticks = rs_ticks_of(magic == MAGIC_NANOSECONDS ? 9 : 6, 0);
  const bool longer = magic == MAGIC_KUZNETSOV;
  const rs_section section = {
      .first = 1,
      .format = RS_FILE_PCAP,
      .swapped = swapped,
      .header = longer ? RECORD_KUZNETSOV : RECORD,
      .order = lengths_of(major, minor),
      .nanoseconds = magic == MAGIC_NANOSECONDS,
      .snaplen = snaplen && snaplen <= INT32_MAX ? snaplen + (longer && link_type == 1 ? COOKED_HEADER : 0) : UINT32_MAX,
  };
  return rs_file_index_section(index, &section, fault, 0);
}

static int too_long(const rs_file_index *index, uint64_t offset, uint32_t captured, uint32_t longest, rs_fault *fault) {
  return rs_fault_set(fault, offset, "the record of packet %llu says that %u bytes of it were captured, and no packet has more than %u",
                      (unsigned long long)index->packets.next + 1, captured, longest);
}

/* The innermost loop: once for each byte order, so that nothing in it asks for it. */
static inline __attribute__((always_inline)) int add(rs_file_index *index, rs_step *step, bool swapped, rs_fault *fault) {
  const rs_section *section = rs_pile_at(&index->sections, 0);
  rs_interface *interface = rs_pile_at(&index->interfaces, 0);
  const uint32_t header = section->header, longest = interface->longest;
  const uint8_t *bytes = step->bytes;
  const size_t there = step->there;
  uint64_t bytes_sum = 0, snapped = 0, disordered = 0, room = 0, added = 0, *slot = NULL;
  uint64_t newest = index->newest_ns; /* seconds << 32 | fraction: all that an order needs */
  uint64_t low = UINT64_MAX, high = 0;
  size_t at = 0;
  int result = 0;
  while (there - at >= header) {
    const uint8_t *record = bytes + at;
    uint32_t captured, length;
    rs_pcap_lengths(section, record, swapped, &captured, &length);
    if (captured > longest) {
      rs_pile_add(&index->packets, added);
      added = 0;
      result = too_long(index, step->offset + at, captured, longest, fault);
      break;
    }
    if (there - at - header < captured) {
      step->need = header + captured;
      break;
    }
    if (added == room) {
      rs_pile_add(&index->packets, added);
      added = 0;
      slot = rs_pile_room(&index->packets, &room);
      if (!slot) {
        result = rs_fault_set(fault, step->offset + at, "no memory to find packets from here on; the ones before are kept");
        break;
      }
    }
    slot[added++] = step->offset + at;
    const uint64_t time = (uint64_t)rs_u32(record, swapped) << 32 | rs_u32(record + 4, swapped);
    disordered += time < newest;
    newest = time;
    low = time < low ? time : low;
    high = time > high ? time : high;
    bytes_sum += length;
    snapped += captured < length;
    at += header + captured;
  }
  rs_pile_add(&index->packets, added);
  index->newest_ns = newest;
  step->used = at;
  const uint64_t unit = section->nanoseconds ? 1 : 1000;
  rs_sum sum = {.bytes = bytes_sum, .snapped = snapped, .disordered = disordered};
  if (low <= high) {
    sum.first_ns = (low >> 32) * NANOSECONDS + (uint32_t)low * unit;
    sum.last_ns = (high >> 32) * NANOSECONDS + (uint32_t)high * unit;
  }
  atomic_store_explicit(&interface->packets, index->packets.next, memory_order_relaxed);
  rs_file_index_publish(index, &sum, at ? step->offset + at : 0);
  return result;
}

int rs_pcap_step(rs_file_index *index, rs_step *step, rs_fault *fault) {
  const rs_section *section = rs_pile_at(&index->sections, 0);
  return section->swapped ? add(index, step, true, fault) : add(index, step, false, fault);
}
