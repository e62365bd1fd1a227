/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bpf.h"
#include "error.h"

enum { QUEUES = 1 };

uint64_t rs_capture_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void rs_capture_set_state(rs_capture *capture, uint32_t state, int errnum) {
  if (atomic_load_explicit(&capture->state, memory_order_relaxed) == state) return;
  atomic_store_explicit(&capture->state_errno, errnum, memory_order_relaxed);
  atomic_store_explicit(&capture->state_since_ns, rs_capture_now_ns(), memory_order_relaxed);
  atomic_store_explicit(&capture->state, state, memory_order_release);
}

/* -- opening --------------------------------------------------------------------------------------------------------- */

static int check(const rs_config *config, rs_error *error) {
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
  if (config->store_bytes < RS_STORE_MIN || config->store_bytes > UINT64_C(1) << 46)
    return rs_error_set(error, EINVAL, "the store must be at least %d MiB", RS_STORE_MIN >> 20);
  /* A block is read in one go, and packets that have no number yet cannot make room for others. */
  if (config->store_bytes / QUEUES < UINT64_C(4) * config->block_size)
    return rs_error_set(error, EINVAL, "the store must hold at least 4 ring blocks a queue, %llu KiB; use a larger --store or a "
                        "smaller --block-size", (unsigned long long)QUEUES * 4 * config->block_size / 1024);
  return 0;
}

static int open_queue(rs_capture *capture, uint32_t which, const rs_config *config, rs_error *error) {
  rs_queue *queue = &capture->queues[which];
  int pending = 0;
  /* On the loopback every packet passes twice, sent and received: once is enough. */
  int result = rs_ring_open(&queue->ring, config, capture->link.ifindex, capture->link.loopback, &pending, error);
  if (result) return result;
  queue->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (queue->wake < 0) return rs_error_set(error, errno, "no eventfd: %s", strerror(errno));
  queue->arena = &capture->store.arenas[which];
  queue->news = capture->news;
  queue->snaplen = config->snaplen;
  queue->hatype = capture->link.hatype;
  queue->epoch = 1;
  if (pending == ENETDOWN) rs_capture_set_state(capture, RS_STATE_DOWN, ENETDOWN);
  return 0;
}

static int open_all(rs_capture *capture, const rs_config *config, rs_error *error) {
  int result = check(config, error);
  if (!result) result = rs_link_find(config->interface, &capture->link, error);
  if (result) return result;
  capture->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  capture->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (capture->news < 0 || capture->stop < 0) return rs_error_set(error, errno, "no eventfd: %s", strerror(errno));
  capture->queues = calloc(QUEUES, sizeof *capture->queues);
  capture->peaks = calloc(QUEUES * RS_PEAK_TICKS, sizeof *capture->peaks);
  if (!capture->queues || !capture->peaks) return rs_error_set(error, ENOMEM, "no memory for %d queues", QUEUES);
  result = rs_store_open(&capture->store, QUEUES, config->store_bytes, capture->link.link_type == 1, error);
  for (; !result && capture->count < QUEUES; capture->count++) {
    capture->queues[capture->count].ring.fd = capture->queues[capture->count].wake = -1;
    result = open_queue(capture, capture->count, config, error);
    if (result) capture->count++; /* half open: closed with the others */
    if (result) break;
  }
  return result;
}

int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error) {
  *out = NULL;
  rs_capture *capture = calloc(1, sizeof *capture);
  if (!capture) return rs_error_set(error, ENOMEM, "no memory for a capture");
  capture->news = capture->stop = -1;
  capture->epoch = 1;
  capture->state_since_ns = rs_capture_now_ns();
  int result = open_all(capture, config, error);
  if (result)
    rs_capture_close(capture);
  else
    *out = capture;
  return result;
}

/* -- the merge thread ------------------------------------------------------------------------------------------------ */

static void *merge(void *argument) {
  rs_capture *capture = argument;
  struct pollfd news = {.fd = capture->news, .events = POLLIN};
  for (;;) {
    bool ending = atomic_load_explicit(&capture->ending, memory_order_acquire);
    rs_store_merge(&capture->store);
    if (ending) return NULL;
    uint64_t count;
    if (poll(&news, 1, -1) == 1 && read(capture->news, &count, sizeof count) < 0 && errno != EAGAIN) return NULL;
  }
}

/* -- starting and stopping ------------------------------------------------------------------------------------------- */

/* Attaches to every queue, or leaves every queue as it was. The program is remembered for the next time. */
static int attach_all(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error) {
  rs_insn *copy = malloc(length * sizeof *copy);
  if (!copy) return rs_error_set(error, ENOMEM, "no memory for a filter of %u instructions", length);
  memcpy(copy, program, length * sizeof *copy);
  for (uint32_t i = 0; i < capture->count; i++) {
    int result = rs_bpf_attach(capture->queues[i].ring.fd, program, length, error);
    if (!result) continue;
    while (i-- > 0 && capture->program)
      (void)rs_bpf_attach(capture->queues[i].ring.fd, capture->program, capture->program_length, NULL);
    free(copy);
    return result;
  }
  free(capture->program);
  capture->program = copy;
  capture->program_length = length;
  return 0;
}

