/* SPDX-License-Identifier: Apache-2.0 */
/* spool: bytes that cannot be read twice where they come from, in a temporary file without a name, so that it is gone with the
 * process whatever happens. One thread appends and drops; everybody may read. */
#ifndef RS_SPOOL_H
#define RS_SPOOL_H

#include <stdbool.h>

#include "ringscope.h"

typedef struct rs_spool {
  int fd;           /* -1: there is none */
  uint64_t size;    /* bytes appended */
  char folder[128]; /* where it is */
} rs_spool;

/* In the first of $TMPDIR, /var/tmp and /tmp that lets us. `dropping`: where room can be given back, or else in memory. */
int rs_spool_open(rs_spool *spool, bool dropping, rs_error *error);
void rs_spool_close(rs_spool *spool);

/* Appends all of it, or says why not. */
int rs_spool_append(rs_spool *spool, const uint8_t *bytes, size_t size, rs_error *error);

/* Gives the room of these bytes back, as far as they fill whole pages; who reads them finds zeros. */
void rs_spool_drop(rs_spool *spool, uint64_t from, uint64_t to);

#endif
