/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan_print.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/text.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const char *const step_names[] = {
	[STEP_DIR] = "dir",   [STEP_SYMLINK] = "symlink", [STEP_FILE] = "file",
	[STEP_BIND] = "bind", [STEP_DEVICE] = "device",	  [STEP_TMPFS] = "tmpfs",
	[STEP_PROC] = "proc", [STEP_SYSFS] = "sysfs",	  [STEP_DEVPTS] = "devpts",
	[STEP_LOCK] = "lock", [STEP_MASK] = "mask",	  [STEP_SEAL] = "seal",
};

static const struct {
	int flag;
	const char *name;
} namespaces[] = {
	{ CLONE_NEWUSER, "user" },     { CLONE_NEWNS, "mnt" },	  { CLONE_NEWPID, "pid" },
	{ CLONE_NEWNET, "net" },       { CLONE_NEWIPC, "ipc" },	  { CLONE_NEWUTS, "uts" },
	{ CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWTIME, "time" },
};

static const char *const net_names[] = {
	[NET_NONE] = "none",
	[NET_SLIRP] = "slirp",
	[NET_HOST] = "host",
};

static const struct {
	unsigned int bit;
	const char *name;
} step_flags[] = {
	{ STEP_RDONLY, "ro" },
	{ STEP_DEVICES, "dev" },
	{ STEP_NOEXEC, "noexec" },
	{ STEP_OPTIONAL, "optional" },
	{ STEP_NOFOLLOW, "nofollow" },
}, landlock_rights[] = {
	{ LANDLOCK_EXECUTE, "execute" },
	{ LANDLOCK_WRITE, "write" },
	{ LANDLOCK_DEVICES, "devices" },
};

/*
 * The plan is a list of records, each a word and its fields. As text a record
 * is a line, with `before` in front of each value; as JSON an object.
 */
struct writer {
	FILE *out;
	bool json, again;
};

static void begin(struct writer *w, const char *what)
{
	if (w->json)
		fprintf(w->out, "%s{\"what\":\"%s\"", w->again ? ",\n " : "", what);
	else
		fputs(what, w->out);
	w->again = true;
}

static void end(struct writer *w)
{
	fputs(w->json ? "}" : "\n", w->out);
}

static void put_text(struct writer *w, const char *key, const char *before, const char *value)
{
	cleanup_free char *escaped = NULL;

	if (w->json) {
		fprintf(w->out, ",\"%s\":", key);
		text_print_json(w->out, value);
		return;
	}
	escaped = text_escape(value);
	fprintf(w->out, "%s%s", before, escaped);
}

static void put_number(struct writer *w, const char *key, const char *before, int64_t value)
{
	if (w->json)
		fprintf(w->out, ",\"%s\":%" PRId64, key, value);
	else
		fprintf(w->out, "%s%" PRId64, before, value);
}

static void put_flag(struct writer *w, const char *name)
{
	fprintf(w->out, w->json ? ",\"%s\":true" : " %s", name);
}

/* A record of one field. */
static void put(struct writer *w, const char *what, const char *value)
{
	begin(w, what);
	put_text(w, "value", " ", value);
	end(w);
}

static void put_map(struct writer *w, const char *what, const struct id_map *map)
{
	for (size_t i = 0; i < map->n; i++) {
		begin(w, what);
		put_number(w, "inside", " ", map->range[i].inside);
		put_number(w, "outside", " -> ", map->range[i].outside);
		put_number(w, "count", ", ", map->range[i].count);
		end(w);
	}
}

static bool has_namespace(const struct plan *p, size_t i)
{
	/* shifted clocks: entered apart, but a namespace all the same */
	return ((p->clone_flags | p->unshare_flags | p->program_flags) & namespaces[i].flag) ||
	       (namespaces[i].flag == CLONE_NEWTIME && p->time.set);
}

