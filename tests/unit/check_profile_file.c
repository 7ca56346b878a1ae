/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/profile_file.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "scratch.h"

#define GOOD "[a]\nb = c\n"

/* Somebody else, to whom the superuser can give a file. */
#define OTHER_ID 12345

static int read_path(const char *path)
{
	cleanup_profile_file struct profile_file f = { 0 };

	return profile_file_read(scratch_path(path), &f);
}

static void refused(const char *path, int r, const char *message)
{
	ck_assert_int_eq(read_path(path), r);
	ck_assert_str_eq(scratch_logged(), message);
	scratch_forget();
}

static void accepted(const char *path)
{
	ck_assert_msg(read_path(path) == 0, "%s: %s", path, scratch_logged());
	ck_assert_str_eq(scratch_logged(), "");
}

START_TEST(test_a_file_is_read_whole)
{
	cleanup_profile_file struct profile_file f = { 0 };
	const char *path = scratch_write("@/x.ini", GOOD);

	ck_assert_int_eq(profile_file_read(path, &f), 0);
	ck_assert_str_eq(f.path, path);
	ck_assert_uint_eq(f.size, strlen(GOOD));
	ck_assert_str_eq(f.text, GOOD);
}
END_TEST

START_TEST(test_nothing_there_is_no_message)
{
	scratch_write("@/file", GOOD);
	refused("@/none", -ENOENT, "");
	refused("@/none/none", -ENOENT, "");
	refused("@/file/none", -ENOENT, "");
}
END_TEST

START_TEST(test_only_regular_files)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	cleanup_fd int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* a FIFO nobody writes to: check's timeout would end a test that waits */
	ck_assert_int_eq(mkfifo(scratch_path("@/fifo"), 0600), 0);
	refused("@/fifo", -EINVAL, "profile '@/fifo' is not a regular file\n");

	ck_assert_int_eq(mkdir(scratch_path("@/dir"), 0700), 0);
	refused("@/dir", -EINVAL, "profile '@/dir' is not a regular file\n");

	refused("/dev/zero", -EINVAL, "profile '/dev/zero' is not a regular file\n");
	refused("/dev/null", -EINVAL, "profile '/dev/null' is not a regular file\n");

	ck_assert_int_eq(chdir(scratch_path("@")), 0); /* a socket's path is short */
	strcpy(addr.sun_path, "sock");
	ck_assert_int_eq(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	refused("@/sock", -ENXIO, "cannot open profile '@/sock': No such device or address\n");
}
END_TEST

START_TEST(test_size)
{
	const char *path = scratch_write("@/x.ini", GOOD);

	ck_assert_int_eq(truncate(path, PROFILE_MAX), 0);
	accepted("@/x.ini");
	ck_assert_int_eq(truncate(path, PROFILE_MAX + 1), 0);
	refused("@/x.ini", -EFBIG, "profile '@/x.ini' has more than 256 KiB: File too large\n");
	ck_assert_int_eq(truncate(path, 100 << 20), 0);
	refused("@/x.ini", -EFBIG, "profile '@/x.ini' has more than 256 KiB: File too large\n");
}
END_TEST

START_TEST(test_mode)
{
	const char *path = scratch_write("@/x.ini", GOOD);

	ck_assert_int_eq(chmod(path, 0644), 0);
	accepted("@/x.ini");
	ck_assert_int_eq(chmod(path, 0664), 0); /* our own primary group, as umask 002 makes it */
	accepted("@/x.ini");
	ck_assert_int_eq(chmod(path, 0646), 0);
	refused("@/x.ini", -EPERM,
		"profile '@/x.ini' is writable by everybody (chmod o-w helps)\n");
	ck_assert_int_eq(chmod(path, 0602), 0);
	refused("@/x.ini", -EPERM,
		"profile '@/x.ini' is writable by everybody (chmod o-w helps)\n");
}
END_TEST

START_TEST(test_symbolic_links)
{
	scratch_write("@/real", GOOD);
	ck_assert_int_eq(symlink("real", scratch_path("@/link")), 0);
	accepted("@/link");

	ck_assert_int_eq(symlink("none", scratch_path("@/dangling")), 0);
	refused("@/dangling", -EINVAL, "profile '@/dangling' is a symbolic link to nothing\n");

	ck_assert_int_eq(symlink("b", scratch_path("@/a")), 0);
	ck_assert_int_eq(symlink("a", scratch_path("@/b")), 0);
	refused("@/a", -ELOOP, "cannot open profile '@/a': Too many levels of symbolic links\n");

	ck_assert_int_eq(symlink("/dev/zero", scratch_path("@/zero")), 0);
	refused("@/zero", -EINVAL, "profile '@/zero' is not a regular file\n");
}
END_TEST

