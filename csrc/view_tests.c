/* SPDX-License-Identifier: Apache-2.0 */
#include "view_tests.h"

#include <errno.h>
#include <stdlib.h>

#include "error.h"

enum { LEAST_REACH = 64, AT_ONCE = sizeof((rs_view_eyes *)0)->sights / sizeof(rs_sight) };

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

static const rs_bpf_code *code_of(const rs_view_tests *tests, uint32_t link_type) {
  for (uint32_t i = 0; i < tests->count; i++)
    if (tests->each[i].link_type == link_type) return tests->each[i].code;
  return NULL;
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

static int judge(const rs_view_tests *tests, rs_view_eyes *eyes, uint32_t count, rs_view_piece *piece) {
  uint32_t link_type = 0;
  const rs_bpf_code *code = code_of(tests, link_type);
  for (uint32_t i = 0; i < count; i++) {
    const rs_sight *sight = &eyes->sights[i];
    if (sight->link_type != link_type) code = code_of(tests, link_type = sight->link_type);
    if (!code) continue;
    rs_bpf_verdict verdict = rs_bpf_code_run(code, &sight->frame);
    /* Fewer bytes than were asked for are all that were kept. */
    if (verdict == RS_BPF_UNKNOWN && sight->frame.captured >= tests->reach) {
      const int result = look_again(code, eyes, sight->number, &verdict);
      if (result) return result;
    }
    piece->tally.matched += verdict == RS_BPF_MATCH;
    piece->tally.unknown += verdict == RS_BPF_UNKNOWN;
    const uint32_t place = rs_view_place(sight->number);
    piece->bits[place / 64] |= (uint64_t)(verdict == RS_BPF_MATCH) << place % 64;
  }
  piece->tally.judged += count;
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
