/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox(1): a profile and a command line make a plan, and the plan a box. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/cli.h"
#include "config/profile.h"
#include "config/profile_file.h"
#include "plan/plan.h"
#include "plan/plan_print.h"
#include "run/entry.h"
#include "run/launch.h"
#include "run/status.h"
#include "run/versions.h"

#define EXIT_NOT_MADE 125 /* the box failed, not the program in it */

/* Descriptors that the user named, and that must be open. */
static int check_fd(const char *option, int fd)
{
	if (fcntl(fd, F_GETFD) < 0)
		return log_invalid("%s: descriptor %d is not open", option, fd);
	return 0;
}

/* Only what was named stays open: nothing else is ours to hold, or the box's to inherit. */
static int close_others(struct config *c)
{
	cleanup_free int *keep = xcalloc(c->keep_fds.n + 1, sizeof(*keep));
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < c->keep_fds.n && r == 0; i++) {
		keep[n] = atoi(c->keep_fds.v[i]);
		r = check_fd("--keep-fd", keep[n++]);
	}
	if (r == 0 && c->status_fd >= 0) {
		r = check_fd("--status-fd", c->status_fd);
		/* a copy of our own: stdout, if it is that, is given up when the program runs */
		c->status_fd = fcntl(c->status_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		keep[n++] = c->status_fd;
	}
	if (r == 0)
		entry_close_others(keep, n);
	return r;
}

static int list_profiles(const struct strv *dirs)
{
	struct profile_info *list = NULL;
	size_t n = 0;
	int r = profile_list(dirs, &list, &n);

	for (size_t i = 0; i < n; i++)
		printf("%-16s %s\n", list[i].name,
		       list[i].description ? list[i].description : "(broken)");
	profile_list_free(list, n);
	return r;
}

/* The files as they are, in the order they apply, each under its path. */
static int show_files(const struct strv *files)
{
	for (size_t i = 0; i < files->n; i++) {
		cleanup_free char *text = NULL;
		int r = fs_read_file(AT_FDCWD, files->v[i], PROFILE_MAX, &text, NULL);

		if (r < 0)
			return log_errno(r, "cannot read '%s'", files->v[i]);
		printf("%s; %s\n%s", i ? "\n" : "", files->v[i], text);
	}
	return 0;
}

/*
 * The name that may choose a profile: one that the box looks for in the
 * system's directories. A file of that name in a download directory is not it.
 */
static const char *system_program(const char *program)
{
	if (!program)
		return "";
	if (!strchr(program, '/'))
		return program;
	for (size_t i = 0; plan_system_dirs[i]; i++)
		if (fs_is_below(program, plan_system_dirs[i]) && !strstr(program, "/../"))
			return program;
	return "";
}

/* The profile: as named, by the program's name, or default. */
static int load_profile(struct config *c, const struct strv *dirs, const char *program,
			struct strv *ret_files)
{
	cleanup_free char *found = NULL;
	int r;

	if (!c->profile) {
		r = profile_for_program(system_program(program), dirs, &found);
		if (r < 0)
			return r;
	}
	r = profile_apply(c->profile ? c->profile : found, dirs, c, ret_files);
	for (size_t i = 0; i < ret_files->n; i++)
		log_info("profile: %s", ret_files->v[i]);
	return r;
}

/* What the next start reads: no box may write it. */
static void note_protected(struct host *h, const struct strv *dirs, const struct strv *files)
{
	const char *own[] = { h->config_dir, h->cache_dir, h->state_dir };

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (own[i])
			strv_add(&h->protect, own[i]);
	strv_add_all(&h->protect, dirs);
	for (size_t i = 0; i < files->n; i++) {
		if (*files->v[i] == '/')
			strv_add(&h->protect, files->v[i]);
		else if (h->cwd)
			strv_take(&h->protect, xasprintf("%s/%s", h->cwd, files->v[i]));
	}
}

static bool makes_dir(const struct plan *p, const char *target, size_t length)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_DIR && strlen(p->steps[i].target) == length &&
		    strncmp(p->steps[i].target, target, length) == 0)
			return true;
	return false;
}

/*
 * What the host has where s shows something: its source, or the highest
 * directory above it that the box has anew, entry by entry. Who may not enter
 * that one should see none of them. Caller frees.
 */
