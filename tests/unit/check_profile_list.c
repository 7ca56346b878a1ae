/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/profile.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "scratch.h"

#define SYSTEM " " SANDBOX_SYSCONF_PROFILES " " SANDBOX_DATA_PROFILES

struct file {
	const char *path, *text;
};

static void write_files(const struct file *f)
{
	for (; f->path; f++)
		scratch_write(f->path, f->text);
}

static void fill_dirs(struct strv *dirs)
{
	strv_add(dirs, scratch_path("@/none"));
	strv_add(dirs, scratch_path("@/user"));
	strv_add(dirs, scratch_path("@/system"));
}

static const struct {
	const char *what, *profile_path, *xdg, *home, *dirs, *warning;
} search[] = {
	{ "a home", NULL, NULL, "/home/u", "/home/u/.config/sandbox/profiles" SYSTEM, "" },
	{ "no home", NULL, NULL, NULL, &SYSTEM[1], "" },
	{ "an odd home", NULL, NULL, "u", &SYSTEM[1], "" },
	{ "XDG_CONFIG_HOME instead", NULL, "/c", "/home/u", "/c/sandbox/profiles" SYSTEM, "" },
	{ "XDG_CONFIG_HOME without a home", NULL, "/c", NULL, "/c/sandbox/profiles" SYSTEM, "" },
	{ "an empty XDG_CONFIG_HOME", NULL, "", "/home/u",
	  "/home/u/.config/sandbox/profiles" SYSTEM, "" },
	{ "a relative XDG_CONFIG_HOME", NULL, "c", "/home/u",
	  "/home/u/.config/sandbox/profiles" SYSTEM, "" },
	{ "SANDBOX_PROFILE_PATH before it", "/a:/b/c", "/d", NULL,
	  "/a /b/c /d/sandbox/profiles" SYSTEM, "" },
	{ "an empty SANDBOX_PROFILE_PATH, and empty parts", ":/a::", NULL, NULL, "/a" SYSTEM, "" },
	{ "each only once", "/a:" SANDBOX_DATA_PROFILES ":/a", NULL, NULL,
	  "/a " SANDBOX_DATA_PROFILES " " SANDBOX_SYSCONF_PROFILES, "" },
	{ "the working directory is no place to look in", ".:/a:x/y:~", NULL, NULL, "/a" SYSTEM,
	  "warning: ignoring '.' in SANDBOX_PROFILE_PATH: not an absolute path\n"
	  "warning: ignoring 'x/y' in SANDBOX_PROFILE_PATH: not an absolute path\n"
	  "warning: ignoring '~' in SANDBOX_PROFILE_PATH: not an absolute path\n" },
};

