/* SPDX-License-Identifier: Apache-2.0 */
#include "view_tests.h"

#include <errno.h>
#include <stdlib.h>

#include "error.h"

enum {
  LEAST_REACH = 64,
  AT_ONCE = RS_BPF_LANES,
  MOST_AGAIN = 4, /* of so many packets that are read one by one: with more all of them are read faster together */
  LONGEST_PAUSE = 63, /* batches: so seldom headers are tried in vain, and a walk over a file reads large pieces */
};

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
  eyes->pause = eyes->whole_for = 0;
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

/* Sights of one batch, a bit each. */
typedef struct found {
  uint64_t match, unknown;
  uint64_t partial; /* unknown, and there is more to see */
} found;

/* The program for a link type; NULL: none. */
static const rs_bpf_code *code_for(const rs_view_tests *tests, uint32_t link_type) {
  for (uint32_t t = 0; t < tests->count; t++)
    if (tests->each[t].link_type == link_type) return tests->each[t].code;
  return NULL;
}

/* What there is of one link type, side by side; then what there is of the next. */
static found test(const rs_view_tests *tests, const rs_sight *sights, uint32_t count) {
  found all = {0};
  for (uint32_t t = 0; t < tests->count; t++) {
    const rs_bpf_frame *frames[AT_ONCE];
    uint32_t which[AT_ONCE], lanes = 0;
    uint64_t match, unknown;
    for (uint32_t i = 0; i < count; i++) {
      frames[lanes] = &sights[i].frame;
      which[lanes] = i;
      lanes += sights[i].link_type == tests->each[t].link_type;
    }
    if (!lanes) continue;
    rs_bpf_wide_run(tests->each[t].code, frames, lanes, &match, &unknown);
    for (; match; match &= match - 1) all.match |= UINT64_C(1) << which[__builtin_ctzll(match)];
    for (; unknown; unknown &= unknown - 1) {
      const uint32_t i = which[__builtin_ctzll(unknown)];
      all.unknown |= UINT64_C(1) << i;
      all.partial |= (uint64_t)sights[i].partial << i;
    }
  }
  return all;
}

/* Puts down what was found; who is unknown is looked at again where there is more to see. */
static int put_down(const rs_view_tests *tests, rs_view_eyes *eyes, uint32_t count, found all, rs_view_piece *piece) {
  for (uint64_t left = all.partial; left; left &= left - 1) {
    const uint32_t i = (uint32_t)__builtin_ctzll(left);
    const rs_sight *sight = &eyes->sights[i];
    rs_bpf_verdict verdict = RS_BPF_UNKNOWN;
    const int result = look_again(code_for(tests, sight->link_type), eyes, sight->number, &verdict);
    if (result) return result;
    all.match |= (uint64_t)(verdict == RS_BPF_MATCH) << i;
    if (verdict != RS_BPF_UNKNOWN) all.unknown &= ~(UINT64_C(1) << i);
  }
  piece->tally.judged += count;
  piece->tally.matched += (uint32_t)__builtin_popcountll(all.match);
  piece->tally.unknown += (uint32_t)__builtin_popcountll(all.unknown);
  for (uint64_t left = all.match; left; left &= left - 1) {
    const uint32_t place = rs_view_place(eyes->sights[__builtin_ctzll(left)].number);
    piece->bits[place / 64] |= UINT64_C(1) << place % 64;
  }
  return 0;
}

/* The next packets by their headers. Returns how many, 0: they do not tell enough of these to be worth it. */
static uint32_t by_headers(const rs_view_tests *tests, rs_view_eyes *eyes, uint64_t next, uint64_t last, found *all) {
  const uint32_t count = rs_walk_headers(&eyes->walk, next, last, eyes->sights, AT_ONCE);
  if (count) *all = test(tests, eyes->sights, count);
  return count && __builtin_popcountll(all->partial) <= MOST_AGAIN ? count : 0;
}

/* The next packets. Where headers have not told enough, the whole packets are looked at for a while: twice as long each time. */
static uint32_t examine(const rs_view_tests *tests, rs_view_eyes *eyes, uint64_t next, uint64_t last, found *all) {
  if (!eyes->whole_for) {
    const uint32_t count = by_headers(tests, eyes, next, last, all);
    eyes->pause = count ? 0 : eyes->pause < LONGEST_PAUSE ? 2 * eyes->pause + 1 : eyes->pause;
    eyes->whole_for = eyes->pause;
    if (count) return count;
  }
  const uint64_t whole = AT_ONCE * (uint64_t)eyes->whole_for--; /* no more is read from a file than will be looked at */
  const uint32_t count = rs_walk_next(&eyes->walk, next, last - next < whole ? last : next + whole - 1, eyes->sights, AT_ONCE);
  *all = test(tests, eyes->sights, count);
  return count;
}

int rs_view_tests_run(const rs_view_tests *tests, rs_view_eyes *eyes, const _Atomic bool *cancelled, rs_view_piece *piece) {
  for (uint64_t next = piece->first; next <= piece->last;) {
    found all;
    /* Relaxed: it carries nothing but itself. */
    if (atomic_load_explicit(cancelled, memory_order_relaxed)) return -ECANCELED;
    const uint32_t count = examine(tests, eyes, next, piece->last, &all);
    if (!count) break;
    const int result = put_down(tests, eyes, count, all, piece);
    if (result) return result;
    next = eyes->sights[count - 1].number + 1;
  }
  return 0;
}
