/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: the packets of a store that pass a filter, that have some bytes, or in another order. */
#ifndef RINGSCOPE_VIEWS_H
#define RINGSCOPE_VIEWS_H

#include "ringscope/base.h"

/* Whose rules a view runs a program by. They differ where an index wraps around, where a shift is of 32 bits or more, and in
 * that libpcap has no metadata. Loops are allowed by both; one without end leaves the packet unknown. */
enum {
  RS_MACHINE_KERNEL = 0,  /* as on a packet socket: programs for a capture */
  RS_MACHINE_LIBPCAP = 1, /* as by pcap_offline_filter(3pcap): programs for the packets of a file */
};

/* What a view tests packets of one link type with. */
typedef struct rs_view_program {
  uint32_t link_type; /* LINKTYPE_* */
  uint32_t machine;   /* RS_MACHINE_* */
  const rs_insn *insns;
  uint32_t length;
} rs_view_program;

/* How far a view is. What it says of matches is of the packets up to `examined`, so that an index once given stays. */
typedef struct rs_view_info {
  uint64_t examined; /* packets up to this number were looked at, or had been evicted before */
  uint64_t judged;   /* how many were looked at */
  uint64_t matched;  /* of these: those that pass */
  uint64_t unknown;  /* of these: those of which too little was kept to tell; they do not pass */
  uint64_t low, high; /* view indexes of the first and the last match that is kept; low > high: there is none */
  uint32_t running;  /* 1: not yet at the packet that was the newest when the program came */
  int32_t fault;     /* 0, or the errno with which it gave up */
} rs_view_info;

/*
 * A view of a store, which must outlive it: the numbers of the packets that pass a program, found by `threads` threads of its
 * own (0: one a CPU, at most 4) and kept up to date as packets come. Where packets are being captured, `nice` (0 .. 19) lets
 * the capture's threads go first. No function here waits for the threads but close, and that for a few packets.
 */
int rs_view_open(const rs_store *store, uint32_t threads, int32_t nice, rs_view **out, rs_error *error);

/* Begins anew with other programs, at most one a link type; packets of a link type without one do not pass. What the view
 * was doing is dropped at once. -EINVAL: a program is not valid, and the view stays as it was. */
int rs_view_start(rs_view *view, const rs_view_program *programs, uint32_t count, rs_error *error);

/* How far it is; also tells the threads that there may be new packets. */
void rs_view_state(rs_view *view, rs_view_info *out);

/* Numbers of the matches with view indexes first, first + 1 ..., which count from 1; returns how many were written: less
 * than `max` at the end. None that was evicted is among them. */
uint32_t rs_view_numbers(rs_view *view, uint64_t first, uint64_t *out, uint32_t max);

/* How many matches have a number of at most this: the view index of the last of them. */
uint64_t rs_view_index(rs_view *view, uint64_t number);

/* 1: that packet passes; 0: it does not, or it is not known yet. */
int rs_view_has(rs_view *view, uint64_t number);

/* Ends its threads and frees it. NULL is allowed. */
void rs_view_close(rs_view *view);

/* A search through the bytes that a store kept, as the filter of their capture saw them: without a VLAN tag that the kernel
 * took out. It and the view that it is given must not outlive the store. For one thread, but for cancel and progress. */
int rs_search_open(const rs_store *store, rs_search **out, rs_error *error);

/* *found: the first packet from number `start` on, or with `forward` 0 the last one up to it, whose bytes contain these;
 * 0: none. `fold`: capital letters A to Z are as small ones. `view` NULL: any packet, else one that passes. -ECANCELED. */
int rs_search_bytes(rs_search *search, const uint8_t *bytes, uint32_t length, int fold, uint64_t start, int forward,
                    rs_view *view, uint64_t *found, rs_error *error);

/* For who looks himself: copies the bytes of packets first .. last that pass, one behind the other, each ending at ends[i];
 * at most `max`, and as many as have room. Returns how many; *next is the first number that was not looked at. */
uint32_t rs_search_copy(rs_search *search, uint64_t first, uint64_t last, rs_view *view, uint64_t *numbers, uint32_t *ends,
                        uint32_t max, uint8_t *bytes, size_t room, uint64_t *next);

/* From any thread: what is under way ends at once, and nothing is found any more. */
void rs_search_cancel(rs_search *search);

/* Packets that were looked at since rs_search_bytes() began, and by rs_search_copy(). From any thread. */
uint64_t rs_search_progress(const rs_search *search);

/* Frees it. NULL is allowed. */
void rs_search_close(rs_search *search);

/* What packets can be sorted by without a look at their bytes. */
enum {
  RS_BY_NUMBER = 0,
  RS_BY_TIME = 1,
  RS_BY_LENGTH = 2,   /* on the wire */
  RS_BY_CAPTURED = 3, /* bytes that were kept */
  RS_BY_QUEUE = 4,
  RS_BY_EPOCH = 5,
};

/* Numbers and sort keys of the packets at places first .. first + count - 1: places are numbers or, of a view, its indexes. Both
 * arrays have room for `count`. Returns how many of the packets are kept, or -ENOMEM. From any thread. */
int64_t rs_order_keys(const rs_store *store, rs_view *view, uint64_t first, uint32_t count, uint32_t by, uint64_t *numbers,
                      uint64_t *keys, rs_error *error);

/* Sorts packet numbers by their keys, the least first, or the greatest; what has the same key stays in its order. The keys
 * are of no use after that. Takes 16 bytes a packet meanwhile. -ENOMEM: they are as they were, but for `falling` their keys. */
int rs_order_sort(uint64_t *keys, uint64_t *numbers, size_t count, uint32_t falling, rs_error *error);

/* Where among numbers, in whatever order, the one stands that is nearest to this. */
size_t rs_order_nearest(const uint64_t *numbers, size_t count, uint64_t number);

#endif
