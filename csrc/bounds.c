/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds.h"

#include <errno.h>
#include <unistd.h>

#include "error.h"
#include "fanout.h"
#include "queue.h"

static int check_ring(const rs_config *config, rs_error *error) {
  long page = sysconf(_SC_PAGESIZE);
  if (config->snaplen < 1 || config->snaplen > RS_SNAPLEN_MAX)
    return rs_error_set(error, EINVAL, "the snaplen must be 1 to %d bytes, not %u", RS_SNAPLEN_MAX, config->snaplen);
  if (config->block_size < RS_BLOCK_MIN || config->block_size % page || config->block_size > INT32_MAX)
    return rs_error_set(error, EINVAL, "a ring block must be a multiple of %ld bytes and at least %d KiB, not %u bytes", page,
                        RS_BLOCK_MIN / 1024, config->block_size);
  if (config->blocks < 2 || config->blocks > 65536)
    return rs_error_set(error, EINVAL, "a ring must have 2 to 65536 blocks, not %u", config->blocks);
  if (config->block_timeout_ms < 1 || config->block_timeout_ms > 10000)
    return rs_error_set(error, EINVAL, "the retire timeout must be 1 to 10000 ms, not %u", config->block_timeout_ms);
  return 0;
}

static int check_queues(const rs_config *config, rs_error *error) {
  if (config->interface_count < 1 || config->interface_count > RS_SOURCES_MAX)
    return rs_error_set(error, EINVAL, "1 to %d interfaces can be captured on at once, not %u", RS_SOURCES_MAX,
                        config->interface_count);
  if (config->queues < 1 || config->queues > RS_QUEUES_MAX / config->interface_count)
    return rs_error_set(error, EINVAL, "each interface may have 1 to %u queues here, not %u",
                        RS_QUEUES_MAX / config->interface_count, config->queues);
  if (config->exact_swap && config->queues > RS_QUEUES_MAX / RS_BANKS)
    return rs_error_set(error, EINVAL, "with exact filter changes there can be %d queues at most", RS_QUEUES_MAX / RS_BANKS);
  if (config->direction > RS_DIRECTION_OUT)
    return rs_error_set(error, EINVAL, "there is no direction %u", config->direction);
  return rs_fanout_check(config->fanout, config->exact_swap, error);
}

static int check_store(const rs_config *config, rs_error *error) {
  if (config->store_bytes < RS_STORE_MIN || config->store_bytes > UINT64_C(1) << 46)
    return rs_error_set(error, EINVAL, "the store must be %d MiB to 64 TiB", RS_STORE_MIN >> 20);
  /* A block is read in one go, and packets that have no number yet cannot make room for others. */
  uint64_t least = UINT64_C(4) * config->block_size * config->queues * config->interface_count;
  if (config->store_bytes < least)
    return rs_error_set(error, EINVAL, "the store must hold at least 4 ring blocks a queue, %llu KiB; use a larger --store or a "
                        "smaller --block-size", (unsigned long long)least / 1024);
  return 0;
}

int rs_bounds_check(const rs_config *config, rs_error *error) {
  int result = check_ring(config, error);
  if (!result) result = check_queues(config, error);
  return result ? result : check_store(config, error);
}
