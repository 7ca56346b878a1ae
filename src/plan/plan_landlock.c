/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Landlock domain says the mounts again, in another part of the kernel. */
#include "plan/plan_parts.h"

#include <linux/capability.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

/* Landlock ABI that brought the scopes, landlock(7). */
#define ABI_SCOPES 6

/* Rights of the mount a step makes; 0 for steps that make none. */
static unsigned int rights_of(const struct step *s)
{
	unsigned int rights = 0;

	/* sealed: what is opened for writing there is a device */
	if (s->kind == STEP_TMPFS && strcmp(s->target, "/dev") == 0)
		return LANDLOCK_DEVICES;
	switch (s->kind) {
	case STEP_BIND:
	case STEP_TMPFS:
	case STEP_SYSFS:
	case STEP_PROC: /* a browser writes uid_map of its children there */
		break;
	case STEP_DEVPTS:
	case STEP_DEVICE:
		return LANDLOCK_DEVICES;
	case STEP_FILE:
	case STEP_DIR:
	case STEP_SYMLINK:
	case STEP_LOCK:
	case STEP_MASK:
	case STEP_SEAL:
		return 0;
	}
	if (!(s->flags & STEP_NOEXEC))
		rights |= LANDLOCK_EXECUTE;
	if (!(s->flags & STEP_RDONLY))
		rights |= LANDLOCK_WRITE;
	if (s->flags & STEP_DEVICES)
		rights |= LANDLOCK_DEVICES;
	return rights;
}

/*
 * A rule per mount that may more than what it lies in. The steps are sorted,
 * parents first and each directly before all that is below it, so the rules
 * above a path are the last ones made, as far as they are above it.
 */
static void add_trees(struct plan *p)
{
	struct plan_landlock *l = &p->landlock;
	cleanup_free size_t *above = xcalloc(p->n_steps + 1, sizeof(*above)); /* a stack */
	size_t depth = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		unsigned int rights = rights_of(&p->steps[i]), inherited;
		const char *path = p->steps[i].target;

		if (rights == 0)
			continue;
		while (depth > 0 && !fs_is_below(path, l->trees[above[depth - 1]].path))
			depth--;
		inherited = depth > 0 ? l->trees[above[depth - 1]].rights : 0;
		if ((rights & ~inherited) == 0)
			continue;
		GROW(l->trees, l->n_trees);
		l->trees[l->n_trees] = (struct landlock_tree){ xstrdup(path), rights | inherited };
		above[depth++] = l->n_trees++;
	}
}

int plan_landlock(const struct config *c, const struct host *h, struct plan *p)
{
	struct plan_landlock *l = &p->landlock;
	bool scopes = h->landlock_abi >= ABI_SCOPES;

	if (c->landlock == LANDLOCK_REQUIRE && !scopes)
		return log_invalid("landlock = require is not possible: this kernel has Landlock "
				   "ABI %d, the box uses %d (Linux 6.12)",
				   h->landlock_abi, ABI_SCOPES);
	if (c->net == NET_HOST && c->scope_abstract_unix &&
	    (!scopes || c->landlock == LANDLOCK_OFF))
		return log_invalid(
			"network = host needs Landlock's abstract-unix scope, or the box "
			"reaches the host's abstract sockets (X11, session bus); %s "
			"(--scopes=signal accepts that)",
			scopes ? "landlock = off takes it away" : "this kernel does not have it");
	if (c->landlock == LANDLOCK_OFF) {
		plan_note(p, "landlock: off, as asked");
		return 0;
	}
	if (h->landlock_abi == 0) {
		plan_warn(p, "this kernel has no Landlock; the mounts and the filter stand alone");
		return 0;
	}
	if (!scopes)
		plan_note(p, "landlock: no scopes before Linux 6.12 (ABI %d)", h->landlock_abi);
	l->scope_signal = scopes && c->scope_signal;
	l->scope_abstract_unix = scopes && c->scope_abstract_unix;
	/* A task in a file-system domain can never mount; one that may, needs to. */
	if (p->keep_caps & (UINT64_C(1) << CAP_SYS_ADMIN)) {
		plan_note(p, "landlock: scopes only, since sys_admin is kept");
		return 0;
	}
	l->files = true;
	add_trees(p);
	return 0;
}
