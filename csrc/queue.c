/* SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* TP_STATUS_GSO_TCP came with Linux 6.1; older headers lack it. */
enum { STATUS_GSO_TCP = 1 << 8 };

static void add(_Atomic uint64_t *counter, uint64_t more) {
  /* One writer: a load and a store are enough, and cheaper than a locked addition. */
  if (more)
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more, memory_order_relaxed);
}

static bool flag(const _Atomic bool *which) { return atomic_load_explicit(which, memory_order_acquire); }

static void signal_event(int fd) {
  uint64_t one = 1;
  /* Cannot block or fail: the counter is 64 bits wide and is read often. */
  ssize_t written = write(fd, &one, sizeof one);
  (void)written;
}

void rs_queue_wake(rs_queue *queue) { signal_event(queue->wake); }

bool rs_queue_can_mark(const rs_queue *queue) {
  /* Acquire: the worker has read a mark before it says so. */
  return atomic_load_explicit(&queue->marks_set, memory_order_relaxed) -
             atomic_load_explicit(&queue->marks_done, memory_order_acquire) <
         RS_MARKS;
}

void rs_queue_mark(rs_queue *queue, uint32_t epoch) {
  uint32_t set = atomic_load_explicit(&queue->marks_set, memory_order_relaxed);
  rs_mark *mark = &queue->marks[set % RS_MARKS];
  rs_ring_produced(&queue->ring, &mark->seq, &mark->packets);
  mark->epoch = epoch;
  /* Release: the mark is whole before it can be seen. */
  atomic_store_explicit(&queue->marks_set, set + 1, memory_order_release);
}

/* The epoch of packet `position` of block `seq`: passes the marks that lie before it. */
static uint32_t epoch_at(rs_queue *queue, uint64_t seq, uint32_t position) {
  uint32_t done = atomic_load_explicit(&queue->marks_done, memory_order_relaxed);
  while (done != atomic_load_explicit(&queue->marks_set, memory_order_acquire)) {
    const rs_mark *mark = &queue->marks[done % RS_MARKS];
    if (mark->seq > seq || (mark->seq == seq && mark->packets > position)) break;
    queue->epoch = mark->epoch;
    atomic_store_explicit(&queue->marks_done, ++done, memory_order_release);
  }
  return queue->epoch;
}

static uint8_t flags_of(uint32_t status) {
  uint8_t flags = 0;
  if (status & TP_STATUS_TS_SOFTWARE) flags |= RS_CLOCK_SOFTWARE;
  if (status & TP_STATUS_TS_RAW_HARDWARE) flags |= RS_CLOCK_HARDWARE;
  if (status & TP_STATUS_CSUMNOTREADY) flags |= RS_CHECKSUM_NOT_READY;
  if (status & TP_STATUS_CSUM_VALID) flags |= RS_CHECKSUM_VALID;
  if (status & STATUS_GSO_TCP) flags |= RS_GSO;
  return flags;
}

static rs_record describe(const rs_queue *queue, const struct tpacket3_hdr *packet, uint32_t epoch) {
  const struct sockaddr_ll *link = (const void *)((const uint8_t *)packet + TPACKET_ALIGN(sizeof *packet));
  uint16_t tpid = 0;
  if (packet->tp_status & TP_STATUS_VLAN_VALID)
    tpid = packet->tp_status & TP_STATUS_VLAN_TPID_VALID ? packet->hv1.tp_vlan_tpid : 0x8100;
  return (rs_record){
      .time_ns = (uint64_t)packet->tp_sec * 1000000000 + packet->tp_nsec,
      .length = packet->tp_len,
      .captured = packet->tp_snaplen,
      .ifindex = link->sll_ifindex,
      .protocol = ntohs(link->sll_protocol),
      .epoch = (uint16_t)epoch,
      .vlan_tci = (uint16_t)packet->hv1.tp_vlan_tci,
      .vlan_tpid = tpid,
      .hatype = queue->hatype,
      .packet_type = link->sll_pkttype,
      .flags = flags_of(packet->tp_status),
  };
}

