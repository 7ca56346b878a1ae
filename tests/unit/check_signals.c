/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "testing.h"

START_TEST(test_parse)
{
	static const struct {
		const char *text;
		int sig;
	} cases[] = {
		{ "TERM", SIGTERM },	  { "SIGTERM", SIGTERM },    { "sigterm", SIGTERM },
		{ "Int", SIGINT },	  { "15", SIGTERM },	     { "1", SIGHUP },
		{ "KILL", SIGKILL },	  { "SYS", SIGSYS },	     { "0", -EINVAL },
		{ "65", -EINVAL },	  { "-15", -EINVAL },	     { "", -EINVAL },
		{ "SIG", -EINVAL },	  { "SIGSIGTERM", -EINVAL }, { "TERMINATE", -EINVAL },
		{ "TERM ", -EINVAL },	  { "15x", -EINVAL },	     { "EXIT", -EINVAL },
		{ "RTMIN+999", -EINVAL }, { "RTMIN-1", -EINVAL },    { "RTMAX+1", -EINVAL },
		{ "RTMIN+", -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_msg(signal_parse(cases[i].text) == cases[i].sig, "'%s': %d",
			      cases[i].text, signal_parse(cases[i].text));
	/* what a service manager in a box is stopped with */
	ck_assert_int_eq(signal_parse("SIGRTMIN+3"), SIGRTMIN + 3);
	ck_assert_int_eq(signal_parse("rtmin"), SIGRTMIN);
	ck_assert_int_eq(signal_parse("RTMAX"), SIGRTMAX);
	ck_assert_int_eq(signal_parse("RTMAX-1"), SIGRTMAX - 1);
	ck_assert_int_eq(signal_parse("64"), SIGRTMAX);
}
END_TEST

/* Each name is one that is read back. */
START_TEST(test_name)
{
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		cleanup_free char *name = signal_name(sig);

		ck_assert_msg(signal_parse(name) == sig, "%d: '%s'", sig, name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signals");
	TCase *tc = tcase_create("signals");

	tcase_add_test(tc, test_parse);
	tcase_add_test(tc, test_name);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
