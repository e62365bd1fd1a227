/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

static int refuse(const rs_output *output, rs_error *error) {
  return rs_error_set(error, errno, "%s cannot be written: %s", output->path, strerror(errno));
}

/* -- opening ---------------------------------------------------------------------------------------------------------- */

static int open_directly(rs_output *output, int flags, rs_error *error) {
  output->fd = open(output->path, O_WRONLY | O_CLOEXEC | flags, 0666);
  if (output->fd < 0) return refuse(output, error);
  output->owned = true;
  return 0;
}

/* The folder and the name in it, of a path without links at its end. */
static int find_folder(rs_output *output, const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
  if (!folder) return -1;
  output->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int errnum = errno;
  free(folder);
  errno = errnum;
  const char *name = slash ? slash + 1 : path;
  if (output->folder < 0) return -1;
  errno = !*name ? EISDIR : ENAMETOOLONG;
  if (!*name || strlen(name) >= sizeof output->name) return -1;
  memcpy(output->name, name, strlen(name) + 1);
  return 0;
}

/* A name that nobody has: a dot, the name (cut where it would be too long), and six digits. */
static int open_hidden(rs_output *output) {
  enum { TRIES = 100, LONGEST = 255, AROUND = 8 };
  for (int i = 0; i < TRIES; i++) {
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) random = (uint32_t)getpid() + (uint32_t)i;
    snprintf(output->hidden_name, sizeof output->hidden_name, ".%.*s.%06x", LONGEST - AROUND, output->name, random & 0xFFFFFF);
    output->fd = openat(output->folder, output->hidden_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (output->fd >= 0 || errno != EEXIST) break;
  }
  if (output->fd < 0) return -1;
  output->owned = output->hidden = true;
  return 0;
}

/* As the file that is there, which nobody may read who could not before. */
static void resemble(const rs_output *output, const struct stat *there) {
  if (fchown(output->fd, there->st_uid, there->st_gid) && fchown(output->fd, (uid_t)-1, there->st_gid)) {
    /* It is ours alone, then. */
  }
  (void)fchmod(output->fd, there->st_mode & 0777);
}

static int open_named(rs_output *output, rs_error *error) {
  struct stat there;
  bool exists = stat(output->path, &there) == 0;
  if (exists && S_ISDIR(there.st_mode)) errno = EISDIR;
  if (exists && S_ISDIR(there.st_mode)) return refuse(output, error);
  if (exists && !S_ISREG(there.st_mode)) return open_directly(output, 0, error);
  struct stat link;
  if (!exists && lstat(output->path, &link) == 0) return open_directly(output, O_CREAT | O_TRUNC, error); /* leads nowhere yet */
  char *whole = exists ? realpath(output->path, NULL) : strdup(output->path);
  int result = whole ? find_folder(output, whole) : -1;
  if (!result) result = open_hidden(output);
  int errnum = errno;
  free(whole);
  errno = errnum;
  if (!result && exists) resemble(output, &there);
  if (!result) return 0;
  /* A file that may be written in a folder that may not. */
  if (exists && (errno == EACCES || errno == EPERM || errno == EROFS)) {
    close(output->folder);
    output->folder = -1;
    return open_directly(output, O_TRUNC, error);
  }
  return refuse(output, error);
}

/* Can what was written be taken back? Not where others append to the same file. */
static void find_start(rs_output *output) {
  struct stat is;
  output->regular = fstat(output->fd, &is) == 0 && S_ISREG(is.st_mode) && !(fcntl(output->fd, F_GETFL) & O_APPEND);
  output->start = output->regular ? lseek(output->fd, 0, SEEK_CUR) : 0;
}

int rs_output_open(rs_output *output, const char *path, rs_error *error) {
  *output = (rs_output){.fd = -1, .folder = -1, .path = strdup(strcmp(path, "-") == 0 ? "standard output" : path)};
  if (!output->path) return rs_error_set(error, ENOMEM, "no memory to write a file");
  int result = 0;
  if (strcmp(path, "-") == 0)
    output->fd = STDOUT_FILENO;
  else
    result = open_named(output, error);
  if (result)
    rs_output_discard(output);
  else
    find_start(output);
  return result;
}

/* -- writing ---------------------------------------------------------------------------------------------------------- */

int rs_output_put(rs_output *output, const void *bytes, size_t size, size_t *done, rs_error *error) {
  const uint8_t *from = bytes;
  *done = 0;
  while (*done < size) {
    ssize_t more = write(output->fd, from + *done, size - *done);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return refuse(output, error);
    *done += (size_t)more;
    output->size += (uint64_t)more;
  }
  return 0;
}

void rs_output_trim(rs_output *output, uint64_t size) {
  if (!output->regular || size >= output->size) return;
  off_t end = output->start + (off_t)size;
  /* Nothing more can be done about an error here; the one that led to it is reported. */
  if (lseek(output->fd, end, SEEK_SET) == end && ftruncate(output->fd, end) == 0) output->size = size;
}

/* -- names ------------------------------------------------------------------------------------------------------------ */

static int give_name(rs_output *output, rs_error *error) {
  if (!output->hidden) return 0;
  if (renameat(output->folder, output->hidden_name, output->folder, output->name))
    return rs_error_set(error, errno, "%s cannot be given its name: %s; what was written is in %s, if it is still there",
                        output->path, strerror(errno), output->hidden_name);
  output->hidden = false;
  return 0;
}

int rs_output_publish(rs_output *output, rs_error *error) {
  if (output->regular && fdatasync(output->fd)) return refuse(output, error);
  return give_name(output, error);
}

bool rs_output_was_moved(const rs_output *output) {
  if (output->folder < 0 || output->hidden) return false;
  struct stat ours, there;
  if (fstat(output->fd, &ours)) return false;
  return fstatat(output->folder, output->name, &there, 0) || there.st_ino != ours.st_ino || there.st_dev != ours.st_dev;
}

static int let_go(rs_output *output) {
  int result = 0;
  if (output->owned && output->fd >= 0) result = close(output->fd);
  int errnum = errno;
  if (output->folder >= 0) close(output->folder);
  output->fd = output->folder = -1;
  output->owned = output->hidden = false;
  errno = errnum;
  return result;
}

int rs_output_close(rs_output *output, rs_error *error) {
  int result = give_name(output, error);
  /* close(2) may tell of an error that came late. */
  if (let_go(output) && !result) result = refuse(output, error);
  free(output->path);
  output->path = NULL;
  return result;
}

void rs_output_discard(rs_output *output) {
  if (output->hidden) (void)unlinkat(output->folder, output->hidden_name, 0);
  (void)let_go(output);
  free(output->path);
  output->path = NULL;
}
