/* SPDX-License-Identifier: Apache-2.0 */
/* Packed headers: a filter says of them what it says of the packets, or that it has to see more. */
#include "headers_block.h"

#include "bpf_check.h"
#include "bpf_wide.h"
#include "random_frames.h"

enum { PACKETS = RS_HEADERS_PACKETS };

static random_source source;
static rs_headers_maker making;
static uint8_t shown[RS_HEADERS_GROUP * RS_HEADERS_SHOWN];

static rs_headers_block *finish(void) {
  rs_headers_block *block = malloc(rs_headers_size(&making));
  rs_headers_finish(&making, block);
  return block;
}

/* -- verdicts --------------------------------------------------------------------------------------------------------- */

static rs_bpf_verdict verdict_of(uint64_t match, uint64_t unknown, uint32_t lane) {
  return match >> lane & 1 ? RS_BPF_MATCH : unknown >> lane & 1 ? RS_BPF_UNKNOWN : RS_BPF_REJECT;
}

/* Tells of how many packets the headers were enough. */
static uint32_t judge(const rs_bpf_code *code, const rs_sight *sights, const frame *frames, uint32_t count) {
  const rs_bpf_frame *listed[RS_HEADERS_GROUP];
  uint64_t match, unknown;
  uint32_t enough = 0;
  for (uint32_t i = 0; i < count; i++) listed[i] = &sights[i].frame;
  rs_bpf_wide_run(code, listed, count, &match, &unknown);
  for (uint32_t i = 0; i < count; i++) {
    const rs_bpf_frame whole = sight_of(&frames[i]).frame;
    const rs_bpf_verdict ours = verdict_of(match, unknown, i), right = rs_bpf_code_run(code, &whole);
    if (ours == RS_BPF_UNKNOWN && sights[i].partial) continue;
    CHECK(ours == right);
    enough++;
  }
  return enough;
}

static void headers_never_change_a_verdict(void) {
  static frame frames[PACKETS];
  uint32_t judged = 0, enough = 0, without = 0;
  rs_headers_begin(&making);
  for (uint32_t i = 0; i < PACKETS; i++) {
    frames[i] = random_frame(&source);
    const rs_sight sight = sight_of(&frames[i]);
    rs_headers_add(&making, &sight);
  }
  rs_headers_block *block = finish();
  for (uint32_t place = 0, count; place < PACKETS; place += count ? count : 1) {
    rs_sight sights[RS_HEADERS_GROUP];
    count = rs_headers_show(block, place, place + 7, sights, RS_HEADERS_GROUP, shown);
    without += !count;
    for (uint32_t i = 0; i < count; i++) {
      const frame *one = &frames[place + i];
      const rs_sight *sight = &sights[i];
      CHECK(sight->number == place + i + 7 && sight->link_type == one->link_type && sight->frame.length == one->length);
      CHECK(sight->frame.captured <= one->captured && sight->partial == (sight->frame.captured < one->captured));
      CHECK(!memcmp(sight->frame.bytes, one->bytes, sight->frame.captured));
      CHECK(one->captured <= one->length);
    }
    for (uint32_t i = 0; count && i < 4; i++) {
      random_program program;
      rs_bpf_code *code;
      do random_make(&source, &program);
      while (rs_bpf_check(program.insn, program.length, NULL));
      CHECK(!rs_bpf_code_make(program.insn, program.length, i % 2 ? RS_MACHINE_LIBPCAP : RS_MACHINE_KERNEL, &code, NULL));
      enough += judge(code, sights, frames + place, count);
      judged += count;
      rs_bpf_code_free(code);
    }
  }
  printf("    %u of %u by headers, %u without\n", enough, judged, without);
  CHECK(enough > judged / 2 && without < PACKETS / 10);
  free(block);
}

/* -- what is kept ----------------------------------------------------------------------------------------------------- */

static uint32_t bytes_shown(const frame *one) {
  const rs_sight sight = sight_of(one);
  rs_sight seen;
  rs_headers_begin(&making);
  rs_headers_add(&making, &sight);
  rs_headers_block *block = finish();
  const uint32_t count = rs_headers_show(block, 0, 1, &seen, 1, shown);
  free(block);
  return count ? seen.frame.captured : UINT32_MAX;
}

