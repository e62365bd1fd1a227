/* SPDX-License-Identifier: Apache-2.0 */
/* Sent packets, received packets, or both, and each packet of the loopback once: by the program that is put before the user's,
 * and by the kernel on lo and on all interfaces at once. */
#include "direction.h"

#include "bpf_check.h"
#include "bpf_run.h"
#include "captures.h"

enum { HOST, BROADCAST, MULTICAST, OTHERHOST, OUTGOING, TYPES, LO = 1, ETHER = 2 };

/* Does `direction` let a packet of this type pass on this interface, before a program that keeps everything? */
static bool passes(const rs_direction *direction, uint32_t packet_type, uint32_t ifindex) {
  rs_insn whole[RS_DIRECTION_ROOM + 1];
  uint32_t length = rs_direction_apply(direction, everything, 1, whole), keep = 0;
  CHECK(length <= RS_DIRECTION_ROOM + 1);
  CHECK(rs_bpf_check(whole, length, NULL) == 0);
  const uint8_t bytes[60] = {0};
  const rs_bpf_frame frame = {.bytes = bytes, .captured = 60, .length = 60, .known = RS_BPF_KNOWS_RING,
                              .packet_type = packet_type, .ifindex = ifindex};
  rs_bpf_verdict verdict = rs_bpf_run(whole, length, &frame, &keep);
  CHECK(verdict != RS_BPF_UNKNOWN);
  CHECK_EQUAL(keep, verdict == RS_BPF_MATCH ? 60 : 0);
  return verdict == RS_BPF_MATCH;
}

static void the_program_lets_only_what_is_sent_pass_where_that_is_wanted(void) {
  const rs_direction out = {.wanted = RS_DIRECTION_OUT};
  for (uint32_t type = HOST; type < TYPES; type++)
    for (uint32_t ifindex = LO; ifindex <= ETHER; ifindex++) CHECK(passes(&out, type, ifindex) == (type == OUTGOING));
}

/* On all interfaces at once the kernel cannot be told to leave out what only one of them sends. */
static void the_program_leaves_out_what_the_loopback_sends_and_nothing_else(void) {
  const rs_direction both = {.wanted = RS_DIRECTION_BOTH, .loopback = LO};
  for (uint32_t type = HOST; type < TYPES; type++) {
    CHECK(passes(&both, type, LO) == (type != OUTGOING));
    CHECK(passes(&both, type, ETHER));
  }
}

static void nothing_is_put_before_a_program_that_needs_nothing(void) {
  const rs_direction both = {.wanted = RS_DIRECTION_BOTH}, in = {.wanted = RS_DIRECTION_IN, .loopback = LO};
  rs_insn whole[RS_DIRECTION_ROOM + 1];
  CHECK_EQUAL(rs_direction_apply(&both, everything, 1, whole), 1);
  CHECK_EQUAL(rs_direction_apply(&in, everything, 1, whole), 1); /* the kernel does it: PACKET_IGNORE_OUTGOING */
  CHECK(rs_direction_ignores_outgoing(&in, true) && rs_direction_ignores_outgoing(&in, false));
  CHECK(rs_direction_ignores_outgoing(&both, true) && !rs_direction_ignores_outgoing(&both, false));
  const rs_direction out = {.wanted = RS_DIRECTION_OUT};
  CHECK(!rs_direction_ignores_outgoing(&out, true) && !rs_direction_ignores_outgoing(&out, false));
}

static void the_users_program_finds_the_accumulator_empty_and_its_jumps_where_they_were(void) {
  /* A packet is kept if A is 0, for what may have been left there by what came before. */
  const rs_insn program[] = {{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0}, {BPF_RET | BPF_K, 0, 0, 7}, {BPF_RET | BPF_K, 0, 0, 0}};
  const rs_direction wishes[] = {{.wanted = RS_DIRECTION_OUT}, {.wanted = RS_DIRECTION_BOTH, .loopback = LO}};
  for (int i = 0; i < 2; i++) {
    rs_insn whole[RS_DIRECTION_ROOM + 3];
    uint32_t length = rs_direction_apply(&wishes[i], program, 3, whole), keep = 0;
    const uint8_t bytes[60] = {0};
    const rs_bpf_frame frame = {.bytes = bytes, .captured = 60, .length = 60, .known = RS_BPF_KNOWS_RING,
                                .packet_type = OUTGOING, .ifindex = ETHER};
    CHECK(rs_bpf_run(whole, length, &frame, &keep) == RS_BPF_MATCH);
    CHECK_EQUAL(keep, 7);
  }
}

