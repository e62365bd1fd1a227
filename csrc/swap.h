/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap: puts a capture filter in force. SO_ATTACH_FILTER only swaps a pointer: packets that passed the old program are still on their
 * way into the ring when it returns, and queues get the new one after each other. Soft: the workers run what comes between
 * two places through the new program, which tells the two apart. Exact: the new program waits at rings of its own, and one
 * flip of the fanout program feeds these. Either way no packet is lost that both filters let pass, and none under the old
 * one comes after the line.
 */
#ifndef RS_SWAP_H
#define RS_SWAP_H

#include "capture.h"

/* The first filter: attached while everything is still rejected. */
int rs_swap_first(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error);

/* Another one. *epoch is its number. On an error the old one stays, or is put back, in force. Under `changing`. */
int rs_swap_change(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error);

/* Attaches the filter in force to a source that was opened again. Under `changing`. */
int rs_swap_resume(rs_capture *capture, rs_source *source, rs_error *error);

/* Attaches the filter in force to a source that is opened beside the one that it will stand for. Under `changing`. */
int rs_swap_attach(rs_capture *capture, rs_source *source, rs_error *error);

/* Lets the queues of a source that is closed pass what they cannot meet any more. Under `changing`, without workers. */
void rs_swap_skip(rs_capture *capture, rs_source *source);

#endif
