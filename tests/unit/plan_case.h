/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_PLAN_CASE_H
#define TESTS_UNIT_PLAN_CASE_H

#include "plan/host.h"
#include "plan/plan.h"

/*
 * One row of a table of plans: what is asked for on which machine, and the
 * lines of --dry-run about it, or the one line that the user reads.
 */
struct plan_case {
	const char *what;
	const char *options;		/* words of a command line, as a shell splits them */
	const char *files;		/* for fake_files() */
	void (*change)(struct host *h); /* of fake_host() */
	const char *
		about; /* words separated by '|', '^' before one that begins a line: every line with one ... */
	const char
		*lines; /* ... is this, exactly; -v and warnings as "note ..." and "warning ..." */
	const char *error;
};

/* Fails the test with what was different. */
void plan_case_check(const struct plan_case *p);

/* The plan for options on h; h and c must outlive it. Returns what plan_build() says. */
int plan_case_build(const char *options, struct host *h, struct config *c, struct plan *ret);

/* Everything that holds for every plan: order, no two mounts on one target, clean paths. */
void plan_case_check_properties(const struct plan *p, const char *what);

#endif
