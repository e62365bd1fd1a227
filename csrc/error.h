/* SPDX-License-Identifier: Apache-2.0 */
/* error: a negative errno and a sentence, made in one call. Touches nothing but the rs_error it is given. */
#ifndef RS_ERROR_H
#define RS_ERROR_H

#include "ringscope.h"

/* Writes the sentence (cut at the size of the text) and returns -errnum. `error` may be NULL. */
__attribute__((format(printf, 3, 4))) int rs_error_set(rs_error *error, int errnum, const char *format, ...);

#endif
