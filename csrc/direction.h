/* SPDX-License-Identifier: Apache-2.0 */
/* direction: what the kernel's filter has to do beside the user's expression: sent or received packets only, and the
 * loopback's packets once. Makes programs; knows no socket. */
#ifndef RS_DIRECTION_H
#define RS_DIRECTION_H

#include <stdbool.h>

#include "ringscope.h"

enum { RS_DIRECTION_ROOM = 8 }; /* instructions that are put before a program at most */

/* The wish of a capture, once its interfaces are known. */
typedef struct rs_direction {
  uint32_t wanted;   /* RS_DIRECTION_* */
  int32_t loopback;  /* cooked captures of all interfaces: ifindex of the loopback, else 0 */
} rs_direction;

/* Should the kernel leave out what is sent before it runs any filter? `loopback`: of this interface. */
bool rs_direction_ignores_outgoing(const rs_direction *direction, bool loopback);

/* Writes the program with what has to come before it to `out`, which has room for RS_DIRECTION_ROOM more instructions than
 * it has. Returns the new length. */
uint32_t rs_direction_apply(const rs_direction *direction, const rs_insn *program, uint32_t length, rs_insn *out);

#endif