static void put_ids(struct writer *w, const struct plan *p)
{
	const struct plan_ids *ids = &p->ids;

	begin(w, "namespaces");
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		if (has_namespace(p, i))
			put_flag(w, namespaces[i].name);
	end(w);
	begin(w, "user");
	put_number(w, "uid", " ", ids->uid);
	put_number(w, "gid", ":", ids->gid);
	end(w);
	put_map(w, "uid-map", &ids->uids);
	put_map(w, "gid-map", &ids->gids);
	put_map(w, "inner-uid-map", &ids->inner_uids);
	put_map(w, "inner-gid-map", &ids->inner_gids);
	put(w, "groups", ids->drop_groups ? "dropped" : "kept");
	put(w, "nested", p->nested_limited ? "limited" : "no");
	if (p->hostname)
		put(w, "hostname", p->hostname);
	if (p->time.set) {
		begin(w, "clocks");
		put_number(w, "monotonic", " monotonic ", p->time.monotonic);
		put_number(w, "boottime", " boottime ", p->time.boottime);
		end(w);
	}
}

static void put_step(struct writer *w, const struct step *s)
{
	begin(w, step_names[s->kind]);
	put_text(w, "target", " ", s->target);
	if (s->source)
		put_text(w, "source", " <- ", s->source);
	for (size_t i = 0; i < ARRAY_LEN(step_flags); i++)
		if (s->flags & step_flags[i].bit)
			put_flag(w, step_flags[i].name);
	if (s->mode) {
		char mode[16];

		snprintf(mode, sizeof(mode), "%04o", s->mode);
		put_text(w, "mode", " mode=", mode);
	}
	if (s->size)
		put_number(w, "size", " size=", (int64_t)s->size);
	if (s->size)
		put_number(w, "files", " files=", (int64_t)s->files);
	if (s->has_gid)
		put_number(w, "gid", " gid=", s->gid);
	if (s->content)
		put_text(w, "content", " content=", s->content);
	end(w);
}

static void put_network(struct writer *w, const struct plan *p)
{
	begin(w, "network");
	put_text(w, "mode", " ", net_names[p->net.mode]);
	if (p->net.host_loopback)
		put_flag(w, "host-loopback");
	end(w);
	for (size_t i = 0; i < p->net.n_publish; i++) {
		const struct config_publish *port = &p->net.publish[i];

		begin(w, "publish");
		put_text(w, "host-address", " ", port->host_addr);
		put_number(w, "host-port", ":", port->host_port);
		put_number(w, "box-port", " -> ", port->box_port);
		put_text(w, "protocol", "/", port->udp ? "udp" : "tcp");
		end(w);
	}
}

static void put_capabilities(struct writer *w, const struct plan *p)
{
	begin(w, "capabilities");
	for (int cap = 0; cap < 64; cap++) {
		char *name = p->keep_caps & (UINT64_C(1) << cap) ? cap_to_name(cap) : NULL;

		if (name)
			put_flag(w, name);
		cap_free(name);
	}
	if (p->keep_caps == 0 && !w->json)
		put_flag(w, "none");
	end(w);
}

static void put_limits(struct writer *w, const struct plan *p)
{
	for (size_t i = 0; i < p->n_limits; i++) {
		begin(w, "limit");
		put_text(w, "name", " ", p->limits[i].name);
		if (p->limits[i].value == RLIM_INFINITY)
			put_flag(w, "unlimited");
		else
			put_number(w, "value", " ", (int64_t)p->limits[i].value);
		end(w);
	}
}

static void put_amount(struct writer *w, const char *name, uint64_t value)
{
	if (value == PLAN_UNLIMITED)
		return;
	begin(w, "cgroup");
	put_text(w, "name", " ", name);
	put_number(w, "value", " ", (int64_t)value);
	end(w);
}

static void put_word(struct writer *w, const char *name, const char *value)
{
	begin(w, "cgroup");
	put_text(w, "name", " ", name);
	put_text(w, "value", " ", value);
	end(w);
}

