/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

static void add_item(struct cli *cli, const struct key *key, const char *value, const char *origin)
{
	GROW(cli->items, cli->n_items);
	cli->items[cli->n_items++] =
		(struct cli_item){ key, xstrdup(value ? value : ""), xstrdup(origin) };
}

/* "[=json]", and not "[ADDR:]PORT", which begins with a bracket too */
static bool value_is_optional(const struct key *key)
{
	return key->argument && text_starts_with(key->argument, "[=");
}

/*
 * A value that may be left out is never the next word: that is the program.
 * But where none is run, "--show-profile dev" can mean one thing only.
 */
static bool is_attached_only(const struct key *key, const char *next)
{
	if (!value_is_optional(key))
		return false;
	return strcmp(key->option, "show-profile") != 0 || !next || *next == '-';
}

/* Take the value of key: what stands behind '=', or the next word. */
static int take_value(struct cli *cli, const struct key *key, const char *attached,
		      const char *origin, char ***argv)
{
	if (!key->argument && attached)
		return log_invalid("%s takes no value, and has '%s'", origin, attached);
	if (!key->argument || attached || is_attached_only(key, **argv)) {
		add_item(cli, key, attached, origin);
		return 0;
	}
	if (!**argv)
		return log_invalid("%s needs a value, %s", origin, key->argument);
	add_item(cli, key, *(*argv)++, origin);
	return 0;
}

static int refuse_option(const char *option, const char *origin)
{
	const char *names[n_keys + n_option_aliases + 1], *near;
	const char *advice = option_foreign_advice(option);
	size_t n = 0;

	if (advice)
		return log_invalid("%s is not an option here: %s", origin, advice);
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].option)
			names[n++] = keys[i].option;
	for (size_t i = 0; i < n_option_aliases; i++)
		names[n++] = option_aliases[i].option;
	names[n] = NULL;
	near = text_nearest(option, names);
	return log_invalid("unknown option '%s'%s%s%s", origin, near ? " (did you mean '--" : "",
			   near ? near : "", near ? "'?)" : "");
}

static int take_alias(struct cli *cli, const struct option_alias *alias, const char *attached,
		      const char *origin, char ***argv)
{
	const struct key *key = key_find_option(alias->ours);

	if (!alias->value)
		return take_value(cli, key, attached, origin, argv);
	if (attached)
		return log_invalid("%s takes no value, and has '%s'", origin, attached);
	add_item(cli, key, alias->value, origin);
	return 0;
}

static int parse_long(struct cli *cli, const char *word, char ***argv)
{
	const char *equals = strchr(word, '=');
	const char *attached = equals ? equals + 1 : NULL;
	cleanup_free char *origin = xstrndup(word, equals ? (size_t)(equals - word) : strlen(word));
	const struct key *key = key_find_option(origin + 2);

	if (key)
		return take_value(cli, key, attached, origin, argv);
	for (size_t i = 0; i < n_option_aliases; i++)
		if (strcmp(option_aliases[i].option, origin + 2) == 0)
			return take_alias(cli, &option_aliases[i], attached, origin, argv);
	return refuse_option(origin + 2, origin);
}

/*
 * podman's -v takes a volume, everybody's -v is verbose: a path with a ':' is a
 * volume, and so is what has an absolute path behind one.
 */
static bool is_volume(const char *word)
{
	return word && *word && ((strchr("/.~", *word) && strchr(word, ':')) || strstr(word, ":/"));
}

static int parse_short(struct cli *cli, const char *word, char ***argv)
{
	const char origin[] = { '-', word[1], '\0' };
	const struct key *key = key_find_short(word[1]);
	size_t n = strspn(word + 1, "v");

	if (n > 0 && word[n + 1] == '\0') {
		if (n == 1 && is_volume(**argv))
			return take_value(cli, key_find_option("volume"), NULL, "-v", argv);
		for (size_t i = 0; i < n; i++)
			add_item(cli, key_find_option("verbose"), NULL, "-v");
		return 0;
	}
	if (!key)
		return refuse_option(word + 1, word);
	/* "-w=/tmp" is not how short options are written, and what is meant is plain */
	return take_value(cli, key, word[2] ? word + 2 + (word[2] == '=') : NULL, origin, argv);
}

