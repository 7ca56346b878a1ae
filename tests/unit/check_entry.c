/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process is born with. Check forks for each test, so it may be spoilt. */
#include "run/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "testing.h"

static char title[] = "sandbox\0--ro=/secret/place\0true";

static int prepare(struct entry *ret)
{
	char *argv[] = { title, title + 8, title + 27, NULL };

	return entry_prepare(3, argv, ret);
}

static void (*handler_of(int sig))(int)
{
	struct sigaction action;

	ck_assert_int_eq(sigaction(sig, NULL, &action), 0);
	return action.sa_handler;
}

static void handler(int sig)
{
	(void)sig;
}

static const struct {
	int sig;
	bool kept; /* what nohup(1) and '&' ignore */
} signals[] = {
	{ SIGHUP, true },   { SIGINT, true },	{ SIGQUIT, true },  { SIGTERM, false },
	{ SIGCHLD, false }, { SIGPIPE, false }, { SIGUSR1, false }, { SIGTSTP, false },
	{ SIGTTIN, false }, { SIGTTOU, false }, { SIGALRM, false }, { SIGWINCH, false },
	{ SIGCONT, false }, { SIGSEGV, false }, { 34, false },	    { 64, false },
};

START_TEST(test_ignored_signal)
{
	int sig = signals[_i].sig;
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct entry e;

	if (sigaction(sig, &ignore, NULL) < 0)
		return; /* libc has this one for itself */
	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_msg((handler_of(sig) == SIG_IGN) == signals[_i].kept, "signal %d", sig);
	ck_assert(handler_of(sig) == SIG_IGN || handler_of(sig) == SIG_DFL);
	ck_assert(entry_ignored(&e, sig));
	ck_assert_uint_eq(e.ignored & (e.ignored - 1), 0); /* and no other */
	entry_restore(&e);
	ck_assert_msg((handler_of(sig) == SIG_IGN) == signals[_i].kept, "signal %d, restored", sig);
}
END_TEST

START_TEST(test_handler_is_nobodys)
{
	int sig = signals[_i].sig;
	const struct sigaction handle = { .sa_handler = handler };
	struct entry e;

	if (sigaction(sig, &handle, NULL) < 0)
		return;
	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_msg(handler_of(sig) == SIG_DFL, "signal %d", sig);
	ck_assert(!entry_ignored(&e, sig));
}
END_TEST

START_TEST(test_no_signal_is_blocked)
{
	struct entry e;
	sigset_t all, now;

	sigfillset(&all);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &now), 0);
	for (int sig = 1; sig < NSIG; sig++)
		ck_assert_msg(sigismember(&now, sig) != 1, "signal %d", sig);

	ck_assert_int_eq(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	entry_restore(&e);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &now), 0);
	ck_assert_int_eq(sigismember(&now, SIGTERM), 0);
}
END_TEST

static const char *const stdio[] = { "input", "output", "error" };

START_TEST(test_directory_as_stdio_is_refused)
{
	static const int flags[] = { O_RDONLY | O_DIRECTORY, O_PATH | O_DIRECTORY };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		cleanup_fd int dir = open("/", flags[i] | O_CLOEXEC);
		struct entry e = { .closed_stdio = 7 };
		char line[128];

		ck_assert_int_ge(dir, 3);
		ck_assert_int_eq(dup2(dir, _i), _i);
		ck_assert_int_eq(prepare(&e), -EINVAL);
		ck_assert_uint_eq(e.closed_stdio, 7); /* left alone */
		snprintf(line, sizeof(line),
			 "standard %s is a directory, and would lead out of the box\n", stdio[_i]);
		ck_assert_str_eq(logged_text(), line);
		logged_forget();
	}
}
END_TEST

/* A file, a pipe's end, a device. */
START_TEST(test_other_stdio_is_kept)
{
	cleanup_fd int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	int ends[2];
	struct stat before, after;
	struct entry e;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(_i == 0 ? file : ends[1], _i), _i);
	ck_assert_int_eq(fstat(_i, &before), 0);
	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_uint_eq(e.closed_stdio, 0);
	entry_restore(&e);
	ck_assert_int_eq(fstat(_i, &after), 0);
	ck_assert(before.st_dev == after.st_dev && before.st_ino == after.st_ino);
}
END_TEST

START_TEST(test_closed_stdio)
{
	struct stat null, st;
	struct entry e;

	ck_assert_int_eq(stat("/dev/null", &null), 0);
	ck_assert_int_eq(close(_i), 0);
	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_uint_eq(e.closed_stdio, 1u << _i);
	ck_assert_int_eq(fstat(_i, &st), 0);
	ck_assert_uint_eq(st.st_rdev, null.st_rdev);
	entry_restore(&e);
	ck_assert_int_eq(fcntl(_i, F_GETFD), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(test_no_arguments_at_all)
{
	char *argv[] = { NULL };
	struct entry e;

	ck_assert_int_eq(entry_prepare(0, argv, &e), -EINVAL);
	ck_assert_str_eq(logged_text(), "cannot run without a name in argv[0]\n");
}
END_TEST

START_TEST(test_title)
{
	struct entry e;

	ck_assert_int_eq(prepare(&e), 0);
	ck_assert_ptr_eq(e.args, title);
	ck_assert_uint_eq(e.args_size, sizeof(title));
	entry_set_title(&e, "box");
	ck_assert_str_eq(title, "box");
	for (size_t i = 3; i < sizeof(title) - 1; i++)
		ck_assert_msg(title[i] == '\0', "'%c' is left at %zu", title[i], i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("entry");
	TCase *tc = tcase_create("entry");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_ignored_signal, 0, (int)ARRAY_LEN(signals));
	tcase_add_loop_test(tc, test_handler_is_nobodys, 0, (int)ARRAY_LEN(signals));
	tcase_add_test(tc, test_no_signal_is_blocked);
	tcase_add_loop_test(tc, test_directory_as_stdio_is_refused, 0, (int)ARRAY_LEN(stdio));
	tcase_add_loop_test(tc, test_other_stdio_is_kept, 0, (int)ARRAY_LEN(stdio));
	tcase_add_loop_test(tc, test_closed_stdio, 0, (int)ARRAY_LEN(stdio));
	tcase_add_test(tc, test_no_arguments_at_all);
	tcase_add_test(tc, test_title);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
