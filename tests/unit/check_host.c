/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked about paths; the gathering itself is this machine's. */
#include "plan/host.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "scratch.h"
#include "testing.h"

static const struct {
	const char *path, *real;
	enum file_type type;
} paths[] = {
	{ "/", "/", FILE_DIR },
	{ "/etc/passwd", "/etc/passwd", FILE_REGULAR },
	{ "/bin", "/usr/bin", FILE_DIR },
	{ "/bin/sh", "/usr/bin/sh", FILE_REGULAR },
	{ "/etc/localtime", "/usr/share/zoneinfo/UTC", FILE_REGULAR },
	{ "/l/up", "/etc/passwd", FILE_REGULAR },
	{ "/l/chain", "/etc/passwd", FILE_REGULAR },
	{ "/l/chain/x", "/etc/passwd/x", FILE_ABSENT },
	{ "/l/dir/passwd", "/etc/passwd", FILE_REGULAR },
	{ "/l/root/etc", "/etc", FILE_DIR },
	{ "/l/root", "/", FILE_DIR },
	{ "/l/dangling", "/l/none/at/all", FILE_ABSENT },
	{ "/l/dangling/below", "/l/none/at/all/below", FILE_ABSENT },
	{ "/none/at/all", "/none/at/all", FILE_ABSENT },
	{ "/dev/null", "/dev/null", FILE_DEVICE },
	{ "/l/fifo", "/l/fifo", FILE_OTHER },
	{ "/dev/fd/5", "/proc/self/fd/5", FILE_REGULAR },
};

static void add_links(struct host *h)
{
	fake_host(h);
	fake_files("/l/up@../etc/./passwd /l/chain@up /l/dir@/etc /l/root@.. /l/fifo| "
		   "/l/dangling@none/at/all /l/loop@loop /l/a@b /l/b@./a");
}

START_TEST(test_canonical)
{
	cleanup_host struct host h = { 0 };
	cleanup_free char *real = NULL;

	add_links(&h);
	real = host_canonical(&h, paths[_i].path);
	ck_assert_str_eq(real, paths[_i].real);
	ck_assert_msg(host_type_of(&h, paths[_i].path) == paths[_i].type, "%s: %u", paths[_i].path,
		      host_type_of(&h, paths[_i].path));
}
END_TEST

START_TEST(test_loops_end)
{
	static const char *const loops[] = { "/l/loop", "/l/a", "/l/a/x", "/l/loop/y" };
	cleanup_host struct host h = { 0 };

	add_links(&h);
	for (size_t i = 0; i < ARRAY_LEN(loops); i++) {
		cleanup_free char *real = host_canonical(&h, loops[i]);

		ck_assert_int_eq(*real, '/');
		ck_assert_int_eq(host_type_of(&h, loops[i]), FILE_ABSENT);
	}
}
END_TEST

/* Each link says the next one twice: what a program may leave in a directory of ours. */
START_TEST(test_links_that_double_do_not_take_for_ever)
{
	cleanup_host struct host h = { 0 };
	cleanup_free char *real = NULL;

	fake_host(&h);
	for (int i = 0; i < 39; i++) {
		cleanup_free char *words = xasprintf("/l/n%d@n%d/../n%d", i, i + 1, i + 1);

		fake_files(words);
	}
	fake_files("/l/n39/");
	real = host_canonical(&h, "/l/n0");
	ck_assert_ptr_nonnull(real);
	ck_assert_uint_lt(fake_looks(), 10000);
}
END_TEST

START_TEST(test_getenv)
{
	cleanup_host struct host h = { 0 };

	fake_host(&h);
	strv_add(&h.env, "EMPTY=");
	ck_assert_str_eq(host_getenv(&h, "LANG"), "C.UTF-8");
	ck_assert_str_eq(host_getenv(&h, "EMPTY"), "");
	ck_assert_ptr_null(host_getenv(&h, "LAN"));
	ck_assert_ptr_null(host_getenv(&h, "LANGUAGE"));
}
END_TEST

