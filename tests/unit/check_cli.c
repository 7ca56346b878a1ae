/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "config_text.h"
#include "testing.h"

/* A command line, and what is set by it and which program it runs, or the line that refuses it. */
static const struct {
	const char *words[8], *set, *program, *error;
} cases[] = {
	{ { "ls", "-l" }, "", "ls -l", NULL },
	{ { NULL }, "", "", NULL },
	{ { "--", "ls", "--ro=/a" }, "", "ls --ro=/a", NULL },
	{ { "--ro=/a", "--rw", "/b", "ls" }, "ro.=/a; rw.=/b", "ls", NULL },
	{ { "--net=slirp", "--net", "none", "ls" }, "", "ls", NULL },
	{ { "-w/a", "ls" }, "chdir=/a", "ls", NULL },
	{ { "-w", "/a", "ls" }, "chdir=/a", "ls", NULL },
	{ { "-e", "A=1", "-eB=2", "ls" }, "env-set=A=1,B=2", "ls", NULL },
	{ { "-p", "8080:80", "ls" }, "publish=127.0.0.1:8080>80/tcp (-p)", "ls", NULL },
	{ { "-p8080", "ls" }, "publish=127.0.0.1:8080>8080/tcp (-p)", "ls", NULL },
	{ { "--publish", "80", "ls" }, "publish=127.0.0.1:80>80/tcp (--publish)", "ls", NULL },
	{ { "--ro=", "ls" }, "", "ls", NULL },
	{ { "--env-set=A=b=c", "ls" }, "env-set=A=b=c", "ls", NULL },
	{ { "ls", "--", "-v" }, "", "ls -- -v", NULL },

	/* a value that looks like an option is a value */
	{ { "--hostname", "--help", "ls" },
	  NULL,
	  NULL,
	  "--hostname: hostname '--help' is not 1 to 63 letters, digits, '-' and '.'" },

	/* a value that may be left out stands behind '=' only */
	{ { "--dry-run", "json" }, "action=dry-run", "json", NULL },
	{ { "--dry-run=json", "ls" }, "action=dry-run-json", "ls", NULL },
	{ { "--show-profile=dev" }, "action=show; profile=dev", "", NULL },
	/* but for a profile to be shown: no program is run then */
	{ { "--show-profile", "dev" }, "action=show; profile=dev", "", NULL },
	{ { "--show-profile", "--", "dev" }, "action=show", "dev", NULL },
	{ { "--show-profile", "-q", "dev" }, "action=show; verbosity=-1", "dev", NULL },
	{ { "--show-profile" }, "action=show", "", NULL },

	/* -v is verbose, but for what looks like podman's volume */
	{ { "-v", "ls" }, "verbosity=1", "ls", NULL },
	{ { "-vv", "ls" }, "verbosity=2", "ls", NULL },
	{ { "-v", "-v", "ls" }, "verbosity=2", "ls", NULL },
	{ { "-v" }, "verbosity=1", "", NULL },
	{ { "-v", "./run" }, "verbosity=1", "./run", NULL },
	{ { "-v", "a:b" }, "verbosity=1", "a:b", NULL },
	{ { "-v", "/a:/b", "ls" }, "rw.=/a>/b", "ls", NULL },
	{ { "-v", ".:/b:ro", "ls" }, "ro.=.>/b", "ls", NULL },
	{ { "-v", "~/a:/b", "ls" }, "rw.=~/a>/b", "ls", NULL },
	{ { "-v/a:/b", "ls" }, "rw.=/a>/b", "ls", NULL },
	{ { "-v", "a/b:/c:ro", "ls" }, "ro.=a/b>/c", "ls", NULL },
	{ { "-v", "data:/x", "ls" },
	  NULL,
	  NULL,
	  "-v: 'data' is no path, and a box has no named volumes (write ./data for the "
	  "directory)" },
	{ { "-v", "--", "/a:/b" }, "verbosity=1", "/a:/b", NULL },
	{ { "--volume=/a:/b", "ls" }, "rw.=/a>/b", "ls", NULL },
	{ { "-vv", "/a:/b" }, "verbosity=2", "/a:/b", NULL },
	{ { "-v", "/a:b", "ls" }, NULL, NULL, "-v: '/a:b' is not SOURCE:TARGET[:ro or :rw]" },
	{ { "-q", "-v", "ls" }, "verbosity=1", "ls", NULL },

	/* words of others */
	{ { "--ro-bind=/a:/b", "--bind", "/c", "ls" }, "ro.=/a>/b; rw.=/c", "ls", NULL },
	{ { "--unshare-net", "ls" }, "", "ls", NULL },
	{ { "--share-net", "ls" }, "net=host", "ls", NULL },
	{ { "--private", "ls" }, "", "ls", NULL },
	{ { "--network=slirp", "--env=A=1", "--workdir", "/w", "--cap-add=kill", "ls" },
	  "chdir=/w; net=slirp; cap-keep=kill; env-set=A=1",
	  "ls",
	  NULL },
	{ { "--blacklist=/a", "--read-only=/b", "--read-write=/c", "--rlimit-nofile=9", "ls" },
	  "hide.=/a; ro.=/b; rw.=/c; open-files=9",
	  "ls",
	  NULL },
	{ { "--private=/a", "ls" }, NULL, NULL, "--private takes no value, and has '/a'" },
	{ { "--bind" }, NULL, NULL, "--bind needs a value, PATH[:TARGET]" },
	{ { "--unshare-all", "ls" },
	  NULL,
	  NULL,
	  "--unshare-all is not an option here: every namespace is unshared anyway; leave it out" },
	{ { "--setenv", "A", "b" },
	  NULL,
	  NULL,
	  "--setenv is not an option here: use -e NAME=VALUE" },
	{ { "--seccomp=10", "ls" },
	  NULL,
	  NULL,
	  "--seccomp is not an option here: a filter is always on; see --seccomp-allow and "
	  "--seccomp-deny" },
	{ { "--privileged", "ls" },
	  NULL,
	  NULL,
	  "--privileged is not an option here: there is no such thing here; see --cap-keep and "
	  "--dev" },

	{ { "--hostnam=x" },
	  NULL,
	  NULL,
	  "unknown option '--hostnam' (did you mean '--hostname'?)" },
	{ { "--readonly=/a" },
	  NULL,
	  NULL,
	  "unknown option '--readonly' (did you mean '--read-only'?)" },
	{ { "--gibberish-of-mine" }, NULL, NULL, "unknown option '--gibberish-of-mine'" },
	{ { "--=x" }, NULL, NULL, "unknown option '--'" },
	{ { "-x", "ls" }, NULL, NULL, "unknown option '-x'" },
	{ { "-xyz" }, NULL, NULL, "unknown option '-xyz'" },
	{ { "-", "ls" }, NULL, NULL, "unknown option '-'" },
	{ { "---ro=/a" }, NULL, NULL, "unknown option '---ro' (did you mean '--ro'?)" },
	{ { "--e\033]0;x" }, NULL, NULL, "unknown option '--e\\x1b]0;x'" },
	{ { "--help=x" }, NULL, NULL, "--help takes no value, and has 'x'" },
	{ { "-hx" }, NULL, NULL, "-h takes no value, and has 'x'" },
	{ { "--hostname" }, NULL, NULL, "--hostname needs a value, NAME" },
	{ { "-w" }, NULL, NULL, "-w needs a value, DIR" },
	{ { "--", "--bind" },
	  NULL,
	  NULL,
	  "'--bind' is not a program's name (write ./--bind for a file)" },
	{ { "--", "-x" }, NULL, NULL, "'-x' is not a program's name (write ./-x for a file)" },
	{ { "--hide=/a:/b", "ls" },
	  NULL,
	  NULL,
	  "--hide: '/a:/b' has a ':'; hide takes one path (a colon in a name is written '\\:')" },
};

