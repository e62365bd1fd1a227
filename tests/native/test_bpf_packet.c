/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that ask for more than bytes - packet type, interface, protocol, VLAN tag - on real packet sockets in a private
 * network: what a filtered socket receives is what rs_bpf_run() selects from the metadata that an unfiltered one sees.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <poll.h>

#include "bpf.h"
#include "bpf_check.h"
#include "bpf_random.h"
#include "bpf_run.h"

enum {
  TAPS = 16,      /* sockets, each with a program of its own */
  ROUNDS = 12,    /* new programs for all of them */
  SENT = 24,      /* frames a round; each is seen when it leaves and when it arrives */
  SEEN = 2 * SENT,
  FRAME_MAX = 400,
  WAIT_MS = 5000,
};

#define ANCILLARY(name) ((uint32_t)SKF_AD_OFF + SKF_AD_##name)

/* A frame as a packet socket hands it over. */
typedef struct received {
  uint8_t bytes[FRAME_MAX];
  uint32_t length;
  struct sockaddr_ll from;
  struct tpacket_auxdata auxiliary;
} received;

static struct rtattr *end_of(struct nlmsghdr *message) {
  return (void *)((uint8_t *)message + NLMSG_ALIGN(message->nlmsg_len));
}

static void add_attribute(struct nlmsghdr *message, uint16_t type, const void *data, size_t length) {
  struct rtattr *attribute = end_of(message);
  attribute->rta_type = type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(length);
  if (length) memcpy(RTA_DATA(attribute), data, length);
  message->nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static void close_nest(struct nlmsghdr *message, struct rtattr *nest) {
  nest->rta_len = (uint16_t)((uint8_t *)message + message->nlmsg_len - (uint8_t *)nest);
}

/* `ip link add rs0 type veth peer name rs1`, both up. */
static void add_veth(void) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
    uint8_t attributes[256];
  } request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                          .nlmsg_type = RTM_NEWLINK,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK}};
  struct nlmsghdr *message = &request.header;
  const struct ifinfomsg peer = {0};
  add_attribute(message, IFLA_IFNAME, "rs0", 4);
  struct rtattr *info = end_of(message);
  add_attribute(message, IFLA_LINKINFO, NULL, 0);
  add_attribute(message, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = end_of(message);
  add_attribute(message, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = end_of(message);
  add_attribute(message, VETH_INFO_PEER, &peer, sizeof peer);
  add_attribute(message, IFLA_IFNAME, "rs1", 4);
  close_nest(message, other);
  close_nest(message, data);
  close_nest(message, info);

  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
  } answer;
  const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  CHECK(fd >= 0 && send(fd, &request, message->nlmsg_len, 0) == (ssize_t)message->nlmsg_len);
  CHECK(recv(fd, &answer, sizeof answer, 0) > 0 && answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error == 0);
  close(fd);
  set_link("rs0", IFF_UP);
  set_link("rs1", IFF_UP);
}

/* Nobody but the test sends: IPv6 would greet its neighbours. A kernel without IPv6 has no such file. */
static void silence(void) {
  const int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);
  if (fd < 0) return;
  CHECK(write(fd, "1", 1) == 1);
  close(fd);
}

/* Sees the frames of every interface that pass the program. */
static int open_tap(int type, const rs_insn *program, uint32_t length) {
  const int fd = socket(AF_PACKET, type, 0), yes = 1;
  const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  CHECK(fd >= 0 && setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) == 0);
  CHECK(rs_bpf_attach(fd, program, length, NULL) == 0);
  CHECK(bind(fd, (const struct sockaddr *)&all, sizeof all) == 0);
  return fd;
}

/* The next frame, if there is one. */
static bool receive(int fd, received *packet) {
  union {
    struct cmsghdr header;
    uint8_t room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
  } control;
  struct iovec vector = {.iov_base = packet->bytes, .iov_len = sizeof packet->bytes};
  struct msghdr message = {.msg_name = &packet->from, .msg_namelen = sizeof packet->from, .msg_iov = &vector, .msg_iovlen = 1,
                           .msg_control = &control, .msg_controllen = sizeof control};
  const ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
  if (length < 0) {
    CHECK(errno == EAGAIN);
    return false;
  }
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  CHECK(header && header->cmsg_level == SOL_PACKET && header->cmsg_type == PACKET_AUXDATA && !(message.msg_flags & MSG_TRUNC));
  memcpy(&packet->auxiliary, CMSG_DATA(header), sizeof packet->auxiliary);
  packet->length = (uint32_t)length;
  return true;
}

