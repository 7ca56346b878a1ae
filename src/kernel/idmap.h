/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_IDMAP_H
#define KERNEL_IDMAP_H

#include <sys/types.h>

#include "plan/plan.h"

/*
 * Id maps of a user namespace, user_namespaces(7). A map is written once,
 * whole, and read back: what the kernel has must be what was planned.
 * All log on failure.
 */

/*
 * Write one's own maps, as the first process of a new user namespace: setgroups
 * is denied first, without which the kernel refuses gid_map. Needs to be
 * dumpable: /proc/self belongs to root otherwise.
 */
int idmap_write_self(const struct id_map *uids, const struct id_map *gids);

/* Compare /proc/PID's maps (pid 0: our own) with the planned ones. */
int idmap_verify(pid_t pid, const struct id_map *uids, const struct id_map *gids);

/*
 * Become the program's ids where the caller's are not in the map, and drop the
 * caller's supplementary groups where that is planned. Clears the parent-death
 * signal and dumpable if the ids change, prctl(2).
 */
int idmap_take_ids(const struct plan_ids *ids);

/*
 * Allow `max` user namespaces below our own: user.max_user_namespaces belongs
 * to the namespace of the one who writes it. The second lock behind the filter.
 */
int idmap_limit_namespaces(unsigned int max);

#endif
