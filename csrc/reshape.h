/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reshape: exchanges the rings of a running capture for others, of another geometry or retire timeout, or shared out another
 * way: make before break. The new rings are opened beside the old ones, in groups of their own, and both are fed for some tens
 * of milliseconds. A packet that comes into both has the same time in both, which it got on its arrival: those before a
 * certain time are read from the old rings, those from there on from the new ones, and none is lost or read twice. Where an
 * interface stamps nothing, and the kernel stamps each copy, that holds for all but a packet that comes in the very moment.
 * What the new rings hold waits until the old ones are read: they need room for that long. How many queues there are does not
 * change: each has its arena, its numbers and its readers for as long as the capture lives.
 */
#ifndef RS_RESHAPE_H
#define RS_RESHAPE_H

#include "capture.h"

/* On an error the old rings stay in force. Under `changing`, of a capture that runs. */
int rs_reshape_change(rs_capture *capture, const rs_shape *shape, rs_error *error);

#endif
