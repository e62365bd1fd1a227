/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ringscope.h: the only header the outside sees. Its parts are in the folder of the same name.
 *
 * A capture reads one interface, several, or all of them through AF_PACKET rings (TPACKET_V3), one queue a ring. Threads of
 * the capture copy packets out of the rings into a bounded store, where every packet has a number: 1, 2, 3 ... in time
 * order over all queues, given once.
 * A file is the same: a store that grows while a thread finds out where in the file its packets are.
 * Nothing here calls back; callers ask, from any thread, and reading never makes a capture thread wait.
 *
 * Functions that can fail return 0 or a negative errno and put one sentence with cause and cure into `error`.
 */
#ifndef RINGSCOPE_H
#define RINGSCOPE_H

#include "ringscope/base.h"
#include "ringscope/packets.h"
#include "ringscope/capture.h"
#include "ringscope/files.h"
#include "ringscope/views.h"
#include "ringscope/savefile.h"

#endif
