/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setters of [filesystem] lists: SRC[:DST] and friends. */
#include "config/setters.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

/*
 * Cut text at its first ':' that no backslash precedes, and take the
 * backslashes before ':' and '\' away on both sides. A second such ':' in the
 * rest stays there. Returns the second part, or NULL when there is no ':'.
 */
static char *split_colon(char *text)
{
	char *out = text, *second = NULL;

	for (char *in = text; *in; in++) {
		if (*in == '\\' && (in[1] == ':' || in[1] == '\\')) {
			*out++ = *++in;
		} else if (*in == ':' && !second) {
			*out++ = '\0';
			second = out;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
	return second;
}

static void append_mount(struct config *c, const struct assignment *a, struct config_mount *m)
{
	m->origin = xstrdup(a->origin);
	m->relative = a->from_command_line;
	GROW(c->mounts, c->n_mounts);
	c->mounts[c->n_mounts++] = *m;
}

static void mount_free(struct config_mount *m)
{
	free(m->source);
	free(m->target);
	free(m->origin);
}

/* An empty value clears what the same key said so far, and nothing else. */
static void clear_mounts(struct config *c, enum mount_kind kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n_mounts; i++) {
		if (c->mounts[i].kind == kind)
			mount_free(&c->mounts[i]);
		else
			c->mounts[kept++] = c->mounts[i];
	}
	c->n_mounts = kept;
}

static int parse_tmpfs(const struct assignment *a, char *rest, struct config_mount *m)
{
	m->target = m->source;
	m->source = NULL;
	if (!rest)
		return 0;
	if (!text_starts_with(rest, "size=") || text_parse_size(rest + 5, &m->size) < 0 ||
	    m->size == 0)
		return log_invalid("%s: cannot read '%s', a tmpfs is PATH[:size=64M]", a->origin,
				   rest);
	return 0;
}

static int parse_mount(const struct assignment *a, const char *word, struct config_mount *m)
{
	char *rest;

	m->optional = *word == '-';
	m->source = xstrdup(word + m->optional);
	rest = split_colon(m->source);
	if (*m->source == '\0' || (rest && *rest == '\0'))
		return log_invalid("%s: a path is empty in '%s'", a->origin, word);
	switch (m->kind) {
	case MOUNT_TMPFS:
		return parse_tmpfs(a, rest, m);
	case MOUNT_SYMLINK:
		if (!rest)
			return log_invalid("%s: '%s' is not TEXT:PATH, what the link says and "
					   "where it is",
					   a->origin, word);
		break;
	case MOUNT_HIDE:
		if (rest)
			return log_invalid("%s: '%s' has a ':'; hide takes one path (a colon in a "
					   "name is written '\\:')",
					   a->origin, word);
		m->target = m->source;
		m->source = NULL;
		return 0;
	case MOUNT_RO:
	case MOUNT_RW:
	case MOUNT_DEV:
		break;
	}
	m->target = rest ? xstrdup(rest) : NULL;
	return 0;
}

/* As far as that can be told before macros are expanded. */
static bool is_absolute(const char *word)
{
	return strchr("/~$", word[*word == '-']);
}

/* A path with a blank, quotes around all of the value or none: two paths to us. */
static int check_split(const struct assignment *a, const struct strv *words, enum mount_kind kind)
{
	for (size_t i = 1; !a->from_command_line && i < words->n; i++) {
		cleanup_free char *advice = NULL;
		size_t n = i;

		while (n < words->n && !is_absolute(words->v[n]))
			n++;
		if (n == i || kind == MOUNT_SYMLINK)
			continue;
		advice = assignment_quoting(a, words, i, n);
		return log_invalid("%s: '%s' is not an absolute path%s", a->origin, words->v[i],
				   advice);
	}
	return 0;
}

static int add_mounts(struct config *c, const struct assignment *a, enum mount_kind kind)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, false, &words);

	if (r == 0)
		r = check_split(a, &words, kind);
	if (r < 0)
		return r;
	if (words.n == 0)
		clear_mounts(c, kind);
	for (size_t i = 0; i < words.n; i++) {
		struct config_mount m = { .kind = kind };

		r = parse_mount(a, words.v[i], &m);
		if (r < 0) {
			mount_free(&m);
			return r;
		}
		append_mount(c, a, &m);
	}
	return 0;
}

int add_ro(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_RO);
}

int add_rw(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_RW);
}

int add_dev(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_DEV);
}

int add_tmpfs(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_TMPFS);
}

int add_hide(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_HIDE);
}

int add_symlink(struct config *c, const struct assignment *a)
{
	return add_mounts(c, a, MOUNT_SYMLINK);
}

/* What podman takes for the name of a volume of its own, not for a path. */
static bool is_volume_name(const char *source)
{
	return isalnum((unsigned char)*source) && !strchr(source, '/');
}

/* podman's -v SRC:DST[:ro|rw] */
int add_volume(struct config *c, const struct assignment *a)
{
	cleanup_free char *text = xstrdup(a->value);
	char *option = strrchr(text, ':');
	struct assignment plain = *a;
	enum mount_kind kind = MOUNT_RW;

	if (option && (strcmp(option, ":ro") == 0 || strcmp(option, ":rw") == 0)) {
		kind = option[2] == 'o' ? MOUNT_RO : MOUNT_RW;
		*option = '\0';
		option = strrchr(text, ':');
	}
	if (!option || option[1] != '/')
		return log_invalid("%s: '%s' is not SOURCE:TARGET[:ro or :rw]", a->origin,
				   a->value);
	*option = '\0';
	if (is_volume_name(text))
		return log_invalid("%s: '%s' is no path, and a box has no named volumes (write "
				   "./%s for the directory)",
				   a->origin, text, text);
	*option = ':';
	plain.value = text;
	return add_mounts(c, &plain, kind);
}

void config_clear_mounts(struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		mount_free(&c->mounts[i]);
	free(c->mounts);
	c->mounts = NULL;
	c->n_mounts = 0;
}
