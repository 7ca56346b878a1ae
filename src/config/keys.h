/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>

#include "config/config.h"

/*
 * Every setting there is, once. The profile reader, the command line, --help,
 * the shell completion and the man-page check read this table; a new setting
 * is a new row and its setter.
 */
struct key {
	const char *section, *name; /* in a profile; section "" is command line only */
	const char *option;	    /* without "--", or NULL */
	char short_option;	    /* or 0 */
	const char *argument;	    /* "PATH" for --help; NULL if the option takes none */
	int (*set)(struct config *c, const struct assignment *a);
	const char *const *words; /* the closed vocabulary, ends in NULL; or NULL */
	const char *help;
};

extern const struct key keys[];
extern const size_t n_keys;

/*
 * An option of another program that means one of ours. value NULL: the user's
 * value is passed on; else the option takes none and value is used.
 */
struct option_alias {
	const char *option;
	const char *ours; /* a key's option */
	const char *value;
};

extern const struct option_alias option_aliases[];
extern const size_t n_option_aliases;

const struct key *key_find(const char *section, const char *name);
const struct key *key_find_option(const char *option);
const struct key *key_find_short(char option);

/* What to say for an option of bwrap, firejail or podman that we refuse; NULL if it is none. */
const char *option_foreign_advice(const char *option);

/* All sections, for "did you mean"; ends in NULL. */
const char *const *key_sections(void);

#endif
