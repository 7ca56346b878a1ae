/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/syscalls.h"

void proc_cleanup_pid(pid_t *pid)
{
	int saved_errno = errno;

	if (*pid > 0) {
		kill(*pid, SIGKILL);
		while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	*pid = 0;
	errno = saved_errno;
}

/*
 * The numbers asked for may be numbers we hold, so first move every fd above
 * all of them, then into place. addclosefrom closes the moved ones and
 * whatever else the caller left open.
 */
static int add_fds(posix_spawn_file_actions_t *actions, const struct proc_fd *fds, size_t n_fds)
{
	int first_free = STDERR_FILENO + 1, high = first_free;
	int r = 0;

	for (size_t i = 0; i < n_fds; i++) {
		if (fds[i].as >= first_free)
			first_free = fds[i].as + 1;
		if (fds[i].fd >= high)
			high = fds[i].fd + 1;
	}
	if (high < first_free)
		high = first_free;
	for (size_t i = 0; i < n_fds && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(actions, fds[i].fd, high + (int)i);
	for (size_t i = 0; i < n_fds && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(actions, high + (int)i, fds[i].as);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(actions, first_free);
	return r;
}

pid_t proc_spawn(const char *path, char *const argv[], const struct proc_fd *fds, size_t n_fds)
{
	static char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t pid = -1;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);

	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = add_fds(&actions, fds, n_fds);
	if (r == 0)
		r = posix_spawn(&pid, path, &actions, &attr, argv, env);

	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return r ? -r : pid;
}

int64_t proc_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int proc_wait(pid_t *pid, int timeout_ms)
{
	int status;

	if (timeout_ms >= 0) {
		cleanup_fd int pidfd = sys_pidfd_open(*pid, 0);
		int64_t end = proc_now_ms() + timeout_ms;
		struct pollfd p = { .fd = pidfd, .events = POLLIN };

		if (pidfd < 0)
			return -errno;
		for (;;) {
			int64_t left = end - proc_now_ms();
			int n = poll(&p, 1, left > 0 ? (int)left : 0);

			if (n > 0)
				break;
			if (n == 0)
				return -ETIMEDOUT;
			if (errno != EINTR)
				return -errno;
		}
	}
	while (waitpid(*pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*pid = 0;
	return status;
}

const char *proc_describe_status(int wait_status)
{
	static char text[48];

	if (WIFSIGNALED(wait_status)) {
		const char *name = sigabbrev_np(WTERMSIG(wait_status));

		snprintf(text, sizeof(text), "killed by SIG%s", name ? name : "?");
	} else {
		snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(wait_status));
	}
	return text;
}
