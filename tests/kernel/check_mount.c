/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/mount.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "mount_scene.h"
#include "userns.h"

static unsigned long mount_flags(const char *path)
{
	struct statvfs st;

	ck_assert_msg(statvfs(path, &st) == 0, "%s: %m", path);
	return st.f_flag;
}

START_TEST(test_writable_bind)
{
	const struct step s = BIND(0);

	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/t/file"), "source\n");
	ck_assert_str_eq(content_of("/tmp/root/t/sub/file"), "sub\n");
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/x"), 0);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/sub/x"), 0);
	ck_assert_int_eq(access("/tmp/source/x", F_OK), 0);
}
END_TEST

START_TEST(test_read_only_bind_is_recursive)
{
	const struct step s = BIND(STEP_RDONLY);

	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/t/sub/file"), "sub\n");
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/x"), EROFS);
	ck_assert_int_eq(errno_of_write("/tmp/root/t/file"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/sub/x"), EROFS);
	ck_assert_int_eq(errno_of_write("/tmp/root/t/sub/file"), EROFS);
	ck_assert_int_eq(rename("/tmp/root/t/sub/file", "/tmp/root/t/sub/y"), -1);
	ck_assert_int_eq(errno, EROFS);
	ck_assert_int_eq(unlink("/tmp/root/t/file"), -1);
	ck_assert_int_eq(errno, EROFS);
	/* the copy only */
	ck_assert_int_eq(errno_of_mkdir("/tmp/source/x"), 0);
	ck_assert_int_eq(errno_of_mkdir("/tmp/source/sub/x"), 0);
}
END_TEST

static const struct {
	unsigned int flags;
	unsigned long with, without;
} attributes[] = {
	{ 0, ST_NOSUID | ST_NODEV, ST_RDONLY | ST_NOEXEC },
	{ STEP_RDONLY, ST_NOSUID | ST_NODEV | ST_RDONLY, ST_NOEXEC },
	{ STEP_DEVICES, ST_NOSUID, ST_NODEV | ST_RDONLY | ST_NOEXEC },
	{ STEP_NOEXEC | STEP_DEVICES, ST_NOSUID | ST_NOEXEC, ST_NODEV | ST_RDONLY },
};

START_TEST(test_attributes_reach_submounts)
{
	const struct step s = BIND(attributes[_i].flags);
	static const char *const paths[] = { "/tmp/root/t", "/tmp/root/t/sub" };

	apply(&s);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		unsigned long flags = mount_flags(paths[i]);

		ck_assert_uint_eq(flags & attributes[_i].with, attributes[_i].with);
		ck_assert_uint_eq(flags & attributes[_i].without, 0);
	}
}
END_TEST

/* A target inside that leads out: by itself, by what lies above it, absolute or not. */
START_TEST(test_target_through_a_link_is_refused)
{
	static const struct {
		const char *target, *link, *text;
	} links[] = {
		{ "/link", "/tmp/root/link", "/tmp/outside" },
		{ "/link", "/tmp/root/link", "../outside" },
		{ "/link", "/tmp/root/link", "inner" },
		{ "/link/x", "/tmp/root/link", "/tmp/outside" },
		{ "/link/x/y", "/tmp/root/link", "../outside" },
		{ "/link", "/tmp/root/link", "/proc/self/root" },
		{ "/link", "/tmp/root/link", "nowhere" },
	};
	static const enum step_kind kinds[] = { STEP_BIND,   STEP_TMPFS,   STEP_FILE,
						STEP_DEVICE, STEP_MASK,	   STEP_LOCK,
						STEP_DEVPTS, STEP_SYMLINK, STEP_DIR };

	ck_assert_int_eq(mkdir("/tmp/root/inner", 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		ck_assert_int_eq(symlink(links[i].text, links[i].link), 0);
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			const struct step s = {
				.kind = kinds[k],
				.source = (char *)(kinds[k] == STEP_DEVICE ? "/dev/null"
									   : "/tmp/source"),
				.target = (char *)links[i].target,
				.content = (char *)"x",
				.mode = 0755,
			};

			/* these two make the last component, and do not follow it */
			if ((kinds[k] == STEP_SYMLINK || kinds[k] == STEP_DIR) &&
			    strcmp(links[i].target, "/link") == 0)
				continue;
			ck_assert_msg(mount_step_apply(&s, &place) == -ELOOP,
				      "step %u on %s -> %s: %s", kinds[k], s.target, links[i].text,
				      logged_text());
			logged_forget();
		}
		ck_assert_int_eq(unlink(links[i].link), 0);
	}
	ck_assert_int_eq(unlink("/tmp/outside/canary"), 0);
	ck_assert_msg(rmdir("/tmp/outside") == 0, "something was made outside: %m");
}
END_TEST

START_TEST(test_messages_about_targets)
{
	struct step s = BIND(0);

	ck_assert_int_eq(symlink("/tmp/outside", "/tmp/root/t"), 0);
	apply_fails(&s, -ELOOP,
		    "no mount point '/t' in the box: Too many levels of symbolic links (a symbolic "
		    "link is in the way; name the path it leads to)");
	write_text("/tmp/root/f", "");
	s.target = (char *)"/f";
	apply_fails(&s, -ENOTDIR,
		    "cannot mount '/tmp/source' on '/f': Not a directory (one is a directory, the "
		    "other is a file)");
	s.target = (char *)"/f/x";
	apply_fails(&s, -ENOTDIR,
		    "no mount point '/f/x' in the box: Not a directory (a part of the path is a "
		    "file)");
	ck_assert_int_eq(mkfifo("/tmp/root/fifo", 0644), 0);
	s.target = (char *)"/fifo/x";
	apply_fails(&s, -ENOTDIR,
		    "no mount point '/fifo/x' in the box: Not a directory (a part of the path is a "
		    "file)");
	s.target = (char *)"/d";
	s.source = (char *)"/tmp/source/file";
	ck_assert_int_eq(mkdir("/tmp/root/d", 0755), 0);
	apply_fails(&s, -ENOTDIR,
		    "cannot mount '/tmp/source/file' on '/d': Not a directory (one is a directory, "
		    "the other is a file)");
}
END_TEST

START_TEST(test_missing_mount_point_in_a_read_only_tree)
{
	struct step s = BIND(STEP_RDONLY), below = BIND(0);

	apply(&s);
	below.target = (char *)"/t/new";
	apply_fails(&below, -EROFS,
		    "no mount point '/t/new' in the box: Read-only file system (it is missing, and "
		    "what it would lie in cannot be written)");
	below.target = (char *)"/t/late";
	apply(&below);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/late/x"), 0);
}
END_TEST

START_TEST(test_parents_that_cannot_be_listed)
{
	struct step s = BIND(0);

	ck_assert_int_eq(mkdir("/tmp/root/x", 0111), 0);
	s.target = (char *)"/x/y/z";
	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/x/y/z/file"), "source\n");
}
END_TEST

START_TEST(test_tmpfs)
{
	struct step s = {
		.kind = STEP_TMPFS, .target = (char *)"/a/t", .mode = 01777, .size = 65536
	};
	struct statvfs vfs;
	struct stat st;

	apply(&s);
	ck_assert_int_eq(stat("/tmp/root/a/t", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 01777);
	ck_assert_int_eq(statvfs("/tmp/root/a/t", &vfs), 0);
	ck_assert_uint_eq(vfs.f_blocks * vfs.f_frsize, 65536);
	ck_assert_uint_eq(vfs.f_flag & (ST_NOSUID | ST_NODEV), ST_NOSUID | ST_NODEV);
	s = (struct step){ .kind = STEP_TMPFS,
			   .target = (char *)"/u",
			   .mode = 0755,
			   .flags = STEP_RDONLY | STEP_NOEXEC };
	apply(&s);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/u/x"), EROFS);
	ck_assert_uint_ne(mount_flags("/tmp/root/u") & ST_NOEXEC, 0);
}
END_TEST

START_TEST(test_file_of_our_own)
{
	const struct step s = { .kind = STEP_FILE,
				.target = (char *)"/etc/resolv.conf",
				.content = (char *)"nameserver 10.0.2.3\n",
				.mode = 0444,
				.flags = STEP_RDONLY };
	struct stat st;

	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/etc/resolv.conf"), s.content);
	ck_assert_int_eq(errno_of_write("/tmp/root/etc/resolv.conf"), EROFS);
	ck_assert_int_eq(stat("/tmp/root/etc/resolv.conf", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0444);
	ck_assert_int_eq(st.st_nlink, 0); /* nowhere else */
	ck_assert_int_eq(access("/tmp/root/.made", F_OK), -1);
}
END_TEST

START_TEST(test_two_files_of_our_own)
{
	struct step s = {
		.kind = STEP_FILE, .target = (char *)"/a", .content = (char *)"a", .mode = 0444
	};

	apply(&s);
	s.target = (char *)"/b";
	s.content = (char *)"b";
	apply(&s);
	ck_assert_str_eq(content_of("/tmp/root/a"), "a");
	ck_assert_str_eq(content_of("/tmp/root/b"), "b");
}
END_TEST

static struct step device(const char *path)
{
	return (struct step){ .kind = STEP_DEVICE,
			      .source = (char *)path,
			      .target = (char *)path,
			      .flags = STEP_DEVICES | STEP_NOEXEC };
}

START_TEST(test_device_works)
{
	const struct step null = device("/dev/null"), zero = device("/dev/zero");
	cleanup_fd int fd = -EBADF;
	char byte = 1;

	apply(&null);
	apply(&zero);
	ck_assert_int_eq(errno_of_write("/tmp/root/dev/null"), 0);
	ck_assert_str_eq(content_of("/tmp/root/dev/null"), "");
	fd = open("/tmp/root/dev/zero", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	ck_assert_int_eq(byte, 0);
	ck_assert_uint_eq(mount_flags("/tmp/root/dev/null") & (ST_NOSUID | ST_NOEXEC),
			  ST_NOSUID | ST_NOEXEC);
}
END_TEST

/* What an image, or a trick, has put in the place of /dev/null. */
START_TEST(test_device_is_known_by_its_number)
{
	const struct step null = device("/dev/null");

	ck_assert_int_eq(mount("/dev/zero", "/dev/null", NULL, MS_BIND, NULL), 0);
	apply_fails(&null, -ENODEV, "'/dev/null' is not the device 1:3: No such device");
	ck_assert_int_eq(umount("/dev/null"), 0);
	ck_assert_int_eq(mount("/tmp/source/file", "/dev/null", NULL, MS_BIND, NULL), 0);
	apply_fails(&null, -ENODEV, "'/dev/null' is not the device 1:3: No such device");
	ck_assert_int_eq(umount("/dev/null"), 0);
	apply(&null);
}
END_TEST

START_TEST(test_device_without_the_right)
{
	struct step s = device("/dev/zero");

	s.kind = STEP_BIND;
	s.flags = 0;
	apply(&s);
	ck_assert_int_eq(open("/tmp/root/dev/zero", O_RDONLY | O_CLOEXEC), -1);
	ck_assert_int_eq(errno, EACCES);
}
END_TEST

START_TEST(test_device_that_is_missing)
{
	struct step s = device("/dev/no-such-device");

	apply_fails(&s, -ENOENT,
		    "cannot show the device '/dev/no-such-device' in the box: No such file or "
		    "directory");
	s.flags |= STEP_OPTIONAL;
	apply(&s);
}
END_TEST

START_TEST(test_devpts)
{
	const struct step s = { .kind = STEP_DEVPTS,
				.target = (char *)"/dev/pts",
				.flags = STEP_DEVICES | STEP_NOEXEC };
	cleanup_fd int master = -EBADF;

	apply(&s);
	ck_assert_int_eq(access("/tmp/root/dev/pts/0", F_OK), -1);
	master = open("/tmp/root/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_msg(master >= 0, "%m");
	ck_assert_int_eq(unlockpt(master), 0);
	ck_assert_int_eq(errno_of_write("/tmp/root/dev/pts/0"), 0);
}
END_TEST

/* The box has one id here: group 5 does not exist in it. */
START_TEST(test_devpts_for_a_group_that_is_not_mapped)
{
	const struct step s = { .kind = STEP_DEVPTS,
				.target = (char *)"/dev/pts",
				.has_gid = true,
				.gid = 5,
				.flags = STEP_DEVICES };

	apply_fails(&s, -EINVAL, "cannot make a devpts for '/dev/pts': Invalid argument");
}
END_TEST

START_TEST(test_dir_and_symlink)
{
	struct step s = { .kind = STEP_DIR, .target = (char *)"/run/user/1000", .mode = 0700 };
	char text[32] = { 0 };
	struct stat st;

	apply(&s);
	apply(&s); /* it is there already */
	ck_assert_int_eq(stat("/tmp/root/run/user/1000", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(stat("/tmp/root/run", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	s = (struct step){ .kind = STEP_SYMLINK,
			   .target = (char *)"/x/link",
			   .source = (char *)"../usr/bin" };
	apply(&s);
	ck_assert_int_eq(readlink("/tmp/root/x/link", text, sizeof(text) - 1), 10);
	ck_assert_str_eq(text, "../usr/bin");
	apply_fails(&s, -EEXIST, "cannot make the symbolic link '/x/link' in the box: File exists");
}
END_TEST

static struct step step_at(enum step_kind kind, const char *target)
{
	return (struct step){ .kind = kind, .target = (char *)target };
}

START_TEST(test_lock)
{
	struct step bind = BIND(0), lock = step_at(STEP_LOCK, "/t/late");
	const struct step all = step_at(STEP_LOCK, "/t");

	apply(&bind);
	apply(&lock);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/late/x"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/x"), 0);
	apply(&all); /* with what is mounted below */
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/y"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/sub/y"), EROFS);
	ck_assert_uint_ne(mount_flags("/tmp/root/t") & ST_NOEXEC, 0);
	lock.target = (char *)"/none";
	apply_fails(&lock, -ENOENT, "no mount point '/none' in the box: No such file or directory");
	lock.flags = STEP_OPTIONAL;
	apply(&lock);
}
END_TEST

/* The directory of the last target is kept open; what was mounted on it meanwhile is seen. */
START_TEST(test_target_in_what_was_mounted_meanwhile)
{
	static const char *const places[][3] = { { "/t", "/t/sub", "/t/late" },
						 { "/a/t", "/a/t/sub", "/a/t/late" } };
	struct step bind = BIND(0), tmpfs = { .kind = STEP_TMPFS, .mode = 0755 };
	struct step lock = step_at(STEP_LOCK, NULL);

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		bind.target = lock.target = (char *)places[i][0];
		apply(&bind);
		tmpfs.target = (char *)places[i][1]; /* keeps its directory open */
		apply(&tmpfs);
		apply(&lock); /* mounts on that */
		tmpfs.target = (char *)places[i][2];
		apply(&tmpfs);
	}
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/late/x"), 0);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/y"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/a/t/late/x"), 0);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/a/t/y"), EROFS);
}
END_TEST

START_TEST(test_directories_with_the_same_first_letters)
{
	static const char *const targets[] = { "/a/t",	"/a/tt", "/a/tt/x", "/a/t/x",
					       "/aa/x", "/a/x",	 "/b" };
	struct step tmpfs = { .kind = STEP_TMPFS, .mode = 0755 };

	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		char path[64];

		tmpfs.target = (char *)targets[i];
		apply(&tmpfs);
		snprintf(path, sizeof(path), "/tmp/root%s/made", targets[i]);
		ck_assert_int_eq(errno_of_mkdir(path), 0);
	}
}
END_TEST

START_TEST(test_seal_is_of_one_mount)
{
	const struct step bind = BIND(0), seal = step_at(STEP_SEAL, "/");

	apply(&bind);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/x"), 0);
	apply(&seal);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/y"), EROFS);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/y"), 0);
}
END_TEST

