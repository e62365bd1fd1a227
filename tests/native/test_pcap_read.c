/* SPDX-License-Identifier: Apache-2.0 */
/* pcap files of all kinds that libpcap reads, in both byte orders, cut and damaged at every byte. */
#include "files.h"
#include "pcap_read.h"

enum { MICRO = 0xa1b2c3d4, NANO = 0xa1b23c4d, KUZNETSOV = 0xa1b2cd34 };

static maker made;

static void start(bool swapped, uint32_t magic, uint16_t minor, uint32_t snaplen, uint32_t link_type) {
  made.swapped = swapped;
  made.size = 0;
  pcap_header(&made, magic, 2, minor, snaplen, link_type);
}

static void times_are_nanoseconds_in_both_byte_orders_and_units(void) {
  for (int turn = 0; turn < 4; turn++) {
    const bool nano = turn & 2;
    start(turn & 1, nano ? NANO : MICRO, 4, 65535, 1);
    for (uint32_t i = 0; i < 3; i++) {
      pcap_record(&made, 4000000000u + i, 999, 60 + i, 1514);
      put_frame(&made, 60 + i, i);
    }
    rs_file *file = read_made(&made);
    expect_packets(file, 3);
    uint8_t bytes[100];
    for (uint32_t i = 0; i < 3; i++) {
      const rs_packet found = packet_of(file, i + 1, bytes, sizeof bytes);
      CHECK_EQUAL(found.time_ns, (4000000000u + i) * UINT64_C(1000000000) + (nano ? 999 : 999000));
      CHECK_EQUAL(found.captured, 60 + i);
      CHECK_EQUAL(found.copied, 60 + i);
      CHECK_EQUAL(found.length, 1514);
      CHECK_EQUAL(found.link_type, 1);
      CHECK_EQUAL(found.epoch, 1);
      CHECK_EQUAL(found.queue, 0);
      CHECK_EQUAL(found.flags, RS_CLOCK_FILE);
      CHECK(is_frame(bytes, 60 + i, i));
    }
    const rs_file_info info = info_of(file);
    CHECK_EQUAL(info.format, RS_FILE_PCAP);
    CHECK_EQUAL(info.bytes, 3 * 1514);
    CHECK_EQUAL(info.first_ns, packet_of(file, 1, bytes, 1).time_ns);
    CHECK_EQUAL(info.last_ns, packet_of(file, 3, bytes, 1).time_ns);
    CHECK_EQUAL(info.disordered, 0);
    CHECK_EQUAL(info.snapped, 3); /* 60 bytes and a few of 1514 */
    CHECK_EQUAL(info.offset, made.size);
    rs_file_close(file);
  }
}

static void a_time_before_the_one_before_it_is_counted(void) {
  start(false, MICRO, 4, 0, 1);
  const uint32_t seconds[] = {5, 3, 4, 4, 2};
  for (int i = 0; i < 5; i++) pcap_record(&made, seconds[i], 7, 0, 0);
  rs_file *file = read_made(&made);
  expect_packets(file, 5);
  CHECK_EQUAL(info_of(file).disordered, 2);
  CHECK_EQUAL(info_of(file).first_ns, 2000007000);
  CHECK_EQUAL(info_of(file).last_ns, 5000007000);
  rs_file_close(file);
}

static void old_versions_have_their_lengths_the_other_way_round(void) {
  uint8_t bytes[64];
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped, MICRO, 2, 65535, 1); /* up to 2.2: the length on the wire first */
    pcap_record(&made, 1, 0, 50, 10);
    put_frame(&made, 10, 1);
    rs_file *file = read_made(&made);
    expect_packets(file, 1);
    rs_packet found = packet_of(file, 1, bytes, sizeof bytes);
    CHECK(found.captured == 10 && found.length == 50 && is_frame(bytes, 10, 1));
    rs_file_close(file);

    start(swapped, MICRO, 3, 65535, 1); /* 2.3: either */
    pcap_record(&made, 1, 0, 50, 10);
    put_frame(&made, 10, 2);
    pcap_record(&made, 1, 0, 11, 60);
    put_frame(&made, 11, 3);
    file = read_made(&made);
    expect_packets(file, 2);
    found = packet_of(file, 1, bytes, sizeof bytes);
    CHECK(found.captured == 10 && found.length == 50 && is_frame(bytes, 10, 2));
    found = packet_of(file, 2, bytes, sizeof bytes);
    CHECK(found.captured == 11 && found.length == 60 && is_frame(bytes, 11, 3));
    rs_file_close(file);
  }
}