static char *shown_through(const struct host *h, const struct plan *p, const struct step *s)
{
	cleanup_free char *source = xstrdup(s->source);
	size_t length = strlen(s->target);

	while ((s->flags & STEP_NOFOLLOW) && !s->origin) {
		const char *slash = memrchr(s->target, '/', length);

		length = (size_t)(slash - s->target);
		if (!makes_dir(p, s->target, length))
			break;
		*strrchr(source, '/') = '\0';
	}
	return host_canonical(h, source);
}

/* What a box that runs as the host's root is shown is known from a plan only. */
static int find_private_files(const struct config *c, struct host *h)
{
	cleanup_plan struct plan draft = { 0 };
	cleanup_strv struct strv shown = { 0 };
	int r = plan_build(c, h, &draft);

	for (size_t i = 0; r == 0 && i < draft.n_steps; i++)
		if (draft.steps[i].kind == STEP_BIND && (draft.steps[i].flags & STEP_RDONLY)) {
			cleanup_free char *source = shown_through(h, &draft, &draft.steps[i]);

			if (!strv_has(&shown, source))
				strv_add(&shown, source);
		}
	if (shown.n > 0)
		host_find_private_files(h, (const char *const *)shown.v);
	return r;
}

static int run_plan(const struct config *c, const struct host *h, const struct entry *e)
{
	cleanup_plan struct plan plan = { 0 };
	int r = plan_build(c, h, &plan);

	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.warnings.n; i++)
		log_warn("%s", plan.warnings.v[i]);
	for (size_t i = 0; i < plan.notes.n; i++)
		log_info("%s", plan.notes.v[i]);
	if (c->action == ACTION_DRY_RUN_JSON)
		plan_print_json(&plan, stdout);
	else if (c->action == ACTION_DRY_RUN)
		plan_print(&plan, stdout);
	else /* all that we hold goes with the process: giving it back piece by piece is time */
		_exit(launch(&plan, h, e, c->status_fd));
	return 0;
}

static int run_box(const struct cli *cli, struct config *c, const struct strv *dirs,
		   const struct entry *e)
{
	cleanup_host struct host host = { 0 };
	cleanup_strv struct strv files = { 0 };
	int r = load_profile(c, dirs, *cli->argv, &files);

	if (r == 0 && c->action == ACTION_SHOW_PROFILE)
		return show_files(&files);
	if (r == 0)
		r = cli_apply_settings(cli, c);
	if (r < 0)
		return r;
	if (!*cli->argv && c->action == ACTION_RUN)
		return log_invalid("no program to run: sandbox [OPTION]... PROGRAM [ARGUMENT]... "
				   "(--help tells more)");
	c->argv = cli->argv;
	host_probe(&host);
	note_protected(&host, dirs, &files);
	if (plan_is_host_root(c, &host)) {
		r = find_private_files(c, &host);
		if (r < 0)
			return r;
	}
	return run_plan(c, &host, e);
}

static void set_verbosity(const struct config *c)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO,
						 LOG_LEVEL_DEBUG };
	int i = c->verbosity + 1;

	log_set_level(getenv("SANDBOX_DEBUG") ? LOG_LEVEL_DEBUG : levels[i > 3 ? 3 : i]);
}

static int run(int argc, char **argv, struct config *c)
{
	cleanup_cli struct cli cli = { 0 };
	cleanup_strv struct strv dirs = { 0 };
	struct entry entry;
	int r;

	r = entry_prepare(argc, argv, &entry);
	if (r == 0)
		r = cli_parse(argv + 1, &cli);
	if (r == 0)
		r = cli_apply_launch(&cli, c);
	if (r < 0)
		return r;
	set_verbosity(c);
	r = close_others(c);
	if (r < 0)
		return r;
	profile_search_path(getenv("HOME"), &dirs);
	switch (c->action) {
	case ACTION_HELP:
		cli_print_help(stdout);
		return 0;
	case ACTION_VERSION:
		versions_print(stdout);
		return 0;
	case ACTION_LIST_PROFILES:
		return list_profiles(&dirs);
	case ACTION_RUN:
	case ACTION_DRY_RUN:
	case ACTION_DRY_RUN_JSON:
	case ACTION_SHOW_PROFILE:
		break;
	}
	return run_box(&cli, c, &dirs, &entry);
}

int main(int argc, char **argv)
{
	cleanup_config struct config config = { 0 };
	int status;

	config_init(&config);
	status = run(argc, argv, &config);
	if (status >= 0)
		return fflush(stdout) == 0 ? status : EXIT_NOT_MADE;
	/* launch() reports its own failures; this is what went wrong before it */
	status_setup_failed(config.status_fd, EXIT_NOT_MADE);
	return EXIT_NOT_MADE;
}
