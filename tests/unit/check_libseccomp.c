/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/libseccomp.h"

#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "scratch.h"

#define PACKAGES                                                                        \
	" (install the package libseccomp2 on Debian, Ubuntu and openSUSE, libseccomp " \
	"on Fedora, Arch and Alpine)\n"

START_TEST(test_open)
{
	cleanup_libseccomp struct libseccomp lib = { 0 };
	struct stat st;

	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	ck_assert_int_eq(*lib.path, '/');
	ck_assert_int_eq(stat(lib.path, &st), 0);
	ck_assert_uint_ge(lib.version()->major, 2);
	ck_assert_uint_ge(lib.api_get(), 1);
	ck_assert_str_eq(scratch_logged(), "");
}
END_TEST

/* A member without a row in the table would be a call of NULL one day. */
START_TEST(test_every_function_is_filled_in)
{
	cleanup_libseccomp struct libseccomp lib = { 0 };

	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	for (size_t i = 0; i < sizeof(lib); i += sizeof(void *)) {
		void *member;

		memcpy(&member, (char *)&lib + i, sizeof(member));
		ck_assert_msg(member != NULL, "offset %zu", i);
	}
}
END_TEST

static const struct {
	const char *what, *name, *error;
} missing[] = {
	{ "no library", "libseccomp-none.so.2",
	  "cannot load the compiler of system call filters: libseccomp-none.so.2: cannot open "
	  "shared object file: No such file or directory" PACKAGES },
	{ "not a library", "@/text",
	  "cannot load the compiler of system call filters: @/text: file too short" PACKAGES },
	{ "not in the current directory", "text",
	  "cannot load the compiler of system call filters: text: cannot open shared object "
	  "file: No such file or directory" PACKAGES },
};

START_TEST(test_missing)
{
	struct libseccomp lib = { .path = "untouched" };
	const char *name = missing[_i].name;

	(void)scratch_write("@/text", "text\n");
	ck_assert_int_eq(chdir(scratch_path("@/")), 0);
	if (*name == '@')
		name = scratch_path(name);
	ck_assert_int_eq(libseccomp_open(name, &lib), -ELIBACC);
	ck_assert_str_eq(scratch_logged(), missing[_i].error);
	ck_assert_str_eq(lib.path, "untouched");
}
END_TEST

/* The first that the table asks for is the one that is named. */
START_TEST(test_a_library_without_the_functions)
{
	struct libseccomp lib = { .path = "untouched" };

	ck_assert_int_eq(libseccomp_open("libc.so.6", &lib), -ELIBACC);
	ck_assert_ptr_nonnull(strstr(scratch_logged(), "undefined symbol: seccomp_api_get"));
	ck_assert_ptr_nonnull(strstr(scratch_logged(), PACKAGES));
	ck_assert_str_eq(lib.path, "untouched");
}
END_TEST

START_TEST(test_close_takes_anything)
{
	struct libseccomp lib = { 0 };

	libseccomp_close(&lib);
	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	libseccomp_close(&lib);
	libseccomp_close(&lib);
	ck_assert_ptr_null(lib.handle);
	ck_assert_ptr_null(lib.version);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("libseccomp");
	TCase *tc = tcase_create("libseccomp");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_test(tc, test_open);
	tcase_add_test(tc, test_every_function_is_filled_in);
	tcase_add_loop_test(tc, test_missing, 0, (int)ARRAY_LEN(missing));
	tcase_add_test(tc, test_a_library_without_the_functions);
	tcase_add_test(tc, test_close_takes_anything);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
