/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_SYNC_H
#define RUN_SYNC_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How parent and init talk: stages with names, each announced by one side and
 * awaited by the other, over a socketpair that keeps message boundaries. They
 * may arrive in any order; what comes early is remembered.
 */
enum stage {
	/* parent, or a process of its, to init, while the box is made */
	STAGE_IDS_MAPPED,   /* newuidmap and newgidmap are done, and the maps are right */
	STAGE_FILTER_READY, /* the compiled filter lies in the memfd */
	STAGE_NETWORK_UP,   /* slirp4netns says its interface is up; or with a namespace to join */
	STAGE_TERMINAL_READY, /* value 1: the program begins in the foreground */
	STAGE_GROUP_READY,    /* with the control group to start the program in, if there is one */

	/* init to parent */
	STAGE_NETWORK_MADE,    /* and mapped, where init does that: slirp4netns may join */
	STAGE_TERMINAL_MADE,   /* with the master of the pty */
	STAGE_PROGRAM_RUNNING, /* with a pidfd of the program: it has been executed */
	STAGE_EXEC_FAILED,     /* value: errno */
	STAGE_PROGRAM_STOPPED, /* value: signal */
	STAGE_PROGRAM_ENDED,   /* value: wait status */

	/* parent to init, while the program runs */
	STAGE_CONTINUE, /* the program goes on; value 1: in the foreground of its pty */
	STAGE_STOP,	/* stop the program's group; value: signal */
	STAGE_MEASURED, /* its control group has been looked at, and may go */

	STAGE_COUNT,
};

/* One end, and what came through it and was not awaited yet. */
struct sync {
	int fd;
	uint32_t received; /* bit per stage */
	int value[STAGE_COUNT];
	int passed_fd[STAGE_COUNT]; /* -EBADF, or owned by us until taken */
};

/* Both ends, for before the fork. Logs. */
int sync_open(struct sync *ret_parent, struct sync *ret_child);
void sync_done(struct sync *s);

/*
 * Tell the peer. pass_fd (or -1) goes along as a copy. Returns -EPIPE in
 * silence if the peer is gone: it has said why.
 */
int sync_announce(struct sync *s, enum stage stage, int value, int pass_fd);

/*
 * Wait until the peer has announced stage, at most timeout_ms (-1: for ever).
 * 0, -EPIPE in silence if the peer is gone, -ETIMEDOUT logged.
 */
int sync_await(struct sync *s, enum stage stage, int timeout_ms);

/* Read one message that is there, for a poll loop. 1: one came; 0: none; -EPIPE: peer gone. */
int sync_receive(struct sync *s);

/* Has stage come? Takes it out; its value and fd go to the caller (either may be NULL). */
bool sync_take(struct sync *s, enum stage stage, int *ret_value, int *ret_fd);

#define cleanup_sync __attribute__((cleanup(sync_done)))

#endif
