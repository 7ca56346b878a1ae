/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The part of the shell completions that the key table knows; the part that
 * no setting changes is in bash.in, zsh.in and fish.in.
 *
 *	generate bash | zsh | fish	text for that shell
 *	generate options		every option, one a line
 *	generate keys			every "section key" of a profile
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/keys.h"

enum value_kind {
	VALUE_NONE,
	VALUE_WORDS,
	VALUE_PROFILES,
	VALUE_FILES,
	VALUE_ANY,
};

/* An option as it is typed: a row of keys[], or an alias of one. */
struct option {
	const char *name;
	char letter;	      /* or 0 */
	const char *argument; /* NULL: takes none */
	bool optional;	      /* "--name" alone is complete, too */
	bool next_word;	      /* "--name value" */
	enum value_kind kind;
	const char *const *words;
	const char *help;
};

static bool is_flag_letter(char letter)
{
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].short_option == letter && !keys[i].argument)
			return true;
	return false;
}

static enum value_kind kind_of(const struct key *key)
{
	if (!key->argument)
		return VALUE_NONE;
	if (key->words)
		return VALUE_WORDS;
	if (strcmp(key->option, "profile") == 0 || strcmp(key->option, "show-profile") == 0)
		return VALUE_PROFILES;
	if (strstr(key->argument, "PATH") || strstr(key->argument, "DIR") ||
	    strstr(key->argument, "ROOT"))
		return VALUE_FILES;
	return VALUE_ANY;
}

static struct option from_key(const struct key *key)
{
	struct option option = {
		.name = key->option,
		.letter = key->short_option,
		.argument = key->argument,
		.optional = key->argument && key->argument[0] == '[' && key->argument[1] == '=',
		.next_word = key->argument,
		.kind = kind_of(key),
		.words = key->words,
		.help = key->help,
	};

	/* as src/config/cli.c: what could be the program is no value, unless none is run */
	if (option.optional && option.kind != VALUE_PROFILES)
		option.next_word = false;
	/* One letter for two options: completion takes it for the one without a value. */
	if (option.argument && is_flag_letter(option.letter))
		option.letter = 0;
	return option;
}

static struct option from_alias(const struct option_alias *alias)
{
	struct option option = from_key(key_find_option(alias->ours));

	option.name = alias->option;
	option.letter = 0;
	if (alias->value)
		option = (struct option){ .name = alias->option, .help = option.help };
	return option;
}

static void for_each_option(void (*print)(const struct option *option))
{
	for (size_t i = 0; i < n_keys; i++) {
		if (keys[i].option) {
			struct option option = from_key(&keys[i]);

			print(&option);
		}
	}
	for (size_t i = 0; i < n_option_aliases; i++) {
		struct option option = from_alias(&option_aliases[i]);

		print(&option);
	}
}

/* The shells' single quotes: bash and zsh leave them for \', fish knows the escape. */
static void print_quoted(const char *text, const char *apostrophe, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(apostrophe, stdout);
		else if (strchr(escaped, *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void print_words(const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		printf("%s%s", i ? " " : "", words[i]);
}

/* --- the lists ---------------------------------------------------------- */

static void print_option(const struct option *option)
{
	printf("--%s\n", option->name);
	if (option->letter)
		printf("-%c\n", option->letter);
}

/* The words of a command line that have their value in the next word. */
static void print_with_value(const struct option *option)
{
	if (!option->next_word)
		return;
	if (option->letter)
		printf(" -%c", option->letter);
	printf(" --%s", option->name);
}

static void print_keys(void)
{
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].name)
			printf("%s %s\n", keys[i].section, keys[i].name);
}

/* --- bash --------------------------------------------------------------- */

static void print_bash_value(const struct option *option)
{
	if (option->kind == VALUE_NONE || option->kind == VALUE_ANY)
		return;
	printf("\t--%s", option->name);
	if (option->letter)
		printf(" | -%c", option->letter);
	printf(") echo ");
	switch (option->kind) {
	case VALUE_WORDS:
		print_words(option->words);
		break;
	case VALUE_PROFILES:
		printf("@profiles");
		break;
	case VALUE_FILES:
		printf("@files");
		break;
	case VALUE_NONE:
	case VALUE_ANY:
		break;
	}
	printf(" ;;\n");
}

static void print_bash(void)
{
	printf("_sandbox_options='\n");
	for_each_option(print_option);
	printf("'\n_sandbox_with_value='");
	for_each_option(print_with_value);
	printf(" '\n_sandbox_values()\n{\n\tcase $1 in\n");
	for_each_option(print_bash_value);
	printf("\tesac\n}\n\n");
}

/* --- zsh ---------------------------------------------------------------- */

static void print_zsh_spec(const struct option *option, const char *name)
{
	bool is_long = name[1] == '-';

	printf("\t'*%s%s[", name,
	       !option->argument    ? ""
	       : !option->next_word ? "=-"
	       : is_long	    ? "="
				    : "+");
	print_quoted(option->help, "'\\''", "\\[]:");
	putchar(']');
	if (option->argument) {
		printf(option->optional ? "::" : ":");
		print_quoted(option->argument, "'\\''", "\\:");
		putchar(':');
		if (option->kind == VALUE_WORDS) {
			putchar('(');
			print_words(option->words);
			putchar(')');
		} else if (option->kind == VALUE_PROFILES) {
			printf("_sandbox_profiles");
		} else if (option->kind == VALUE_FILES) {
			printf("_files");
		}
	}
	printf("'\n");
}

static void print_zsh_option(const struct option *option)
{
	char name[128];

	snprintf(name, sizeof(name), "--%s", option->name);
	print_zsh_spec(option, name);
	if (option->letter) {
		snprintf(name, sizeof(name), "-%c", option->letter);
		print_zsh_spec(option, name);
	}
}

static void print_zsh(void)
{
	printf("#compdef sandbox\nlocal -a specs=(\n");
	for_each_option(print_zsh_option);
	printf(")\n\n");
}

/* --- fish --------------------------------------------------------------- */

static void print_fish_option(const struct option *option)
{
	printf("complete -c sandbox -n 'not __sandbox_command >/dev/null' -l %s", option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (option->next_word) {
		if (option->kind == VALUE_FILES)
			printf(" -r -F");
		else
			printf(" -x");
		if (option->kind == VALUE_PROFILES)
			printf(" -a '(__sandbox_profiles)'");
		if (option->kind == VALUE_WORDS) {
			printf(" -a '");
			print_words(option->words);
			putchar('\'');
		}
	}
	printf(" -d '");
	print_quoted(option->help, "\\'", "\\");
	printf("'\n");
}

static void print_fish(void)
{
	printf("set -g __sandbox_with_value");
	for_each_option(print_with_value);
	printf("\n\n");
	for_each_option(print_fish_option);
	putchar('\n');
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "bash") == 0)
		print_bash();
	else if (strcmp(what, "zsh") == 0)
		print_zsh();
	else if (strcmp(what, "fish") == 0)
		print_fish();
	else if (strcmp(what, "options") == 0)
		for_each_option(print_option);
	else if (strcmp(what, "keys") == 0)
		print_keys();
	else
		return fputs("usage: generate bash|zsh|fish|options|keys\n", stderr), 2;
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
