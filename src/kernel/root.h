/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_ROOT_H
#define KERNEL_ROOT_H

#include "kernel/mount.h"

/*
 * The root of the box, in a mount namespace of our own. All log on failure.
 */

/*
 * Attach the new root over "/": there it hides no source (those are still
 * resolved from the old root, which stays our root directory), and unlike a
 * detached one it takes mounts. Fills *ret; root_done() closes it.
 */
int root_attach(const struct plan *p, struct mount_place *ret);

/* Do all steps of the plan. */
int root_fill(const struct plan *p, struct mount_place *place);

/* pivot_root(2) into it, let the old root go, and stand in p->cwd. */
int root_enter(const struct plan *p, const struct mount_place *place);

void root_done(struct mount_place *place);

#endif
