/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scratch.h"
#include "testing.h"

static const struct {
	const char *path, *clean; /* NULL: refused */
} paths[] = {
	{ "/", "/" },
	{ "//", "/" },
	{ "/.", "/" },
	{ "/a//b/./c/", "/a/b/c" },
	{ "/a/.b/..c/...", "/a/.b/..c/..." },
	{ "/a b\t", "/a b\t" },
	{ "/./././x", "/x" },
	{ "", NULL },
	{ "a", NULL },
	{ "./a", NULL },
	{ "..", NULL },
	{ "/..", NULL },
	{ "/a/../b", NULL },
	{ "/a/b/..", NULL },
	{ "/../../etc", NULL },
};

START_TEST(test_normalize)
{
	cleanup_free char *clean = fs_normalize(paths[_i].path);

	ck_assert_pstr_eq(clean, paths[_i].clean);
}
END_TEST

START_TEST(test_below)
{
	ck_assert(fs_is_below("/a/b", "/a"));
	ck_assert(fs_is_below("/a", "/a"));
	ck_assert(fs_is_below("/a", "/"));
	ck_assert(fs_is_below("/", "/"));
	ck_assert(!fs_is_below("/ab", "/a"));
	ck_assert(!fs_is_below("/", "/a"));
	ck_assert(!fs_is_below("/a", "/a/b"));
	ck_assert(!fs_is_below("/usr-local", "/usr"));
}
END_TEST

START_TEST(test_read_all_has_a_limit)
{
	const char *path = scratch_write("@/f", "12345");
	cleanup_free char *text = NULL;
	size_t size = 77;

	ck_assert_int_eq(fs_read_file(AT_FDCWD, path, 4, &text, &size), -EFBIG);
	ck_assert_ptr_null(text);
	ck_assert_uint_eq(size, 77);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, path, 5, &text, &size), 0);
	ck_assert_uint_eq(size, 5);
	ck_assert_str_eq(text, "12345");
}
END_TEST

START_TEST(test_read_all_grows)
{
	cleanup_fd int fd = open(scratch_write("@/f", ""), O_RDWR | O_CLOEXEC);
	cleanup_free char *text = NULL;
	static char block[1021];
	size_t size;

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(fs_write_all(fd, block, sizeof(block)), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(fs_read_all(fd, 1 << 20, &text, &size), 0);
	ck_assert_uint_eq(size, 100 * sizeof(block));
	ck_assert_uint_eq(strlen(text), size);
}
END_TEST

/* /dev/zero and a FIFO without a writer would never end. */
START_TEST(test_read_file_takes_regular_files_only)
{
	cleanup_free char *text = NULL;

	ck_assert_int_eq(mkfifo(scratch_path("@/fifo"), 0600), 0);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, scratch_path("@/fifo"), 9, &text, NULL), -EINVAL);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, "/dev/zero", 9, &text, NULL), -EINVAL);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, scratch_path("@"), 9, &text, NULL), -EINVAL);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, scratch_path("@/none"), 9, &text, NULL), -ENOENT);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(test_write_file_makes_none)
{
	const char *path = scratch_write("@/f", "");
	cleanup_free char *text = NULL;

	ck_assert_int_eq(fs_write_file(AT_FDCWD, path, "x\n"), 0);
	ck_assert_int_eq(fs_read_file(AT_FDCWD, path, 9, &text, NULL), 0);
	ck_assert_str_eq(text, "x\n");
	ck_assert_int_eq(fs_write_file(AT_FDCWD, scratch_path("@/none"), "x"), -ENOENT);
	ck_assert_int_eq(access(scratch_path("@/none"), F_OK), -1);
	ck_assert_int_eq(fs_write_file(AT_FDCWD, "/dev/full", "x"), -ENOSPC);
}
END_TEST

/*
 * A root with what an attacker would leave there, and beside it, outside, a
 * directory that nothing may touch.
 */
static int root;