static void drain(int fd) {
  received packet;
  while (receive(fd, &packet)) continue;
}

/* As a ring's header tells it, and no more than that. */
static rs_bpf_frame frame_of(const received *packet, int type) {
  const bool tag = packet->auxiliary.tp_status & TP_STATUS_VLAN_VALID;
  rs_bpf_frame frame = {.bytes = packet->bytes, .captured = packet->length, .length = packet->auxiliary.tp_len,
                        .known = RS_BPF_KNOWS_RING, .protocol = ntohs(packet->from.sll_protocol),
                        .packet_type = packet->from.sll_pkttype, .ifindex = (uint32_t)packet->from.sll_ifindex,
                        .hatype = packet->from.sll_hatype, .vlan_present = tag,
                        .vlan_tci = tag ? packet->auxiliary.tp_vlan_tci : 0,
                        .vlan_tpid = tag ? packet->auxiliary.tp_vlan_tpid : 0};
  if (type == SOCK_DGRAM && tag) {
    frame.known &= ~(uint32_t)RS_BPF_KNOWS_PROTOCOL;
    if (frame.packet_type == PACKET_OUTGOING) frame.known &= ~(uint32_t)RS_BPF_KNOWS_VLAN;
  }
  return frame;
}

static random_source source;

static const rs_insn everything[] = {{BPF_RET | BPF_K, 0, 0, 262144}};

static void send_over(int sender, const char *name, const uint8_t *bytes, uint32_t length) {
  const struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
  CHECK(sendto(sender, bytes, length, 0, (const struct sockaddr *)&to, sizeof to) == (ssize_t)length);
}

/* An interface that came up drops what is sent until the kernel has given it a queue, a moment later. */
static void wait_until_the_pair_carries(void) {
  static const uint8_t probe[60] = {[12] = 0x88, 0xb6};
  const uint32_t rs0 = if_nametoindex("rs0"), rs1 = if_nametoindex("rs1");
  const int tap = open_tap(SOCK_RAW, everything, 1), sender = socket(AF_PACKET, SOCK_RAW, 0);
  bool there[2] = {false, false};
  for (int tries = WAIT_MS / 10; tries && !(there[0] && there[1]); tries--) {
    received packet;
    send_over(sender, "rs0", probe, sizeof probe);
    send_over(sender, "rs1", probe, sizeof probe);
    poll(NULL, 0, 10);
    while (receive(tap, &packet)) {
      there[0] |= packet.from.sll_ifindex == (int)rs0 && packet.from.sll_pkttype != PACKET_OUTGOING;
      there[1] |= packet.from.sll_ifindex == (int)rs1 && packet.from.sll_pkttype != PACKET_OUTGOING;
    }
  }
  CHECK(there[0] && there[1]);
  close(sender);
  close(tap);
}

static uint32_t put_tag(uint8_t *at, uint16_t tpid, uint16_t tci) {
  const uint16_t tag[2] = {htons(tpid), htons(tci)};
  memcpy(at, tag, sizeof tag);
  return sizeof tag;
}

/* A frame to somebody, from nobody, with no tag or with one or two, and something to load. Returns its length. */
static uint32_t make_frame(unsigned number, uint8_t *bytes) {
  static const uint8_t to[][ETH_ALEN] = {{0}, {255, 255, 255, 255, 255, 255}, {1, 0, 0x5e, 0, 0, 1}, {2, 0, 0, 0, 0, 9}};
  static const uint16_t types[] = {ETH_P_IP, ETH_P_ARP, 0x88b5};
  uint32_t length = 12;
  memset(bytes, 0, length);
  memcpy(bytes, to[number % COUNT(to)], ETH_ALEN);
  switch (number % 7) {
  case 1:
    length += put_tag(bytes + length, ETH_P_8021Q, 7);
    break;
  case 2:
    length += put_tag(bytes + length, ETH_P_8021Q, 3 << 13 | 7);
    break;
  case 3: /* VLAN 0, priority 0: a tag, too */
    length += put_tag(bytes + length, ETH_P_8021Q, 0);
    break;
  case 4:
    length += put_tag(bytes + length, ETH_P_8021AD, 100);
    length += put_tag(bytes + length, ETH_P_8021Q, 7);
    break;
  }
  const uint16_t type = htons(types[random_below(&source, COUNT(types))]);
  memcpy(bytes + length, &type, sizeof type);
  length += sizeof type;
  for (uint32_t end = length + 50 + random_below(&source, 300); length < end; length++) bytes[length] = random_byte(&source);
  return length;
}