static void kuznetsovs_longer_headers_are_passed_over(void) {
  uint8_t bytes[64];
  for (int swapped = 0; swapped < 2; swapped++) {
    start(swapped, KUZNETSOV, 4, 65535, 1);
    for (uint32_t i = 0; i < 2; i++) {
      pcap_record(&made, 9, 8, 20, 20);
      put(&made, "\1\0\0\0\10\0\2\0", 8);
      put_frame(&made, 20, i);
    }
    rs_file *file = read_made(&made);
    expect_packets(file, 2);
    const rs_packet found = packet_of(file, 2, bytes, sizeof bytes);
    CHECK(found.time_ns == 9000008000 && found.captured == 20 && is_frame(bytes, 20, 1));
    rs_file_close(file);
  }
}

static void what_lies_beyond_the_snaplen_does_not_belong_to_the_packet(void) {
  uint8_t bytes[200];
  start(false, MICRO, 4, 40, 1);
  pcap_record(&made, 1, 0, 100, 1000);
  put_frame(&made, 100, 5);
  pcap_record(&made, 2, 0, 10, 10);
  put_frame(&made, 10, 6);
  rs_file *file = read_made(&made);
  expect_packets(file, 2);
  const rs_packet found = packet_of(file, 1, bytes, sizeof bytes);
  CHECK(found.captured == 40 && found.copied == 40 && found.length == 1000 && is_frame(bytes, 40, 5));
  CHECK(packet_of(file, 2, bytes, sizeof bytes).captured == 10);
  rs_file_close(file);
}

static void every_link_type_is_kept_without_the_bits_above_it(void) {
  const uint32_t types[] = {0, 1, 12, 101, 105, 108, 113, 127, 147, 228, 276, 65535};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    start(false, MICRO, 4, 65535, types[i] | 0xf4000000);
    pcap_record(&made, 1, 0, 4, 4);
    put_frame(&made, 4, 0);
    rs_file *file = read_made(&made);
    uint8_t bytes[4];
    uint32_t met[4];
    CHECK_EQUAL(packet_of(file, 1, bytes, 4).link_type, types[i]);
    CHECK_EQUAL(rs_file_link_types(file, met, 4), 1);
    CHECK_EQUAL(met[0], types[i]);
    rs_file_close(file);
  }
}

static void a_version_that_nobody_knows_is_refused(void) {
  const uint16_t versions[][2] = {{1, 4}, {2, 5}, {3, 0}, {543, 1}};
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
    made.size = made.swapped = 0;
    pcap_header(&made, MICRO, versions[i][0], versions[i][1], 0, 1);
    rs_file *file = read_made(&made);
    CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
    CHECK(strstr(info_of(file).fault, "version is "));
    rs_file_close(file);
  }
  made.size = 0;
  pcap_header(&made, MICRO, 543, 0, 0, 1);
  rs_file *file = read_made(&made);
  expect_packets(file, 0);
  rs_file_close(file);
}

static void a_length_that_cannot_be_ends_the_file_at_its_byte(void) {
  for (int swapped = 0; swapped < 2; swapped++)
    for (uint32_t captured = RS_SNAPLEN_MAX; captured <= RS_SNAPLEN_MAX + 1; captured++) {
      start(swapped, MICRO, 4, 65535, 1);
      pcap_record(&made, 1, 0, 8, 8);
      put_frame(&made, 8, 0);
      const size_t where = made.size;
      pcap_record(&made, 1, 0, captured, captured);
      put_frame(&made, captured, 0);
      rs_file *file = read_made(&made);
      if (captured == RS_SNAPLEN_MAX) {
        expect_packets(file, 2);
      } else {
        const rs_file_info info = info_of(file);
        char byte[32];
        snprintf(byte, sizeof byte, "byte %zu:", where);
        CHECK_EQUAL(info.state, RS_FILE_FAILED);
        CHECK_EQUAL(info.packets, 1);
        CHECK_EQUAL(info.fault_offset, where);
        CHECK(strstr(info.fault, "test.pcap") && strstr(info.fault, byte) && strstr(info.fault, "packet 2"));
      }
      rs_file_close(file);
    }
}

