/* SPDX-License-Identifier: MIT
 *
 * hash.h - a hash of the bits of floats: equal hashes on two builds mean equal numbers.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static uint32_t hash_floats(uint32_t hash, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, x + i, sizeof word);
        hash = (hash ^ word) * 0x01000193U; /* FNV-1a over words */
    }
    return hash;
}

#endif
