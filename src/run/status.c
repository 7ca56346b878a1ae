/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/status.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fs.h"

static void say(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(int fd, const char *fmt, ...)
{
	char line[128];
	va_list args;

	if (fd < 0)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	(void)fs_write_all(fd, line, strlen(line)); /* a reader that left misses it */
}

int status_to_exit(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

void status_started(int fd, int pid)
{
	say(fd, "{\"event\":\"started\",\"pid\":%d}\n", pid);
}

void status_network_lost(int fd)
{
	say(fd, "{\"event\":\"network-lost\"}\n");
}

void status_ended(int fd, int wait_status, int status)
{
	const char *name;

	if (!WIFSIGNALED(wait_status)) {
		say(fd, "{\"event\":\"exited\",\"code\":%d,\"status\":%d}\n",
		    WEXITSTATUS(wait_status), status);
		return;
	}
	name = sigabbrev_np(WTERMSIG(wait_status));
	say(fd, "{\"event\":\"%s\",\"signal\":\"%s\",\"status\":%d}\n",
	    WTERMSIG(wait_status) == SIGSYS ? "policy-killed" : "signaled", name ? name : "?",
	    status);
}

void status_setup_failed(int fd, int status)
{
	say(fd, "{\"event\":\"setup-failed\",\"status\":%d}\n", status);
}
