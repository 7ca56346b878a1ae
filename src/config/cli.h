/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_CLI_H
#define CONFIG_CLI_H

#include <stddef.h>
#include <stdio.h>

#include "config/config.h"
#include "config/keys.h"

/* One option as typed, resolved to its row of the key table. */
struct cli_item {
	const struct key *key;
	char *value;
	char *origin; /* "--ro", "-p": the spelling of the user */
};

struct cli {
	struct cli_item *items;
	size_t n_items;
	char **argv; /* the program and its arguments, inside main()'s argv; *argv NULL: none */
};

/*
 * Read options up to the first word that is none; "--" ends them too.
 * `--key=value`, `--key value`, `-kvalue`, `-k value`; an option whose value is
 * optional takes it only behind '=', but for --show-profile. Logs and returns -EINVAL for an unknown
 * one, with what was meant.
 */
int cli_parse(char **argv, struct cli *ret);

/* Apply the options about the launch itself (what to do, which profile), before any profile. */
int cli_apply_launch(const struct cli *cli, struct config *c);

/* Apply all others, after the profile. */
int cli_apply_settings(const struct cli *cli, struct config *c);

void cli_print_help(FILE *out);
void cli_done(struct cli *cli);

#define cleanup_cli __attribute__((cleanup(cli_done)))

#endif
