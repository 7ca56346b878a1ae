/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include "base/strv.h"
#include "config/config.h"

/*
 * Profiles: INI files, found by name or path, read strictly.
 *
 * A name is looked for as NAME.ini in each directory of the search path, in
 * order. After the file found, NAME.local.ini is applied: the one beside it or
 * in a directory earlier in the path. `inherit` is applied before the file's
 * own keys, left to right, each at most once in a chain.
 *
 * A file must be a regular file of at most PROFILE_MAX bytes, owned by the
 * caller or root, and writable by nobody else.
 */
#define PROFILE_MAX (256 * 1024)

/* Fill ret_dirs with $SANDBOX_PROFILE_PATH (colon-separated),
 * $XDG_CONFIG_HOME/sandbox/profiles (~/.config), then the system's two. home may be NULL.
 */
void profile_search_path(const char *home, struct strv *ret_dirs);

/*
 * Load and apply profile `name` (a path if it has a slash) and all it
 * inherits. Every file read is appended to ret_files, in the order applied.
 * Logs; returns -ENOENT, -EINVAL, -EPERM or what the system said.
 */
int profile_apply(const char *name, const struct strv *dirs, struct config *c,
		  struct strv *ret_files);

/*
 * The name of the first profile in dirs whose `programs` has the last
 * component of program, or "default". Caller frees. A broken profile in the
 * path is an error here: its programs line may be the one that counts. Logs.
 */
int profile_for_program(const char *program, const struct strv *dirs, char **ret_name);

/* One row per profile for --list-profiles; the first of a name wins. */
struct profile_info {
	char *name, *path, *description;
};

int profile_list(const struct strv *dirs, struct profile_info **ret, size_t *ret_n);
void profile_list_free(struct profile_info *list, size_t n);

#endif
