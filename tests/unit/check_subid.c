/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/subid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "testing.h"

#define FILE_NAME "/etc/subuid"

/* ada is 1000 everywhere. */
static const struct {
	const char *what, *text;
	struct subid_range range;
	const char *problem;
} cases[] = {
	{ "nothing", "", { 0, 0 }, NULL },
	{ "nobody we know", "bob:100000:65536\n", { 0, 0 }, NULL },
	{ "by name", "ada:100000:65536\n", { 100000, 65536 }, NULL },
	{ "by uid", "1000:100000:65536\n", { 100000, 65536 }, NULL },
	{ "without a newline", "ada:100000:65536", { 100000, 65536 }, NULL },
	{ "among others", "bob:1:1\nada:100000:65536\n\ncy:1:1\n", { 100000, 65536 }, NULL },
	{ "the widest of several",
	  "ada:100000:10\n1000:200000:300\nada:300000:20\n",
	  { 200000, 300 },
	  NULL },
	{ "the first of two as wide", "ada:100000:10\nada:200000:10\n", { 100000, 10 }, NULL },
	{ "neighbours", "ada:100000:10\nada:100010:10\n", { 100000, 10 }, NULL },
	{ "one id", "ada:100000:1\n", { 100000, 1 }, NULL },
	{ "the last id", "ada:4294967294:1\n", { 4294967294, 1 }, NULL },
	{ "up to the last id", "ada:2:1\nada:1001:4294966294\n", { 1001, 4294966294 }, NULL },
	{ "below our own", "ada:1:999\n", { 1, 999 }, NULL },
	{ "above our own", "ada:1001:10\n", { 1001, 10 }, NULL },

	/* lines of others are theirs, however broken */
	{ "others' lines",
	  "bob\nbob:0:0\nbob:x:y:z\n:::\n#ada:1:1\nada:100000:5\n",
	  { 100000, 5 },
	  NULL },
	{ "a name that begins like ours", "adam:1:1\nad:1:1\n10000:1:1\n", { 0, 0 }, NULL },
	{ "a name in capitals", "ADA:1:1\n", { 0, 0 }, NULL },

#define BAD(what, line, why)                                                                  \
	{                                                                                     \
		what, "bob:1:1\n" line "\n", { 0, 0 }, FILE_NAME ":2: the line of 'ada' " why \
	}
	BAD("no numbers", "ada", "is not NAME:FIRST:COUNT"),
	BAD("no count", "ada:100000", "is not NAME:FIRST:COUNT"),
	BAD("an empty count", "ada:100000:", "is not NAME:FIRST:COUNT"),
	BAD("an empty first", "ada::65536", "is not NAME:FIRST:COUNT"),
	BAD("negative", "ada:-1:65536", "is not NAME:FIRST:COUNT"),
	BAD("negative count", "ada:100000:-1", "is not NAME:FIRST:COUNT"),
	BAD("hexadecimal", "ada:0x186a0:65536", "is not NAME:FIRST:COUNT"),
	BAD("a sign", "ada:+100000:65536", "is not NAME:FIRST:COUNT"),
	BAD("blanks", "ada: 100000:65536", "is not NAME:FIRST:COUNT"),
	BAD("words", "ada:many:65536", "is not NAME:FIRST:COUNT"),
	BAD("four fields", "ada:100000:65536:1", "is not NAME:FIRST:COUNT"),
	BAD("a carriage return", "ada:100000:65536\r", "is not NAME:FIRST:COUNT"),
	BAD("2^32 as first", "ada:4294967296:1", "is not NAME:FIRST:COUNT"),
	BAD("2^64 as first", "ada:18446744073709551616:1", "is not NAME:FIRST:COUNT"),
	BAD("2^32 ids", "ada:1:4294967296", "is not NAME:FIRST:COUNT"),
	BAD("count 0", "ada:100000:0", "is an empty range"),
	BAD("(uid_t)-1", "ada:4294967295:1", "goes past the last id, 4294967294"),
	BAD("up to (uid_t)-1", "ada:4294967294:2", "goes past the last id, 4294967294"),
	BAD("wraps round", "ada:4294901761:65536", "goes past the last id, 4294967294"),
	BAD("wraps round by far", "ada:100000:4294967295", "goes past the last id, 4294967294"),
	BAD("host id 0", "ada:0:65536", "holds the host's root, id 0"),
	BAD("host id 0 alone", "ada:0:1", "holds the host's root, id 0"),
	BAD("our own id", "ada:1000:1", "holds the caller's own id"),
	BAD("our own id as the last", "ada:500:501", "holds the caller's own id"),
	BAD("our own id inside", "ada:1:65536", "holds the caller's own id"),
#undef BAD

	{ "overlap",
	  "ada:100000:65536\nada:165535:10\n",
	  { 0, 0 },
	  FILE_NAME ":2: the line of 'ada' overlaps another line of the same user" },
	{ "overlap by name and uid",
	  "ada:100000:65536\n1000:100001:1\n",
	  { 0, 0 },
	  FILE_NAME ":2: the line of '1000' overlaps another line of the same user" },
	{ "the same line twice",
	  "ada:100000:10\nx:1:1\nada:100000:10\n",
	  { 0, 0 },
	  FILE_NAME ":3: the line of 'ada' overlaps another line of the same user" },
	{ "overlap with the third",
	  "ada:100000:10\nada:200000:10\nada:99999:2\n",
	  { 0, 0 },
	  FILE_NAME ":3: the line of 'ada' overlaps another line of the same user" },
	{ "one bad line spoils a good one",
	  "ada:100000:65536\nada:200000:0\n",
	  { 0, 0 },
	  FILE_NAME ":2: the line of 'ada' is an empty range" },
};

