/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program over many frames side by side: step by step, each over all frames that are there. So the processor does not have
 * to guess for every frame which way it goes through the program, which is what one frame at a time spends its time on.
 * Jumps go forward, so that when a step's turn has come all who jump to it have been there.
 */
#include "bpf_wide.h"

#include <linux/filter.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "bpf_steps.h"

enum { LONGEST = 512 }; /* steps; a program that is longer is run over one frame at a time */

/* What the frames hold, a lane each. */
typedef struct lanes {
  const rs_bpf_code *code;
  const uint8_t *bytes[RS_BPF_LANES];
  _Alignas(16) uint32_t captured[RS_BPF_LANES];
  uint32_t shortest; /* of `captured` */
  _Alignas(16) uint32_t a[RS_BPF_LANES];
  uint32_t x[RS_BPF_LANES];
  uint32_t memory[BPF_MEMWORDS][RS_BPF_LANES];
  const rs_bpf_frame *const *frames;
  uint64_t match, unknown;
} lanes;

#define EACH(lane, mask) for (uint64_t left = (mask), lane; left && (lane = (uint64_t)__builtin_ctzll(left), true); left &= left - 1)

/*
 * Comparisons of all lanes with a constant, whoever is active: on x86-64 four at once, elsewhere as the compiler sees fit.
 */
#ifdef __SSE2__
#define COMPARE(name, ...)                                                                 \
  static uint64_t name(const uint32_t *values, uint32_t k) {                               \
    const __m128i wanted = _mm_set1_epi32((int)(k)), sign = _mm_set1_epi32((int)0x80000000); \
    uint64_t bits = 0;                                                                     \
    (void)sign;                                                                            \
    for (uint32_t i = 0; i < RS_BPF_LANES; i += 4) {                                       \
      const __m128i four = _mm_load_si128((const __m128i *)(const void *)(values + i));    \
      bits |= (uint64_t)(uint32_t)_mm_movemask_ps(_mm_castsi128_ps(__VA_ARGS__)) << i;     \
    }                                                                                      \
    return bits;                                                                           \
  }
COMPARE(equal, _mm_cmpeq_epi32(four, wanted))
COMPARE(disjoint, _mm_cmpeq_epi32(_mm_and_si128(four, wanted), _mm_setzero_si128()))
COMPARE(greater, _mm_cmpgt_epi32(_mm_xor_si128(four, sign), _mm_xor_si128(wanted, sign)))
COMPARE(less, _mm_cmplt_epi32(_mm_xor_si128(four, sign), _mm_xor_si128(wanted, sign)))
#else
#define COMPARE(name, condition)                                                                               \
  static uint64_t name(const uint32_t *values, uint32_t k) {                                                   \
    uint64_t bits = 0;                                                                                         \
    for (uint32_t i = 0; i < RS_BPF_LANES; i++) bits |= (uint64_t)(condition) << i;                            \
    return bits;                                                                                               \
  }
COMPARE(equal, values[i] == k)
COMPARE(disjoint, !(values[i] & k))
COMPARE(greater, values[i] > k)
COMPARE(less, values[i] < k)
#endif

/* A frame at a time. */
static void alone(lanes *all, uint64_t mask) {
  EACH(i, mask) {
    const rs_bpf_verdict verdict = rs_bpf_code_run(all->code, all->frames[i]);
    all->match |= (uint64_t)(verdict == RS_BPF_MATCH) << i;
    all->unknown |= (uint64_t)(verdict == RS_BPF_UNKNOWN) << i;
  }
}

/* Those in which so many bytes at that fixed place lie within the captured ones; the others end there. */
static inline uint64_t within(lanes *all, uint64_t mask, uint32_t offset, uint32_t size) {
  if (__builtin_expect(offset + size <= all->shortest, 1)) return mask;
  const uint64_t beyond = mask & less(all->captured, offset + size);
  EACH(i, beyond) all->unknown |= (uint64_t)(rs_bpf_beyond(all->code, all->frames[i], offset, size) == RS_BPF_UNKNOWN) << i;
  return mask & ~beyond;
}

/* Loads by index; returns those whose load lies within the captured bytes. */
#define INDEXED(name, size)                                                                            \
  static uint64_t indexed_##name(lanes *all, const rs_bpf_step *at, uint64_t mask) {                   \
    EACH(i, mask) {                                                                                    \
      const uint64_t index = ((uint64_t)all->x[i] + at->k) & all->code->wraps;                         \
      if (__builtin_expect(index + size > all->captured[i], 0)) {                                      \
        const rs_bpf_verdict verdict = rs_bpf_beyond(all->code, all->frames[i], index, size);          \
        all->unknown |= (uint64_t)(verdict == RS_BPF_UNKNOWN) << i;                                    \
        mask &= ~(UINT64_C(1) << i);                                                                   \
        continue;                                                                                      \
      }                                                                                                \
      all->a[i] = rs_bpf_fetch_##size(all->bytes[i] + index);                                          \
    }                                                                                                  \
    return mask;                                                                                       \
  }
