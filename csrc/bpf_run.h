/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_run: a classic BPF program run in user space over one frame, with the answer that the kernel gave or would have
 * given, or "unknown" where that answer hangs on something that was not kept. Knows programs and frames, not sockets.
 */
#ifndef RS_BPF_RUN_H
#define RS_BPF_RUN_H

#include <stdbool.h>

#include "ringscope.h"

/*
 * What a program can ask for besides the frame's bytes. RS_BPF_KNOWS_* are also the bits of rs_bpf_frame.known;
 * RS_BPF_NEEDS_* are never known.
 */
enum {
  RS_BPF_KNOWS_PROTOCOL = 1 << 0,
  RS_BPF_KNOWS_PACKET_TYPE = 1 << 1,
  RS_BPF_KNOWS_IFINDEX = 1 << 2,
  RS_BPF_KNOWS_HATYPE = 1 << 3,
  RS_BPF_KNOWS_VLAN = 1 << 4, /* whether there is a tag, its TCI and its TPID */
  RS_BPF_KNOWS_QUEUE = 1 << 5,
  RS_BPF_KNOWS_CPU = 1 << 6,
  RS_BPF_KNOWS_RXHASH = 1 << 7,
  RS_BPF_KNOWS_MARK = 1 << 8,

  /*
   * What the header of a frame in a ring of a SOCK_RAW socket tells. Not the hash: tp_rxhash is worked out, if need be,
   * after the filter saw that there was none. In a ring of a SOCK_DGRAM socket, kernels from 2024 on report a tag that is
   * still among the bytes as well, and as sll_protocol what is behind it, where the filter saw no tag and the protocol of
   * the tag: for a frame with TP_STATUS_VLAN_VALID leave PROTOCOL out there, and if it is outgoing VLAN, too.
   */
  RS_BPF_KNOWS_RING =
      RS_BPF_KNOWS_PROTOCOL | RS_BPF_KNOWS_PACKET_TYPE | RS_BPF_KNOWS_IFINDEX | RS_BPF_KNOWS_HATYPE | RS_BPF_KNOWS_VLAN,

  RS_BPF_NEEDS_NETLINK = 1 << 16,        /* SKF_AD_NLATTR, NLATTR_NEST: a search in the buffer as the kernel has it */
  RS_BPF_NEEDS_RANDOM = 1 << 17,         /* SKF_AD_RANDOM */
  RS_BPF_NEEDS_PAYLOAD_OFFSET = 1 << 18, /* SKF_AD_PAY_OFFSET: the kernel's flow dissector */
  RS_BPF_NEEDS_HEADER_OFFSETS = 1 << 19, /* SKF_NET_OFF, SKF_LL_OFF: where the kernel had found the headers */
  RS_BPF_NEVER = RS_BPF_NEEDS_NETLINK | RS_BPF_NEEDS_RANDOM | RS_BPF_NEEDS_PAYLOAD_OFFSET | RS_BPF_NEEDS_HEADER_OFFSETS,
};

/* One frame as the kernel shows it to a program: without the outer VLAN tag where that is in the metadata. */
typedef struct rs_bpf_frame {
  const uint8_t *bytes; /* from the link-layer header (SOCK_RAW) or from the network header (SOCK_DGRAM) */
  uint32_t captured;    /* bytes there are */
  uint32_t length;      /* bytes the frame had, skb->len: less than 2^31, and at least `captured` but where a file says less */
  uint32_t known;       /* RS_BPF_KNOWS_*: which of the following are known; the others are not read */
  uint32_t protocol;    /* skb->protocol, the ethertype in host byte order */
  uint32_t packet_type; /* PACKET_HOST 0 ... PACKET_OUTGOING 4 */
  uint32_t ifindex;     /* 0: no device; to ask for ifindex or hatype is then to return A */
  uint32_t hatype;      /* ARPHRD_* */
  uint32_t vlan_tci;    /* 0 without a tag */
  uint32_t vlan_tpid;   /* host byte order, 0 without a tag */
  bool vlan_present;
  uint32_t queue; /* skb->queue_mapping */
  uint32_t cpu;
  uint32_t rxhash; /* skb->hash */
  uint32_t mark;   /* skb->mark */
} rs_bpf_frame;

typedef enum rs_bpf_verdict {
  RS_BPF_UNKNOWN = -1, /* the program came to something that is not known of this frame */
  RS_BPF_REJECT = 0,
  RS_BPF_MATCH = 1,
} rs_bpf_verdict;

/*
 * Runs the program, which must have passed rs_bpf_check(). *keep, if not NULL, becomes the bytes of the frame that the
 * program keeps: at most frame->length, 0 without a match. "Unknown" depends on the path: an instruction that would need what
 * is not known, but is not reached, does no harm. Allocates nothing and never reads beyond `captured`.
 */
rs_bpf_verdict rs_bpf_run(const rs_insn *program, uint32_t length, const rs_bpf_frame *frame, uint32_t *keep);

/*
 * What the program asks for anywhere in it, RS_BPF_KNOWS_* and RS_BPF_NEEDS_*. Where `rs_bpf_needs() & ~frame->known` is 0
 * the verdict is unknown only for lack of captured bytes, or for an indexed load whose index turns out negative.
 */
uint32_t rs_bpf_needs(const rs_insn *program, uint32_t length);

#endif
