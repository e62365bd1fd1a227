/* SPDX-License-Identifier: Apache-2.0 */
/* A capture for which there is not enough of something, at any point of its opening and starting: fewer blocks, or an error
 * and nothing left behind. Linked with --wrap for the calls that are made to fail. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "captures.h"
#include "links.h"
#include "memory.h"

/* -- calls that fail at will --------------------------------------------------------------------------------------- */

typedef enum { NO_CALL, MALLOC, CALLOC, MMAP, SOCKET, SETSOCKOPT, GETSOCKOPT, BIND, EVENTFD, THREAD } call;

typedef struct faults {
  _Atomic call which;      /* that is to fail */
  _Atomic int errnum;
  _Atomic bool on_and_on;  /* from then on, not once */
  _Atomic int64_t left;    /* calls of it that still go well */
  _Atomic int fired;
  uint32_t most_blocks;    /* a ring of more is refused with ENOMEM; 0: none is */
  _Atomic int refuse_ring; /* n: the n-th ring from now is refused, 0: none */
  _Atomic int narrow;      /* a socket with no room for a filter of more than one instruction, 0: none */
  _Atomic int64_t mapped;  /* of mmap() less munmap() */
  pthread_mutex_t lock;    /* of what follows */
  uint32_t sizes[64], times[64], count; /* blocks of the rings asked for, and how many of each, in order */
} faults;

static faults world = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool fails(call which) {
  if (world.which != which) return false;
  int64_t left = atomic_fetch_sub(&world.left, 1);
  if (left > 0 || (left < 0 && !world.on_and_on)) return false;
  atomic_fetch_add(&world.fired, 1);
  errno = world.errnum;
  return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *address, size_t size);
int __real_socket(int domain, int type, int protocol);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __real_bind(int fd, const struct sockaddr *address, socklen_t size);
int __real_eventfd(unsigned count, int flags);
int __real_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *address, size_t size);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*work)(void *), void *argument);

void *__wrap_malloc(size_t size) { return fails(MALLOC) ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails(CALLOC) ? NULL : __real_calloc(count, size); }

void *__wrap_mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  void *map = fails(MMAP) ? MAP_FAILED : __real_mmap(address, size, protection, flags, fd, offset);
  if (map != MAP_FAILED) atomic_fetch_add(&world.mapped, 1);
  return map;
}

int __wrap_munmap(void *address, size_t size) {
  int result = __real_munmap(address, size);
  if (!result) atomic_fetch_sub(&world.mapped, 1);
  return result;
}

int __wrap_socket(int domain, int type, int protocol) {
  return fails(SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

/* Remembers what was asked for. Is it too much? */
static bool ring_is_refused(const struct tpacket_req3 *request) {
  pthread_mutex_lock(&world.lock);
  if (!world.count || world.sizes[world.count - 1] != request->tp_block_nr) world.sizes[world.count++] = request->tp_block_nr;
  world.times[world.count - 1]++;
  pthread_mutex_unlock(&world.lock);
  if (world.most_blocks && request->tp_block_nr > world.most_blocks) return true;
  return atomic_load(&world.refuse_ring) > 0 && atomic_fetch_sub(&world.refuse_ring, 1) == 1;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  if (fails(SETSOCKOPT)) return -1;
  if (level == SOL_PACKET && name == PACKET_RX_RING && ring_is_refused(value)) {
    errno = ENOMEM;
    return -1;
  }
  if (level == SOL_SOCKET && name == SO_ATTACH_FILTER && fd == world.narrow &&
      ((const struct sock_fprog *)value)->len > 1) {
    errno = ENOMEM;
    return -1;
  }
  return __real_setsockopt(fd, level, name, value, size);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
  return fails(GETSOCKOPT) ? -1 : __real_getsockopt(fd, level, name, value, size);
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size) {
  return fails(BIND) ? -1 : __real_bind(fd, address, size);
}

int __wrap_eventfd(unsigned count, int flags) { return fails(EVENTFD) ? -1 : __real_eventfd(count, flags); }

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*work)(void *), void *argument) {
  return fails(THREAD) ? world.errnum : __real_pthread_create(id, attributes, work, argument);
}

