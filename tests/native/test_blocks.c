/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks of a pcapng file, byte by byte, as draft-ietf-opsawg-pcapng draws them. */
#include "blocks.h"

#include <endian.h>

#include "check.h"

static uint8_t memory[4 * RS_TEXT_LONGEST];

static uint32_t word_at(size_t at) {
  uint32_t value;
  memcpy(&value, memory + at, sizeof value);
  return value;
}

static uint16_t half_at(size_t at) {
  uint16_t value;
  memcpy(&value, memory + at, sizeof value);
  return value;
}

/* A block of this type from `at` on, whole, and its length at both ends. Returns where it ends. */
static size_t check_block(size_t at, uint32_t type) {
  CHECK_EQUAL(word_at(at), type);
  uint32_t length = word_at(at + 4);
  CHECK(length % 4 == 0 && length >= 12);
  CHECK_EQUAL(word_at(at + length - 4), length);
  return at + length;
}

/* An option with this text. Returns where the next one begins. */
static size_t check_text(size_t at, uint16_t code, const char *text) {
  CHECK_EQUAL(half_at(at), code);
  CHECK_EQUAL(half_at(at + 2), strlen(text));
  CHECK(memcmp(memory + at + 4, text, strlen(text)) == 0);
  size_t end = at + 4 + strlen(text);
  while (end % 4) CHECK_EQUAL(memory[end++], 0);
  return end;
}

static size_t check_count(size_t at, uint16_t code, uint64_t value) {
  uint64_t found;
  CHECK_EQUAL(half_at(at), code);
  CHECK_EQUAL(half_at(at + 2), 8);
  memcpy(&found, memory + at + 4, sizeof found);
  CHECK_EQUAL(found, value);
  return at + 12;
}

static size_t check_time(size_t at, uint16_t code, uint64_t time) {
  CHECK_EQUAL(half_at(at), code);
  CHECK_EQUAL(half_at(at + 2), 8);
  CHECK_EQUAL(word_at(at + 4), time >> 32);
  CHECK_EQUAL(word_at(at + 8), (uint32_t)time);
  return at + 12;
}

static void check_end(size_t at, size_t end) {
  CHECK_EQUAL(word_at(at), 0);
  CHECK_EQUAL(at + 8, end);
}

static void a_section_says_what_it_was_made_of_and_with(void) {
  rs_blocks blocks = {.to = memory};
  rs_blocks_section(&blocks, "x86_64", "Linux 6.18.0", "ringscope");
  CHECK_EQUAL(check_block(0, 0x0A0D0D0A), blocks.used);
  CHECK_EQUAL(word_at(8), 0x1A2B3C4D);
  CHECK_EQUAL(half_at(12), 1);
  CHECK_EQUAL(half_at(14), 0);
  CHECK(word_at(16) == UINT32_MAX && word_at(20) == UINT32_MAX);
  size_t at = check_text(24, 2, "x86_64");
  at = check_text(at, 3, "Linux 6.18.0");
  check_end(check_text(at, 4, "ringscope"), blocks.used);
}

static void texts_that_are_not_there_are_left_out(void) {
  rs_blocks blocks = {.to = memory};
  rs_blocks_section(&blocks, NULL, "", NULL);
  check_end(24, check_block(0, 0x0A0D0D0A));
}

static void an_interface_has_its_name_its_filter_and_nanoseconds(void) {
  rs_blocks blocks = {.to = memory};
  const rs_savefile_interface eth0 = {.link_type = 276, .snaplen = 300, .name = "eth0", .description = "the uplink",
                                      .filter = "tcp port 443"};
  rs_blocks_interface(&blocks, &eth0);
  size_t end = check_block(0, 1);
  CHECK_EQUAL(half_at(8), 276);
  CHECK_EQUAL(half_at(10), 0);
  CHECK_EQUAL(word_at(12), 300);
  size_t at = check_text(16, 2, "eth0");
  at = check_text(at, 3, "the uplink");
  CHECK_EQUAL(half_at(at), 9);
  CHECK_EQUAL(half_at(at + 2), 1);
  CHECK_EQUAL(word_at(at + 4), htole32(9));
  at += 8;
  CHECK_EQUAL(half_at(at), 11);
  CHECK_EQUAL(half_at(at + 2), 1 + strlen(eth0.filter));
  CHECK_EQUAL(memory[at + 4], 0); /* as text, not as a program */
  CHECK(memcmp(memory + at + 5, eth0.filter, strlen(eth0.filter)) == 0);
  check_end(at + 4 + 16, end);
}

