/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/setters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/keys.h"
#include "config_text.h"
#include "testing.h"

/*
 * Values one after the other, as lines of a profile (P) or as options (C), and
 * what is then set, or the one line that refuses the last.
 */
#define P false
#define C true

static const struct {
	const char *key;
	bool command_line;
	const char *values[3], *set, *error;
} cases[] = {
	{ "open-files", P, { "1024" }, "open-files=1024", NULL },
	{ "open-files", P, { "1024", "unlimited" }, "open-files=unlimited", NULL },
	{ "open-files", P, { "1024", "" }, "", NULL },
	{ "open-files", P, { "1K" }, NULL, "o: open-files '1K' is not a number or unlimited" },
	{ "processes", C, { "many" }, NULL, "o: value 'many' is not a number or unlimited" },
	{ "processes",
	  P,
	  { "9223372036854775808" },
	  NULL,
	  "o: processes '9223372036854775808' is not a number or unlimited" },
	{ "file-size", P, { "1.5G" }, "file-size=1610612736", NULL },
	{ "file-size",
	  P,
	  { "big" },
	  NULL,
	  "o: file-size 'big' is not a size such as 64M or unlimited" },
	{ "stack", P, { "8M" }, "stack=8388608", NULL },
	{ "core", P, { "64M" }, "core=67108864", NULL },
	{ "core", P, { "0" }, "", NULL },
	{ "core", P, { "unlimited" }, "core=unlimited", NULL },
	{ "cpu-time", P, { "10m" }, "cpu-time=600", NULL },
	{ "cpu-time",
	  P,
	  { "0" },
	  NULL,
	  "o: cpu-time '0' is not a time such as 90s, 10m or 2h or unlimited" },
	{ "cpu-time",
	  P,
	  { "+10m" },
	  NULL,
	  "o: cpu-time '+10m' is not a time such as 90s, 10m or 2h or unlimited" },
	{ "cpu-time",
	  P,
	  { "-10m" },
	  NULL,
	  "o: cpu-time '-10m' is not a time such as 90s, 10m or 2h or unlimited" },
	{ "locked-memory", P, { "64K" }, "locked-memory=65536", NULL },
	{ "cpu-time", P, { "1.5m" }, "cpu-time=90", NULL },
	{ "cpu-time",
	  P,
	  { "0.5" },
	  NULL,
	  "o: cpu-time '0.5' is not a time such as 90s, 10m or 2h or unlimited" },
	{ "cpu-time", C, { "4294967295d" }, "cpu-time=371085174288000", NULL },
	{ "cpu-time",
	  C,
	  { "4294967296d" },
	  NULL,
	  "o: value '4294967296d' is not a time such as 90s, 10m or 2h or unlimited" },

	{ "memory", P, { "64M" }, "memory=67108864 ('64M' o)", NULL },
	{ "memory", P, { "1.5g" }, "memory=1610612736 ('1.5g' o)", NULL },
	{ "memory", P, { "1M", "1048576" }, "memory=1048576 ('1048576' o)", NULL },
	{ "memory", P, { "50%" }, "memory=500/1000 ('50%' o)", NULL },
	{ "memory", C, { "12.5%" }, "memory=125/1000 ('12.5%' o)", NULL },
	{ "memory", C, { "1%", "100%" }, "memory=1000/1000 ('100%' o)", NULL },
	{ "memory", C, { "64M", "" }, "", NULL },
	{ "memory", C, { "64M", "unlimited" }, "", NULL },
	{ "memory", C, { "99999999T" }, "memory=9223372036854775807 ('99999999T' o)", NULL },
	{ "memory", C, { "8388608T" }, "memory=9223372036854775807 ('8388608T' o)", NULL },
#define BAD_MEMORY(text, why)                                                  \
	{                                                                      \
		"memory", P, { "1G", text }, NULL, "o: memory '" text "' " why \
	}
#define NO_SIZE "is not a size such as 512M, or 50% of the machine's memory"
	BAD_MEMORY("10X", NO_SIZE),
	BAD_MEMORY("-1", NO_SIZE),
	BAD_MEMORY("-64M", NO_SIZE),
	BAD_MEMORY("-5%", NO_SIZE),
	BAD_MEMORY("+64M", NO_SIZE),
	BAD_MEMORY("64 M", NO_SIZE),
	BAD_MEMORY("64MB", NO_SIZE),
	BAD_MEMORY("0x40M", NO_SIZE),
	BAD_MEMORY("%", NO_SIZE),
	BAD_MEMORY("50%%", NO_SIZE),
	BAD_MEMORY("1.55%", NO_SIZE),
	BAD_MEMORY("half", NO_SIZE),
	BAD_MEMORY("never", NO_SIZE),
	BAD_MEMORY("0", "is less than 1M, which is the least"),
	BAD_MEMORY("512", "is less than 1M, which is the least"),
	BAD_MEMORY("1023K", "is less than 1M, which is the least"),
	BAD_MEMORY("0%", "is less than 1%, which is the least"),
	BAD_MEMORY("0.9%", "is less than 1%, which is the least"),
	BAD_MEMORY("100.1%", "is more than 100%"),
	BAD_MEMORY("101%", "is more than 100%"),
	BAD_MEMORY("99999999999999999999%", "is more than 100%"),
#undef BAD_MEMORY
	{ "memory", C, { "10X" }, NULL, "o: value '10X' " NO_SIZE },

	/* without memory as well */
	{ "swap", P, { "1G" }, "swap=1073741824 ('1G' o)", NULL },
	{ "swap", P, { "0" }, "swap=0 ('0' o)", NULL },
	{ "swap", P, { "0%" }, "swap=0/1000 ('0%' o)", NULL },
	{ "swap", P, { "25%" }, "swap=250/1000 ('25%' o)", NULL },
	{ "swap", P, { "0", "unlimited" }, "swap=unlimited ('unlimited' o)", NULL },
	{ "swap", P, { "unlimited", "" }, "", NULL },
	{ "swap", P, { "-1" }, NULL, "o: swap '-1' " NO_SIZE },
	{ "swap", P, { "200%" }, NULL, "o: swap '200%' is more than 100%" },

	{ "tmpfs-size", P, { "64M" }, "tmpfs-size=67108864 ('64M' o)", NULL },
	{ "tmpfs-size", P, { "4K", "25%" }, "tmpfs-size=250/1000 ('25%' o)", NULL },
	{ "tmpfs-size", P, { "25%", "" }, "", NULL },
	{ "tmpfs-size", P, { "0" }, NULL, "o: tmpfs-size '0' is less than 4K, which is the least" },
	{ "tmpfs-size",
	  P,
	  { "4095" },
	  NULL,
	  "o: tmpfs-size '4095' is less than 4K, which is the least" },
	{ "tmpfs-size",
	  P,
	  { "0%" },
	  NULL,
	  "o: tmpfs-size '0%' is less than 1%, which is the least" },
	{ "tmpfs-size", C, { "unlimited" }, NULL, "o: value 'unlimited' " NO_SIZE },

	{ "pids", P, { "20" }, "pids=20", NULL },
	{ "pids", P, { "1", "4194304" }, "pids=4194304", NULL },
	{ "pids", P, { "20", "unlimited" }, "", NULL },
	{ "pids", P, { "20", "" }, "", NULL },
#define BAD_PIDS(text)                                                                      \
	{                                                                                   \
		"pids", P, { text }, NULL,                                                  \
			"o: pids '" text "' is not a number from 1 to 4194304 or unlimited" \
	}
	BAD_PIDS("0"),
	BAD_PIDS("-1"),
	BAD_PIDS("4194305"),
	BAD_PIDS("50%"),
	BAD_PIDS("many"),
#undef BAD_PIDS

	{ "cpu", P, { "1.5" }, "cpu=1500 ('1.5' o)", NULL },
	{ "cpu", P, { "150%" }, "cpu=1500 ('150%' o)", NULL },
	{ "cpu", P, { "0.01", "1%" }, "cpu=10 ('1%' o)", NULL },
	{ "cpu", P, { "2", "0.125" }, "cpu=125 ('0.125' o)", NULL },
	{ "cpu", P, { "99999999999999999999" }, "cpu=4294967295 ('99999999999999999999' o)", NULL },
	{ "cpu", P, { "2", "" }, "", NULL },
	{ "cpu", P, { "2", "unlimited" }, "", NULL },
#define BAD_CPU(text, why)                                              \
	{                                                               \
		"cpu", P, { "1", text }, NULL, "o: cpu '" text "' " why \
	}
#define NO_CPU "is not a number of processors such as 1.5, or 150%"
	BAD_CPU("0", "is less than 1%, which is the least"),
	BAD_CPU("0%", "is less than 1%, which is the least"),
	BAD_CPU("0.9%", "is less than 1%, which is the least"),
	BAD_CPU("0.009", "is less than 1%, which is the least"),
	BAD_CPU("-1", NO_CPU),
	BAD_CPU("-50%", NO_CPU),
	BAD_CPU("1.", NO_CPU),
	BAD_CPU(".5", NO_CPU),
	BAD_CPU("1.5.5", NO_CPU),
	BAD_CPU("1.5555", NO_CPU),
	BAD_CPU("all", NO_CPU),
	BAD_CPU("1 %", NO_CPU),
	/* firejail's --cpu */
	BAD_CPU("0,1", NO_CPU " (which ones: cpuset)"),
	BAD_CPU("0-3", NO_CPU " (which ones: cpuset)"),
#undef BAD_CPU

	{ "io-weight", P, { "1", "10000" }, "io-weight=10000", NULL },
	{ "io-weight", P, { "50", "" }, "", NULL },
	{ "io-weight", P, { "0" }, NULL, "o: io-weight '0' is not a number from 1 to 10000" },
	{ "io-weight",
	  P,
	  { "10001" },
	  NULL,
	  "o: io-weight '10001' is not a number from 1 to 10000" },

	{ "cpuset", P, { "0-3,6" }, "cpuset=0 ('0-3,6' o)", NULL },
	{ "cpuset", P, { "5", "2-2" }, "cpuset=0 ('2-2' o)", NULL },
	{ "cpuset", P, { "5", "" }, "", NULL },
#define BAD_CPUSET(text)                                                                 \
	{                                                                                \
		"cpuset", P, { "0", text }, NULL,                                        \
			"o: cpuset '" text "' is not a list of processors such as 0-3,6" \
	}
	BAD_CPUSET("all"),
	BAD_CPUSET("3-0"),
	BAD_CPUSET("0-"),
	BAD_CPUSET("-1"),
	BAD_CPUSET("0,,1"),
	BAD_CPUSET("0,"),
	BAD_CPUSET("0 1"),
	BAD_CPUSET("0-1-2"),
	BAD_CPUSET("0-3:2"),
	BAD_CPUSET("unlimited"),
	BAD_CPUSET("4294967296"),
#undef BAD_CPUSET

	{ "on-unavailable", P, { "warn" }, "on-unavailable=warn", NULL },
	{ "on-unavailable", P, { "warn", "refuse" }, "", NULL },
	{ "on-unavailable",
	  P,
	  { "ignore" },
	  NULL,
	  "o: on-unavailable 'ignore' is not refuse or warn" },

	{ "timeout", P, { "2" }, "timeout=2000", NULL },
	{ "timeout", P, { "0.5s" }, "timeout=500", NULL },
	{ "timeout", P, { "1.5m" }, "timeout=90000", NULL },
	{ "timeout", P, { "2h" }, "timeout=7200000", NULL },
	{ "timeout", P, { "1d" }, "timeout=86400000", NULL },
	{ "timeout", P, { "0.001" }, "timeout=1", NULL },
	{ "timeout", P, { "01:02:03" }, "timeout=3723000", NULL },
	{ "timeout", P, { "2", "" }, "", NULL },
	{ "timeout", P, { "2", "unlimited" }, "", NULL },
#define BAD_TIMEOUT(text)                                                                 \
	{                                                                                 \
		"timeout", P, { "1", text }, NULL,                                        \
			"o: timeout '" text "' is not a time such as 90s, 1.5m or 2h or " \
			"unlimited"                                                       \
	}
	BAD_TIMEOUT("never"),
	BAD_TIMEOUT("0"),
	BAD_TIMEOUT("0s"),
	BAD_TIMEOUT("0.0"),
	BAD_TIMEOUT("00:00:00"),
	BAD_TIMEOUT("-1"),
	BAD_TIMEOUT("-5m"),
	BAD_TIMEOUT("+5m"),
	BAD_TIMEOUT("5 m"),
	BAD_TIMEOUT("5min"),
	BAD_TIMEOUT("s"),
	BAD_TIMEOUT("0.0001"),
	BAD_TIMEOUT("1:30"),
	BAD_TIMEOUT("1:60:00"),
	BAD_TIMEOUT("1:00:60"),
	BAD_TIMEOUT("1:00:00:00"),
	BAD_TIMEOUT("1::1"),
	BAD_TIMEOUT("99999999999999999999"),
#undef BAD_TIMEOUT

	{ "stop-signal", P, { "INT" }, "stop-signal=2", NULL },
	{ "stop-signal", P, { "SIGINT" }, "stop-signal=2", NULL },
	{ "stop-signal", P, { "9" }, "stop-signal=9", NULL },
	{ "stop-signal", P, { "INT", "" }, "", NULL },
	{ "stop-signal",
	  P,
	  { "STOPIT" },
	  NULL,
	  "o: stop-signal 'STOPIT' is not a signal such as TERM, SIGINT or 15" },
	{ "stop-signal",
	  C,
	  { "0" },
	  NULL,
	  "o: value '0' is not a signal such as TERM, SIGINT or 15" },

	{ "stop-timeout", P, { "0" }, "stop-timeout=0", NULL },
	{ "stop-timeout", P, { "1.5" }, "stop-timeout=1500", NULL },
	{ "stop-timeout", P, { "3s", "" }, "", NULL },
	{ "stop-timeout",
	  P,
	  { "-1" },
	  NULL,
	  "o: stop-timeout '-1' is not a time such as 10s, 1.5m or 0" },
	{ "stop-timeout",
	  P,
	  { "never" },
	  NULL,
	  "o: stop-timeout 'never' is not a time such as 10s, 1.5m or 0" },

	{ "nice", P, { "19" }, "nice=19", NULL },
	{ "nice", P, { "5", "0" }, "", NULL },
	{ "nice", P, { "5", "" }, "", NULL },
	{ "nice", P, { "20" }, NULL, "o: nice '20' is not a number from 0 to 19" },
	{ "nice",
	  P,
	  { "-5" },
	  NULL,
	  "o: nice '-5' is not a number from 0 to 19 (a lower one takes a privilege that no box "
	  "has)" },

	{ "oom-score", P, { "1000" }, "oom-score=1000", NULL },
	{ "oom-score", P, { "0" }, "oom-score=0", NULL },
	{ "oom-score", P, { "500", "" }, "", NULL },
	{ "oom-score", P, { "1001" }, NULL, "o: oom-score '1001' is not a number from 0 to 1000" },
	{ "oom-score",
	  P,
	  { "-500" },
	  NULL,
	  "o: oom-score '-500' is not a number from 0 to 1000 (a lower one takes a privilege that "
	  "no box has)" },
};

