/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_CGROUP_H
#define KERNEL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/plan.h"

/*
 * Control groups of version 2, cgroups(7) and the kernel's
 * Documentation/admin-guide/cgroup-v2.rst, by descriptors of their directories.
 * All return -errno and say nothing, but where it says that they log.
 */
enum cgroup_controller {
	CGROUP_MEMORY = 1 << 0,
	CGROUP_PIDS = 1 << 1,
	CGROUP_CPU = 1 << 2,
	CGROUP_IO = 1 << 3,
	CGROUP_CPUSET = 1 << 4,
};

/* "memory cpu" for a set of enum cgroup_controller and " " between. Caller frees. */
char *cgroup_names(unsigned int controllers, const char *between);

/* Which of them the limits need. */
unsigned int cgroup_needs(const struct plan_cgroup *limits);

/*
 * The directory that pid (0: ourselves) is in, opened O_RDONLY. *ret_path, if
 * not NULL, is where that is; the caller frees. -ENOENT if there is no
 * hierarchy of version 2, or none of its mounts shows the group.
 */
int cgroup_open(pid_t pid, char **ret_path);

/* What groups made in this one can have: cgroup.controllers, or -errno. */
int cgroup_available(int group);

/*
 * Let the groups in this one have these. -EBUSY if processes are in it
 * themselves ("no internal processes"), -EACCES or -EROFS if it is not ours.
 */
int cgroup_enable(int group, unsigned int controllers);

/* Make a group, or take one that is there, and open it. Returns the descriptor. */
int cgroup_make(int parent, const char *name);

/* Remove an empty one; what ends just now is waited for, at most wait_ms. */
int cgroup_remove(int parent, const char *name, int wait_ms);

/* Move a process. Takes the kernel up to 15 ms, where clone3(CLONE_INTO_CGROUP) takes none. */
int cgroup_move(int group, pid_t pid);

/* Move ourselves and our children; -EBUSY, and nobody is moved, if others are in it, too. */
int cgroup_move_own(int from, int to);

/* The root of all groups may have processes and still hand its controllers on. */
bool cgroup_is_root(int group);

/*
 * Set the limits that `with` has the controllers for, and read each back: what
 * the kernel took is not always what it was given. Returns those controllers
 * that have a limit which could not be set (its file is missing: no swap
 * accounting, a scheduler without weights ...), or -errno, logged, if the
 * kernel refused one.
 */
int cgroup_set_limits(int group, const struct plan_cgroup *limits, unsigned int with);

/* What all that ever was in the group has used; UINT64_MAX where it is not known. */
struct cgroup_usage {
	uint64_t user_us, system_us;
	uint64_t memory_peak;  /* bytes; Linux 5.19 */
	uint64_t pids_peak;    /* Linux 6.1 */
	uint64_t written;      /* bytes, to block devices */
	uint64_t oom_kills;    /* processes that were killed for want of memory */
	uint64_t pids_refused; /* how often the limit on pids was met */
};

void cgroup_measure(int group, struct cgroup_usage *ret);

/* Kill all that is in it (cgroup.kill, Linux 5.14). */
int cgroup_kill(int group);

#endif
