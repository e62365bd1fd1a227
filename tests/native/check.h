/* SPDX-License-Identifier: Apache-2.0 */
/* check.h: what a C test needs: CHECK that says where and what, and a private network for tests with real sockets. */
#ifndef CHECK_H
#define CHECK_H

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECK(condition)                                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                  \
      exit(1);                                                                                                 \
    }                                                                                                          \
  } while (0)

#define CHECK_EQUAL(left, right)                                                                               \
  do {                                                                                                         \
    unsigned long long left_ = (unsigned long long)(left), right_ = (unsigned long long)(right);               \
    if (left_ != right_) {                                                                                     \
      fprintf(stderr, "%s:%d: %s is %llu, %s is %llu\n", __FILE__, __LINE__, #left, left_, #right, right_);    \
      exit(1);                                                                                                 \
    }                                                                                                          \
  } while (0)

#define RUN(test)                \
  do {                           \
    test();                      \
    printf("ok  %s\n", #test);   \
  } while (0)

/* Sets the flags of an interface of this namespace, e.g. IFF_UP or 0. */
static inline void set_link(const char *name, short flags) {
  struct ifreq request = {.ifr_flags = flags};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  close(fd);
}

/* Moves this process into a user and network namespace of its own with `lo` up. Ends with 77 (skipped) where the kernel
 * forbids it and we are not privileged. */
static inline void enter_private_network(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) && unshare(CLONE_NEWNET)) {
    fprintf(stderr, "skipped: this kernel forbids user namespaces\n");
    exit(77);
  }
  set_link("lo", IFF_UP);
}

/* Keeps this thread on the CPU that it is on; returns its number. What it sends over lo or veth arrives there, in order. */
static inline uint32_t stay_on_this_cpu(void) {
  const int cpu = sched_getcpu();
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK(cpu >= 0 && sched_setaffinity(0, sizeof set, &set) == 0);
  return (uint32_t)cpu;
}

#endif
