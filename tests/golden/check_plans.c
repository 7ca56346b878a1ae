/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each shipped profile comes to on one machine that never changes, against
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
#include "config/profile.h"
#include "plan/plan.h"
#include "plan/plan_print.h"

static const char *const profiles[] = { "build", "build-online", "default", "dev", "root" };

static const char *top_srcdir(void)
{
	const char *top = getenv("top_srcdir");

	return top ? top : ".";
}

/* The plan of a profile for `make check`. Caller frees. */
static char *plan_text(const char *profile, void (*print)(const struct plan *p, FILE *out))
{
	char *argv[] = { (char *)"make", (char *)"check", NULL };
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
	ck_assert_msg(profile_apply(profile, &dirs, &c, &files) == 0, "%s", logged_text());
	c.argv = argv;
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

START_TEST(test_profile)
{
	cleanup_free char *name = xasprintf("%s.plan", profiles[_i]);
	cleanup_free char *text = plan_text(profiles[_i], plan_print);

	check_golden(name, text);
}
END_TEST

START_TEST(test_json)
{
	cleanup_free char *text = plan_text("default", plan_print_json);

	check_golden("default.json", text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("golden");
	TCase *tc = tcase_create("plans");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_profile, 0, (int)ARRAY_LEN(profiles));
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
