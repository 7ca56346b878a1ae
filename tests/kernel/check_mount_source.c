/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of the host a bind shows: what the plan meant, and nothing that came later. */
#include "kernel/mount.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "mount_scene.h"
#include "userns.h"

/* Mounted on the host afterwards; the plain bind beside it shows that it would have come. */
START_TEST(test_later_mount_of_the_host_stays_outside)
{
	const struct step s = BIND(STEP_RDONLY);

	ck_assert_int_eq(mount("none", "/tmp", NULL, MS_REC | MS_SHARED, NULL), 0);
	apply(&s);
	ck_assert_int_eq(mkdir("/tmp/root/control", 0755), 0);
	ck_assert_int_eq(mount("/tmp/source", "/tmp/root/control", NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount("t", "/tmp/source/late", "tmpfs", 0, NULL), 0);
	write_text("/tmp/source/late/x", "x");
	ck_assert_int_eq(access("/tmp/root/control/late/x", F_OK), 0);
	ck_assert_int_eq(access("/tmp/root/t/late/x", F_OK), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(test_bind_of_a_file)
{
	struct step s = { .kind = STEP_BIND,
			  .source = (char *)"/tmp/source/file",
			  .target = (char *)"/a/b/f",
			  .flags = STEP_RDONLY };

	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/a/b/f"), "source\n");
	ck_assert_int_eq(errno_of_write("/tmp/root/a/b/f"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/a/b/c"), 0);
}
END_TEST

START_TEST(test_source_that_is_missing)
{
	struct step s = BIND(0);

	s.source = (char *)"/tmp/source/none";
	apply_fails(&s, -ENOENT,
		    "cannot show '/tmp/source/none' in the box: No such file or directory");
	s.flags = STEP_OPTIONAL;
	apply(&s);
	ck_assert_int_eq(access("/tmp/root/t", F_OK), -1);
}
END_TEST

/* What the plan saw as a directory or file is a link by now, at the end or on the way. */
START_TEST(test_source_that_became_a_link)
{
	static const char *const sources[] = { "/tmp/link", "/tmp/link/sub", "/tmp/chain",
					       "/tmp/file-link" };
	struct step s = BIND(0);

	ck_assert_int_eq(symlink("source", "/tmp/link"), 0);
	ck_assert_int_eq(symlink("link", "/tmp/chain"), 0);
	ck_assert_int_eq(symlink("/tmp/source/file", "/tmp/file-link"), 0);
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		char line[128];

		s.source = (char *)sources[i];
		snprintf(line, sizeof(line),
			 "cannot show '%s' in the box: Too many levels of symbolic links",
			 sources[i]);
		s.flags = STEP_RDONLY | STEP_NOFOLLOW;
		apply_fails(&s, -ELOOP, line);
		s.flags |= STEP_OPTIONAL; /* it is there, and not what was meant */
		apply_fails(&s, -ELOOP, line);
		ck_assert_int_eq(access("/tmp/root/t", F_OK), -1);
	}
	s.source = (char *)"/tmp/link"; /* who named it may mean a link */
	s.flags = STEP_RDONLY;
	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/t/file"), "source\n");
}
END_TEST

START_TEST(test_source_that_stayed_what_it_was)
{
	struct step s = BIND(STEP_RDONLY | STEP_NOFOLLOW);

	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/t/sub/file"), "sub\n");
	ck_assert_int_eq(errno_of_write("/tmp/root/t/file"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/sub/x"), EROFS);
	s.source = (char *)"/tmp/source/file";
	s.target = (char *)"/f";
	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/f"), "source\n");
	s.source = (char *)"/tmp/source/none";
	s.target = (char *)"/n";
	apply_fails(&s, -ENOENT,
		    "cannot show '/tmp/source/none' in the box: No such file or directory");
	s.flags |= STEP_OPTIONAL;
	apply(&s);
	ck_assert_int_eq(access("/tmp/root/n", F_OK), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mount_source");
	TCase *tc = tcase_create("sources");

	userns_require();
	tcase_add_checked_fixture(tc, mount_scene_make, NULL);
	tcase_add_test(tc, test_later_mount_of_the_host_stays_outside);
	tcase_add_test(tc, test_bind_of_a_file);
	tcase_add_test(tc, test_source_that_is_missing);
	tcase_add_test(tc, test_source_that_became_a_link);
	tcase_add_test(tc, test_source_that_stayed_what_it_was);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
