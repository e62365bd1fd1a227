/* SPDX-License-Identifier: Apache-2.0 */
#include "file_index.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "pcap_read.h"
#include "pcapng_read.h"

enum {
  TEXT_IN_ALL = 16 << 20, /* bytes of names, comments ... that are kept of a file */
};

#define NANOSECONDS UINT64_C(1000000000)

/* -- time ------------------------------------------------------------------------------------------------------------- */

rs_ticks rs_ticks_of(uint8_t resolution, int64_t offset) {
  rs_ticks ticks = {.binary = resolution >> 7, .exponent = resolution & 0x7f, .offset = offset};
  if (ticks.binary) return ticks;
  uint32_t tens = ticks.exponent <= 9 ? 9U - ticks.exponent : ticks.exponent - 9U;
  ticks.factor = tens <= 19; /* 10^19 is the largest power of ten in 64 bits */
  for (uint32_t i = 0; ticks.factor && i < tens; i++) ticks.factor *= 10;
  return ticks;
}

uint64_t rs_ticks_ns(const rs_ticks *ticks, uint64_t stamp) {
  __extension__ typedef __int128 wide;
  wide ns;
  if (ticks->binary)
    ns = (wide)(((unsigned __int128)stamp * NANOSECONDS) >> ticks->exponent);
  else if (ticks->exponent <= 9)
    ns = (wide)stamp * (wide)ticks->factor;
  else
    ns = ticks->factor ? (wide)(stamp / ticks->factor) : 0;
  ns += (wide)ticks->offset * (wide)NANOSECONDS;
  return ns < 0 ? 0 : ns > (wide)UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* -- open and close --------------------------------------------------------------------------------------------------- */

int rs_file_index_open(rs_file_index *index, rs_error *error) {
  *index = (rs_file_index){0};
  int result = rs_pile_open(&index->packets, sizeof(uint64_t), 18, 1 << 16, error); /* 2 MiB a piece */
  if (!result) result = rs_pile_open(&index->sections, sizeof(rs_section), 11, 1 << 15, error);
  if (!result) result = rs_pile_open(&index->interfaces, sizeof(rs_interface), 9, RS_INTERFACES_MAX >> 9, error);
  if (!result) result = rs_pile_open(&index->names, sizeof(rs_file_name), 8, 1 << 8, error);
  if (!result) result = rs_pile_open(&index->blocks, sizeof(rs_file_block), 11, 1 << 5, error);
  if (!result) result = rs_pile_open(&index->comments, sizeof(char *), 13, 1 << 3, error);
  if (!result) result = rs_pile_open(&index->losses, sizeof(rs_file_loss), 11, 1 << 9, error);
  if (result) rs_file_index_close(index);
  return result;
}

void rs_file_index_close(rs_file_index *index) {
  for (uint64_t i = 0; i < index->interfaces.next; i++) {
    rs_interface *interface = rs_pile_at(&index->interfaces, i);
    free(interface->name);
    free(interface->description);
    free(interface->filter);
  }
  for (uint64_t i = 0; i < index->comments.next; i++) free(*(char **)rs_pile_at(&index->comments, i));
  rs_pile_close(&index->packets);
  rs_pile_close(&index->sections);
  rs_pile_close(&index->interfaces);
  rs_pile_close(&index->names);
  rs_pile_close(&index->blocks);
  rs_pile_close(&index->comments);
  rs_pile_close(&index->losses);
}

/* -- adding ----------------------------------------------------------------------------------------------------------- */

int rs_fault_set(rs_fault *fault, uint64_t offset, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fault->words.text, sizeof fault->words.text, format, arguments);
  va_end(arguments);
  fault->offset = offset;
  return -EBADMSG;
}

/* The largest packet of a link type that libpcap takes for sane (max_snaplen_for_dlt() in pcap-common.c); what it takes beyond
 * 16 MiB is more than a record may have here. */
static uint32_t longest_packet(uint32_t link_type) {
  enum { USB_LINUX = 189, USB_LINUX_MMAPPED = 220, DBUS = 231, USBPCAP = 249, EBHSCR = 279, BEYOND_HEADERS = 64 };
  switch (link_type) {
    case EBHSCR:
      return 8 << 20;
    case USB_LINUX:
    case USB_LINUX_MMAPPED:
    case DBUS:
    case USBPCAP:
      return RS_RECORD_MAX - BEYOND_HEADERS;
    default:
      return RS_SNAPLEN_MAX;
  }
}

