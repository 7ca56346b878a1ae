/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/sync.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/proc.h"

static struct sync parent, child;

static void start(void)
{
	logged_start();
	ck_assert_int_eq(sync_open(&parent, &child), 0);
}

START_TEST(test_stages_in_any_order)
{
	int value = 0;

	ck_assert_int_eq(sync_announce(&parent, STAGE_NETWORK_UP, 3, -1), 0);
	ck_assert_int_eq(sync_announce(&parent, STAGE_FILTER_READY, 2, -1), 0);
	ck_assert_int_eq(sync_announce(&parent, STAGE_IDS_MAPPED, 1, -1), 0);
	ck_assert_int_eq(sync_await(&child, STAGE_IDS_MAPPED, 1000), 0);
	ck_assert_int_eq(sync_await(&child, STAGE_FILTER_READY, 1000), 0);
	ck_assert_int_eq(sync_await(&child, STAGE_NETWORK_UP, 1000), 0);
	ck_assert(sync_take(&child, STAGE_FILTER_READY, &value, NULL));
	ck_assert_int_eq(value, 2);
	ck_assert(!sync_take(&child, STAGE_FILTER_READY, &value, NULL));
	ck_assert(sync_take(&child, STAGE_NETWORK_UP, &value, NULL));
	ck_assert_int_eq(value, 3);
	ck_assert(!sync_take(&child, STAGE_STOP, NULL, NULL));
	ck_assert_int_eq(sync_receive(&child), 0);
}
END_TEST

START_TEST(test_both_ways)
{
	int value;

	ck_assert_int_eq(sync_announce(&child, STAGE_PROGRAM_ENDED, -7, -1), 0);
	ck_assert_int_eq(sync_announce(&parent, STAGE_CONTINUE, 1, -1), 0);
	ck_assert_int_eq(sync_receive(&parent), 1);
	ck_assert_int_eq(sync_receive(&parent), 0);
	ck_assert_int_eq(sync_receive(&child), 1);
	ck_assert(sync_take(&parent, STAGE_PROGRAM_ENDED, &value, NULL));
	ck_assert_int_eq(value, -7);
}
END_TEST

START_TEST(test_the_last_word_of_a_stage_counts)
{
	int value;

	ck_assert_int_eq(sync_announce(&parent, STAGE_STOP, SIGTSTP, -1), 0);
	ck_assert_int_eq(sync_announce(&parent, STAGE_STOP, SIGTTIN, -1), 0);
	ck_assert_int_eq(sync_receive(&child), 1);
	ck_assert_int_eq(sync_receive(&child), 1);
	ck_assert(sync_take(&child, STAGE_STOP, &value, NULL));
	ck_assert_int_eq(value, SIGTTIN);
}
END_TEST

START_TEST(test_time_limit)
{
	int64_t before = proc_now_ms();

	ck_assert_int_eq(sync_announce(&parent, STAGE_FILTER_READY, 0, -1), 0);
	ck_assert_int_eq(sync_await(&child, STAGE_IDS_MAPPED, 60), -ETIMEDOUT);
	ck_assert_int_ge(proc_now_ms() - before, 60);
	ck_assert_str_eq(logged_text(),
			 "cannot wait longer for the id maps: Connection timed out\n");
	ck_assert_int_eq(sync_await(&child, STAGE_FILTER_READY, 0), 0); /* has come already */
}
END_TEST

START_TEST(test_peer_that_is_gone)
{
	sync_done(&parent);
	ck_assert_int_eq(sync_announce(&child, STAGE_PROGRAM_ENDED, 0, -1), -EPIPE);
	ck_assert_int_eq(sync_await(&child, STAGE_IDS_MAPPED, 1000), -EPIPE);
	ck_assert_int_eq(sync_await(&child, STAGE_IDS_MAPPED, -1), -EPIPE);
	ck_assert_int_eq(sync_receive(&child), -EPIPE);
	ck_assert_str_eq(logged_text(), ""); /* it has said why */
}
END_TEST

/* What it said before it died still counts. */
START_TEST(test_last_words)
{
	int value;

	ck_assert_int_eq(sync_announce(&child, STAGE_EXEC_FAILED, ENOENT, -1), 0);
	sync_done(&child);
	ck_assert_int_eq(sync_await(&parent, STAGE_EXEC_FAILED, 1000), 0);
	ck_assert(sync_take(&parent, STAGE_EXEC_FAILED, &value, NULL));
	ck_assert_int_eq(value, ENOENT);
	ck_assert_int_eq(sync_await(&parent, STAGE_PROGRAM_ENDED, 1000), -EPIPE);
}
END_TEST