static void packets_are_kept_through_ports_flags_or_type(void) {
  static const struct {
    uint32_t tags, type;
    uint8_t first, protocol_at, protocol;
    uint32_t kept;
  } cases[] = {
      {0, 0x0800, 0x45, 9, 6, 14 + 20 + 14},  {0, 0x0800, 0x45, 9, 17, 14 + 20 + 6}, {0, 0x0800, 0x45, 9, 1, 14 + 20 + 4},
      {0, 0x0800, 0x48, 9, 6, 14 + 32 + 14},  {1, 0x0800, 0x45, 9, 6, 18 + 20 + 14}, {2, 0x0800, 0x45, 9, 6, 22 + 20 + 14},
      {0, 0x0800, 0x4f, 9, 6, 16 + 63},       {0, 0x86dd, 0x60, 6, 6, 14 + 40 + 14}, {2, 0x86dd, 0x60, 6, 17, 22 + 40 + 6},
      {0, 0x0806, 0, 1, 1, 14 + 28},          {0, 0x8847, 0, 1, 1, 14 + 40},         {3, 0x0800, 0x45, 9, 6, 22 + 40},
  };
  for (uint32_t i = 0; i < COUNT(cases); i++) {
    frame one = ethernet(cases[i].tags, cases[i].type, cases[i].first, cases[i].protocol_at, cases[i].protocol, 150);
    CHECK_EQUAL(bytes_shown(&one), cases[i].kept);
    one.captured = one.length = 30; /* and no more than there is */
    CHECK_EQUAL(bytes_shown(&one), 30);
  }
  frame fragment = ethernet(0, 0x0800, 0x45, 9, 17, 150);
  fragment.bytes[14 + 7] = 100;
  CHECK_EQUAL(bytes_shown(&fragment), 14 + 20);
  frame runt = {.link_type = 1, .captured = 5, .length = 5}, nothing = {.link_type = 147}, strange = {.link_type = 147, .captured = 150, .length = 150};
  CHECK_EQUAL(bytes_shown(&runt), 5);
  CHECK_EQUAL(bytes_shown(&nothing), 0);
  CHECK_EQUAL(bytes_shown(&strange), 48);
}

static void of_what_cannot_be_told_exactly_nothing_is_kept(void) {
  frame one = ethernet(0, 0x0800, 0x45, 9, 6, 100);
  one.length = 99; /* more was captured than it has */
  CHECK_EQUAL(bytes_shown(&one), UINT32_MAX);
  one.length = 1U << 28;
  CHECK_EQUAL(bytes_shown(&one), UINT32_MAX);
  one.length--;
  CHECK_EQUAL(bytes_shown(&one), 48);
  rs_sight cut = sight_of(&one), seen;
  cut.partial = true;
  rs_headers_begin(&making);
  rs_headers_add(&making, &cut);
  rs_headers_block *block = finish();
  CHECK_EQUAL(rs_headers_show(block, 0, 1, &seen, 1, shown), 0);
  free(block);
}

/* Everybody with everybody else, as behind an exchange point. */
static void more_link_headers_than_there_is_room_for_cost_bytes_and_nothing_else(void) {
  rs_headers_begin(&making);
  for (uint32_t i = 0; i < PACKETS; i++) {
    frame one = ethernet(0, 0x0800, 0x45, 9, 6, 100);
    memcpy(one.bytes + 2, &i, sizeof i);
    const rs_sight sight = sight_of(&one);
    rs_headers_add(&making, &sight);
  }
  CHECK(making.front_count <= RS_HEADERS_FRONTS && making.front_count > RS_HEADERS_FRONTS / 2);
  rs_headers_block *block = finish();
  for (uint32_t place = 0; place < PACKETS; place += RS_HEADERS_GROUP) {
    rs_sight sights[RS_HEADERS_GROUP];
    CHECK_EQUAL(rs_headers_show(block, place, 1, sights, RS_HEADERS_GROUP, shown), RS_HEADERS_GROUP);
    for (uint32_t i = 0; i < RS_HEADERS_GROUP; i++) {
      const uint32_t n = place + i;
      CHECK(!memcmp(sights[i].frame.bytes + 2, &n, sizeof n) && sights[i].frame.captured == 48 && sights[i].frame.length == 100);
    }
  }
  free(block);
}

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  RUN(headers_never_change_a_verdict);
  RUN(packets_are_kept_through_ports_flags_or_type);
  RUN(of_what_cannot_be_told_exactly_nothing_is_kept);
  RUN(more_link_headers_than_there_is_room_for_cost_bytes_and_nothing_else);
  return 0;
}