INDEXED(b, 1)
INDEXED(h, 2)
INDEXED(w, 4)

static uint64_t ancillary(lanes *all, const rs_bpf_step *at, uint64_t mask) {
  EACH(i, mask) {
    const rs_bpf_loaded got = rs_bpf_load_ancillary(all->frames[i], at->k, all->a[i], all->x[i]);
    if (got.outcome == RS_BPF_LOADED) {
      all->a[i] = got.value;
      continue;
    }
    all->unknown |= (uint64_t)(got.outcome == RS_BPF_ENDS_UNKNOWN) << i;
    all->match |= (uint64_t)(got.outcome == RS_BPF_ENDS_IN_RETURN_A && all->a[i]) << i;
    mask &= ~(UINT64_C(1) << i);
  }
  return mask;
}

/* Those that do not divide by 0. */
static uint64_t divisible(const lanes *all, uint64_t mask) {
  EACH(i, mask) if (!all->x[i]) mask &= ~(UINT64_C(1) << i);
  return mask;
}

/* Where a step has done all it does with the lanes in `here`. */
#define TO_NEXT(statement) \
  {                        \
    EACH(i, here) statement; \
    active[at + 1] |= here;  \
    break;                 \
  }
#define BRANCH(lanes_so)                \
  {                                     \
    const uint64_t so = here & (lanes_so); \
    active[step->jt] |= so;             \
    active[step->jf] |= here & ~so;     \
    break;                              \
  }
/* Of each lane by itself. */
#define BRANCH_EACH(condition)                                 \
  {                                                            \
    uint64_t found = 0;                                        \
    EACH(i, here) found |= (uint64_t)((condition) != 0) << i;  \
    BRANCH(found)                                              \
  }
#define FETCH(size) rs_bpf_fetch_##size(all->bytes[i] + k)
#define LOAD(size)                       \
  here = within(all, here, k, size);     \
  EACH(i, here) a[i] = FETCH(size)
#define OF_WIDTH(WIDTH, name, size)                                                            \
  case OP_LD_##WIDTH##_QUICK: LOAD(size); active[at + 1] |= here; break;                       \
  case OP_LD_##WIDTH##_QUICK_JEQ: LOAD(size); BRANCH(equal(a, step->value))                    \
  case OP_LD_##WIDTH##_QUICK_JSET: LOAD(size); BRANCH(~disjoint(a, step->value))               \
  case OP_IND_##WIDTH: active[at + 1] |= indexed_##name(all, step, here); break;               \
  case OP_IND_##WIDTH##_JEQ: here = indexed_##name(all, step, here); BRANCH(equal(a, step->value)) \
  case OP_LD_##WIDTH:                                                                          \
  case OP_LD_##WIDTH##_JEQ:                                                                    \
  case OP_LD_##WIDTH##_JSET: /* at a place that no frame has */                                \
    EACH(i, here) all->unknown |= (uint64_t)(rs_bpf_beyond(all->code, all->frames[i], k, size) == RS_BPF_UNKNOWN) << i; \
    break;

