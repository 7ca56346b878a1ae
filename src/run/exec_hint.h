/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_EXEC_HINT_H
#define RUN_EXEC_HINT_H

#include "plan/plan.h"

/*
 * Say that the program could not be executed, and what the caller most likely
 * meant: the host may have it where the box does not look. Logs.
 */
void exec_explain(const struct plan *p, int err);

#endif