static char *join(char **words)
{
	char *text = xstrdup("");

	for (size_t i = 0; words[i]; i++) {
		char *longer = xasprintf("%s%s%s", text, i ? " " : "", words[i]);

		free(text);
		text = longer;
	}
	return text;
}

START_TEST(test_command_line)
{
	cleanup_config struct config c = { 0 };
	cleanup_cli struct cli cli = { 0 };
	cleanup_free char *set = NULL, *program = NULL, *line = NULL;
	int r = cli_parse((char **)cases[_i].words, &cli);

	config_init(&c);
	if (r == 0)
		r = cli_apply_launch(&cli, &c);
	if (r == 0)
		r = cli_apply_settings(&cli, &c);
	if (cases[_i].error) {
		ck_assert_msg(r == -EINVAL, "'%s': accepted", cases[_i].error);
		line = xasprintf("%s\n", cases[_i].error);
		ck_assert_str_eq(logged_text(), line);
		return;
	}
	ck_assert_msg(r == 0, "%s", logged_text());
	set = config_text(&c);
	program = join(cli.argv);
	ck_assert_str_eq(set, cases[_i].set);
	ck_assert_str_eq(program, cases[_i].program);
}
END_TEST

/* Whatever takes a value takes it from the next word as well. */
START_TEST(test_every_value_may_be_the_next_word)
{
	for (size_t i = 0; i < n_keys + n_option_aliases; i++) {
		const struct option_alias *alias = i < n_keys ? NULL : &option_aliases[i - n_keys];
		const char *option = alias ? alias->option : keys[i].option;
		const struct key *key =
			option ? key_find_option(alias ? alias->ours : option) : NULL;
		cleanup_free char *word = xasprintf("--%s", option ? option : "");
		char *words[] = { word, (char *)"value", (char *)"ls", NULL };
		cleanup_cli struct cli cli = { 0 };

		if (!key || !key->argument || (alias && alias->value) ||
		    strcmp(option, "dry-run") == 0)
			continue;
		ck_assert_msg(cli_parse(words, &cli) == 0, "%s: %s", word, logged_text());
		ck_assert_str_eq(cli.items[0].value, "value");
		ck_assert_str_eq(*cli.argv, "ls");
	}
}
END_TEST