static void side_by_side(lanes *all, uint64_t mask) {
  const rs_bpf_code *const code = all->code;
  uint32_t *const a = all->a, *const x = all->x;
  uint64_t active[LONGEST + 1];
  memset(active, 0, (code->length + 1) * sizeof *active);
  active[0] = mask;
  for (uint32_t at = 0; at < code->length; at++) {
    uint64_t here = active[at];
    if (!here) continue;
    const rs_bpf_step *const step = &code->quick[at];
    const uint32_t k = step->k;
    switch ((rs_bpf_operation)step->operation) { /* clang-format off: a table */
    OF_WIDTH(B, b, 1)
    OF_WIDTH(H, h, 2)
    OF_WIDTH(W, w, 4)
    case OP_MSH_QUICK: here = within(all, here, k, 1); TO_NEXT(x[i] = (all->bytes[i][k] & 0xf) * 4)
    case OP_MSH: /* at a place that no frame has */
      EACH(i, here) all->unknown |= (uint64_t)(rs_bpf_beyond(code, all->frames[i], k, 1) == RS_BPF_UNKNOWN) << i;
      break;
    case OP_LD_ANCILLARY: active[at + 1] |= ancillary(all, step, here); break;
    case OP_LD_LEN: TO_NEXT(a[i] = all->frames[i]->length)
    case OP_LDX_LEN: TO_NEXT(x[i] = all->frames[i]->length)
    case OP_LD_IMM: TO_NEXT(a[i] = k)
    case OP_LDX_IMM: TO_NEXT(x[i] = k)
    case OP_LD_MEM: TO_NEXT(a[i] = all->memory[k][i])
    case OP_LDX_MEM: TO_NEXT(x[i] = all->memory[k][i])
    case OP_ST: TO_NEXT(all->memory[k][i] = a[i])
    case OP_STX: TO_NEXT(all->memory[k][i] = x[i])
    case OP_TAX: TO_NEXT(x[i] = a[i])
    case OP_TXA: TO_NEXT(a[i] = x[i])
    case OP_JA: active[step->jt] |= here; break;
    case OP_JEQ_K: BRANCH(equal(a, k))
    case OP_JEQ_X: BRANCH_EACH(a[i] == x[i])
    case OP_JGT_K: BRANCH(greater(a, k))
    case OP_JGT_X: BRANCH_EACH(a[i] > x[i])
    case OP_JGE_K: BRANCH(~less(a, k))
    case OP_JGE_X: BRANCH_EACH(a[i] >= x[i])
    case OP_JSET_K: BRANCH(~disjoint(a, k))
    case OP_JSET_X: BRANCH_EACH(a[i] & x[i])
    case OP_ADD_K: TO_NEXT(a[i] += k)
    case OP_ADD_X: TO_NEXT(a[i] += x[i])
    case OP_SUB_K: TO_NEXT(a[i] -= k)
    case OP_SUB_X: TO_NEXT(a[i] -= x[i])
    case OP_MUL_K: TO_NEXT(a[i] *= k)
    case OP_MUL_X: TO_NEXT(a[i] *= x[i])
    case OP_DIV_K: TO_NEXT(a[i] /= k)
    case OP_DIV_X: here = divisible(all, here); TO_NEXT(a[i] /= x[i])
    case OP_MOD_K: TO_NEXT(a[i] %= k)
    case OP_MOD_X: here = divisible(all, here); TO_NEXT(a[i] %= x[i])
    case OP_AND_K: TO_NEXT(a[i] &= k)
    case OP_AND_X: TO_NEXT(a[i] &= x[i])
    case OP_OR_K: TO_NEXT(a[i] |= k)
    case OP_OR_X: TO_NEXT(a[i] |= x[i])
    case OP_XOR_K: TO_NEXT(a[i] ^= k)
    case OP_XOR_X: TO_NEXT(a[i] ^= x[i])
    case OP_LSH_K: TO_NEXT(a[i] <<= k)
    case OP_LSH_X: TO_NEXT(a[i] <<= x[i] & 31)
    case OP_LSH_X_FILE: TO_NEXT(a[i] = x[i] < 32 ? a[i] << x[i] : 0)
    case OP_RSH_K: TO_NEXT(a[i] >>= k)
    case OP_RSH_X: TO_NEXT(a[i] >>= x[i] & 31)
    case OP_RSH_X_FILE: TO_NEXT(a[i] = x[i] < 32 ? a[i] >> x[i] : 0)
    case OP_NEG: TO_NEXT(a[i] = 0u - a[i])
    case OP_RET_K: all->match |= k ? here : 0; break;
    case OP_RET_A: EACH(i, here) all->match |= (uint64_t)(a[i] != 0) << i; break;
    case OP_JA_BACK:
    case OP_OPERATIONS: break; /* not in a program that is run side by side */
    } /* clang-format on */
  }
}

void rs_bpf_wide_run(const rs_bpf_code *code, const rs_bpf_frame *const *frames, uint32_t count, uint64_t *match,
                     uint64_t *unknown) {
  lanes all; /* not cleared: 5 KiB */
  uint64_t wide = 0;
  all.shortest = UINT32_MAX;
  all.code = code;
  all.frames = frames;
  all.match = all.unknown = 0;
  const uint64_t everybody = count < RS_BPF_LANES ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
  if (code->length <= LONGEST && !code->loops) {
    for (uint32_t i = 0; i < count; i++) {
      all.bytes[i] = frames[i]->bytes;
      all.captured[i] = frames[i]->captured;
      if (frames[i]->captured < all.shortest) all.shortest = frames[i]->captured;
      wide |= (uint64_t)(frames[i]->captured <= RS_READ_MAX) << i;
    }
    for (uint32_t i = count; i < RS_BPF_LANES; i++) all.captured[i] = 0; /* compared, though nobody is there */
    memset(all.a, 0, sizeof all.a);
    memset(all.x, 0, sizeof all.x);
    if (code->uses_memory) memset(all.memory, 0, sizeof all.memory);
    side_by_side(&all, wide);
  }
  alone(&all, everybody & ~wide);
  *match = all.match;
  *unknown = all.unknown;
}
