/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/syscalls.h"
#include "helper/systemd.h"
#include "run/receipt.h"

/* Its own limit is shorter. */
#define SCOPE_TIMEOUT_MS 25000

/* How long the kernel may take to end what was killed in a group. */
#define EMPTY_MS 5000

/* How long we stay for a scope to be taken back that nobody needs. */
#define STOP_MS 1000

#define WORDS_MAX 512

/* The groups that we make in a scope, and in our own. */
#define GROUP_INIT     "init"
#define GROUP_PROGRAM  "program"
#define GROUP_LAUNCHER "sandbox-launcher"

/* What the limits need, and beside that what the receipt would like to tell. */
static int enable(int group, unsigned int needs, unsigned int have)
{
	const unsigned int told = CGROUP_MEMORY | CGROUP_PIDS | CGROUP_IO;

	(void)cgroup_enable(group, told & have & ~needs);
	return cgroup_enable(group, needs & have);
}

/* ---- a scope of systemd's ---- */

/* "sandbox: make", for systemctl status; of letters that every bus takes. */
static char *describe(const char *program)
{
	char *text = xasprintf("sandbox: %s", program);

	for (char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return text;
}

static void make_scope(const struct plan *p, const struct host *h, const char *name, int words,
		       int pid_fd)
{
	cleanup_free char *description = describe(p->argv.v[0]);
	const struct systemd_scope scope = {
		.name = name,
		.description = description,
		.of_system = h->uid == 0,
		.pid_fd = pid_fd,
		.ready_fd = words,
		.limits = &p->cgroup,
	};
	cleanup_free char *why = NULL;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* It may outlive us, to take back a scope; who waits for our output is not to wait for it. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && null >= 0; fd++)
		(void)dup2(null, fd);
	if (systemd_start_scope(&scope, &why) == 0)
		_exit(0);
	(void)fs_write_all(words, why, strlen(why));
	_exit(1);
}

/* Controllers that hierarchies of version 1 have are out of reach, whoever asks. */
static bool is_version_1(void)
{
	cleanup_free char *text = NULL;

	return fs_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, NULL) == 0 &&
	       (strstr(text, ":memory:") || strstr(text, ":pids:") || !strstr(text, "0::/"));
}

int limits_start(const struct plan *p, const struct host *h, struct limits *l)
{
	int words[2], pids[2];
	pid_t maker;

	if (!p->cgroup.wanted || is_version_1() || h->in_user_namespace)
		return 0;
	if (pipe2(words, O_CLOEXEC) < 0)
		return log_errno(errno, "cannot make a pipe");
	l->scope_words = words[0];
	if (pipe2(pids, O_CLOEXEC) < 0) {
		close(words[1]);
		return log_errno(errno, "cannot make a pipe");
	}
	l->scope_pid = pids[1];
	l->scope = xasprintf("sandbox-%d-%llx.scope", (int)getpid(),
			     (unsigned long long)receipt_now_us());
	maker = fork();
	if (maker == 0) {
		close(pids[1]); /* or it would not see us go */
		make_scope(p, h, l->scope, words[1], pids[0]);
	}
	close(words[1]);
	close(pids[0]);
	if (maker < 0)
		return log_errno(errno, "cannot start a process that talks to systemd");
	l->scope_maker = maker;
	return 0;
}

void limits_continue(struct limits *l, pid_t init)
{
	if (l->scope_pid >= 0) /* if it cannot be told, it says why */
		(void)fs_write_all(l->scope_pid, &init, sizeof(init));
}

