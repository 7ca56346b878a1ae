/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "testing.h"

START_TEST(test_prefix_and_member)
{
	static const char *const list[] = { "auto", "single", NULL };

	ck_assert(text_starts_with("--option", "--"));
	ck_assert(text_starts_with("a", ""));
	ck_assert(!text_starts_with("-", "--"));
	ck_assert(text_is_one_of("single", list));
	ck_assert(!text_is_one_of("singl", list));
	ck_assert(!text_is_one_of("", list));
}
END_TEST

static const struct {
	const char *text, *json;
} jsons[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "say \"a\\b\"", "\"say \\\"a\\\\b\\\"\"" },
	{ "\n\t\033\177", "\"\\u000a\\u0009\\u001b\\u007f\"" },
	{ "caf\303\251 \360\237\230\200", "\"caf\303\251 \360\237\230\200\"" },
	/* not UTF-8: a lone byte, a cut sequence, overlong, a surrogate, past the end */
	{ "a\377b", "\"a\\ufffdb\"" },
	{ "\342\202", "\"\\ufffd\\ufffd\"" },
	{ "\300\257", "\"\\ufffd\\ufffd\"" },
	{ "\340\200\257", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\355\240\200", "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\360\200\200\200", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	{ "\364\220\200\200", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
};

START_TEST(test_json)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	text_print_json(out, jsons[_i].text);
	fclose(out);
	ck_assert_str_eq(text, jsons[_i].json);
}
END_TEST

