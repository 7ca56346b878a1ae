/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_FILTER_POLICY_H
#define PLAN_FILTER_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "plan/syscall_groups.h"

/*
 * Which system calls the box may make, decided: [seccomp], `nested` and the
 * groups of syscall_groups.h become one answer for each call, and the few
 * calls that are judged by their arguments get their lists.
 *
 * Raise the version with every change of what a policy means or of how
 * kernel/filter.c compiles it: compiled filters are kept under the text.
 */
#define FILTER_POLICY_VERSION 2

#define FILTER_PERSONALITIES_MAX 6

struct filter_policy {
	uint8_t *answers; /* enum syscall_answer, in the order of syscall_groups[] */
	size_t n_answers;
	size_t *firsts; /* of each group: its first call in answers[]; and one for the end */

	uint64_t families;   /* bit N: socket(N, ...) may be; others: EAFNOSUPPORT */
	uint32_t netlink;    /* bit N: netlink protocol N; others: EPROTONOSUPPORT */
	uint32_t namespaces; /* CLONE_NEW* that clone and unshare may ask for; others: EPERM */
	uint32_t personalities[FILTER_PERSONALITIES_MAX]; /* others: EPERM */
	size_t n_personalities;
	bool i386;	     /* 32-bit programs too, on x86-64 */
	bool no_set_id_bits; /* modes with S_ISUID or S_ISGID: EPERM; openat2: ENOSYS */
};

/* What no box may do through a call that is allowed as such. */
struct filter_argument {
	const char *name;
	uint32_t value;
};

/* ioctl requests that push input into a terminal, or take it over. */
extern const struct filter_argument filter_denied_ioctls[];
extern const size_t n_filter_denied_ioctls;

/* Socket types of inet and inet6 that build packets by hand. */
extern const struct filter_argument filter_denied_types[];
extern const size_t n_filter_denied_types;

/* prctl operations; PR_SET_SECCOMP is denied besides, in its strict mode. */
extern const struct filter_argument filter_denied_prctls[];
extern const size_t n_filter_denied_prctls;

/*
 * Decide, from seccomp_*, architectures, families and nested of c. A denied
 * call stays denied whatever else allows it, in any order; `log` marks allowed
 * calls and grants nothing. Without families a box has unix, inet, inet6 and
 * netlink (route). Logs, with the word's origin; returns -EINVAL and leaves
 * *ret alone for a word that is unknown, has no effect, or asks for a call
 * that no profile can have.
 *
 * as_host_root: the box's files are the host root's. It may then leave no
 * set-user-ID or set-group-ID file behind, unless it keeps CAP_FSETID.
 */
int filter_policy_build(const struct config *c, bool as_host_root, struct filter_policy *ret);
void filter_policy_done(struct filter_policy *p);

/* What p says about a call: SYSCALL_ENOSYS for a name in no group. */
enum syscall_answer filter_policy_answer(const struct filter_policy *p, const char *call);

/*
 * All of p in lines, the same text for the same policy and another for any
 * other: for --dry-run, and the key of the cache. Caller frees.
 */
char *filter_policy_text(const struct filter_policy *p);

#define cleanup_filter_policy __attribute__((cleanup(filter_policy_done)))

#endif
