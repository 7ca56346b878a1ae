/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_LANDLOCK_H
#define KERNEL_LANDLOCK_H

#include "plan/plan.h"

/*
 * Enter the Landlock domain of the plan, landlock(7): for ever, for us and all
 * we start. Needs no_new_privs, and the new root: rules name its directories.
 * What the running kernel does not know (an older ABI) is left out; whether
 * that is acceptable was decided in the plan. Logs on failure.
 */
int landlock_enter(const struct plan_landlock *l);

#endif
