/* SPDX-License-Identifier: Apache-2.0 */
#include "view_tests.h"

#include <errno.h>
#include <stdlib.h>

#include "error.h"

enum { LEAST_REACH = 64, AT_ONCE = RS_BPF_LANES };

int rs_view_tests_open(rs_view_tests *tests, const rs_view_program *programs, uint32_t count, rs_error *error) {
  *tests = (rs_view_tests){.each = calloc(count ? count : 1, sizeof *tests->each), .reach = LEAST_REACH};
  if (!tests->each) return rs_error_set(error, ENOMEM, "no memory for %u filters", count);
  for (uint32_t i = 0; i < count; i++) {
    rs_view_test *test = &tests->each[i];
    test->link_type = programs[i].link_type;
    const int result = rs_bpf_code_make(programs[i].insns, programs[i].length, programs[i].machine, &test->code, error);
    if (result) {
      rs_view_tests_close(tests);
      return result;
    }
    tests->count++;
    const uint32_t reach = rs_bpf_code_reach(test->code);
    if (reach > tests->reach) tests->reach = reach;
  }
  return 0;
}

void rs_view_tests_close(rs_view_tests *tests) {
  for (uint32_t i = 0; i < tests->count; i++) rs_bpf_code_free(tests->each[i].code);
  free(tests->each);
  *tests = (rs_view_tests){0};
}

int rs_view_eyes_open(rs_view_eyes *eyes, const rs_store *store, const rs_view_tests *tests) {
  eyes->whole = (rs_walk){0};
  return rs_walk_open(&eyes->walk, store, tests->reach, NULL);
}

void rs_view_eyes_close(rs_view_eyes *eyes) {
  rs_walk_close(&eyes->walk);
  rs_walk_close(&eyes->whole);
}

/* The verdict with all the bytes that were kept; one more look at the store, for few packets. */
static int look_again(const rs_bpf_code *code, rs_view_eyes *eyes, uint64_t number, rs_bpf_verdict *verdict) {
  rs_sight sight;
  if (!eyes->whole.store) {
    const int result = rs_walk_open(&eyes->whole, eyes->walk.store, RS_READ_MAX, NULL);
    if (result) {
      eyes->whole.store = NULL;
      return result;
    }
  }
  if (rs_walk_next(&eyes->whole, number, number, &sight, 1)) *verdict = rs_bpf_code_run(code, &sight.frame);
  return 0;
}

/* What was found of the sights `which`, a lane each; who is unknown is looked at again where there may be more to see. */
static int put_down(const rs_view_tests *tests, const rs_bpf_code *code, rs_view_eyes *eyes, const uint32_t *which,
                    uint64_t match, uint64_t unknown, rs_view_piece *piece) {
  for (uint64_t left = unknown; left; left &= left - 1) {
    const uint32_t lane = (uint32_t)__builtin_ctzll(left);
    const rs_sight *sight = &eyes->sights[which[lane]];
    /* Fewer bytes than were asked for are all that were kept. */
    if (sight->frame.captured < tests->reach) continue;
    rs_bpf_verdict verdict = RS_BPF_UNKNOWN;
    const int result = look_again(code, eyes, sight->number, &verdict);
    if (result) return result;
    match |= (uint64_t)(verdict == RS_BPF_MATCH) << lane;
    if (verdict != RS_BPF_UNKNOWN) unknown &= ~(UINT64_C(1) << lane);
  }
  piece->tally.matched += (uint32_t)__builtin_popcountll(match);
  piece->tally.unknown += (uint32_t)__builtin_popcountll(unknown);
  for (uint64_t left = match; left; left &= left - 1) {
    const uint32_t place = rs_view_place(eyes->sights[which[__builtin_ctzll(left)]].number);
    piece->bits[place / 64] |= UINT64_C(1) << place % 64;
  }
  return 0;
}

/* What there is of one link type, side by side; then what there is of the next. */
static int judge(const rs_view_tests *tests, rs_view_eyes *eyes, uint32_t count, rs_view_piece *piece) {
  piece->tally.judged += count;
  for (uint32_t t = 0; t < tests->count; t++) {
    const rs_bpf_frame *frames[AT_ONCE];
    uint32_t which[AT_ONCE], lanes = 0;
    uint64_t match, unknown;
    for (uint32_t i = 0; i < count; i++) {
      frames[lanes] = &eyes->sights[i].frame;
      which[lanes] = i;
      lanes += eyes->sights[i].link_type == tests->each[t].link_type;
    }
    if (!lanes) continue;
    rs_bpf_wide_run(tests->each[t].code, frames, lanes, &match, &unknown);
    const int result = put_down(tests, tests->each[t].code, eyes, which, match, unknown, piece);
    if (result) return result;
  }
  return 0;
}

int rs_view_tests_run(const rs_view_tests *tests, rs_view_eyes *eyes, const _Atomic bool *cancelled, rs_view_piece *piece) {
  for (uint64_t next = piece->first; next <= piece->last;) {
    /* Relaxed: it carries nothing but itself. */
    if (atomic_load_explicit(cancelled, memory_order_relaxed)) return -ECANCELED;
    const uint32_t count = rs_walk_next(&eyes->walk, next, piece->last, eyes->sights, AT_ONCE);
    if (!count) break;
    const int result = judge(tests, eyes, count, piece);
    if (result) return result;
    next = eyes->sights[count - 1].number + 1;
  }
  return 0;
}
