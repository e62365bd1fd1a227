/* SPDX-License-Identifier: Apache-2.0 */
/* control: the one reader of PACKET_STATISTICS, which clears what it reads; the state of the link; the peak of the fill. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "capture.h"

static void add(_Atomic uint64_t *counter, uint64_t more) {
  atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more, memory_order_relaxed);
}

static void collect_queue(rs_queue *queue) {
  rs_ring_stats stats;
  if (rs_ring_statistics(&queue->ring, &stats)) return;
  /* tp_packets includes the drops (packet_getsockopt); the difference is what went into the ring, exactly. */
  add(&queue->tally.stored, stats.packets - stats.dropped);
  add(&queue->tally.dropped, stats.dropped);
  add(&queue->tally.freezes, stats.freezes);
}

static void note_peak(rs_capture *capture, uint32_t which) {
  rs_queue *queue = &capture->queues[which];
  rs_ring_fill fill;
  rs_ring_look(&queue->ring, &fill);
  uint64_t peak = atomic_exchange_explicit(&queue->tally.used_peak, 0, memory_order_relaxed);
  if (fill.used_bytes > peak) peak = fill.used_bytes;
  uint64_t *window = &capture->peaks[which * RS_PEAK_TICKS];
  window[capture->tick % RS_PEAK_TICKS] = peak;
  for (int i = 0; i < RS_PEAK_TICKS; i++)
    if (window[i] > peak) peak = window[i];
  atomic_store_explicit(&queue->tally.peak_bytes, peak, memory_order_relaxed);
}

void rs_control_collect(rs_capture *capture) {
  for (uint32_t i = 0; i < capture->count; i++) {
    collect_queue(&capture->queues[i]);
    note_peak(capture, i);
  }
  capture->tick++;
}

static void look_at_link(rs_capture *capture) {
  uint32_t error = 0;
  for (uint32_t i = 0; i < capture->count; i++)
    if (!error) error = atomic_exchange_explicit(&capture->queues[i].link_error, 0, memory_order_acq_rel);
  switch (rs_link_look(capture->queues[0].ring.fd)) {
  case RS_LINK_GONE:
    rs_capture_set_state(capture, RS_STATE_GONE, ENODEV);
    break;
  case RS_LINK_DOWN:
    rs_capture_set_state(capture, RS_STATE_DOWN, ENETDOWN);
    break;
  case RS_LINK_NO_CARRIER:
    rs_capture_set_state(capture, RS_STATE_NO_CARRIER, 0);
    break;
  case RS_LINK_UP:
    if (error && error != ENETDOWN)
      rs_capture_set_state(capture, RS_STATE_ERROR, (int)error);
    else if (atomic_load_explicit(&capture->state, memory_order_relaxed) != RS_STATE_ERROR)
      rs_capture_set_state(capture, RS_STATE_RUNNING, 0);
  }
}

static void *control(void *argument) {
  rs_capture *capture = argument;
  struct pollfd stop = {.fd = capture->stop, .events = POLLIN};
  for (;;) {
    int ready = poll(&stop, 1, RS_TICK_MS);
    /* All signals are blocked but the one that carries setuid(2) to every thread of a process (nptl(7)). */
    if (ready > 0 || (ready < 0 && errno != EINTR)) return NULL;
    rs_control_collect(capture);
    look_at_link(capture);
  }
}

int rs_control_start(rs_capture *capture, rs_error *error) {
  return rs_thread_start(&capture->controller, control, capture, "read the statistics", error);
}

void rs_control_stop(rs_capture *capture) {
  if (!capture->controller.running) return;
  uint64_t one = 1;
  ssize_t written = write(capture->stop, &one, sizeof one);
  (void)written;
  rs_thread_join(&capture->controller);
}
