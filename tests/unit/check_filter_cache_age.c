/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cache_entry.h"
#include "kernel/libseccomp.h"
#include "scratch.h"

/* When a cached filter is too old: libseccomp has changed, or there are too many. */

static void rename_in(const char *from, const char *to)
{
	ck_assert_int_eq(rename(scratch_path(from), scratch_path(to)), 0);
}

/* ---- by which libseccomp ---- */

/* The real one, where a test can change it. Returns its path. */
static const char *copy_library(const char *name)
{
	cleanup_libseccomp struct libseccomp lib = { 0 };
	cleanup_free char *bytes = NULL;
	cleanup_fd int fd = -EBADF;
	const char *path = scratch_write(name, "");
	size_t size;

	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, lib.path, 1 << 26, &bytes, &size), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(fs_write_all(fd, bytes, size), 0);
	return path;
}

static struct entry fill_by(const char *library)
{
	return fill_with(library, scratch_path("@/cache"), &(struct filter_profile){ 0 });
}

static void set_mtime(const char *path, struct timespec mtime)
{
	ck_assert_int_eq(utimensat(AT_FDCWD, path, (struct timespec[]){ mtime, mtime }, 0), 0);
}

/* Times are all that tells an upgrade in place of the same size from the file it was. */
START_TEST(test_library_is_touched)
{
	const char *library = copy_library("@/lib/one.so");
	cleanup_entry struct entry e = { 0 };
	struct timespec mtime = { 1700000000, 5 };

	set_mtime(library, mtime);
	e = fill_by(library);
	ck_assert(hit(&e));
	mtime.tv_nsec++;
	set_mtime(library, mtime);
	ck_assert(!hit(&e));
	mtime.tv_nsec--;
	mtime.tv_sec++;
	set_mtime(library, mtime);
	ck_assert(!hit(&e));
	mtime.tv_sec--;
	set_mtime(library, mtime);
	ck_assert(hit(&e));
}
END_TEST

START_TEST(test_library_is_another_file)
{
	const char *library = copy_library("@/lib/one.so"), *other = copy_library("@/lib/two.so");
	const struct timespec mtime = { 1700000000, 5 };
	cleanup_entry struct entry e = { 0 }, again = { 0 };

	set_mtime(library, mtime);
	set_mtime(other, mtime);
	e = fill_by(library);
	ck_assert(hit(&e));
	rename_in("@/lib/one.so", "@/lib/old.so");
	ck_assert(!hit(&e));
	rename_in("@/lib/two.so", "@/lib/one.so");
	ck_assert(!hit(&e));
	again = fill_by(library);
	ck_assert(hit(&e));
	rename_in("@/lib/old.so", "@/lib/one.so");
	ck_assert(!hit(&e));
}
END_TEST

START_TEST(test_library_changes_its_size)
{
	const char *library = copy_library("@/lib/one.so");
	const struct timespec mtime = { 1700000000, 5 };
	cleanup_entry struct entry e = { 0 };
	struct stat st;

	set_mtime(library, mtime);
	e = fill_by(library);
	ck_assert_int_eq(stat(library, &st), 0);
	ck_assert_int_eq(truncate(library, st.st_size + 1), 0);
	set_mtime(library, mtime);
	ck_assert(!hit(&e));
	ck_assert_int_eq(truncate(library, st.st_size), 0);
	set_mtime(library, mtime);
	ck_assert(hit(&e));
}
END_TEST

/* As systems have it: the name is a link, and an upgrade points it elsewhere. */
START_TEST(test_library_behind_a_link)
{
	const char *link = scratch_path("@/lib/libx.so.2");
	cleanup_entry struct entry e = { 0 };

	(void)copy_library("@/lib/libx.so.2.1");
	(void)copy_library("@/lib/libx.so.2.2");
	ck_assert_int_eq(symlink("libx.so.2.1", link), 0);
	e = fill_by(link);
	ck_assert(hit(&e));
	ck_assert_int_eq(unlink(link), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(symlink("libx.so.2.2", link), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(symlink("libx.so.2.1", link), 0);
	ck_assert(hit(&e));
}
END_TEST

/* A path that the next launch cannot find again is no reason to fail, nor one to keep the file. */
START_TEST(test_library_by_a_path_that_cannot_be_kept)
{
	cleanup_entry struct entry near = { 0 }, deep = { 0 };
	cleanup_free char *file = NULL, *path = xstrdup("@/");

	(void)copy_library("@/lib/one.so");
	ck_assert_int_eq(chdir(scratch_path("@/")), 0);
	near = fill_by("lib/one.so");
	ck_assert(!hit(&near));

	for (size_t i = 0; i < 5; i++) {
		char *longer = xasprintf("%s%050d/", path, 0);

		free(path);
		path = longer;
	}
	file = xasprintf("%sone.so", path);
	deep = fill_by(copy_library(file));
	ck_assert(!hit(&deep));
	free(file);
	file = cached_file(0);
	ck_assert_ptr_null(file);
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

/* The path is the last of what stands before the text. */
START_TEST(test_library_whose_path_has_no_end)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);
	cleanup_fd int fd = open(file, O_RDWR | O_CLOEXEC);
	off_t text = lseek(fd, 0, SEEK_END) - (off_t)(e.size + strlen(e.text));
	char path[256];

	ck_assert(pread(fd, path, sizeof(path), text - (off_t)sizeof(path)) == sizeof(path));
	ck_assert_int_eq(*path, '/');
	for (size_t i = strlen(path); i < sizeof(path); i++)
		path[i] = 'x';
	ck_assert(hit(&e));
	ck_assert(pwrite(fd, path, sizeof(path), text - (off_t)sizeof(path)) == sizeof(path));
	ck_assert(!hit(&e));
}
END_TEST

START_TEST(test_library_is_missing)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	cleanup_filter_policy struct filter_policy p = { 0 };
	cleanup_free char *text = NULL, *file = NULL;

	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ 0 }, &p), 0);
	text = filter_policy_text(&p);
	ck_assert_int_eq(filter_cache_fill_by("libseccomp-none.so.2", scratch_path("@/cache"), text,
					      &p, fd, NULL, NULL),
			 -ELIBACC);
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
	file = cached_file(0);
	ck_assert_ptr_null(file);
	ck_assert_ptr_nonnull(strstr(scratch_logged(), "libseccomp-none.so.2: cannot open"));
}
END_TEST

