/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

#include <sys/types.h>

#include "kernel/cgroup.h"
#include "plan/host.h"
#include "plan/plan.h"

/*
 * The control group that the program is cloned into. Nothing of ours is in it:
 * the limits are the program's, and we must be there to tell how it ended.
 *
 * systemd makes it, as a scope that ends with its last process; or else it is
 * made in the group that we are in, where that is ours, and then a keeper
 * removes it when we are gone, whatever ended us.
 */
struct limits {
	int group;	   /* of the program; -EBADF: none */
	pid_t scope_maker; /* talks to systemd */
	int scope_words;   /* pipe: what it says went wrong */
	int scope_pid;	   /* pipe: what it is to put into the scope */
	char *scope;	   /* name of the unit */
	int own;	   /* the group that we are in, if the program's is made in it */
	char *name;	   /* of the program's, there */
	pid_t keeper;
	int keeper_leash; /* pipe: closed when we end */
};

#define LIMITS_NONE                                                                         \
	{                                                                                   \
		.group = -EBADF, .scope_words = -EBADF, .scope_pid = -EBADF, .own = -EBADF, \
		.keeper_leash = -EBADF                                                      \
	}

/* Begin, before there is a box: to find systemd takes as long as to make one. Logs. */
int limits_start(const struct plan *p, const struct host *h, struct limits *l);

/* And go on, now that there is its first process. */
void limits_continue(struct limits *l, pid_t init);

/*
 * Have the group with all its limits. What cannot be had is an error, logged
 * with the reason and what helps, or with plan_cgroup.may_lack a warning: then
 * l->group may be -EBADF. -EPIPE in silence if init has ended.
 */
int limits_finish(const struct plan *p, const struct host *h, pid_t init, int init_pidfd,
		  struct limits *l);

/* End what is left of it. */
void limits_done(struct limits *l);

#endif
