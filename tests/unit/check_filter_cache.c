/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/filter_cache.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "cache_entry.h"
#include "scratch.h"

static void rename_in(const char *from, const char *to)
{
	ck_assert_int_eq(rename(scratch_path(from), scratch_path(to)), 0);
}

/* ---- what works ---- */

START_TEST(test_nothing_is_a_miss)
{
	cleanup_entry struct entry e = fill(NULL, &(struct filter_profile){ 0 });

	ck_assert(!has(NULL, &e));
	ck_assert(!hit(&e));
	ck_assert(!has("", &e));
	ck_assert_int_eq(mkdir(scratch_path("@/cache"), 0700), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(mkdir(scratch_path("@/cache/filters"), 0700), 0);
	ck_assert(!hit(&e));
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

START_TEST(test_filled_is_a_hit)
{
	const char *dir = scratch_path("@/home/.cache/sandbox");
	cleanup_entry struct entry a = fill(dir, &(struct filter_profile){ 0 });
	cleanup_entry struct entry b = { 0 };
	struct stat st;

	ck_assert(has(dir, &a));
	ck_assert_int_eq(stat(scratch_path("@/home/.cache"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(stat(scratch_path("@/home/.cache/sandbox/filters"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	b = fill(dir, &(struct filter_profile){ .allow = "ptrace" });
	ck_assert(has(dir, &a));
	ck_assert(has(dir, &b));
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

START_TEST(test_filling_leaves_one_file)
{
	cleanup_entry struct entry a = fill_default(), b = fill_default();
	cleanup_free char *first = cached_file(0), *second = cached_file(1);
	struct stat st;

	ck_assert(hit(&a));
	ck_assert(hit(&b));
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(second);
	ck_assert_int_eq(stat(first, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(test_filling_survives_a_leftover)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);
	cleanup_free char *leftover = xasprintf("%s.%d", file, (int)getpid());
	cleanup_entry struct entry again = { 0 };

	ck_assert_int_eq(rename(file, leftover), 0);
	ck_assert(!hit(&e));
	again = fill_default();
	ck_assert(hit(&e));
}
END_TEST

/* ---- what is not believed ---- */

START_TEST(test_other_text)
{
	cleanup_entry struct entry e = fill_default();
	size_t n = strlen(e.text);

	e.text[n - 2] ^= 1;
	ck_assert(!hit(&e));
	e.text[n - 2] ^= 1;
	e.text[n - 1] = '\0';
	ck_assert(!hit(&e));
	e.text[n - 1] = '\n';
	ck_assert(hit(&e));
}
END_TEST

/* As if two texts had one hash. */
START_TEST(test_other_policy_under_our_name)
{
	cleanup_entry struct entry a = fill_default(), b = { 0 };
	cleanup_free char *a_file = cached_file(0), *b_file = NULL;
	struct filter_profile other = { .allow = "@numa" };

	ck_assert_int_eq(unlink(a_file), 0);
	b = fill(scratch_path("@/cache"), &other);
	b_file = cached_file(0);
	ck_assert_str_ne(a_file, b_file);
	ck_assert(hit(&b));
	ck_assert_int_eq(rename(b_file, a_file), 0);
	ck_assert(!hit(&a));
	ck_assert(!hit(&b));
}
END_TEST

START_TEST(test_any_changed_byte)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *path = cached_file(0);
	cleanup_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	off_t good = 0;

	ck_assert_int_gt(size, (off_t)e.size);
	for (off_t i = 0; i < size; i++) {
		char byte;

		ck_assert(pread(fd, &byte, 1, i) == 1);
		byte ^= 1 << (i % 8);
		ck_assert(pwrite(fd, &byte, 1, i) == 1);
		good += hit(&e);
		byte ^= 1 << (i % 8);
		ck_assert(pwrite(fd, &byte, 1, i) == 1);
	}
	ck_assert_int_eq(good, 0);
	ck_assert(hit(&e));
}
END_TEST

START_TEST(test_other_length)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *path = cached_file(0);
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	for (off_t size = st.st_size + 64; size >= 0; size = size > 64 ? size * 7 / 8 : size - 1) {
		ck_assert_int_eq(truncate(path, size), 0);
		ck_assert(!hit(&e));
	}
	ck_assert_int_eq(truncate(path, 1 << 30), 0);
	ck_assert(!hit(&e));
}
END_TEST

START_TEST(test_filling_repairs)
{
	cleanup_entry struct entry e = fill_default(), again = { 0 };
	cleanup_free char *path = cached_file(0);

	ck_assert_int_eq(truncate(path, 100), 0);
	ck_assert(!hit(&e));
	again = fill_default();
	ck_assert(hit(&e));
}
END_TEST

static const struct {
	const char *path; /* NULL: the file itself */
	mode_t mode;
	bool believed;
} modes[] = {
	{ NULL, 0600, true },
	{ NULL, 0400, true },
	{ NULL, 0644, true },
	{ NULL, 0620, false },
	{ NULL, 0602, false },
	{ NULL, 0666, false },
	{ "@/cache/filters", 0700, true },
	{ "@/cache/filters", 0750, false },
	{ "@/cache/filters", 0711, false },
	{ "@/cache/filters", 0701, false },
	{ "@/cache/filters", 0777, false },
	{ "@/cache", 0700, true },
	{ "@/cache", 0755, true },
	{ "@/cache", 0775, false },
	{ "@/cache", 0757, false },
	{ "@/cache", 01777, false },
};

START_TEST(test_mode)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);
	const char *path = modes[_i].path ? scratch_path(modes[_i].path) : file;

	ck_assert(hit(&e));
	ck_assert_int_eq(chmod(path, modes[_i].mode), 0);
	ck_assert_msg(hit(&e) == modes[_i].believed, "%s %o", path, (unsigned int)modes[_i].mode);
}
END_TEST

START_TEST(test_owner)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);
	const char *const paths[] = { file, scratch_path("@/cache/filters"),
				      scratch_path("@/cache") };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (chown(paths[i], geteuid() + 1, (gid_t)-1) < 0) {
			printf("check_filter_cache: owners not tested: only root can give files "
			       "away\n");
			return;
		}
		ck_assert_msg(!hit(&e), "%s", paths[i]);
		ck_assert_int_eq(chown(paths[i], geteuid(), (gid_t)-1), 0);
		ck_assert(hit(&e));
	}
}
END_TEST

START_TEST(test_symbolic_links)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);

	ck_assert_int_eq(rename(file, scratch_path("@/cache/filters/real")), 0);
	ck_assert_int_eq(symlink("real", file), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(rename(scratch_path("@/cache/filters/real"), file), 0);
	ck_assert(hit(&e));

	rename_in("@/cache/filters", "@/cache/real");
	ck_assert_int_eq(symlink("real", scratch_path("@/cache/filters")), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(unlink(scratch_path("@/cache/filters")), 0);
	rename_in("@/cache/real", "@/cache/filters");
	ck_assert(hit(&e));

	rename_in("@/cache", "@/real");
	ck_assert_int_eq(symlink("real", scratch_path("@/cache")), 0);
	ck_assert(!hit(&e));
	ck_assert(has(scratch_path("@/real"), &e));

	/* Above the directory links are allowed: the system has /home where it likes. */
	ck_assert_int_eq(symlink(".", scratch_path("@/link")), 0);
	ck_assert(has(scratch_path("@/link/real"), &e));
}
END_TEST

START_TEST(test_other_kinds_of_file)
{
	cleanup_entry struct entry e = fill_default();
	cleanup_free char *file = cached_file(0);

	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	ck_assert(!hit(&e)); /* and does not wait for a writer */
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	ck_assert(!hit(&e));
	ck_assert_int_eq(rmdir(file), 0);
	ck_assert_int_eq(rmdir(scratch_path("@/cache/filters")), 0);
	(void)scratch_write("@/cache/filters", "");
	ck_assert(!hit(&e));
}
END_TEST

/* ---- where it cannot be kept ---- */

START_TEST(test_filling_a_bad_directory)
{
	cleanup_entry struct entry a = { 0 }, b = { 0 };
	cleanup_free char *file = NULL;

	ck_assert_int_eq(mkdir(scratch_path("@/cache"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("@/cache/filters"), 0755), 0);
	a = fill_default();
	file = cached_file(0);
	ck_assert_ptr_null(file);
	ck_assert_int_eq(rmdir(scratch_path("@/cache/filters")), 0);
	ck_assert_int_eq(mkdir(scratch_path("@/elsewhere"), 0700), 0);
	ck_assert_int_eq(symlink("../elsewhere", scratch_path("@/cache/filters")), 0);
	b = fill_default();
	ck_assert_int_eq(rmdir(scratch_path("@/elsewhere")), 0); /* still empty */
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter_cache");
	TCase *tc = tcase_create("cache");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_test(tc, test_nothing_is_a_miss);
	tcase_add_test(tc, test_filled_is_a_hit);
	tcase_add_test(tc, test_filling_leaves_one_file);
	tcase_add_test(tc, test_filling_survives_a_leftover);
	tcase_add_test(tc, test_other_text);
	tcase_add_test(tc, test_other_policy_under_our_name);
	tcase_add_test(tc, test_any_changed_byte);
	tcase_add_test(tc, test_other_length);
	tcase_add_test(tc, test_filling_repairs);
	tcase_add_loop_test(tc, test_mode, 0, (int)ARRAY_LEN(modes));
	tcase_add_test(tc, test_owner);
	tcase_add_test(tc, test_symbolic_links);
	tcase_add_test(tc, test_other_kinds_of_file);
	tcase_add_test(tc, test_filling_a_bad_directory);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