static void link_types_with_long_packets_may_have_them(void) {
  start(false, MICRO, 4, 0, 189); /* USB_LINUX */
  pcap_record(&made, 1, 0, 500000, 500000);
  put_frame(&made, 500000, 3);
  pcap_record(&made, 1, 0, 5, 5);
  put_frame(&made, 5, 4);
  rs_file *file = read_made(&made);
  expect_packets(file, 2);
  static uint8_t bytes[RS_READ_MAX];
  rs_packet found = packet_of(file, 1, bytes, sizeof bytes);
  CHECK(found.captured == 500000 && found.copied == RS_READ_MAX && is_frame(bytes, RS_READ_MAX, 3));
  found = packet_of(file, 2, bytes, sizeof bytes);
  CHECK(found.captured == 5 && is_frame(bytes, 5, 4));
  rs_file_close(file);
}

static void a_file_cut_at_any_byte_shows_what_is_whole_before_it(void) {
  size_t ends[9] = {RS_PCAP_FILE_HEADER};
  start(false, NANO, 4, 65535, 1);
  for (uint32_t i = 1; i <= 8; i++) {
    pcap_record(&made, i, i, 3 * i, 100);
    put_frame(&made, 3 * i, i);
    ends[i] = made.size;
  }
  for (size_t size = 0; size <= made.size; size++) {
    rs_file *file = read_bytes(made.bytes, size, size % 2 ? 16 : 1 << 16);
    const rs_file_info info = info_of(file);
    uint32_t whole = 0;
    while (whole < 8 && ends[whole + 1] <= size) whole++;
    CHECK_EQUAL(info.packets, size < RS_PCAP_FILE_HEADER ? 0 : whole);
    const bool good = size >= RS_PCAP_FILE_HEADER && ends[whole] == size;
    CHECK_EQUAL(info.state, good ? RS_FILE_DONE : RS_FILE_FAILED);
    CHECK_EQUAL(info.fault[0] == 0, good);
    if (!good) CHECK_EQUAL(info.fault_offset, size < RS_PCAP_FILE_HEADER ? size : ends[whole]);
    for (uint32_t i = 1; i <= info.packets; i++) {
      uint8_t bytes[32];
      CHECK(packet_of(file, i, bytes, sizeof bytes).captured == 3 * i && is_frame(bytes, 3 * i, i));
    }
    rs_file_close(file);
  }
}

static void a_window_of_any_size_finds_the_same_packets(void) {
  start(true, MICRO, 4, 65535, 1);
  for (uint32_t i = 0; i < 200; i++) {
    pcap_record(&made, i, i, i * 7 % 300, 1500);
    put_frame(&made, i * 7 % 300, i);
  }
  for (size_t window = 1; window < 700; window += 13) {
    rs_file *file = read_bytes(made.bytes, made.size, window);
    expect_packets(file, 200);
    for (uint32_t i = 0; i < 200; i += 11) {
      uint8_t bytes[300];
      const rs_packet found = packet_of(file, i + 1, bytes, sizeof bytes);
      CHECK(found.captured == i * 7 % 300 && is_frame(bytes, found.captured, i));
    }
    rs_file_close(file);
  }
}

int main(void) {
  RUN(times_are_nanoseconds_in_both_byte_orders_and_units);
  RUN(a_time_before_the_one_before_it_is_counted);
  RUN(old_versions_have_their_lengths_the_other_way_round);
  RUN(kuznetsovs_longer_headers_are_passed_over);
  RUN(what_lies_beyond_the_snaplen_does_not_belong_to_the_packet);
  RUN(every_link_type_is_kept_without_the_bits_above_it);
  RUN(a_version_that_nobody_knows_is_refused);
  RUN(a_length_that_cannot_be_ends_the_file_at_its_byte);
  RUN(link_types_with_long_packets_may_have_them);
  RUN(a_file_cut_at_any_byte_shows_what_is_whole_before_it);
  RUN(a_window_of_any_size_finds_the_same_packets);
  return 0;
}
