/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_KERNEL_USERNS_H
#define TESTS_KERNEL_USERNS_H

/*
 * A user namespace for a test. Check forks for each, so it may unshare what it
 * likes, and all of it is gone with the process.
 */

/*
 * At the beginning of main(): without user namespaces the program ends here,
 * with 77, or with 1 under SANDBOX_TEST_STRICT=1.
 */
void userns_require(void);

/*
 * Enter a new user namespace and those of flags (CLONE_NEW*), as id 0 in it.
 * With CLONE_NEWNS the mounts are private.
 */
void userns_enter(int flags);

/* Run body in a child, for pid namespaces and for what cannot be undone; it must not fail. */
void userns_in_child(void (*body)(void));

/* Run body in a child, and return its wait status; body ends with _exit(). */
int userns_status_of(void (*body)(void));

/* The value of a line "NAME:\t..." of /proc/self/status. Static storage. */
const char *userns_status_line(const char *name);

#endif
