/* SPDX-License-Identifier: Apache-2.0 */
/* A group of queues on the loopback: every packet in exactly one of them, and in which. */
#include "fanout.h"

#include <errno.h>

#include "captures.h"

enum { QUEUES = 2, FLOWS = 16, EACH = 25, PAYLOAD = 100 };

static const char *const name_of[] = {"hash", "lb", "cpu", "rollover", "rnd", "qm", "cbpf"};

static void what_cannot_be_is_refused_with_the_reason(void) {
  rs_error error = {0};
  for (uint32_t mode = RS_FANOUT_HASH; mode <= RS_FANOUT_CBPF; mode++) CHECK(rs_fanout_check(mode, false, NULL) == 0);
  CHECK(rs_fanout_check(RS_FANOUT_CBPF + 1, false, &error) == -EINVAL && strstr(error.text, "7"));
  CHECK(rs_fanout_check(UINT32_MAX, true, &error) == -EINVAL);
  for (uint32_t mode = RS_FANOUT_HASH; mode <= RS_FANOUT_CBPF; mode++) {
    bool can = mode != RS_FANOUT_LB && mode != RS_FANOUT_ROLLOVER; /* they have no memory of which packet went where */
    error = (rs_error){0};
    CHECK((rs_fanout_check(mode, true, &error) == 0) == can);
    CHECK(can || (strstr(error.text, name_of[mode]) && strstr(error.text, "hash")));
  }
}

static void one_queue_with_one_ring_needs_no_group(void) {
  CHECK(!rs_fanout_needed(&(rs_fanout){.queues = 1}));
  CHECK(rs_fanout_needed(&(rs_fanout){.queues = 1, .banks = true}));
  CHECK(rs_fanout_needed(&(rs_fanout){.queues = 2}));
  rs_source_info source;
  rs_capture *capture = begin(config());
  CHECK_EQUAL(rs_capture_sources(capture, &source, 1), 1);
  CHECK_EQUAL(source.group, 0);
  rs_capture_close(capture);
}

static rs_config in_group(uint32_t mode, bool exact) {
  rs_config settings = config();
  settings.queues = QUEUES;
  settings.fanout = mode;
  settings.exact_swap = exact;
  return settings;
}

/* What came of it, once the capture was stopped: packets by queue, and the queue of each payload's number. */
typedef struct outcome {
  uint64_t by_queue[QUEUES];
  uint16_t queue_of[FLOWS * EACH];
} outcome;

/* Each number is in one queue, once, and the queues' counters say the same. Ends the capture. */
static outcome end_and_look(rs_capture *capture) {
  outcome found = {0};
  bool seen[FLOWS * EACH] = {false};
  rs_snapshot now;
  rs_counters queues[QUEUES];
  await_head(capture, FLOWS * EACH);
  rs_capture_stop(capture);
  rs_capture_snapshot(capture, &now, queues, QUEUES);
  CHECK_EQUAL(now.total.stored, FLOWS * EACH);
  CHECK_EQUAL(now.head, FLOWS * EACH);
  for (uint64_t n = 1; n <= now.head; n++) {
    rs_packet packet;
    uint8_t bytes[256];
    uint32_t number;
    CHECK_EQUAL(rs_store_read(rs_capture_store(capture), n, 1, sizeof bytes, &packet, bytes, sizeof bytes), 1);
    memcpy(&number, bytes + packet.captured - PAYLOAD, sizeof number);
    number = ntohl(number);
    CHECK(number < FLOWS * EACH && !seen[number]);
    seen[number] = true;
    found.queue_of[number] = packet.queue;
    found.by_queue[packet.queue]++;
  }
  for (int i = 0; i < QUEUES; i++) CHECK_EQUAL(queues[i].stored, found.by_queue[i]);
  rs_capture_close(capture);
  return found;
}

static void send_flows(void) {
  for (uint32_t flow = 0; flow < FLOWS; flow++) {
    talk pair = talk_begin();
    talk_send(&pair, EACH, PAYLOAD, flow * EACH);
    talk_end(&pair);
  }
}

static outcome capture_flows(uint32_t mode, bool exact) {
  rs_capture *capture = begin(in_group(mode, exact));
  send_flows();
  outcome found = end_and_look(capture);
  printf("    %s%s: %llu + %llu\n", name_of[mode], exact ? ", exact" : "", (unsigned long long)found.by_queue[0],
         (unsigned long long)found.by_queue[1]);
  return found;
}

