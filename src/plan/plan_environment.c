/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/text.h"

static const char default_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games";

static size_t name_length(const char *variable)
{
	return (size_t)(strchrnul(variable, '=') - variable);
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_length(a);

	return name_length(b) == n && strncmp(a, b, n) == 0;
}

/* "LC_*" matches every name that starts with LC_. */
static bool matches(const char *pattern, const char *variable)
{
	size_t n = strlen(pattern);

	if (n > 0 && pattern[n - 1] == '*')
		return strncmp(pattern, variable, n - 1) == 0;
	return same_name(pattern, variable);
}

static bool matches_any(const struct strv *patterns, const char *variable)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (matches(patterns->v[i], variable))
			return true;
	return false;
}

static void set_variable(struct strv *env, char *variable)
{
	for (size_t i = 0; i < env->n; i++) {
		if (same_name(env->v[i], variable)) {
			free(env->v[i]);
			env->v[i] = variable;
			return;
		}
	}
	strv_take(env, variable);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Clean, then what the box itself must say, then what the caller lets through,
 * then what was set. Sorted, so that the plan is the same each time.
 */
int plan_environment(const struct config *c, const struct host *h, struct plan *p)
{
	const char *user = p->ids.uid == 0 ? "root" : h->user;
	struct strv kept = { 0 };

	set_variable(&p->env, xasprintf("HOME=%s", h->home ? h->home : "/tmp"));
	set_variable(&p->env, xasprintf("USER=%s", user));
	set_variable(&p->env, xasprintf("LOGNAME=%s", user));
	set_variable(&p->env, xasprintf("PATH=%s", default_path));
	set_variable(&p->env, xasprintf("XDG_RUNTIME_DIR=/run/user/%u", p->ids.uid));

	for (size_t i = 0; i < h->env.n; i++)
		if (matches_any(&c->env_keep, h->env.v[i]))
			set_variable(&p->env, xstrdup(h->env.v[i]));
	for (size_t i = 0; i < c->env_set.n; i++)
		set_variable(&p->env, xstrdup(c->env_set.v[i]));
	for (size_t i = 0; i < p->env.n; i++) {
		if (matches_any(&c->env_unset, p->env.v[i]))
			free(p->env.v[i]);
		else
			strv_take(&kept, p->env.v[i]);
	}
	free(p->env.v);
	p->env = kept;
	if (p->env.n > 0)
		qsort(p->env.v, p->env.n, sizeof(*p->env.v), compare);
	return 0;
}
