/* SPDX-License-Identifier: MIT
 *
 * hashes.h - what tests/hash_test.c computes on every right build; it prints the new value where one differs.
 * Made by `build/tests/hash_test` with gcc 12.2 on x86-64; clang 14 and Emscripten 3.1.69 give the same.
 */
#ifndef HASHES_H
#define HASHES_H

#define HASH_SELF_TEST 0xff22610dU
#define HASH_WEIGHTS 0xaf76136fU
#define HASH_LOGITS 0x5c34bd81U
#define HASH_INT8_LOGITS 0x5c1a42c9U

#endif