/*
 * The superuser becomes an ordinary one; others stay who they are. False for
 * the root of a user namespace that has no second id.
 */
static bool become_ordinary(void)
{
	if (geteuid() != 0)
		return true;
	if (setresgid(OTHER_ID, OTHER_ID, OTHER_ID) < 0) {
		printf("check_profile_file: no ordinary user here, that part is left out\n");
		return false;
	}
	ck_assert_int_eq(setresuid(OTHER_ID, OTHER_ID, OTHER_ID), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0); /* else /proc/self is root's */
	return true;
}

/* Only who has more than one id can make such files; without, say so and pass. */
static bool give_away(const char *path, uid_t uid, gid_t gid)
{
	if (lchown(path, uid, gid) == 0)
		return true;
	printf("check_profile_file: cannot give a file away here, that part is left out\n");
	return false;
}

START_TEST(test_owner)
{
	const char *path = scratch_write("@/x.ini", GOOD);

	if (!give_away(path, OTHER_ID, (gid_t)-1))
		return;
	refused("@/x.ini", -EPERM,
		"profile '@/x.ini' belongs to uid 12345, neither to you nor to root\n");

	/* a link of our own to a file that is not */
	ck_assert_int_eq(symlink("x.ini", scratch_path("@/link")), 0);
	refused("@/link", -EPERM,
		"profile '@/link' belongs to uid 12345, neither to you nor to root\n");

	ck_assert_int_eq(chmod(path, 0644), 0);
	if (!become_ordinary())
		return;
	accepted("@/x.ini");
	accepted("/proc/version"); /* root's */
}
END_TEST

START_TEST(test_group)
{
	const char *path = scratch_write("@/x.ini", GOOD);

	if (!give_away(path, (uid_t)-1, OTHER_ID + 1))
		return;
	ck_assert_int_eq(chmod(path, 0664), 0);
	refused("@/x.ini", -EPERM,
		"profile '@/x.ini' is writable by group 12346 (chmod g-w helps)\n");
	ck_assert_int_eq(chmod(path, 0644), 0);
	accepted("@/x.ini");
}
END_TEST

START_TEST(test_unreadable)
{
	const char *path = scratch_write("@/x.ini", GOOD);

	scratch_write("@/closed/x.ini", GOOD);
	ck_assert_int_eq(chmod(path, 0), 0);
	ck_assert_int_eq(chmod(scratch_path("@/closed"), 0), 0);
	if (!become_ordinary())
		return;
	refused("@/x.ini", -EACCES, "cannot open profile '@/x.ini': Permission denied\n");
	refused("@/closed/x.ini", -EACCES,
		"cannot open profile '@/closed/x.ini': Permission denied\n");
}
END_TEST

START_TEST(test_root_without_a_name_here)
{
	cleanup_free char *map = NULL;
	struct stat st;

	(void)become_ordinary(); /* one id is enough here */
	map = xasprintf("7 %u 1", geteuid());
	if (unshare(CLONE_NEWUSER) < 0) {
		ck_assert_ptr_null(getenv("SANDBOX_TEST_STRICT"));
		printf("check_profile_file: no user namespaces, their part is left out\n");
		return;
	}
	ck_assert_int_eq(fs_write_file(AT_FDCWD, "/proc/self/uid_map", map), 0);
	ck_assert_int_eq(geteuid(), 7);
	if (stat("/proc/version", &st) < 0 || st.st_uid == 7)
		return; /* a map of one id of a map of one id: everything is ours */
	ck_assert_uint_ne(st.st_uid, 0);
	accepted("/proc/version");
}
END_TEST

