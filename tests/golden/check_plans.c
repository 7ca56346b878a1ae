/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each shipped profile comes to, and some with options, on one machine that never changes, against
 * NAME.plan beside this file: a change of policy is a diff that somebody reads.
 * UPDATE_GOLDEN=1 in the environment writes them anew.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/fake_host.h"
#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "config/cli.h"
#include "config/profile.h"
#include "plan/plan.h"
#include "plan/plan_print.h"

static const struct {
	const char *name, *profile, *options; /* name NULL: the profile's */
} cases[] = {
	{ NULL, "build", "" },
	{ NULL, "build-online", "" },
	{ NULL, "default", "" },
	{ NULL, "dev", "" },
	{ NULL, "root", "" },
	{ "limits", "default",
	  "--memory=64M --swap=1G --pids=20 --cpu=50% --io-weight=50 --cpuset=0-1,3 "
	  "--on-unavailable=warn --timeout=2 --stop-signal=INT --stop-timeout=0.5s "
	  "--nice=5 --oom-score=300 --tmpfs-size=64M --report" },
	{ "limits-part", "build",
	  "--memory=50% --pids=unlimited --on-unavailable=refuse --timeout=1:00:00 --tmpfs-size=" },
};

static const char *top_srcdir(void)
{
	const char *top = getenv("top_srcdir");

	return top ? top : ".";
}

/* The plan of a case for `make check`. Caller frees. */
static char *plan_text(size_t i, void (*print)(const struct plan *p, FILE *out))
{
	cleanup_strv struct strv words = { 0 };
	cleanup_cli struct cli cli = { 0 };
	cleanup_config struct config c = { 0 };
	cleanup_host struct host h = { 0 };
	cleanup_plan struct plan p = { 0 };
	cleanup_strv struct strv dirs = { 0 }, files = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out;

	config_init(&c);
	fake_host(&h);
	strv_take(&dirs, xasprintf("%s/profiles", top_srcdir()));
	ck_assert_msg(profile_apply(cases[i].profile, &dirs, &c, &files) == 0, "%s", logged_text());
	ck_assert_int_eq(strv_split(&words, cases[i].options), 0);
	strv_add(&words, "make");
	strv_add(&words, "check");
	ck_assert_msg(cli_parse(words.v, &cli) == 0, "%s", logged_text());
	ck_assert_msg(cli_apply_launch(&cli, &c) == 0, "%s", logged_text());
	ck_assert_msg(cli_apply_settings(&cli, &c) == 0, "%s", logged_text());
	c.argv = cli.argv;
	ck_assert_msg(plan_build(&c, &h, &p) == 0, "%s", logged_text());
	out = open_memstream(&text, &size);
	print(&p, out);
	fclose(out);
	return text;
}

static void write_golden(const char *path, const char *text)
{
	cleanup_file FILE *f = fopen(path, "we");

	ck_assert_msg(f && fputs(text, f) >= 0, "cannot write %s: %m", path);
}

/* Where two texts part, for a message: the line of each. */
static void compare(const char *path, char *wanted, char *got)
{
	for (unsigned int n = 1; wanted || got; n++) {
		const char *a = wanted ? strsep(&wanted, "\n") : "(the end)";
		const char *b = got ? strsep(&got, "\n") : "(the end)";

		ck_assert_msg(strcmp(a, b) == 0,
			      "%s:%u:\n- %s\n+ %s\nif that is meant: UPDATE_GOLDEN=1 tests/run "
			      "tests/golden/check_plans",
			      path, n, a, b);
	}
}

static void check_golden(const char *name, char *text)
{
	cleanup_free char *path = xasprintf("%s/tests/golden/%s", top_srcdir(), name);
	cleanup_free char *wanted = NULL;

	if (getenv("UPDATE_GOLDEN"))
		write_golden(path, text);
	ck_assert_msg(fs_read_file(AT_FDCWD, path, 1 << 20, &wanted, NULL) == 0,
		      "%s cannot be read", path);
	compare(path, wanted, text);
}

START_TEST(test_plan)
{
	cleanup_free char *name =
		xasprintf("%s.plan", cases[_i].name ? cases[_i].name : cases[_i].profile);
	cleanup_free char *text = plan_text((size_t)_i, plan_print);

	check_golden(name, text);
}
END_TEST

START_TEST(test_json)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *label = cases[i].name ? cases[i].name : cases[i].profile;
		cleanup_free char *name = xasprintf("%s.json", label);
		cleanup_free char *text = plan_text(i, plan_print_json);

		if (strcmp(label, "default") == 0 || strcmp(label, "limits") == 0)
			check_golden(name, text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("golden");
	TCase *tc = tcase_create("plans");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_plan, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
