/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/strv.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "testing.h"

/* "<a><b c>"; caller frees. */
static char *show(const struct strv *list)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < list->n; i++) {
		char *longer = xasprintf("%s<%s>", text, list->v[i]);

		free(text);
		text = longer;
	}
	return text;
}

static const struct {
	const char *text, *words; /* words NULL: refused */
} splits[] = {
	{ "", "" },
	{ "  \t\n ", "" },
	{ "a", "<a>" },
	{ " a\tb\nc ", "<a><b><c>" },
	{ "'a b' \"c d\"", "<a b><c d>" },
	{ "a'b c'd", "<ab cd>" },
	{ "'' \"\"", "<><>" },
	{ "a\\ b", "<a b>" },
	{ "\\'", "<'>" },
	{ "'a\\b'", "<a\\b>" },
	{ "\"a\\\"b\"", "<a\"b>" },
	{ "\"a\\nb\"", "<a\\nb>" }, /* as in sh: only \" \\ \$ \` */
	{ "\"\\$x \\` \\\\\"", "<$x ` \\>" },
	{ "$HOME ~ *", "<$HOME><~><*>" },
	{ "a#b;c", "<a#b;c>" },
	{ "\"it's\"", "<it's>" },
	{ "'a", NULL },
	{ "a \"b", NULL },
	{ "a\\", NULL },
	{ "\"a\\", NULL },
	{ "'a\\'b'", NULL },
};

START_TEST(test_split)
{
	cleanup_strv struct strv list = { 0 };
	cleanup_free char *words = NULL;

	strv_add(&list, "was");
	if (!splits[_i].words) {
		ck_assert_int_eq(strv_split(&list, splits[_i].text), -EINVAL);
		ck_assert_uint_eq(list.n, 1);
		ck_assert_str_eq(list.v[0], "was");
		return;
	}
	ck_assert_int_eq(strv_split(&list, splits[_i].text), 0);
	words = show(&list);
	ck_assert_str_eq(words + 5, splits[_i].words);
}
END_TEST

START_TEST(test_list_grows_and_ends_in_null)
{
	cleanup_strv struct strv list = { 0 }, more = { 0 };

	for (unsigned int i = 0; i < 1000; i++) {
		strv_take(&list, xasprintf("%u", i));
		ck_assert_uint_eq(list.n, i + 1);
		ck_assert_ptr_null(list.v[list.n]);
	}
	ck_assert_str_eq(list.v[0], "0");
	ck_assert_str_eq(list.v[999], "999");
	strv_add_all(&more, &list);
	strv_clear(&list);
	ck_assert_uint_eq(list.n, 0);
	strv_add(&list, "again");
	ck_assert_uint_eq(more.n, 1000);
	ck_assert(strv_has(&more, "512") && !strv_has(&more, "1000"));
	ck_assert(strv_has(&list, "again") && !strv_has(&list, "0"));
}
END_TEST

START_TEST(test_done_takes_an_empty_list_twice)
{
	struct strv list = { 0 };

	strv_done(&list);
	strv_add(&list, "x");
	strv_done(&list);
	strv_done(&list);
	ck_assert_ptr_null(list.v);
	ck_assert(!strv_has(&list, "x"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("strv");
	TCase *tc = tcase_create("strv");

	tcase_add_loop_test(tc, test_split, 0, (int)ARRAY_LEN(splits));
	tcase_add_test(tc, test_list_grows_and_ends_in_null);
	tcase_add_test(tc, test_done_takes_an_empty_list_twice);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
