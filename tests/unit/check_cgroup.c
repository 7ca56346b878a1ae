/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control groups, with directories of ordinary files in their place. */
#include "kernel/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "scratch.h"
#include "testing.h"

#define NO_LIMITS                                                                         \
	{                                                                                 \
		.memory = PLAN_UNLIMITED, .swap = PLAN_UNLIMITED, .pids = PLAN_UNLIMITED, \
		.cpu = PLAN_UNLIMITED                                                     \
	}

static int open_group(void)
{
	int fd;

	(void)mkdir(scratch_path("@/group"), 0700);
	fd = open(scratch_path("@/group"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void expect_file(const char *path, const char *text)
{
	cleanup_free char *now = NULL;

	ck_assert_int_eq(fs_read_file(AT_FDCWD, scratch_path(path), 4096, &now, NULL), 0);
	ck_assert_str_eq(now, text);
}

START_TEST(test_names)
{
	cleanup_free char *none = cgroup_names(0, " ");
	cleanup_free char *one = cgroup_names(CGROUP_CPU, " ");
	cleanup_free char *three = cgroup_names(CGROUP_MEMORY | CGROUP_IO | CGROUP_PIDS, ", ");

	ck_assert_str_eq(none, "");
	ck_assert_str_eq(one, "cpu");
	ck_assert_str_eq(three, "memory, pids, io");
}
END_TEST

START_TEST(test_needs)
{
	struct plan_cgroup limits = NO_LIMITS;

	ck_assert_uint_eq(cgroup_needs(&limits), 0);
	limits.swap = 0;
	limits.pids = 1;
	ck_assert_uint_eq(cgroup_needs(&limits), CGROUP_MEMORY | CGROUP_PIDS);
	limits.cpu = 1000;
	limits.io_weight = 1;
	limits.cpuset = (char[]){ "0" };
	ck_assert_uint_eq(cgroup_needs(&limits),
			  CGROUP_MEMORY | CGROUP_PIDS | CGROUP_CPU | CGROUP_IO | CGROUP_CPUSET);
}
END_TEST

START_TEST(test_available)
{
	cleanup_fd int group = open_group();

	ck_assert_int_eq(cgroup_available(group), -ENOENT);
	scratch_write("@/group/cgroup.controllers", "cpuset hugetlb memory rdma\n");
	ck_assert_int_eq(cgroup_available(group), CGROUP_CPUSET | CGROUP_MEMORY);
	scratch_write("@/group/cgroup.controllers", "\n");
	ck_assert_int_eq(cgroup_available(group), 0);
}
END_TEST

START_TEST(test_limits)
{
	cleanup_fd int group = open_group();
	struct plan_cgroup limits = NO_LIMITS;

	scratch_write("@/group/memory.max", "");
	scratch_write("@/group/memory.swap.max", "");
	scratch_write("@/group/pids.max", "");
	scratch_write("@/group/cpu.max", "");
	limits.memory = (64 << 20) + 1; /* the kernel counts pages */
	limits.swap = 0;
	limits.pids = 20;
	limits.cpu = 50000;
	ck_assert_int_eq(cgroup_set_limits(group, &limits,
					   CGROUP_MEMORY | CGROUP_PIDS | CGROUP_CPU),
			 0);
	expect_file("@/group/memory.max", "67108864");
	expect_file("@/group/memory.swap.max", "0");
	expect_file("@/group/pids.max", "20");
	expect_file("@/group/cpu.max", "50000 100000");
}
END_TEST

START_TEST(test_limit_without_file)
{
	cleanup_fd int group = open_group();
	struct plan_cgroup limits = NO_LIMITS;

	scratch_write("@/group/memory.max", "");
	limits.memory = 64 << 20;
	limits.swap = 0;
	limits.io_weight = 50;
	ck_assert_int_eq(cgroup_set_limits(group, &limits, CGROUP_MEMORY | CGROUP_IO),
			 CGROUP_MEMORY | CGROUP_IO);
	ck_assert_int_eq(cgroup_set_limits(group, &limits, 0), 0);
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

START_TEST(test_limit_is_read_back)
{
	cleanup_fd int group = open_group();
	struct plan_cgroup limits = NO_LIMITS;

	scratch_write("@/group/pids.max", "4096\n"); /* what is written stands before the rest */
	limits.pids = 20;
	ck_assert_int_eq(cgroup_set_limits(group, &limits, CGROUP_PIDS), -EINVAL);
	ck_assert_str_eq(scratch_logged(),
			 "the kernel has pids.max as '2096', not '20': Invalid argument\n");
}
END_TEST

START_TEST(test_usage)
{
	cleanup_fd int group = open_group();
	struct cgroup_usage usage;

	cgroup_measure(group, &usage);
	ck_assert(usage.user_us == UINT64_MAX && usage.system_us == UINT64_MAX);
	ck_assert(usage.memory_peak == UINT64_MAX && usage.pids_peak == UINT64_MAX);
	ck_assert(usage.written == UINT64_MAX && usage.oom_kills == UINT64_MAX);
	ck_assert(usage.pids_refused == UINT64_MAX);
	scratch_write("@/group/cpu.stat", "usage_usec 30\nuser_usec 10\nsystem_usec 20\n");
	scratch_write("@/group/memory.peak", "4096\n");
	scratch_write("@/group/pids.peak", "7\n");
	scratch_write("@/group/io.stat", "8:0 rbytes=9 wbytes=1 rios=1 wios=1 dbytes=5\n"
					 "\n254:16 rbytes=9 wbytes=2\n");
	scratch_write("@/group/memory.events", "low 1\noom 3\noom_kill 2\noom_group_kill 5\n");
	scratch_write("@/group/pids.events", "max 4\n");
	cgroup_measure(group, &usage);
	ck_assert_uint_eq(usage.user_us, 10);
	ck_assert_uint_eq(usage.system_us, 20);
	ck_assert_uint_eq(usage.memory_peak, 4096);
	ck_assert_uint_eq(usage.pids_peak, 7);
	ck_assert_uint_eq(usage.written, 3);
	ck_assert_uint_eq(usage.oom_kills, 2);
	ck_assert_uint_eq(usage.pids_refused, 4);
	scratch_write("@/group/memory.peak", "max\n");
	cgroup_measure(group, &usage);
	ck_assert(usage.memory_peak == UINT64_MAX);
}
END_TEST

START_TEST(test_make_and_remove)
{
	cleanup_fd int group = open_group(), made = cgroup_make(group, "one"), again = -EBADF;

	ck_assert_int_ge(made, 0);
	again = cgroup_make(group, "one");
	ck_assert_int_ge(again, 0);
	ck_assert_int_eq(cgroup_remove(group, "one", 0), 0);
	ck_assert_int_eq(cgroup_remove(group, "one", 0), 0);
	ck_assert_int_eq(symlinkat("/", group, "link"), 0);
	ck_assert_int_eq(cgroup_make(group, "link"), -ENOTDIR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tc = tcase_create("cgroup");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_needs);
	tcase_add_test(tc, test_available);
	tcase_add_test(tc, test_limits);
	tcase_add_test(tc, test_limit_without_file);
	tcase_add_test(tc, test_limit_is_read_back);
	tcase_add_test(tc, test_usage);
	tcase_add_test(tc, test_make_and_remove);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