static void let_all_go_well(void) {
  world.which = NO_CALL;
  world.most_blocks = world.count = 0;
  atomic_store(&world.refuse_ring, 0);
  atomic_store(&world.narrow, 0);
  atomic_store(&world.fired, 0);
  memset(world.times, 0, sizeof world.times);
}

/* -- nothing is left ----------------------------------------------------------------------------------------------- */

typedef struct holdings {
  int descriptors, sockets, rings;
  long threads;
  int64_t mappings;
} holdings;

static holdings held(void) {
  return (holdings){.descriptors = open_descriptors(), .sockets = packet_sockets(), .rings = mapped_rings(),
                    .threads = status_of("Threads"), .mappings = atomic_load(&world.mapped)};
}

static void check_nothing_left_but(const holdings *before) {
  AWAIT(status_of("Threads") == before->threads); /* a joined thread is gone for us a moment before it is for /proc */
  holdings now = held();
  CHECK_EQUAL(now.descriptors, before->descriptors);
  CHECK_EQUAL(now.sockets, before->sockets);
  CHECK_EQUAL(now.rings, before->rings);
  CHECK_EQUAL(now.threads, before->threads);
  CHECK_EQUAL(now.mappings, before->mappings);
}

/* What may fail in more than one way: two queues, two rings each, so a group with a program, and pinned workers. */
static rs_config demanding(void) {
  static int cpu;
  CHECK(usable_cpus(&cpu, 1) == 1);
  rs_config settings = config();
  settings.queues = 2;
  settings.exact_swap = 1;
  settings.blocks = 8;
  settings.ring_limit = 1 << 30; /* not what happens to be free */
  settings.cpus = &cpu;
  settings.cpu_count = 1;
  return settings;
}

static bool open_and_start(rs_capture **capture, rs_error *error) {
  const rs_config settings = demanding();
  int result = rs_capture_open(&settings, capture, error);
  CHECK((result == 0) == (*capture != NULL));
  if (!result) result = rs_capture_start(*capture, everything, 1, error);
  CHECK(result <= 0);
  CHECK(result == 0 || strlen(error->text) > 10);
  return result == 0;
}

/* What a start that failed leaves: all as it was before it, or all at an end. */
static void check_end_of_start(rs_capture *capture, const holdings *before) {
  if (!capture) return;
  uint32_t state = look(capture).state;
  CHECK(state == RS_STATE_OPEN || state == RS_STATE_STOPPED);
  AWAIT(status_of("Threads") == before->threads);
  CHECK_EQUAL(status_of("Threads"), before->threads);
  CHECK_EQUAL(packet_sockets(), before->sockets + (state == RS_STATE_OPEN ? 4 : 0));
  CHECK_EQUAL(mapped_rings(), before->rings + (state == RS_STATE_OPEN ? 4 : 0));
}

static void check_it_captures(rs_capture *capture) {
  uint64_t before = look(capture).head;
  send_datagrams(20, 100);
  await_head(capture, before + 20);
  CHECK_EQUAL(look(capture).head, before + 20);
}

/* Lets the first call fail, then the second, and so on, until none is left to fail. Returns how many there were. */
static int fail_each(call which, int errnum, bool on_and_on) {
  const holdings before = held();
  for (int good = 0;; good++) {
    rs_capture *capture;
    rs_error error = {0};
    let_all_go_well();
    atomic_store(&world.left, good);
    world.errnum = errnum;
    world.on_and_on = on_and_on;
    world.which = which;
    bool opened = open_and_start(&capture, &error);
    bool fired = atomic_load(&world.fired) > 0;
    let_all_go_well();
    if (!opened) check_end_of_start(capture, &before);
    if (opened) check_it_captures(capture); /* with what can be done without */
    rs_capture_close(capture);
    check_nothing_left_but(&before);
    if (!fired) return good;
    CHECK(good < 1000);
  }
}

