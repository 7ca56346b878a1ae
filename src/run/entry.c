/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"

static void open_stdio(struct entry *e)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		e->closed_stdio |= 1u << fd;
		(void)open("/dev/null", O_RDWR); /* the lowest free number is fd */
	}
}

/* From a directory of the host the program could go anywhere on the host (CVE-2024-21626). */
static int check_stdio(void)
{
	static const char *const names[] = { "input", "output", "error" };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return log_invalid("standard %s is a directory, and would lead out of the "
					   "box",
					   names[fd]);
	}
	return 0;
}

/* What of the caller's ignored signals the program inherits. */
static bool is_kept(int sig)
{
	return sig == SIGHUP || sig == SIGINT || sig == SIGQUIT;
}

static void reset_signals(struct entry *e)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction old, plain = { .sa_handler = SIG_DFL };

		if (sigaction(sig, NULL, &old) < 0 || old.sa_handler == SIG_DFL)
			continue;
		if (old.sa_handler == SIG_IGN)
			e->ignored |= UINT64_C(1) << (sig - 1);
		/* nohup(1) and a shell's '&' mean us as well, from the first moment on */
		if (old.sa_handler == SIG_IGN && is_kept(sig))
			continue;
		(void)sigaction(sig, &plain, NULL); /* KILL and STOP have their default */
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int entry_prepare(int argc, char **argv, struct entry *ret)
{
	struct entry e = { 0 };

	open_stdio(&e);
	if (check_stdio() < 0)
		return -EINVAL;
	if (getauxval(AT_SECURE) || geteuid() != getuid() || getegid() != getgid())
		return log_invalid("cannot run setuid, setgid or with file capabilities: nothing "
				   "here needs them, and they would be the caller's to misuse");
	if (argc < 1)
		return log_invalid("cannot run without a name in argv[0]");
	reset_signals(&e);
	e.args = argv[0];
	e.args_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
	*ret = e;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void entry_close_others(const int *keep, size_t n)
{
	cleanup_free int *sorted = xcalloc(n, sizeof(*sorted));
	unsigned int next = STDERR_FILENO + 1;

	if (n > 0) {
		memcpy(sorted, keep, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), compare);
	}
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] < (int)next)
			continue;
		if (sorted[i] > (int)next)
			(void)close_range(next, (unsigned int)sorted[i] - 1, 0);
		next = (unsigned int)sorted[i] + 1;
	}
	(void)close_range(next, UINT_MAX, 0);
}

bool entry_ignored(const struct entry *e, int sig)
{
	return e->ignored & (UINT64_C(1) << (sig - 1));
}

void entry_restore(const struct entry *e)
{
	sigset_t none;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (e->closed_stdio & (1u << fd))
			close(fd);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void entry_set_title(const struct entry *e, const char *title)
{
	(void)prctl(PR_SET_NAME, title, 0, 0, 0);
	memset(e->args, 0, e->args_size);
	if (e->args_size < strlen(title) + 2)
		return;
	strcpy(e->args, title);
	/* A last byte that is not NUL: the kernel then shows up to the first NUL only (proc(5)). */
	e->args[e->args_size - 1] = '.';
}