static void a_packet_without_anything_to_be_said_has_no_options(void) {
  static const uint8_t bytes[] = {1, 2, 3, 4, 5};
  rs_blocks blocks = {.to = memory};
  const rs_packet packet = {.time_ns = 1700000000123456789u, .length = 1500, .captured = 5, .copied = 5, .packet_type = 255};
  rs_blocks_packet(&blocks, &packet, bytes, &(rs_blocks_about){.interface = 3});
  CHECK_EQUAL(check_block(0, 6), 8 + 20 + 8 + 4);
  CHECK_EQUAL(word_at(8), 3);
  CHECK_EQUAL((uint64_t)word_at(12) << 32 | word_at(16), 1700000000123456789u);
  CHECK_EQUAL(word_at(20), 5);
  CHECK_EQUAL(word_at(24), 1500);
  CHECK(memcmp(memory + 28, bytes, 5) == 0);
  CHECK(!memory[33] && !memory[34] && !memory[35]);
}

static void a_packet_has_its_comments_its_direction_and_what_was_lost_before_it(void) {
  static const uint8_t bytes[8];
  rs_blocks blocks = {.to = memory};
  const rs_packet packet = {.length = 8, .captured = 8, .copied = 8, .packet_type = 4};
  rs_blocks_packet(&blocks, &packet, bytes, &(rs_blocks_about){.comments = {"one", NULL, "three"}, .lost = 7});
  size_t end = check_block(0, 6), at = check_text(36, 1, "one");
  at = check_text(at, 1, "three");
  CHECK_EQUAL(half_at(at), 2);
  CHECK_EQUAL(half_at(at + 2), 4);
  CHECK_EQUAL(word_at(at + 4), 2); /* outbound */
  check_end(check_count(at + 8, 4, 7), end);
}

static void statistics_leave_out_what_is_not_known(void) {
  rs_blocks blocks = {.to = memory};
  const uint64_t start = 1700000000000000001u, end_ns = 1700000009000000002u;
  const rs_savefile_statistics all = {.start_ns = start, .end_ns = end_ns, .received = 1, .dropped = 2, .accepted = 3,
                                      .os_dropped = 4, .delivered = UINT64_C(5) << 33};
  rs_blocks_statistics(&blocks, 9, &all);
  size_t end = check_block(0, 5);
  CHECK_EQUAL(word_at(8), 9);
  CHECK_EQUAL((uint64_t)word_at(12) << 32 | word_at(16), end_ns);
  size_t at = check_time(20, 2, start);
  at = check_time(at, 3, end_ns);
  for (uint16_t code = 4; code < 8; code++) at = check_count(at, code, code - 3U);
  check_end(check_count(at, 8, UINT64_C(5) << 33), end);
  blocks.used = 0;
  const rs_savefile_statistics some = {.end_ns = 5, .received = RS_NOT_KNOWN, .dropped = 0, .accepted = RS_NOT_KNOWN,
                                       .os_dropped = RS_NOT_KNOWN, .delivered = RS_NOT_KNOWN};
  rs_blocks_statistics(&blocks, 0, &some);
  at = check_time(20, 3, 5);
  check_end(check_count(at, 5, 0), check_block(0, 5));
}

static void a_text_that_is_too_long_is_cut_between_two_characters(void) {
  static char text[2 * RS_TEXT_LONGEST + 4] = "a";
  for (size_t i = 1; i < 2 * RS_TEXT_LONGEST; i += 2) memcpy(text + i, "é", 2);
  rs_blocks blocks = {.to = memory};
  rs_blocks_section(&blocks, text, NULL, NULL);
  CHECK_EQUAL(half_at(26), RS_TEXT_LONGEST - 1);
  CHECK_EQUAL(memory[28 + RS_TEXT_LONGEST - 1], 0);
  check_end(28 + RS_TEXT_LONGEST, check_block(0, 0x0A0D0D0A));
}

int main(void) {
  RUN(a_section_says_what_it_was_made_of_and_with);
  RUN(texts_that_are_not_there_are_left_out);
  RUN(an_interface_has_its_name_its_filter_and_nanoseconds);
  RUN(a_packet_without_anything_to_be_said_has_no_options);
  RUN(a_packet_has_its_comments_its_direction_and_what_was_lost_before_it);
  RUN(statistics_leave_out_what_is_not_known);
  RUN(a_text_that_is_too_long_is_cut_between_two_characters);
  return 0;
}