/* What was found, masked, in any order: " a b " with a blank on each side. */
static char *private_files_of(const char *const *shown)
{
	cleanup_host struct host h = { 0 };
	char *found = xstrdup(" ");

	host_find_private_files(&h, shown);
	for (size_t i = 0; i < h.private_files.n; i++) {
		cleanup_free char *masked = scratch_mask(h.private_files.v[i]);
		char *longer = xasprintf("%s%s ", found, masked);

		free(found);
		found = longer;
	}
	return found;
}

START_TEST(test_what_others_cannot_read_is_found)
{
	const char *dirs[] = { scratch_path("@/etc"), NULL };
	cleanup_free char *found = NULL;

	ck_assert_int_eq(chmod(scratch_write("@/etc/shadow", ""), 0640), 0);
	ck_assert_int_eq(chmod(scratch_write("@/etc/passwd", ""), 0644), 0);
	scratch_write("@/etc/ssl/private/key", ""); /* which is hidden with its directory */
	ck_assert_int_eq(chmod(scratch_path("@/etc/ssl/private"), 0700), 0);
	ck_assert_int_eq(chmod(scratch_write("@/etc/ssl/open", ""), 0604), 0);
	ck_assert_int_eq(chmod(scratch_write("@/etc/searched/key", ""), 0600), 0);
	ck_assert_int_eq(chmod(scratch_path("@/etc/searched"), 0711), 0);
	ck_assert_int_eq(symlink("shadow", scratch_path("@/etc/link")), 0);
	ck_assert_int_eq(symlink("ssl", scratch_path("@/etc/dir-link")), 0);
	found = private_files_of(dirs);
	ck_assert_uint_eq(strlen(found),
			  strlen(" @/etc/shadow @/etc/ssl/private @/etc/searched/key "));
	ck_assert_ptr_nonnull(strstr(found, " @/etc/shadow "));
	ck_assert_ptr_nonnull(strstr(found, " @/etc/ssl/private "));
	ck_assert_ptr_nonnull(strstr(found, " @/etc/searched/key "));
}
END_TEST

/* A bind may show one file, or a directory that is private itself; or what is gone by now. */
START_TEST(test_private_paths_themselves)
{
	static const struct {
		const char *path, *found;
	} cases[] = {
		{ "@/a/key", " @/a/key " },
		{ "@/a/open", " " },
		{ "@/a/dir", " @/a/dir " },
		{ "@/a/dir/inner", " " },
		{ "@/none", " " },
		{ "@/a/key/below", " " },
		{ "@/a/plain", " @/a/plain/key " },
		{ "@/a/fifo", " @/a/fifo " },
	};

	scratch_write("@/a/key", "");
	ck_assert_int_eq(chmod(scratch_write("@/a/open", ""), 0644), 0);
	ck_assert_int_eq(chmod(scratch_write("@/a/dir/inner", ""), 0644), 0);
	ck_assert_int_eq(chmod(scratch_path("@/a/dir"), 0750), 0);
	scratch_write("@/a/plain/key", "");
	ck_assert_int_eq(chmod(scratch_path("@/a/plain"), 0755), 0);
	ck_assert_int_eq(mkfifo(scratch_path("@/a/fifo"), 0600), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *shown[] = { scratch_path(cases[i].path), NULL };
		cleanup_free char *found = private_files_of(shown);

		ck_assert_str_eq(found, cases[i].found);
	}
}
END_TEST

