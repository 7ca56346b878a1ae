/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter_profile.h"

#include <check.h>

#include "base/mem.h"

static void split(struct strv *list, const char *text)
{
	ck_assert_int_eq(strv_split(list, text ? text : ""), 0);
}

static void split_words(struct config_words *list, const char *text)
{
	split(&list->words, text);
	while (list->origins.n < list->words.n)
		strv_take(&list->origins, xasprintf("p.ini:%zu", list->origins.n + 1));
}

static void words_done(struct config_words *list)
{
	strv_done(&list->words);
	strv_done(&list->origins);
}

int filter_profile_build(const struct filter_profile *from, struct filter_policy *ret)
{
	struct config c = { .nested = from->nested };
	int r;

	split(&c.caps, from->keep);
	split_words(&c.seccomp_allow, from->allow);
	split_words(&c.seccomp_deny, from->deny);
	split_words(&c.seccomp_log, from->log);
	split_words(&c.families, from->families);
	split_words(&c.architectures, from->architectures);
	r = filter_policy_build(&c, from->as_host_root, ret);
	strv_done(&c.caps);
	words_done(&c.seccomp_allow);
	words_done(&c.seccomp_deny);
	words_done(&c.seccomp_log);
	words_done(&c.families);
	words_done(&c.architectures);
	return r;
}
