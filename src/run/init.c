/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/init.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "run/payload.h"
#include "run/status.h"
#include "run/tty.h"

/* What making the box took is given back once the program turns out to live on. */
#define TRIM_AFTER_MS 200

/* How long the launcher may take to look at what the program's control group has used. */
#define MEASURE_MS 1000

/*
 * Let go of the program's stdio, or its reader would wait for our end of a pipe
 * when the program has long closed its own.
 */
static void release_stdio(const struct plan *p, const struct child *c)
{
	const int keep[] = { c->sync->fd, c->slave, c->child_signals };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)p;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (null >= 0)
			(void)dup2(null, fd);
		else
			close(fd);
	}
	entry_close_others(keep, ARRAY_LEN(keep));
}

/* The program is executed when its end of the pipe closes without a word. */
static int await_exec(struct child *c)
{
	int failure;
	ssize_t n;

	close(c->exec_status[1]);
	while ((n = read(c->exec_status[0], &failure, sizeof(failure))) < 0 && errno == EINTR)
		continue;
	close(c->exec_status[0]);
	if (n == 0)
		return sync_announce(c->sync, STAGE_PROGRAM_RUNNING, 0, c->program_pidfd);
	(void)sync_announce(c->sync, STAGE_EXEC_FAILED, n == sizeof(failure) ? failure : -1, -1);
	return -ENOEXEC;
}

static bool is_job_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Reap all that ended. Returns true, and how, when the program is among them. */
static bool reap(struct child *c, int *ret_status)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(c->child_signals, &info, sizeof(info)) > 0)
		continue; /* one may stand for many */
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status) && pid == c->program && !is_job_stop(WSTOPSIG(status))) {
			/*
			 * A stop by ptrace(2): PTRACE_TRACEME made us the tracer, and we trace
			 * nobody. What it calls a signal must never reach the caller's job.
			 */
			(void)kill(pid, SIGKILL);
		} else if (WIFSTOPPED(status) && pid == c->program) {
			c->stopped = true;
			(void)sync_announce(c->sync, STAGE_PROGRAM_STOPPED, WSTOPSIG(status), -1);
		}
		if (!WIFSTOPPED(status) && pid == c->program) {
			*ret_status = status;
			return true;
		}
	}
	return false;
}

/* The program's group; or with an inherited session only itself: the group is the caller's. */
static void signal_program(const struct plan *p, const struct child *c, int sig)
{
	(void)kill(p->inherit_session ? c->program : -c->program, sig);
}

/* A program that was stopped gets it, as from a shell; else the group it was taken from. */
static void give_terminal(struct child *c, bool active)
{
	if (active && c->stopped)
		(void)tty_set_foreground(c->slave, c->program);
	else
		(void)tty_set_active(c->slave, active, &c->group);
}

static int obey(const struct plan *p, struct child *c)
{
	int value, r = sync_receive(c->sync);

	if (r < 0)
		return r;
	if (sync_take(c->sync, STAGE_STOP, &value, NULL))
		signal_program(p, c, value);
	if (sync_take(c->sync, STAGE_CONTINUE, &value, NULL)) {
		if (c->slave >= 0)
			give_terminal(c, value);
		c->stopped = false;
		signal_program(p, c, SIGCONT);
	}
	return 0;
}

/*
 * Situation: pid 1 of the box, in all its namespaces and its root, without a
 * capability, not dumpable, under the program's own filter and domain. All
 * signals are blocked; those from inside never reach us anyway.
 */
int init_run(const struct plan *p, struct child *c)
{
	struct pollfd fds[] = {
		{ .fd = c->child_signals, .events = POLLIN },
		{ .fd = c->sync->fd, .events = POLLIN },
	};
	bool trimmed = false;
	int status, n;

	close(c->gate[0]);
	close(c->gate[1]);
	if (await_exec(c) < 0)
		return 125;
	cleanup_fd_fn(&c->program_pidfd);
	c->group = c->program;
	release_stdio(p, c);
	for (;;) {
		if (reap(c, &status)) {
			(void)sync_announce(c->sync, STAGE_PROGRAM_ENDED, status, -1);
			if (c->cgroup >= 0) /* with us the group may end */
				(void)sync_await(c->sync, STAGE_MEASURED, MEASURE_MS);
			return status_to_exit(status);
		}
		n = poll(fds, ARRAY_LEN(fds), trimmed ? -1 : TRIM_AFTER_MS);
		if (n == 0)
			trimmed = malloc_trim(0) >= 0;
		if (n > 0 && fds[1].revents && obey(p, c) < 0)
			return 125; /* the launcher is gone, and its death signal on its way */
	}
}
