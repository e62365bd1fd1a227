/* SPDX-License-Identifier: Apache-2.0 */
/* Part of ringscope.h: what every part of it uses. */
#ifndef RINGSCOPE_BASE_H
#define RINGSCOPE_BASE_H

#include <stddef.h>
#include <stdint.h>

/* What went wrong, in words for the person at the keyboard. */
typedef struct rs_error {
  char text[320];
} rs_error;

/* One classic BPF instruction: struct sock_filter of linux/filter.h, field by field. */
typedef struct rs_insn {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
} rs_insn;

enum {
  RS_SOURCES_MAX = 64,
  RS_QUEUES_MAX = 256,
  RS_EPOCHS_KEPT = 256, /* filter changes that are remembered */
  RS_SLICES_KEPT = 16384, /* slices of the traffic of each queue: a minute of some milliseconds each */
  RS_SNAPLEN_MAX = 262144,
  RS_READ_MAX = RS_SNAPLEN_MAX + 24, /* bytes of the longest stored packet: with a cooked header and a tag put back */
  RS_BLOCK_MIN = 128 * 1024, /* smaller blocks silently cut GSO frames of up to 65 226 bytes and more */
  RS_STORE_MIN = 1024 * 1024,
};

typedef struct rs_capture rs_capture;
typedef struct rs_file rs_file;
typedef struct rs_store rs_store;
typedef struct rs_losses rs_losses;
typedef struct rs_savefile rs_savefile;
typedef struct rs_view rs_view;
typedef struct rs_search rs_search;

#endif
