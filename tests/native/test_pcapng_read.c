/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng files: sections, interfaces and their clocks, packets of all three kinds, what stands beside them, and damage. */
#include <limits.h>

#include "files.h"

static maker made;

static void start(bool swapped) {
  made.swapped = swapped;
  made.size = 0;
}

static void packets_of_all_three_kinds_are_there(void) {
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped);
    section(&made);
    interface(&made, 1, 20);
    interface(&made, 113, 0);
    packet(&made, 1, 1700000000000001, 33, 60, 1);
    begin_block(&made, PB);
    put16(&made, 1);
    put16(&made, 0xffff);
    put32(&made, 0);
    put32(&made, 5);
    put32(&made, 10);
    put32(&made, 10);
    put_frame(&made, 10, 2);
    end_block(&made);
    for (uint32_t length = 19; length <= 21; length++) { /* its snaplen says how much of it there is */
      begin_block(&made, SPB);
      put32(&made, length);
      put_frame(&made, length < 20 ? length : 20, length);
      end_block(&made);
    }
    rs_file *file = read_made(&made);
    expect_packets(file, 5);
    uint8_t bytes[100];
    rs_packet found = packet_of(file, 1, bytes, sizeof bytes);
    CHECK(found.time_ns == 1700000000000001000 && found.captured == 33 && found.length == 60 && is_frame(bytes, 33, 1));
    CHECK(found.link_type == 113 && found.queue == 1 && found.ifindex == 1);
    found = packet_of(file, 2, bytes, sizeof bytes);
    CHECK(found.time_ns == 5000 && found.captured == 10 && found.link_type == 113 && is_frame(bytes, 10, 2));
    for (uint32_t length = 19; length <= 21; length++) {
      found = packet_of(file, length - 16, bytes, sizeof bytes);
      CHECK(found.length == length && found.captured == (length < 20 ? length : 20) && found.link_type == 1);
      CHECK(found.time_ns == 0 && found.queue == 0 && is_frame(bytes, found.captured, length));
      CHECK(packet_of(file, length - 16, bytes, 7).copied == 7 && is_frame(bytes, 7, length));
    }
    uint32_t types[2];
    CHECK_EQUAL(rs_file_link_types(file, types, 2), 2);
    CHECK(types[0] == 1 && types[1] == 113);
    CHECK_EQUAL(info_of(file).bytes, 60 + 10 + 19 + 20 + 21);
    CHECK_EQUAL(info_of(file).snapped, 2); /* 33 of 60, 20 of 21 */
    rs_file_close(file);
  }
}

static void every_interface_has_a_clock_of_its_own(void) {
  const struct {
    uint8_t resolution;
    int64_t offset;
    uint64_t stamp, ns;
  } cases[] = {
      {6, 0, 1700000000123456, 1700000000123456000},
      {9, 0, 1700000000123456789, 1700000000123456789},
      {0, 0, 1700000000, 1700000000000000000},
      {3, 0, 1700000000123, 1700000000123000000},
      {12, 0, 1700000000123456, 1700000000123},
      {19, 0, UINT64_MAX, 1844674407},
      {28, 0, UINT64_MAX, 1},
      {29, 0, UINT64_MAX, 0},
      {127, 0, UINT64_MAX, 0},
      {0x80, 0, 1700000000, 1700000000000000000},
      {0x80 | 20, 0, UINT64_C(1700000000) << 20 | 1 << 19, 1700000000500000000},
      {0x80 | 32, 0, UINT64_C(1700000000) << 32 | 1, 1700000000000000000},
      {0x80 | 63, 0, UINT64_MAX, 1999999999},
      {0x80 | 127, 0, UINT64_MAX, 0},
      {6, 1700000000, 5, 1700000000000005000},
      {6, -5, 6000000, 1000000000},
      {6, -7, 6000000, 0},                /* before 1970 */
      {0, 0, UINT64_MAX, UINT64_MAX},     /* after all that can be said */
      {0, INT64_MAX, UINT64_MAX, UINT64_MAX},
      {0, INT64_MIN, UINT64_MAX, UINT64_MAX},
      {6, INT64_MIN, 1, 0},
  };
  enum { COUNT = sizeof cases / sizeof *cases };
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped);
    section(&made);
    for (size_t i = 0; i < COUNT; i++) {
      begin_interface(&made, 1, 0);
      option(&made, 9, &cases[i].resolution, 1);
      option64(&made, 14, (uint64_t)cases[i].offset);
      end_options(&made);
      end_block(&made);
      packet(&made, (uint32_t)i, cases[i].stamp, 4, 4, 0);
    }
    rs_file *file = read_made(&made);
    expect_packets(file, COUNT);
    uint8_t bytes[4];
    for (size_t i = 0; i < COUNT; i++) CHECK_EQUAL(packet_of(file, i + 1, bytes, 4).time_ns, cases[i].ns);
    rs_file_close(file);
  }
}

