/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/nice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* The kernel lets all unprivileged ones together do it once in 100 ms. */
#define SESSION_TRIES 50
#define SESSION_NAP   ((const struct timespec){ .tv_nsec = 10000000 })

int nice_apply(int n)
{
	if (getpriority(PRIO_PROCESS, 0) >= n)
		return 0;
	if (setpriority(PRIO_PROCESS, 0, n) < 0)
		return log_errno(errno, "cannot set the niceness %d", n);
	if (getpriority(PRIO_PROCESS, 0) != n)
		return log_errno(EIO, "cannot set the niceness %d", n);
	return 0;
}

int nice_open_session(void)
{
	int fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -EBADF : fd;
}

void nice_apply_session(int fd, int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n), err = 0;

	if (fd < 0)
		return;
	for (int i = 0; i < SESSION_TRIES; i++) {
		if (write(fd, text, (size_t)length) == length)
			return;
		err = errno;
		if (err != EAGAIN)
			break;
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &SESSION_NAP, NULL);
	}
	log_warn(
		"nice: the box counts as much as any other session, if this kernel groups them: %s",
		strerror(err));
}
