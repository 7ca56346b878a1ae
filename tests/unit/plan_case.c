/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/cli.h"
#include "fake_host.h"
#include "plan/plan_print.h"
#include "testing.h"

int plan_case_build(const char *options, struct host *h, struct config *c, struct plan *ret)
{
	static struct strv words; /* the plan borrows argv; gone with the test */
	cleanup_cli struct cli cli = { 0 };

	strv_clear(&words);
	ck_assert_int_eq(strv_split(&words, options ? options : ""), 0);
	strv_add(&words, "true");
	ck_assert_msg(cli_parse(words.v, &cli) == 0, "%s", logged_text());
	ck_assert_msg(cli_apply_launch(&cli, c) == 0, "%s", logged_text());
	ck_assert_msg(cli_apply_settings(&cli, c) == 0, "%s", logged_text());
	c->argv = cli.argv;
	return plan_build(c, h, ret);
}

static bool is_about(const char *line, const char *about)
{
	cleanup_free char *copy = xstrdup(about);
	char *rest = copy, *word;

	while ((word = strsep(&rest, "|")))
		if (*word == '^' ? text_starts_with(line, word + 1) : strstr(line, word) != NULL)
			return true;
	return false;
}

static void select_lines(FILE *out, const char *kind, const char *text, const char *about)
{
	cleanup_free char *copy = xasprintf("%s%s", kind, text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (!text_starts_with(line, "seccomp ") && is_about(line, about))
			fprintf(out, "%s\n", line);
}

/* The lines of p about something. Caller frees. */
static char *lines_about(const struct plan *p, const char *about)
{
	cleanup_free char *whole = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&whole, &size);

	plan_print(p, out);
	fclose(out);
	out = open_memstream(&text, &size);
	select_lines(out, "", whole, about);
	for (size_t i = 0; i < p->make_dirs.n; i++)
		select_lines(out, "make ", p->make_dirs.v[i], about);
	for (size_t i = 0; i < p->notes.n; i++)
		select_lines(out, "note ", p->notes.v[i], about);
	for (size_t i = 0; i < p->warnings.n; i++)
		select_lines(out, "warning ", p->warnings.v[i], about);
	fclose(out);
	return text;
}

static bool makes_something(enum step_kind kind)
{
	return kind != STEP_LOCK && kind != STEP_MASK && kind != STEP_SEAL;
}

static void check_target(const struct step *s, const char *what)
{
	cleanup_free char *clean = s->target ? fs_normalize(s->target) : NULL;

	ck_assert_msg(clean && strcmp(clean, s->target) == 0, "%s: target '%s'", what, s->target);
	if (s->kind == STEP_BIND || s->kind == STEP_DEVICE) {
		cleanup_free char *source = s->source ? fs_normalize(s->source) : NULL;

		ck_assert_msg(source && strcmp(source, s->source) == 0, "%s: source '%s'", what,
			      s->source);
		ck_assert_msg(!fs_is_below(s->source, "/proc"), "%s: %s", what, s->source);
	}
	ck_assert_msg(s->kind != STEP_FILE || s->content, "%s: no content", what);
	ck_assert_msg(s->kind != STEP_SYMLINK || s->source, "%s: no text", what);
}

void plan_case_check_properties(const struct plan *p, const char *what)
{
	bool end = false;

	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];

		check_target(s, what);
		ck_assert_msg(!end || !makes_something(s->kind),
			      "%s: '%s' after locks, masks and seals", what, s->target);
		end |= !makes_something(s->kind);
		for (size_t k = 0; k < i && makes_something(s->kind); k++) {
			const char *before = p->steps[k].target;

			ck_assert_msg(!fs_is_below(before, s->target),
				      "%s: '%s' before '%s', which covers it", what, before,
				      s->target);
		}
	}
	ck_assert_msg(p->cwd && *p->cwd == '/', "%s: cwd '%s'", what, p->cwd);
	for (size_t i = 0; i < p->landlock.n_trees; i++)
		ck_assert_msg(p->landlock.trees[i].rights != 0, "%s: a rule for nothing", what);
}

void plan_case_check(const struct plan_case *p)
{
	cleanup_config struct config c = { 0 };
	cleanup_host struct host h = { 0 };
	cleanup_plan struct plan plan = { 0 };
	cleanup_free char *text = NULL;
	int r;

	logged_start();
	config_init(&c);
	fake_host(&h);
	if (p->files)
		fake_files(p->files);
	if (p->change)
		p->change(&h);
	r = plan_case_build(p->options, &h, &c, &plan);
	if (p->error) {
		text = xasprintf("%s\n", p->error);
		ck_assert_msg(r < 0, "%s: accepted", p->what);
		ck_assert_msg(strcmp(logged_text(), text) == 0, "%s:\nwanted %sgot    %s", p->what,
			      text, logged_text());
		ck_assert_ptr_null(plan.steps);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", p->what, logged_text());
	plan_case_check_properties(&plan, p->what);
	text = lines_about(&plan, p->about);
	ck_assert_msg(strcmp(text, p->lines) == 0, "%s:\n--- wanted\n%s--- got\n%s", p->what,
		      p->lines, text);
}
