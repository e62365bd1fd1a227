/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"

enum { PAGE = 4096 };

static int punch(int fd, uint64_t from, uint64_t size) {
  return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)size);
}

/* A file that has no name in that folder; some file systems can make it only with one. */
static int nameless(const char *folder) {
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  char path[160];
  if (snprintf(path, sizeof path, "%s/ringscope-XXXXXX", folder) >= (int)sizeof path) return -1;
  fd = mkostemp(path, O_CLOEXEC);
  if (fd >= 0) unlink(path);
  return fd;
}

int rs_spool_open(rs_spool *spool, bool dropping, rs_error *error) {
  const char *folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
  *spool = (rs_spool){.fd = -1};
  for (size_t i = 0; i < sizeof folders / sizeof *folders && spool->fd < 0; i++) {
    if (!folders[i] || !*folders[i] || strlen(folders[i]) >= sizeof spool->folder) continue;
    spool->fd = nameless(folders[i]);
    if (spool->fd >= 0 && dropping && punch(spool->fd, 0, PAGE)) rs_spool_close(spool);
    if (spool->fd >= 0) strcpy(spool->folder, folders[i]);
  }
  if (spool->fd < 0 && dropping) {
    spool->fd = memfd_create("ringscope", MFD_CLOEXEC);
    strcpy(spool->folder, "memory");
  }
  if (spool->fd >= 0) return 0;
  return rs_error_set(error, EACCES, "no temporary file can be made in $TMPDIR, /var/tmp or /tmp to keep its bytes in: %s", strerror(errno));
}

void rs_spool_close(rs_spool *spool) {
  if (spool->fd >= 0) close(spool->fd);
  spool->fd = -1;
}

int rs_spool_append(rs_spool *spool, const uint8_t *bytes, size_t size, rs_error *error) {
  while (size) {
    const ssize_t done = pwrite(spool->fd, bytes, size, (off_t)spool->size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0)
      return rs_error_set(error, errno, "the temporary file in %s cannot take more: %s; make room there, or name another folder by TMPDIR",
                          spool->folder, strerror(errno));
    spool->size += (uint64_t)done;
    bytes += done;
    size -= (size_t)done;
  }
  return 0;
}

void rs_spool_drop(rs_spool *spool, uint64_t from, uint64_t to) {
  from = (from + PAGE - 1) / PAGE * PAGE;
  to = to / PAGE * PAGE;
  if (from < to) (void)punch(spool->fd, from, to - from); /* it worked on the first page */
}
