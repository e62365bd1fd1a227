/* SPDX-License-Identifier: Apache-2.0 */
/* clock: the time that packets are stamped with. */
#ifndef RS_CLOCK_H
#define RS_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t rs_clock_of(clockid_t which) {
  struct timespec now;
  clock_gettime(which, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* CLOCK_REALTIME, nanoseconds since 1970, as the kernel stamps packets (skb_get_ktime). */
static inline uint64_t rs_clock_now_ns(void) { return rs_clock_of(CLOCK_REALTIME); }

/* Nanoseconds that only grow, for durations. */
static inline uint64_t rs_clock_steady_ns(void) { return rs_clock_of(CLOCK_MONOTONIC); }

#endif