static void set_variable(const char *name, const char *value)
{
	ck_assert_int_eq(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

START_TEST(test_search_path)
{
	cleanup_strv struct strv dirs = { 0 };
	cleanup_free char *text = xstrdup("");

	set_variable("SANDBOX_PROFILE_PATH", search[_i].profile_path);
	set_variable("XDG_CONFIG_HOME", search[_i].xdg);
	profile_search_path(search[_i].home, &dirs);
	for (size_t i = 0; i < dirs.n; i++) {
		char *longer = xasprintf("%s%s%s", text, i ? " " : "", dirs.v[i]);

		free(text);
		text = longer;
	}
	ck_assert_msg(strcmp(text, search[_i].dirs) == 0, "%s: %s", search[_i].what, text);
	ck_assert_str_eq(scratch_logged(), search[_i].warning);
}
END_TEST

#define PROGRAMS(words) "[profile]\nprograms = " words "\n"

/* Files, a program, and the profile it gets or the one line that refuses. */
static const struct {
	const char *what;
	struct file files[6];
	const char *program, *profile, *error;
} programs[] = {
	{ "nobody names it", { { "@/user/a.ini", PROGRAMS("x y") } }, "z", "default", NULL },
	{ "no profile at all", { { NULL, NULL } }, "z", "default", NULL },
	{ "one names it",
	  { { "@/system/a.ini", PROGRAMS("x y") }, { "@/system/b.ini", PROGRAMS("z") } },
	  "z",
	  "b",
	  NULL },
	{ "the last component counts",
	  { { "@/user/a.ini", PROGRAMS("x y") } },
	  "../bin/y",
	  "a",
	  NULL },
	{ "all of it", { { "@/user/a.ini", PROGRAMS("firefox") } }, "fire", "default", NULL },
	{ "and nothing behind it", { { "@/user/a.ini", PROGRAMS("") } }, "bin/", "default", NULL },
	{ "quoted words",
	  { { "@/user/a.ini", PROGRAMS("'x \"my program\" y'") } },
	  "/opt/my program",
	  "a",
	  NULL },
	{ "the earlier directory wins",
	  { { "@/system/a.ini", PROGRAMS("x") }, { "@/user/b.ini", PROGRAMS("x") } },
	  "x",
	  "b",
	  NULL },
	{ "the earlier name wins, in one directory",
	  { { "@/user/c.ini", PROGRAMS("x") },
	    { "@/user/b.ini", PROGRAMS("x") },
	    { "@/user/a.ini", PROGRAMS("y") } },
	  "x",
	  "b",
	  NULL },
	{ "a hidden profile names nothing",
	  { { "@/system/a.ini", PROGRAMS("x") }, { "@/user/a.ini", PROGRAMS("y") } },
	  "x",
	  "default",
	  NULL },
	{ "an addition adds",
	  { { "@/system/a.ini", PROGRAMS("x") }, { "@/user/a.local.ini", PROGRAMS("y") } },
	  "x",
	  "a",
	  NULL },
	{ "an addition adds its own",
	  { { "@/system/a.ini", "[profile]\ndescription = a\n" },
	    { "@/user/a.local.ini", PROGRAMS("y") } },
	  "y",
	  "a",
	  NULL },
	{ "an addition clears",
	  { { "@/system/a.ini", PROGRAMS("x") }, { "@/user/a.local.ini", PROGRAMS("") } },
	  "x",
	  "default",
	  NULL },
	{ "the user's addition is the last",
	  { { "@/system/a.ini", PROGRAMS("x") },
	    { "@/user/a.local.ini", PROGRAMS("y") },
	    { "@/system/a.local.ini", PROGRAMS("") } },
	  "y",
	  "a",
	  NULL },
	{ "an addition to nothing, or to a hidden one, names nothing",
	  { { "@/user/a.local.ini", PROGRAMS("x") },
	    { "@/system/b.local.ini", PROGRAMS("x") },
	    { "@/user/b.ini", PROGRAMS("y") } },
	  "x",
	  "default",
	  NULL },
	{ "programs are not inherited",
	  { { "@/user/a.ini", "[profile]\ninherit = b\n" }, { "@/user/b.ini", PROGRAMS("x") } },
	  "x",
	  "b",
	  NULL },
	{ "programs of another section are none",
	  { { "@/user/a.ini", "[limits]\nprograms = x\n" } },
	  "x",
	  "default",
	  NULL },
	{ "files that are no profiles are left alone",
	  { { "@/user/a.ini~", PROGRAMS("x") },
	    { "@/user/.a.ini", PROGRAMS("x") },
	    { "@/user/.ini", PROGRAMS("x") },
	    { "@/user/A.ini", PROGRAMS("x") },
	    { "@/user/a.conf", PROGRAMS("x") } },
	  "x",
	  "default",
	  NULL },
	{ "a broken file without the word cannot have meant it",
	  { { "@/user/a.ini", "[filesystem\n" }, { "@/user/b.ini", PROGRAMS("x") } },
	  "x",
	  "b",
	  NULL },
	{ "nor one with the word in comments",
	  { { "@/user/a.ini", "# programs\n \t; programs = x # programs\n[filesystem\n" },
	    { "@/user/b.ini", PROGRAMS("x") } },
	  "x",
	  "b",
	  NULL },
	{ "a broken file with it may have, whatever is in front",
	  { { "@/user/a.ini", "#programs\n[profile]\n\v programs = x\n" } },
	  "x",
	  NULL,
	  "@/user/a.ini:3: control character '\\x0b'\n" },
	{ "in the first line, even",
	  { { "@/user/a.ini", "programs = x\n" } },
	  "x",
	  NULL,
	  "@/user/a.ini:1: key 'programs' stands before the first [section]\n" },
	{ "a broken file with it may have",
	  { { "@/user/a.ini", PROGRAMS("y") "[filesystem\n" }, { "@/user/b.ini", PROGRAMS("x") } },
	  "x",
	  NULL,
	  "@/user/a.ini:3: no ']' at the end of '[filesystem'\n" },
	{ "an open quote",
	  { { "@/user/a.ini", PROGRAMS("x 'y") } },
	  "x",
	  NULL,
	  "@/user/a.ini:2: a quote is left open in 'x 'y'\n" },
	{ "a path",
	  { { "@/user/a.ini", PROGRAMS("x /bin/y") } },
	  "x",
	  NULL,
	  "@/user/a.ini:2: '/bin/y' has a slash; programs are named without their directory\n" },
};

START_TEST(test_for_program)
{
	cleanup_strv struct strv dirs = { 0 };
	cleanup_free char *name = NULL;
	int r;

	fill_dirs(&dirs);
	write_files(programs[_i].files);
	r = profile_for_program(programs[_i].program, &dirs, &name);
	if (programs[_i].error) {
		ck_assert_msg(r == -EINVAL, "%s: %d", programs[_i].what, r);
		ck_assert_str_eq(scratch_logged(), programs[_i].error);
		ck_assert_ptr_null(name);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", programs[_i].what, scratch_logged());
	ck_assert_msg(strcmp(name, programs[_i].profile) == 0, "%s: %s", programs[_i].what, name);
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

/* A directory is read in no order at all: with so many, hardly in that of the names. */
START_TEST(test_for_program_of_many)
{
	cleanup_strv struct strv dirs = { 0 };
	cleanup_free char *name = NULL;

	fill_dirs(&dirs);
	for (int i = 59; i >= 10; i--) {
		cleanup_free char *path = xasprintf("@/user/p%d.ini", i);

		scratch_write(path, PROGRAMS("x"));
	}
	ck_assert_int_eq(profile_for_program("x", &dirs, &name), 0);
	ck_assert_str_eq(name, "p10");
}
END_TEST

START_TEST(test_for_program_trusts_no_file_that_is_not_ours)
{
	cleanup_strv struct strv dirs = { 0 };
	cleanup_free char *name = NULL;

	fill_dirs(&dirs);
	ck_assert_int_eq(chmod(scratch_write("@/user/a.ini", PROGRAMS("x")), 0606), 0);
	ck_assert_int_eq(profile_for_program("x", &dirs, &name), -EPERM);
	ck_assert_str_eq(scratch_logged(),
			 "profile '@/user/a.ini' is writable by everybody (chmod o-w helps)\n");
}
END_TEST

START_TEST(test_a_file_for_a_directory_is_an_empty_one)
{
	cleanup_strv struct strv dirs = { 0 };
	cleanup_free char *name = NULL;

	strv_add(&dirs, scratch_write("@/file", PROGRAMS("x")));
	ck_assert_int_eq(profile_for_program("x", &dirs, &name), 0);
	ck_assert_str_eq(name, "default");
}
END_TEST

START_TEST(test_list)
{
	static const struct file files[] = {
		{ "@/user/b.ini", "[profile]\ndescription = mine\n" },
		{ "@/system/b.ini", "[profile]\ndescription = theirs\n" },
		{ "@/system/a.ini", "[profile]\ndescription = theirs\n" },
		{ "@/user/a.local.ini", "[profile]\ndescription = \"mine; too\"\n" },
		{ "@/system/d.ini", "[profile]\ndescription = no reader gets here\nb\n" },
		{ "@/system/c.ini", "[filesystem]\ncwd = ro\n" },
		{ "@/user/e.ini", "[profile]\ndescription = broken by what is added\n" },
		{ "@/user/e.local.ini", "[profile]\nb\n" },
		{ "@/user/z.local.ini", "[profile]\ndescription = to nothing\n" },
		{ NULL, NULL },
	};
	static const char *const rows[][3] = {
		{ "a", "@/system/a.ini", "mine; too" }, { "b", "@/user/b.ini", "mine" },
		{ "c", "@/system/c.ini", NULL },	{ "d", "@/system/d.ini", NULL },
		{ "e", "@/user/e.ini", NULL },
	};
	cleanup_strv struct strv dirs = { 0 };
	struct profile_info *list;
	size_t n;

	fill_dirs(&dirs);
	write_files(files);
	ck_assert_int_eq(profile_list(&dirs, &list, &n), 0);
	ck_assert_uint_eq(n, ARRAY_LEN(rows));
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *path = scratch_mask(list[i].path);

		ck_assert_str_eq(list[i].name, rows[i][0]);
		ck_assert_str_eq(path, rows[i][1]);
		ck_assert_pstr_eq(list[i].description, rows[i][2]);
	}
	ck_assert_str_eq(scratch_logged(), "@/user/e.local.ini:2: 'b' is not 'key = value'\n"
					   "@/system/d.ini:3: 'b' is not 'key = value'\n");
	profile_list_free(list, n);
}
END_TEST

START_TEST(test_list_of_nothing)
{
	cleanup_strv struct strv dirs = { 0 };
	struct profile_info *list;
	size_t n;

	fill_dirs(&dirs);
	ck_assert_int_eq(profile_list(&dirs, &list, &n), 0);
	ck_assert_uint_eq(n, 0);
	profile_list_free(list, n);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile_list");
	TCase *tc = tcase_create("list");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_loop_test(tc, test_search_path, 0, (int)ARRAY_LEN(search));
	tcase_add_loop_test(tc, test_for_program, 0, (int)ARRAY_LEN(programs));
	tcase_add_test(tc, test_for_program_of_many);
	tcase_add_test(tc, test_for_program_trusts_no_file_that_is_not_ours);
	tcase_add_test(tc, test_a_file_for_a_directory_is_an_empty_one);
	tcase_add_test(tc, test_list);
	tcase_add_test(tc, test_list_of_nothing);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
