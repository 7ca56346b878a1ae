/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/keyring.h"

#include <check.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../unit/testing.h"

static const char secret[] = "swordfish";

static long find_canary(void)
{
	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
		       "sandbox-canary", 0);
}

static long read_key(long key)
{
	char text[32];

	return syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text));
}

/* Found and read before, and neither afterwards, not even by number. */
START_TEST(test_keys_of_the_caller_stay_outside)
{
	long key, session;

	ck_assert_msg(keyring_replace() == 0, "%s", logged_text()); /* not in the tester's own */
	session = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	key = syscall(SYS_add_key, "user", "sandbox-canary", secret, sizeof(secret),
		      KEY_SPEC_SESSION_KEYRING);
	ck_assert_msg(key > 0, "%m");
	ck_assert_int_eq(find_canary(), key);
	ck_assert_int_eq(read_key(key), (long)sizeof(secret));

	ck_assert_int_eq(keyring_replace(), 0);
	ck_assert_int_ne(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0),
			 session);
	ck_assert_int_eq(find_canary(), -1);
	ck_assert_int_eq(errno, ENOKEY);
	ck_assert_int_eq(read_key(key), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keyring");
	TCase *tc = tcase_create("keyring");

	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) < 0 &&
	    (errno == ENOSYS || errno == EPERM)) {
		printf("skip: no kernel keys here\n");
		return 77;
	}
	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_keys_of_the_caller_stay_outside);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