START_TEST(test_peer_is_killed_while_we_wait)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		sync_done(&parent);
		usleep(50000);
		raise(SIGKILL);
	}
	sync_done(&child);
	ck_assert_int_eq(sync_await(&parent, STAGE_PROGRAM_RUNNING, 10000), -EPIPE);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(test_descriptor)
{
	int memfd = memfd_create("passed", MFD_CLOEXEC), fd = -1;
	char name[64] = { 0 }, path[64];

	ck_assert_int_eq(sync_announce(&child, STAGE_TERMINAL_MADE, 5, memfd), 0);
	close(memfd);
	ck_assert_int_eq(sync_await(&parent, STAGE_TERMINAL_MADE, 1000), 0);
	ck_assert(sync_take(&parent, STAGE_TERMINAL_MADE, NULL, &fd));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_gt(readlink(path, name, sizeof(name) - 1), 0);
	ck_assert_str_eq(name, "/memfd:passed (deleted)");
	sync_done(&parent);
	ck_assert(is_open(fd)); /* taken, so ours */
}
END_TEST

/* Not taken, taken without interest, said twice: closed each time. */
START_TEST(test_descriptors_that_nobody_wants)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), first;

	ck_assert_int_eq(sync_announce(&child, STAGE_TERMINAL_MADE, 0, null), 0);
	ck_assert_int_eq(sync_receive(&parent), 1);
	first = parent.passed_fd[STAGE_TERMINAL_MADE];
	ck_assert(is_open(first));
	ck_assert_int_eq(sync_announce(&child, STAGE_TERMINAL_MADE, 0, -1), 0);
	ck_assert_int_eq(sync_receive(&parent), 1);
	ck_assert(!is_open(first));
	ck_assert_int_lt(parent.passed_fd[STAGE_TERMINAL_MADE], 0);

	ck_assert_int_eq(sync_announce(&child, STAGE_TERMINAL_MADE, 0, null), 0);
	ck_assert_int_eq(sync_receive(&parent), 1);
	first = parent.passed_fd[STAGE_TERMINAL_MADE];
	ck_assert(sync_take(&parent, STAGE_TERMINAL_MADE, NULL, NULL));
	ck_assert(!is_open(first));

	ck_assert_int_eq(sync_announce(&child, STAGE_PROGRAM_RUNNING, 0, null), 0);
	ck_assert_int_eq(sync_receive(&parent), 1);
	first = parent.passed_fd[STAGE_PROGRAM_RUNNING];
	ck_assert(is_open(first));
	sync_done(&parent);
	ck_assert(!is_open(first));
}
END_TEST

/* The box could be the one that writes: what is not a message ends the talk. */
START_TEST(test_nonsense)
{
	static const struct {
		uint32_t words[3];
		size_t size;
	} nonsense[] = {
		{ { STAGE_COUNT, 0 }, 8 },
		{ { 0xffffffff, 0 }, 8 },
		{ { STAGE_IDS_MAPPED, 0 }, 4 },
		{ { STAGE_IDS_MAPPED, 0 }, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		ck_assert_int_eq(send(child.fd, nonsense[i].words, nonsense[i].size, 0),
				 (ssize_t)nonsense[i].size);
		ck_assert_int_eq(sync_receive(&parent), -EPIPE);
		ck_assert_uint_eq(parent.received, 0);
	}
}
END_TEST

START_TEST(test_ends_are_not_inherited)
{
	ck_assert_int_eq(fcntl(parent.fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(child.fd, F_GETFD), FD_CLOEXEC);
	sync_done(&parent);
	sync_done(&parent);
	ck_assert_int_lt(parent.fd, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sync");
	TCase *tc = tcase_create("sync");

	tcase_add_checked_fixture(tc, start, NULL);
	tcase_add_test(tc, test_stages_in_any_order);
	tcase_add_test(tc, test_both_ways);
	tcase_add_test(tc, test_the_last_word_of_a_stage_counts);
	tcase_add_test(tc, test_time_limit);
	tcase_add_test(tc, test_peer_that_is_gone);
	tcase_add_test(tc, test_last_words);
	tcase_add_test(tc, test_peer_is_killed_while_we_wait);
	tcase_add_test(tc, test_descriptor);
	tcase_add_test(tc, test_descriptors_that_nobody_wants);
	tcase_add_test(tc, test_nonsense);
	tcase_add_test(tc, test_ends_are_not_inherited);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
