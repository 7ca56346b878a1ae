/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/ini_scan.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"

static char logged[4096];

static void remember(enum log_level level, const char *line)
{
	(void)level;
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
}

#define TEXT(s) .text = (s), .size = sizeof(s) - 1

/* A text, and either its keys as "line section.name=<value>" or the one line that refuses it. */
static const struct {
	const char *what, *text;
	size_t size;
	const char *keys, *error;
} cases[] = {
	{ "nothing", TEXT(""), .keys = "" },
	{ "comments and blank lines", TEXT("# a = b\n\n  ; c = d\n \t \n#"), .keys = "" },
	{ "a section alone", TEXT("[a]\n"), .keys = "" },
	{ "a key", TEXT("[a]\nb = c\n"), .keys = "2 a.b=<c>\n" },
	{ "no line end at the end", TEXT("[a]\nb = c"), .keys = "2 a.b=<c>\n" },
	{ "blanks around everything", TEXT("  [a]  \n \tb-2  =\t c d \t\n"),
	  .keys = "2 a.b-2=<c d>\n" },
	{ "no blanks at all", TEXT("[a]\nb=c"), .keys = "2 a.b=<c>\n" },
	{ "empty values", TEXT("[a]\nb =\nc=\nd = \"\"\ne=''\n"),
	  .keys = "2 a.b=<>\n3 a.c=<>\n4 a.d=<>\n5 a.e=<>\n" },
	{ "the first = counts", TEXT("[a]\nb = c=d\ne==\n"), .keys = "2 a.b=<c=d>\n3 a.e=<=>\n" },
	{ "quotes of either kind", TEXT("[a]\nb = \" c;d \"\ne = '#f \"g\"'\n"),
	  .keys = "2 a.b=< c;d >\n3 a.e=<#f \"g\">\n" },
	{ "quotes inside an unquoted value", TEXT("[a]\nb = X=\"c d\" 'e f'\n"),
	  .keys = "2 a.b=<X=\"c d\" 'e f'>\n" },
	{ "a backslash inside an unquoted value", TEXT("[a]\nb = c\\ d\n"),
	  .keys = "2 a.b=<c\\ d>\n" },
	{ "letters beyond ASCII in a value", TEXT("[a]\nb = /home/zo\xc3\xab/\xc2\xa0\xff\n"),
	  .keys = "2 a.b=</home/zo\xc3\xab/\xc2\xa0\xff>\n" },
	{ "sections that take turns", TEXT("[a]\nx=1\n[b]\nx=2\n[a]\ny=3\n"),
	  .keys = "2 a.x=<1>\n4 b.x=<2>\n6 a.y=<3>\n" },

	/* what is no text */
	{ "a byte order mark", TEXT("\xef\xbb\xbf[a]\nb=c\n"),
	  .error = "F:1: the file begins with a byte order mark; save it as UTF-8 without one\n" },
	{ "UTF-16, one end first", TEXT("\xff\xfe[\0a\0"),
	  .error = "F:1: the file is UTF-16; save it as UTF-8\n" },
	{ "UTF-16, the other", TEXT("\xfe\xff\0[\0a"),
	  .error = "F:1: the file is UTF-16; save it as UTF-8\n" },
	{ "a NUL byte", TEXT("[a]\nb = c\0d\n"), .error = "F:2: the file has a NUL byte\n" },
	{ "a NUL byte at the end", TEXT("[a]\nb = c\n\0"),
	  .error = "F:3: the file has a NUL byte\n" },
	{ "Windows line ends", TEXT("[a]\r\nb = c\r\n"),
	  .error = "F:1: the line ends in CR LF, as on Windows; save the file with Unix line "
		   "ends\n" },
	{ "a carriage return that hides what was before", TEXT("[a]\nb = rw\rb = ro\n"),
	  .error = "F:2: control character '\\x0d'\n" },
	{ "an escape sequence", TEXT("[a]\nb = \x1b[2J\n"),
	  .error = "F:2: control character '\\x1b'\n" },
	{ "an escape sequence in a comment", TEXT("[a]\n# \x1b[8m\nb = c\n"),
	  .error = "F:2: control character '\\x1b'\n" },
	{ "a C1 control character", TEXT("[a]\nb = \xc2\x9b\n"),
	  .error = "F:2: control character '\\xc2\\x9b'\n" },
	{ "DEL", TEXT("[a]\nb = \x7f\n"), .error = "F:2: control character '\\x7f'\n" },
	{ "a vertical tab, a blank to isspace()", TEXT("[a]\nb = c\v\n"),
	  .error = "F:2: control character '\\x0b'\n" },

	/* what iniparser reads as a part of another line */
	{ "a line that goes on", TEXT("[a]\nb = c \\\nd = e\n"),
	  .error = "F:2: '\\' at the end of a line; a line cannot go on in the next\n" },
	{ "a comment that goes on", TEXT("[a]\n# c \\\nd = e\n"),
	  .error = "F:2: '\\' at the end of a line; a line cannot go on in the next\n" },
	{ "a backslash and blanks", TEXT("[a]\nb = c\\ \t\nd = e\n"),
	  .error = "F:2: '\\' at the end of a line; a line cannot go on in the next\n" },
	{ "a backslash at the end of the file", TEXT("[a]\nb = c\\"),
	  .error = "F:2: '\\' at the end of a line; a line cannot go on in the next\n" },

	/* what it cuts */
	{ "a comment behind a value", TEXT("[a]\nb = c ; d\n"),
	  .error = "F:2: ';' would cut the value off here; write b = \"c ; d\", or the comment on "
		   "a line of its own\n" },
	{ "a # in a value with quotes", TEXT("[a]\nb = X=\"c #d\"\n"),
	  .error = "F:2: '#' would cut the value off here; write b = 'X=\"c #d\"', or the comment "
		   "on a line of its own\n" },
	{ "nothing but a comment for a value", TEXT("[a]\nb = # c\n"),
	  .error = "F:2: '#' would cut the value off here; write b = \"# c\", or the comment on a "
		   "line of its own\n" },
	{ "a comment behind a quoted value", TEXT("[a]\nb = \"c\" # d\n"),
	  .error = "F:2: the value goes on behind its closing \"; put all of it into '...'\n" },
	{ "two quoted words", TEXT("[a]\nb = 'c' 'd'\n"),
	  .error = "F:2: the value goes on behind its closing '; put all of it into \"...\"\n" },
	{ "text behind an empty quoted value", TEXT("[a]\nb = \"\"c\n"),
	  .error = "F:2: the value goes on behind its closing \"; put all of it into '...'\n" },
	{ "an open quote", TEXT("[a]\nb = \"c\n"),
	  .error = "F:2: the value begins with \" and has no second one\n" },
	{ "a lone quote", TEXT("[a]\nb = '\n"),
	  .error = "F:2: the value begins with ' and has no second one\n" },
	{ "a backslash inside quotes", TEXT("[a]\nb = \"c\\d\"\n"),
	  .error = "F:2: '\\' in a quoted value; only a value without quotes around it may have "
		   "one\n" },
	{ "an escaped quote", TEXT("[a]\nb = \"c\\\"\"\n"),
	  .error = "F:2: the value goes on behind its closing \"; put all of it into '...'\n" },

	/* what it drops or renames */
	{ "a key twice", TEXT("[a]\nb = 1\nc = 2\nb = 3\n"),
	  .error = "F:4: key 'b' stands in line 2 already; a list is one line, its words apart by "
		   "blanks\n" },
	{ "a key twice, its section too", TEXT("[a]\nb = 1\n[c]\n[a]\nb = 3\n"),
	  .error = "F:5: key 'b' stands in line 2 already; a list is one line, its words apart by "
		   "blanks\n" },
	{ "capitals in a key", TEXT("[a]\nBe = 1\n"),
	  .error = "F:2: key 'Be' has capital letters; write 'be'\n" },
	{ "capitals in a section", TEXT("[A-b]\nb = 1\n"),
	  .error = "F:1: section 'A-b' has capital letters; write 'a-b'\n" },
	{ "a colon in a section", TEXT("[a:b]\nc = 1\n"),
	  .error = "F:1: 'a:b' is not a section (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "a colon in a key", TEXT("[a]\nb:c = 1\n"),
	  .error = "F:2: 'b:c' is not a key (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "a digit first", TEXT("[a]\n1b = 1\n"),
	  .error = "F:2: '1b' is not a key (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "letters beyond ASCII in a key", TEXT("[a]\nb\xc3\xab = 1\n"),
	  .error = "F:2: 'b\xc3\xab' is not a key (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "a key of 65 letters",
	  TEXT("[a]\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc = 1\n"),
	  .error = "F:2: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc' is "
		   "not a key (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "two words for a key", TEXT("[a]\nb c = 1\n"),
	  .error = "F:2: 'b c' is not a key (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "no key", TEXT("[a]\n = 1\n"), .error = "F:2: no key before '='\n" },
	{ "no =", TEXT("[a]\nread-only\n"), .error = "F:2: 'read-only' is not 'key = value'\n" },
	{ "one letter on the last line", TEXT("[a]\nb=c\nx"),
	  .error = "F:3: 'x' is not 'key = value'\n" },
	{ "a key before any section", TEXT("# x\nb = c\n[a]\n"),
	  .error = "F:2: key 'b' stands before the first [section]\n" },
	{ "a section without an end", TEXT("[a\nb = c\n"),
	  .error = "F:1: no ']' at the end of '[a'\n" },
	{ "a section with a comment", TEXT("[a] # b\nb = c\n"),
	  .error = "F:1: a section is a line of its own, and '# b' follows it\n" },
	{ "a section and a key in one line", TEXT("[a] b = c]\n"),
	  .error = "F:1: a section is a line of its own, and 'b = c]' follows it\n" },
	{ "an empty section", TEXT("[]\nb = c\n"),
	  .error = "F:1: '' is not a section (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "blanks inside the brackets", TEXT("[ a ]\nb = c\n"),
	  .error = "F:1: ' a ' is not a section (a to z, 0 to 9 and '-', at most 64)\n" },
	{ "the first mistake is the one told", TEXT("[a]\nb = c\n[d\nE = f\n"),
	  .error = "F:3: no ']' at the end of '[d'\n" },
};

static char *print_keys(const struct ini *ini)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < ini->n_keys; i++) {
		const struct ini_key *key = &ini->keys[i];
		char *longer = xasprintf("%s%u %s.%s=<%s>\n", text, key->line, key->section,
					 key->name, key->value);

		free(text);
		text = longer;
	}
	return text;
}

