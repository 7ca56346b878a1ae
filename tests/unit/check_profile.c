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

struct file {
	const char *path, *text;
};

/* The search path of all tests: the user's directory, the administrator's, the system's. */
static void fill_dirs(struct strv *dirs)
{
	strv_add(dirs, scratch_path("@/user"));
	strv_add(dirs, scratch_path("@/admin"));
	strv_add(dirs, scratch_path("@/system"));
}

static char *join(const struct strv *list)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < list->n; i++) {
		cleanup_free char *masked = scratch_mask(list->v[i]);
		char *longer = xasprintf("%s%s%s", text, i ? " " : "", masked);

		free(text);
		text = longer;
	}
	return text;
}

/* What came of it: three settings of three kinds, and the files. */
static char *describe(const struct config *c, const struct strv *files)
{
	cleanup_free char *keep = join(&c->env_keep);
	cleanup_free char *programs = join(&c->programs);
	cleanup_free char *applied = join(files);

	return xasprintf("host %s, keep '%s', programs '%s', '%s': %s",
			 c->hostname ? c->hostname : "-", keep, programs,
			 c->description ? c->description : "", applied);
}

#define KEEP(words) "[environment]\nkeep = " words "\n"
#define HOST(name)  "[namespaces]\nhostname = " name "\n"

