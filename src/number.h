/* SPDX-License-Identifier: MIT
 *
 * number.h - the number that a text says, in decimals; strtod would bring much more into the wasm. Leaf.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <math.h>
#include <stdint.h>

static inline int is_digit(char c) { return c >= '0' && c <= '9'; }

/* value * 10^exponent. The powers up to 10^22 are exact, so up to there one operation rounds. */
static inline double times_power_of_ten(double value, int exponent)
{
    for (int left = exponent < 0 ? -exponent : exponent; left > 0; left -= 22) {
        double power = 1.0;
        for (int i = 0; i < left && i < 22; i++)
            power *= 10.0;
        value = exponent < 0 ? value / power : value * power;
    }
    return value;
}

/* Digits, perhaps with a point and an exponent ("12", "0.5", "1e-3"); NaN for any other text. Rounded as by strtod up
 * to 15 digits times 10^-22 to 10^22; beyond that the last bits may differ. */
static inline double number_of(const char *text)
{
    uint64_t mantissa = 0;
    int digits = 0, exponent = 0;
    for (int point = 0; is_digit(*text) || (*text == '.' && !point); text++) {
        if (*text == '.') {
            point = 1;
            continue;
        }
        digits++;
        if (mantissa < UINT64_MAX / 10) {
            mantissa = mantissa * 10 + (uint64_t)(*text - '0');
            exponent -= point;
        } else /* a digit that no double can hold */
            exponent += !point;
    }
    if (digits && (*text == 'e' || *text == 'E')) {
        int sign = text[1] == '-' ? -1 : 1, power = 0;
        text += text[1] == '-' || text[1] == '+' ? 2 : 1;
        digits = is_digit(*text);
        for (; is_digit(*text); text++)
            power = power < 1000 ? 10 * power + (*text - '0') : power;
        exponent += sign * power;
    }
    return digits && !*text ? times_power_of_ten((double)mantissa, exponent) : (double)NAN;
}

#endif
