/* SPDX-License-Identifier: Apache-2.0 */
/* memory: how large rings may be. They are pinned in memory and count against no limit of the process (alloc_pg_vec in
 * net/packet/af_packet.c allocates them for the kernel), so one that asks for too much starves the machine. */
#ifndef RS_MEMORY_H
#define RS_MEMORY_H

#include <stdint.h>

/* Half of MemAvailable (/proc/meminfo, proc(5)), in bytes; where it cannot be read, no limit. */
uint64_t rs_memory_limit(void);

/* A quarter fewer blocks, but at least 4; the same number when there are so few already. */
uint32_t rs_memory_fewer(uint32_t blocks);

/* The blocks that each of so many rings may have within the limit: `blocks`, or fewer by rs_memory_fewer(). */
uint32_t rs_memory_blocks(uint32_t blocks, uint32_t block_size, uint32_t rings, uint64_t limit);

#endif
