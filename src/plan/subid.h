/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_SUBID_H
#define PLAN_SUBID_H

#include <stdbool.h>
#include <stdint.h>

/* A run of subordinate ids on the host. */
struct subid_range {
	uint32_t first, count;
};

/*
 * The caller's widest range in the text of /etc/subuid or /etc/subgid
 * (subuid(5): NAME-OR-UID:FIRST:COUNT a line). Both files are keyed by name or
 * uid; own is the id that must not be given away: the uid, or for the second
 * file the gid.
 *
 * Returns 0 with *ret (count 0: no line for the caller), or -EINVAL when one
 * of the caller's lines is malformed, empty, wraps past 2^32-2, holds host id
 * 0, holds own, or two of them overlap; then *ret_problem says so, naming
 * "/etc/subuid:LINE" (caller frees). Lines of other users are not judged.
 */
int subid_parse(const char *text, const char *file, const char *user, uint32_t uid, uint32_t own,
		struct subid_range *ret, char **ret_problem);

#endif
