/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_INI_SCAN_H
#define CONFIG_INI_SCAN_H

#include <stddef.h>

/*
 * A strict reading of an INI text.
 *
 * The grammar is the part of INI that every reader reads alike:
 *
 *	# or ;			a comment, on a line of its own
 *	[section]		a to z, 0 to 9 and '-', a letter first
 *	key = value		blanks around the value are not part of it
 *	key = "value" or '...'	the only place for ';' and '#'; no '\' in there
 *	key =			an empty value
 *
 * All else is refused, with "PATH:LINE: " and the way out: above all what
 * iniparser drops or cuts in silence, a second line for one key, a comment
 * behind a value, a line that goes on in the next.
 */

/* In bytes. iniparser 4.1 gives up at 1023, and a round number is easier to say. */
#define INI_LINE_MAX 1000

#define INI_WORD_MAX 64

/* No profile can have as many; it bounds the work for one. */
#define INI_KEYS_MAX 500

struct ini_key {
	const char *section, *name, *value; /* inside ini.text */
	unsigned int line;
};

/* The keys of a text, in the order of their lines. */
struct ini {
	struct ini_key *keys;
	size_t n_keys;
	char *text; /* a copy, cut into strings */
};

/* Read the size bytes at text. path is only for messages. Logs; 0 or -EINVAL. */
int ini_scan(const char *path, const char *text, size_t size, struct ini *ret);
void ini_done(struct ini *ini);

/* The key of that name, or NULL. */
const struct ini_key *ini_find(const struct ini *ini, const char *section, const char *name);

#define cleanup_ini __attribute__((cleanup(ini_done)))

#endif
