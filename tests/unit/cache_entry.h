/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_CACHE_ENTRY_H
#define TESTS_UNIT_CACHE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "filter_profile.h"
#include "run/filter_cache.h"

/* A policy, its text, and the image that filter_cache_fill() made of it. */
struct entry {
	struct filter_policy policy;
	char *text, *image;
	size_t size;
};

/* Compile and keep: by library, or by the system's if NULL; in dir, or "@/cache". */
struct entry fill_with(const char *library, const char *dir, const struct filter_profile *from);
struct entry fill(const char *dir, const struct filter_profile *from);
struct entry fill_default(void);
void entry_done(struct entry *e);

/* Does dir, or "@/cache", have it? And nothing else under its name. */
bool has(const char *dir, const struct entry *e);
bool hit(const struct entry *e);

/* File n of "@/cache" in no particular order, or NULL. Caller frees. */
char *cached_file(size_t n);

#define cleanup_entry __attribute__((cleanup(entry_done)))

#endif
