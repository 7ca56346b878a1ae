/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_die(void *p)
{
	static const char text[] = "sandbox: out of memory\n";

	if (p)
		return p;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1); /* nothing to be done about it */
	_exit(125);
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size));
}

void *xrealloc_array(void *p, size_t n, size_t size)
{
	return or_die(reallocarray(p, n ? n : 1, size));
}

char *xstrdup(const char *s)
{
	return s ? or_die(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	return or_die(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	return or_die(n < 0 ? NULL : text);
}

void xappend(char **text, const char *fmt, ...)
{
	size_t before = strlen(*text);
	char *more = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&more, fmt, args);
	va_end(args);
	or_die(n < 0 ? NULL : more);
	*text = xrealloc_array(*text, before + (size_t)n + 1, 1);
	memcpy(*text + before, more, (size_t)n + 1);
	free(more);
}
