/* SPDX-License-Identifier: Apache-2.0 */
#include "direction.h"

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>

bool rs_direction_ignores_outgoing(const rs_direction *direction, bool loopback) {
  if (direction->wanted == RS_DIRECTION_IN) return true;
  /* On the loopback every packet passes twice, sent and received: once is enough. */
  return direction->wanted == RS_DIRECTION_BOTH && loopback;
}

static const rs_insn packet_type = {BPF_LD | BPF_B | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)};
static const rs_insn ifindex = {BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)};
static const rs_insn reject = {BPF_RET | BPF_K, 0, 0, 0};
/* The program that follows finds the accumulator as at the start of any program. */
static const rs_insn clear = {BPF_LD | BPF_IMM, 0, 0, 0};

static uint32_t only_sent(rs_insn *out) {
  const rs_insn before[] = {packet_type, {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, PACKET_OUTGOING}, reject, clear};
  memcpy(out, before, sizeof before);
  return sizeof before / sizeof *before;
}

static uint32_t loopback_once(int32_t loopback, rs_insn *out) {
  const rs_insn before[] = {ifindex, {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (uint32_t)loopback},
                            packet_type, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, PACKET_OUTGOING},
                            reject, clear};
  memcpy(out, before, sizeof before);
  return sizeof before / sizeof *before;
}

uint32_t rs_direction_apply(const rs_direction *direction, const rs_insn *program, uint32_t length, rs_insn *out) {
  uint32_t before = 0;
  if (direction->wanted == RS_DIRECTION_OUT)
    before = only_sent(out);
  else if (direction->wanted == RS_DIRECTION_BOTH && direction->loopback > 0)
    before = loopback_once(direction->loopback, out);
  memcpy(out + before, program, length * sizeof *program);
  return before + length;
}
