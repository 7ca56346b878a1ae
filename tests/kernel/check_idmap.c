/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/idmap.h"

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "userns.h"

static uint32_t uid, gid;

static void start(void)
{
	logged_start();
	uid = getuid();
	gid = getgid();
}

#define ONE(inside, outside) ((struct id_map){ .range = { { inside, outside, 1 } }, .n = 1 })

START_TEST(test_own_maps)
{
	const struct id_map uids = ONE(1234, uid), gids = ONE(56, gid);

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_msg(idmap_write_self(&uids, &gids) == 0, "%s", logged_text());
	ck_assert_int_eq(getuid(), 1234);
	ck_assert_int_eq(getgid(), 56);
	ck_assert_int_eq(idmap_verify(0, &uids, &gids), 0);
	ck_assert_int_eq(idmap_verify(getpid(), &uids, &gids), 0);
	ck_assert_str_eq(logged_text(), "");
}
END_TEST

/* A helper that says "done" and wrote something else (check 88). */
START_TEST(test_map_that_is_not_the_one_asked_for)
{
	const struct id_map uids = ONE(0, uid), gids = ONE(0, gid);
	struct id_map other = uids;

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(idmap_write_self(&uids, &gids), 0);

	other.range[0].inside = 1;
	ck_assert_int_eq(idmap_verify(0, &other, &gids), -EPROTO);
	other = uids;
	other.range[0].outside++;
	ck_assert_int_eq(idmap_verify(0, &other, &gids), -EPROTO);
	other = uids;
	other.range[0].count = 2;
	ck_assert_int_eq(idmap_verify(0, &uids, &other), -EPROTO);
	ck_assert_str_eq(
		logged_text(),
		"'/proc/self/uid_map' is not the id map that was asked for: Protocol error\n"
		"'/proc/self/uid_map' is not the id map that was asked for: Protocol error\n"
		"'/proc/self/gid_map' is not the id map that was asked for: Protocol error\n");
}
END_TEST

START_TEST(test_map_of_another_length)
{
	const struct id_map uids = ONE(0, uid), gids = ONE(0, gid), none = { .n = 0 };
	struct id_map two = uids;

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(idmap_write_self(&uids, &gids), 0);
	two.range[two.n++] = (struct id_range){ 1, 100000, 1 };
	ck_assert_int_eq(idmap_verify(0, &two, &gids), -EPROTO);
	ck_assert_int_eq(idmap_verify(0, &none, &gids), -EPROTO);
	ck_assert_str_eq(
		logged_text(),
		"'/proc/self/uid_map' is not the id map that was asked for: Protocol error\n"
		"'/proc/self/uid_map' maps more ids than were asked for: Protocol error\n");
}
END_TEST

START_TEST(test_verify_before_anything_is_written)
{
	const struct id_map uids = ONE(0, uid), gids = ONE(0, gid);

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(idmap_verify(0, &uids, &gids), -EPROTO);
}
END_TEST

START_TEST(test_what_the_kernel_refuses)
{
	struct id_map uids = ONE(0, uid), gids = ONE(0, gid);

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	uids.range[0].outside = uid + 1; /* somebody else's */
	ck_assert_int_eq(idmap_write_self(&uids, &gids), -EPERM);
	ck_assert_ptr_nonnull(strstr(logged_text(), "cannot write the id map '/proc/self/uid_map': "
						    "Operation not permitted"));
}
END_TEST

START_TEST(test_ids_to_take)
{
	const struct id_map uids = ONE(0, uid), gids = ONE(0, gid);
	struct plan_ids ids = { .uid = 0, .gid = 0, .switch_ids = true };

	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	ck_assert_int_eq(idmap_write_self(&uids, &gids), 0);
	ck_assert_int_eq(idmap_take_ids(&ids), 0);
	ids = (struct plan_ids){ .uid = 7, .gid = 0, .switch_ids = true };
	ck_assert_int_eq(idmap_take_ids(&ids), -EINVAL);
	ck_assert_str_eq(logged_text(), "cannot become 7:0 inside: Invalid argument\n");
	logged_forget();
	ids.switch_ids = false; /* nothing to do */
	ck_assert_int_eq(idmap_take_ids(&ids), 0);
	ids.drop_groups = true; /* denied, as it must be for a map of our own */
	ck_assert_int_eq(idmap_take_ids(&ids), -EPERM);
	ck_assert_ptr_nonnull(
		strstr(logged_text(),
		       "cannot drop the supplementary groups: Operation not permitted"));
}
END_TEST

static void nest(void)
{
	_exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
}

static void nest_twice(void)
{
	userns_enter(0); /* mapped, or the next one is refused for want of that */
	nest();
}

/* What children have had is given back some time after they have ended. */
static int errno_of(void (*body)(void), int wanted)
{
	int err = 0;

	for (int i = 0; i < 100; i++) {
		err = WEXITSTATUS(userns_status_of(body));
		if (err == wanted)
			break;
		usleep(20000);
	}
	return err;
}

START_TEST(test_no_namespaces_below)
{
	userns_enter(CLONE_NEWNS);
	ck_assert_int_eq(WEXITSTATUS(userns_status_of(nest)), 0);
	ck_assert_msg(idmap_limit_namespaces(0) == 0, "%s", logged_text());
	ck_assert_int_eq(WEXITSTATUS(userns_status_of(nest)), ENOSPC);
}
END_TEST

START_TEST(test_one_namespace_below)
{
	userns_enter(CLONE_NEWNS);
	ck_assert_int_eq(WEXITSTATUS(userns_status_of(nest_twice)), 0);
	ck_assert_msg(idmap_limit_namespaces(1) == 0, "%s", logged_text());
	ck_assert_int_eq(errno_of(nest, 0), 0);
	ck_assert_int_eq(errno_of(nest_twice, ENOSPC), ENOSPC);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idmap");
	TCase *tc = tcase_create("idmap");

	userns_require();
	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, test_own_maps);
	tcase_add_test(tc, test_map_that_is_not_the_one_asked_for);
	tcase_add_test(tc, test_map_of_another_length);
	tcase_add_test(tc, test_verify_before_anything_is_written);
	tcase_add_test(tc, test_what_the_kernel_refuses);
	tcase_add_test(tc, test_ids_to_take);
	tcase_add_test(tc, test_no_namespaces_below);
	tcase_add_test(tc, test_one_namespace_below);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
