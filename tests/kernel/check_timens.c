/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/timens.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "userns.h"

static void start(void)
{
	logged_start();
	userns_enter(0);
}

static time_t now(clockid_t clock)
{
	struct timespec ts;

	ck_assert_int_eq(clock_gettime(clock, &ts), 0);
	return ts.tv_sec;
}

/*
 * In a child, as check(3) itself reads the monotonic clock. The exit status
 * says which clock did not move as it should, give or take a minute.
 */
static bool moved(time_t before, time_t after, time_t by)
{
	return after - before >= by && after - before <= by + 60;
}

static void shift_both(void)
{
	const struct config_time offsets = { .set = true, .monotonic = 7200, .boottime = 86400 };
	time_t mono = now(CLOCK_MONOTONIC), boot = now(CLOCK_BOOTTIME), real = now(CLOCK_REALTIME);

	if (timens_enter(&offsets) < 0)
		_exit(1);
	if (!moved(mono, now(CLOCK_MONOTONIC), 7200))
		_exit(2);
	if (!moved(boot, now(CLOCK_BOOTTIME), 86400))
		_exit(3);
	_exit(moved(real, now(CLOCK_REALTIME), 0) ? 0 : 4); /* nobody can shift that one */
}

START_TEST(test_each_clock_by_its_own)
{
	time_t boot = now(CLOCK_BOOTTIME);

	userns_in_child(shift_both);
	ck_assert(moved(boot, now(CLOCK_BOOTTIME), 0)); /* the child's alone */
}
END_TEST

static void shift_and_fork(void)
{
	const struct config_time offsets = { .set = true, .monotonic = 0, .boottime = 5000 };
	time_t boot = now(CLOCK_BOOTTIME);
	int status = -1;

	if (timens_enter(&offsets) < 0)
		_exit(1);
	if (fork() == 0)
		_exit(moved(boot, now(CLOCK_BOOTTIME), 5000) ? 0 : 2);
	_exit(wait(&status) > 0 && status == 0 ? 0 : 3);
}

START_TEST(test_children_have_the_same_clocks)
{
	userns_in_child(shift_and_fork);
}
END_TEST

START_TEST(test_before_the_machine_was_started)
{
	const struct config_time offsets = { .set = true, .monotonic = -(INT64_C(1) << 31) };

	ck_assert_int_eq(timens_enter(&offsets), -ERANGE);
	ck_assert_str_eq(
		logged_text(),
		"cannot shift the clocks by -2147483648 and 0 seconds: Numerical result out "
		"of range (a clock would go below zero, that is, before the machine was "
		"started)\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timens");
	TCase *tc = tcase_create("timens");

	userns_require();
	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, test_each_clock_by_its_own);
	tcase_add_test(tc, test_children_have_the_same_clocks);
	tcase_add_test(tc, test_before_the_machine_was_started);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
