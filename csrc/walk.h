/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: many packets of a store in the order of their numbers, for who looks at all of them. It shows them as the filter
 * of their capture saw them: without an outer VLAN tag that the kernel had taken out, with the metadata that was kept. A walk
 * belongs to one thread; there may be any number of them.
 */
#ifndef RS_WALK_H
#define RS_WALK_H

#include <stdatomic.h>

#include "bpf_run.h"

/* One packet. The bytes are there until the walk goes on. */
typedef struct rs_sight {
  uint64_t number;
  rs_bpf_frame frame; /* `captured` is at most what was kept of the packet, and may be less: see rs_walk_open() */
  uint32_t link_type; /* LINKTYPE_* of the frame; what is captured cooked begins at the network header */
  bool partial;       /* more of it was kept than is shown */
} rs_sight;

typedef struct rs_walk {
  const rs_store *store;
  uint32_t limit;
  void *state; /* the store's own */
} rs_walk;

/* `limit`: bytes of each packet that are wanted; more may be shown, fewer only where fewer were kept. */
int rs_walk_open(rs_walk *walk, const rs_store *store, uint32_t limit, rs_error *error);

/* Shows the packets with numbers first .. last that are kept, at most `max` of them; returns how many. 0: there is none, or
 * none can be read any more. To go on, ask from behind the number of the last one shown. */
uint32_t rs_walk_next(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max);

/* The same by the headers that were gathered, without a look at a file: of a packet perhaps not all that is wanted, and none behind
 * the first one of which there are none. 0: there are none of the first one. */
uint32_t rs_walk_headers(rs_walk *walk, uint64_t first, uint64_t last, rs_sight *out, uint32_t max);

/* For whoever has nothing else to do: gathers the headers of some packets more, for all walks over the store; it takes some
 * milliseconds, or less if `cancelled` becomes true. False: nothing was gathered, and there is nothing to gather now. */
bool rs_walk_gather(rs_walk *walk, const _Atomic bool *cancelled);

void rs_walk_close(rs_walk *walk);

#endif
