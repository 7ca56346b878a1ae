/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include "base/strv.h"
#include "config/config.h"

/*
 * Profiles: INI files, found by name or path, read strictly.
 *
 * A name is looked for as NAME.ini in each directory of the search path, in
 * order. After the file found, each NAME.local.ini is applied: the one beside
 * it first, then those of the directories earlier in the path, so that the
 * user's comes after the administrator's. A path means that one file.
 *
 * `inherit` names profiles, left to right; they are applied before the file's
 * own keys. A file counts once, at its first place: two parents that share a
 * third do not undo each other. The `description` and `programs` of an
 * inherited profile stay its own.
 *
 * ini_scan.h says what a file may look like, profile_file.h whose it may be.
 */

/* Profiles that inherit each other, at most. */
#define PROFILE_DEPTH_MAX 16

/*
 * Append the directories to look in, first one first: those of
 * $SANDBOX_PROFILE_PATH (separated by colons; a relative one is left out with
 * a warning), $XDG_CONFIG_HOME/sandbox/profiles (else HOME/.config/...), the
 * source's if we run from a build tree, and the system's two. home may be NULL.
 */
void profile_search_path(const char *home, struct strv *ret_dirs);

/*
 * Load and apply profile `name` (a path if it has a slash) and all it
 * inherits. Every file read is appended to ret_files in the order applied, and
 * one that is in there already is not applied again. Logs; returns -ENOENT,
 * -EINVAL, -EPERM or what the system said, and c is then half done.
 */
int profile_apply(const char *name, const struct strv *dirs, struct config *c,
		  struct strv *ret_files);

/*
 * The name of the first profile whose `programs` has the last component of
 * program, or "default": in the order of dirs, by name inside each. Caller
 * frees. A broken programs line is an error here, as it may be the one that
 * counts. Logs.
 */
int profile_for_program(const char *program, const struct strv *dirs, char **ret_name);

/* One row per profile for --list-profiles, by name; the first of a name wins. */
struct profile_info {
	char *name, *path;
	char *description; /* NULL: none, or the file is broken and the log says how */
};

int profile_list(const struct strv *dirs, struct profile_info **ret, size_t *ret_n);
void profile_list_free(struct profile_info *list, size_t n);

#endif
