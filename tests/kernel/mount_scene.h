/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_KERNEL_MOUNT_SCENE_H
#define TESTS_KERNEL_MOUNT_SCENE_H

#include "kernel/mount.h"

/*
 * A checked fixture: a mount namespace with
 *
 *	/tmp/source	a tree, with a file, a submount `sub` and a file in that
 *	/tmp/root	a tmpfs that stands for the root of the box; place.root_fd
 *	/tmp/outside	what no step may touch
 *
 * Tests look at the box from outside, through /tmp/root.
 */
extern struct mount_place place;

void mount_scene_make(void);

/* A step that shows /tmp/source on /t. */
#define BIND(flags_)                                                                        \
	{                                                                                   \
		.kind = STEP_BIND, .source = (char *)"/tmp/source", .target = (char *)"/t", \
		.flags = (flags_)                                                           \
	}

/* Do one step, which must work. */
void apply(const struct step *s);

/* Do one step, which must fail with r and the line (without "\n") in the log. */
void apply_fails(const struct step *s, int r, const char *line);

/* errno of making, or of opening for writing; 0: it worked. */
int errno_of_mkdir(const char *path);
int errno_of_write(const char *path);

/* All of a file, at most 4095 bytes. Static storage. */
const char *content_of(const char *path);
void write_text(const char *path, const char *text);

#endif
