/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static char logged[65536];

int testing_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void remember(enum log_level level, const char *line)
{
	static const char *const before[] = { "", "warning: ", "info: ", "debug: " };
	size_t n = strlen(logged);

	snprintf(logged + n, sizeof(logged) - n, "%s%s\n", before[level], line);
}

void logged_start(void)
{
	logged_forget();
	log_set_sink(remember);
}

const char *logged_text(void)
{
	return logged;
}

void logged_forget(void)
{
	*logged = '\0';
}
