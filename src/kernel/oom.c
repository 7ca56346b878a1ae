/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/oom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

static int read_score(int fd, int *ret)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		return -errno;
	*ret = atoi(text);
	return 0;
}

static int write_score(int fd, int score)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", score);

	return pwrite(fd, text, (size_t)n, 0) == n ? 0 : -errno;
}

int oom_apply(int score)
{
	cleanup_fd int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	int now = 0, r = fd < 0 ? -errno : read_score(fd, &now);

	if (r == 0 && now >= score)
		return 0;
	if (r == 0)
		r = write_score(fd, score);
	if (r == 0)
		r = read_score(fd, &now);
	if (r == 0 && now != score)
		r = -EIO;
	return r < 0 ? log_errno_hint(r, "--oom-score= leaves it as it is",
				      "cannot set the box's score for the out-of-memory killer")
		     : 0;
}
