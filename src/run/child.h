/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_CHILD_H
#define RUN_CHILD_H

#include <sys/types.h>

#include "kernel/mount.h"
#include "plan/plan.h"
#include "run/entry.h"
#include "run/sync.h"

/* The compiled filter: in memory before the fork, or in memfd once STAGE_FILTER_READY came. */
struct filter_source {
	const void *image; /* NULL: see memfd */
	size_t size;
	int memfd;
};

/* What the first process of the box works with. */
struct child {
	const struct entry *entry;
	const struct filter_source *filter;
	struct sync *sync;
	int cgroup;	 /* the control group for the program, or -EBADF */
	bool net_beside; /* the network namespace comes with STAGE_NETWORK_UP */
	struct mount_place place;
	unsigned int slave_fds; /* bit N: the program's fd N is the pty */
	int session_nice;	/* the file that sets it; -EBADF unless that is asked for */
	int slave;		/* of the pty, or -EBADF */
	bool foreground;	/* of the pty, at the start */
	int child_signals;	/* signalfd for SIGCHLD */
	int exec_status[2];	/* pipe: the program's errno, if it cannot be executed */
	int gate[2];		/* pipe: a program that was cloned early waits on it */
	pid_t program;
	pid_t group;  /* has the pty's foreground when the keys go to the box */
	bool stopped; /* the program is */
	int program_pidfd;
};

/*
 * The life of the first process of the box, from the clone to its end as the
 * box's init. Logs what goes wrong; the return value is its exit status.
 */
int child_run(const struct plan *p, struct child *c);

/*
 * Give up, in this order: new privileges for ever, all capabilities but those
 * in keep_caps, what Landlock forbids; and then, when it has been compiled,
 * what the filter forbids. For init, and for a program that was cloned before
 * init did it. They log.
 */
int child_shed(const struct plan *p, uint64_t keep_caps);
int child_install_filter(const struct child *c);

#endif
