/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf.h"
#include "error.h"

/* The kernel shares these words with us; it writes them with its own barriers (net/packet/af_packet.c). */
static uint32_t load_acquire(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static uint32_t load_relaxed(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }

static struct tpacket_hdr_v1 *block_at(const rs_ring *ring, uint64_t seq) {
  size_t index = (size_t)((seq - 1) % ring->blocks);
  struct tpacket_block_desc *block = (struct tpacket_block_desc *)(void *)(ring->map + index * ring->block_size);
  return &block->hdr.bh1;
}

int rs_ring_create(rs_ring *ring, const rs_ring_request *request, rs_error *error) {
  /* Protocol 0: nothing is received until bind. A socket made with ETH_P_ALL would hear every interface already. */
  ring->fd = socket(AF_PACKET, (request->cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
  if (ring->fd >= 0) return 0;
  if (errno == EPERM || errno == EACCES)
    return rs_error_set(error, EPERM,
                        "capturing needs the capability CAP_NET_RAW; run it with sudo, or try it without any privilege: "
                        "ringscope demo");
  return rs_error_set(error, errno, "no packet socket: %s", strerror(errno));
}

static int set_up_ring(rs_ring *ring, const rs_ring_request *wanted, rs_error *error) {
  int version = TPACKET_V3, on = 1;
  if (setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version))
    return rs_error_set(error, errno, "this kernel has no TPACKET_V3 (Linux 3.2 or later is needed): %s", strerror(errno));
  /* Software stamps are taken on arrival only while somebody in the system asks for them; so we do. */
  if (setsockopt(ring->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on))
    return rs_error_set(error, errno, "no time stamps from the kernel: %s", strerror(errno));
  struct tpacket_req3 request = {
      .tp_block_size = wanted->block_size,
      .tp_block_nr = wanted->blocks,
      .tp_frame_size = TPACKET_ALIGNMENT << 7, /* V3 packs packets; it only has to divide the block */
      .tp_frame_nr = (wanted->block_size / (TPACKET_ALIGNMENT << 7)) * wanted->blocks,
      .tp_retire_blk_tov = wanted->block_timeout_ms,
  };
  if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request)) {
    if (errno == ENOMEM)
      return rs_error_set(error, ENOMEM, "no memory for a ring of %u blocks of %u KiB; use fewer: --blocks", wanted->blocks,
                          wanted->block_size / 1024);
    return rs_error_set(error, errno, "the kernel refuses a ring of %u blocks of %u bytes (blocks of whole pages, less than "
                        "2 GiB each, less than 2^32 frames in all): %s", wanted->blocks, wanted->block_size, strerror(errno));
  }
  size_t size = (size_t)wanted->block_size * wanted->blocks;
  void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
  if (map == MAP_FAILED) return rs_error_set(error, errno, "the ring of %zu MiB cannot be mapped: %s", size >> 20, strerror(errno));
  ring->map = map;
  ring->block_size = wanted->block_size;
  ring->blocks = wanted->blocks;
  /* A forked child that kept the mapping would keep the socket hooked after we are gone. */
  madvise(map, size, MADV_DONTFORK);
  return 0;
}

static int bind_to(rs_ring *ring, const rs_ring_request *wanted, int *pending, rs_error *error) {
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = wanted->ifindex};
  socklen_t size = sizeof *pending;
  if (bind(ring->fd, (struct sockaddr *)&address, sizeof address) ||
      getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, pending, &size))
    return rs_error_set(error, errno, "cannot listen on %s: %s", wanted->interface, strerror(errno));
  if (*pending && *pending != ENETDOWN)
    return rs_error_set(error, *pending, "cannot listen on %s: %s", wanted->interface, strerror(*pending));
  return 0;
}

static int ignore_outgoing(rs_ring *ring, rs_error *error) {
  int on = 1;
  if (setsockopt(ring->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on))
    return rs_error_set(error, errno, "this kernel cannot leave out what is sent (Linux 4.20 or later is needed): %s",
                        strerror(errno));
  return 0;
}

void rs_ring_init(rs_ring *ring) { *ring = (rs_ring){.fd = -1, .next = 1, .ended = true}; }

