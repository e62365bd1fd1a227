/* SPDX-License-Identifier: Apache-2.0 */
#include "copy.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <string.h>

#include "bpf_run.h"

/* TP_STATUS_GSO_TCP came with Linux 6.1; older headers lack it. */
enum { STATUS_GSO_TCP = 1 << 8, TAG = 4 };

static uint8_t flags_of(uint32_t status) {
  uint8_t flags = 0;
  if (status & TP_STATUS_TS_SOFTWARE) flags |= RS_CLOCK_SOFTWARE;
  if (status & TP_STATUS_TS_RAW_HARDWARE) flags |= RS_CLOCK_HARDWARE;
  if (status & TP_STATUS_CSUMNOTREADY) flags |= RS_CHECKSUM_NOT_READY;
  if (status & TP_STATUS_CSUM_VALID) flags |= RS_CHECKSUM_VALID;
  if (status & STATUS_GSO_TCP) flags |= RS_GSO;
  return flags;
}

/* The TPID of the tag that the kernel took out; 0: it took out none. Whether there was one is a bit of its own: VLAN 0 with
 * priority 0 is a tag, too. */
static uint16_t tpid_of(const struct tpacket3_hdr *packet) {
  if (!(packet->tp_status & TP_STATUS_VLAN_VALID)) return 0;
  return packet->tp_status & TP_STATUS_VLAN_TPID_VALID ? packet->hv1.tp_vlan_tpid : ETH_P_8021Q;
}

static rs_record describe(const struct tpacket3_hdr *packet, const struct sockaddr_ll *link) {
  return (rs_record){
      .time_ns = (uint64_t)packet->tp_sec * 1000000000 + packet->tp_nsec,
      .length = packet->tp_len,
      .captured = packet->tp_snaplen,
      .ifindex = link->sll_ifindex,
      .protocol = ntohs(link->sll_protocol),
      .vlan_tci = (uint16_t)packet->hv1.tp_vlan_tci,
      .vlan_tpid = tpid_of(packet),
      .hatype = link->sll_hatype,
      .packet_type = link->sll_pkttype,
      .flags = flags_of(packet->tp_status),
  };
}

/* What of a packet the filter saw as we do. With SOCK_DGRAM newer kernels (packet_rcv_vlan of net/packet/af_packet.c, since
 * 6.11) report a tag that is among the bytes as if it had been taken out, and the protocol behind it: the filter saw neither. */
static uint32_t known_of(const rs_record *record, bool cooked) {
  uint32_t known = RS_BPF_KNOWS_RING;
  if (!cooked || !record->vlan_tpid) return known;
  known &= ~(uint32_t)RS_BPF_KNOWS_PROTOCOL;
  if (record->packet_type == PACKET_OUTGOING) known &= ~(uint32_t)RS_BPF_KNOWS_VLAN;
  return known;
}

/* Was it the old filter or the new one that let this packet in? The new one would have, if it does now. */
static void judge(rs_change *change, const rs_record *record, bool cooked, const uint8_t *bytes, uint32_t *epoch,
                  uint8_t *flags) {
  const rs_bpf_frame frame = {.bytes = bytes,
                              .captured = record->captured,
                              .length = record->length,
                              .known = known_of(record, cooked),
                              .protocol = record->protocol,
                              .packet_type = record->packet_type,
                              .ifindex = (uint32_t)record->ifindex,
                              .hatype = record->hatype,
                              .vlan_present = record->vlan_tpid != 0,
                              .vlan_tci = record->vlan_tci,
                              .vlan_tpid = record->vlan_tpid};
  uint32_t keep;
  rs_bpf_verdict verdict = rs_bpf_run(change->program, change->length, &frame, &keep);
  *flags |= RS_RECHECKED;
  atomic_fetch_add_explicit(&change->rechecked, 1, memory_order_relaxed);
  if (verdict == RS_BPF_UNKNOWN) atomic_fetch_add_explicit(&change->unknown, 1, memory_order_relaxed);
  if (verdict != RS_BPF_MATCH) return;
  atomic_fetch_add_explicit(&change->matched, 1, memory_order_relaxed);
  *epoch = change->epoch;
}