static void sections_have_interfaces_and_a_byte_order_of_their_own(void) {
  start(false);
  for (uint32_t i = 0; i < 6; i++) {
    made.swapped = i % 2;
    section(&made);
    interface(&made, (uint16_t)(100 + i), 0);
    if (i == 3) continue; /* nothing in it */
    packet(&made, 0, i, 10 + i, 10 + i, i);
    packet(&made, 0, i, 20 + i, 20 + i, i);
  }
  rs_file *file = read_made(&made);
  expect_packets(file, 10);
  CHECK_EQUAL(info_of(file).sections, 6);
  CHECK_EQUAL(info_of(file).interfaces, 6);
  static uint8_t bytes[10 * 64];
  rs_packet found[10];
  for (int together = 0; together < 2; together++) { /* one by one, as there is room for no more; and all by one read */
    uint8_t *const buffer = together ? made.bytes : bytes;
    CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, 10, 64, found, buffer, together ? sizeof made.bytes : sizeof bytes), 10);
    for (uint32_t n = 0; n < 10; n++) {
      const uint32_t i = n < 6 ? n / 2 : n / 2 + 1;
      CHECK(found[n].number == n + 1 && found[n].link_type == 100 + i && found[n].queue == i);
      CHECK(found[n].captured == (n % 2 ? 20 : 10) + i && is_frame(buffer + found[n].offset, found[n].captured, i));
    }
  }
  rs_file_close(file);
}

static void what_an_interface_is_called_and_counted_is_told(void) {
  rs_file_interface found[4];
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped);
    section(&made);
    begin_interface(&made, 1, 96);
    text_option(&made, 2, "eth0");
    text_option(&made, 3, "the uplink");
    option(&made, 11, "\0tcp port 443", 13);
    option(&made, 9, "\x09", 1);
    end_options(&made);
    end_block(&made);
    begin_interface(&made, 276, 0);
    option(&made, 11, "\1not text", 9); /* a program */
    text_option(&made, 2, ""); /* no end of options: the block ends there */
    end_block(&made);
    packet(&made, 0, 1, 4, 4, 0);
    packet(&made, 0, 2, 4, 4, 0);
    packet(&made, 1, 3, 4, 4, 0);
    for (uint64_t turn = 1; turn <= 2; turn++) { /* they grow: the newest counts */
      begin_block(&made, ISB);
      put32(&made, 0);
      put64(&made, 0);
      option64(&made, 4, 1000 * turn);
      option64(&made, 5, 7 * turn);
      end_options(&made);
      end_block(&made);
    }
    begin_block(&made, ISB);
    put32(&made, 1);
    put64(&made, 0);
    option64(&made, 7, 11);
    end_options(&made);
    end_block(&made);
    rs_file *file = read_made(&made);
    expect_packets(file, 3);
    CHECK_EQUAL(rs_file_interfaces(file, 0, found, 4), 2);
    CHECK(strcmp(found[0].name, "eth0") == 0 && strcmp(found[0].description, "the uplink") == 0);
    CHECK(strcmp(found[0].filter, "tcp port 443") == 0);
    CHECK(found[0].snaplen == 96 && found[0].link_type == 1 && found[0].exponent == 9 && !found[0].binary);
    CHECK(found[0].packets == 2 && found[0].has_statistics && found[0].received == 2000 && found[0].dropped == 14);
    CHECK(found[0].os_dropped == 0);
    CHECK(found[1].packets == 1 && found[1].os_dropped == 11 && found[1].dropped == 0 && found[1].exponent == 6);
    CHECK(!found[1].name[0] && !found[1].filter[0]);
    CHECK_EQUAL(rs_file_interfaces(file, 1, found, 4), 1);
    CHECK_EQUAL(rs_file_interfaces(file, 2, found, 4), 0);
    const rs_file_info info = info_of(file);
    CHECK(info.received == 2000 && info.dropped == 14 && info.os_dropped == 11);
    rs_file_close(file);
  }
}

