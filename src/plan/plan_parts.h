/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_PLAN_PARTS_H
#define PLAN_PLAN_PARTS_H

#include "plan/plan.h"

/*
 * The parts of plan_build(), one noun a file. Each fills its own members of
 * the plan; each logs and returns -EINVAL when what was asked makes no sense.
 */
int plan_limits(const struct config *c, const struct host *h, struct plan *p);
int plan_ids(const struct config *c, const struct host *h, struct plan *p);
int plan_mounts(const struct config *c, const struct host *h, struct plan *p);
int plan_tmpfs(const struct config *c, const struct host *h, struct plan *p);
int plan_landlock(const struct config *c, const struct host *h, struct plan *p);
int plan_environment(const struct config *c, const struct host *h, struct plan *p);

/* Add one step; source, target and content are copied, origin may be NULL. */
struct step *plan_add_step(struct plan *p, enum step_kind kind, const char *source,
			   const char *target, unsigned int flags, const char *origin);

/* The step that shows or makes something at target, or NULL; until the steps are sorted. */
const struct step *plan_find_mount(const struct plan *p, const char *target);

/* The step through which path is seen: the one at it, or the nearest above it; or NULL. */
const struct step *plan_seen_mount(const struct plan *p, const char *path);

/*
 * Put the steps in the order they are done: parents before what lies in them,
 * then locks, masks and seals. A path is compared by components.
 */
void plan_sort_steps(struct plan *p);
void plan_steps_done(struct plan *p);

/* Hold every directory between a writable tree and what is mounted in it (plan_protect.c). */
void plan_pin(const struct host *h, struct plan *p);

/* Keep host->protect read-only inside every writable tree planned so far (plan_protect.c). */
int plan_protect(const struct host *h, struct plan *p);

/*
 * text with ~, ${HOME}, ${CWD}, ${UID}, ${USER} and ${XDG_*_HOME},
 * ${XDG_RUNTIME_DIR} replaced ("$$" is a '$'), made absolute (relative: against the caller's
 * directory, where that is allowed; so is ".." there) and normalized. Logs with origin.
 */
int plan_expand(const struct host *h, const char *text, bool relative, const char *origin,
		char **ret);

void plan_note(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void plan_warn(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Does the box have path without being asked: /dev, /proc, /tmp and their like? */
bool plan_is_own_dir(const char *path);

/* Masks and locks of /proc and /sys (plan_masks.c). */
void plan_proc_masks(const struct config *c, const struct host *h, struct plan *p);
void plan_sys_masks(const struct config *c, const struct host *h, struct plan *p);

/*
 * Show the tree base (""  for the host itself) at path, read-only, so that
 * every path of targets that lies below it can become a mount point: a
 * directory in which one is missing is made anew and filled entry by entry.
 */
int plan_show_tree(const struct host *h, struct plan *p, const char *base, const char *path,
		   const struct strv *targets);

#endif
