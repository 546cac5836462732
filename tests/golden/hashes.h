/* SPDX-License-Identifier: MIT
 *
 * hashes.h - what tests/hash_test.c and answers_test.c compute on every right build; they print the new value where
 * one differs.
 * Made by `build/tests/hash_test` with gcc 12.2 on x86-64; clang 14 and Emscripten 3.1.69 give the same.
 */
#ifndef HASHES_H
#define HASHES_H

#define HASH_SELF_TEST 0xff22610dU
#define HASH_WEIGHTS 0xaf76136fU
#define HASH_LOGITS 0x5c34bd81U
#define HASH_INT8_LOGITS 0x5c1a42c9U
#define HASH_READER 0x5726e39fU
#define HASH_INT8_READER 0xbf779ee5U
/* answers_test.c: the patterns in the order of its tasks */
#define HASH_PATTERNS {0x3c750005U, 0x27856b50U, 0xcc882b6dU, \
                       0x58aae935U, 0x7ba357a6U, 0xdb23d92eU, 0x9e8177d0U}

#endif