static void comments_of_packets_and_sections_are_read(void) {
  char text[256];
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped);
    begin_section(&made);
    text_option(&made, 1, "of the file");
    end_options(&made);
    end_block(&made);
    begin_interface(&made, 1, 0);
    text_option(&made, 1, "of the interface");
    end_block(&made);
    packet(&made, 0, 1, 5, 5, 0);
    begin_packet(&made, 0, 2, 5, 5, 0);
    text_option(&made, 1, "first");
    option(&made, 2, "\0\0\0\1", 4); /* epb_flags */
    text_option(&made, 1, "second, of 23 bytes in all");
    end_options(&made);
    end_block(&made);
    rs_file *file = read_made(&made);
    expect_packets(file, 2);
    CHECK_EQUAL(rs_file_comment(file, 1, text, sizeof text), 0);
    CHECK(text[0] == 0);
    CHECK_EQUAL(rs_file_comment(file, 2, text, sizeof text), 32);
    CHECK(strcmp(text, "first\nsecond, of 23 bytes in all") == 0);
    rs_file_comment(file, 0, text, sizeof text);
    CHECK(strcmp(text, "of the file\nof the interface") == 0);
    CHECK_EQUAL(rs_file_comment(file, 3, text, sizeof text), 0);
    for (size_t room = 0; room <= 32; room++) { /* cut where there is no room for more */
      memset(text, 'x', sizeof text);
      CHECK(rs_file_comment(file, 2, text, room) == (room ? strlen(text) : 0) && (!room || strlen(text) < room));
      CHECK(text[room] == 'x');
    }
    rs_file_close(file);
  }
}

