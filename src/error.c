/* SPDX-License-Identifier: MIT
 *
 * error.c - the last failure. Its own tiny formatter: printf would bring a stdio into the wasm.
 */
#include "error.h"

#include "rnn.h"
#include "utf8.h"

#include <stdarg.h>

#define SENTENCE_BYTES 256

static _Thread_local char sentence[SENTENCE_BYTES];
static _Thread_local int last_code;

/* A name from a file may hold control characters; in a sentence, perhaps on a terminal, they are blanks. */
static char *put_text(char *out, const char *end, const char *text)
{
    for (; *text && out < end; text++)
        *out++ = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
    return out;
}

static char *put_number(char *out, const char *end, unsigned value, int negative)
{
    char digits[12];
    char *digit = digits + sizeof digits - 1;
    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    if (negative)
        *--digit = '-';
    return put_text(out, end, digit);
}

int fail(int code, const char *format, ...)
{
    char *out = sentence, *end = sentence + sizeof sentence; /* if it is full, it is cut */
    va_list args;
    va_start(args, format);
    for (; *format && out < end; format++) {
        if (*format != '%') {
            *out++ = *format;
            continue;
        }
        format++;
        if (*format == 's')
            out = put_text(out, end, va_arg(args, const char *));
        else if (*format == 'u')
            out = put_number(out, end, va_arg(args, unsigned), 0);
        else { /* 'd': the library uses no other */
            int value = va_arg(args, int);
            out = put_number(out, end, value < 0 ? 0U - (unsigned)value : (unsigned)value, value < 0);
        }
    }
    va_end(args);
    if (out == end)
        out = sentence + utf8_cut(sentence, sizeof sentence - 1);
    *out = 0;
    last_code = code;
    return code;
}

int missing(const void *p) { return p ? 0 : fail(RNN_E_RANGE, "a handle or an address is NULL"); }

const char *rnn_error(void) { return sentence; }
int rnn_error_code(void) { return last_code; }