/* What was counted while `ret #0` was attached belongs to nobody. */
static void forget_statistics(rs_capture *capture) {
  rs_ring_stats stats;
  for (uint32_t i = 0; i < capture->count; i++) (void)rs_ring_statistics(&capture->queues[i].ring, &stats);
}

int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error) {
  uint32_t state = atomic_load_explicit(&capture->state, memory_order_relaxed);
  if (capture->controller.running || state == RS_STATE_STOPPED)
    return rs_error_set(error, EALREADY, "this capture has been started before");
  int result = rs_bpf_try(program, length, error);
  if (result) return result;
  forget_statistics(capture);
  result = attach_all(capture, program, length, error);
  if (!result) result = rs_thread_start(&capture->merger, merge, capture, "number packets", error);
  for (uint32_t i = 0; !result && i < capture->count; i++) result = rs_queue_start(&capture->queues[i], error);
  if (!result) result = rs_control_start(capture, error);
  if (result) {
    rs_capture_stop(capture);
    return result;
  }
  if (state == RS_STATE_OPEN) rs_capture_set_state(capture, RS_STATE_RUNNING, 0);
  return 0;
}

int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error) {
  if (!capture->controller.running) return rs_error_set(error, EINVAL, "the capture is not running");
  uint32_t next = atomic_load_explicit(&capture->epoch, memory_order_relaxed) + 1;
  if (next > UINT16_MAX) return rs_error_set(error, EOVERFLOW, "the filter was changed 65 535 times; start a new capture");
  for (uint32_t i = 0; i < capture->count; i++)
    if (!rs_queue_can_mark(&capture->queues[i]))
      return rs_error_set(error, EAGAIN, "the reader has %d filter changes still to come to; try again when it has caught up",
                          RS_MARKS);
  int result = rs_bpf_try(program, length, error);
  if (!result) result = attach_all(capture, program, length, error);
  if (result) return result;
  (void)rs_bpf_settle(); /* refused: the line between the epochs is then blurred by the packets on their way */
  for (uint32_t i = 0; i < capture->count; i++) rs_queue_mark(&capture->queues[i], next);
  atomic_store_explicit(&capture->epoch, next, memory_order_release);
  *epoch = next;
  return 0;
}

void rs_capture_stop(rs_capture *capture) {
  if (atomic_load_explicit(&capture->state, memory_order_relaxed) == RS_STATE_STOPPED) return;
  for (uint32_t i = 0; i < capture->count; i++)
    if (capture->queues[i].ring.fd >= 0) (void)rs_bpf_reject_all(capture->queues[i].ring.fd, NULL);
  /* After this nothing can enter a ring any more; where it is refused, a pause outlasts what is on its way. */
  if (capture->controller.running && rs_bpf_settle()) nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_queue *queue = &capture->queues[i];
    atomic_store_explicit(&queue->held, false, memory_order_release);
    atomic_store_explicit(&queue->ending, true, memory_order_release);
    if (queue->wake >= 0) rs_queue_wake(queue);
  }
  for (uint32_t i = 0; i < capture->count; i++) rs_queue_join(&capture->queues[i]);
  atomic_store_explicit(&capture->ending, true, memory_order_release);
  if (capture->merger.running) {
    uint64_t one = 1;
    ssize_t written = write(capture->news, &one, sizeof one);
    (void)written;
    rs_thread_join(&capture->merger);
  }
  bool ran = capture->controller.running;
  rs_control_stop(capture);
  if (ran) rs_control_collect(capture);
  for (uint32_t i = 0; i < capture->count; i++) {
    rs_ring_close(&capture->queues[i].ring);
  }
  rs_capture_set_state(capture, RS_STATE_STOPPED, 0);
}

void rs_capture_close(rs_capture *capture) {
  if (!capture) return;
  rs_capture_stop(capture);
  for (uint32_t i = 0; i < capture->count; i++)
    if (capture->queues[i].wake >= 0) close(capture->queues[i].wake);
  rs_store_close(&capture->store);
  if (capture->news >= 0) close(capture->news);
  if (capture->stop >= 0) close(capture->stop);
  free(capture->queues);
  free(capture->peaks);
  free(capture->program);
  free(capture);
}

void rs_capture_hold(rs_capture *capture, int held) {
  for (uint32_t i = 0; i < capture->count; i++) {
    atomic_store_explicit(&capture->queues[i].held, held != 0, memory_order_release);
    if (capture->queues[i].wake >= 0) rs_queue_wake(&capture->queues[i]);
  }
}

uint32_t rs_capture_link_type(const rs_capture *capture) { return capture->link.link_type; }

const rs_store *rs_capture_store(const rs_capture *capture) { return &capture->store; }