int rs_ring_open(rs_ring *ring, const rs_ring_request *request, int *pending, rs_error *error) {
  atomic_store_explicit(&ring->next, 1, memory_order_relaxed);
  int result = ring->fd < 0 ? rs_ring_create(ring, request, error) : 0;
  if (!result) result = set_up_ring(ring, request, error);
  if (!result) result = rs_bpf_reject_all(ring->fd, error);
  if (!result && request->ignore_outgoing) result = ignore_outgoing(ring, error);
  if (!result) result = bind_to(ring, request, pending, error);
  if (result) {
    rs_ring_close(ring);
    return result;
  }
  /* Release: who is let in from now on finds the ring whole. */
  atomic_store_explicit(&ring->ended, false, memory_order_release);
  return 0;
}

int rs_ring_be_promiscuous(const rs_ring *ring, const rs_ring_request *request, rs_error *error) {
  /* A membership is counted by the kernel and given up with the socket, in whatever way the process ends. */
  struct packet_mreq membership = {.mr_ifindex = request->ifindex, .mr_type = PACKET_MR_PROMISC};
  if (setsockopt(ring->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership))
    return rs_error_set(error, errno, "%s cannot be made promiscuous: %s; try without: -p", request->interface, strerror(errno));
  return 0;
}

bool rs_ring_enter(rs_ring *ring) {
  /* Sequentially consistent, as are store and load in rs_ring_close(): either we see the end, or the end sees us. */
  atomic_fetch_add_explicit(&ring->lookers, 1, memory_order_seq_cst);
  if (!atomic_load_explicit(&ring->ended, memory_order_seq_cst)) return true;
  rs_ring_leave(ring);
  return false;
}

void rs_ring_leave(rs_ring *ring) {
  /* Release: our last look at the ring comes before its end. */
  atomic_fetch_sub_explicit(&ring->lookers, 1, memory_order_release);
}

/* Nobody looks any more, or will. */
static void shut(rs_ring *ring) {
  atomic_store_explicit(&ring->ended, true, memory_order_seq_cst);
  /* A look takes microseconds. Sequentially consistent, see rs_ring_enter(): an acquire may be read before the store above. */
  while (atomic_load_explicit(&ring->lookers, memory_order_seq_cst)) sched_yield();
}

void rs_ring_exchange(rs_ring *ring, rs_ring *other) {
  shut(ring);
  int fd = ring->fd;
  uint8_t *map = ring->map;
  uint32_t block_size = ring->block_size, blocks = ring->blocks;
  uint64_t next = atomic_load_explicit(&ring->next, memory_order_relaxed);
  ring->fd = other->fd;
  ring->map = other->map;
  ring->block_size = other->block_size;
  ring->blocks = other->blocks;
  atomic_store_explicit(&ring->next, atomic_load_explicit(&other->next, memory_order_relaxed), memory_order_relaxed);
  other->fd = fd;
  other->map = map;
  other->block_size = block_size;
  other->blocks = blocks;
  atomic_store_explicit(&other->next, next, memory_order_relaxed);
  /* Release: who is let in from now on finds the ring whole. */
  atomic_store_explicit(&ring->ended, false, memory_order_release);
}

void rs_ring_close(rs_ring *ring) {
  shut(ring);
  if (ring->map) munmap(ring->map, (size_t)ring->block_size * ring->blocks);
  if (ring->fd >= 0) close(ring->fd);
  ring->map = NULL;
  ring->fd = -1;
}

void rs_ring_disown(rs_ring *ring) {
  if (ring->fd >= 0) close(ring->fd);
  ring->fd = -1;
  ring->map = NULL;
  /* Who was looking in the other process will not leave in this one. */
  atomic_store_explicit(&ring->lookers, 0, memory_order_relaxed);
  atomic_store_explicit(&ring->ended, true, memory_order_relaxed);
}

struct tpacket_hdr_v1 *rs_ring_acquire(const rs_ring *ring) {
  uint64_t next = atomic_load_explicit(&ring->next, memory_order_relaxed);
  struct tpacket_hdr_v1 *block = block_at(ring, next);
  /* Acquire: everything the kernel wrote into the block before it set the status is visible after this load. */
  if (!(load_acquire(&block->block_status) & TP_STATUS_USER)) return NULL;
  return block->seq_num == next ? block : NULL;
}