static void every_packet_is_in_one_queue_whatever_the_mode(void) {
  for (uint32_t mode = RS_FANOUT_HASH; mode <= RS_FANOUT_CBPF; mode++) {
    capture_flows(mode, false);
    if (rs_fanout_check(mode, true, NULL) == 0) capture_flows(mode, true);
  }
}

static void a_flow_stays_in_one_queue_by_hash(void) {
  outcome found = capture_flows(RS_FANOUT_HASH, false);
  for (uint32_t i = 0; i < FLOWS * EACH; i++) CHECK_EQUAL(found.queue_of[i], found.queue_of[i / EACH * EACH]);
}

static void queues_take_turns_by_lb(void) {
  outcome found = capture_flows(RS_FANOUT_LB, false);
  CHECK_EQUAL(found.by_queue[0], FLOWS * EACH / 2);
  CHECK_EQUAL(found.by_queue[1], FLOWS * EACH / 2);
}

static void a_cpu_has_its_queue_by_cpu(void) {
  for (int exact = 0; exact < 2; exact++) {
    outcome found = capture_flows(RS_FANOUT_CPU, exact); /* sent, and so received, on one */
    CHECK_EQUAL(found.by_queue[sched_getcpu() % QUEUES], FLOWS * EACH);
  }
}

static void the_second_queue_takes_what_the_first_has_no_room_for_by_rollover(void) {
  enum { MORE = 1000 }; /* of 1000 bytes: twice a ring of four blocks */
  rs_config small = in_group(RS_FANOUT_ROLLOVER, false);
  small.blocks = 8;
  rs_capture *capture = begin(small);
  send_datagrams(10, 1000);
  AWAIT(look(capture).total.stored == 10);
  rs_counters queues[QUEUES];
  rs_snapshot now;
  rs_capture_snapshot(capture, &now, queues, QUEUES);
  CHECK(queues[0].stored == 10 && queues[1].stored == 0);
  rs_capture_hold(capture, 1);
  send_datagrams(MORE, 1000);
  AWAIT(look(capture).total.stored + look(capture).total.dropped == 10 + MORE);
  rs_capture_hold(capture, 0);
  rs_capture_stop(capture);
  rs_capture_snapshot(capture, &now, queues, QUEUES);
  CHECK_EQUAL(now.total.stored, 10 + MORE);
  CHECK_EQUAL(now.total.dropped, 0);
  CHECK(queues[1].stored > 0);
  CHECK_EQUAL(now.total.rollover_failed, 0);
  CHECK(now.total.rollover_all >= queues[1].stored); /* in this mode the kernel counts those of the first queue, too */
  printf("    %llu + %llu, rollover_all %llu\n", (unsigned long long)queues[0].stored, (unsigned long long)queues[1].stored,
         (unsigned long long)now.total.rollover_all);
  rs_capture_close(capture);
}

/* -- the program of our own: by addresses and ports -------------------------------------------------------------- */

static struct sockaddr_in address(uint32_t last, uint16_t port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + last), .sin_port = htons(port)};
}

/* One datagram between two addresses 127.0.0.x, from one port to another that is open. */
static void send_between(uint32_t from, uint32_t to, uint16_t ports[2], size_t size, uint32_t number) {
  struct sockaddr_in source = address(from, ports[0]), target = address(to, ports[1]);
  uint8_t payload[8192] = {0};
  int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(bind(in, (struct sockaddr *)&target, sizeof target) == 0 && bind(out, (struct sockaddr *)&source, sizeof source) == 0);
  number = htonl(number);
  memcpy(payload, &number, sizeof number);
  CHECK(sendto(out, payload, size, 0, (struct sockaddr *)&target, sizeof target) == (ssize_t)size);
  close(in);
  close(out);
}

