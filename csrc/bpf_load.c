/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf_load.h"

#include <linux/filter.h>

static rs_bpf_loaded give(uint32_t value) { return (rs_bpf_loaded){.value = value, .outcome = RS_BPF_LOADED}; }
static rs_bpf_loaded end(rs_bpf_outcome why) { return (rs_bpf_loaded){.outcome = why}; }

uint32_t rs_bpf_ancillary_needs(uint32_t k) {
  switch (k - (uint32_t)SKF_AD_OFF) {
  case SKF_AD_PROTOCOL:
    return RS_BPF_KNOWS_PROTOCOL;
  case SKF_AD_PKTTYPE:
    return RS_BPF_KNOWS_PACKET_TYPE;
  case SKF_AD_IFINDEX:
    return RS_BPF_KNOWS_IFINDEX;
  case SKF_AD_HATYPE:
    return RS_BPF_KNOWS_HATYPE;
  case SKF_AD_VLAN_TAG:
  case SKF_AD_VLAN_TAG_PRESENT:
  case SKF_AD_VLAN_TPID:
    return RS_BPF_KNOWS_VLAN;
  case SKF_AD_QUEUE:
    return RS_BPF_KNOWS_QUEUE;
  case SKF_AD_CPU:
    return RS_BPF_KNOWS_CPU;
  case SKF_AD_RXHASH:
    return RS_BPF_KNOWS_RXHASH;
  case SKF_AD_MARK:
    return RS_BPF_KNOWS_MARK;
  case SKF_AD_NLATTR:
  case SKF_AD_NLATTR_NEST:
    return RS_BPF_NEEDS_NETLINK;
  case SKF_AD_RANDOM:
    return RS_BPF_NEEDS_RANDOM;
  case SKF_AD_PAY_OFFSET:
    return RS_BPF_NEEDS_PAYLOAD_OFFSET;
  default: /* SKF_AD_ALU_XOR_X: an operation in the clothes of a load */
    return 0;
  }
}

rs_bpf_loaded rs_bpf_load_ancillary(const rs_bpf_frame *frame, uint32_t k, uint32_t a, uint32_t x) {
  if (rs_bpf_ancillary_needs(k) & ~frame->known) return end(RS_BPF_ENDS_UNKNOWN);
  /* The kernel leaves the program with what A holds, other than after any other load that fails. */
  const bool no_device = (frame->known & RS_BPF_KNOWS_IFINDEX) && frame->ifindex == 0;
  switch (k - (uint32_t)SKF_AD_OFF) {
  case SKF_AD_PROTOCOL:
    return give(frame->protocol);
  case SKF_AD_PKTTYPE:
    return give(frame->packet_type);
  case SKF_AD_IFINDEX:
    return no_device ? end(RS_BPF_ENDS_IN_RETURN_A) : give(frame->ifindex);
  case SKF_AD_HATYPE:
    return no_device ? end(RS_BPF_ENDS_IN_RETURN_A) : give(frame->hatype);
  case SKF_AD_VLAN_TAG:
    return give(frame->vlan_tci);
  case SKF_AD_VLAN_TAG_PRESENT:
    return give(frame->vlan_present);
  case SKF_AD_VLAN_TPID:
    return give(frame->vlan_tpid);
  case SKF_AD_QUEUE:
    return give(frame->queue);
  case SKF_AD_CPU:
    return give(frame->cpu);
  case SKF_AD_RXHASH:
    return give(frame->rxhash);
  case SKF_AD_MARK:
    return give(frame->mark);
  default: /* SKF_AD_ALU_XOR_X: an operation in the clothes of a load */
    return give(a ^ x);
  }
}

/*
 * A load that does not lie within the captured bytes. The kernel had the whole frame: what ends within its length was
 * loaded, what ends beyond it was rejected. Offsets are signed: negative ones count from the network header, which is
 * somewhere in the frame (so that what is too far from the frame's start is too far from there as well), those below
 * from the link-layer header, and those below that from nowhere.
 */
rs_bpf_outcome rs_bpf_load_beyond(const rs_bpf_frame *frame, uint32_t offset, uint32_t size) {
  if ((int32_t)offset < SKF_LL_OFF) return RS_BPF_ENDS_IN_REJECT;
  if ((int32_t)offset < SKF_NET_OFF) return RS_BPF_ENDS_UNKNOWN;
  if ((int32_t)offset < 0) offset -= (uint32_t)SKF_NET_OFF;
  return offset + size > frame->length ? RS_BPF_ENDS_IN_REJECT : RS_BPF_ENDS_UNKNOWN;
}