/* --profile is read before the profile, everything that a profile can say after it. */
START_TEST(test_launch_options_come_first)
{
	char *words[] = { (char *)"--net=host", (char *)"--profile=dev",
			  (char *)"-q",		(char *)"--env-keep=A",
			  (char *)"ls",		NULL };
	cleanup_config struct config c = { 0 };
	cleanup_cli struct cli cli = { 0 };
	cleanup_free char *before = NULL, *after = NULL;

	config_init(&c);
	ck_assert_int_eq(cli_parse(words, &cli), 0);
	ck_assert_int_eq(cli_apply_launch(&cli, &c), 0);
	before = config_text(&c);
	ck_assert_str_eq(before, "profile=dev; verbosity=-1");
	ck_assert_int_eq(config_assign(&c, &(struct assignment){ "network", "mode", "slirp", "o",
								 false }),
			 0);
	ck_assert_int_eq(cli_apply_settings(&cli, &c), 0);
	after = config_text(&c);
	ck_assert_str_eq(after, "net=host; env-keep=A; profile=dev; verbosity=-1");
}
END_TEST

START_TEST(test_help_names_every_option_once)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cli_print_help(out);
	fclose(out);
	for (size_t i = 0; i < n_keys; i++) {
		cleanup_free char *wanted = NULL;
		const char *argument = keys[i].argument ? keys[i].argument : "";
		bool optional = strncmp(argument, "[=", 2) == 0;
		const char *at;

		if (!keys[i].option)
			continue;
		wanted = xasprintf("--%s%s%s", keys[i].option, *argument && !optional ? "=" : "",
				   argument);
		for (at = text; (at = strstr(at, wanted)); at++)
			if (at[strlen(wanted)] == ' ' || at[strlen(wanted)] == '\n')
				break;
		ck_assert_msg(at != NULL, "no '%s' in --help", wanted);
		ck_assert_msg(strstr(at, keys[i].help) != NULL, "no help for '%s'", wanted);
	}
	for (char *line = text, *next; (next = strchr(line, '\n')); line = next + 1)
		ck_assert_msg(next - line <= 120, "%.*s", (int)(next - line), line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tc = tcase_create("cli");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_command_line, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_every_value_may_be_the_next_word);
	tcase_add_test(tc, test_launch_options_come_first);
	tcase_add_test(tc, test_help_names_every_option_once);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
