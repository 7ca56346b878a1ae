/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/plan_parts.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static char *format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list args)
{
	char *text = NULL;

	return vasprintf(&text, fmt, args) < 0 ? xstrdup(fmt) : text;
}

void plan_note(struct plan *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strv_take(&p->notes, format(fmt, args));
	va_end(args);
}

void plan_warn(struct plan *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strv_take(&p->warnings, format(fmt, args));
	va_end(args);
}

static void plan_namespaces(const struct config *c, struct plan *p)
{
	static const struct {
		unsigned int shared;
		int flag;
	} may_share[] = {
		{ SHARE_IPC, CLONE_NEWIPC },
		{ SHARE_UTS, CLONE_NEWUTS },
		{ SHARE_CGROUP, CLONE_NEWCGROUP },
		{ SHARE_TIME, CLONE_NEWTIME },
	};
	const int late = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	int flags;

	flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;
	if (c->net != NET_HOST)
		flags |= CLONE_NEWNET;
	for (size_t i = 0; i < ARRAY_LEN(may_share); i++)
		if (!(c->share & may_share[i].shared))
			flags |= may_share[i].flag;
	/* clone3() would freeze the offsets before anybody could write them (time_namespaces(7)) */
	if (c->time.set)
		flags &= ~CLONE_NEWTIME;
	if (flags & CLONE_NEWUTS)
		p->hostname = xstrdup(c->hostname ? c->hostname : "sandbox");
	/*
	 * A network namespace takes as long to make as newuidmap takes to start, or
	 * as most of the mounts: side by side. A sysfs is mounted for the one it is in.
	 */
	p->unshare_flags = p->ids.by_helpers ? flags & late : 0;
	if (c->net == NET_NONE && c->sys == SYS_NONE && !p->ids.by_helpers)
		p->beside_flags = CLONE_NEWNET;
	/* From another cgroup namespace nobody may be put into a group outside of it. */
	p->program_flags = p->cgroup.wanted ? flags & CLONE_NEWCGROUP : 0;
	p->unshare_flags &= ~p->program_flags;
	p->clone_flags = flags & ~p->unshare_flags & ~p->program_flags;
}

static int plan_network(const struct config *c, const struct host *h, struct plan *p)
{
	p->net = (struct plan_net){ .mode = c->net,
				    .publish = c->publish,
				    .n_publish = c->n_publish,
				    .host_loopback = c->host_loopback };
	if (c->net == NET_SLIRP && !h->slirp4netns.path)
		return log_invalid("mode = slirp (--net=slirp) is not possible: slirp4netns is not "
				   "installed (it is the package slirp4netns; or use --net=none)");
	if (c->net != NET_SLIRP && c->n_publish > 0)
		return log_invalid("%s: a published port needs mode = slirp (--net=slirp)",
				   c->publish[0].origin);
	if (c->net != NET_SLIRP && c->host_loopback)
		return log_invalid("host-loopback needs mode = slirp (--net=slirp)");
	if (c->net == NET_HOST)
		plan_note(p, "network: the host's own, with everything that listens on it");
	return 0;
}

/* "net_bind_service", as in capabilities(7) without CAP_. */
static int plan_caps(const struct config *c, const struct host *h, struct plan *p)
{
	for (size_t i = 0; i < c->caps.n; i++) {
		const char *word = c->caps.v[i];
		cleanup_free char *name =
			xasprintf("%s%s", strncasecmp(word, "cap_", 4) == 0 ? "" : "cap_", word);
		cap_value_t cap;

		if (cap_from_name(name, &cap) < 0 || cap < 0 || cap > 63)
			return log_invalid("capabilities.keep: no capability '%s'", word);
		p->keep_caps |= UINT64_C(1) << cap;
	}
	/* What a file gets here belongs to the id that is root here: it would count on the host. */
	if ((p->keep_caps & (UINT64_C(1) << CAP_SETFCAP)) && plan_is_host_root(c, h))
		return log_invalid(
			"capabilities.keep: setfcap cannot be kept in a box that runs as the "
			"host's root, its files would have capabilities on the host (give "
			"root a range of subordinate ids)");
	return 0;
}

static int plan_descriptors(const struct config *c, struct plan *p)
{
	p->keep_fds = xcalloc(c->keep_fds.n, sizeof(*p->keep_fds));
	for (size_t i = 0; i < c->keep_fds.n; i++) {
		uint32_t fd;

		if (text_parse_u32(c->keep_fds.v[i], INT32_MAX, &fd) < 0)
			return log_invalid("--keep-fd: '%s' is not a descriptor's number",
					   c->keep_fds.v[i]);
		if (fd > 2)
			p->keep_fds[p->n_keep_fds++] = (int)fd;
	}
	return 0;
}

static int plan_parts(const struct config *c, const struct host *h, struct plan *p)
{
	static int (*const parts[])(const struct config *c, const struct host *h,
				    struct plan *p) = {
		plan_limits, plan_ids,	    plan_network,     plan_mounts,
		plan_tmpfs,  plan_landlock, plan_environment,
	};
	int r = plan_caps(c, h, p);

	for (size_t i = 0; i < ARRAY_LEN(parts) && r == 0; i++)
		r = parts[i](c, h, p);
	if (r == 0)
		r = filter_policy_build(c, plan_is_host_root(c, h), &p->filter);
	if (r == 0)
		r = plan_descriptors(c, p);
	return r;
}

/* One is enough: who has it as stderr can read what is typed, and write to its titles. */
static bool has_terminal(const struct host *h)
{
	return h->stdin_is_terminal || h->stdout_is_terminal || h->stderr_is_terminal;
}

int plan_build(const struct config *c, const struct host *h, struct plan *ret_plan)
{
	cleanup_plan struct plan p = {
		.time = c->time,
		.nested_limited = c->nested == NESTED_LIMITED,
		.umask = h->umask,
		.pty = c->terminal == TERMINAL_PTY ||
		       (c->terminal == TERMINAL_AUTO && has_terminal(h)),
		.inherit_session = c->terminal == TERMINAL_INHERIT && has_terminal(h),
	};
	int r;

	if (c->terminal == TERMINAL_PTY && !has_terminal(h))
		return log_invalid("terminal = pty needs a terminal to relay, and none of stdin, "
				   "stdout and stderr is one");
	if (c->time.set && (c->share & SHARE_TIME))
		return log_invalid("time-offset and share = time exclude each other");
	for (char **word = c->argv; word && *word; word++)
		strv_add(&p.argv, *word);
	r = plan_parts(c, h, &p);
	if (r < 0)
		return r;
	plan_namespaces(c, &p);
	p.program_sheds = p.ids.two_level || p.keep_caps != 0 || p.cgroup.wanted;

	*ret_plan = p;
	p = (struct plan){ 0 };
	return 0;
}

void plan_done(struct plan *p)
{
	plan_steps_done(p);
	for (size_t i = 0; i < p->landlock.n_trees; i++)
		free(p->landlock.trees[i].path);
	free(p->landlock.trees);
	free(p->hostname);
	free(p->cgroup.cpuset);
	free(p->cwd);
	free(p->keep_fds);
	strv_done(&p->env);
	strv_done(&p->argv);
	strv_done(&p->make_dirs);
	strv_done(&p->notes);
	strv_done(&p->warnings);
	filter_policy_done(&p->filter);
	*p = (struct plan){ 0 };
}
