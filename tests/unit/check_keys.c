/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "testing.h"

/* "[section] key" or "--option", for messages. Static storage. */
static const char *label(const struct key *key)
{
	static char text[100];

	snprintf(text, sizeof(text), "[%s] %s --%s", key->section, key->name ? key->name : "-",
		 key->option ? key->option : "-");
	return text;
}

START_TEST(test_every_row_is_whole)
{
	const struct key *key = &keys[_i];

	ck_assert_msg(key->name || key->option, "row %d can be said nowhere", _i);
	ck_assert_msg(key->set != NULL, "%s: no setter", label(key));
	ck_assert_msg(key->help && *key->help, "%s: no help", label(key));
	ck_assert_msg(*key->section || (!key->name && key->option), "%s: a key without a section",
		      label(key));
	ck_assert_msg(!*key->section || text_is_one_of(key->section, key_sections()),
		      "%s: unknown section", label(key));
	ck_assert_msg(!key->name || key->argument, "%s: a key of a profile has a value",
		      label(key));
	ck_assert_msg(!key->short_option || isalpha((unsigned char)key->short_option),
		      "%s: short option", label(key));
}
END_TEST

/* Help is a phrase in a table: no full stop, no capital, and it fits beside the option. */
START_TEST(test_help_line)
{
	const char *help = keys[_i].help;

	ck_assert_msg(!isupper((unsigned char)*help), "%s: %s", label(&keys[_i]), help);
	ck_assert_msg(help[strlen(help) - 1] != '.', "%s: %s", label(&keys[_i]), help);
	ck_assert_msg(strlen(help) <= 80, "%s: %s", label(&keys[_i]), help);
}
END_TEST

/* A closed vocabulary is what the help line lists, and the setter takes it. */
START_TEST(test_vocabulary)
{
	const struct key *key = &keys[_i];

	for (size_t i = 0; key->words && key->words[i]; i++) {
		cleanup_config struct config c = { 0 };
		struct assignment a = { .section = key->section,
					.name = key->name,
					.value = key->words[i],
					.origin = "test",
					.from_command_line = true };

		config_init(&c);
		ck_assert_msg(key->set(&c, &a) == 0, "%s: %s", label(key), logged_text());
	}
}
END_TEST

START_TEST(test_no_row_is_there_twice)
{
	for (size_t i = 0; i < n_keys; i++) {
		if (keys[i].name)
			ck_assert_ptr_eq(key_find(keys[i].section, keys[i].name), &keys[i]);
		if (keys[i].option)
			ck_assert_ptr_eq(key_find_option(keys[i].option), &keys[i]);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(!keys[i].short_option || keys[i].short_option == 'v' ||
					      keys[i].short_option != keys[k].short_option,
				      "%s: -%c is taken", label(&keys[i]), keys[i].short_option);
	}
}
END_TEST

START_TEST(test_find)
{
	ck_assert_ptr_null(key_find("filesystem", "hostname"));
	ck_assert_ptr_null(key_find("", "profile"));
	ck_assert_ptr_null(key_find("filesystem", "volume"));
	ck_assert_ptr_null(key_find_option("r"));
	ck_assert_ptr_null(key_find_option(""));
	ck_assert_ptr_null(key_find_short('x'));
	ck_assert_ptr_null(key_find_short('\0'));
	ck_assert_str_eq(key_find_short('w')->option, "chdir");
}
END_TEST

/* Matching is of whole words: no option is found by its beginning. */
START_TEST(test_aliases_name_options_that_exist)
{
	const struct option_alias *alias = &option_aliases[_i];
	const struct key *key = key_find_option(alias->ours);

	ck_assert_msg(key != NULL, "--%s: no option --%s", alias->option, alias->ours);
	ck_assert_msg(!key_find_option(alias->option), "--%s is an option", alias->option);
	ck_assert_msg(!option_foreign_advice(alias->option), "--%s is refused", alias->option);
	if (alias->value) {
		cleanup_config struct config c = { 0 };
		struct assignment a = { .value = alias->value,
					.origin = "test",
					.from_command_line = true };

		config_init(&c);
		ck_assert_int_eq(key->set(&c, &a), 0);
	} else {
		ck_assert_msg(key->argument != NULL, "--%s takes no value", alias->ours);
	}
}
END_TEST

