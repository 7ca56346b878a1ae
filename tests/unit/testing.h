/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_TESTING_H
#define TESTS_UNIT_TESTING_H

#include <check.h>

/* What every test program ends with: run, and the exit status of main(). */
int testing_run(Suite *suite);

/*
 * Lines logged since logged_start(), a \n behind each; a warning begins with
 * "warning: ", what only -v shows with "info: ". A checked fixture.
 */
void logged_start(void);
const char *logged_text(void);
void logged_forget(void);

#endif
