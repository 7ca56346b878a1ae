/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/syscalls.h"
#include "kernel/idmap.h"
#include "kernel/nice.h"
#include "kernel/rlimit.h"
#include "run/tty.h"

extern char **environ;

/*
 * Situation: cloned from pid 1 in its namespaces, with all its capabilities.
 * We shed ours while it sheds its own; it has finished, and the filter is
 * there, when it lets us through the gate.
 */
static int shed(const struct plan *p, struct child *c)
{
	int r = 0;

	close(c->gate[1]);
	if (p->program_flags && unshare(p->program_flags) < 0)
		return log_errno(errno, "cannot make the cgroup namespace of the program");
	/* One that is below pid 1's owns nothing: not the mounts, not the network. */
	if (p->ids.two_level && unshare(CLONE_NEWUSER) < 0)
		return log_errno(errno, "cannot make the program's user namespace");
	if (p->ids.two_level)
		r = idmap_write_self(&p->ids.inner_uids, &p->ids.inner_gids);
	if (r == 0 && p->ids.two_level)
		r = idmap_verify(0, &p->ids.inner_uids, &p->ids.inner_gids);
	if (r == 0)
		r = child_shed(p, p->keep_caps);
	if (r < 0)
		return r;
	if (read(c->gate[0], &c->foreground, sizeof(c->foreground)) != sizeof(c->foreground))
		return -EPIPE; /* init has said why */
	return child_install_filter(c);
}

/* A group of its own, which a terminal can have in its foreground, and the pty where it belongs. */
static int take_terminal(const struct plan *p, const struct child *c)
{
	if (!p->inherit_session && setpgid(0, 0) < 0)
		return log_errno(errno, "cannot make a process group for the program");
	if (!p->pty)
		return 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if ((c->slave_fds & (1u << fd)) && dup2(c->slave, fd) < 0)
			return log_errno(errno, "cannot connect the program to its terminal");
	if (c->foreground)
		(void)tty_set_foreground(c->slave, getpgrp());
	return 0;
}

/* All above 2 go at exec, so that a failure of exec can still be told; the kept ones stay. */
static int mark_descriptors(const struct plan *p)
{
	if (close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return log_errno(errno, "cannot close descriptors");
	for (size_t i = 0; i < p->n_keep_fds; i++)
		if (fcntl(p->keep_fds[i], F_SETFD, 0) < 0)
			return log_errno(errno, "cannot keep descriptor %d", p->keep_fds[i]);
	return 0;
}

/* A child of init, which has given up everything for us too, unless we keep some. */
static int prepare(const struct plan *p, struct child *c)
{
	int r = p->program_sheds ? shed(p, c) : 0;

	if (r == 0)
		r = take_terminal(p, c);
	if (r == 0)
		r = mark_descriptors(p);
	if (r == 0 && p->nice > 0)
		r = nice_apply(p->nice);
	/* Last, and not in init: they may be lower than what making a box takes. */
	if (r == 0)
		r = rlimit_apply(p);
	return r;
}

static void run(const struct plan *p, struct child *c) __attribute__((noreturn));

static void run(const struct plan *p, struct child *c)
{
	int failure = PAYLOAD_NOT_MADE;

	if (prepare(p, c) == 0) {
		(void)umask(p->umask);
		environ = p->env.v;
		entry_restore(c->entry);
		execvp(p->argv.v[0], p->argv.v);
		failure = errno;
	}
	(void)!write(c->exec_status[1], &failure, sizeof(failure)); /* init waits for just this */
	_exit(failure == ENOENT ? 127 : 126);
}

/* fork() into the control group: not one instruction runs outside of it. */
static pid_t fork_into(int group)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group,
	};

	return (pid_t)sys_clone3(&args, sizeof(args));
}

/*
 * Init is usually finished when it starts the program, and so may lend it its
 * memory until exec: vfork() spares copying page tables. A program that has to
 * wait, and to give up its privileges by itself, needs its own.
 */
int payload_start(const struct plan *p, struct child *c)
{
	pid_t pid = !p->program_sheds ? vfork() : c->cgroup >= 0 ? fork_into(c->cgroup) : fork();

	if (pid < 0)
		return log_errno(errno, "cannot start the program");
	if (pid == 0)
		run(p, c);
	c->program = pid;
	/* our own child, and not reaped yet: the pid is nobody else's */
	c->program_pidfd = sys_pidfd_open(pid, 0);
	if (c->program_pidfd < 0)
		return log_errno(errno, "cannot watch the program");
	return 0;
}
