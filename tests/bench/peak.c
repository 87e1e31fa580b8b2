/* peak.c -- runs a command and appends its peak resident memory in MB to a file.
**
**   peak FILE COMMAND...
**
** The command's output goes through, and its exit status is ours. It is a small C program because a child's peak starts
** from its parent's.
** SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    if (argc < 3) {
        fprintf(stderr, "usage: peak FILE COMMAND...\n");
        return 2;
    }
    pid_t pid = vfork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) < 0) return 2;
    FILE *f = fopen(argv[1], "a");
    if (!f) return 2;
    fprintf(f, "%.1f\n", used.ru_maxrss / 1024.0);
    fclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