static void make_root(void)
{
	scratch_enter();
	scratch_write("@/outside/canary", "canary");
	scratch_write("@/root/dir/file", "inside");
	ck_assert_int_eq(symlink(scratch_path("@/outside"), scratch_path("@/root/absolute")), 0);
	ck_assert_int_eq(symlink("../outside", scratch_path("@/root/relative")), 0);
	ck_assert_int_eq(symlink("dir", scratch_path("@/root/inner")), 0);
	ck_assert_int_eq(symlink("dir/file", scratch_path("@/root/inner-file")), 0);
	ck_assert_int_eq(symlink("/nowhere", scratch_path("@/root/dangling")), 0);
	ck_assert_int_eq(mkfifo(scratch_path("@/root/fifo"), 0600), 0);
	root = open(scratch_path("@/root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
}

/* Nothing came to the directory outside. */
static void check_outside(void)
{
	ck_assert_int_eq(unlink(scratch_path("@/outside/canary")), 0);
	ck_assert_msg(rmdir(scratch_path("@/outside")) == 0, "something was made outside: %m");
}

static const struct {
	const char *path;
	int r; /* 0: an fd */
} opens[] = {
	{ "/", 0 },
	{ "/dir", 0 },
	{ "dir/file", 0 },
	{ "/dir/file", 0 },
	{ "/dir/../dir/file", 0 },
	{ "/../../dir/file", 0 }, /* ".." ends at the root, as in a chroot */
	{ "/none", -ENOENT },
	{ "/dir/file/x", -ENOTDIR },
	{ "/absolute", -ELOOP },
	{ "/absolute/canary", -ELOOP },
	{ "/relative", -ELOOP },
	{ "/relative/canary", -ELOOP },
	{ "/inner", -ELOOP },
	{ "/inner/file", -ELOOP },
	{ "/inner-file", -ELOOP },
	{ "/dangling", -ELOOP },
	{ "/../outside/canary", -ENOENT },
};

START_TEST(test_open_in_root)
{
	cleanup_fd int fd = fs_open_in_root(root, opens[_i].path, O_PATH);

	if (opens[_i].r == 0) {
		ck_assert_msg(fd >= 0, "%s: %s", opens[_i].path, strerror(-fd));
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	} else {
		ck_assert_msg(fd == opens[_i].r, "%s: %d", opens[_i].path, fd);
	}
}
END_TEST

START_TEST(test_open_takes_no_magic_link)
{
	cleanup_fd int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int fd = fs_open_in_root(proc, "/cwd", O_PATH);

	ck_assert_int_eq(fd, -ELOOP);
}
END_TEST

static const struct {
	const char *path;
	enum fs_make make;
	int r;
} makes[] = {
	{ "/", FS_MAKE_DIR, 0 },
	{ "/a", FS_MAKE_DIR, 0 },
	{ "/a/b/c/d", FS_MAKE_DIR, 0 },
	{ "/a/b/", FS_MAKE_DIR, 0 },
	{ "/f", FS_MAKE_FILE, 0 },
	{ "/a/b/f", FS_MAKE_FILE, 0 },
	{ "/dir/new", FS_MAKE_DIR, 0 },
	{ "/dir/file", FS_MAKE_FILE, 0 },
	{ "/dir", FS_MAKE_DIR, 0 },
	{ "/dir/file/x", FS_MAKE_DIR, -ENOTDIR },
	{ "/dir/file/x", FS_MAKE_FILE, -ENOTDIR },
	{ "/fifo/x", FS_MAKE_DIR, -ENOTDIR },
	{ "/absolute", FS_MAKE_DIR, -ELOOP },
	{ "/absolute/x", FS_MAKE_DIR, -ELOOP },
	{ "/absolute/x", FS_MAKE_FILE, -ELOOP },
	{ "/absolute/x/y/z", FS_MAKE_FILE, -ELOOP },
	{ "/relative/x", FS_MAKE_DIR, -ELOOP },
	{ "/relative/x/y", FS_MAKE_FILE, -ELOOP },
	{ "/inner/x", FS_MAKE_DIR, -ELOOP },
	{ "/dangling", FS_MAKE_FILE, -ELOOP },
	{ "/dangling", FS_MAKE_DIR, -ELOOP },
	{ "/dangling/x", FS_MAKE_DIR, -ELOOP },
};

START_TEST(test_make_in_root)
{
	cleanup_fd int fd = fs_make_in_root(root, makes[_i].path, makes[_i].make);
	struct stat st, again;

	if (makes[_i].r < 0) {
		ck_assert_msg(fd == makes[_i].r, "%s: %d", makes[_i].path, fd);
		return;
	}
	ck_assert_msg(fd >= 0, "%s: %s", makes[_i].path, strerror(-fd));
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(makes[_i].make == FS_MAKE_DIR ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode));
	/* it lies where it was asked for */
	ck_assert_int_eq(fstatat(root, makes[_i].path[1] ? makes[_i].path + 1 : ".", &again, 0), 0);
	ck_assert_uint_eq(st.st_ino, again.st_ino);
}
END_TEST

static const struct {
	const char *name;
	int r;
} children[] = {
	{ "dir", 0 },		{ "fifo", 0 },	     { "none", -ENOENT }, { "absolute", -ELOOP },
	{ "relative", -ELOOP }, { "inner", -ELOOP }, { "..", -EXDEV },	  { "/dir", -EXDEV },
};

START_TEST(test_child)
{
	cleanup_fd int fd = fs_open_child(root, children[_i].name, O_PATH), made = -EBADF;

	ck_assert_msg(children[_i].r < 0 ? fd == children[_i].r : fd >= 0, "%s: %d",
		      children[_i].name, fd);
	made = fs_make_child(root, children[_i].name, FS_MAKE_DIR);
	if (children[_i].r == 0 || children[_i].r == -ENOENT)
		ck_assert_msg(made >= 0, "%s: %d", children[_i].name, made);
	else
		ck_assert_msg(made == children[_i].r, "%s: %d", children[_i].name, made);
}
END_TEST

/* Only search permission on the way (the back-port that broke 0711 parents). */
START_TEST(test_parent_that_cannot_be_listed)
{
	cleanup_fd int fd = -EBADF;

	ck_assert_int_eq(mkdir(scratch_path("@/root/x"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("@/root/x/y"), 0700), 0);
	ck_assert_int_eq(chmod(scratch_path("@/root/x"), 0111), 0);
	fd = fs_make_in_root(root, "/x/y/z", FS_MAKE_DIR);
	ck_assert_msg(fd >= 0, "%s", strerror(-fd));
	ck_assert_int_eq(chmod(scratch_path("@/root/x"), 0700), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fs");
	TCase *tc = tcase_create("paths"), *in_root = tcase_create("in root");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, scratch_enter, NULL);
	tcase_add_loop_test(tc, test_normalize, 0, (int)ARRAY_LEN(paths));
	tcase_add_test(tc, test_below);
	tcase_add_test(tc, test_read_all_has_a_limit);
	tcase_add_test(tc, test_read_all_grows);
	tcase_add_test(tc, test_read_file_takes_regular_files_only);
	tcase_add_test(tc, test_write_file_makes_none);
	suite_add_tcase(suite, tc);

	tcase_add_unchecked_fixture(in_root, scratch_make, scratch_remove);
	tcase_add_checked_fixture(in_root, make_root, check_outside);
	tcase_add_loop_test(in_root, test_open_in_root, 0, (int)ARRAY_LEN(opens));
	tcase_add_test(in_root, test_open_takes_no_magic_link);
	tcase_add_loop_test(in_root, test_make_in_root, 0, (int)ARRAY_LEN(makes));
	tcase_add_loop_test(in_root, test_child, 0, (int)ARRAY_LEN(children));
	tcase_add_test(in_root, test_parent_that_cannot_be_listed);
	suite_add_tcase(suite, in_root);
	return testing_run(suite);
}
