/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"

_Static_assert(sizeof(rs_insn) == sizeof(struct sock_filter), "rs_insn is struct sock_filter");

static int refused(int errnum, uint32_t length, rs_error *error) {
  switch (errnum) {
  case ENOMEM:
    return rs_error_set(error, errnum,
                        "the kernel has no room for this filter of %u instructions; shorten it, or raise net.core.optmem_max",
                        length);
  case EINVAL:
    return rs_error_set(error, errnum, "the kernel refuses this filter of %u instructions (at most %d, jumps forward only)",
                        length, BPF_MAXINSNS);
  case EPERM:
    return rs_error_set(error, errnum, "the filter of this socket is locked by SO_LOCK_FILTER and cannot be changed");
  default:
    return rs_error_set(error, errnum, "the filter could not be attached: %s", strerror(errnum));
  }
}

int rs_bpf_attach(int fd, const rs_insn *program, uint32_t length, rs_error *error) {
  if (length == 0 || length > BPF_MAXINSNS) return refused(EINVAL, length, error);
  /* sock_fprog wants a pointer to non-const; the kernel only copies from it. */
  struct sock_fprog filter = {.len = (unsigned short)length, .filter = (struct sock_filter *)(uintptr_t)program};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter)) return refused(errno, length, error);
  return 0;
}

int rs_bpf_reject_all(int fd, rs_error *error) {
  const rs_insn nothing = {.code = BPF_RET | BPF_K, .k = 0};
  return rs_bpf_attach(fd, &nothing, 1, error);
}

/* On a scratch socket: first as it is, then by way of `ret #0`. */
static int rehearse_on(int fd, const rs_insn *old, uint32_t old_length, const rs_insn *program, uint32_t length,
                       rs_error *error) {
  int result = old ? rs_bpf_attach(fd, old, old_length, error) : 0;
  if (!result) result = rs_bpf_attach(fd, program, length, error);
  if (result != -ENOMEM || !old) return result;
  result = rs_bpf_reject_all(fd, error);
  return result ? result : rs_bpf_attach(fd, program, length, error);
}

int rs_bpf_rehearse(const rs_insn *old, uint32_t old_length, const rs_insn *program, uint32_t length, rs_error *error) {
  /* Any socket type runs the same checks, charges the same memory, and this one needs no privilege. */
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return rs_error_set(error, errno, "no socket to try the filter on: %s", strerror(errno));
  int result = rehearse_on(fd, old, old_length, program, length, error);
  close(fd);
  return result;
}

int rs_bpf_settle(void) {
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0) return 0;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  close(fd);
  return 0;
}