/* One datagram over IPv6, from ::1 to ::1. */
static void send_to_itself(const uint16_t ports[2], uint32_t number) {
  struct sockaddr_in6 ends[2];
  int sockets[2];
  for (int i = 0; i < 2; i++) {
    ends[i] = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(ports[i])};
    sockets[i] = socket(AF_INET6, SOCK_DGRAM, 0);
    CHECK(bind(sockets[i], (struct sockaddr *)&ends[i], sizeof ends[i]) == 0);
  }
  uint8_t payload[PAYLOAD] = {0};
  number = htonl(number);
  memcpy(payload, &number, sizeof number);
  CHECK(sendto(sockets[0], payload, PAYLOAD, 0, (struct sockaddr *)&ends[1], sizeof ends[1]) == PAYLOAD);
  for (int i = 0; i < 2; i++) close(sockets[i]);
}

/* Flows between the same two addresses differ by their ports. */
static void check_flows_are_shared_out(rs_config settings, bool ipv6) {
  rs_capture *capture = begin(settings);
  for (uint32_t i = 0; i < FLOWS * EACH; i++) {
    uint16_t ports[2] = {(uint16_t)(20000 + i / EACH), 30000}, answer[2] = {ports[1], ports[0]};
    if (ipv6)
      send_to_itself(i % 2 ? ports : answer, i);
    else
      send_between(i % 2 ? 1 : 2, i % 2 ? 2 : 1, i % 2 ? ports : answer, PAYLOAD, i);
  }
  outcome found = end_and_look(capture);
  for (uint32_t i = 0; i < FLOWS * EACH; i++) CHECK_EQUAL(found.queue_of[i], found.queue_of[i / EACH * EACH]);
  CHECK(found.by_queue[0] > 0 && found.by_queue[1] > 0);
}

static void by_hash_the_flows_of_two_hosts_are_shared_out_both_ways_of_each_in_one_queue(void) {
  rs_config settings = in_group(RS_FANOUT_HASH, false);
  for (int ipv6 = 0; ipv6 < 2; ipv6++) {
    settings.exact_swap = 0;
    settings.direction = RS_DIRECTION_BOTH;
    check_flows_are_shared_out(settings, ipv6); /* by the kernel */
    settings.exact_swap = 1;
    check_flows_are_shared_out(settings, ipv6); /* by our program, which does the same */
    settings.direction = RS_DIRECTION_OUT;
    check_flows_are_shared_out(settings, ipv6);
  }
}

static void check_pairs_stay_together(rs_config settings) {
  rs_capture *capture = begin(settings);
  for (uint32_t i = 0; i < FLOWS * EACH; i++) {
    uint32_t pair = i / EACH;
    uint16_t ports[2] = {(uint16_t)(20000 + i % EACH), (uint16_t)(30000 + i % 7)}; /* whatever the ports ... */
    send_between(i % 2 ? pair : 200, i % 2 ? 200 : pair, ports, PAYLOAD, i);       /* ... and whoever sends */
  }
  outcome found = end_and_look(capture);
  for (uint32_t i = 0; i < FLOWS * EACH; i++) CHECK_EQUAL(found.queue_of[i], found.queue_of[i / EACH * EACH]);
  CHECK(found.by_queue[0] > 0 && found.by_queue[1] > 0);
}

static void a_pair_of_addresses_stays_in_one_queue_by_cbpf_both_ways_and_on_any_port(void) {
  rs_config settings = in_group(RS_FANOUT_CBPF, false);
  check_pairs_stay_together(settings); /* received: the program sees the IP header first */
  settings.direction = RS_DIRECTION_OUT;
  check_pairs_stay_together(settings); /* sent: the Ethernet header */
}

static void set_mtu(int mtu) {
  struct ifreq request = {.ifr_name = "lo", .ifr_mtu = mtu};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(fd >= 0 && ioctl(fd, SIOCSIFMTU, &request) == 0);
  close(fd);
}

