/* SPDX-License-Identifier: MIT
 *
 * error.h - the last failure: one sentence and its code. Leaf; everyone may include it.
 */
#ifndef ERROR_H
#define ERROR_H

/* Keeps the sentence (printf's %d %u %s only; longer ones are cut between characters) and returns code. */
__attribute__((format(printf, 2, 3))) int fail(int code, const char *format, ...);

/* Of a handle or an address that must not be NULL: RNN_E_RANGE, with its sentence, if it is; else 0. */
int missing(const void *p);

#endif