static void fail_in_both_ways(const char *name, call which, int errnum) {
  int once = fail_each(which, errnum, false), on_and_on = fail_each(which, errnum, true);
  printf("    %s: %d calls, %d when they fail on and on\n", name, once, on_and_on);
  CHECK(once > 0 && on_and_on > 0);
}

/* 39 */
static void whatever_memory_is_missing_nothing_is_left(void) {
  fail_in_both_ways("malloc", MALLOC, ENOMEM);
  fail_in_both_ways("calloc", CALLOC, ENOMEM);
  fail_in_both_ways("mmap", MMAP, EAGAIN);
}

/* 39 */
static void whatever_socket_or_option_is_refused_nothing_is_left(void) {
  fail_in_both_ways("socket", SOCKET, EMFILE);
  fail_in_both_ways("bind", BIND, ENOBUFS);
  fail_in_both_ways("setsockopt", SETSOCKOPT, ENOBUFS);
  fail_in_both_ways("getsockopt", GETSOCKOPT, ENOBUFS);
  fail_in_both_ways("eventfd", EVENTFD, EMFILE);
}

/* 39 */
static void whichever_thread_cannot_be_had_nothing_is_left(void) { fail_in_both_ways("pthread_create", THREAD, EAGAIN); }

/* 39 */
static void with_too_few_descriptors_nothing_is_left_until_there_are_enough(void) {
  const holdings before = held();
  struct rlimit all;
  CHECK(getrlimit(RLIMIT_NOFILE, &all) == 0);
  bool opened = false;
  rlim_t limit = 0;
  for (; !opened; limit++) {
    CHECK(limit < 200);
    const struct rlimit few = {.rlim_cur = limit, .rlim_max = all.rlim_max};
    rs_capture *capture;
    rs_error error = {0};
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    opened = open_and_start(&capture, &error);
    CHECK(setrlimit(RLIMIT_NOFILE, &all) == 0);
    if (!opened) check_end_of_start(capture, &before);
    if (opened) check_it_captures(capture);
    rs_capture_close(capture);
    check_nothing_left_but(&before);
  }
  printf("    enough with %d descriptors\n", (int)limit - 1);
}

/* -- fewer blocks -------------------------------------------------------------------------------------------------- */

/* 39 */
static void a_quarter_is_taken_off_at_a_time_down_to_four_blocks(void) {
  const uint32_t steps[] = {64, 48, 36, 27, 20, 15, 11, 8, 6, 4, 4};
  for (int i = 0; i < 10; i++) CHECK_EQUAL(rs_memory_fewer(steps[i]), steps[i + 1]);
  for (uint32_t few = 1; few <= 4; few++) CHECK_EQUAL(rs_memory_fewer(few), few);
  CHECK_EQUAL(rs_memory_blocks(64, 1 << 20, 4, UINT64_C(256) << 20), 64);
  CHECK_EQUAL(rs_memory_blocks(64, 1 << 20, 4, (UINT64_C(256) << 20) - 1), 48);
  CHECK_EQUAL(rs_memory_blocks(65536, 0x7ffff000, 512, UINT64_MAX), 65536); /* 64 PiB: no overflow */
  CHECK_EQUAL(rs_memory_blocks(64, 1 << 20, 4, 0), 4);
  CHECK(rs_memory_limit() > 1 << 20);
}

static rs_config two_queues_of(uint32_t blocks) {
  rs_config settings = config();
  settings.queues = 2;
  settings.blocks = blocks;
  settings.ring_limit = 1 << 30;
  return settings;
}

static rs_counters first_queue(rs_capture *capture) {
  rs_snapshot now;
  rs_counters queue;
  rs_capture_snapshot(capture, &now, &queue, 1);
  return queue;
}

