/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_SYSCALL_GROUPS_H
#define PLAN_SYSCALL_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Every system call there is, in exactly one group, with what a box is told
 * that makes it. Data only; filter_policy.h turns it into a policy.
 *
 * To decide a new call, add its name to a group, in alphabetical order, and
 * let the tests update their table. What is in no group gets ENOSYS, as from a
 * kernel that is older than the call.
 *
 * Names are kept as they stand in the policy's text, not as an array: five
 * hundred pointers would be relocated at every start, in memory of our own.
 */
enum syscall_answer {
	SYSCALL_ALLOW,
	SYSCALL_LOG,	/* allowed, and the kernel logs it */
	SYSCALL_EPERM,	/* known and refused: for want of privilege */
	SYSCALL_ENOSYS, /* programs probe for it and do without */
};

static inline bool syscall_is_allowed(enum syscall_answer answer)
{
	return answer == SYSCALL_ALLOW || answer == SYSCALL_LOG;
}

struct syscall_group {
	const char *name; /* "@fs" */
	const char *why;
	enum syscall_answer answer; /* unless a profile says otherwise */
	const char *never;	    /* why no profile can allow it; NULL: it can */
	const char *calls; /* names, sorted, with one space between two and none elsewhere */
};

extern const struct syscall_group syscall_groups[];
extern const size_t n_syscall_groups;

/* systemd's name of a group, and ours. */
struct syscall_alias {
	const char *alias, *group;
};

extern const struct syscall_alias syscall_aliases[];
extern const size_t n_syscall_aliases;

#define SYSCALL_NAME_MAX 32

/* How many names there are in such a list. */
size_t syscall_count(const char *calls);

/*
 * Walk through them. Copies the first name of the list and returns what is
 * behind it, or NULL at the end:
 *
 *	for (const char *at = g->calls; (at = syscall_next(at, name));)
 */
const char *syscall_next(const char *calls, char name[SYSCALL_NAME_MAX]);

#endif