START_TEST(test_scan)
{
	cleanup_ini struct ini ini = { 0 };
	cleanup_free char *text = NULL;
	cleanup_free char *keys = NULL;
	int r;

	/* a copy that ends where the text does, for the sanitizers */
	text = xcalloc(cases[_i].size, 1);
	memcpy(text, cases[_i].text, cases[_i].size);
	r = ini_scan("F", text, cases[_i].size, &ini);
	if (cases[_i].error) {
		ck_assert_msg(r == -EINVAL, "%s: %d", cases[_i].what, r);
		ck_assert_str_eq(logged, cases[_i].error);
		ck_assert_ptr_null(ini.text);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", cases[_i].what, logged);
	ck_assert_str_eq(logged, "");
	keys = print_keys(&ini);
	ck_assert_str_eq(keys, cases[_i].keys);
}
END_TEST

/* "[a]\n", then before, n times letter, and after. Caller frees. */
static char *repeat(const char *before, char letter, size_t n, const char *after)
{
	char *text = xcalloc(n + strlen(before) + strlen(after) + 8, 1), *out = text;

	out = stpcpy(stpcpy(out, "[a]\n"), before);
	memset(out, letter, n);
	strcpy(out + n, after);
	return text;
}

START_TEST(test_line_length)
{
	cleanup_ini struct ini ini = { 0 };
	cleanup_free char *good = repeat("b=", 'c', INI_LINE_MAX - 2, "\nd=e\n");
	cleanup_free char *bad = repeat("b=", 'c', INI_LINE_MAX - 1, "\nd=e\n");
	cleanup_free char *comment = repeat("#", 'c', INI_LINE_MAX, "");

	ck_assert_int_eq(ini_scan("F", good, strlen(good), &ini), 0);
	ck_assert_uint_eq(ini.n_keys, 2);
	ck_assert_uint_eq(strlen(ini.keys[0].value), INI_LINE_MAX - 2);
	ini_done(&ini);

	ck_assert_int_eq(ini_scan("F", bad, strlen(bad), &ini), -EINVAL);
	ck_assert_str_eq(logged, "F:2: the line has 1001 bytes, at most 1000 are read\n");
	*logged = '\0';
	ck_assert_int_eq(ini_scan("F", comment, strlen(comment), &ini), -EINVAL);
	ck_assert_str_eq(logged, "F:2: the line has 1001 bytes, at most 1000 are read\n");
}
END_TEST

START_TEST(test_number_of_keys)
{
	cleanup_ini struct ini ini = { 0 };
	cleanup_free char *text = xcalloc(32, INI_KEYS_MAX + 2);
	char *out = stpcpy(text, "[a]\n");

	for (int i = 0; i < INI_KEYS_MAX; i++)
		out += sprintf(out, "b%d=\n", i);
	ck_assert_int_eq(ini_scan("F", text, strlen(text), &ini), 0);
	ck_assert_uint_eq(ini.n_keys, INI_KEYS_MAX);
	ck_assert_ptr_eq(ini_find(&ini, "a", "b499"), &ini.keys[499]);
	ck_assert_ptr_null(ini_find(&ini, "a", "b500"));
	ck_assert_ptr_null(ini_find(&ini, "b", "b499"));
	ini_done(&ini);

	strcpy(out, "c=\n");
	ck_assert_int_eq(ini_scan("F", text, strlen(text), &ini), -EINVAL);
	ck_assert_str_eq(logged, "F:502: more than 500 keys\n");
}
END_TEST

static void setup(void)
{
	*logged = '\0';
	log_set_sink(remember);
}

int main(void)
{
	Suite *suite = suite_create("ini_scan");
	TCase *tc = tcase_create("scan");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_scan, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_line_length);
	tcase_add_test(tc, test_number_of_keys);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
