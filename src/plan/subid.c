/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/subid.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/text.h"

/* What is wrong with a range for a caller whose own id is `own`; NULL if nothing. */
static const char *judge(const char *first, const char *count, uint32_t own,
			 struct subid_range *ret)
{
	/* (uid_t)-1 is no id, credentials(7); so the last one is 2^32 - 2 */
	const uint32_t last = UINT32_MAX - 1;

	if (!count || text_parse_u32(first, UINT32_MAX, &ret->first) < 0 ||
	    text_parse_u32(count, UINT32_MAX, &ret->count) < 0)
		return "is not NAME:FIRST:COUNT";
	if (ret->count == 0)
		return "is an empty range";
	if (ret->first > last || ret->count - 1 > last - ret->first)
		return "goes past the last id, 4294967294";
	if (ret->first == 0)
		return "holds the host's root, id 0";
	if (own >= ret->first && own - ret->first < ret->count)
		return "holds the caller's own id";
	return NULL;
}

static bool overlap(const struct subid_range *a, const struct subid_range *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

int subid_parse(const char *text, const char *file, const char *user, uint32_t uid, uint32_t own,
		struct subid_range *ret, char **ret_problem)
{
	cleanup_free char *copy = xstrdup(text), *number = xasprintf("%u", uid);
	cleanup_free struct subid_range *seen = NULL;
	struct subid_range widest = { 0 };
	size_t n_seen = 0;
	char *rest = copy, *line;

	for (unsigned int n = 1; (line = strsep(&rest, "\n")); n++) {
		char *first = line, *name = strsep(&first, ":");
		char *count = first;
		struct subid_range range;
		const char *wrong;

		if (strcmp(name, user) != 0 && strcmp(name, number) != 0)
			continue;
		if (first)
			first = strsep(&count, ":");
		wrong = judge(first, count, own, &range);
		for (size_t i = 0; i < n_seen && !wrong; i++)
			if (overlap(&seen[i], &range))
				wrong = "overlaps another line of the same user";
		if (wrong) {
			*ret_problem =
				xasprintf("%s:%u: the line of '%s' %s", file, n, name, wrong);
			return -EINVAL;
		}
		GROW(seen, n_seen);
		seen[n_seen++] = range;
		if (range.count > widest.count)
			widest = range;
	}
	*ret = widest;
	return 0;
}
