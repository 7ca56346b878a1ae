/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setters of what only the command line can say. */
#include "config/setters.h"

#include "base/log.h"
#include "base/text.h"

int set_profile(struct config *c, const struct assignment *a)
{
	if (*a->value == '\0')
		return log_invalid("%s: a profile's name or path is missing", a->origin);
	assignment_replace(&c->profile, a->value);
	return 0;
}

int set_dry_run(struct config *c, const struct assignment *a)
{
	int i = *a->value ? assignment_pick(a, a->value, words_dry_run) : 0;

	if (i < 0)
		return i;
	c->action = i == 0 ? ACTION_DRY_RUN : ACTION_DRY_RUN_JSON;
	return 0;
}

static int set_action(struct config *c, enum action action)
{
	c->action = action;
	return 0;
}

int set_list_profiles(struct config *c, const struct assignment *a)
{
	(void)a;
	return set_action(c, ACTION_LIST_PROFILES);
}

int set_show_profile(struct config *c, const struct assignment *a)
{
	if (*a->value)
		assignment_replace(&c->profile, a->value);
	return set_action(c, ACTION_SHOW_PROFILE);
}

int set_help(struct config *c, const struct assignment *a)
{
	(void)a;
	return set_action(c, ACTION_HELP);
}

int set_version(struct config *c, const struct assignment *a)
{
	(void)a;
	return set_action(c, ACTION_VERSION);
}

int set_verbose(struct config *c, const struct assignment *a)
{
	(void)a;
	c->verbosity = c->verbosity < 0 ? 1 : c->verbosity + 1;
	return 0;
}

int set_quiet(struct config *c, const struct assignment *a)
{
	(void)a;
	c->verbosity = -1;
	return 0;
}

int set_report(struct config *c, const struct assignment *a)
{
	(void)a;
	c->report = true;
	return 0;
}

static int parse_fd(const struct assignment *a, uint32_t *ret)
{
	if (text_parse_u32(a->value, INT32_MAX, ret) < 0)
		return log_invalid("%s: '%s' is not a descriptor's number", a->origin, a->value);
	return 0;
}

int set_status_fd(struct config *c, const struct assignment *a)
{
	uint32_t fd;
	int r = parse_fd(a, &fd);

	if (r == 0)
		c->status_fd = (int)fd;
	return r;
}

int add_keep_fd(struct config *c, const struct assignment *a)
{
	uint32_t fd;
	int r = parse_fd(a, &fd);

	if (r == 0)
		strv_add(&c->keep_fds, a->value);
	return r;
}
