/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_PROFILE_FILE_H
#define CONFIG_PROFILE_FILE_H

#include <stddef.h>

#include "config/ini_scan.h"

/*
 * One profile file, for profile.c, profile_find.c and profile_list.c.
 *
 * A file decides what a program may do, so it must be ours: a regular file of
 * at most PROFILE_MAX bytes, owned by the caller or root, and writable by
 * nobody else (the caller's own primary group may). It is read once; all
 * that follows works on those bytes.
 */
#define PROFILE_MAX (256 * 1024)

struct profile_file {
	char *path, *text;
	size_t size;
	struct ini ini;
	struct _dictionary_ *values; /* iniparser's reading */
};

/*
 * Open, check and read path: fills path, text and size. -ENOENT in silence if
 * there is nothing of that name; all else it logs, a dangling symbolic link
 * too.
 */
int profile_file_read(const char *path, struct profile_file *ret);

/* Fill ini. Logs; -EINVAL for a mistake in the text or a file without any key. */
int profile_file_scan(struct profile_file *f);

/*
 * Fill values, after profile_file_scan(). Logs; -EINVAL when iniparser reads
 * anything in the same bytes that the scan does not, or the other way round.
 */
int profile_file_parse(struct profile_file *f);

/* What iniparser read for key. */
const char *profile_file_value(const struct profile_file *f, const struct ini_key *key);

void profile_file_done(struct profile_file *f);

#define cleanup_profile_file __attribute__((cleanup(profile_file_done)))

#endif
