/* SPDX-License-Identifier: Apache-2.0 */
/* captures.h: what a test of a whole capture needs: a loopback of its own, traffic on it, and a look at what became of it. */
#ifndef CAPTURES_H
#define CAPTURES_H

#include <linux/filter.h>
#include <netinet/in.h>
#include <time.h>

#include "capture.h"
#include "check.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0 /* where it is 1 all takes some ten times as long */
#endif

static const rs_insn everything[] = {{BPF_RET | BPF_K, 0, 0, 262144}};
static const rs_insn nothing[] = {{BPF_RET | BPF_K, 0, 0, 0}};
static const char *const loopback[] = {"lo"};

enum { OVERHEAD = 42 }; /* bytes of a frame before the payload of a datagram: Ethernet, IPv4, UDP */

static inline rs_config config(void) {
  return (rs_config){.interfaces = loopback,
                     .interface_count = 1,
                     .queues = 1,
                     .snaplen = 262144,
                     .block_size = RS_BLOCK_MIN,
                     .blocks = 16,
                     .block_timeout_ms = 10,
                     .promiscuous = 1,
                     .store_bytes = 64 << 20};
}

static inline rs_capture *begin(rs_config settings) {
  rs_capture *capture;
  rs_error error = {0};
  int result = rs_capture_open(&settings, &capture, &error);
  if (!result) result = rs_capture_start(capture, everything, 1, &error);
  if (result) fprintf(stderr, "%s\n", error.text);
  CHECK(result == 0);
  return capture;
}

static inline void pause_ms(long ms) {
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Waits until it is so, for up to a minute: a machine may be busy, and what never comes is found by the check after it. */
#define AWAIT(condition) \
  do {                   \
    for (int i_ = 0; i_ < 6000 && !(condition); i_++) pause_ms(10); \
  } while (0)

static inline rs_snapshot look(rs_capture *capture) {
  rs_snapshot now;
  rs_capture_snapshot(capture, &now, NULL, 0);
  return now;
}

static inline void await_head(rs_capture *capture, uint64_t head) { AWAIT(look(capture).head >= head); }

/* On one CPU the kernel handles what one thread sends over the loopback in the order in which it was sent. */
static inline void stay_on_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK(sched_setaffinity(0, sizeof set, &set) == 0);
}

/* The CPUs that this process may use; returns how many were found, `max` at most. */
static inline int usable_cpus(int *cpus, int max) {
  cpu_set_t set;
  CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
  int count = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE && count < max; cpu++)
    if (CPU_ISSET(cpu, &set)) cpus[count++] = cpu;
  return count;
}

/* A pair of UDP sockets: one sends over the loopback, the other is there, so that ICMP does not answer. */
typedef struct talk {
  int in, out;
} talk;

static inline talk talk_begin(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  talk pair = {.in = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), .out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  CHECK(bind(pair.in, (struct sockaddr *)&to, sizeof to) == 0 && getsockname(pair.in, (struct sockaddr *)&to, &size) == 0);
  CHECK(connect(pair.out, (struct sockaddr *)&to, sizeof to) == 0);
  return pair;
}

/* `count` datagrams with `size` bytes of payload. The first four of them count up from `first`. */
static inline void talk_send(const talk *pair, int count, size_t size, uint32_t first) {
  uint8_t payload[65536];
  CHECK(size <= sizeof payload);
  memset(payload, 0, size < 4 ? 4 : size);
  for (int i = 0; i < count; i++) {
    uint32_t number = htonl(first + (uint32_t)i);
    memcpy(payload, &number, sizeof number);
    CHECK(send(pair->out, payload, size, 0) == (ssize_t)size);
  }
}

static inline void talk_end(const talk *pair) {
  close(pair->in);
  close(pair->out);
}

static inline void send_datagrams(int count, size_t size) {
  talk pair = talk_begin();
  talk_send(&pair, count, size, 0);
  talk_end(&pair);
}

/* -- what a process holds of the kernel -------------------------------------------------------------------------------- */

/* Lines of a file under /proc that have `part` in them. */
static inline int lines_with(const char *path, const char *part) {
  FILE *file = fopen(path, "re");
  CHECK(file);
  int lines = 0;
  for (char line[512]; fgets(line, sizeof line, file);) lines += strstr(line, part) != NULL;
  fclose(file);
  return lines;
}

/* Packet sockets of this network namespace: the lines of /proc/net/packet but the heading. */
static inline int packet_sockets(void) { return lines_with("/proc/self/net/packet", "") - 1; }

/* Rings that are mapped into this process. */
static inline int mapped_rings(void) { return lines_with("/proc/self/maps", "socket:["); }

/* The number after `key` in /proc/self/status: kB of VmRSS, Threads ... */
static inline long status_of(const char *key) {
  FILE *file = fopen("/proc/self/status", "re");
  CHECK(file);
  long value = -1;
  for (char line[256]; fgets(line, sizeof line, file);)
    if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':') value = strtol(line + strlen(key) + 1, NULL, 10);
  fclose(file);
  return value;
}

static inline int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 4096; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

#endif
