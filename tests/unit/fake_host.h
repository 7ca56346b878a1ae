/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_FAKE_HOST_H
#define TESTS_UNIT_FAKE_HOST_H

#include "plan/host.h"

/*
 * A machine by hand: Debian with a merged /usr, and ada, an ordinary user with
 * a subordinate range, in ~/project. It has every helper, a new kernel, 16 GiB and four processors. One
 * at a time; its host_done() is as for a real one.
 */
void fake_host(struct host *ret);

/*
 * Add or replace files, one a word: "/a/" is a directory, "/a" a file, "/a@b" a
 * symbolic link that says b, "/a=" a device, "/a|" a FIFO, "/a!" nothing there.
 * Directories above are made.
 */
void fake_files(const char *words);

/* How often look() was asked since fake_host(). */
unsigned int fake_looks(void);

#endif