static void check_fragments_stay_together(rs_config settings) {
  enum { PAIRS = 8, FRAGMENTS = 3 };
  set_mtu(1500);
  rs_capture *capture = begin(settings);
  for (uint32_t i = 0; i < PAIRS; i++) send_between(i, 200, (uint16_t[]){20000, 30000}, 4000, i);
  await_head(capture, PAIRS * FRAGMENTS);
  rs_capture_stop(capture);
  set_mtu(65536);
  CHECK_EQUAL(look(capture).head, PAIRS * FRAGMENTS);
  uint64_t others[QUEUES] = {0};
  for (uint64_t n = 1; n <= PAIRS * FRAGMENTS; n++) {
    rs_packet packet, first;
    uint8_t bytes[64];
    CHECK_EQUAL(rs_store_read(rs_capture_store(capture), n, 1, 64, &packet, bytes, sizeof bytes), 1);
    for (uint64_t m = 1; m <= PAIRS * FRAGMENTS; m++) { /* of the same source address */
      uint8_t more[64];
      CHECK_EQUAL(rs_store_read(rs_capture_store(capture), m, 1, 64, &first, more, sizeof more), 1);
      if (memcmp(bytes + 26, more + 26, 4) == 0) CHECK_EQUAL(first.queue, packet.queue);
    }
    others[packet.queue]++;
  }
  CHECK(others[0] > 0 && others[1] > 0);
  rs_capture_close(capture);
}

static void all_fragments_of_a_datagram_are_in_one_queue_where_a_program_shares_out(void) {
  check_fragments_stay_together(in_group(RS_FANOUT_CBPF, false));
  check_fragments_stay_together(in_group(RS_FANOUT_HASH, true));
}

/* -- flips between two banks --------------------------------------------------------------------------------------- */

static void an_exact_change_loses_nothing_in_any_mode_that_allows_it(void) {
  for (uint32_t mode = RS_FANOUT_HASH; mode <= RS_FANOUT_CBPF; mode++) {
    if (rs_fanout_check(mode, true, NULL)) continue;
    rs_capture *capture = begin(in_group(mode, true));
    uint32_t epoch = 1;
    for (uint32_t flow = 0; flow < FLOWS; flow++) {
      talk pair = talk_begin();
      talk_send(&pair, EACH, PAYLOAD, flow * EACH);
      talk_end(&pair);
      if (flow % 4 < 3) continue;
      await_head(capture, (flow + 1) * EACH); /* none is on its way */
      CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
    }
    CHECK_EQUAL(epoch, 1 + FLOWS / 4);
    rs_epoch epochs[1 + FLOWS / 4];
    AWAIT(rs_capture_epochs(capture, epoch, epochs, 1) && epochs[0].clean_from);
    CHECK_EQUAL(rs_capture_epochs(capture, 1, epochs, epoch), epoch);
    for (uint32_t i = 1; i < epoch; i++) {
      CHECK_EQUAL(epochs[i].mode, RS_SWAP_EXACT);
      CHECK_EQUAL(epochs[i].clean_from, i * 4 * EACH + 1);
      CHECK_EQUAL(epochs[i].rechecked, 0);
    }
    end_and_look(capture);
  }
}

/* 25: a group has an id that nobody else has */
static void two_captures_of_one_interface_each_get_every_packet(void) {
  rs_capture *one = begin(in_group(RS_FANOUT_HASH, false)), *other = begin(in_group(RS_FANOUT_HASH, false));
  rs_source_info sources[2];
  CHECK(rs_capture_sources(one, &sources[0], 1) == 1 && rs_capture_sources(other, &sources[1], 1) == 1);
  CHECK(sources[0].group != sources[1].group);
  send_flows();
  end_and_look(one);
  end_and_look(other);
}

int main(void) {
  RUN(what_cannot_be_is_refused_with_the_reason);
  enter_private_network();
  int cpu;
  CHECK(usable_cpus(&cpu, 1) == 1);
  stay_on_cpu(cpu);
  RUN(one_queue_with_one_ring_needs_no_group);
  RUN(every_packet_is_in_one_queue_whatever_the_mode);
  RUN(a_flow_stays_in_one_queue_by_hash);
  RUN(queues_take_turns_by_lb);
  RUN(a_cpu_has_its_queue_by_cpu);
  RUN(the_second_queue_takes_what_the_first_has_no_room_for_by_rollover);
  RUN(a_pair_of_addresses_stays_in_one_queue_by_cbpf_both_ways_and_on_any_port);
  RUN(by_hash_the_flows_of_two_hosts_are_shared_out_both_ways_of_each_in_one_queue);
  RUN(all_fragments_of_a_datagram_are_in_one_queue_where_a_program_shares_out);
  RUN(an_exact_change_loses_nothing_in_any_mode_that_allows_it);
  RUN(two_captures_of_one_interface_each_get_every_packet);
  return 0;
}