bool rs_ring_resync(rs_ring *ring) {
  uint64_t next = atomic_load_explicit(&ring->next, memory_order_relaxed), oldest = 0;
  for (uint64_t seq = 1; seq <= ring->blocks; seq++) {
    const struct tpacket_hdr_v1 *block = block_at(ring, seq);
    if (!(load_acquire(&block->block_status) & TP_STATUS_USER)) continue;
    if (!oldest || block->seq_num < oldest) oldest = block->seq_num;
  }
  /* Blocks are closed in order: if ours is closed by now, a later one that was seen closed proves nothing. */
  if (!oldest || oldest == next || (oldest > next && rs_ring_acquire(ring))) return false;
  atomic_store_explicit(&ring->next, oldest, memory_order_release);
  return true;
}

void rs_ring_release(rs_ring *ring, struct tpacket_hdr_v1 *block) {
  /* First the place, then the block: whoever sees the block given back also sees that we have moved on, and does not
   * take it for the open one. */
  uint64_t next = atomic_load_explicit(&ring->next, memory_order_relaxed);
  /* Release: who sees that we have moved on sees what we have counted of the block, too. */
  atomic_store_explicit(&ring->next, next + 1, memory_order_release);
  /* Release: all our reads of the block are done before the kernel may write into it again. */
  __atomic_store_n(&block->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

uint32_t rs_ring_closed(const rs_ring *ring, uint64_t seq) {
  const struct tpacket_hdr_v1 *block = block_at(ring, seq);
  uint32_t status = load_acquire(&block->block_status);
  return status & TP_STATUS_USER && __atomic_load_n(&block->seq_num, __ATOMIC_RELAXED) == seq ? status : 0;
}

static bool closed(const rs_ring *ring, uint64_t seq) { return rs_ring_closed(ring, seq) != 0; }

/* One look from `next` on. */
static void look_from(const rs_ring *ring, uint64_t next, rs_ring_fill *fill) {
  *fill = (rs_ring_fill){0};
  uint32_t ready = 0;
  while (ready < ring->blocks && closed(ring, next + ready)) ready++;
  fill->ready = ready;
  fill->used_bytes = (uint64_t)ready * ring->block_size;
  if (ready == ring->blocks) {
    fill->frozen = fill->pressed = true;
    return;
  }
  fill->headroom = ring->blocks - ready - 1;
  const struct tpacket_hdr_v1 *open = block_at(ring, next + ready);
  if (load_acquire(&open->block_status) & TP_STATUS_USER && !closed(ring, next + ready)) {
    fill->misplaced = fill->frozen = fill->pressed = true;
    fill->headroom = 0;
    return;
  }
  uint32_t packets = load_acquire(&open->num_pkts), bytes = load_acquire(&open->blk_len);
  /* After the counts: a block that was opened anew under our eyes has another number. */
  if (__atomic_load_n(&open->seq_num, __ATOMIC_ACQUIRE) == next + ready) { /* else: given back, but not opened again yet */
    fill->open_seq = next + ready;
    fill->open_packets = packets;
    fill->open_bytes = packets && bytes <= ring->block_size ? bytes : 0;
    fill->used_bytes += fill->open_bytes;
  }
  /* The kernel's own test for room that is getting low (__packet_rcv_has_room). */
  fill->pressed = load_relaxed(&block_at(ring, next + ready + ring->blocks / 4)->block_status) & TP_STATUS_USER;
}

void rs_ring_look(const rs_ring *ring, rs_ring_fill *fill) {
  for (int tries = 0; tries < 4; tries++) {
    uint64_t next = atomic_load_explicit(&ring->next, memory_order_acquire);
    look_from(ring, next, fill);
    /* Acquire fence: if we saw a block that was given back, we see here that the reader has moved, and look again. */
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(&ring->next, memory_order_relaxed) == next) return;
  }
  /* The reader is faster than we look: what was found closed is nearly right, what was found open may be anything. */
  fill->used_bytes -= fill->open_bytes;
  fill->open_seq = fill->open_packets = fill->open_bytes = 0;
  if (fill->misplaced) *fill = (rs_ring_fill){.headroom = ring->blocks};
}

void rs_ring_produced(const rs_ring *ring, uint64_t *seq, uint32_t *packets) {
  *seq = 1;
  *packets = 0;
  for (uint64_t i = 1; i <= ring->blocks; i++) {
    const struct tpacket_hdr_v1 *block = block_at(ring, i);
    uint64_t number = __atomic_load_n(&block->seq_num, __ATOMIC_ACQUIRE);
    if (number < *seq) continue;
    *seq = number;
    *packets = load_acquire(&block->num_pkts);
    if (__atomic_load_n(&block->seq_num, __ATOMIC_ACQUIRE) == number) continue;
    /* Opened anew under our eyes, a lap later: from the beginning. */
    *seq = 1;
    *packets = 0;
    i = 0;
  }
}

bool rs_ring_waits(rs_ring *ring) {
  if (!rs_ring_enter(ring)) return false;
  bool waits = closed(ring, atomic_load_explicit(&ring->next, memory_order_acquire));
  rs_ring_leave(ring);
  return waits;
}

int64_t rs_ring_pending(const rs_ring *ring) {
  for (int tries = 0; tries < 16; tries++) {
    uint64_t next = atomic_load_explicit(&ring->next, memory_order_acquire), seq = next, packets = 0;
    for (; seq < next + ring->blocks && closed(ring, seq); seq++) packets += load_relaxed(&block_at(ring, seq)->num_pkts);
    const struct tpacket_hdr_v1 *open = block_at(ring, seq);
    uint32_t more = load_acquire(&open->num_pkts);
    if (seq < next + ring->blocks && __atomic_load_n(&open->seq_num, __ATOMIC_ACQUIRE) == seq) packets += more;
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(&ring->next, memory_order_relaxed) == next) return (int64_t)packets;
  }
  return -EAGAIN;
}

