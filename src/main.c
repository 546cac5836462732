/* SPDX-License-Identifier: MIT
 *
 * main.c - the nextchar command: the table of its commands.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {{"train", command_train, "learn from a text file"},
                {"write", command_write, "write text"},
                {"answer", command_answer, "answer lines with a network of examples"},
                {"score", command_score, "measure bits per character of a text"},
                {"inspect", command_inspect, "say what a weights file holds"},
                {"quantize", command_quantize, "make a weights file four times smaller"},
                {"markov", command_markov, "bits per token by counting: the baseline"},
                {"novelty", command_novelty, "find what of a text is copied from another"}};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_version(void)
{
    int version = rnn_version();
    printf("nextchar %d.%d.%d (%s): a recurrent network that reads and writes text\n", version / 10000,
           version / 100 % 100, version % 100, rnn_isa());
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (strcmp(name, "--help") != 0 && strcmp(name, "--version") != 0)
        misuse("there is no command %s", name);
    print_version();
    for (int i = 0; i < COMMANDS && strcmp(name, "--version") != 0; i++)
        printf("  nextchar %-10s %s\n", commands[i].name, commands[i].help);
    return argc > 1 ? 0 : 2;
}

int main(int argc, char **argv)
{
    begin_output();
    int code = run(argc, argv);
    end_output();
    return code;
}
