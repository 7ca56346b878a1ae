/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "testing.h"

START_TEST(test_errno_is_a_line_and_a_number)
{
	ck_assert_int_eq(log_errno(EPERM, "cannot mount '%s' on '%s'", "/a", "/b"), -EPERM);
	ck_assert_int_eq(log_errno(-ENOENT, "cannot enter '%s'", "x"), -ENOENT);
	ck_assert_str_eq(logged_text(), "cannot mount '/a' on '/b': Operation not permitted\n"
					"cannot enter 'x': No such file or directory\n");
}
END_TEST

START_TEST(test_hint_stands_in_brackets_at_the_end)
{
	ck_assert_int_eq(log_errno_hint(ENOSPC, "raise the limit", "cannot clone"), -ENOSPC);
	ck_assert_int_eq(log_errno_hint(EBUSY, NULL, "cannot clone"), -EBUSY);
	ck_assert_str_eq(logged_text(), "cannot clone: No space left on device (raise the limit)\n"
					"cannot clone: Device or resource busy\n");
}
END_TEST

START_TEST(test_invalid_is_einval_without_strerror)
{
	ck_assert_int_eq(log_invalid("%s: no '%s'", "a.ini:3", "x"), -EINVAL);
	ck_assert_str_eq(logged_text(), "a.ini:3: no 'x'\n");
}
END_TEST

/* CVE-2023-28101: a file name must not be able to repaint the terminal. */
START_TEST(test_control_characters_are_written_out)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "a\033[2Jb", "a\\x1b[2Jb\n" },
		{ "two\nlines", "two\\nlines\n" },
		{ "tab\there", "tab\\there\n" },
		{ "back\rover", "back\\x0dover\n" },
		{ "bell\a\b\177", "bell\\x07\\x08\\x7f\n" },
		{ "c1 \302\233 31m", "c1 \\xc2\\x9b 31m\n" },
		{ "caf\303\251 \342\202\254", "caf\303\251 \342\202\254\n" },
		{ "100%s %n", "100%s %n\n" },
	};

	log_warn("%s", "x\033y");
	ck_assert_str_eq(logged_text(), "warning: x\\x1by\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		logged_forget();
		log_invalid("%s", cases[i].text);
		ck_assert_str_eq(logged_text(), cases[i].line);
	}
}
END_TEST

START_TEST(test_hint_and_message_of_a_stranger_are_escaped_as_well)
{
	log_errno_hint(EPERM, "see \033]0;x\a", "a\033b");
	ck_assert_str_eq(logged_text(), "a\\x1bb: Operation not permitted (see \\x1b]0;x\\x07)\n");
}
END_TEST

static const struct {
	enum log_level level;
	const char *lines;
} levels[] = {
	{ LOG_LEVEL_ERROR, "e\ni\n" },
	{ LOG_LEVEL_WARN, "e\ni\nwarning: w\n" },
	{ LOG_LEVEL_INFO, "e\ni\nwarning: w\ninfo: n\n" },
	{ LOG_LEVEL_DEBUG, "e\ni\nwarning: w\ninfo: n\ndebug: d\n" },
};

START_TEST(test_level_says_what_is_said)
{
	log_set_level(levels[_i].level);
	ck_assert_int_eq(log_get_level(), levels[_i].level);
	ck_assert_int_eq(log_errno(0, "e"), 0);
	logged_forget();
	log_invalid("e");
	log_invalid("i");
	log_warn("w");
	log_info("n");
	log_debug("d");
	ck_assert_str_eq(logged_text(), levels[_i].lines);
}
END_TEST

/* What run() writes to stderr. Caller frees. */
static char *stderr_of(void (*run)(void))
{
	cleanup_fd int saved = dup(STDERR_FILENO), end = -EBADF;
	char *text = NULL;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	end = ends[0];
	log_set_sink(NULL);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	run();
	ck_assert_int_eq(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	ck_assert_int_eq(fs_read_all(end, 1 << 16, &text, NULL), 0);
	return text;
}

static void say_three(void)
{
	log_invalid("one");
	log_warn("two");
	log_set_raw_terminal(1);
	log_invalid("three\n");
	log_set_raw_terminal(0);
}

START_TEST(test_stderr_has_the_name_the_kind_and_the_line_end)
{
	cleanup_free char *text = stderr_of(say_three);

	ck_assert_str_eq(text, "sandbox: one\nsandbox: warning: two\nsandbox: three\\n\r\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("lines");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_test(tc, test_errno_is_a_line_and_a_number);
	tcase_add_test(tc, test_hint_stands_in_brackets_at_the_end);
	tcase_add_test(tc, test_invalid_is_einval_without_strerror);
	tcase_add_test(tc, test_control_characters_are_written_out);
	tcase_add_test(tc, test_hint_and_message_of_a_stranger_are_escaped_as_well);
	tcase_add_loop_test(tc, test_level_says_what_is_said, 0, (int)ARRAY_LEN(levels));
	tcase_add_test(tc, test_stderr_has_the_name_the_kind_and_the_line_end);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
