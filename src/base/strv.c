/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/strv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

void strv_take(struct strv *list, char *s)
{
	if (list->n == 0 && !list->v)
		list->v = xcalloc(2, sizeof(*list->v));
	else if ((list->n & (list->n + 1)) == 0)
		list->v = xrealloc_array(list->v, (list->n + 1) * 2 + 1, sizeof(*list->v));
	list->v[list->n++] = s;
	list->v[list->n] = NULL;
}

void strv_add(struct strv *list, const char *s)
{
	strv_take(list, xstrdup(s));
}

void strv_add_all(struct strv *list, const struct strv *more)
{
	for (size_t i = 0; i < more->n; i++)
		strv_add(list, more->v[i]);
}

bool strv_has(const struct strv *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], s) == 0)
			return true;
	return false;
}

void strv_done(struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct strv){ 0 };
}

void strv_clear(struct strv *list)
{
	strv_done(list);
}

/*
 * Copy one word from *text to out, which has room for it, and move *text
 * behind it.
 */
static int read_word(const char **text, char *out)
{
	const char *in = *text;
	char quote = '\0';

	for (; *in && (quote || !strchr(" \t\n", *in)); in++) {
		if (quote == '\0' && (*in == '\'' || *in == '"')) {
			quote = *in;
		} else if (*in == quote) {
			quote = '\0';
		} else if (*in == '\\' && quote != '\'') {
			if (in[1] == '\0')
				return -EINVAL;
			/* as in sh: inside "" the backslash only escapes what needs it */
			if (quote == '"' && !strchr("\"\\$`", in[1]))
				*out++ = '\\';
			*out++ = *++in;
		} else {
			*out++ = *in;
		}
	}
	if (quote)
		return -EINVAL;
	*out = '\0';
	*text = in;
	return 0;
}

int strv_split(struct strv *list, const char *text)
{
	cleanup_strv struct strv words = { 0 };

	for (;;) {
		cleanup_free char *word = NULL;
		int r;

		text += strspn(text, " \t\n");
		if (*text == '\0')
			break;
		word = xcalloc(strlen(text) + 1, 1);
		r = read_word(&text, word);
		if (r < 0)
			return r;
		strv_take(&words, take_ptr(&word));
	}
	for (size_t i = 0; i < words.n; i++)
		strv_take(list, take_ptr(&words.v[i]));
	return 0;
}