START_TEST(test_limit)
{
	const struct key *key = key_find("limits", cases[_i].key);
	cleanup_config struct config c = { 0 };
	cleanup_free char *text = NULL, *line = NULL;
	int r = 0;

	ck_assert_msg(key != NULL, "no key '%s'", cases[_i].key);
	config_init(&c);
	for (size_t i = 0; i < 3 && cases[_i].values[i] && r == 0; i++) {
		struct assignment a = { key->section, key->name, cases[_i].values[i], "o",
					cases[_i].command_line };

		r = key->set(&c, &a);
	}
	if (cases[_i].error) {
		ck_assert_msg(r == -EINVAL, "%s '%s': accepted", cases[_i].key,
			      cases[_i].values[0]);
		ck_assert_int_ge(asprintf(&line, "%s\n", cases[_i].error), 0);
		ck_assert_str_eq(logged_text(), line);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", cases[_i].key, logged_text());
	ck_assert_str_eq(logged_text(), "");
	text = config_text(&c);
	ck_assert_msg(strcmp(text, cases[_i].set) == 0, "%s '%s': %s", cases[_i].key,
		      cases[_i].values[0], text);
}
END_TEST

START_TEST(test_every_limit_has_a_case)
{
	for (size_t k = 0; k < n_keys; k++) {
		bool seen = strcmp(keys[k].section, "limits") != 0;

		for (size_t i = 0; i < ARRAY_LEN(cases) && !seen; i++)
			seen = strcmp(cases[i].key, keys[k].name) == 0;
		ck_assert_msg(seen, "no case for '%s'", keys[k].name);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("setters_limits");
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_limit, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_every_limit_has_a_case);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