/* This machine, seen by host_probe() and by asking again. */
START_TEST(test_probe)
{
	cleanup_host struct host h = { 0 };
	cleanup_strv struct strv names = { 0 };
	cleanup_free char *link = NULL;

	scratch_write("@/d/b", "");
	scratch_write("@/d/a", "");
	ck_assert_int_eq(symlink("a", scratch_path("@/d/c")), 0);
	ck_assert_int_eq(chdir(scratch_path("@/d")), 0);
	ck_assert_int_eq(setenv("HOME", scratch_path("@"), 1), 0);
	ck_assert_int_eq(setenv("XDG_CACHE_HOME", "/c//x/", 1), 0);
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	umask(027);
	host_probe(&h);
	ck_assert_uint_eq(h.uid, getuid());
	ck_assert_uint_eq(h.umask, 027);
	ck_assert_uint_eq(umask(0), 027);
	ck_assert_str_eq(h.cwd, scratch_path("@/d"));
	ck_assert_str_eq(h.home, scratch_path("@"));
	ck_assert_str_eq(h.cache_dir, "/c/x/sandbox");
	ck_assert_str_eq(h.config_dir, scratch_path("@/.config/sandbox"));
	ck_assert_int_eq(h.list(h.cwd, &names), 0);
	ck_assert_uint_eq(names.n, 3);
	ck_assert_str_eq(names.v[0], "a");
	ck_assert_str_eq(names.v[2], "c");
	ck_assert_int_eq(h.list("/nowhere", &names), -ENOENT);
	ck_assert_int_eq(h.look(scratch_path("@/d/c"), &link), FILE_SYMLINK);
	ck_assert_str_eq(link, "a");
	ck_assert_int_eq(h.look("/dev/null", NULL), FILE_DEVICE);
	ck_assert_int_eq(h.look("/nowhere", NULL), FILE_ABSENT);
}
END_TEST

/* HOME is what the caller says, the other what the user database does; both without links. */
START_TEST(test_two_homes)
{
	static const char *const useless[] = { NULL, "", "relative" };
	cleanup_host struct host h = { 0 };
	const struct passwd *pw = getpwuid(getuid());
	cleanup_free char *real = pw ? realpath(pw->pw_dir, NULL) : NULL;

	scratch_write("@/real/file", "");
	ck_assert_int_eq(symlink("real", scratch_path("@/link")), 0);
	ck_assert_int_eq(setenv("HOME", scratch_path("@/link"), 1), 0);
	host_probe(&h);
	ck_assert_str_eq(h.home, scratch_path("@/real"));
	if (!real)
		return;
	ck_assert_str_eq(h.login_home, real);
	for (size_t i = 0; i < ARRAY_LEN(useless); i++) {
		cleanup_host struct host other = { 0 };

		ck_assert_int_eq(useless[i] ? setenv("HOME", useless[i], 1) : unsetenv("HOME"), 0);
		host_probe(&other);
		ck_assert_str_eq(other.home, real);
		ck_assert_str_eq(other.login_home, real);
	}
}
END_TEST

/* Programs of this name, wherever the caller's PATH has them, are not started. */
START_TEST(test_helpers_are_not_looked_for_in_path)
{
	cleanup_host struct host h = { 0 };

	ck_assert_int_eq(chmod(scratch_write("@/bin/newuidmap", "#!/bin/sh\n"), 0755), 0);
	ck_assert_int_eq(setenv("PATH", scratch_path("@/bin"), 1), 0);
	host_probe(&h);
	ck_assert(!h.newuidmap.path ||
		  strncmp(h.newuidmap.path, scratch_path("@"), strlen(scratch_path("@"))) != 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host");
	TCase *tc = tcase_create("paths"), *here = tcase_create("here");

	tcase_add_loop_test(tc, test_canonical, 0, (int)ARRAY_LEN(paths));
	tcase_add_test(tc, test_loops_end);
	tcase_add_test(tc, test_links_that_double_do_not_take_for_ever);
	tcase_add_test(tc, test_getenv);
	suite_add_tcase(suite, tc);

	tcase_add_unchecked_fixture(here, scratch_make, scratch_remove);
	tcase_add_checked_fixture(here, scratch_enter, NULL);
	tcase_add_test(here, test_what_others_cannot_read_is_found);
	tcase_add_test(here, test_private_paths_themselves);
	tcase_add_test(here, test_probe);
	tcase_add_test(here, test_two_homes);
	tcase_add_test(here, test_helpers_are_not_looked_for_in_path);
	suite_add_tcase(suite, here);
	return testing_run(suite);
}
