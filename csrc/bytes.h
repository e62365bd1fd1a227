/* SPDX-License-Identifier: Apache-2.0 */
/* bytes: numbers out of a file, in this machine's byte order or in the other one (`swapped`). */
#ifndef RS_BYTES_H
#define RS_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t rs_u16(const uint8_t *at, bool swapped) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t rs_u32(const uint8_t *at, bool swapped) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t rs_u64(const uint8_t *at, bool swapped) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return swapped ? __builtin_bswap64(value) : value;
}

#endif
