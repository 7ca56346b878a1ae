/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_MOUNT_H
#define KERNEL_MOUNT_H

#include "plan/plan.h"

/*
 * Steps of the plan that make mounts and what they stand on. Everything goes
 * through descriptors: sources are cloned and hardened while nobody sees them,
 * targets are resolved below root_fd without following a symbolic link, then
 * one is moved onto the other.
 */
struct mount_place {
	int root_fd;	/* the new root, attached (a detached tree takes no mounts before 6.15) */
	int scratch_fd; /* a tmpfs of ours for files that are bound elsewhere; may be root_fd */

	/*
	 * The directory of the last target, and its path (NULL: the root): steps are
	 * sorted, and most lie beside the one before. Only of the last one, so that
	 * nothing can have been mounted on it since.
	 */
	char *dir;
	int dir_fd;
};

/* One option "key=value" of a file system; value NULL: a flag. A list ends in key NULL. */
struct mount_option {
	const char *key, *value;
};

/*
 * A new, detached file system; attrs are MOUNT_ATTR_* besides nosuid. Returns
 * an O_PATH fd or -errno; says nothing.
 */
int mount_new_filesystem(const char *type, const struct mount_option *options, unsigned int attrs);

/*
 * Clone the tree at source ("": dirfd itself), private, nosuid and with flags
 * (enum step_flags). An fd or -errno.
 */
int mount_clone(int dirfd, const char *source, unsigned int flags);

/* Attach a detached tree on target_fd. */
int mount_attach(int tree, int target_fd);

/* Do one step. Logs. */
int mount_step_apply(const struct step *s, struct mount_place *place);

/* Close what the place remembers of the last target. */
void mount_place_forget(struct mount_place *place);

/* Make and take away what masks are made of, in scratch_fd. Logs. */
int mount_prepare_masks(const struct mount_place *place);
void mount_finish_masks(const struct mount_place *place);

#endif
