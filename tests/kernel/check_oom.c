/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/oom.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/fs.h"

static int score(void)
{
	cleanup_free char *text = NULL;

	ck_assert_int_eq(fs_read_file(AT_FDCWD, "/proc/self/oom_score_adj", 16, &text, NULL), 0);
	return atoi(text);
}

START_TEST(test_higher_and_inherited)
{
	int status;
	pid_t pid;

	ck_assert_msg(oom_apply(990) == 0, "%s", logged_text());
	ck_assert_int_eq(score(), 990);
	pid = fork();
	if (pid == 0)
		_exit(score() == 990 ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* One that the caller's session has set is not taken back, though the kernel may let us. */
START_TEST(test_never_lower)
{
	ck_assert_int_eq(oom_apply(1000), 0);
	ck_assert_msg(oom_apply(0) == 0, "%s", logged_text());
	ck_assert_int_eq(score(), 1000);
}
END_TEST

/* It is for the time before the box is closed: nobody sets it in silence later. */
START_TEST(test_undumpable)
{
	if (getuid() == 0)
		return;
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(oom_apply(1000), -EACCES);
	ck_assert_str_eq(logged_text(),
			 "cannot set the box's score for the out-of-memory killer: Permission "
			 "denied (--oom-score= leaves it as it is)\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("oom");
	TCase *tc = tcase_create("oom");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_higher_and_inherited);
	tcase_add_test(tc, test_never_lower);
	tcase_add_test(tc, test_undumpable);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
