/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Processes that we start and own.
 *
 * A local pid_t marked cleanup_pid is killed and reaped when it goes out of
 * scope; it starts at 0, and proc_wait() ends the ownership.
 */
#define cleanup_pid __attribute__((cleanup(proc_cleanup_pid)))

void proc_cleanup_pid(pid_t *pid);

/*
 * For proc_spawn(): our fd becomes number `as` there, which may be 1 or 2; those
 * above 2 are 3, 4, ... without a hole.
 */
struct proc_fd {
	int fd;
	int as;
};

/*
 * Start the program at an absolute path with a fixed, small environment
 * (PATH and LC_ALL=C), default signals, stdin from /dev/null, and no fd but 1,
 * 2 and the n_fds given ones. argv ends in NULL. Returns the pid or -errno.
 */
pid_t proc_spawn(const char *path, char *const argv[], const struct proc_fd *fds, size_t n_fds);

/*
 * Wait for *pid to end, at most timeout_ms (-1: for ever), and set it to 0.
 * Returns its wait status, or -ETIMEDOUT (still owned, still running).
 */
int proc_wait(pid_t *pid, int timeout_ms);

/* "exit status 1", "killed by SIGKILL"; for messages. Static storage. */
const char *proc_describe_status(int wait_status);

/* Monotonic clock, in milliseconds. */
int64_t proc_now_ms(void);

#endif
