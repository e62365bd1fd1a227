/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdio.h>

uint64_t rs_memory_limit(void) {
  unsigned long long kilobytes = 0;
  FILE *file = fopen("/proc/meminfo", "re");
  if (!file) return UINT64_MAX;
  char line[128];
  while (!kilobytes && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) != 1) kilobytes = 0;
  fclose(file);
  return kilobytes ? (uint64_t)kilobytes * 1024 / 2 : UINT64_MAX;
}

uint32_t rs_memory_fewer(uint32_t blocks) {
  enum { LEAST = 4 };
  if (blocks <= LEAST) return blocks;
  uint32_t fewer = blocks - (blocks + 3) / 4;
  return fewer < LEAST ? LEAST : fewer;
}

uint32_t rs_memory_blocks(uint32_t blocks, uint32_t block_size, uint32_t rings, uint64_t limit) {
  for (uint32_t fewer; (uint64_t)blocks * block_size * rings > limit && (fewer = rs_memory_fewer(blocks)) < blocks;)
    blocks = fewer;
  return blocks;
}