int rs_file_index_section(rs_file_index *index, const rs_section *section, rs_fault *fault, uint64_t offset) {
  uint64_t room;
  rs_section *place = rs_pile_room(&index->sections, &room);
  if (!place) return rs_fault_set(fault, offset, "there are more sections than can be kept in mind");
  *place = *section;
  rs_pile_add(&index->sections, 1);
  return 0;
}

rs_interface *rs_file_index_interface(rs_file_index *index, uint32_t link_type, uint32_t snaplen) {
  uint64_t room;
  rs_interface *place = rs_pile_room(&index->interfaces, &room);
  if (!place) return NULL;
  place->link_type = link_type;
  place->snaplen = snaplen;
  place->longest = longest_packet(link_type);
  place->ticks = rs_ticks_of(6, 0); /* microseconds, if the file says nothing else */
  atomic_store_explicit(&place->received, UINT64_MAX, memory_order_relaxed);
  atomic_store_explicit(&place->dropped, UINT64_MAX, memory_order_relaxed);
  atomic_store_explicit(&place->os_dropped, UINT64_MAX, memory_order_relaxed);
  rs_pile_add(&index->interfaces, 1);
  return place;
}

void rs_file_index_raise(_Atomic uint64_t *counter, uint64_t by) {
  /* One writer: no read-modify-write is needed. */
  atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

char *rs_file_index_text(rs_file_index *index, const uint8_t *from, size_t size) {
  if (size > RS_TEXT_MAX) size = RS_TEXT_MAX;
  size = strnlen((const char *)from, size);
  char *text = NULL;
  if (size && index->text + size <= TEXT_IN_ALL) text = strndup((const char *)from, size);
  if (text) index->text += size;
  if (size && !text) rs_file_index_raise(&index->ignored, 1);
  return text;
}

void *rs_file_index_entry(rs_file_index *index, rs_pile *pile) {
  uint64_t room;
  void *place = rs_pile_room(pile, &room);
  if (!place)
    rs_file_index_raise(&index->ignored, 1);
  else
    rs_pile_add(pile, 1);
  return place;
}

static void take_into_account(rs_file_index *index, const rs_sum *sum) {
  const uint64_t first = atomic_load_explicit(&index->first_ns, memory_order_relaxed);
  rs_file_index_raise(&index->bytes, sum->bytes);
  rs_file_index_raise(&index->snapped, sum->snapped);
  rs_file_index_raise(&index->disordered, sum->disordered);
  if (sum->first_ns && (!first || sum->first_ns < first))
    atomic_store_explicit(&index->first_ns, sum->first_ns, memory_order_relaxed);
  if (sum->last_ns > atomic_load_explicit(&index->last_ns, memory_order_relaxed))
    atomic_store_explicit(&index->last_ns, sum->last_ns, memory_order_relaxed);
}

void rs_file_index_publish(rs_file_index *index, const rs_sum *sum, uint64_t end) {
  take_into_account(index, sum);
  rs_pile_publish(&index->sections);
  rs_pile_publish(&index->interfaces);
  rs_pile_publish(&index->names);
  rs_pile_publish(&index->blocks);
  rs_pile_publish(&index->comments);
  rs_pile_publish(&index->losses);
  if (end) atomic_store_explicit(&index->end, end, memory_order_relaxed);
  rs_pile_publish(&index->packets); /* last: with it all that reading a packet needs is there */
}

/* -- looking up ------------------------------------------------------------------------------------------------------- */

static const rs_section *section_at(const rs_file_index *index, uint64_t place) { return rs_pile_at(&index->sections, place); }

const rs_section *rs_file_index_section_of(const rs_file_index *index, uint64_t number, uint64_t *last) {
  /* In this order: the sections of all packets that are counted are there. */
  const uint64_t head = rs_pile_count(&index->packets), count = rs_pile_count(&index->sections);
  uint64_t low = 0, high = count;
  /* The last one that begins with this number or before it. */
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    if (section_at(index, middle)->first <= number)
      low = middle;
    else
      high = middle;
  }
  *last = high < count ? section_at(index, high)->first - 1 : head;
  return section_at(index, low);
}

bool rs_file_index_view(const rs_file_index *index, const rs_section *section, const uint8_t *record, size_t there,
                        uint64_t size, rs_record_view *out) {
  const bool found = section->format == RS_FILE_PCAP ? rs_pcap_view(section, record, there, out)
                                                     : rs_pcapng_view(index, section, record, there, out);
  return found && out->header + (uint64_t)out->captured <= size;
}