static void put_cgroup(struct writer *w, const struct plan_cgroup *g)
{
	if (!g->wanted)
		return;
	put_amount(w, "memory", g->memory);
	put_amount(w, "swap", g->swap);
	put_amount(w, "pids", g->pids);
	if (g->cpu != PLAN_UNLIMITED) {
		begin(w, "cgroup");
		put_text(w, "name", " ", "cpu");
		put_number(w, "value", " ", (int64_t)g->cpu);
		put_number(w, "period", "/", PLAN_CPU_PERIOD);
		end(w);
	}
	put_amount(w, "io-weight", g->io_weight ? g->io_weight : PLAN_UNLIMITED);
	if (g->cpuset)
		put_word(w, "cpuset", g->cpuset);
	put_word(w, "on-unavailable", g->may_lack ? "warn" : "refuse");
}

static void put_timeout(struct writer *w, const struct plan_timeout *t)
{
	cleanup_free char *signal = signal_name(t->stop_signal);

	if (t->ms == 0)
		return;
	begin(w, "timeout");
	put_number(w, "value", " ", (int64_t)t->ms);
	put_text(w, "signal", " signal ", signal);
	put_number(w, "grace", " grace ", (int64_t)t->grace_ms);
	end(w);
}

/* A record of one number, where there is one to say. */
static void put_if(struct writer *w, const char *what, bool there, int value)
{
	if (!there)
		return;
	begin(w, what);
	put_number(w, "value", " ", value);
	end(w);
}

static void put_landlock(struct writer *w, const struct plan_landlock *l)
{
	for (size_t i = 0; i < l->n_trees; i++) {
		begin(w, "landlock");
		put_text(w, "tree", " ", l->trees[i].path);
		for (size_t k = 0; k < ARRAY_LEN(landlock_rights); k++)
			if (l->trees[i].rights & landlock_rights[k].bit)
				put_flag(w, landlock_rights[k].name);
		end(w);
	}
	begin(w, "landlock-scopes");
	if (l->scope_signal)
		put_flag(w, "signal");
	if (l->scope_abstract_unix)
		put_flag(w, "abstract-unix");
	end(w);
}

static void put_filter(struct writer *w, const struct plan *p)
{
	cleanup_free char *filter = filter_policy_text(&p->filter);
	char *rest = filter, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			put(w, "seccomp", line);
}

static void put_plan(struct writer *w, const struct plan *p)
{
	put_ids(w, p);
	for (size_t i = 0; i < p->n_steps; i++)
		put_step(w, &p->steps[i]);
	put(w, "cwd", p->cwd);
	put_network(w, p);
	put_capabilities(w, p);
	put_limits(w, p);
	put_cgroup(w, &p->cgroup);
	put_timeout(w, &p->timeout);
	put_if(w, "nice", p->nice > 0, p->nice);
	put_if(w, "oom-score", p->oom_score >= 0, p->oom_score);
	if (p->report)
		put(w, "report", "yes");
	put_landlock(w, &p->landlock);
	put_filter(w, p);
	put(w, "terminal", p->pty ? "pty" : p->inherit_session ? "inherit" : "none");
	for (size_t i = 0; i < p->env.n; i++)
		put(w, "env", p->env.v[i]);
	for (size_t i = 0; i < p->n_keep_fds; i++) {
		begin(w, "fd");
		put_number(w, "value", " ", p->keep_fds[i]);
		end(w);
	}
	for (size_t i = 0; i < p->argv.n; i++)
		put(w, "argv", p->argv.v[i]);
}

void plan_print(const struct plan *p, FILE *out)
{
	struct writer w = { .out = out };

	put_plan(&w, p);
}

void plan_print_json(const struct plan *p, FILE *out)
{
	struct writer w = { .out = out, .json = true };

	fputs("[", out);
	put_plan(&w, p);
	fputs("]\n", out);
}
