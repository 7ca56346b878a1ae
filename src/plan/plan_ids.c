/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"

/* Why there can be no range map, in words; NULL if there can. Caller frees. */
static char *no_range_because(const struct host *h)
{
	if (h->no_new_privs)
		return xstrdup("no_new_privs is set for us, so newuidmap cannot work");
	if (h->alone_in_namespace)
		return xstrdup("we are in a user namespace of one id");
	if (!h->newuidmap.path || !h->newgidmap.path)
		return xasprintf("%s is not installed (package uidmap or shadow-utils)",
				 h->newuidmap.path ? "newgidmap" : "newuidmap");
	if (h->subid_problem)
		return xstrdup(h->subid_problem);
	return NULL;
}

bool plan_is_host_root(const struct config *c, const struct host *h)
{
	cleanup_free char *because = no_range_because(h);

	return h->uid == 0 && !h->in_user_namespace && (c->map == MAP_SINGLE || because);
}

static void add_range(struct id_map *map, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (count > 0)
		map->range[map->n++] = (struct id_range){ inside, outside, count };
}

/*
 * The subordinate range from 0 up, with the caller's own id put in at `self`:
 * files of the caller are the program's own inside. Host root never is in its
 * own box (root's files would be the program's), and neither is its group: there
 * the range is all there is.
 */
static void map_range(struct id_map *map, uint32_t self, uint32_t own,
		      const struct subid_range *sub)
{
	uint32_t below = self < sub->count ? self : sub->count;

	if (own == 0) {
		add_range(map, 0, sub->first, sub->count);
		return;
	}
	add_range(map, 0, sub->first, below);
	add_range(map, self, own, 1);
	if (self < sub->count)
		add_range(map, self + 1, sub->first + below, sub->count - below);
}

static int plan_range(const struct config *c, const struct host *h, struct plan_ids *ids)
{
	if ((h->uid == 0 && ids->uid >= h->subuid.count) ||
	    (h->gid == 0 && ids->gid >= h->subgid.count))
		return log_invalid("user %u:%u is outside of root's subordinate range of %u ids",
				   ids->uid, ids->gid, h->subuid.count);
	(void)c;
	ids->by_helpers = true;
	ids->drop_groups = true;
	ids->switch_ids = h->uid == 0 || h->gid == 0;
	map_range(&ids->uids, ids->uid, h->uid, &h->subuid);
	map_range(&ids->gids, ids->gid, h->gid, &h->subgid);
	return 0;
}

/*
 * slirp4netns confines itself as id 0 of the namespace it joins, and kept
 * capabilities must not reach what the box is made of. With one id that is not
 * 0, the box therefore has two user namespaces: 0 in the outer, the program's
 * own id in the inner.
 */
static void plan_single(const struct config *c, const struct host *h, struct plan *p)
{
	struct plan_ids *ids = &p->ids;

	ids->two_level = (ids->uid != 0 || ids->gid != 0) && (c->net == NET_SLIRP || c->caps.n > 0);
	add_range(&ids->uids, ids->two_level ? 0 : ids->uid, h->uid, 1);
	add_range(&ids->gids, ids->two_level ? 0 : ids->gid, h->gid, 1);
	if (ids->two_level) {
		add_range(&ids->inner_uids, ids->uid, 0, 1);
		add_range(&ids->inner_gids, ids->gid, 0, 1);
		plan_note(p, "ids: two user namespaces, since %s needs id 0 in the outer one",
			  c->net == NET_SLIRP ? "slirp4netns" : "capabilities.keep");
	}
	if (plan_is_host_root(c, h))
		plan_warn(p, "the box runs as the host's root, for want of subordinate ids; what "
			     "only root may read is hidden where it is shown read-only (usermod "
			     "--add-subuids START-END --add-subgids START-END root)");
	else if (h->has_groups)
		plan_note(p, "ids: with one id the caller's supplementary groups stay in effect");
}

static int choose_user(const struct config *c, const struct host *h, struct plan_ids *ids)
{
	if (c->user == USER_NAME && strcmp(c->user_name, h->user) != 0)
		return log_invalid("%s: user '%s' is not self, root, UID:GID or your own name, "
				   "'%s' (others go by number)",
				   c->user_origin, c->user_name, h->user);
	switch (c->user) {
	case USER_SELF:
	case USER_NAME:
		ids->uid = h->uid;
		ids->gid = h->gid;
		break;
	case USER_ROOT:
		ids->uid = ids->gid = 0;
		break;
	case USER_IDS:
		ids->uid = c->uid;
		ids->gid = c->gid;
		break;
	}
	return 0;
}

static int refuse_range(const struct host *h, const char *because)
{
	cleanup_free char *advice = xstrdup("");

	if (h->subid_problem && strcmp(because, h->subid_problem) == 0) {
		free(advice);
		advice = xasprintf("an administrator gives ids with: usermod --add-subuids "
				   "START-END --add-subgids START-END %s; or ",
				   h->user);
	}
	return log_invalid("map = range is not possible: %s (%suse --map=single)", because, advice);
}

int plan_ids(const struct config *c, const struct host *h, struct plan *p)
{
	cleanup_free char *because = no_range_because(h);
	int r = choose_user(c, h, &p->ids);

	if (r < 0)
		return r;
	if (c->map == MAP_RANGE && because)
		return refuse_range(h, because);
	if (c->map == MAP_SINGLE || because) {
		plan_note(p, "ids: one id (%s)", c->map == MAP_SINGLE ? "map = single" : because);
		plan_single(c, h, p);
		return 0;
	}
	plan_note(p, "ids: the subordinate range, %u ids from %u", h->subuid.count,
		  h->subuid.first);
	return plan_range(c, h, &p->ids);
}