/* Sends frames over lo and over the veth pair and waits until the observer has seen all of them twice. */
static void exchange(int sender, int observer, received *seen) {
  static const char *const names[] = {"lo", "rs0", "rs1"};
  for (unsigned i = 0; i < SENT; i++) {
    uint8_t bytes[FRAME_MAX];
    const uint32_t length = make_frame(i, bytes);
    send_over(sender, names[i / 4 % 3], bytes, length);
  }
  for (unsigned count = 0; count < SEEN;) {
    struct pollfd ready = {.fd = observer, .events = POLLIN};
    CHECK(poll(&ready, 1, WAIT_MS) == 1);
    while (count < SEEN && receive(observer, &seen[count])) count++;
  }
  CHECK(rs_bpf_settle() == 0); /* the other sockets have been given the last of them, too */
}

typedef struct tally {
  unsigned programs, skipped, match, reject;
} tally;

static bool same_frame(const received *left, const received *right) {
  return left->from.sll_ifindex == right->from.sll_ifindex && left->from.sll_pkttype == right->from.sll_pkttype &&
         memcmp(left->bytes, right->bytes, left->length < right->length ? left->length : right->length) == 0;
}

/* The tap has received what the program selects from what was seen, cut to what it keeps, and nothing else. */
static void compare(int tap, int type, const rs_insn *program, uint32_t length, const received *seen, tally *tally) {
  received packet;
  uint32_t keep[SEEN];
  rs_bpf_verdict verdict[SEEN];
  for (unsigned i = 0; i < SEEN; i++) {
    const rs_bpf_frame frame = frame_of(&seen[i], type);
    verdict[i] = rs_bpf_run(program, length, &frame, &keep[i]);
    if (verdict[i] != RS_BPF_UNKNOWN) continue;
    tally->skipped++;
    drain(tap);
    return;
  }
  tally->programs++;
  for (unsigned i = 0; i < SEEN; i++) {
    if (verdict[i] == RS_BPF_REJECT) {
      tally->reject++;
      continue;
    }
    tally->match++;
    if (receive(tap, &packet) && packet.length == keep[i] && same_frame(&packet, &seen[i])) continue;
    random_print(program, length);
    fprintf(stderr, "the kernel did not select frame %u: type %u, interface %d, protocol %#x\n", i, seen[i].from.sll_pkttype,
            seen[i].from.sll_ifindex, ntohs(seen[i].from.sll_protocol));
    CHECK(!"the same selection as the kernel's");
  }
  if (!receive(tap, &packet)) return;
  random_print(program, length);
  CHECK(!"no frame that the kernel selects is left out");
}

/* `expected` of the frames that were seen match, by rs_bpf_run() and by the kernel. */
static void select_with(const rs_insn *program, uint32_t length, unsigned expected, const char *name) {
  static received seen[SEEN];
  tally tally = {0};
  CHECK(rs_bpf_check(program, length, NULL) == 0);
  const int observer = open_tap(SOCK_RAW, everything, 1), tap = open_tap(SOCK_RAW, program, length);
  const int sender = socket(AF_PACKET, SOCK_RAW, 0);
  exchange(sender, observer, seen);
  compare(tap, SOCK_RAW, program, length, seen, &tally);
  CHECK(tally.programs == 1);
  printf("    %s: %u of %u\n", name, tally.match, SEEN);
  CHECK_EQUAL(tally.match, expected);
  close(sender);
  close(tap);
  close(observer);
}

#define SELECT(expected, name, ...)                                       \
  {                                                                       \
    const rs_insn program[] = {__VA_ARGS__};                              \
    select_with(program, COUNT(program), expected, name);                 \
  }

#define YES {BPF_RET | BPF_K, 0, 0, 262144}
#define NO {BPF_RET | BPF_K, 0, 0, 0}
#define LOAD(width, k) {BPF_LD | (width) | BPF_ABS, 0, 0, k}
#define IS(k, jt, jf) {BPF_JMP | BPF_JEQ | BPF_K, jt, jf, k}