/* -- the kernel's answer ------------------------------------------------------------------------------------------- */

enum { SENT = 200 };

/* Sends SENT packets and checks that each is stored once, as a packet of this type. */
static void check_each_once(const char *interface, uint32_t direction, uint32_t queues, uint32_t packet_type) {
  const char *const interfaces[] = {interface};
  rs_config settings = config();
  settings.interfaces = interfaces;
  settings.direction = direction;
  settings.queues = queues;
  settings.fanout = RS_FANOUT_LB;
  rs_capture *capture = begin(settings);
  talk pair = talk_begin();
  talk_send(&pair, SENT, 100, 0);
  await_head(capture, SENT);
  rs_capture_stop(capture);
  talk_end(&pair);
  CHECK_EQUAL(look(capture).total.stored, SENT);
  CHECK_EQUAL(look(capture).head, SENT);
  const uint32_t place = OVERHEAD + (strcmp(interface, "any") ? 0 : 20 - 14); /* a cooked header for the Ethernet header */
  bool seen[SENT] = {false};
  for (uint64_t n = 1; n <= SENT; n++) {
    rs_packet packet;
    uint8_t bytes[128];
    uint32_t number;
    CHECK_EQUAL(rs_store_read(rs_capture_store(capture), n, 1, 128, &packet, bytes, sizeof bytes), 1);
    memcpy(&number, bytes + place, sizeof number);
    number = ntohl(number);
    CHECK(number < SENT && !seen[number]);
    seen[number] = true;
    CHECK_EQUAL(packet.packet_type, packet_type);
  }
  rs_capture_close(capture);
}

static void every_packet_of_the_loopback_is_stored_once_whatever_direction_is_asked_for(void) {
  for (uint32_t queues = 1; queues <= 2; queues++) { /* a group has an option of its own for it */
    check_each_once("lo", RS_DIRECTION_BOTH, queues, HOST);
    check_each_once("lo", RS_DIRECTION_IN, queues, HOST);
    check_each_once("lo", RS_DIRECTION_OUT, queues, OUTGOING);
  }
}

static void the_same_holds_on_all_interfaces_at_once(void) {
  for (uint32_t queues = 1; queues <= 2; queues++) {
    check_each_once("any", RS_DIRECTION_BOTH, queues, HOST);
    check_each_once("any", RS_DIRECTION_IN, queues, HOST);
    check_each_once("any", RS_DIRECTION_OUT, queues, OUTGOING);
  }
}

static void another_filter_keeps_the_direction(void) {
  for (uint32_t exact = 0; exact < 2; exact++) {
    rs_config settings = config();
    settings.direction = RS_DIRECTION_OUT;
    settings.exact_swap = exact;
    rs_capture *capture = begin(settings);
    uint32_t epoch;
    send_datagrams(SENT, 100);
    CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
    send_datagrams(SENT, 100);
    await_head(capture, 2 * SENT);
    rs_capture_stop(capture);
    CHECK_EQUAL(look(capture).head, 2 * SENT);
    CHECK_EQUAL(look(capture).epoch, 2);
    rs_capture_close(capture);
  }
}

int main(void) {
  RUN(the_program_lets_only_what_is_sent_pass_where_that_is_wanted);
  RUN(the_program_leaves_out_what_the_loopback_sends_and_nothing_else);
  RUN(nothing_is_put_before_a_program_that_needs_nothing);
  RUN(the_users_program_finds_the_accumulator_empty_and_its_jumps_where_they_were);
  enter_private_network();
  RUN(every_packet_of_the_loopback_is_stored_once_whatever_direction_is_asked_for);
  RUN(the_same_holds_on_all_interfaces_at_once);
  RUN(another_filter_keeps_the_direction);
  return 0;
}