/* Files, a profile that is asked for, and what came of it or the one line that refuses it. */
static const struct {
	const char *what;
	struct file files[7];
	const char *name; /* "dev" unless said */
	const char *result, *error;
	int r; /* -EINVAL unless said */
} cases[] = {
	{
		.what = "a file is found in the last directory",
		.files = { { "@/system/dev.ini", HOST("a") KEEP("A B") } },
		.result = "host a, keep 'A B', programs '', '': @/system/dev.ini",
	},
	{
		.what = "the first directory wins, and alone",
		.files = { { "@/user/dev.ini", HOST("u") },
			   { "@/admin/dev.ini", HOST("a") KEEP("A") },
			   { "@/system/dev.ini", HOST("s") KEEP("S") } },
		.result = "host u, keep '', programs '', '': @/user/dev.ini",
	},
	{
		.what = "a path is that one file, with no addition",
		.files = { { "@/x/dev.ini", HOST("x") },
			   { "@/x/dev.local.ini", HOST("l") },
			   { "@/user/dev.local.ini", HOST("l") },
			   { "@/user/dev.ini", HOST("u") } },
		.name = "@/x/dev.ini",
		.result = "host x, keep '', programs '', '': @/x/dev.ini",
	},
	{
		.what = "a path may inherit a name",
		.files = { { "@/x/dev", "[profile]\ninherit = dev\n" KEEP("X") },
			   { "@/user/dev.ini", HOST("u") KEEP("U") } },
		.name = "@/x/dev",
		.result = "host u, keep 'U X', programs '', '': @/user/dev.ini @/x/dev",
	},
	{
		.what = "quoted and odd values arrive as they are meant",
		.files = { { "@/user/dev.ini", "[profile]\ndescription = \"a; b # 'c' \"\n"
					       "programs = \"g++\" 'a'b\n" } },
		.error = "@/user/dev.ini:3: the value goes on behind its closing \"; put all of it "
			 "into '...'\n",
	},
	{
		.what = "quotes around words need quotes around the value, or none in front",
		.files = { { "@/user/dev.ini", "[profile]\ndescription = \"a; b # 'c' \"\n"
					       "programs = '\"g ++\" x'\n" } },
		.result = "host -, keep '', programs 'g ++ x', 'a; b # 'c' ': @/user/dev.ini",
	},
	{
		.what = "parents come first, left to right, and lists grow",
		.files = { { "@/user/dev.ini", KEEP("D") "[profile]\ninherit = a b\n" },
			   { "@/system/a.ini", HOST("a") KEEP("A") },
			   { "@/system/b.ini", HOST("b") KEEP("B") } },
		.result = "host b, keep 'A B D', programs '', '': "
			  "@/system/a.ini @/system/b.ini @/user/dev.ini",
	},
	{
		.what = "an heir has the last word, and an empty value clears a list",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a\n" HOST("d") KEEP("") },
			   { "@/system/a.ini", HOST("a") KEEP("A") } },
		.result = "host d, keep '', programs '', '': @/system/a.ini @/user/dev.ini",
	},
	{
		.what = "a grandparent of two sides counts once, so the second does not undo the "
			"first",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a b\n" },
			   { "@/user/a.ini", "[profile]\ninherit = base\n" HOST("a") },
			   { "@/user/b.ini", "[profile]\ninherit = base\n" KEEP("B") },
			   { "@/user/base.ini", HOST("base") KEEP("BASE") } },
		.result = "host a, keep 'BASE B', programs '', '': "
			  "@/user/base.ini @/user/a.ini @/user/b.ini @/user/dev.ini",
	},
	{
		.what = "description and programs are not inherited",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a\nprograms = d\n" },
			   { "@/user/a.ini", "[profile]\ndescription = A\nprograms = a\n" } },
		.result = "host -, keep '', programs 'd', '': @/user/a.ini @/user/dev.ini",
	},
	{
		.what = "a mistake, before any addition is read",
		.files = { { "@/system/dev.local.ini", HOST("s") KEEP("SL") },
			   { "@/admin/dev.local.ini",
			     HOST("a") KEEP("AL") "[profile]\nprograms = x\n" },
			   { "@/user/dev.local.ini", HOST("u") KEEP("UL") },
			   { "@/system/dev.ini", HOST("-s") } },
		.error = "@/system/dev.ini:2: hostname '-s' is not 1 to 63 letters, digits, '-' "
			 "and '.'\n",
	},
	{
		.what = "additions: the one beside the file first, the user's last",
		.files = { { "@/system/dev.local.ini", HOST("s") KEEP("SL") },
			   { "@/admin/dev.local.ini",
			     HOST("a") KEEP("AL") "[profile]\nprograms = x\n" },
			   { "@/user/dev.local.ini", HOST("u") KEEP("UL") },
			   { "@/system/dev.ini", HOST("d") KEEP("D") } },
		.result = "host u, keep 'D SL AL UL', programs 'x', '': @/system/dev.ini "
			  "@/system/dev.local.ini @/admin/dev.local.ini @/user/dev.local.ini",
	},
	{
		.what = "an addition below the file found does not count",
		.files = { { "@/user/dev.ini", HOST("u") },
			   { "@/system/dev.local.ini", HOST("s") } },
		.result = "host u, keep '', programs '', '': @/user/dev.ini",
	},
	{
		.what = "a parent's addition counts before the heir",
		.files = { { "@/system/dev.ini", "[profile]\ninherit = a\n" KEEP("D") },
			   { "@/system/a.ini", KEEP("A") },
			   { "@/user/a.local.ini", KEEP("AL") HOST("al") } },
		.result = "host al, keep 'A AL D', programs '', '': "
			  "@/system/a.ini @/user/a.local.ini @/system/dev.ini",
	},
	{
		.what = "an addition may inherit, even what it adds to",
		.files = { { "@/system/dev.ini", KEEP("D") },
			   { "@/user/dev.local.ini", "[profile]\ninherit = dev a\n" KEEP("L") },
			   { "@/user/a.ini", KEEP("A") } },
		.result = "host -, keep 'D A L', programs '', '': "
			  "@/system/dev.ini @/user/a.ini @/user/dev.local.ini",
	},

	/* names */
	{
		.what = "no such profile, but one that is near",
		.files = { { "@/system/browser.ini", HOST("a") },
			   { "@/admin/brw.local.ini", HOST("a") } },
		.name = "brwser",
		.error = "no profile 'brwser' (did you mean 'browser'? looked in @/user, @/admin, "
			 "@/system)\n",
		.r = -ENOENT,
	},
	{
		.what = "no such profile, nor one that is near",
		.files = { { "@/system/browser.ini", HOST("a") } },
		.error = "no profile 'dev' (looked in @/user, @/admin, @/system)\n",
		.r = -ENOENT,
	},
	{
		.what = "an addition is no profile to suggest",
		.files = { { "@/user/dav.local.ini", HOST("a") } },
		.error = "no profile 'dev' (looked in @/user, @/admin, @/system)\n",
		.r = -ENOENT,
	},
	{
		.what = "a file's name for a profile's",
		.name = "my-own.ini",
		.error = "no profile 'my-own.ini' (a path has a slash: './my-own.ini'; looked in "
			 "@/user, @/admin, @/system)\n",
		.r = -ENOENT,
	},
	{
		.what = "an inherited profile that is missing: where it was named",
		.files = { { "@/system/dev.ini", "[profile]\n\ninherit = buidl\n" },
			   { "@/user/build.ini", HOST("a") } },
		.error = "@/system/dev.ini:3: no profile 'buidl' (did you mean 'build'? looked in "
			 "@/user, @/admin, @/system)\n",
		.r = -ENOENT,
	},
	{
		.what = "a path that is missing",
		.name = "@/none.ini",
		.error = "cannot open profile '@/none.ini': No such file or directory\n",
		.r = -ENOENT,
	},
	{
		.what = "a path below a file",
		.files = { { "@/dev.ini", HOST("a") } },
		.name = "@/dev.ini/x",
		.error = "cannot open profile '@/dev.ini/x': No such file or directory\n",
		.r = -ENOENT,
	},
	{
		.what = "a ~ that the shell did not expand",
		.name = "~/none.ini",
		.error = "cannot open profile '~/none.ini': No such file or directory (the shell "
			 "has left the ~ as it is)\n",
		.r = -ENOENT,
	},
	{
		.what = "a path upwards, to nothing",
		.name = "../../no-such-profile",
		.error = "cannot open profile '../../no-such-profile': No such file or directory\n",
		.r = -ENOENT,
	},
	{
		.what = "no name",
		.name = "",
		.error = "'' is not a profile's name (a to z, 0 to 9, '.', '_' and '-', at most "
			 "64)\n",
	},
	{
		.what = "a name of dots",
		.name = "..",
		.error = "'..' is not a profile's name (a to z, 0 to 9, '.', '_' and '-', at most "
			 "64)\n",
	},
	{
		.what = "an escape sequence for a name",
		.name = "\x1b[2J",
		.error = "'\\x1b[2J' is not a profile's name (a to z, 0 to 9, '.', '_' and '-', at "
			 "most 64)\n",
	},
	{
		.what = "a name of 65 letters",
		.name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc",
		.error = "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc' is "
			 "not a profile's name (a to z, 0 to 9, '.', '_' and '-', at most 64)\n",
	},
	{
		.what = "an addition's name",
		.files = { { "@/user/dev.local.ini", HOST("a") } },
		.name = "dev.local",
		.error = "'dev.local' is no profile of its own: it is added to 'dev'\n",
	},
	{
		.what = "a path is not inherited",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = ../x\n" } },
		.error = "@/user/dev.ini:2: '../x' is not a profile's name (a to z, 0 to 9, '.', "
			 "'_' and '-', at most 64)\n",
	},

	/* loops */
	{
		.what = "a profile that inherits itself",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = dev\n" },
			   { "@/system/dev.ini", HOST("s") } },
		.error = "@/user/dev.ini:2: inherit goes in a circle: dev -> dev (to add to a "
			 "profile of that name, write dev.local.ini)\n",
	},
	{
		.what = "a longer circle",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a\n" },
			   { "@/user/a.ini", "[profile]\ninherit = b\n" },
			   { "@/system/b.ini", "[profile]\n\n\ninherit = a\n" } },
		.error = "@/system/b.ini:4: inherit goes in a circle: dev -> a -> b -> a\n",
	},
	{
		.what = "a circle through an addition",
		.files = { { "@/user/dev.ini", HOST("d") },
			   { "@/user/dev.local.ini", "[profile]\ninherit = a\n" },
			   { "@/user/a.ini", HOST("a") },
			   { "@/user/a.local.ini", "[profile]\ninherit = b\n" },
			   { "@/user/b.ini", "[profile]\ninherit = b\n" } },
		.error = "@/user/b.ini:2: inherit goes in a circle: dev.local -> a.local -> b -> b "
			 "(to add to a profile of that name, write b.local.ini)\n",
	},

	/* content */
	{
		.what = "an empty file",
		.files = { { "@/user/dev.ini", "" }, { "@/system/dev.ini", HOST("s") } },
		.error = "@/user/dev.ini: there is no key in this file\n",
	},
	{
		.what = "a file of comments",
		.files = { { "@/user/dev.ini", "# a\n[filesystem]\n;b = c\n" } },
		.error = "@/user/dev.ini: there is no key in this file\n",
	},
	{
		.what = "an empty addition, which may have said no to something",
		.files = { { "@/system/dev.ini", HOST("s") }, { "@/user/dev.local.ini", "" } },
		.error = "@/user/dev.local.ini: there is no key in this file\n",
	},
	{
		.what = "a mistake in a parent",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a\n" },
			   { "@/user/a.ini", HOST("a") HOST("b") } },
		.error = "@/user/a.ini:4: key 'hostname' stands in line 2 already; a list is one "
			 "line, its words apart by blanks\n",
	},
	{
		.what = "an unknown section",
		.files = { { "@/user/dev.ini", "[netwrk]\nmode = none\n" } },
		.error = "@/user/dev.ini:2: unknown section [netwrk] (did you mean [network]?)\n",
	},
	{
		.what = "an unknown key",
		.files = { { "@/user/dev.ini", "[profile]\ninherits = a\n" } },
		.error = "@/user/dev.ini:2: unknown key 'inherits' in section [profile]",
	},
	{
		.what = "inherit in another section is not ours",
		.files = { { "@/user/dev.ini", "[network]\ninherit = a\n" } },
		.error = "@/user/dev.ini:2: key 'inherit' belongs to section [profile], not "
			 "[network]\n",
	},
	{
		.what = "a wrong word",
		.files = { { "@/user/dev.ini", "[profile]\n[network]\nmode = \x1b[1m\n" } },
		.error = "@/user/dev.ini:3: control character '\\x1b'\n",
	},
	{
		.what = "an open quote in inherit",
		.files = { { "@/user/dev.ini", "[profile]\ninherit = a 'b\n" } },
		.error = "@/user/dev.ini:2: a quote is left open in 'a 'b'\n",
	},
};

