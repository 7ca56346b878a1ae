/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/nice.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/fs.h"

static int niceness(void)
{
	return getpriority(PRIO_PROCESS, 0);
}

START_TEST(test_higher)
{
	int before = niceness();

	ck_assert_int_lt(before, 18);
	ck_assert_msg(nice_apply(before + 1) == 0, "%s", logged_text());
	ck_assert_int_eq(niceness(), before + 1);
	ck_assert_msg(nice_apply(19) == 0, "%s", logged_text());
	ck_assert_int_eq(niceness(), 19);
}
END_TEST

/* What the caller has done for the machine is not undone. */
START_TEST(test_never_lower)
{
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, 10), 0);
	ck_assert_int_eq(nice_apply(5), 0);
	ck_assert_int_eq(niceness(), 10);
}
END_TEST

/* "/autogroup-123 nice 5" of whatever session we are in. */
static int session_niceness(void)
{
	cleanup_free char *text = NULL;
	int n;

	if (fs_read_file(AT_FDCWD, "/proc/self/autogroup", 100, &text, NULL) < 0 ||
	    sscanf(text, "/autogroup-%*d nice %d", &n) != 1)
		return -100;
	return n;
}

/* The file is opened when the host's /proc is there, the session is made later. */
START_TEST(test_session)
{
	cleanup_fd int fd = nice_open_session();
	int status, before = session_niceness();
	pid_t pid;

	if (fd < 0) {
		ck_assert_int_eq(before, -100);
		return;
	}
	pid = fork(); /* the leader of a process group makes no session */
	if (pid == 0) {
		fd = nice_open_session();
		if (setsid() < 0 || session_niceness() != 0)
			_exit(1);
		nice_apply_session(fd, 7);
		/* others may have had their turn all the time */
		_exit(session_niceness() != (strstr(logged_text(), strerror(EAGAIN)) ? 0 : 7));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(test_no_session)
{
	nice_apply_session(-EBADF, 7);
	ck_assert_str_eq(logged_text(), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nice");
	TCase *tc = tcase_create("nice");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_higher);
	tcase_add_test(tc, test_never_lower);
	tcase_add_test(tc, test_session);
	tcase_add_test(tc, test_no_session);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