/* Is the tag that the kernel reports among the bytes, too? Only what is sent can have it there; see known_of(). */
static bool has_tag_inside(const rs_record *record, const uint8_t *bytes) {
  if (!record->vlan_tpid || record->packet_type != PACKET_OUTGOING || record->captured < TAG) return false;
  const uint16_t tag[2] = {htons(record->vlan_tci), htons(record->protocol)};
  return memcmp(bytes, tag, TAG) == 0;
}

/* The header that stands for the link layer in a cooked capture. `protocol` is in network byte order. */
static void cook(const struct sockaddr_ll *link, uint16_t protocol, uint8_t header[RS_SLL2_HEADER]) {
  const uint32_t ifindex = htonl((uint32_t)link->sll_ifindex);
  const uint16_t hatype = htons(link->sll_hatype);
  memcpy(header, &protocol, 2);
  memset(header + 2, 0, 2);
  memcpy(header + 4, &ifindex, 4);
  memcpy(header + 8, &hatype, 2);
  header[10] = link->sll_pkttype;
  header[11] = link->sll_halen;
  /* The kernel writes as many bytes of the address as there are; behind them is what was in the ring before. */
  memset(header + 12, 0, sizeof link->sll_addr);
  memcpy(header + 12, link->sll_addr, link->sll_halen < sizeof link->sll_addr ? link->sll_halen : sizeof link->sll_addr);
}

/* One packet, its place checked. */
static void take(rs_copy *copy, const struct tpacket3_hdr *packet) {
  const struct sockaddr_ll *link = (const void *)((const uint8_t *)packet + TPACKET_ALIGN(sizeof *packet));
  const uint8_t *bytes = (const uint8_t *)packet + packet->tp_mac;
  rs_record record = describe(packet, link);
  uint32_t epoch = copy->epoch, before = 0;
  uint8_t header[RS_SLL2_HEADER];
  if (record.time_ns < copy->from_ns || (copy->until_ns && record.time_ns >= copy->until_ns)) {
    copy->doubled++;
    return;
  }
  copy->newest_ns = record.time_ns;
  if (!copy->first_ns) copy->first_ns = record.time_ns;
  record.flags |= copy->flags;
  copy->truncated += record.captured < (record.length < copy->snaplen ? record.length : copy->snaplen);
  copy->snapped += record.captured < record.length && record.captured >= copy->snaplen;
  if (copy->mixed) judge(copy->mixed, &record, copy->cooked, bytes, &epoch, &record.flags);
  record.epoch = (uint16_t)epoch;
  copy->bytes += record.length;
  if (copy->cooked) {
    bool inside = has_tag_inside(&record, bytes);
    cook(link, inside ? htons(record.vlan_tpid) : link->sll_protocol, header);
    if (inside) { /* there is nothing to put back, and the type is what the filter saw */
      record.protocol = record.vlan_tpid;
      record.vlan_tpid = 0;
    }
    before = RS_SLL2_HEADER;
    record.length += before;
    record.captured += before;
  }
  if (record.vlan_tpid) copy->bytes += TAG;
  if (!rs_arena_append(copy->arena, &record, header, before, bytes)) copy->lost++;
}

uint32_t rs_copy_packets(rs_copy *copy, uint32_t count) {
  const uint8_t *begin = (const uint8_t *)copy->block - offsetof(struct tpacket_block_desc, hdr);
  uint32_t done = 0;
  for (; done < count; done++) {
    if (copy->offset > copy->size - sizeof(struct tpacket3_hdr) - sizeof(struct sockaddr_ll)) break;
    const struct tpacket3_hdr *packet = (const void *)(begin + copy->offset);
    if ((uint64_t)copy->offset + packet->tp_mac + packet->tp_snaplen > copy->size) break;
    take(copy, packet);
    copy->offset += packet->tp_next_offset;
  }
  return done;
}