uint64_t rs_ring_oldest(const rs_ring *ring) {
  uint64_t next = atomic_load_explicit(&ring->next, memory_order_acquire);
  if (!closed(ring, next)) return 0;
  const struct tpacket_hdr_v1 *block = block_at(ring, next);
  uint32_t offset = load_relaxed(&block->offset_to_first_pkt);
  if (offset > ring->block_size - sizeof(struct tpacket3_hdr)) return 0;
  const struct tpacket3_hdr *packet =
      (const void *)((const uint8_t *)block - offsetof(struct tpacket_block_desc, hdr) + offset);
  uint64_t time = (uint64_t)load_relaxed(&packet->tp_sec) * 1000000000 + load_relaxed(&packet->tp_nsec);
  atomic_thread_fence(memory_order_acquire);
  /* Released meanwhile: the kernel may be writing where we have read. */
  return atomic_load_explicit(&ring->next, memory_order_relaxed) == next ? time : 0;
}

struct tpacket_hdr_v1 *rs_ring_unfinished(const rs_ring *ring) {
  rs_ring_fill fill;
  rs_ring_look(ring, &fill);
  return fill.open_seq ? block_at(ring, fill.open_seq) : NULL;
}

int rs_ring_statistics(const rs_ring *ring, rs_ring_stats *stats) {
  struct tpacket_stats_v3 now = {0};
  socklen_t size = sizeof now;
  if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &now, &size)) return -errno;
  *stats = (rs_ring_stats){.packets = now.tp_packets, .dropped = now.tp_drops, .freezes = now.tp_freeze_q_cnt};
  return 0;
}

int rs_ring_rollovers(const rs_ring *ring, uint64_t counts[3]) {
  struct tpacket_rollover_stats now = {0};
  socklen_t size = sizeof now;
  if (getsockopt(ring->fd, SOL_PACKET, PACKET_ROLLOVER_STATS, &now, &size)) return -errno;
  counts[0] = now.tp_all;
  counts[1] = now.tp_huge;
  counts[2] = now.tp_failed;
  return 0;
}