START_TEST(test_apply)
{
	const char *name = cases[_i].name ? cases[_i].name : "dev";
	cleanup_config struct config c = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	cleanup_strv struct strv files = { 0 };
	cleanup_free char *result = NULL;
	int r;

	config_init(&c);
	fill_dirs(&dirs);
	for (const struct file *f = cases[_i].files; f->path; f++)
		scratch_write(f->path, f->text);

	r = profile_apply(scratch_path(name), &dirs, &c, &files);
	if (cases[_i].error) {
		ck_assert_msg(r == (cases[_i].r ? cases[_i].r : -EINVAL), "%s: %d", cases[_i].what,
			      r);
		if (strchr(cases[_i].error, '\n'))
			ck_assert_str_eq(scratch_logged(), cases[_i].error);
		else /* the key table's message, whose end is its own affair */
			ck_assert_msg(strstr(scratch_logged(), cases[_i].error) == scratch_logged(),
				      "%s: %s", cases[_i].what, scratch_logged());
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", cases[_i].what, scratch_logged());
	ck_assert_str_eq(scratch_logged(), "");
	result = describe(&c, &files);
	ck_assert_str_eq(result, cases[_i].result);
}
END_TEST

/* p0 inherits p1 ... inherits p(n - 1) */
static void write_chain(int n)
{
	for (int i = 0; i < n; i++) {
		cleanup_free char *path = xasprintf("@/user/p%d.ini", i);
		cleanup_free char *text = xasprintf("[profile]\ninherit = p%d\n", i + 1);

		scratch_write(path, i < n - 1 ? text : HOST("last"));
	}
}

START_TEST(test_depth)
{
	cleanup_config struct config c = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	cleanup_strv struct strv files = { 0 };

	config_init(&c);
	fill_dirs(&dirs);
	write_chain(PROFILE_DEPTH_MAX + 1);
	ck_assert_int_eq(profile_apply("p0", &dirs, &c, &files), 0);
	ck_assert_uint_eq(files.n, PROFILE_DEPTH_MAX + 1);
	ck_assert_str_eq(c.hostname, "last");

	strv_clear(&files);
	write_chain(PROFILE_DEPTH_MAX + 2);
	ck_assert_int_eq(profile_apply("p0", &dirs, &c, &files), -EINVAL);
	ck_assert_str_eq(scratch_logged(),
			 "@/user/p16.ini:2: inherit goes deeper than 16: p0 -> p1 -> p2 -> p3 -> "
			 "p4 -> p5 -> p6 -> p7 -> p8 -> p9 -> p10 -> p11 -> p12 -> p13 -> p14 -> "
			 "p15 -> p16 -> p17\n");
}
END_TEST

/* The file that would count is not ours: the next one must not stand in for it. */
START_TEST(test_a_refused_file_is_not_passed_over)
{
	cleanup_config struct config c = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	cleanup_strv struct strv files = { 0 };

	config_init(&c);
	fill_dirs(&dirs);
	scratch_write("@/system/a.ini", HOST("a"));
	scratch_write("@/system/b.ini", HOST("b"));
	ck_assert_int_eq(chmod(scratch_write("@/user/a.ini", HOST("x")), 0666), 0);
	ck_assert_int_eq(profile_apply("a", &dirs, &c, &files), -EPERM);
	ck_assert_str_eq(scratch_logged(),
			 "profile '@/user/a.ini' is writable by everybody (chmod o-w helps)\n");
	scratch_forget();

	ck_assert_int_eq(mkdir(scratch_path("@/admin"), 0755), 0);
	ck_assert_int_eq(symlink("none", scratch_path("@/admin/b.ini")), 0);
	ck_assert_int_eq(profile_apply("b", &dirs, &c, &files), -EINVAL);
	ck_assert_str_eq(scratch_logged(),
			 "profile '@/admin/b.ini' is a symbolic link to nothing\n");
	ck_assert_ptr_null(c.hostname);
	ck_assert_uint_eq(files.n, 0);
}
END_TEST

START_TEST(test_nor_a_refused_addition)
{
	cleanup_config struct config c = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	cleanup_strv struct strv files = { 0 };

	config_init(&c);
	fill_dirs(&dirs);
	scratch_write("@/system/a.ini", HOST("a"));
	ck_assert_int_eq(chmod(scratch_write("@/user/a.local.ini", HOST("x")), 0666), 0);
	ck_assert_int_eq(profile_apply("a", &dirs, &c, &files), -EPERM);
	ck_assert_str_eq(
		scratch_logged(),
		"profile '@/user/a.local.ini' is writable by everybody (chmod o-w helps)\n");
}
END_TEST

START_TEST(test_files_applied_before_are_not_applied_again)
{
	cleanup_config struct config c = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	cleanup_strv struct strv files = { 0 };
	cleanup_free char *result = NULL;

	config_init(&c);
	fill_dirs(&dirs);
	scratch_write("@/user/a.ini", "[profile]\ninherit = base\n" HOST("a"));
	scratch_write("@/user/b.ini", "[profile]\ninherit = base\n" KEEP("B"));
	scratch_write("@/user/base.ini", HOST("base") KEEP("BASE"));
	ck_assert_int_eq(profile_apply("a", &dirs, &c, &files), 0);
	ck_assert_int_eq(profile_apply("b", &dirs, &c, &files), 0);
	result = describe(&c, &files);
	ck_assert_str_eq(result, "host a, keep 'BASE B', programs '', '': "
				 "@/user/base.ini @/user/a.ini @/user/b.ini");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("apply");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_loop_test(tc, test_apply, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_depth);
	tcase_add_test(tc, test_a_refused_file_is_not_passed_over);
	tcase_add_test(tc, test_nor_a_refused_addition);
	tcase_add_test(tc, test_files_applied_before_are_not_applied_again);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
