/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

/* A list of strings that owns them. v is NULL-terminated once anything was added. */
struct strv {
	char **v;
	size_t n;
};

void strv_add(struct strv *list, const char *s); /* copies */
void strv_take(struct strv *list, char *s);	 /* takes over */
void strv_add_all(struct strv *list, const struct strv *more);
bool strv_has(const struct strv *list, const char *s);
void strv_clear(struct strv *list); /* empty, and reusable */
void strv_done(struct strv *list);

/*
 * Split text at blanks into words, the way a shell reads them: '...' takes
 * everything, "..." and \ escape as in sh, and nothing is expanded. Appends to
 * list. Returns 0, or -EINVAL (list unchanged) for an open quote or a final \.
 */
int strv_split(struct strv *list, const char *text);

#define cleanup_strv __attribute__((cleanup(strv_done)))

#endif