int cli_parse(char **argv, struct cli *ret)
{
	cleanup_cli struct cli cli = { 0 };

	while (*argv && **argv == '-') {
		const char *word = *argv++;
		int r;

		if (strcmp(word, "--") == 0)
			break;
		r = text_starts_with(word, "--") ? parse_long(&cli, word, &argv)
						 : parse_short(&cli, word, &argv);
		if (r < 0)
			return r;
	}
	if (*argv && **argv == '-')
		return log_invalid("'%s' is not a program's name (write ./%s for a file)", *argv,
				   *argv);
	cli.argv = argv;
	*ret = cli;
	cli = (struct cli){ 0 };
	return 0;
}

static int apply(const struct cli *cli, struct config *c, bool launch)
{
	for (size_t i = 0; i < cli->n_items; i++) {
		const struct cli_item *item = &cli->items[i];
		const struct assignment a = {
			.section = item->key->section,
			.name = item->key->name,
			.value = item->value,
			.origin = item->origin,
			.from_command_line = true,
		};
		int r;

		if ((*item->key->section == '\0') != launch)
			continue;
		r = item->key->set(c, &a);
		if (r < 0)
			return r;
	}
	return 0;
}

int cli_apply_launch(const struct cli *cli, struct config *c)
{
	return apply(cli, c, true);
}

int cli_apply_settings(const struct cli *cli, struct config *c)
{
	return apply(cli, c, false);
}

static void print_option(FILE *out, const struct key *key)
{
	cleanup_free char *left = NULL;
	const char *argument = key->argument ? key->argument : "";
	const char *between = !key->argument || value_is_optional(key) ? "" : "=";

	if (key->short_option)
		left = xasprintf("-%c, --%s%s%s", key->short_option, key->option, between,
				 argument);
	else
		left = xasprintf("    --%s%s%s", key->option, between, argument);
	if (strlen(left) > 32)
		fprintf(out, "  %s\n  %-32s  %s\n", left, "", key->help);
	else
		fprintf(out, "  %-32s  %s\n", left, key->help);
}

void cli_print_help(FILE *out)
{
	static const struct {
		const char *section, *title;
	} groups[] = {
		{ "", "Launch" },
		{ "filesystem", "Files" },
		{ "network", "Network" },
		{ "ids", "Ids" },
		{ "namespaces", "Namespaces" },
		{ "environment", "Environment" },
		{ "limits", "Limits" },
		{ "terminal", "Terminal" },
		{ "capabilities", "Capabilities" },
		{ "seccomp", "System calls" },
		{ "landlock", "Landlock" },
	};

	fprintf(out, "Usage: sandbox [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
		     "Run PROGRAM in a box of its own, without root.\n\n"
		     "  sandbox ./script-off-the-net.sh      offline, nothing of yours to change\n"
		     "  sandbox --profile=build make         the working directory is writable\n"
		     "  sandbox --net=slirp curl URL         with a network of its own\n"
		     "  sandbox --dry-run -- make            what would be done\n");
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		fprintf(out, "\n%s:\n", groups[g].title);
		for (size_t i = 0; i < n_keys; i++)
			if (keys[i].option && strcmp(keys[i].section, groups[g].section) == 0)
				print_option(out, &keys[i]);
	}
	fprintf(out,
		"\nA setting has the same name in a profile, sandbox-profile(5). An empty value "
		"clears a list.\nExit status: the program's; 128+N for signal N; 125 the box "
		"could not be made;\n126 not executable; 127 not found. See sandbox(1).\n");
}

void cli_done(struct cli *cli)
{
	for (size_t i = 0; i < cli->n_items; i++) {
		free(cli->items[i].value);
		free(cli->items[i].origin);
	}
	free(cli->items);
	*cli = (struct cli){ 0 };
}
