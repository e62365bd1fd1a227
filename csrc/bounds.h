/* SPDX-License-Identifier: Apache-2.0 */
/* bounds: what a capture may be asked for. */
#ifndef RS_BOUNDS_H
#define RS_BOUNDS_H

#include "ringscope.h"

/* 0, or -EINVAL and a sentence that names the number that cannot be. */
int rs_bounds_check(const rs_config *config, rs_error *error);

#endif
