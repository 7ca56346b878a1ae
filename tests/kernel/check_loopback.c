/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/loopback.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "userns.h"

/* errno of connecting to a server of our own. */
static int errno_of_connect(void)
{
	cleanup_fd int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cleanup_fd int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	if (bind(server, (struct sockaddr *)&a, size) < 0 || listen(server, 1) < 0 ||
	    getsockname(server, (struct sockaddr *)&a, &size) < 0)
		return errno;
	return connect(client, (struct sockaddr *)&a, size) == 0 ? 0 : errno;
}

START_TEST(test_down_before_and_up_afterwards)
{
	userns_enter(CLONE_NEWNET);
	ck_assert_int_ne(errno_of_connect(), 0);
	ck_assert_msg(loopback_up() == 0, "%s", logged_text());
	ck_assert_int_eq(errno_of_connect(), 0);
	ck_assert_int_eq(loopback_up(), 0);
}
END_TEST

START_TEST(test_not_ours_to_bring_up)
{
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0); /* the network stays the host's */
	ck_assert_int_eq(loopback_up(), -EPERM);
	ck_assert_ptr_nonnull(strstr(logged_text(), "cannot bring the loopback interface up: "
						    "Operation not permitted"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loopback");
	TCase *tc = tcase_create("loopback");

	userns_require();
	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_down_before_and_up_afterwards);
	tcase_add_test(tc, test_not_ours_to_bring_up);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
