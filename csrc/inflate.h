/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate: what compressed bytes stand for. gzip (RFC 1952) by zlib, if the core was built with it; zstd (RFC 8878) by
 * libzstd, which is looked for when a file needs it: so it is an extra for who has it, and nobody needs it to build.
 */
#ifndef RS_INFLATE_H
#define RS_INFLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "ringscope.h"

enum { RS_INFLATE_MAGIC = 4 }; /* bytes by which compressed data are known */

typedef struct rs_inflate rs_inflate;

/* What the data are compressed by, going by their first bytes: "gzip", "zstd", or "". */
const char *rs_inflate_name(const uint8_t *bytes, size_t there);

/* Gets ready for data that rs_inflate_name() gave this name. */
int rs_inflate_open(const char *name, rs_inflate **out, rs_error *error);

/* Turns bytes from *in, of which there are *left, into at most `room` bytes; both move on. Returns how many came out, 0 where
 * more must come in; -EBADMSG: the data are damaged. */
ssize_t rs_inflate_run(rs_inflate *state, const uint8_t **in, size_t *left, uint8_t *out, size_t room, rs_error *error);

/* May the data end here? */
bool rs_inflate_whole(const rs_inflate *state);

/* NULL is allowed. */
void rs_inflate_close(rs_inflate *state);

#endif