/* ---- how many are kept ---- */

/* A file such as the cache has, days old; where is "@/cache/filters/" and a number of digits. */
static void add_old(int number, int days)
{
	cleanup_free char *name = xasprintf("@/cache/filters/%016x", number);
	struct timespec mtime;

	(void)clock_gettime(CLOCK_REALTIME, &mtime);
	mtime.tv_sec -= days * 86400L;
	set_mtime(scratch_write(name, "old"), mtime);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(scratch_path(path), &st) == 0;
}

static bool has_old(int number)
{
	cleanup_free char *name = xasprintf("@/cache/filters/%016x", number);

	return exists(name);
}

START_TEST(test_the_oldest_go)
{
	cleanup_entry struct entry e = fill_default(), again = { 0 };

	for (int i = 1; i < FILTER_CACHE_FILES; i++)
		add_old(i, 100 - i);
	again = fill_default();
	for (int i = 1; i < FILTER_CACHE_FILES; i++)
		ck_assert_msg(has_old(i), "%d", i);
	add_old(FILTER_CACHE_FILES, 1);
	add_old(FILTER_CACHE_FILES + 1, 99);
	entry_done(&again);
	again = fill_default();
	ck_assert(!has_old(1));
	ck_assert(!has_old(FILTER_CACHE_FILES + 1));
	for (int i = 2; i <= FILTER_CACHE_FILES; i++)
		ck_assert_msg(has_old(i), "%d", i);
	ck_assert(hit(&e));
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

/* A clock that once was wrong must not make every launch a miss. */
START_TEST(test_the_new_one_stays)
{
	cleanup_entry struct entry e = fill_default(), again = { 0 };

	for (int i = 1; i < 2 * FILTER_CACHE_FILES; i++)
		add_old(i, -i);
	again = fill_default();
	ck_assert(hit(&e));
	ck_assert(!has_old(1));
	ck_assert(has_old(2 * FILTER_CACHE_FILES - 1));
}
END_TEST

START_TEST(test_what_is_not_ours_stays)
{
	cleanup_entry struct entry e = fill_default(), again = { 0 };
	const char *const kept[] = {
		"@/cache/filters/README",
		"@/cache/filters/0000000000000000000000000000",
		"@/cache/filters/000000000000000a",
		"@/cache/filters/000000000000000b",
		"@/cache/filters/00000000",
		"@/elsewhere",
		"@/cache/filters/000000000000000c.longer-than-any-name-that-the-cache-has-ever-had",
	};

	(void)scratch_write(kept[0], "kept");
	(void)scratch_write(kept[1], "kept");
	ck_assert_int_eq(mkdir(scratch_path(kept[2]), 0700), 0);
	ck_assert_int_eq(symlink("../../elsewhere", scratch_path(kept[3])), 0);
	(void)scratch_write(kept[4], "kept");
	(void)scratch_write(kept[5], "kept");
	(void)scratch_write(kept[6], "kept");
	for (int i = 0; i < 2 * FILTER_CACHE_FILES; i++)
		add_old(100 + i, -i);
	again = fill_default();
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		ck_assert_msg(exists(kept[i]), "%s", kept[i]);
	ck_assert(hit(&e));
}
END_TEST

/* Little by little: a launch waits for this. */
START_TEST(test_an_overfull_cache_shrinks)
{
	cleanup_entry struct entry e = fill_default();
	size_t left[4] = { 0 };

	for (int i = 1; i < 3000; i++)
		add_old(i, i % 100);
	for (int i = 0; i < 4; i++) {
		struct entry again = fill_default();

		entry_done(&again);
		ck_assert(hit(&e));
		for (int j = 1; j < 3000; j++)
			left[i] += has_old(j);
	}
	ck_assert_uint_gt(left[0], 1900);
	ck_assert_uint_lt(left[0], 2100);
	ck_assert_uint_eq(left[3], FILTER_CACHE_FILES - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter_cache_age");
	TCase *tc = tcase_create("cache");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_test(tc, test_library_is_touched);
	tcase_add_test(tc, test_library_is_another_file);
	tcase_add_test(tc, test_library_changes_its_size);
	tcase_add_test(tc, test_library_behind_a_link);
	tcase_add_test(tc, test_library_by_a_path_that_cannot_be_kept);
	tcase_add_test(tc, test_library_whose_path_has_no_end);
	tcase_add_test(tc, test_library_is_missing);
	tcase_add_test(tc, test_the_oldest_go);
	tcase_add_test(tc, test_the_new_one_stays);
	tcase_add_test(tc, test_what_is_not_ours_stays);
	tcase_add_test(tc, test_an_overfull_cache_shrinks);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
