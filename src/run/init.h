/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_INIT_H
#define RUN_INIT_H

#include "run/child.h"

/*
 * The rest of pid 1's life: no privilege left, the program released. Reports
 * its fate to the parent, reaps whatever is orphaned to us, and ends when the
 * program ends; the kernel then ends all others. Returns our exit status.
 */
int init_run(const struct plan *p, struct child *c);

#endif
