/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_PAYLOAD_H
#define RUN_PAYLOAD_H

#include "run/child.h"

/* What comes through exec_status instead of an errno: the failure was said already. */
#define PAYLOAD_NOT_MADE -1

/*
 * Start the program as a child of init, in c->program and c->program_pidfd.
 * With p->program_sheds it waits at the gate, and gives up its
 * privileges by itself; else it has what init has. Logs.
 */
int payload_start(const struct plan *p, struct child *c);

#endif
