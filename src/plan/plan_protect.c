/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a launcher reads at its next start (profiles, the filter cache, kept
 * state) stays read-only inside, even when it does not exist yet: a program
 * that could write there would choose its own next box.
 */
#include "plan/plan_parts.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

/* What lies at path, below the tree source, as seen from the tree's mount on target. */
static char *inside(const char *path, const char *source, const char *target)
{
	const char *rest = path + (strcmp(source, "/") == 0 ? 0 : strlen(source));

	return xasprintf("%s%s", strcmp(target, "/") == 0 && *rest ? "" : target, rest);
}

/*
 * Every directory between the writable tree and the protected path becomes a
 * mount point as well: one that is not could be renamed, with the protected
 * one in it, and another put in its place. A symbolic link cannot be held so.
 */
static int protect(const struct host *h, struct plan *p, const struct step *tree,
		   const char *source, const char *path)
{
	const char *first = path + (strcmp(source, "/") == 0 ? 0 : strlen(source));
	/* it is made before the launch; where we cannot, nor can the program, and nothing is there */
	unsigned int missing = h->look(path, NULL) == FILE_ABSENT ? STEP_OPTIONAL : 0;

	for (const char *slash = strchr(first + 1, '/');; slash = strchr(slash + 1, '/')) {
		cleanup_free char *at =
			slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(path);
		cleanup_free char *target = inside(at, source, tree->target);

		if (h->look(at, NULL) == FILE_SYMLINK)
			return log_invalid("%s: '%s' would be writable inside, but '%s' leads to "
					   "what the launcher itself reads, and a symbolic link "
					   "cannot be protected (make it a directory)",
					   tree->origin, source, at);
		if (!plan_find_mount(p, target))
			plan_add_step(p, STEP_BIND, at, target,
				      (slash ? 0 : STEP_RDONLY) | STEP_NOFOLLOW | missing,
				      "protection of profiles");
		if (!slash)
			return 0;
	}
}

/* A link that lies in a directory which is read-only itself stays what it is. */
static bool is_held_link(const struct host *h, const struct strv *paths, const char *path)
{
	if (h->look(path, NULL) != FILE_SYMLINK)
		return false;
	for (size_t i = 0; i < paths->n; i++)
		if (strcmp(paths->v[i], path) != 0 && fs_is_below(path, paths->v[i]))
			return true;
	return false;
}

static int protect_in_tree(const struct host *h, struct plan *p, const struct step *tree,
			   const struct strv *paths)
{
	cleanup_free char *source = host_canonical(h, tree->source);
	int r = 0;

	for (size_t i = 0; i < paths->n && r == 0; i++) {
		const char *path = paths->v[i];

		if (fs_is_below(source, path))
			return log_invalid("%s: '%s' is what the launcher itself reads at its next "
					   "start; it is never writable inside (--ro shows it)",
					   tree->origin, source);
		if (!fs_is_below(path, source) || is_held_link(h, paths, path))
			continue;
		if (h->look(path, NULL) == FILE_ABSENT)
			strv_add(&p->make_dirs, path);
		r = protect(h, p, tree, source, path);
	}
	return r;
}

/* A profile may be a link to a file that lies elsewhere, in a writable tree perhaps. */
static void add_links_of(const struct host *h, const char *dir, struct strv *ret)
{
	cleanup_strv struct strv names = { 0 };

	(void)h->list(dir, &names); /* not there, or a file: it has none */
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *path = xasprintf("%s/%s", dir, names.v[i]);

		if (h->look(path, NULL) == FILE_SYMLINK)
			host_add_way(h, path, ret);
	}
}

static void add_paths(const struct host *h, struct strv *ret)
{
	for (size_t i = 0; i < h->protect.n; i++) {
		host_add_way(h, h->protect.v[i], ret);
		add_links_of(h, h->protect.v[i], ret);
	}
}

/*
 * What is mounted in a writable tree of the host's holds its place only if no
 * directory above it can be renamed: else the program moves that aside, and
 * what looks there next, a git on the host say, finds what it put instead.
 */
static void pin(const struct host *h, struct plan *p, const char *target)
{
	cleanup_free char *parent = xstrndup(target, (size_t)(strrchr(target, '/') - target)),
			  *base = NULL;
	const struct step *found = plan_seen_mount(p, *parent ? parent : "/");
	struct step tree;
	size_t n;

	if (!found || found->kind != STEP_BIND || (found->flags & STEP_RDONLY))
		return;
	tree = *found; /* a copy: the array grows */
	base = host_canonical(h, tree.source);
	n = strcmp(tree.target, "/") == 0 ? 0 : strlen(tree.target);
	for (const char *slash = strchr(target + n + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		cleanup_free char *at = xstrndup(target, (size_t)(slash - target));
		cleanup_free char *source = xasprintf("%s%s", base, at + n);

		if (!plan_find_mount(p, at))
			plan_add_step(p, STEP_BIND, source, at,
				      STEP_OPTIONAL | STEP_NOFOLLOW | (tree.flags & STEP_DEVICES),
				      tree.origin);
	}
}

void plan_pin(const struct host *h, struct plan *p)
{
	size_t n = p->n_steps; /* pins need none */

	for (size_t i = 0; i < n; i++) {
		cleanup_free char *target = xstrdup(p->steps[i].target);

		if (p->steps[i].kind != STEP_SEAL && p->steps[i].kind != STEP_SYMLINK)
			pin(h, p, target);
	}
}

int plan_protect(const struct host *h, struct plan *p)
{
	size_t n = p->n_steps; /* the ones added on the way protect, and need no protection */
	cleanup_strv struct strv paths = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct step tree = p->steps[i]; /* a copy: the array grows */
		int r;

		if (tree.kind != STEP_BIND || (tree.flags & STEP_RDONLY))
			continue;
		/* only now: a box without a writable tree of the host's looks nothing up */
		if (paths.n == 0)
			add_paths(h, &paths);
		r = protect_in_tree(h, p, &tree, &paths);
		if (r < 0)
			return r;
	}
	return 0;
}
