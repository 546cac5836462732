/* SPDX-License-Identifier: MIT
 *
 * check.h - the harness of the C tests: a list of functions named as sentences, and checks that say where
 * and with which numbers they failed, and go on.
 *     int main(int argc, char **argv) { static const test tests[] = {TEST(two_is_two)}; return RUN(tests); }
 * An argument runs only the tests whose name holds it. The exit code is 1 if a check failed or no test ran.
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct { const char *name; void (*run)(void); } test;

#define TEST(function) {#function, function}
#define RUN(tests) run_tests(tests, (int)(sizeof(tests) / sizeof *(tests)), argc > 1 ? argv[1] : "")
#define CHECK(condition) check_failed(!(condition), __FILE__, __LINE__, #condition, 0.0, 0.0, 0.0)
#define CHECK_EQUAL(actual, expected) \
    check_close(__FILE__, __LINE__, #actual, (double)(actual), (double)(expected), 0.0)
#define CHECK_CLOSE(actual, expected, bound) \
    check_close(__FILE__, __LINE__, #actual, (double)(actual), (double)(expected), (double)(bound))

enum { MAX_SHOWN = 10 }; /* per test: a loop that fails everywhere need not fill the screen */
static int failures;

static inline void check_failed(int failed, const char *file, int line, const char *what, double actual,
                                double expected, double bound)
{
    if (failed && ++failures <= MAX_SHOWN)
        printf("%s:%d: %s: %.9g, expected %.9g, bound %.3g\n", file, line, what, actual, expected, bound);
}

/* A NaN is close to nothing. */
static inline void check_close(const char *file, int line, const char *what, double actual, double expected,
                               double bound)
{
    int close = actual == expected || fabs(actual - expected) <= bound;
    check_failed(!close, file, line, what, actual, expected, bound);
}

static inline int run_tests(const test *tests, int count, const char *wanted)
{
    int ran = 0, failed = 0;
    for (int i = 0; i < count; i++)
        if (strstr(tests[i].name, wanted)) {
            failures = 0;
            tests[i].run();
            printf("%s %s\n", failures ? "FAIL" : "ok  ", tests[i].name);
            ran++;
            failed += failures > 0;
        }
    printf("%d tests, %d failed\n", ran, failed);
    return failed > 0 || ran == 0;
}

#endif
