/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_FILTER_CACHE_H
#define RUN_FILTER_CACHE_H

#include <stddef.h>

#include "plan/filter_policy.h"

/*
 * Compiled filters, kept in DIR/filters so that only the first launch under a
 * policy pays for compiling it. DIR is the caller's, and no box can write it.
 *
 * A file is believed only if it, DIR and DIR/filters belong to our euid and
 * nobody else can write them (nor look into DIR/filters), none is a symbolic
 * link, and the file holds this very policy text, for this machine, by the
 * libseccomp that is still where it was when it compiled: libseccomp is not
 * loaded to ask. Anything odd is a miss, never an error: the filter is
 * compiled anew.
 */

#define FILTER_CACHE_FILES 32 /* the oldest go when there are more */

/*
 * Look for the image of the policy whose filter_policy_text() is text. dir may
 * be NULL: then all is a miss. Returns 1 with the image, which the caller
 * frees, or 0. Silent.
 */
int filter_cache_get(const char *dir, const char *text, void **ret_image, size_t *ret_size);

/*
 * Compile p into memfd, tell by ready (unless it is NULL), and then store the
 * image under text in dir, which is made if missing. Not being able to store is
 * no failure. Logs. For a short-lived process, see filter_compile().
 */
int filter_cache_fill(const char *dir, const char *text, const struct filter_policy *p, int memfd,
		      void (*ready)(void *data), void *data);

/* The same, by another libseccomp; for tests. */
int filter_cache_fill_by(const char *library, const char *dir, const char *text,
			 const struct filter_policy *p, int memfd, void (*ready)(void *data),
			 void *data);

#endif
