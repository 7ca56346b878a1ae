/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/root.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "mount_scene.h"
#include "userns.h"

/* A box of five steps; the first may be left out for a root of the box's own. */
static struct step steps[] = {
	{ .kind = STEP_BIND, .source = (char *)"/tmp/source", .target = (char *)"/" },
	{ .kind = STEP_BIND,
	  .source = (char *)"/tmp/source",
	  .target = (char *)"/late",
	  .flags = STEP_RDONLY },
	{ .kind = STEP_TMPFS, .target = (char *)"/tmp", .mode = 01777 },
	{ .kind = STEP_MASK, .target = (char *)"/late/file" },
	{ .kind = STEP_SEAL, .target = (char *)"/" },
};

static char *mountinfo;

/* Make it and go there. The old /proc stays at hand to look around with. */
static int enter(struct plan *p)
{
	cleanup_fd int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_place box = { .root_fd = -EBADF, .scratch_fd = -EBADF };
	int r = root_attach(p, &box);

	if (r == 0)
		r = root_fill(p, &box);
	if (r == 0)
		r = root_enter(p, &box);
	root_done(&box);
	if (r == 0)
		ck_assert_int_eq(fs_read_file(proc, "self/mountinfo", 1 << 20, &mountinfo, NULL),
				 0);
	return r;
}

static size_t lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		n++;
		text++;
	}
	return n;
}

START_TEST(test_root_of_its_own)
{
	struct plan p = { .steps = steps + 1, .n_steps = 4, .cwd = (char *)"/late/sub" };
	struct stat root, above;
	char cwd[64];

	ck_assert_msg(enter(&p) == 0, "%s", logged_text());
	ck_assert_str_eq(getcwd(cwd, sizeof(cwd)), "/late/sub");
	ck_assert_str_eq(content_of("/late/sub/file"), "sub\n");
	ck_assert_str_eq(content_of("/late/file"), "");
	ck_assert_int_eq(errno_of_mkdir("/late/sub/x"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/x"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/x"), 0);

	/* the host is gone, and so is what masks were made of */
	ck_assert_int_eq(access("/tmp/source", F_OK), -1);
	ck_assert_int_eq(access("/etc", F_OK), -1);
	ck_assert_int_eq(access("/.empty-file", F_OK), -1);
	ck_assert_int_eq(stat("/", &root), 0);
	ck_assert_int_eq(stat("/../../..", &above), 0);
	ck_assert(root.st_dev == above.st_dev && root.st_ino == above.st_ino);

	/* root, bind and its submount, tmpfs, mask; all nosuid, none shared */
	ck_assert_msg(lines(mountinfo) == 5, "%s", mountinfo);
	ck_assert_ptr_null(strstr(mountinfo, "shared:"));
	ck_assert_ptr_null(strstr(mountinfo, "master:"));
	for (char *line; (line = strsep(&mountinfo, "\n")) && *line;)
		ck_assert_msg(strstr(line, "nosuid") && strstr(line, "nodev"), "%s", line);
}
END_TEST

START_TEST(test_tree_of_the_users_as_root)
{
	struct plan p = { .steps = steps, .n_steps = 3, .cwd = (char *)"/" };

	ck_assert_msg(enter(&p) == 0, "%s", logged_text());
	ck_assert_str_eq(content_of("/file"), "source\n");
	ck_assert_str_eq(content_of("/sub/file"), "sub\n");
	ck_assert_int_eq(errno_of_mkdir("/x"), 0);
	ck_assert_int_eq(errno_of_mkdir("/late/y"), EROFS);
	ck_assert_int_eq(access("/.empty-file", F_OK), -1);
	ck_assert_int_eq(access("/tmp/source", F_OK), -1);
	ck_assert_int_eq(access("/../tmp/source", F_OK), -1);
	/* root and its submount, bind and its submount, tmpfs; the scratch directory is gone */
	ck_assert_msg(lines(mountinfo) == 5, "%s", mountinfo);
}
END_TEST

START_TEST(test_directory_that_is_missing)
{
	struct plan p = { .steps = steps + 1, .n_steps = 4, .cwd = (char *)"/none" };

	ck_assert_int_eq(enter(&p), -ENOENT);
	ck_assert_str_eq(
		logged_text(),
		"cannot enter '/none' in the box: No such file or directory (see --chdir)\n");
}
END_TEST

START_TEST(test_step_that_fails_ends_it)
{
	struct step bad[] = {
		{ .kind = STEP_BIND, .source = (char *)"/none", .target = (char *)"/x" }, steps[2]
	};
	struct plan p = { .steps = bad, .n_steps = 2, .cwd = (char *)"/" };

	ck_assert_int_eq(enter(&p), -ENOENT);
	ck_assert_str_eq(logged_text(),
			 "cannot show '/none' in the box: No such file or directory\n");
}
END_TEST

/* Sources below every path that the box has its own of are still found. */
START_TEST(test_root_hides_no_source)
{
	struct step from_tmp[] = { steps[2],
				   { .kind = STEP_BIND,
				     .source = (char *)"/tmp/source",
				     .target = (char *)"/tmp/source" } };
	struct plan p = { .steps = from_tmp, .n_steps = 2, .cwd = (char *)"/tmp/source" };

	ck_assert_msg(enter(&p) == 0, "%s", logged_text());
	ck_assert_str_eq(content_of("/tmp/source/file"), "source\n");
	ck_assert_int_eq(access("/tmp/outside", F_OK), -1);
}
END_TEST

/* procfs needs a pid namespace, and a process that was born in it. */
static void enter_with_proc(void)
{
	struct step proc[] = {
		{ .kind = STEP_PROC, .target = (char *)"/proc", .flags = STEP_NOEXEC },
		{ .kind = STEP_LOCK, .target = (char *)"/proc/sys" },
		{ .kind = STEP_MASK, .target = (char *)"/proc/kcore", .flags = STEP_OPTIONAL }
	};
	struct plan p = { .steps = proc, .n_steps = 3, .cwd = (char *)"/proc/1" };

	if (enter(&p) < 0 || getpid() != 1 || access("/proc/1/status", F_OK) < 0 ||
	    access("/proc/2/status", F_OK) == 0 ||
	    errno_of_write("/proc/sys/user/max_user_namespaces") != EROFS)
		_exit(1);
}

START_TEST(test_proc_of_its_own)
{
	ck_assert_int_eq(unshare(CLONE_NEWPID), 0);
	userns_in_child(enter_with_proc);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("root");
	TCase *tc = tcase_create("root");

	userns_require();
	tcase_add_checked_fixture(tc, mount_scene_make, NULL);
	tcase_add_test(tc, test_root_of_its_own);
	tcase_add_test(tc, test_tree_of_the_users_as_root);
	tcase_add_test(tc, test_directory_that_is_missing);
	tcase_add_test(tc, test_step_that_fails_ends_it);
	tcase_add_test(tc, test_root_hides_no_source);
	tcase_add_test(tc, test_proc_of_its_own);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