static void names_are_read_and_what_is_not_understood_is_kept(void) {
  start(true);
  section(&made);
  interface(&made, 1, 0);
  begin_block(&made, NRB);
  option(&made, 1, "\12\0\0\1db1.internal\0db1", 21);
  option(&made, 2, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x35ns.example", 27);
  option(&made, 99, "what is this", 12);
  option(&made, 1, "\12\0", 2); /* too short for an address */
  end_options(&made);
  end_block(&made);
  packet(&made, 0, 1, 5, 5, 0);
  begin_block(&made, DSB);
  put32(&made, 0x544c534b);
  put32(&made, 12);
  put(&made, "CLIENT_RANDO", 12);
  end_block(&made);
  const size_t custom = made.size;
  begin_block(&made, 0xbad);
  put32(&made, 32473);
  put(&made, "custom data", 11);
  end_block(&made);
  begin_block(&made, 0x7777);
  end_block(&made);
  packet(&made, 0, 2, 5, 5, 0);
  rs_file *file = read_made(&made);
  expect_packets(file, 2);
  rs_file_name names[4];
  CHECK_EQUAL(rs_file_names(file, 0, names, 4), 3);
  CHECK(names[0].bits == 32 && memcmp(names[0].address, "\12\0\0\1", 4) == 0 && strcmp(names[0].name, "db1.internal") == 0);
  CHECK(names[1].bits == 32 && strcmp(names[1].name, "db1") == 0);
  CHECK(names[2].bits == 128 && names[2].address[15] == 0x35 && strcmp(names[2].name, "ns.example") == 0);
  const rs_file_info info = info_of(file);
  CHECK(info.secrets == 1 && info.unknown == 2 && info.names == 3 && info.ignored == 0);
  rs_file_block blocks[5];
  CHECK_EQUAL(rs_file_blocks(file, 0, blocks, 5), 4);
  CHECK(blocks[0].type == NRB && blocks[0].after == 0 && blocks[1].type == DSB && blocks[1].after == 1);
  CHECK(blocks[2].type == 0xbad && blocks[2].offset == custom && blocks[3].type == 0x7777 && blocks[3].length == 12);
  uint8_t bytes[64];
  CHECK_EQUAL(rs_file_bytes(file, blocks[2].offset, bytes, blocks[2].length), blocks[2].length);
  CHECK(memcmp(bytes, made.bytes + custom, blocks[2].length) == 0);
  rs_file_close(file);
}

static void a_long_block_is_passed_over_and_the_next_packet_is_found(void) {
  start(false);
  section(&made);
  interface(&made, 1, 0);
  begin_block(&made, 0x7777);
  put_frame(&made, 300000, 1);
  end_block(&made);
  packet(&made, 0, 1, 6, 6, 9);
  for (size_t window = 64; window <= 1 << 19; window *= 8) {
    rs_file *file = read_bytes(made.bytes, made.size, window);
    expect_packets(file, 1);
    uint8_t bytes[6];
    CHECK(packet_of(file, 1, bytes, 6).captured == 6 && is_frame(bytes, 6, 9));
    rs_file_close(file);
  }
}

/* A good packet, then something wrong at `where`, to be said with these words. */
static void expect_fault(size_t where, const char *words) {
  rs_file *file = read_made(&made);
  const rs_file_info info = info_of(file);
  if (!strstr(info.fault, words)) fprintf(stderr, "%s\nand not: %s\n", info.fault, words);
  CHECK_EQUAL(info.state, RS_FILE_FAILED);
  CHECK_EQUAL(info.fault_offset, where);
  CHECK(strstr(info.fault, words));
  CHECK_EQUAL(info.packets, 1);
  rs_file_close(file);
}

static size_t one_good_packet(bool swapped) {
  start(swapped);
  section(&made);
  interface(&made, 1, 0);
  packet(&made, 0, 1, 5, 5, 0);
  return made.size;
}

static void damage_is_named_with_its_byte(void) {
  for (int swapped = 0; swapped < 2; swapped++) {
    size_t where = one_good_packet(swapped);
    packet(&made, 1, 1, 5, 5, 0);
    expect_fault(where, "interface 1, and there is none");

    where = one_good_packet(swapped);
    packet(&made, UINT32_MAX, 1, 5, 5, 0);
    expect_fault(where, "interface 4294967295, and there is none");

    where = one_good_packet(swapped);
    section(&made);
    const size_t second = made.size;
    packet(&made, 0, 1, 5, 5, 0); /* the interfaces of the section before are not its own */
    expect_fault(second, "there is none of that number");

    where = one_good_packet(swapped);
    put32(&made, EPB);
    put32(&made, 8);
    put32(&made, 8);
    expect_fault(where, "a block of 8 bytes");

    where = one_good_packet(swapped);
    put32(&made, 0x7777);
    put32(&made, UINT32_MAX);
    put32(&made, 0);
    expect_fault(where, "a block of 4294967295 bytes");

    where = one_good_packet(swapped);
    packet(&made, 0, 1, 5, 5, 0);
    made.bytes[made.size - (swapped ? 1 : 4)] ^= 0x40;
    expect_fault(where, "by its beginning and");

    where = one_good_packet(swapped);
    begin_packet(&made, 0, 1, 5, 5, 0);
    made.bytes[where + (swapped ? 23 : 20)] = 200; /* captured */
    end_block(&made);
    expect_fault(where, "200 bytes of it were captured, but has only");

    where = one_good_packet(swapped);
    begin_packet(&made, 0, 1, 5, 5, 0);
    made.bytes[where + (swapped ? 20 : 23)] = 0x7f;
    end_block(&made);
    expect_fault(where, "no packet has more than 262144");

    where = one_good_packet(swapped);
    begin_interface(&made, 1, 0);
    put16(&made, 2);
    put16(&made, 100);
    end_block(&made);
    expect_fault(where, "goes beyond its end");

    where = one_good_packet(swapped);
    begin_block(&made, IDB);
    end_block(&made);
    expect_fault(where, "interface description there is too short");

    where = one_good_packet(swapped);
    begin_block(&made, SHB);
    put32(&made, 0x1a2b3c4d);
    put16(&made, 2);
    put16(&made, 0);
    put64(&made, 0);
    end_block(&made);
    expect_fault(where, "version of the section is 2.0");

    where = one_good_packet(swapped);
    begin_block(&made, SHB);
    put32(&made, 0x1a2b3c4e);
    put16(&made, 1);
    put16(&made, 0);
    put64(&made, 0);
    end_block(&made);
    expect_fault(where, "byte-order magic");
  }
}

static void a_file_cut_at_any_byte_shows_what_is_whole_before_it(void) {
  size_t ends[32], count = 0, first = 0;
  start(false);
  section(&made);
  ends[count++] = made.size;
  interface(&made, 1, 0);
  ends[count++] = first = made.size;
  for (uint32_t i = 1; i <= 8; i++) {
    packet(&made, 0, i, 3 * i, 100, i);
    ends[count++] = made.size;
  }
  for (size_t size = 0; size <= made.size; size++) {
    rs_file *file = read_bytes(made.bytes, size, size % 2 ? 16 : 1 << 16);
    const rs_file_info info = info_of(file);
    uint64_t packets = 0;
    bool good = false;
    for (size_t i = 0; i < count; i++) {
      packets += ends[i] > first && ends[i] <= size;
      good |= ends[i] == size;
    }
    CHECK_EQUAL(info.packets, packets);
    CHECK_EQUAL(info.state, good ? RS_FILE_DONE : RS_FILE_FAILED);
    CHECK_EQUAL(info.fault[0] == 0, good);
    rs_file_close(file);
  }
}

static void more_interfaces_than_a_packet_can_name_are_refused(void) {
  static uint8_t bytes[28 + 20 * (RS_INTERFACES_MAX + 1)];
  start(false);
  section(&made);
  const size_t begin = made.size;
  memcpy(bytes, made.bytes, begin);
  made.size = 0;
  interface(&made, 1, 0);
  for (size_t i = 0; i <= RS_INTERFACES_MAX; i++) memcpy(bytes + begin + 20 * i, made.bytes, 20);
  rs_file *file = read_bytes(bytes, sizeof bytes, 1 << 16);
  CHECK_EQUAL(info_of(file).interfaces, RS_INTERFACES_MAX);
  CHECK_EQUAL(info_of(file).fault_offset, begin + 20 * RS_INTERFACES_MAX);
  rs_file_close(file);
}

int main(void) {
  RUN(packets_of_all_three_kinds_are_there);
  RUN(every_interface_has_a_clock_of_its_own);
  RUN(sections_have_interfaces_and_a_byte_order_of_their_own);
  RUN(what_an_interface_is_called_and_counted_is_told);
  RUN(comments_of_packets_and_sections_are_read);
  RUN(names_are_read_and_what_is_not_understood_is_kept);
  RUN(a_long_block_is_passed_over_and_the_next_packet_is_found);
  RUN(damage_is_named_with_its_byte);
  RUN(a_file_cut_at_any_byte_shows_what_is_whole_before_it);
  RUN(more_interfaces_than_a_packet_can_name_are_refused);
  return 0;
}
