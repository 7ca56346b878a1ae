/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/caps.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/proc.h"
#include "userns.h"

static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };

static void start(void)
{
	logged_start();
	userns_enter(0);
}

#define BIT(cap) (UINT64_C(1) << (cap))

/* All five sets of this process, and of a program that it starts. */
static void check_sets(uint64_t wanted)
{
	char *argv[] = { (char *)"sh", (char *)"-c",
			 (char *)"sed -n 's/^Cap...:[[:blank:]]*//p' /proc/self/status", NULL };
	cleanup_free char *text = NULL;
	cleanup_pid pid_t pid = 0;
	char hex[32], five[256];
	int ends[2];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)wanted);
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		ck_assert_str_eq(userns_status_line(sets[i]), hex);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = proc_spawn("/bin/sh", argv, &(struct proc_fd){ ends[1], 1 }, 1);
	ck_assert_int_gt(pid, 0);
	close(ends[1]);
	ck_assert_int_eq(fs_read_all(ends[0], 4096, &text, NULL), 0);
	snprintf(five, sizeof(five), "%s\n%s\n%s\n%s\n%s\n", hex, hex, hex, hex, hex);
	ck_assert_str_eq(text, five);
}

START_TEST(test_none_is_left)
{
	ck_assert_str_ne(userns_status_line("CapEff"), "0000000000000000");
	ck_assert_msg(caps_drop(0) == 0, "%s", logged_text());
	check_sets(0);
}
END_TEST

START_TEST(test_some_are_kept)
{
	const uint64_t keep = BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE);

	ck_assert_msg(caps_drop(keep) == 0, "%s", logged_text());
	check_sets(keep);
}
END_TEST

/* The one that the dropping itself needs. */
START_TEST(test_setpcap_is_kept_only_if_asked_for)
{
	ck_assert_int_eq(caps_drop(BIT(CAP_SETPCAP)), 0);
	check_sets(BIT(CAP_SETPCAP));
}
END_TEST

START_TEST(test_nothing_comes_back)
{
	const unsigned long locked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				     SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED | SECBIT_NO_SETUID_FIXUP |
				     SECBIT_NO_SETUID_FIXUP_LOCKED;

	ck_assert_int_eq(caps_drop(0), 0);
	ck_assert_uint_eq((unsigned long)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), locked);
	ck_assert_int_eq(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(caps_drop(BIT(CAP_KILL)), -EPERM);
	check_sets(0);
}
END_TEST

/* Giving up id 0 gives up what was kept: package managers expect it. */
START_TEST(test_kept_ones_can_be_locked_but_not_widened)
{
	ck_assert_int_eq(caps_drop(BIT(CAP_CHOWN)), 0);
	ck_assert_int_eq(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NO_SETUID_FIXUP, 0);
	ck_assert_int_eq(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0), 1);
	ck_assert_int_eq(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_CAPBSET_READ, CAP_SETPCAP, 0, 0, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("caps");
	TCase *tc = tcase_create("caps");

	userns_require();
	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, test_none_is_left);
	tcase_add_test(tc, test_some_are_kept);
	tcase_add_test(tc, test_setpcap_is_kept_only_if_asked_for);
	tcase_add_test(tc, test_nothing_comes_back);
	tcase_add_test(tc, test_kept_ones_can_be_locked_but_not_widened);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
