/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdarg.h>
#include <sys/types.h>

/*
 * For tests about files: a directory of each test's own, written "@" here and
 * in what was logged.
 *
 *	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
 *	tcase_add_checked_fixture(tc, scratch_enter, NULL);
 */
void scratch_make(void);
void scratch_remove(void);
void scratch_enter(void);

/* "@/a/b" as a real path. Storage of the test process, never freed. */
const char *scratch_path(const char *path);

/* Write a file of mode 0600 and the directories above it. Returns its real path. */
const char *scratch_write(const char *path, const char *text);

/* text with the real directory written "@". Caller frees. */
char *scratch_mask(const char *text);

/* All lines logged since the test began, masked, a \n behind each. */
const char *scratch_logged(void);
void scratch_forget(void);

#endif
