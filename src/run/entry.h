/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_ENTRY_H
#define RUN_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The state a process is born with belongs to whoever started it: closed
 * stdio, ignored signals, a full signal mask, open descriptors. This makes it
 * ours, and keeps what the program must find again.
 */
struct entry {
	unsigned int closed_stdio; /* bit N: descriptor N was closed */
	uint64_t ignored;	   /* bit N: signal N was ignored */
	char *args;		   /* argv's memory, as /proc/PID/cmdline shows it */
	size_t args_size;
};

/*
 * Refuse to run with privileges of a file (setuid, setgid, file capabilities),
 * or with a directory as one of 0 to 2; open /dev/null on what is closed of
 * those; give every signal its default action (an ignored SIGCHLD makes
 * waitpid(2) fail), but for an ignored SIGHUP, SIGINT or SIGQUIT, which stay so
 * for us and the program; and block none. Logs.
 */
int entry_prepare(int argc, char **argv, struct entry *ret);

/* Close all descriptors above 2 but the n in keep. */
void entry_close_others(const int *keep, size_t n);

/* Was sig ignored by whoever started us, as nohup(1) does with SIGHUP? */
bool entry_ignored(const struct entry *e, int sig);

/*
 * Give the program what the caller had: what was closed is closed, and no
 * signal is blocked.
 */
void entry_restore(const struct entry *e);

/*
 * Let /proc/PID/cmdline and comm say title and nothing else: the command line
 * holds host paths, and is readable by the box even where nothing else of pid
 * 1 is. argv is unusable afterwards.
 */
void entry_set_title(const struct entry *e, const char *title);

#endif