START_TEST(test_subid)
{
	struct subid_range range = { 7, 7 };
	cleanup_free char *problem = NULL;
	int r = subid_parse(cases[_i].text, FILE_NAME, "ada", 1000, 1000, &range, &problem);

	if (cases[_i].problem) {
		ck_assert_msg(r == -EINVAL, "%s: accepted", cases[_i].what);
		ck_assert_str_eq(problem, cases[_i].problem);
		ck_assert(range.first == 7 && range.count == 7);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", cases[_i].what, problem);
	ck_assert_ptr_null(problem);
	ck_assert_msg(range.first == cases[_i].range.first && range.count == cases[_i].range.count,
		      "%s: %u, %u", cases[_i].what, range.first, range.count);
}
END_TEST

/* In the file of groups the line is found by uid, and must not hold the gid: ada's is 50. */
static const struct {
	const char *text;
	struct subid_range range;
	bool refused;
} groups[] = {
	{ "ada:100000:65536\n", { 100000, 65536 }, false },
	{ "1000:100000:65536\n", { 100000, 65536 }, false },
	{ "50:100000:65536\n", { 0, 0 }, false },
	{ "ada:1000:1\n", { 1000, 1 }, false },
	{ "ada:500:1000\n", { 500, 1000 }, false },
	{ "ada:1:49\n", { 1, 49 }, false },
	{ "ada:51:100\n", { 51, 100 }, false },
	{ "ada:50:1\n", { 0, 0 }, true },
	{ "ada:1:50\n", { 0, 0 }, true },
	{ "1000:1:65536\n", { 0, 0 }, true },
	{ "ada:100000:65536\nada:40:20\n", { 0, 0 }, true },
};

START_TEST(test_own_id_is_the_group_in_the_file_of_groups)
{
	struct subid_range range = { 7, 7 };
	cleanup_free char *problem = NULL;
	int r = subid_parse(groups[_i].text, "/etc/subgid", "ada", 1000, 50, &range, &problem);

	if (groups[_i].refused) {
		ck_assert_msg(r == -EINVAL, "'%s': accepted", groups[_i].text);
		ck_assert_ptr_nonnull(strstr(problem, "holds the caller's own id"));
		ck_assert_uint_eq(range.first, 7);
		return;
	}
	ck_assert_msg(r == 0, "'%s': %s", groups[_i].text, problem);
	ck_assert_uint_eq(range.first, groups[_i].range.first);
	ck_assert_uint_eq(range.count, groups[_i].range.count);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("subid");
	TCase *tc = tcase_create("subid");

	tcase_add_loop_test(tc, test_subid, 0, (int)ARRAY_LEN(cases));
	tcase_add_loop_test(tc, test_own_id_is_the_group_in_the_file_of_groups, 0,
			    (int)ARRAY_LEN(groups));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
