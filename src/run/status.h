/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

/*
 * --status-fd: what happened to the box, a JSON object a line, for programs
 * that must tell "the box could not be made" from "the program failed".
 *
 *	{"event":"started","pid":4711}			pid 1 of the box, on the host
 *	{"event":"network-lost"}			slirp4netns ended
 *	{"event":"receipt", ...}			see run/receipt.h
 *	{"event":"exited","code":3,"status":3}
 *	{"event":"signaled","signal":"TERM","status":143}
 *	{"event":"policy-killed","signal":"SYS","status":159}	seccomp ended it
 *	{"event":"setup-failed","status":125}		the program never ran; 126 and 127 too
 *
 * The last line is always one of the last four; status is sandbox's own. fd -1 makes all of it nothing.
 */
void status_started(int fd, int pid);
void status_network_lost(int fd);
void status_ended(int fd, int wait_status, int status);
void status_setup_failed(int fd, int status);

/* What a shell makes of a wait status: the code, or 128 + signal. */
int status_to_exit(int wait_status);

#endif
