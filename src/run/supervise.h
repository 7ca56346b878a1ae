/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_SUPERVISE_H
#define RUN_SUPERVISE_H

#include <sys/types.h>
#include <time.h>

#include "helper/slirp4netns.h"
#include "plan/plan.h"
#include "run/entry.h"
#include "run/limits.h"
#include "run/receipt.h"
#include "run/sync.h"
#include "run/tty.h"

/* What the parent holds of a box. */
struct box {
	const struct entry *entry;
	int status_fd;
	int signals; /* signalfd: all that can be caught */
	pid_t init;
	int init_pidfd;
	int program_pidfd; /* -EBADF until the program has been executed */
	struct sync sync;
	bool net_beside;   /* a process of its own makes the network namespace */
	pid_t compiler;	   /* of the filter; 0: none, it was in the cache */
	int compiler_done; /* pipe: it writes a byte when the filter is there */
	struct slirp slirp;
	struct limits limits;
	struct receipt receipt;
	int64_t deadline_ms; /* when the program's time is over, or its grace; 0: never */
	timer_t alarm;	     /* for it: continues us, should we be stopped */
	bool has_alarm;
	struct tty_relay relay;
	bool has_relay;
	bool running; /* the program has been executed */
	bool ended;   /* and has ended, with: */
	int wait_status;
	int exec_errno; /* why it could not be executed; -1: said already; 0: nothing */
};

#define BOX_NONE                                                                                   \
	{                                                                                          \
		.status_fd = -1, .signals = -EBADF, .init_pidfd = -EBADF, .program_pidfd = -EBADF, \
		.compiler_done = -EBADF, .sync = { .fd = -EBADF }, .slirp = SLIRP_NONE,            \
		.limits = LIMITS_NONE                                                              \
	}

/*
 * From the moment init works by itself to the end of all of the box: relay the
 * terminal, forward signals, watch slirp4netns. Returns the exit status.
 */
int supervise(const struct plan *p, struct box *box);

/* The box could not be made: end what there is of it. Returns 125. */
int supervise_abandon(struct box *box);

void box_done(struct box *box);

#endif