/* Copies the packets of one block out. Every offset is held against the block's size before it is followed. */
static void read_packets(rs_queue *queue, const struct tpacket_hdr_v1 *block) {
  const uint8_t *begin = (const uint8_t *)block - offsetof(struct tpacket_block_desc, hdr);
  uint64_t bytes = 0, truncated = 0, lost = 0;
  uint32_t offset = block->offset_to_first_pkt, count = block->num_pkts, read = 0;
  for (; read < count; read++) {
    if (offset > queue->ring.block_size - sizeof(struct tpacket3_hdr) - sizeof(struct sockaddr_ll)) break;
    const struct tpacket3_hdr *packet = (const void *)(begin + offset);
    if ((uint64_t)offset + packet->tp_mac + packet->tp_snaplen > queue->ring.block_size) break;
    rs_record record = describe(queue, packet, epoch_at(queue, block->seq_num, read));
    bytes += packet->tp_len;
    uint32_t wanted = packet->tp_len < queue->snaplen ? packet->tp_len : queue->snaplen;
    if (packet->tp_snaplen < wanted) truncated++;
    if (!rs_arena_append(queue->arena, &record, (const uint8_t *)packet + packet->tp_mac)) lost++;
    offset += packet->tp_next_offset;
  }
  add(&queue->tally.delivered, read);
  add(&queue->tally.bytes, bytes);
  add(&queue->tally.truncated, truncated);
  add(&queue->tally.arena_drops, lost);
  signal_event(queue->news);
}

static void count_block(rs_queue *queue, const struct tpacket_hdr_v1 *block) {
  add(block->block_status & TP_STATUS_BLK_TMO ? &queue->tally.blocks_timeout : &queue->tally.blocks_full, 1);
  if (block->block_status & TP_STATUS_LOSING) add(&queue->tally.losing_blocks, 1);
}

/* Remembers the highest fill that the reader met; the control thread takes it once a tick. */
static void note_fill(rs_queue *queue) {
  rs_ring_fill fill;
  rs_ring_look(&queue->ring, &fill);
  uint64_t peak = atomic_load_explicit(&queue->tally.used_peak, memory_order_relaxed);
  while (fill.used_bytes > peak && !atomic_compare_exchange_weak_explicit(&queue->tally.used_peak, &peak, fill.used_bytes,
                                                                          memory_order_relaxed, memory_order_relaxed)) {
  }
}

/* Reads all closed blocks. */
static void drain(rs_queue *queue) {
  struct tpacket_hdr_v1 *block = rs_ring_acquire(&queue->ring);
  if (!block) return;
  note_fill(queue);
  do {
    read_packets(queue, block);
    count_block(queue, block);
    rs_ring_release(&queue->ring, block);
  } while ((!flag(&queue->held) || flag(&queue->ending)) && (block = rs_ring_acquire(&queue->ring)));
}

/* Reads all there is, the open block too: without waiting for its retire timeout, which may be ten seconds. Its packets
 * are whole, since whatever was on its way when the ring was shut has arrived. */
static void read_rest(rs_queue *queue) {
  drain(queue);
  const struct tpacket_hdr_v1 *open = rs_ring_unfinished(&queue->ring);
  /* Closed by its timeout in between: it is a block like the others. */
  drain(queue);
  if (open && open->seq_num == atomic_load_explicit(&queue->ring.next, memory_order_relaxed)) read_packets(queue, open);
}

static void take_link_error(rs_queue *queue) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(queue->ring.fd, SOL_SOCKET, SO_ERROR, &error, &size)) error = errno;
  if (error) atomic_store_explicit(&queue->link_error, (uint32_t)error, memory_order_release);
}

/* Waits for a block or for news. While the ring must be left alone only for news, else poll() would spin. */
static void await(rs_queue *queue) {
  struct pollfd wait[2] = {{.fd = queue->wake, .events = POLLIN},
                           {.fd = flag(&queue->held) ? -1 : queue->ring.fd, .events = POLLIN}};
  int ready = poll(wait, 2, -1);
  add(&queue->tally.wakeups, 1);
  if (ready <= 0) return;
  if (wait[0].revents) {
    uint64_t count;
    ssize_t got = read(queue->wake, &count, sizeof count);
    (void)got;
  }
  if (wait[1].revents & POLLERR) take_link_error(queue);
  if (wait[1].revents & POLLIN && !rs_ring_acquire(&queue->ring)) {
    add(&queue->tally.spurious_wakeups, 1);
    if (rs_ring_resync(&queue->ring)) add(&queue->tally.resyncs, 1);
  }
}

static void *work(void *argument) {
  rs_queue *queue = argument;
  while (!flag(&queue->ending)) {
    if (!flag(&queue->held)) drain(queue);
    await(queue);
  }
  read_rest(queue);
  return NULL;
}

int rs_queue_start(rs_queue *queue, rs_error *error) {
  return rs_thread_start(&queue->thread, work, queue, "read the ring", error);
}

void rs_queue_join(rs_queue *queue) { rs_thread_join(&queue->thread); }