/* 39 */
static void rings_over_the_limit_get_fewer_blocks_and_the_note_says_so(void) {
  rs_config settings = two_queues_of(64);
  settings.ring_limit = 2 * 20 * RS_BLOCK_MIN;
  let_all_go_well();
  rs_capture *capture = begin(settings);
  CHECK_EQUAL(first_queue(capture).blocks, 20);
  CHECK_EQUAL(first_queue(capture).ring_bytes, 20 * RS_BLOCK_MIN);
  CHECK(strstr(rs_capture_note(capture), "20 blocks") && strstr(rs_capture_note(capture), "not 64"));
  CHECK_EQUAL(world.count, 1); /* none of another size was tried */
  CHECK_EQUAL(world.sizes[0], 20);
  check_it_captures(capture);
  rs_capture_close(capture);
  settings.ring_limit = 1; /* but never fewer than four, which is what one asks for oneself */
  capture = begin(settings);
  CHECK_EQUAL(first_queue(capture).blocks, 4);
  rs_capture_close(capture);
  settings.blocks = 2;
  capture = begin(settings);
  CHECK_EQUAL(first_queue(capture).blocks, 2);
  CHECK_EQUAL(strlen(rs_capture_note(capture)), 0);
  rs_capture_close(capture);
}

static void rings_within_the_limit_are_as_asked_for_and_nothing_is_said(void) {
  rs_config settings = two_queues_of(16);
  settings.ring_limit = 2 * 16 * RS_BLOCK_MIN;
  rs_capture *capture = begin(settings);
  CHECK_EQUAL(first_queue(capture).blocks, 16);
  CHECK_EQUAL(strlen(rs_capture_note(capture)), 0);
  rs_capture_close(capture);
}

/* 39 */
static void rings_for_which_the_kernel_has_no_memory_are_tried_smaller_and_no_socket_of_the_attempts_is_left(void) {
  const holdings before = held();
  let_all_go_well();
  world.most_blocks = 30;
  rs_capture *capture = begin(two_queues_of(64));
  const uint32_t sizes[] = {64, 48, 36, 27};
  CHECK_EQUAL(world.count, 4);
  for (int i = 0; i < 4; i++) CHECK_EQUAL(world.sizes[i], sizes[i]);
  CHECK_EQUAL(world.times[3], 2);
  CHECK_EQUAL(first_queue(capture).blocks, 27);
  CHECK(strstr(rs_capture_note(capture), "27 blocks"));
  CHECK_EQUAL(packet_sockets(), before.sockets + 2);
  CHECK_EQUAL(mapped_rings(), before.rings + 2);
  check_it_captures(capture);
  rs_capture_close(capture);
  check_nothing_left_but(&before);
}

/* 39 */
static void all_rings_of_all_interfaces_are_of_one_size_though_memory_ran_out_at_the_last(void) {
  const holdings before = held();
  CHECK(add_link("rs0", "veth"));
  const char *const both[] = {"lo", "rs0"};
  rs_config settings = two_queues_of(16);
  settings.interfaces = both;
  settings.interface_count = 2;
  let_all_go_well();
  atomic_store(&world.refuse_ring, 4);
  rs_capture *capture = begin(settings);
  CHECK_EQUAL(world.count, 2);
  CHECK(world.sizes[0] == 16 && world.sizes[1] == 12);
  CHECK_EQUAL(world.times[1], 4);
  rs_snapshot now;
  rs_counters queues[4];
  rs_capture_snapshot(capture, &now, queues, 4);
  for (int i = 0; i < 4; i++) CHECK_EQUAL(queues[i].blocks, 12);
  CHECK_EQUAL(packet_sockets(), before.sockets + 4);
  rs_capture_close(capture);
  check_nothing_left_but(&before);
  remove_link("rs0");
}

