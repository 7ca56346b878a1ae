/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include "plan/plan.h"
#include "run/entry.h"

/*
 * Make the box of the plan, run the program in it, and wait until all of it is
 * gone. Returns the exit status: the program's, 128 + N for signal N, 125 if
 * the box could not be made, 126 or 127 if the program could not be executed.
 * Logs. status_fd: see status.h; -1 for none.
 */
int launch(const struct plan *p, const struct host *h, const struct entry *e, int status_fd);

#endif