/* What iniparser makes of text must be what keys say; no text that is scanned gets so far. */
static const struct {
	const char *what, *text, *scanned, *error;
} differences[] = {
	{ "the same", "[a]\nb = c\n", "[a]\nb = c\n", NULL },
	{ "one more", "[a]\nb = c\nd = e\n", "[a]\nb = c\n",
	  "@/x.ini: iniparser finds 2 keys where there are 1\n" },
	{ "one less", "[a]\nb = c\n# d = e \\\nf = g\n", "[a]\nb = c\nf = g\n",
	  "@/x.ini: iniparser finds 1 keys where there are 2\n" },
	{ "a key dropped", "[a]\nb = c\nb = d\n", "[a]\nb = c\ne = d\n",
	  "@/x.ini: iniparser finds 1 keys where there are 2\n" },
	{ "a value cut", "[a]\nb = c;d\n", "[a]\nb = 'c;d'\n",
	  "@/x.ini:2: iniparser reads 'b' as 'c'\n" },
	{ "another name", "[a]\nb = c\n", "[a]\nbe = c\n",
	  "@/x.ini:2: iniparser reads 'be' as ''\n" },
	{ "another section", "[a]\nb = c\n", "[b]\nb = c\n",
	  "@/x.ini:2: iniparser reads 'b' as ''\n" },
	{ "a line it refuses", "[a]\nb = c\nd\n", "[a]\nb = c\n",
	  "@/x.ini: iniparser cannot read it\n" },
};

START_TEST(test_iniparser_reads_the_same)
{
	cleanup_file FILE *chatter = freopen(scratch_path("@/stderr"), "we", stderr);
	cleanup_profile_file struct profile_file f = { 0 };
	int r;

	f.path = xstrdup(scratch_path("@/x.ini"));
	f.text = xstrdup(differences[_i].text);
	f.size = strlen(f.text);
	ck_assert_int_eq(ini_scan(f.path, differences[_i].scanned, strlen(differences[_i].scanned),
				  &f.ini),
			 0);
	r = profile_file_parse(&f);
	ck_assert_int_eq(ftell(chatter), 0); /* the line is ours to say */
	if (!differences[_i].error) {
		ck_assert_int_eq(r, 0);
		ck_assert_str_eq(profile_file_value(&f, &f.ini.keys[0]), "c");
		return;
	}
	ck_assert_msg(r == -EINVAL, "%s: %d", differences[_i].what, r);
	ck_assert_str_eq(scratch_logged(), differences[_i].error);
}
END_TEST

START_TEST(test_the_bytes_that_were_checked_are_the_ones_parsed)
{
	cleanup_profile_file struct profile_file f = { 0 };
	const char *path = scratch_write("@/x.ini", GOOD);

	ck_assert_int_eq(profile_file_read(path, &f), 0);
	ck_assert_int_eq(profile_file_scan(&f), 0);
	scratch_write("@/x.ini", "[a]\nb = changed\n");
	ck_assert_int_eq(profile_file_parse(&f), 0);
	ck_assert_str_eq(profile_file_value(&f, &f.ini.keys[0]), "c");
}
END_TEST

/* One descriptor is left, then none: it is not the text that is wrong. */
START_TEST(test_out_of_descriptors)
{
	cleanup_profile_file struct profile_file f = { 0 };
	int next = dup(STDIN_FILENO);
	struct rlimit before, limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	ck_assert_int_eq(profile_file_read(scratch_write("@/x.ini", GOOD), &f), 0);
	ck_assert_int_eq(profile_file_scan(&f), 0);
	close(next);
	limit.rlim_cur = (rlim_t)next + 1 - (rlim_t)_i;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(profile_file_parse(&f), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before),
			 0); /* leaks are looked for at the end */
	ck_assert_str_eq(scratch_logged(), "cannot read profile '@/x.ini': Too many open files "
					   "(ulimit -n raises the limit)\n");
}
END_TEST

static TCase *cases(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_test(tc, test_a_file_is_read_whole);
	tcase_add_test(tc, test_nothing_there_is_no_message);
	tcase_add_test(tc, test_only_regular_files);
	tcase_add_test(tc, test_size);
	tcase_add_test(tc, test_mode);
	tcase_add_test(tc, test_symbolic_links);
	tcase_add_test(tc, test_owner);
	tcase_add_test(tc, test_group);
	tcase_add_test(tc, test_unreadable);
	tcase_add_test(tc, test_root_without_a_name_here);
	tcase_add_loop_test(tc, test_iniparser_reads_the_same, 0, (int)ARRAY_LEN(differences));
	tcase_add_test(tc, test_the_bytes_that_were_checked_are_the_ones_parsed);
	tcase_add_loop_test(tc, test_out_of_descriptors, 0, 2);
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("profile_file");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