/* 39 */
static void when_four_blocks_are_too_many_there_is_one_error_and_nothing_is_left(void) {
  const holdings before = held();
  const rs_config settings = two_queues_of(64);
  rs_capture *capture;
  rs_error error = {0};
  let_all_go_well();
  world.most_blocks = 3;
  CHECK(rs_capture_open(&settings, &capture, &error) == -ENOMEM);
  CHECK(capture == NULL);
  CHECK(strstr(error.text, "no memory") && strstr(error.text, "4 blocks") && strstr(error.text, "--blocks"));
  CHECK_EQUAL(world.sizes[world.count - 1], 4);
  CHECK(world.times[world.count - 1] <= 2); /* and that was that */
  let_all_go_well();
  check_nothing_left_but(&before);
}

/* Is `ret #0` the filter of this socket? */
static bool rejects_all(int fd) {
  struct sock_filter program[16];
  socklen_t count = sizeof program / sizeof *program; /* instructions, not bytes: sk_get_filter() */
  CHECK(__real_getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, program, &count) == 0);
  return count == 1 && program[0].code == (BPF_RET | BPF_K) && program[0].k == 0;
}

/* A filter that can neither be attached nor the one before it be put back leaves a queue that captures nothing: that is an
 * error, until one can be attached. */
static void a_filter_that_finds_no_room_is_an_error_until_one_finds_it(void) {
  static const rs_insn whatever[] = {{BPF_LD | BPF_IMM, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 262144}};
  for (int exact = 0; exact < 2; exact++) {
    let_all_go_well();
    rs_config settings = two_queues_of(8);
    settings.exact_swap = (uint32_t)exact;
    rs_capture *capture = begin(settings);
    uint32_t epoch = 0;
    CHECK(rs_capture_set_filter(capture, whatever, 2, &epoch, NULL) == 0);
    check_it_captures(capture);
    /* In an exact change the rings that wait are tried first, and those that are fed are not touched. */
    atomic_store(&world.narrow, capture->queues[1].rings[0].fd);
    rs_error error = {0};
    CHECK(rs_capture_set_filter(capture, whatever, 2, &epoch, &error) == -ENOMEM);
    CHECK(strstr(error.text, "optmem_max"));
    CHECK_EQUAL(epoch, 2);
    for (int i = 0; exact && i < 2; i++) CHECK(rejects_all(capture->queues[i].rings[0].fd));
    pause_ms(3 * RS_TICK_MS); /* and it stays one, though the link is up */
    CHECK_EQUAL(look(capture).state, exact ? RS_STATE_RUNNING : RS_STATE_ERROR);
    CHECK_EQUAL(look(capture).state_errno, exact ? 0 : ENOMEM);
    atomic_store(&world.narrow, 0);
    CHECK(rs_capture_set_filter(capture, whatever, 2, &epoch, NULL) == 0);
    CHECK_EQUAL(look(capture).state, RS_STATE_RUNNING);
    check_it_captures(capture);
    rs_capture_close(capture);
  }
}

int main(void) {
  enter_private_network();
  RUN(a_quarter_is_taken_off_at_a_time_down_to_four_blocks);
  RUN(rings_over_the_limit_get_fewer_blocks_and_the_note_says_so);
  RUN(rings_within_the_limit_are_as_asked_for_and_nothing_is_said);
  RUN(rings_for_which_the_kernel_has_no_memory_are_tried_smaller_and_no_socket_of_the_attempts_is_left);
  RUN(all_rings_of_all_interfaces_are_of_one_size_though_memory_ran_out_at_the_last);
  RUN(when_four_blocks_are_too_many_there_is_one_error_and_nothing_is_left);
  RUN(a_filter_that_finds_no_room_is_an_error_until_one_finds_it);
  RUN(whatever_memory_is_missing_nothing_is_left);
  RUN(whatever_socket_or_option_is_refused_nothing_is_left);
  RUN(whichever_thread_cannot_be_had_nothing_is_left);
  RUN(with_too_few_descriptors_nothing_is_left_until_there_are_enough);
  return 0;
}
