/* SPDX-License-Identifier: Apache-2.0 */
#include "fanout.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "error.h"

/* Newer than some headers; the numbers are linux/if_packet.h's. */
enum { FLAG_UNIQUEID = 0x2000, FLAG_IGNORE_OUTGOING = 0x4000 };

static const char *const names[] = {"hash", "lb", "cpu", "rollover", "rnd", "qm", "cbpf"};
enum { MODES = sizeof names / sizeof *names };

bool rs_fanout_needed(const rs_fanout *fanout) { return fanout->queues > 1 || fanout->banks; }

int rs_fanout_check(uint32_t mode, bool banks, rs_error *error) {
  if (mode >= MODES) return rs_error_set(error, EINVAL, "there is no fanout mode %u", mode);
  if (banks && (mode == RS_FANOUT_LB || mode == RS_FANOUT_ROLLOVER))
    return rs_error_set(error, EINVAL, "an exact filter change needs a fanout by what a packet is, not %s; use hash, cpu, qm, "
                        "rnd or cbpf", names[mode]);
  return 0;
}

/* -- the program of a group: A = what decides, then A % queues (+ queues, for the second bank) -------------------------- */

enum { ROOM = 256 };

typedef struct rs_code {
  rs_insn at[ROOM];
  uint32_t length;
} rs_code;

static uint32_t emit(rs_code *code, uint16_t opcode, uint8_t yes, uint8_t no, uint32_t k) {
  code->at[code->length] = (rs_insn){opcode, yes, no, k};
  return code->length++;
}

static void load(rs_code *code, int metadata) { emit(code, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + metadata)); }

/* The jump at `from` leaves for the next instruction to be emitted when its condition does not hold. */
static void else_here(rs_code *code, uint32_t from) { code->at[from].jf = (uint8_t)(code->length - from - 1); }

/* Where things are of a packet of one protocol and one direction. What is received begins with the network header here, what
 * is sent with the Ethernet header. */
typedef struct rs_layout {
  uint32_t protocol;  /* ETH_P_* */
  bool sent;
  uint32_t network;   /* offset of the IP header */
  uint32_t length;    /* of the IP header without options */
  uint32_t addresses; /* offset in it */
  uint32_t words;     /* of both addresses */
} rs_layout;

/* X = the exclusive or of the two ports, if they are there and no option stands before them; else X = 0. A is lost. The first
 * fragment of a packet has ports, the others do not: all are taken to have none, so that they stay together. */
