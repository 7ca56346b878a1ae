/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/receipt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "testing.h"

#define EXIT(code)     ((code) << 8)
#define KILLED_BY(sig) (sig)

static const struct {
	const char *reason;
	int wait_status;
	bool timed_out, has_group;
	uint64_t oom_kills, pids_refused;
} ends[] = {
	{ "exited", EXIT(0), .has_group = true },
	{ "exited", EXIT(3), .has_group = true },
	{ "signal", KILLED_BY(SIGTERM), .has_group = true },
	{ "policy-kill", KILLED_BY(SIGSYS), .has_group = true, .oom_kills = 1 },
	{ "timeout", EXIT(0), .timed_out = true, .has_group = true, .oom_kills = 1 },
	{ "timeout", KILLED_BY(SIGKILL), .timed_out = true },
	{ "oom-kill", KILLED_BY(SIGKILL), .has_group = true, .oom_kills = 1 },
	{ "oom-kill", EXIT(2), .has_group = true, .oom_kills = 1, .pids_refused = 1 },
	{ "pids-limit", EXIT(2), .has_group = true, .pids_refused = 9 },
	/* it has got over it */
	{ "exited", EXIT(0), .has_group = true, .oom_kills = 1, .pids_refused = 9 },
	/* nobody knows */
	{ "signal", KILLED_BY(SIGKILL), .oom_kills = 1 },
	{ "exited", EXIT(2), .has_group = true, .oom_kills = UINT64_MAX,
	  .pids_refused = UINT64_MAX },
};

START_TEST(test_reason)
{
	const struct receipt r = {
		.wait_status = ends[_i].wait_status,
		.timed_out = ends[_i].timed_out,
		.has_group = ends[_i].has_group,
		.usage = { .oom_kills = ends[_i].oom_kills, .pids_refused = ends[_i].pids_refused },
	};

	ck_assert_str_eq(receipt_reason(&r), ends[_i].reason);
}
END_TEST

static const struct rusage by_process = {
	.ru_utime = { .tv_sec = 1, .tv_usec = 5 },
	.ru_stime = { .tv_usec = 7 },
	.ru_maxrss = 1024,
	.ru_oublock = 8,
};

static void expect_json(const struct receipt *r, const char *expected)
{
	cleanup_fd int fd = memfd_create("receipt", MFD_CLOEXEC);
	cleanup_free char *json = NULL;

	receipt_print_json(fd, r);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(fs_read_all(fd, 4096, &json, NULL), 0);
	ck_assert_str_eq(json, expected);
}

START_TEST(test_without_a_group)
{
	const struct receipt r = { .begun_us = 1000, .ended_us = 3000, .rusage = by_process };
	cleanup_free char *line = receipt_describe(&r);

	expect_json(&r, "{\"event\":\"receipt\",\"reason\":\"exited\",\"wall-us\":2000,"
			"\"user-us\":1000005,\"system-us\":7,\"memory-peak\":null,"
			"\"largest-process\":1048576,\"pids-peak\":null,\"written\":4096,"
			"\"oom-kills\":null,\"pids-refused\":null}\n");
	ck_assert_str_eq(line,
			 "0.00s, 1.00s user, 0.00s system, 1.0M memory in the largest process "
			 "at most, 4.0K written: exited");
}
END_TEST

START_TEST(test_with_a_group)
{
	const struct receipt r = {
		.begun_us = 1000,
		.ended_us = 1501000,
		.has_group = true,
		.usage = { .user_us = 250000,
			   .system_us = 500000,
			   .memory_peak = UINT64_C(3) << 29,
			   .pids_peak = 12,
			   .written = 0 },
		.rusage = by_process,
	};
	cleanup_free char *line = receipt_describe(&r);

	expect_json(&r, "{\"event\":\"receipt\",\"reason\":\"exited\",\"wall-us\":1500000,"
			"\"user-us\":250000,\"system-us\":500000,\"memory-peak\":1610612736,"
			"\"largest-process\":1048576,\"pids-peak\":12,\"written\":0,"
			"\"oom-kills\":0,\"pids-refused\":0}\n");
	ck_assert_str_eq(line,
			 "1.50s, 0.25s user, 0.50s system, 1.5G memory, 12 processes at most, "
			 "0.0K written: exited");
}
END_TEST

/* A kernel that has no memory.peak and pids.peak; and an end that was not seen. */
START_TEST(test_what_is_not_known)
{
	struct receipt r = { .begun_us = 1000, .has_group = true, .rusage = by_process };

	memset(&r.usage, 0xff, sizeof(r.usage));
	expect_json(&r, "{\"event\":\"receipt\",\"reason\":\"exited\",\"wall-us\":0,"
			"\"user-us\":1000005,\"system-us\":7,\"memory-peak\":null,"
			"\"largest-process\":1048576,\"pids-peak\":null,\"written\":4096,"
			"\"oom-kills\":null,\"pids-refused\":null}\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("receipt");
	TCase *tc = tcase_create("receipt");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_reason, 0, (int)ARRAY_LEN(ends));
	tcase_add_test(tc, test_without_a_group);
	tcase_add_test(tc, test_with_a_group);
	tcase_add_test(tc, test_what_is_not_known);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