static void direction_interface_and_vlan_are_selected_as_the_kernel_does(void) {
  const uint32_t rs1 = if_nametoindex("rs1");
  SELECT(SENT, "inbound", LOAD(BPF_B, ANCILLARY(PKTTYPE)), IS(PACKET_OUTGOING, 1, 0), YES, NO)
  SELECT(SENT, "outbound", LOAD(BPF_W, ANCILLARY(PKTTYPE)), IS(PACKET_OUTGOING, 0, 1), YES, NO)
  SELECT(2 * SENT / 3, "ifindex", LOAD(BPF_W, ANCILLARY(IFINDEX)), IS(rs1, 0, 1), YES, NO)
  SELECT(2 * SENT / 3, "hardware type of lo", LOAD(BPF_H, ANCILLARY(HATYPE)), IS(772, 0, 1), YES, NO)
  /* 4 + 4 frames of VLAN 7, each leaving with the tag among its bytes and arriving with it in the metadata; the 3 of
   * VLAN 100 arrive with another one of VLAN 7 behind it, which counts as theirs. */
  SELECT(16, "vlan 7", LOAD(BPF_B, ANCILLARY(VLAN_TAG_PRESENT)), IS(1, 0, 2), LOAD(BPF_H, ANCILLARY(VLAN_TAG)),
         {BPF_JMP | BPF_JA, 0, 0, 3}, LOAD(BPF_H, 12), IS(ETH_P_8021Q, 0, 4), LOAD(BPF_H, 14),
         {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xfff}, IS(7, 0, 1), YES, NO)
  SELECT(14, "any tag that was taken out", LOAD(BPF_B, ANCILLARY(VLAN_TAG_PRESENT)), IS(1, 0, 1), YES, NO)
  SELECT(3, "VLAN 0 taken out", LOAD(BPF_B, ANCILLARY(VLAN_TAG_PRESENT)), IS(1, 0, 3), LOAD(BPF_B, ANCILLARY(VLAN_TAG)),
         IS(0, 0, 1), YES, NO)
  SELECT(3, "802.1ad taken out", LOAD(BPF_W, ANCILLARY(VLAN_TPID)), IS(ETH_P_8021AD, 0, 1), YES, NO)
  /* What is behind the tag on arrival, and the tag itself on leaving. */
  SELECT(14, "protocol is a VLAN tag's", LOAD(BPF_H, ANCILLARY(PROTOCOL)), IS(ETH_P_8021Q, 0, 1), YES, NO)
}

static bool make_answerable(random_program *program) {
  random_make(&source, program);
  return rs_bpf_check(program->insn, program->length, NULL) == 0 &&
         !(rs_bpf_needs(program->insn, program->length) & ~(uint32_t)RS_BPF_KNOWS_RING);
}

static void random_programs_select_as_the_kernel_does(int type) {
  static received seen[SEEN];
  tally tally = {0};
  random_program programs[TAPS];
  int taps[TAPS];
  const int observer = open_tap(type, everything, 1), sender = socket(AF_PACKET, SOCK_RAW, 0);
  for (unsigned i = 0; i < TAPS; i++) taps[i] = open_tap(type, everything, 1);
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (unsigned i = 0; i < TAPS; i++) {
      while (!make_answerable(&programs[i])) continue;
      CHECK(rs_bpf_attach(taps[i], programs[i].insn, programs[i].length, NULL) == 0);
    }
    exchange(sender, observer, seen);
    for (unsigned i = 0; i < TAPS; i++) compare(taps[i], type, programs[i].insn, programs[i].length, seen, &tally);
  }
  for (unsigned i = 0; i < TAPS; i++) close(taps[i]);
  close(sender);
  close(observer);
  printf("    %u programs compared: %u frames match, %u rejected; %u left out for an unknown verdict\n", tally.programs,
         tally.match, tally.reject, tally.skipped);
  CHECK(tally.programs > TAPS * ROUNDS / 3 && tally.match > tally.programs && tally.reject > tally.programs);
}

static void random_programs_over_raw_frames(void) { random_programs_select_as_the_kernel_does(SOCK_RAW); }

static void random_programs_over_cooked_frames(void) { random_programs_select_as_the_kernel_does(SOCK_DGRAM); }

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  enter_private_network();
  stay_on_this_cpu();
  silence();
  add_veth();
  wait_until_the_pair_carries();
  RUN(direction_interface_and_vlan_are_selected_as_the_kernel_does);
  RUN(random_programs_over_raw_frames);
  RUN(random_programs_over_cooked_frames);
  return 0;
}
