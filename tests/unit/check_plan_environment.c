/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include "base/cleanup.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void odd_variables(struct host *h)
{
	strv_add(&h->env, "NOVALUE");
	strv_add(&h->env, "EMPTY=");
	strv_add(&h->env, "LANGUAGE=de");
	strv_add(&h->env, "TWICE=1");
	strv_add(&h->env, "TWICE=2");
	strv_add(&h->env, "BASH_FUNC_x%%=() { :; }");
	strv_add(&h->env, "LD_PRELOAD=/home/ada/evil.so");
}

#define PATH_LINE                                                                \
	"env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:" \
	"/usr/local/games:/usr/games\n"
#define USUAL(user, uid)                                                             \
	"env HOME=/home/ada\nenv LOGNAME=" user "\n" PATH_LINE "env USER=" user "\n" \
	"env XDG_RUNTIME_DIR=/run/user/" uid "\n"

static const struct plan_case cases[] = {
	{
		.what = "clean but for what the box itself says",
		.change = odd_variables,
		.about = "^env",
		.lines = USUAL("ada", "1000"),
	},
	{
		.what = "root is called root",
		.options = "--user=root",
		.about = "^env",
		.lines = USUAL("root", "0"),
	},
	{
		.what = "keep: names and patterns",
		.change = odd_variables,
		.options = "--env-keep=LANG,LC_*,NONE",
		.about = "LANG|LC_|NONE",
		.lines = "env LANG=C.UTF-8\n"
			 "env LC_TIME=de_DE.UTF-8\n",
	},
	{
		.what = "a pattern is no name",
		.change = odd_variables,
		.options = "--env-keep='LANG*'",
		.about = "LANG",
		.lines = "env LANG=C.UTF-8\n"
			 "env LANGUAGE=de\n",
	},
	{
		.what = "empty ones, and one said twice",
		.change = odd_variables,
		.options = "--env-keep=EMPTY,TWICE",
		.about = "EMPTY|TWICE",
		.lines = "env EMPTY=\n"
			 "env TWICE=2\n",
	},
	{
		.what = "what the caller has instead of ours",
		.options = "--env-keep=PATH",
		.about = "PATH=",
		.lines = "env PATH=/home/ada/bin\n",
	},
	{
		.what = "set wins over keep, the last one over the first",
		.options = "--env-keep=TERM --env-set=TERM=dumb -e A=1 -e 'A=2 = 3' -e USER=eve",
		.about = "TERM|env A|USER",
		.lines = "env A=2 = 3\n"
			 "env TERM=dumb\n"
			 "env USER=eve\n",
	},
	{
		.what = "unset wins over all",
		.options = "--env-keep=TERM,LC_* -e A_1=x -e B=y --env-unset=TERM,A_*,USER,LC_TIME",
		.about = "TERM|A_|USER|LC_|env B",
		.lines = "env B=y\n",
	},
	{
		.what = "nothing at all",
		.options = "--env-unset=*",
		.about = "^env",
		.lines = "",
	},
	{
		.what = "everything, for who asks for it",
		.options = "--env-keep=*",
		.about = "SECRET|TERM|TZ",
		.lines = "env SECRET=swordfish\n"
			 "env TERM=xterm-256color\n"
			 "env TZ=UTC\n",
	},
};

START_TEST(test_environment)
{
	plan_case_check(&cases[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_environment");
	TCase *tc = tcase_create("environment");

	tcase_add_loop_test(tc, test_environment, 0, (int)ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
