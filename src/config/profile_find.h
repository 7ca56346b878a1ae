/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_PROFILE_FIND_H
#define CONFIG_PROFILE_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strv.h"
#include "config/profile_file.h"

/*
 * Which files there are for a name; for profile.c and profile_list.c. The
 * search path itself and its rules are in profile.h.
 */

/*
 * [a-z0-9][a-z0-9._-]*, at most 64 bytes: no path can be spelt so. Logs and
 * returns -EINVAL for anything else. where is "" or "dev.ini:3: ".
 */
int profile_check_name(const char *name, const char *where);

/* DIR/NAME.ini or, for an addition, DIR/NAME.local.ini. Caller frees. */
char *profile_path(const char *dir, const char *name, bool addition);

/*
 * Read NAME.ini in the first directory that has it; *ret_dir is its index. If
 * none has, logs with the nearest name there is and where it looked: -ENOENT.
 */
int profile_find(const char *name, const char *where, const struct strv *dirs,
		 struct profile_file *ret, size_t *ret_dir);

struct profile_entry {
	char *name;
	size_t dir;    /* index into dirs */
	bool addition; /* NAME.local.ini */
};

struct profile_entries {
	struct profile_entry *v;
	size_t n;
};

/*
 * All files of the search path with a profile's name, in the order of dirs and
 * by name inside each. Logs when a directory cannot be read; one that does not
 * exist is an empty one.
 */
int profile_entries_read(const struct strv *dirs, struct profile_entries *ret);
void profile_entries_done(struct profile_entries *entries);

/* Is entry i the file that its name means, not an addition nor hidden by an earlier one? */
bool profile_entry_counts(const struct profile_entries *entries, size_t i);

#define cleanup_profile_entries __attribute__((cleanup(profile_entries_done)))

#endif
