/* SPDX-License-Identifier: MIT
 *
 * utf8.h - one well-formed UTF-8 sequence at a time (Unicode 15, table 3-7). Leaf.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the sequence at p (p < end); 0 if it is none: overlong, a surrogate, above U+10FFFF or cut. */
static inline int utf8_length(const unsigned char *p, const unsigned char *end)
{
    int length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (length < 2 || end - p < length)
        return length == 1;
    unsigned char least = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char most = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < least || p[1] > most)
        return 0;
    for (int i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Where a text may be cut so that no sequence is split: at a byte of it, or else before. */
static inline size_t utf8_cut(const char *text, size_t at)
{
    while (at && (text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* The code point of a well-formed sequence of that length. */
static inline uint32_t utf8_decode(const unsigned char *p, int length)
{
    uint32_t point = length == 1 ? p[0] : p[0] & (0xFFU >> (length + 1));
    for (int i = 1; i < length; i++)
        point = point << 6 | (p[i] & 0x3FU);
    return point;
}

/* Writes the sequence of a code point, returns its bytes (1 to 4). */
static inline int utf8_encode(uint32_t point, char *out)
{
    int length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (int i = length - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(lead[length] | point);
    return length;
}

#endif
