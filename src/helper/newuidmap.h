/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HELPER_NEWUIDMAP_H
#define HELPER_NEWUIDMAP_H

#include <sys/types.h>

#include "plan/plan.h"

/*
 * Let newuidmap(1) and newgidmap(1) write the maps of process pid, side by
 * side, and wait for both. The process must be waiting: its pid names it to
 * them. Logs, with what they said.
 */
int newuidmap_write(const struct plan_ids *ids, const struct host *h, pid_t pid);

#endif
