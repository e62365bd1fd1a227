/* SPDX-License-Identifier: Apache-2.0 */
#include "fanout.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
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

enum { ROOM = 128 };

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

/* Packets of this protocol and direction with at least `shortest` bytes: A = the exclusive or of the `words` words from
 * `offset` on. Returns the jump that leaves with it. A load that fails would end the program with 0, and so feed the first
 * queue of the first bank whatever bank is meant; hence the look at the length. */
static uint32_t fold(rs_code *code, uint32_t protocol, bool sent, uint32_t shortest, uint32_t offset, uint32_t words) {
  load(code, SKF_AD_PROTOCOL);
  uint32_t other_protocol = emit(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, protocol);
  load(code, SKF_AD_PKTTYPE);
  /* Received is what is not sent: as a condition that holds, A ^ PACKET_OUTGOING is at least 1. */
  if (!sent) emit(code, BPF_ALU | BPF_XOR | BPF_K, 0, 0, PACKET_OUTGOING);
  uint32_t other_way = emit(code, BPF_JMP | (sent ? BPF_JEQ : BPF_JGE) | BPF_K, 0, 0, sent ? PACKET_OUTGOING : 1);
  emit(code, BPF_LD | BPF_W | BPF_LEN, 0, 0, 0);
  uint32_t too_short = emit(code, BPF_JMP | BPF_JGE | BPF_K, 0, 0, shortest);
  emit(code, BPF_LD | BPF_IMM, 0, 0, 0);
  for (uint32_t i = 0; i < words; i++) {
    emit(code, BPF_MISC | BPF_TAX, 0, 0, 0);
    emit(code, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset + 4 * i);
    emit(code, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
  }
  uint32_t done = emit(code, BPF_JMP | BPF_JA, 0, 0, 0);
  else_here(code, other_protocol);
  else_here(code, too_short);
  else_here(code, other_way);
  return done;
}

/* The pair of addresses, whichever of the two sends, whatever the ports: fragments have none. Frames without an IP header
 * go by their ethertype. What is received begins with the network header here, what is sent with the Ethernet header. */
static void by_addresses(rs_code *code) {
  uint32_t done[4] = {fold(code, ETH_P_IP, false, 20, 12, 2), fold(code, ETH_P_IP, true, 34, 26, 2),
                      fold(code, ETH_P_IPV6, false, 40, 8, 8), fold(code, ETH_P_IPV6, true, 54, 22, 8)};
  load(code, SKF_AD_PROTOCOL);
  for (int i = 0; i < 4; i++) code->at[done[i]].k = code->length - done[i] - 1;
  /* Neighbours differ in few bits: Knuth's multiplicative hash, of which the high bits are the good ones. */
  emit(code, BPF_ALU | BPF_MUL | BPF_K, 0, 0, 2654435761u);
  emit(code, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 16);
}

/* What the kernel's own modes go by, as far as a program can see it. The flow's hash is not among it (SKF_AD_RXHASH is what
 * the interface left there, often 0), so its place is taken by the addresses. */
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
    by_addresses(code);
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
