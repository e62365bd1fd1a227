/* SPDX-License-Identifier: Apache-2.0 */
/* Filter changes where the kernel does not play along: no membarrier, a socket that refuses, a group that does not flip. */
#include "captures.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "bpf.h"

static rs_capture *begin_with(uint32_t queues, uint32_t fanout, bool exact) {
  rs_config settings = config();
  settings.block_timeout_ms = 5;
  settings.queues = queues;
  settings.fanout = fanout;
  settings.exact_swap = exact;
  return begin(settings);
}

static rs_epoch epoch_at(rs_capture *capture, uint32_t number) {
  rs_epoch found;
  CHECK_EQUAL(rs_capture_epochs(capture, number, &found, 1), 1);
  CHECK_EQUAL(found.epoch, number);
  return found;
}

static uint64_t head_of(rs_capture *capture) {
  rs_snapshot now;
  rs_capture_snapshot(capture, &now, NULL, 0);
  CHECK_EQUAL(now.total.unaccounted, 0);
  return now.head;
}

/* From here on membarrier(2), and AF_PACKET sockets that could be closed instead, are refused. */
static void forbid_waiting(void) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_PACKET, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

/* Case 38. In a child, for what is forbidden stays so. */
static void without_membarrier_a_change_goes_on_and_says_that_it_is_not_sure(void) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    /* Seccomp counts for the threads that are started after it, and here for the caller, who waits. */
    rs_capture *capture = begin_with(2, RS_FANOUT_LB, false);
    forbid_waiting();
    CHECK(rs_bpf_settle() == -ENOSYS);
    uint32_t epoch;
    send_datagrams(10, 100);
    CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, NULL) == 0);
    send_datagrams(10, 100);
    CHECK_EQUAL(epoch_at(capture, 2).unsettled, 1);
    CHECK_EQUAL(epoch_at(capture, 2).undone, 0);
    rs_capture_stop(capture);
    CHECK_EQUAL(head_of(capture), 10);
    rs_capture_close(capture);
    exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_socket_that_refuses_brings_the_old_filter_back_everywhere(void) {
  rs_capture *capture = begin_with(2, RS_FANOUT_LB, false);
  int on = 1;
  /* The second of two queues; the first has the new program already when it refuses. */
  CHECK(setsockopt(capture->queues[1].rings[0].fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) == 0);
  rs_error error;
  uint32_t epoch = 0;
  send_datagrams(20, 100);
  CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, &error) == -EPERM);
  CHECK(strstr(error.text, "locked"));
  CHECK_EQUAL(epoch, 1);
  CHECK_EQUAL(epoch_at(capture, 2).undone, 1);
  send_datagrams(20, 100);
  int off = 0;
  /* It cannot be unlocked; stopping is to cope with that, too. */
  CHECK(setsockopt(capture->queues[1].rings[0].fd, SOL_SOCKET, SO_LOCK_FILTER, &off, sizeof off) < 0);
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 40);
  CHECK_EQUAL(epoch_at(capture, 2).clean_from, 0);
  rs_packet packets[40];
  uint8_t bytes[40 * 16];
  CHECK_EQUAL(rs_store_read(rs_capture_store(capture), 1, 40, 16, packets, bytes, sizeof bytes), 40);
  for (int i = 0; i < 40; i++) CHECK_EQUAL(packets[i].epoch, 1);
  rs_capture_close(capture);
}

static void a_change_after_one_that_was_undone_is_a_change_like_any(void) {
  rs_capture *capture = begin_with(1, RS_FANOUT_HASH, false);
  uint32_t epoch;
  const rs_insn wrong[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}};
  CHECK(rs_capture_set_filter(capture, wrong, 1, &epoch, NULL) == -EINVAL);
  CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, NULL) == 0);
  CHECK_EQUAL(epoch, 2);
  send_datagrams(5, 100);
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
  send_datagrams(5, 100);
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 5);
  CHECK_EQUAL(epoch_at(capture, 3).first, 1);
  rs_capture_close(capture);
}

static void a_group_that_does_not_flip_is_changed_queue_by_queue(void) {
  rs_capture *capture = begin_with(2, RS_FANOUT_CBPF, true);
  uint32_t epoch;
  send_datagrams(10, 100);
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
  CHECK_EQUAL(epoch_at(capture, 2).mode, RS_SWAP_EXACT);
  capture->sources[0].fanout.queues = 0; /* A % 0: the kernel refuses the program */
  send_datagrams(10, 100);
  CHECK(rs_capture_set_filter(capture, nothing, 1, &epoch, NULL) == 0);
  send_datagrams(10, 100);
  CHECK_EQUAL(epoch_at(capture, 3).mode, RS_SWAP_SOFT);
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
  send_datagrams(10, 100);
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 30);
  CHECK_EQUAL(epoch_at(capture, 4).first, 21);
  CHECK_EQUAL(epoch_at(capture, 4).clean_from, 21);
  rs_capture_close(capture);
}

