/* SPDX-License-Identifier: Apache-2.0 */
#include "inflate.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#if RS_HAVE_ZLIB
#include <zlib.h>
#endif

#include "error.h"

/* What is needed of zstd.h; it has been so since version 1.0 and is promised to stay. */
typedef struct rs_zstd_in {
  const void *bytes;
  size_t size, at;
} rs_zstd_in;

typedef struct rs_zstd_out {
  void *bytes;
  size_t size, at;
} rs_zstd_out;

typedef struct rs_zstd {
  void *library, *stream;
  void *(*create)(void);
  size_t (*release)(void *);
  size_t (*decompress)(void *, rs_zstd_out *, rs_zstd_in *);
  unsigned (*is_error)(size_t);
  const char *(*error_name)(size_t);
} rs_zstd;

struct rs_inflate {
  bool whole; /* between two members, or frames */
#if RS_HAVE_ZLIB
  z_stream gzip;
#endif
  rs_zstd zstd;
};

static const uint8_t gzip_magic[] = {0x1f, 0x8b}, zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

const char *rs_inflate_name(const uint8_t *bytes, size_t there) {
  if (there >= sizeof gzip_magic && memcmp(bytes, gzip_magic, sizeof gzip_magic) == 0) return "gzip";
  if (there >= sizeof zstd_magic && memcmp(bytes, zstd_magic, sizeof zstd_magic) == 0) return "zstd";
  return "";
}

/* -- gzip ------------------------------------------------------------------------------------------------------------- */

#if RS_HAVE_ZLIB

static int open_gzip(rs_inflate *state, rs_error *error) {
  enum { ONLY_GZIP = 16 }; /* added to the window's bits */
  return inflateInit2(&state->gzip, MAX_WBITS + ONLY_GZIP) == Z_OK ? 0 : rs_error_set(error, ENOMEM, "no memory to decompress");
}

static ssize_t run_gzip(rs_inflate *state, const uint8_t **in, size_t *left, uint8_t *out, size_t room, rs_error *error) {
  z_stream *gzip = &state->gzip;
  if (state->whole && *left) {
    /* Another member, or what does not belong there. */
    if (**in != gzip_magic[0]) return rs_error_set(error, EBADMSG, "what follows there is not compressed by gzip");
    inflateReset(gzip);
    state->whole = false;
  }
  enum { AT_ONCE = 1 << 30 }; /* zlib counts in 32 bits */
  gzip->next_in = (Bytef *)(uintptr_t)*in;
  gzip->avail_in = (uInt)(*left < AT_ONCE ? *left : AT_ONCE);
  gzip->next_out = out;
  gzip->avail_out = (uInt)(room < AT_ONCE ? room : AT_ONCE);
  const int result = state->whole ? Z_BUF_ERROR : inflate(gzip, Z_NO_FLUSH);
  *left -= (size_t)(gzip->next_in - *in);
  *in = gzip->next_in;
  state->whole = state->whole || result == Z_STREAM_END;
  /* What came out before the damage is good; the next call says the same again. */
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR || gzip->next_out > out) return gzip->next_out - out;
  return rs_error_set(error, EBADMSG, "the gzip data are damaged (%s)", gzip->msg ? gzip->msg : "zlib does not say how");
}

static void close_gzip(rs_inflate *state) { inflateEnd(&state->gzip); }

#else

static int open_gzip(rs_inflate *state, rs_error *error) {
  (void)state;
  return rs_error_set(error, ENOSYS, "it is compressed by gzip, and this build has no zlib; decompress it first: gzip -dc FILE | ringscope open -");
}

static ssize_t run_gzip(rs_inflate *state, const uint8_t **in, size_t *left, uint8_t *out, size_t room, rs_error *error) {
  (void)state, (void)in, (void)left, (void)out, (void)room, (void)error;
  return 0;
}

static void close_gzip(rs_inflate *state) { (void)state; }

#endif

/* -- zstd ------------------------------------------------------------------------------------------------------------- */

/* ISO C has no way to make a function of what dlsym() returns; POSIX promises that this one works. */
#define FIND(library, function, name) (*(void **)&(function) = dlsym(library, name))

static int open_zstd(rs_inflate *state, rs_error *error) {
  rs_zstd *zstd = &state->zstd;
  zstd->library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
  const bool found = zstd->library && FIND(zstd->library, zstd->create, "ZSTD_createDStream") &&
                     FIND(zstd->library, zstd->release, "ZSTD_freeDStream") &&
                     FIND(zstd->library, zstd->decompress, "ZSTD_decompressStream") &&
                     FIND(zstd->library, zstd->is_error, "ZSTD_isError") &&
                     FIND(zstd->library, zstd->error_name, "ZSTD_getErrorName");
  if (!found)
    return rs_error_set(error, ENOSYS, "it is compressed by zstd, and there is no libzstd.so.1 here; install it (libzstd1), or "
                                       "decompress it first: zstd -dc FILE | ringscope open -");
  zstd->stream = zstd->create();
  return zstd->stream ? 0 : rs_error_set(error, ENOMEM, "no memory to decompress");
}

static ssize_t run_zstd(rs_inflate *state, const uint8_t **in, size_t *left, uint8_t *out, size_t room, rs_error *error) {
  const rs_zstd *zstd = &state->zstd;
  rs_zstd_in from = {.bytes = *in, .size = *left};
  enum { BLOCK = 128 << 10 }; /* of an error it is not said what came out before: so no more than that is lost */
  rs_zstd_out to = {.bytes = out, .size = room < BLOCK ? room : BLOCK};
  if (state->whole && !*left) return 0;
  const size_t result = zstd->decompress(zstd->stream, &to, &from);
  *in += from.at;
  *left -= from.at;
  if (zstd->is_error(result))
    return rs_error_set(error, EBADMSG, "the zstd data are damaged (%s)", zstd->error_name(result));
  state->whole = result == 0;
  return (ssize_t)to.at;
}

static void close_zstd(rs_inflate *state) {
  if (state->zstd.stream) state->zstd.release(state->zstd.stream);
  if (state->zstd.library) dlclose(state->zstd.library);
}

/* -- either ----------------------------------------------------------------------------------------------------------- */

static bool is_zstd(const rs_inflate *state) { return state->zstd.library != NULL; }

int rs_inflate_open(const char *name, rs_inflate **out, rs_error *error) {
  *out = NULL;
  rs_inflate *state = calloc(1, sizeof *state);
  if (!state) return rs_error_set(error, ENOMEM, "no memory to decompress");
  const int result = strcmp(name, "zstd") == 0 ? open_zstd(state, error) : open_gzip(state, error);
  if (result) {
    close_zstd(state);
    free(state);
    return result;
  }
  *out = state;
  return 0;
}

ssize_t rs_inflate_run(rs_inflate *state, const uint8_t **in, size_t *left, uint8_t *out, size_t room, rs_error *error) {
  return (is_zstd(state) ? run_zstd : run_gzip)(state, in, left, out, room, error);
}

bool rs_inflate_whole(const rs_inflate *state) { return state->whole; }

void rs_inflate_close(rs_inflate *state) {
  if (!state) return;
  if (is_zstd(state))
    close_zstd(state);
  else
    close_gzip(state);
  free(state);
}
