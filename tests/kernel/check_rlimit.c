/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/rlimit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../unit/testing.h"

static struct plan one(int resource, rlim_t value)
{
	return (struct plan){ .limits = { { resource, "it", value } }, .n_limits = 1 };
}

static void check_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit((__rlimit_resource_t)resource, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, soft);
	ck_assert_uint_eq(limit.rlim_max, hard);
}

START_TEST(test_soft_and_hard)
{
	const struct plan p = { .limits = { { RLIMIT_NOFILE, "open-files", 40 },
					    { RLIMIT_CORE, "core", 1 } },
				.n_limits = 2 };

	ck_assert_msg(rlimit_apply(&p) == 0, "%s", logged_text());
	check_limit(RLIMIT_NOFILE, 40, 40);
	check_limit(RLIMIT_CORE, 1, 1);
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_DUPFD, 40), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* A limit of the caller's that is lower already holds: no failure, and no more. */
START_TEST(test_a_lower_limit_stays)
{
	const struct plan low = one(RLIMIT_NOFILE, 50), high = one(RLIMIT_NOFILE, 100);
	const struct plan most = one(RLIMIT_NOFILE, RLIM_INFINITY);
	const struct rlimit soft = { 30, 50 };

	ck_assert_int_eq(rlimit_apply(&low), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &soft), 0);
	ck_assert_int_eq(rlimit_apply(&high), 0);
	check_limit(RLIMIT_NOFILE, 50, 50);
	ck_assert_int_eq(rlimit_apply(&most), 0);
	check_limit(RLIMIT_NOFILE, 50, 50);
	ck_assert_str_eq(logged_text(), "");
}
END_TEST

START_TEST(test_unlimited_is_as_much_as_there_is)
{
	const struct plan p = one(RLIMIT_STACK, RLIM_INFINITY);
	struct rlimit before;

	ck_assert_int_eq(getrlimit(RLIMIT_STACK, &before), 0);
	ck_assert_int_eq(rlimit_apply(&p), 0);
	check_limit(RLIMIT_STACK, before.rlim_max, before.rlim_max);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rlimit");
	TCase *tc = tcase_create("rlimit");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_soft_and_hard);
	tcase_add_test(tc, test_a_lower_limit_stays);
	tcase_add_test(tc, test_unlimited_is_as_much_as_there_is);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