static void exact_changes_follow_one_another_on_an_idle_link(void) {
  rs_capture *capture = begin_with(2, RS_FANOUT_CPU, true);
  uint32_t epoch;
  for (uint32_t i = 2; i <= 12; i++) {
    CHECK(rs_capture_set_filter(capture, i % 2 ? everything : nothing, 1, &epoch, NULL) == 0);
    CHECK_EQUAL(epoch, i);
    send_datagrams(3, 100);
  }
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 15);
  for (uint32_t i = 2; i <= 12; i++) {
    CHECK_EQUAL(epoch_at(capture, i).rechecked, 0);
    CHECK_EQUAL(epoch_at(capture, i).clean_from, 1 + 3 * ((i - 2) / 2));
  }
  rs_capture_close(capture);
}

/* A program that fits beside nothing else: net.core.optmem_max has room for it, not for two of it. */
static void an_exact_change_between_programs_that_fit_only_alone_is_made_like_a_soft_one(void) {
  enum { LOADS = 1159 };
  static rs_insn large[LOADS + 1];
  for (int i = 0; i < LOADS; i++) large[i] = (rs_insn){BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
  large[LOADS] = everything[0];
  rs_capture *capture = begin_with(1, RS_FANOUT_HASH, true);
  uint32_t epoch;
  for (uint32_t i = 2; i <= 5; i++) { /* from the fourth on the ring that waits has had it before */
    CHECK(rs_capture_set_filter(capture, large, LOADS + 1, &epoch, NULL) == 0);
    CHECK_EQUAL(epoch_at(capture, i).mode, RS_SWAP_EXACT);
    CHECK_EQUAL(epoch_at(capture, i).gap_ns, 0);
    send_datagrams(3, 100);
  }
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 12);
  rs_capture_close(capture);
}

/* Going down takes the sockets out of their group, coming up puts them back; which ring is fed must not change by that. */
static void an_interface_that_was_down_feeds_the_rings_that_were_fed_before(void) {
  enum { QUEUES = 8, LOT = 200 };
  rs_capture *capture = begin_with(QUEUES, RS_FANOUT_RND, true);
  uint32_t epoch;
  for (uint64_t round = 1; round <= 3; round++) {
    set_link("lo", 0);
    set_link("lo", IFF_UP);
    send_datagrams(LOT, 100);
    CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
    send_datagrams(LOT, 100);
  }
  rs_capture_stop(capture);
  CHECK_EQUAL(head_of(capture), 3 * 2 * LOT);
  for (uint32_t i = 2; i <= 4; i++) CHECK_EQUAL(epoch_at(capture, i).clean_from, LOT * (2 * (i - 2) + 1) + 1);
  rs_capture_close(capture);
}

static _Atomic bool sending;

/* Whatever the interface says to it. */
static void *keep_sending(void *unused) {
  const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  while (atomic_load(&sending)) (void)sendto(out, "", 1, MSG_DONTWAIT, (const struct sockaddr *)&to, sizeof to);
  close(out);
  return unused;
}

/* While sockets are put back into their group one by one, its program counts on more of them than there are. */
static void rings_that_wait_take_nothing_while_the_interface_comes_up_under_traffic(void) {
  enum { QUEUES = 16, ROUNDS = 10 };
  rs_capture *capture = begin_with(QUEUES, RS_FANOUT_RND, true);
  uint32_t epoch;
  pthread_t sender;
  CHECK(rs_capture_set_filter(capture, everything, 1, &epoch, NULL) == 0);
  atomic_store(&sending, true);
  CHECK(pthread_create(&sender, NULL, keep_sending, NULL) == 0);
  for (int i = 0; i < ROUNDS; i++) {
    set_link("lo", 0);
    pause_ms(2);
    set_link("lo", IFF_UP);
    pause_ms(2);
    for (int j = 0; j < QUEUES; j++) CHECK_EQUAL(rs_ring_pending(&capture->queues[j].rings[0]), 0);
  }
  atomic_store(&sending, false);
  pthread_join(sender, NULL);
  rs_capture_stop(capture);
  rs_snapshot now;
  rs_capture_snapshot(capture, &now, NULL, 0);
  CHECK_EQUAL(now.total.delivered, now.total.stored);
  rs_capture_close(capture);
}

int main(void) {
  enter_private_network();
  RUN(rings_that_wait_take_nothing_while_the_interface_comes_up_under_traffic);
  RUN(an_exact_change_between_programs_that_fit_only_alone_is_made_like_a_soft_one);
  RUN(an_interface_that_was_down_feeds_the_rings_that_were_fed_before);
  RUN(without_membarrier_a_change_goes_on_and_says_that_it_is_not_sure);
  RUN(a_socket_that_refuses_brings_the_old_filter_back_everywhere);
  RUN(a_change_after_one_that_was_undone_is_a_change_like_any);
  RUN(a_group_that_does_not_flip_is_changed_queue_by_queue);
  RUN(exact_changes_follow_one_another_on_an_idle_link);
  return 0;
}
