/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_NICE_H
#define KERNEL_NICE_H

/*
 * Give the calling process niceness n, setpriority(2), unless it has more
 * already. Logs on failure.
 */
int nice_apply(int n);

/*
 * A new session may be a group of its own to the scheduler, in which niceness
 * is counted among its processes only (sched(7), autogroup). Open the file by
 * which the calling process sets that of its group, in a session it may still
 * be going to make; -EBADF where there is none.
 */
int nice_open_session(void);

/* Set it to n through that file. A failure is said, and is none. */
void nice_apply_session(int fd, int n);

#endif
