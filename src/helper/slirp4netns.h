/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HELPER_SLIRP4NETNS_H
#define HELPER_SLIRP4NETNS_H

#include <sys/types.h>

#include "plan/plan.h"

/*
 * slirp4netns(1): a network for the box, made of ordinary sockets of ours. It
 * runs confined (--enable-sandbox, --enable-seccomp) or not at all, reaches
 * the host's loopback only if the plan says so, and ends with us: its exit-fd
 * is a pipe that only we hold.
 */
struct slirp {
	pid_t pid; /* 0: none */
	int pidfd, ready_fd, exit_fd;
	int words;   /* what it printed, a memfd */
	int api_dir; /* of its socket, until the ports are published */
};

#define SLIRP_NONE                                                                       \
	{                                                                                \
		.pidfd = -EBADF, .ready_fd = -EBADF, .exit_fd = -EBADF, .words = -EBADF, \
		.api_dir = -EBADF                                                        \
	}

/* Start it for the network namespace of pid, which must still be dumpable. Logs. */
int slirp_start(const struct plan_net *net, const struct host *h, pid_t pid, struct slirp *ret);

/*
 * Wait, at most 5 s, until the interface is up, then publish the ports. Logs;
 * -EPIPE in silence if the box, watched by box_pidfd, has ended meanwhile.
 */
int slirp_await(const struct plan_net *net, int box_pidfd, struct slirp *s);

/* It has ended by itself: reap it, and say that the box is offline. */
void slirp_report_loss(struct slirp *s);

/* Tell it to end, without waiting: taking its interface away takes the kernel a while. */
void slirp_hang_up(struct slirp *s);

/* End it, and wait until it has. */
void slirp_stop(struct slirp *s);

/* First line of `slirp4netns --version`, and its libslirp line; "" if it cannot be had. Caller frees. */
char *slirp_version(const char *path);

#define cleanup_slirp __attribute__((cleanup(slirp_stop)))

#endif
