/* SPDX-License-Identifier: MIT
 *
 * cli_options.c - how the command ends, and its options: a table per command, which help and parsing read.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ends ---- */

/* A sentence may have a path in it, and a path may have control characters. */
static void say(const char *format, va_list args)
{
    char sentence[8192];
    vsnprintf(sentence, sizeof sentence, format, args);
    sentence[fitting_bytes(sentence, sizeof sentence - 2)] = 0; /* what is longer was cut, perhaps amid a character */
    print_text(stderr, sentence, strlen(sentence));
    fputc('\n', stderr);
}

static void complain(const char *format, va_list args)
{
    fputs("nextchar: ", stderr);
    say(format, args);
}

void note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
}

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    exit(1);
}

void misuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    fputs("Try nextchar --help, or nextchar COMMAND --help.\n", stderr);
    exit(2);
}

void *allocate(size_t bytes)
{
    void *p = calloc(bytes ? bytes : 1, 1);
    if (!p)
        die("no memory for %zu bytes", bytes);
    return p;
}

char *join(const char *a, const char *b)
{
    return strcat(strcpy(allocate(strlen(a) + strlen(b) + 1), a), b);
}

/* ---- values ---- */

static double real(const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end)
        misuse("--%s needs a number, not \"%s\"", name, text);
    return value;
}

static long whole(const char *name, const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 0 || value > 0xffffffff)
        misuse("--%s needs a whole number from 0 to 4294967295, not \"%s\"", name, text);
    return value;
}

static void add_pair(const char *name, pairs *list, const char *text)
{
    if (!strchr(text, '=') || *text == '=' || list->count == 64)
        misuse("--%s needs KEY=VALUE, at most 64 times, not \"%s\"", name, text);
    list->text[list->count++] = text;
}

/* Of a setting that is given twice, the last one counts. */
static void set_setting(const char *name, recipe_settings *all, const char *text)
{
    int i = 0;
    if (rnn_recipe_set(all->recipe, name, text))
        misuse("--%s", rnn_error());
    while (i < all->count && strcmp(all->given[i].name, name) != 0)
        i++;
    all->given[i].name = name;
    all->given[i].text = text;
    all->count += i == all->count;
}

static void set_option(const option *o, const char *text)
{
    if (o->kind == TEXT)
        *(const char **)o->value = text;
    else if (o->kind == WHOLE)
        *(long *)o->value = whole(o->name, text);
    else if (o->kind == REAL)
        *(double *)o->value = real(o->name, text);
    else if (o->kind == PAIRS)
        add_pair(o->name, o->value, text);
    else
        set_setting(o->name, o->value, text);
}

/* ---- help ---- */

static void print_default(const option *o)
{
    const char *text = o->kind == TEXT ? *(const char **)o->value : NULL;
    if (o->kind == SETTING)
        text = rnn_recipe_get(((recipe_settings *)o->value)->recipe, o->name);
    if (text)
        printf(" (%s)", text);
    else if (o->kind == WHOLE)
        printf(" (%ld)", *(long *)o->value);
    else if (o->kind == REAL)
        printf(" (%g)", *(double *)o->value);
}

static __attribute__((noreturn)) void print_help(const char *usage, const option *options)
{
    printf("usage: nextchar %s\n\n", usage);
    for (const option *o = options; o->name; o++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", o->name, o->argument ? o->argument : "");
        printf("  %-28s %s", left, o->help);
        print_default(o);
        putchar('\n');
    }
    end_output();
    exit(0);
}

/* ---- parsing ---- */

/* The option that --name or --name=value means; length gets that of the name. */
static const option *find_option(const option *options, const char *arg, size_t *length)
{
    *length = strcspn(arg + 2, "=");
    while (options->name && (strncmp(options->name, arg + 2, *length) != 0 || options->name[*length]))
        options++;
    if (!options->name)
        misuse("there is no option %s", arg);
    return options;
}

int parse(int argc, char **argv, const char *usage, option *options, const char **operands, int most)
{
    int count = 0;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            print_help(usage, options);
        if (strncmp(argv[i], "--", 2) != 0) {
            if (count == most)
                misuse("one operand too many: %s", argv[i]);
            operands[count++] = argv[i];
            continue;
        }
        size_t length;
        const option *o = find_option(options, argv[i], &length);
        const char *value = argv[i][2 + length] ? argv[i] + 3 + length : NULL;
        if (o->kind == FLAG) {
            if (value)
                misuse("--%s takes no value", o->name);
            *(int *)o->value = 1;
        } else if (value || i + 1 < argc)
            set_option(o, value ? value : argv[++i]);
        else
            misuse("--%s needs %s", o->name, o->argument);
    }
    return count;
}
