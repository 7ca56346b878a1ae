/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_SYSCALL_GROUPS_H
#define PLAN_SYSCALL_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Every system call there is, in exactly one group, with what a box is told
 * that makes it. Data only; filter_policy.h turns it into a policy.
 *
 * To decide a new call, add its name to a group, in alphabetical order (the
 * lookup is a binary search), and let the tests update their table. What is
 * in no group gets ENOSYS, as from a kernel that is older than the call.
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
	const char *const *calls;
	size_t n_calls;
};

extern const struct syscall_group syscall_groups[];
extern const size_t n_syscall_groups;

/* systemd's name of a group, and ours. */
struct syscall_alias {
	const char *alias, *group;
};

extern const struct syscall_alias syscall_aliases[];
extern const size_t n_syscall_aliases;

/* How many calls all groups have together. */
size_t syscall_count(void);

#endif