static const struct {
	const char *typed, *meant;
} nearests[] = {
	{ "slirp", "slirp" },
	{ "slrip", "slirp" },
	{ "hots", "host" },
	{ "hostnmae", "hostname" },
	{ "x", NULL }, /* one letter is no hint at all */
	{ "", NULL },
	{ "abcdefgh", NULL },
	{ "non", "none" },
	{ "environmen", "environment" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
};

START_TEST(test_nearest)
{
	static const char *const words[] = { "none",	    "slirp", "host", "hostname",
					     "environment", "y",     NULL };
	const char *near = text_nearest(nearests[_i].typed, words);

	ck_assert_pstr_eq(near, nearests[_i].meant);
}
END_TEST

START_TEST(test_nearest_takes_the_best_not_the_first)
{
	static const char *const words[] = { "limit-a", "limits", "limit", NULL };

	ck_assert_str_eq(text_nearest("limitt", words), "limits");
	ck_assert_str_eq(text_nearest("limit", words), "limit");
}
END_TEST

static const struct {
	const char *text;
	uint64_t max;
	int r;
	uint64_t value;
} numbers[] = {
	{ "0", 0, 0, 0 },
	{ "007", 10, 0, 7 },
	{ "4294967294", UINT32_MAX - 1, 0, UINT32_MAX - 1 },
	{ "4294967295", UINT32_MAX - 1, -ERANGE, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
	{ "", 9, -EINVAL, 0 },
	{ "-1", 9, -EINVAL, 0 },
	{ "+1", 9, -EINVAL, 0 },
	{ " 1", 9, -EINVAL, 0 },
	{ "1 ", 9, -EINVAL, 0 },
	{ "0x1", 9, -EINVAL, 0 },
	{ "1e3", UINT64_MAX, -EINVAL, 0 },
	{ "1\n", 9, -EINVAL, 0 },
	{ "\331\241", 9, -EINVAL, 0 }, /* a digit, but not of ours */
	{ "99999999999999999999999x", UINT64_MAX, -EINVAL, 0 },
};

START_TEST(test_number)
{
	uint64_t value = 12345;

	ck_assert_int_eq(text_parse_u64(numbers[_i].text, numbers[_i].max, &value), numbers[_i].r);
	ck_assert_uint_eq(value, numbers[_i].r == 0 ? numbers[_i].value : 12345);
}
END_TEST

START_TEST(test_number_of_32_bits)
{
	uint32_t value = 5;

	ck_assert_int_eq(text_parse_u32("4294967296", UINT32_MAX, &value), -ERANGE);
	ck_assert_uint_eq(value, 5);
	ck_assert_int_eq(text_parse_u32("4294967295", UINT32_MAX, &value), 0);
	ck_assert_uint_eq(value, UINT32_MAX);
}
END_TEST

static const struct {
	const char *text;
	int r;
	uint64_t value;
} sizes[] = {
	{ "4096", 0, 4096 },
	{ "64K", 0, 65536 },
	{ "64k", 0, 65536 },
	{ "1M", 0, 1 << 20 },
	{ "1.5G", 0, UINT64_C(3) << 29 },
	{ "0.5K", 0, 512 },
	{ "2T", 0, UINT64_C(2) << 40 },
	{ "0", 0, 0 },
	{ "16777215T", 0, UINT64_C(16777215) << 40 },
	{ "16777216T", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "K", -EINVAL, 0 },
	{ "1.5", -EINVAL, 0 },
	{ "1.25G", -EINVAL, 0 },
	{ "1.G", -EINVAL, 0 },
	{ ".5G", -EINVAL, 0 },
	{ "1KB", -EINVAL, 0 },
	{ "1KK", -EINVAL, 0 },
	{ "1 M", -EINVAL, 0 },
	{ "-1M", -EINVAL, 0 },
	{ "1P", -EINVAL, 0 },
	{ "1.5.5G", -EINVAL, 0 },
};

START_TEST(test_size)
{
	uint64_t value = 12345;

	ck_assert_int_eq(text_parse_size(sizes[_i].text, &value), sizes[_i].r);
	ck_assert_uint_eq(value, sizes[_i].r == 0 ? sizes[_i].value : 12345);
}
END_TEST

static const struct {
	const char *text;
	unsigned int digits;
	int r;
	uint64_t value;
} decimals[] = {
	{ "1.5", 3, 0, 1500 },
	{ "1", 3, 0, 1000 },
	{ "0.001", 3, 0, 1 },
	{ "007.50", 2, 0, 750 },
	{ "0", 1, 0, 0 },
	{ "3", 0, 0, 3 },
	{ "5.0", 0, -EINVAL, 0 },
	{ "1.", 3, -EINVAL, 0 },
	{ ".5", 3, -EINVAL, 0 },
	{ ".", 3, -EINVAL, 0 },
	{ "", 3, -EINVAL, 0 },
	{ "1.2345", 3, -EINVAL, 0 },
	{ "1.2.3", 3, -EINVAL, 0 },
	{ "1,5", 3, -EINVAL, 0 },
	{ "-1.5", 3, -EINVAL, 0 },
	{ "1.-5", 3, -EINVAL, 0 },
	{ "1e3", 3, -EINVAL, 0 },
	{ " 1", 3, -EINVAL, 0 },
	{ "1000", 3, 0, 1000000 },
	{ "1000.001", 3, -ERANGE, 0 },
	{ "99999999999999999999", 1, -ERANGE, 0 },
	{ "99999999999999999999.x", 1, -EINVAL, 0 },
	{ "18446744073709551615", 1, -ERANGE, 0 },
};

START_TEST(test_decimal)
{
	uint64_t value = 12345;

	ck_assert_int_eq(text_parse_decimal(decimals[_i].text, decimals[_i].digits, 1000000,
					    &value),
			 decimals[_i].r);
	ck_assert_uint_eq(value, decimals[_i].r == 0 ? decimals[_i].value : 12345);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, test_prefix_and_member);
	tcase_add_loop_test(tc, test_json, 0, (int)ARRAY_LEN(jsons));
	tcase_add_loop_test(tc, test_nearest, 0, (int)ARRAY_LEN(nearests));
	tcase_add_test(tc, test_nearest_takes_the_best_not_the_first);
	tcase_add_loop_test(tc, test_number, 0, (int)ARRAY_LEN(numbers));
	tcase_add_test(tc, test_number_of_32_bits);
	tcase_add_loop_test(tc, test_decimal, 0, (int)ARRAY_LEN(decimals));
	tcase_add_loop_test(tc, test_size, 0, (int)ARRAY_LEN(sizes));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