/* Words that an advice names exist: a stranger tries them next. */
START_TEST(test_advice_names_options_that_exist)
{
	static const char *const foreign[] = {
		"unshare-all",	"unshare-ipc",
		"unshare-uts",	"die-with-parent",
		"clearenv",	"setenv",
		"unsetenv",	"uid",
		"gid",		"cap-drop",
		"caps.drop",	"seccomp",
		"privileged",	"json-status-fd",
		"noprofile",	"whitelist",
		"security-opt", "rm",
		"mount",	"device",
		"ulimit",	"rootfs",
		"interactive",	"tty",
		"noroot",	"memory-swap",
		"shm-size",	"cpu-shares",
		"cpu-quota",	"cpuset-mems",
		"blkio-weight", "rlimit-as",
		"property",	"MemoryMax",
		"TasksMax",	"CPUQuota",
		"CPUWeight",	"IOWeight",
		"AllowedCPUs",	"RuntimeMaxSec",
	};

	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		const char *advice = option_foreign_advice(foreign[i]);

		ck_assert_msg(advice != NULL, "--%s", foreign[i]);
		ck_assert_msg(!key_find_option(foreign[i]), "--%s", foreign[i]);
		for (const char *at = advice; (at = strstr(at, "--"));) {
			char option[32] = { 0 };

			at += 2;
			memcpy(option, at, strspn(at, "abcdefghijklmnopqrstuvwxyz-"));
			ck_assert_msg(key_find_option(option), "--%s: there is no --%s", foreign[i],
				      option);
		}
	}
	ck_assert_ptr_null(option_foreign_advice("net"));
	ck_assert_ptr_null(option_foreign_advice("unshare"));
}
END_TEST

static const struct {
	const char *section, *name, *line;
} refused[] = {
	{ "filesytem", "ro",
	  "a.ini:3: unknown section [filesytem] (did you mean [filesystem]?)\n" },
	{ "nonsense", "ro", "a.ini:3: unknown section [nonsense]\n" },
	{ "", "profile", "a.ini:3: unknown section []\n" },
	{ "filesystem", "tmpf",
	  "a.ini:3: unknown key 'tmpf' in section [filesystem] (did you mean 'tmpfs'?)\n" },
	{ "filesystem", "hostname",
	  "a.ini:3: key 'hostname' belongs to section [namespaces], not [filesystem]\n" },
	{ "ids", "gibberish", "a.ini:3: unknown key 'gibberish' in section [ids]\n" },
	{ "limits", "memorymax",
	  "a.ini:3: unknown key 'memorymax' in section [limits] (did you mean 'memory'?)\n" },
	{ "limits", "tasksmax",
	  "a.ini:3: unknown key 'tasksmax' in section [limits] (did you mean 'pids'?)\n" },
	{ "limits", "cpuquota",
	  "a.ini:3: unknown key 'cpuquota' in section [limits] (did you mean 'cpu'?)\n" },
	{ "limits", "time-out",
	  "a.ini:3: unknown key 'time-out' in section [limits] (did you mean 'timeout'?)\n" },
	{ "network", "net", "a.ini:3: unknown key 'net' in section [network]\n" },
	{ "seccomp", "a\033[m", "a.ini:3: unknown key 'a\\x1b[m' in section [seccomp]\n" },
};

START_TEST(test_unknown_key)
{
	cleanup_config struct config c = { 0 };
	struct assignment a = { refused[_i].section, refused[_i].name, "x", "a.ini:3", false };

	config_init(&c);
	ck_assert_int_eq(config_assign(&c, &a), -EINVAL);
	ck_assert_str_eq(logged_text(), refused[_i].line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keys");
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_every_row_is_whole, 0, (int)n_keys);
	tcase_add_loop_test(tc, test_help_line, 0, (int)n_keys);
	tcase_add_loop_test(tc, test_vocabulary, 0, (int)n_keys);
	tcase_add_test(tc, test_no_row_is_there_twice);
	tcase_add_test(tc, test_find);
	tcase_add_loop_test(tc, test_aliases_name_options_that_exist, 0, (int)n_option_aliases);
	tcase_add_test(tc, test_advice_names_options_that_exist);
	tcase_add_loop_test(tc, test_unknown_key, 0, (int)ARRAY_LEN(refused));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
