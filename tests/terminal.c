/* SPDX-License-Identifier: MIT
 *
 * terminal.c - runs a command on a terminal of its own and prints all that the terminal is shown; its exit code is the
 * command's. script(1) does not do: it listens for 10 ms behind the command's end, and a busy machine may bring the
 * last bytes later.
 */
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
    int terminal;
    pid_t child = count > 1 ? forkpty(&terminal, NULL, NULL, NULL) : -1;
    if (child < 0)
        return 125;
    if (!child) {
        execvp(words[1], words + 1);
        _exit(127);
    }
    char bytes[4096];
    for (ssize_t got; (got = read(terminal, bytes, sizeof bytes)) > 0;) /* EIO: nobody has the terminal any more */
        fwrite(bytes, 1, (size_t)got, stdout);
    int status;
    if (waitpid(child, &status, 0) < 0 || fflush(stdout))
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
