/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/timens.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

int timens_enter(const struct config_time *time)
{
	cleanup_free char *text = xasprintf("monotonic %lld 0\nboottime %lld 0\n",
					    (long long)time->monotonic, (long long)time->boottime);
	cleanup_fd int ns = -EBADF;
	int r;

	if (unshare(CLONE_NEWTIME) < 0)
		return log_errno(errno, "cannot make a time namespace");
	r = fs_write_file(AT_FDCWD, "/proc/self/timens_offsets", text);
	if (r < 0)
		return log_errno_hint(r,
				      r == -ERANGE ? "a clock would go below zero, that is, before "
						     "the machine was started"
						   : NULL,
				      "cannot shift the clocks by %lld and %lld seconds",
				      (long long)time->monotonic, (long long)time->boottime);
	ns = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWTIME) < 0)
		return log_errno(errno, "cannot enter the time namespace");
	return 0;
}
