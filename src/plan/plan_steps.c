/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of steps: adding, finding, putting in order. */
#include "plan/plan_parts.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

/* Which step, the first one, takes a target; a node of the tree p->targets. */
struct taken {
	char *target;
	size_t step;
};

static int compare_taken(const void *a, const void *b)
{
	return strcmp(((const struct taken *)a)->target, ((const struct taken *)b)->target);
}

static void taken_free(void *node)
{
	free(((struct taken *)node)->target);
	free(node);
}

static void take_target(struct plan *p, const char *target, size_t step)
{
	struct taken *node = xcalloc(1, sizeof(*node));
	struct taken **found;

	*node = (struct taken){ xstrdup(target), step };
	found = tsearch(node, &p->targets, compare_taken);
	if (!found || *found != node)
		taken_free(node);
}

struct step *plan_add_step(struct plan *p, enum step_kind kind, const char *source,
			   const char *target, unsigned int flags, const char *origin)
{
	struct step *s;

	GROW(p->steps, p->n_steps);
	s = &p->steps[p->n_steps];
	*s = (struct step){
		.kind = kind,
		.flags = flags,
		.source = xstrdup(source),
		.target = xstrdup(target),
		.origin = xstrdup(origin),
	};
	if (kind != STEP_MASK && kind != STEP_LOCK && kind != STEP_SEAL)
		take_target(p, target, p->n_steps);
	p->n_steps++;
	return s;
}

const struct step *plan_find_mount(const struct plan *p, const char *target)
{
	const struct taken key = { .target = (char *)target };
	struct taken *const *found = tfind(&key, &p->targets, compare_taken);

	return found ? &p->steps[(*found)->step] : NULL;
}

const struct step *plan_seen_mount(const struct plan *p, const char *path)
{
	cleanup_free char *at = xstrdup(path);
	const struct step *found = plan_find_mount(p, at);
	char *slash;

	while (!found && (slash = strrchr(at, '/')) && slash != at) {
		*slash = '\0';
		found = plan_find_mount(p, at);
	}
	return found ? found : plan_find_mount(p, "/");
}

/*
 * Parents before what lies in them: '/' sorts before every other character.
 * Locks, masks and seals stand behind all of it, in the order they were made.
 */
static int compare_targets(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		continue;
	if (*a == *b)
		return 0;
	if (*a == '\0' || *b == '\0')
		return *a == '\0' ? -1 : 1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int rank(const struct step *s)
{
	switch (s->kind) {
	case STEP_LOCK:
		return 1;
	case STEP_MASK:
		return 2;
	case STEP_SEAL:
		return 3;
	case STEP_DIR:
	case STEP_SYMLINK:
	case STEP_FILE:
	case STEP_BIND:
	case STEP_DEVICE:
	case STEP_TMPFS:
	case STEP_PROC:
	case STEP_SYSFS:
	case STEP_DEVPTS:
		break;
	}
	return 0;
}

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	return compare_targets(x->target, y->target);
}

void plan_sort_steps(struct plan *p)
{
	if (p->n_steps > 1)
		qsort(p->steps, p->n_steps, sizeof(*p->steps), compare_steps);
	tdestroy(p->targets, taken_free); /* its indices are void now */
	p->targets = NULL;
}

void plan_steps_done(struct plan *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		free(p->steps[i].source);
		free(p->steps[i].target);
		free(p->steps[i].content);
		free(p->steps[i].origin);
	}
	free(p->steps);
	tdestroy(p->targets, taken_free);
}