static void fold_ports(rs_code *code, const rs_layout *at) {
  uint32_t none[4], count = 0;
  if (at->protocol == ETH_P_IP) {
    emit(code, BPF_LD | BPF_B | BPF_ABS, 0, 0, at->network);
    none[count++] = emit(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0x45); /* version 4, five words of header */
    emit(code, BPF_LD | BPF_H | BPF_ABS, 0, 0, at->network + 6);
    emit(code, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x3fff); /* more fragments, and the place of this one */
    none[count++] = emit(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0);
  }
  emit(code, BPF_LD | BPF_B | BPF_ABS, 0, 0, at->network + (at->protocol == ETH_P_IP ? 9 : 6));
  emit(code, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, IPPROTO_TCP);
  emit(code, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, IPPROTO_UDP);
  none[count++] = emit(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, IPPROTO_SCTP);
  emit(code, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0);
  none[count++] = emit(code, BPF_JMP | BPF_JGE | BPF_K, 0, 0, at->network + at->length + 4);
  emit(code, BPF_LD | BPF_W | BPF_ABS, 0, 0, at->network + at->length); /* one in the upper half, one in the lower */
  emit(code, BPF_MISC | BPF_TAX, 0, 0, 0);
  emit(code, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 16);
  emit(code, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
  emit(code, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xffff);
  emit(code, BPF_MISC | BPF_TAX, 0, 0, 0);
  emit(code, BPF_JMP | BPF_JA, 0, 0, 1);
  while (count) else_here(code, none[--count]);
  emit(code, BPF_LDX | BPF_IMM, 0, 0, 0);
}

/* Packets of this layout: A = the exclusive or of both addresses, and of the ports if wanted. Returns the jump that leaves with
 * it. A load that fails would end the program with 0, and so feed the first queue of the first bank whatever bank is meant;
 * hence the look at the length. */
static uint32_t fold(rs_code *code, const rs_layout *at, bool ports) {
  load(code, SKF_AD_PROTOCOL);
  uint32_t other_protocol = emit(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, at->protocol);
  load(code, SKF_AD_PKTTYPE);
  /* Received is what is not sent: as a condition that holds, A ^ PACKET_OUTGOING is at least 1. */
  if (!at->sent) emit(code, BPF_ALU | BPF_XOR | BPF_K, 0, 0, PACKET_OUTGOING);
  uint32_t other_way =
      emit(code, BPF_JMP | (at->sent ? BPF_JEQ : BPF_JGE) | BPF_K, 0, 0, at->sent ? PACKET_OUTGOING : 1);
  emit(code, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0);
  uint32_t too_short = emit(code, BPF_JMP | BPF_JGE | BPF_K, 0, 0, at->network + at->length);
  if (ports)
    fold_ports(code, at);
  else
    emit(code, BPF_LDX | BPF_IMM, 0, 0, 0);
  for (uint32_t i = 0; i < at->words; i++) {
    emit(code, BPF_LD | BPF_W | BPF_ABS, 0, 0, at->network + at->addresses + 4 * i);
    emit(code, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
    emit(code, BPF_MISC | BPF_TAX, 0, 0, 0);
  }
  uint32_t done = emit(code, BPF_JMP | BPF_JA, 0, 0, 0);
  else_here(code, other_protocol);
  else_here(code, too_short);
  else_here(code, other_way);
  return done;
}

/* The pair of addresses, whichever of the two sends, with the pair of ports or whatever the ports. Frames without an IP header
 * go by their ethertype. */
static void by_addresses(rs_code *code, bool ports) {
  static const rs_layout layouts[] = {{ETH_P_IP, false, 0, 20, 12, 2},
                                      {ETH_P_IP, true, ETH_HLEN, 20, 12, 2},
                                      {ETH_P_IPV6, false, 0, 40, 8, 8},
                                      {ETH_P_IPV6, true, ETH_HLEN, 40, 8, 8}};
  enum { LAYOUTS = sizeof layouts / sizeof *layouts };
  uint32_t done[LAYOUTS];
  for (int i = 0; i < LAYOUTS; i++) done[i] = fold(code, &layouts[i], ports);
  load(code, SKF_AD_PROTOCOL);
  for (int i = 0; i < LAYOUTS; i++) code->at[done[i]].k = code->length - done[i] - 1;
  /* Neighbours differ in few bits: Knuth's multiplicative hash, of which the high bits are the good ones. */
  emit(code, BPF_ALU | BPF_MUL | BPF_K, 0, 0, 2654435761u);
  emit(code, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 16);
}

/* What the kernel's own modes go by, as far as a program can see it. The flow's hash is not among it (SKF_AD_RXHASH is what
 * the interface left there, often 0), so its place is taken by what makes a flow: addresses and ports. */
static void decide(rs_code *code, uint32_t mode) {
  switch (mode) {
  case RS_FANOUT_CPU:
    load(code, SKF_AD_CPU);
    break;
  case RS_FANOUT_QM:
    load(code, SKF_AD_QUEUE);
    break;
  case RS_FANOUT_RND:
    load(code, SKF_AD_RANDOM);
    break;
  default:
    by_addresses(code, mode == RS_FANOUT_HASH);
  }
}

static int set_program(const rs_fanout *fanout, int fd, uint32_t bank, rs_error *error) {
  rs_code code = {.length = 0};
  decide(&code, fanout->mode);
  emit(&code, BPF_ALU | BPF_MOD | BPF_K, 0, 0, fanout->queues);
  emit(&code, BPF_ALU | BPF_ADD | BPF_K, 0, 0, bank * fanout->queues);
  emit(&code, BPF_RET | BPF_A, 0, 0, 0);
  struct sock_fprog program = {.len = (unsigned short)code.length, .filter = (struct sock_filter *)(void *)code.at};
  if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof program))
    return rs_error_set(error, errno, "the kernel refuses the program that shares packets out (Linux 4.3 or later is needed): %s",
                        strerror(errno));
  return 0;
}

/* -- joining ----------------------------------------------------------------------------------------------------------- */

static int add(rs_fanout *fanout, int fd, rs_error *error) {
  uint32_t type = fanout->banks ? RS_FANOUT_CBPF : fanout->mode;
  uint32_t flags = (fanout->joined ? 0 : FLAG_UNIQUEID) | (fanout->ignore_outgoing ? FLAG_IGNORE_OUTGOING : 0);
  int argument = (int)((fanout->joined ? fanout->id : 0) | (type | flags) << 16);
  if (!setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument)) return 0;
  if (errno == ENOSPC) return rs_error_set(error, ENOSPC, "a fanout group takes at most %d queues", RS_QUEUES_MAX);
  return rs_error_set(error, errno, "the kernel refuses the fanout group (mode %s, %u queues): %s; try one queue: --queues 1",
                      names[fanout->mode], fanout->queues, strerror(errno));
}

int rs_fanout_join(rs_fanout *fanout, int fd, rs_error *error) {
  if (!rs_fanout_needed(fanout)) return 0;
  int result = add(fanout, fd, error);
  if (result || fanout->joined++) return result;
  uint32_t given = 0;
  socklen_t size = sizeof given;
  if (getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &given, &size))
    return rs_error_set(error, errno, "the kernel does not tell the id of the fanout group: %s", strerror(errno));
  fanout->id = (uint16_t)given;
  return fanout->banks || fanout->mode == RS_FANOUT_CBPF ? set_program(fanout, fd, 0, error) : 0;
}

int rs_fanout_feed(const rs_fanout *fanout, int fd, uint32_t bank, rs_error *error) {
  return set_program(fanout, fd, bank, error);
}
