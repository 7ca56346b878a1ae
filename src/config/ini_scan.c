/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/ini_scan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"

#define BLANKS " \t"

/* Where the scanner stands. */
struct scan {
	const char *path;
	unsigned int line;
	const char *section; /* NULL before the first header */
	struct ini ini;
};

void ini_done(struct ini *ini)
{
	free(ini->keys);
	free(ini->text);
	*ini = (struct ini){ 0 };
}

const struct ini_key *ini_find(const struct ini *ini, const char *section, const char *name)
{
	for (size_t i = 0; i < ini->n_keys; i++)
		if (strcmp(ini->keys[i].name, name) == 0 &&
		    strcmp(ini->keys[i].section, section) == 0)
			return &ini->keys[i];
	return NULL;
}

/* Cut the blanks off both ends of s, in place. */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, BLANKS);
	n = strlen(s);
	while (n > 0 && strchr(BLANKS, s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* Bytes that say the file is not plain text at all; found before it is cut into lines. */
static int check_text(const char *path, const char *text, size_t size)
{
	const char *nul = memchr(text, '\0', size);
	unsigned int line = 1;

	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return log_invalid("%s:1: the file begins with a byte order mark; save it as "
				   "UTF-8 without one",
				   path);
	if (size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return log_invalid("%s:1: the file is UTF-16; save it as UTF-8", path);
	if (!nul)
		return 0;
	for (; text < nul; text++)
		line += *text == '\n';
	return log_invalid("%s:%u: the file has a NUL byte", path, line);
}

/*
 * What an editor or a terminal shows otherwise than we read it: C0, DEL, and
 * C1 as UTF-8. Returns the bytes of one such character at s, or 0.
 */
static int control_length(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < 0x20 || u[0] == 0x7f)
		return u[0] == '\t' ? 0 : 1;
	return u[0] == 0xc2 && u[1] >= 0x80 && u[1] <= 0x9f ? 2 : 0;
}

/* What no line may have, a comment no more than a key. */
static int check_line(const struct scan *s, const char *line)
{
	size_t n = strlen(line);

	if (n > INI_LINE_MAX)
		return log_invalid("%s:%u: the line has %zu bytes, at most %d are read", s->path,
				   s->line, n, INI_LINE_MAX);
	if (n > 0 && line[n - 1] == '\r')
		return log_invalid("%s:%u: the line ends in CR LF, as on Windows; save the file "
				   "with Unix line ends",
				   s->path, s->line);
	for (const char *p = line; *p; p++)
		if (control_length(p))
			return log_invalid("%s:%u: control character '%.*s'", s->path, s->line,
					   control_length(p), p);

	/* iniparser would take the next line for a part of this one, after a comment too */
	while (n > 0 && strchr(BLANKS, line[n - 1]))
		n--;
	if (n > 0 && line[n - 1] == '\\')
		return log_invalid("%s:%u: '\\' at the end of a line; a line cannot go on in the "
				   "next",
				   s->path, s->line);
	return 0;
}

/* Sections and keys: kebab-case, and no longer than iniparser's buffers like. */
static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return *s >= 'a' && *s <= 'z' && s[n] == '\0' && n <= INI_WORD_MAX;
}

static int check_word(const struct scan *s, const char *what, const char *word)
{
	cleanup_free char *lower = NULL;

	if (is_word(word))
		return 0;
	lower = xstrdup(word);
	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	if (is_word(lower))
		return log_invalid("%s:%u: %s '%s' has capital letters; write '%s'", s->path,
				   s->line, what, word, lower);
	return log_invalid("%s:%u: '%s' is not a %s (a to z, 0 to 9 and '-', at most %d)", s->path,
			   s->line, word, what, INI_WORD_MAX);
}

static int scan_header(struct scan *s, char *line)
{
	char *end = strchr(line, ']');
	int r;

	if (!end)
		return log_invalid("%s:%u: no ']' at the end of '%s'", s->path, s->line, line);
	if (end[1])
		return log_invalid("%s:%u: a section is a line of its own, and '%s' follows it",
				   s->path, s->line, trim(end + 1));
	*end = '\0';
	r = check_word(s, "section", line + 1);
	if (r == 0)
		s->section = line + 1;
	return r;
}

/*
 * A value in quotes. The library versions differ on '\' in it: 4.1 keeps it,
 * later ones take it away.
 */
static int scan_quoted(const struct scan *s, char *value, const char **ret)
{
	char quote = *value, other = quote == '"' ? '\'' : '"';
	char *end = strchr(value + 1, quote);

	if (!end)
		return log_invalid("%s:%u: the value begins with %c and has no second one", s->path,
				   s->line, quote);
	if (end[1])
		return log_invalid("%s:%u: the value goes on behind its closing %c; put all of it "
				   "into %c...%c",
				   s->path, s->line, quote, other, other);
	if (strchr(value, '\\'))
		return log_invalid("%s:%u: '\\' in a quoted value; only a value without quotes "
				   "around it may have one",
				   s->path, s->line);
	*end = '\0';
	*ret = value + 1;
	return 0;
}

static int scan_value(const struct scan *s, const char *name, char *value, const char **ret)
{
	const char *comment = strpbrk(value, ";#");
	char quote = strchr(value, '"') ? '\'' : '"';

	if (*value == '"' || *value == '\'')
		return scan_quoted(s, value, ret);
	if (comment)
		return log_invalid("%s:%u: '%c' would cut the value off here; write %s = %c%s%c, "
				   "or the comment on a line of its own",
				   s->path, s->line, *comment, name, quote, value, quote);
	*ret = value;
	return 0;
}

static int scan_key(struct scan *s, char *line)
{
	struct ini_key key = { .section = s->section, .line = s->line };
	char *equals = strchr(line, '=');
	const struct ini_key *first;
	int r;

	if (!equals)
		return log_invalid("%s:%u: '%s' is not 'key = value'", s->path, s->line, line);
	*equals = '\0';
	key.name = trim(line);
	if (*key.name == '\0')
		return log_invalid("%s:%u: no key before '='", s->path, s->line);
	r = check_word(s, "key", key.name);
	if (r < 0)
		return r;
	if (!s->section)
		return log_invalid("%s:%u: key '%s' stands before the first [section]", s->path,
				   s->line, key.name);
	r = scan_value(s, key.name, trim(equals + 1), &key.value);
	if (r < 0)
		return r;

	first = ini_find(&s->ini, key.section, key.name);
	if (first)
		return log_invalid("%s:%u: key '%s' stands in line %u already; a list is one line, "
				   "its words apart by blanks",
				   s->path, s->line, key.name, first->line);
	if (s->ini.n_keys == INI_KEYS_MAX)
		return log_invalid("%s:%u: more than %d keys", s->path, s->line, INI_KEYS_MAX);
	GROW(s->ini.keys, s->ini.n_keys);
	s->ini.keys[s->ini.n_keys++] = key;
	return 0;
}

static int scan_line(struct scan *s, char *line)
{
	int r = check_line(s, line);

	if (r < 0)
		return r;
	line = trim(line);
	if (strchr("#;", *line)) /* or an empty line: strchr finds the end, too */
		return 0;
	return *line == '[' ? scan_header(s, line) : scan_key(s, line);
}

int ini_scan(const char *path, const char *text, size_t size, struct ini *ret)
{
	struct scan s = { .path = path };
	cleanup_ini struct ini ini = { 0 };
	char *rest, *line;
	int r = check_text(path, text, size);

	if (r < 0)
		return r;
	s.ini.text = xstrndup(text, size);
	rest = s.ini.text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		s.line++;
		r = scan_line(&s, line);
	}
	ini = s.ini; /* to be freed, or given away */
	if (r < 0)
		return r;
	*ret = ini;
	ini = (struct ini){ 0 };
	return 0;
}
