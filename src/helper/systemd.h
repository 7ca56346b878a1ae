/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HELPER_SYSTEMD_H
#define HELPER_SYSTEMD_H

#include <stdbool.h>
#include <sys/types.h>

#include "plan/plan.h"

/*
 * A transient scope: a control group that systemd makes for a process which is
 * there already, and that is then ours to divide (Delegate=), see
 * systemd.scope(5) and systemd's CGROUP_DELEGATION. The user's manager makes
 * it, for the host's root the system's.
 *
 * libsystemd is loaded for this and by nobody else, so this is for a process
 * that ends soon after.
 */
#define SYSTEMD_READY '+' /* tidying up comes after it, and takes as long as loading did */

struct systemd_scope {
	const char *name;	 /* of the unit: ends in .scope */
	const char *description; /* for systemctl status */
	bool of_system;
	int pid_fd;   /* a pipe through which the process's pid_t comes, while we connect */
	int ready_fd; /* and one that is told, by SYSTEMD_READY, when it is in the scope */
	const struct plan_cgroup *limits;
};

/*
 * Make it, and wait until the process is in it, at most 10 s. 0, or -errno with
 * the reason in *ret_why, for a person; the caller frees it. -EPIPE if no pid
 * came. Says nothing.
 */
int systemd_start_scope(const struct systemd_scope *s, char **ret_why);

#endif
