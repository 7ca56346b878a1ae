/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_RLIMIT_H
#define KERNEL_RLIMIT_H

#include "plan/plan.h"

/*
 * Set soft and hard limits as planned, setrlimit(2), or as low as the caller's
 * hard limit if that is lower. Logs on failure.
 */
int rlimit_apply(const struct plan *p);

#endif
