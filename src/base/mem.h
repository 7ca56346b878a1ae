/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Allocation that cannot fail: out of memory ends the program with a line and
 * status 125. The launcher is short-lived, unprivileged and has nothing to
 * save, and a third of all error paths disappears.
 */
void *xcalloc(size_t n, size_t size);
void *xrealloc_array(void *p, size_t n, size_t size);
char *xstrdup(const char *s); /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* *text, which is ours, becomes longer by what fmt says. */
void xappend(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Make room for one more element in a growing array:
 *
 *	GROW(p->mounts, p->n_mounts);
 *	p->mounts[p->n_mounts++] = step;
 */
#define GROW(array, n)                                                                        \
	do {                                                                                  \
		if (((n) & ((n)-1)) == 0)                                                     \
			(array) = xrealloc_array((array), (n) ? (n)*2 : 1, sizeof(*(array))); \
	} while (0)

#endif
