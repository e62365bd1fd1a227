/* SPDX-License-Identifier: Apache-2.0 */
/* view_tests: the programs of a view, one a link type, and what they say of the packets of a piece. */
#ifndef RS_VIEW_TESTS_H
#define RS_VIEW_TESTS_H

#include <stdatomic.h>

#include "bpf_wide.h"
#include "store.h"
#include "view_hits.h"

typedef struct rs_view_test {
  uint32_t link_type;
  rs_bpf_code *code;
} rs_view_test;

typedef struct rs_view_tests {
  rs_view_test *each;
  uint32_t count;
  uint32_t reach; /* bytes of each packet that are looked at first */
} rs_view_tests;

/* What one thread reads a store with. */
typedef struct rs_view_eyes {
  rs_walk walk;  /* for the reach */
  rs_walk whole; /* for all that was kept; opened when it is needed first */
  rs_sight sights[RS_BPF_LANES];
  uint32_t whole_for; /* batches from here on that are looked at by the walk, not by the headers that the store keeps */
  uint32_t pause;     /* how many they were the last time; 0: headers told enough */
} rs_view_eyes;

int rs_view_tests_open(rs_view_tests *tests, const rs_view_program *programs, uint32_t count, rs_error *error);
void rs_view_tests_close(rs_view_tests *tests);

int rs_view_eyes_open(rs_view_eyes *eyes, const rs_store *store, const rs_view_tests *tests);
void rs_view_eyes_close(rs_view_eyes *eyes);

/* Runs the programs over the packets of a piece. 0, -ECANCELED when `cancelled` became true meanwhile, or -ENOMEM. */
int rs_view_tests_run(const rs_view_tests *tests, rs_view_eyes *eyes, const _Atomic bool *cancelled, rs_view_piece *piece);

#endif
