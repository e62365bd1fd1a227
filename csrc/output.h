/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output: a file as it is written: under a hidden name in the folder where it shall be, given its own name when it is
 * finished, so that nobody finds half a file there, and an older one stays until then. What is no regular file (a FIFO, a
 * device, standard output) is written directly.
 */
#ifndef RS_OUTPUT_H
#define RS_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "ringscope.h"

typedef struct rs_output {
  int fd;        /* -1: closed */
  int folder;    /* descriptor of the folder, -1: written directly */
  bool owned;    /* the descriptor is ours to close; standard output is not */
  bool regular;  /* what was written can be taken back */
  bool hidden;   /* under the hidden name */
  off_t start;   /* where in the file we began */
  uint64_t size; /* bytes written */
  char *path;    /* as it was asked for; owned */
  char name[256], hidden_name[256]; /* in the folder */
} rs_output;

/* Where there is a regular file already, its mode and, as far as we may, its owner are kept. "-" is standard output. */
int rs_output_open(rs_output *output, const char *path, rs_error *error);

/* Writes all of it. On an error *done says how much was written of it. */
int rs_output_put(rs_output *output, const void *bytes, size_t size, size_t *done, rs_error *error);

/* Takes back what was written beyond `size`, where that is possible. */
void rs_output_trim(rs_output *output, uint64_t size);

/* Hands what was written to the disk, and gives the file its name, under which it can be written on. */
int rs_output_publish(rs_output *output, rs_error *error);

/* Is there a file of our name that is not ours (any more), or none? Of what is written directly: no. */
bool rs_output_was_moved(const rs_output *output);

/* Gives the file its name and closes it. Frees all, also on an error. Idempotent. */
int rs_output_close(rs_output *output, rs_error *error);

/* Closes it and removes what is hidden. Idempotent. */
void rs_output_discard(rs_output *output);

#endif