/* What it said before it closed the pipe; "" if nothing. That it is ready comes alone. */
static char *read_words(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t end = proc_now_ms() + SCOPE_TIMEOUT_MS;
	char *words = xcalloc(1, WORDS_MAX);
	size_t n = 0;

	for (;;) {
		int64_t left = end - proc_now_ms();
		ssize_t got;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			break;
		got = read(fd, words + n, WORDS_MAX - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (*words == SYSTEMD_READY)
			break;
	}
	return words;
}

/*
 * Init is in the scope: move it one down, so that the scope has no process of
 * its own and may hand its controllers on, and make the program's beside it.
 */
static int divide_scope(pid_t init, const struct limits *l, unsigned int needs, char **ret_why)
{
	cleanup_free char *path = NULL;
	cleanup_fd int scope = cgroup_open(init, &path), aside = -EBADF;
	int have, r = scope;

	if (r >= 0 && !strstr(path, l->scope))
		r = -ESRCH; /* other pids than systemd's: we are in a container */
	have = r < 0 ? r : cgroup_available(scope);
	if (have >= 0)
		r = aside = cgroup_make(scope, GROUP_INIT);
	if (r >= 0)
		r = cgroup_move(aside, init);
	if (r >= 0)
		r = enable(scope, needs, (unsigned int)have);
	if (r >= 0)
		r = cgroup_make(scope, GROUP_PROGRAM);
	if (r < 0)
		*ret_why =
			xasprintf("the scope that systemd made cannot be used: %s", strerror(-r));
	/* if init has ended, systemd may have met these while it removed the scope */
	if (r < 0 && scope >= 0 && strstr(path, l->scope)) {
		(void)cgroup_remove(scope, GROUP_INIT, 0);
		(void)cgroup_remove(scope, GROUP_PROGRAM, 0);
		(void)unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
	}
	return r;
}

static int take_scope(pid_t init, struct limits *l, unsigned int needs, char **ret_why)
{
	cleanup_free char *words = NULL;

	if (l->scope_maker == 0) {
		*ret_why = xstrdup("");
		return -ENOENT;
	}
	words = read_words(l->scope_words);
	if (*words != SYSTEMD_READY) {
		*ret_why = *words ? take_ptr(&words) : xstrdup("systemd does not answer");
		return -EHOSTDOWN;
	}
	return divide_scope(init, l, needs, ret_why);
}

/* ---- a group in our own ---- */

/*
 * Removes the program's group when we are gone: on SIGKILL nobody else would.
 * It may be in the same job, and must outlive what ends that.
 */
static void keep(const struct limits *l, int leash)
{
	cleanup_fd int group = openat(l->own, l->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char byte;

	(void)setsid();
	while (read(leash, &byte, 1) < 0 && errno == EINTR)
		continue;
	if (cgroup_remove(l->own, l->name, 0) == -EBUSY) {
		(void)cgroup_kill(group);
		(void)cgroup_remove(l->own, l->name, EMPTY_MS);
	}
	_exit(0);
}

static int start_keeper(struct limits *l)
{
	int leash[2];
	pid_t pid;

	if (pipe2(leash, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(leash[1]);
		/* whoever waits for the end of a pipe of ours is not to wait for this */
		(void)dup2(leash[0], STDIN_FILENO);
		(void)dup2(l->own, STDOUT_FILENO);
		close_range(STDERR_FILENO, ~0U, 0);
		keep(&(struct limits){ .own = STDOUT_FILENO, .name = l->name }, STDIN_FILENO);
	}
	close(leash[0]);
	l->keeper_leash = leash[1];
	if (pid < 0)
		return -errno;
	l->keeper = pid;
	return 0;
}

/*
 * A group that hands controllers on may have no processes itself: those that
 * are in ours, if they are all ours, go into one beside the program's.
 */
static int step_aside(int own)
{
	cleanup_fd int aside = -EBADF;

	if (cgroup_is_root(own))
		return 0;
	aside = cgroup_make(own, GROUP_LAUNCHER);
	return aside < 0 ? aside : cgroup_move_own(own, aside);
}

static int take_own(struct limits *l, unsigned int needs, char **ret_why)
{
	cleanup_free char *path = NULL;
	int have, r;

	l->own = cgroup_open(0, &path);
	if (l->own < 0) {
		*ret_why = xstrdup("no cgroup2 file system shows the group that we are in");
		return l->own;
	}
	have = cgroup_available(l->own);
	l->name = xasprintf("sandbox-%d", (int)getpid());
	r = have < 0 ? have : cgroup_make(l->own, l->name);
	if (r < 0) {
		*ret_why = xasprintf("'%s' is not ours: %s", path, strerror(-r));
		cleanup_fd_fn(&l->own);
		l->own = -EBADF;
		return r;
	}
	l->group = r;
	r = start_keeper(l);
	if (r == 0)
		r = step_aside(l->own);
	if (r == 0)
		r = enable(l->own, needs, (unsigned int)have);
	if (r < 0)
		*ret_why = xasprintf("'%s' cannot hand its controllers on: %s", path,
				     r == -EBUSY ? "there are others in it" : strerror(-r));
	return r < 0 ? r : take_fd(&l->group);
}

/* ---- both ---- */

/* What to do about it, for whoever reads it. */
static char *advise(const struct host *h, unsigned int missing, bool have_scope)
{
	cleanup_free char *names = cgroup_names(missing, " ");

	if (is_version_1())
		return xstrdup("systemd.unified_cgroup_hierarchy=1 on the kernel's command line "
			       "gives it version 2");
	if (have_scope)
		return xasprintf("an administrator adds a drop-in for user@.service with [Service] "
				 "Delegate=%s; then log in anew",
				 names);
	if (h->uid != 0)
		return xasprintf("a login by ssh or at a console has one, and so has everybody "
				 "after: loginctl enable-linger %s",
				 h->user);
	return xstrdup("run it from a systemd service with Delegate=yes");
}

static int report_missing(const struct plan *p, const struct host *h, unsigned int missing,
			  const char *why, bool have_scope)
{
	cleanup_free char *names = cgroup_names(missing, ", ");
	cleanup_free char *advice = advise(h, missing, have_scope);

	if (p->cgroup.may_lack)
		log_warn("%s: not limited: %s (%s)", names, why, advice);
	else
		(void)log_invalid("%s: cannot be limited: %s (%s; --on-unavailable=warn runs it "
				  "without)",
				  names, why, advice);
	return p->cgroup.may_lack ? 0 : -EOPNOTSUPP;
}

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

int limits_finish(const struct plan *p, const struct host *h, pid_t init, int init_pidfd,
		  struct limits *l)
{
	unsigned int needs = cgroup_needs(&p->cgroup), missing = needs;
	cleanup_free char *why_scope = NULL, *why_own = NULL, *why = NULL;
	bool have_scope = false;
	int r;

	if (!p->cgroup.wanted)
		return 0;
	if (is_version_1())
		return report_missing(p, h, needs, "this machine has cgroups of version 1", false);
	r = take_scope(init, l, needs, &why_scope);
	have_scope = r >= 0;
	if (r < 0 && has_ended(init_pidfd))
		return -EPIPE;
	if (r < 0)
		r = take_own(l, needs, &why_own);
	if (r >= 0) {
		int have = cgroup_available(r);

		l->group = r;
		log_info("limits: %s", have_scope ? l->scope : l->name);
		missing = needs & ~(unsigned int)(have < 0 ? 0 : have);
		r = cgroup_set_limits(l->group, &p->cgroup, needs & ~missing);
		if (r < 0)
			return r;
		missing |= (unsigned int)r;
	}
	if (missing == 0)
		return 0;
	if (have_scope)
		why = xstrdup("systemd does not hand that out to you");
	else
		why = xasprintf("%s%s%s", why_scope, *why_scope ? "; and " : "",
				why_own ? why_own : "the group that we are in has it not");
	return report_missing(p, h, missing, why, have_scope);
}

void limits_done(struct limits *l)
{
	cleanup_fd_fn(&l->scope_words);
	cleanup_fd_fn(&l->scope_pid);
	/* Killed, it would leave a scope that systemd is about to make. Its own waits have ends. */
	if (l->scope_maker > 0)
		(void)proc_wait(&l->scope_maker, STOP_MS);
	cleanup_fd_fn(&l->group);
	cleanup_fd_fn(&l->keeper_leash); /* the keeper removes the group now */
	if (l->keeper > 0)
		(void)proc_wait(&l->keeper, EMPTY_MS);
	cleanup_fd_fn(&l->own);
	free(l->scope);
	free(l->name);
}
