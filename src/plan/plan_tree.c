/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Showing a tree read-only without writing a mount point into it. */
#include "plan/plan_parts.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

/*
 * Is there a way from base to path without a symbolic link, so that something
 * can be mounted on it? A link is not our business: the mount itself will
 * refuse it by name.
 */
static bool is_missing(const struct host *h, const char *base, const char *path)
{
	cleanup_free char *at = xasprintf("%s%s", base, path);
	size_t start = strlen(base);

	for (char *slash = at + start; slash && *slash; slash = strchr(slash + 1, '/')) {
		char *next = strchr(slash + 1, '/');
		enum file_type type;

		if (next)
			*next = '\0';
		type = h->look(at, NULL);
		if (next)
			*next = '/';
		if (type == FILE_ABSENT)
			return true;
		if (type == FILE_SYMLINK)
			return false;
	}
	return false;
}

/* Must the directory at path be made anew, because a mount point is missing in it? */
static bool must_open(const struct host *h, const char *base, const char *path,
		      const struct strv *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		if (fs_is_below(targets->v[i], path) && strcmp(targets->v[i], path) != 0 &&
		    is_missing(h, base, targets->v[i]))
			return true;
	return false;
}

int plan_show_tree(const struct host *h, struct plan *p, const char *base, const char *path,
		   const struct strv *targets)
{
	cleanup_free char *source = xasprintf("%s%s", base, path), *link = NULL;
	cleanup_strv struct strv names = { 0 };
	int r;

	if (strv_has(targets, path))
		return 0; /* something else goes there */
	switch (h->look(source, &link)) {
	case FILE_SYMLINK:
		if (link)
			plan_add_step(p, STEP_SYMLINK, link, path, 0, NULL);
		return 0;
	case FILE_REGULAR:
		plan_add_step(p, STEP_BIND, source, path,
			      STEP_RDONLY | STEP_OPTIONAL | STEP_NOFOLLOW, NULL);
		return 0;
	case FILE_DIR:
		break;
	case FILE_ABSENT:
	case FILE_DEVICE:
	case FILE_OTHER:
		return 0; /* a socket or device of the host has no place in the box */
	}
	if (!must_open(h, base, path, targets)) {
		plan_add_step(p, STEP_BIND, source, path, STEP_RDONLY | STEP_NOFOLLOW, NULL);
		return 0;
	}
	plan_add_step(p, STEP_DIR, NULL, path, 0, NULL)->mode = 0755;
	/* a directory that others may not enter: what lies in it may be readable for all */
	if (strv_has(&h->private_files, source))
		return 0;
	r = h->list(source, &names);
	if (r < 0)
		return log_errno(r, "cannot list '%s'", source);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		cleanup_free char *below = xasprintf("%s/%s", path, names.v[i]);

		r = plan_show_tree(h, p, base, below, targets);
	}
	return r;
}