START_TEST(test_masks)
{
	const struct step bind = BIND(0);
	const struct step file = step_at(STEP_MASK, "/t/file"), dir = step_at(STEP_MASK, "/t/sub");
	struct step none = step_at(STEP_MASK, "/t/none");

	apply(&bind);
	ck_assert_int_eq(mount_prepare_masks(&place), 0);
	apply(&file);
	apply(&dir);
	apply_fails(&none, -ENOENT,
		    "there is no '/t/none' in the box to hide: No such file or directory (a '-' "
		    "before the path makes it optional)");
	none.flags = STEP_OPTIONAL;
	apply(&none);
	none.target = (char *)"/t/file/below";
	apply(&none);
	mount_finish_masks(&place);

	ck_assert_str_eq(content_of("/tmp/root/t/file"), "");
	ck_assert_int_eq(errno_of_write("/tmp/root/t/file"), EROFS);
	ck_assert_int_eq(access("/tmp/root/t/sub/file", F_OK), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(errno_of_mkdir("/tmp/root/t/sub/x"), ENOENT); /* it is unlinked, too */
	/* nothing is left of what they are made of, and the source is whole */
	ck_assert_int_eq(access("/tmp/root/.empty-file", F_OK), -1);
	ck_assert_int_eq(access("/tmp/root/.empty-dir", F_OK), -1);
	ck_assert_str_eq(content_of("/tmp/source/file"), "source\n");
	ck_assert_str_eq(content_of("/tmp/source/sub/file"), "sub\n");
}
END_TEST

START_TEST(test_mask_cannot_be_led_astray)
{
	const struct step s = step_at(STEP_MASK, "/link/canary");

	ck_assert_int_eq(mount_prepare_masks(&place), 0);
	ck_assert_int_eq(symlink("../outside", "/tmp/root/link"), 0);
	apply_fails(&s, -ELOOP,
		    "cannot hide '/link/canary': Too many levels of symbolic links (a symbolic "
		    "link is in the way; name the path it leads to)");
	ck_assert_str_eq(content_of("/tmp/outside/canary"), "canary\n");
}
END_TEST

static void add_trees(TCase *tc)
{
	tcase_add_test(tc, test_writable_bind);
	tcase_add_test(tc, test_read_only_bind_is_recursive);
	tcase_add_loop_test(tc, test_attributes_reach_submounts, 0, (int)ARRAY_LEN(attributes));
	tcase_add_test(tc, test_target_through_a_link_is_refused);
	tcase_add_test(tc, test_messages_about_targets);
	tcase_add_test(tc, test_missing_mount_point_in_a_read_only_tree);
	tcase_add_test(tc, test_parents_that_cannot_be_listed);
}

static void add_others(TCase *tc)
{
	tcase_add_test(tc, test_tmpfs);
	tcase_add_test(tc, test_file_of_our_own);
	tcase_add_test(tc, test_two_files_of_our_own);
	tcase_add_test(tc, test_device_works);
	tcase_add_test(tc, test_device_is_known_by_its_number);
	tcase_add_test(tc, test_device_without_the_right);
	tcase_add_test(tc, test_device_that_is_missing);
	tcase_add_test(tc, test_devpts);
	tcase_add_test(tc, test_devpts_for_a_group_that_is_not_mapped);
	tcase_add_test(tc, test_dir_and_symlink);
	tcase_add_test(tc, test_lock);
	tcase_add_test(tc, test_target_in_what_was_mounted_meanwhile);
	tcase_add_test(tc, test_directories_with_the_same_first_letters);
	tcase_add_test(tc, test_seal_is_of_one_mount);
	tcase_add_test(tc, test_masks);
	tcase_add_test(tc, test_mask_cannot_be_led_astray);
}

int main(void)
{
	Suite *suite = suite_create("mount");
	TCase *tc = tcase_create("mount");

	userns_require();
	tcase_add_checked_fixture(tc, mount_scene_make, NULL);
	add_trees(tc);
	add_others(tc);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
