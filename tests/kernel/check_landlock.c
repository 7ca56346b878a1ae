/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/landlock.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "base/syscalls.h"
#include "kernel/caps.h"
#include "mount_scene.h"
#include "userns.h"

#define ABI_SCOPES 6

/*
 * /tmp/w may be written, /tmp/x executed, /tmp/r neither; each test enters the
 * domain itself, so that it can look first.
 */
static struct landlock_tree trees[] = {
	{ (char *)"/tmp/w", LANDLOCK_WRITE },	   { (char *)"/tmp/x", LANDLOCK_EXECUTE },
	{ (char *)"/dev/null", LANDLOCK_DEVICES }, { (char *)"/usr", LANDLOCK_EXECUTE },
	{ (char *)"/tmp/none", LANDLOCK_WRITE }, /* optional mounts may be missing */
	{ (char *)"/lib", LANDLOCK_EXECUTE },	 /* the last two only where /usr is not merged */
	{ (char *)"/lib64", LANDLOCK_EXECUTE },
};

static int abi;
static size_t n_trees;

static void make_scene(void)
{
	static const char *const dirs[] = { "/tmp/w", "/tmp/w/a", "/tmp/w/b", "/tmp/x", "/tmp/r" };
	struct stat st;

	logged_start();
	userns_enter(CLONE_NEWNS);
	ck_assert_int_eq(mount("t", "/tmp", "tmpfs", 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		char path[64];

		ck_assert_int_eq(mkdir(dirs[i], 0755), 0);
		snprintf(path, sizeof(path), "%s/file", dirs[i]);
		write_text(path, "text\n");
	}
	n_trees = 5;
	for (size_t i = 5; i < ARRAY_LEN(trees); i++)
		if (lstat(trees[i].path, &st) == 0 && S_ISDIR(st.st_mode))
			trees[n_trees++] = trees[i];
}

static void enter(struct plan_landlock *l)
{
	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_msg(landlock_enter(l) == 0, "%s", logged_text());
	ck_assert_str_eq(logged_text(), "");
}

static void enter_files(void)
{
	struct plan_landlock l = { .files = true, .trees = trees, .n_trees = n_trees };

	enter(&l);
}

#define REFUSED(call, err)                                           \
	do {                                                         \
		ck_assert_msg((call) == -1, "%s: it worked", #call); \
		ck_assert_msg(errno == (err), "%s: %m", #call);      \
	} while (0)

START_TEST(test_writing_outside_of_the_trees)
{
	enter_files();
	ck_assert_int_eq(errno_of_write("/tmp/r/file"), EACCES);
	ck_assert_int_eq(errno_of_mkdir("/tmp/r/new"), EACCES);
	REFUSED(open("/tmp/r/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0644), EACCES);
	REFUSED(unlink("/tmp/r/file"), EACCES);
	REFUSED(rename("/tmp/r/file", "/tmp/r/other"), EACCES);
	REFUSED(symlink("x", "/tmp/r/link"), EACCES);
	REFUSED(mkfifo("/tmp/r/fifo", 0644), EACCES);
	if (abi >= 3)
		REFUSED(truncate("/tmp/r/file", 0), EACCES);
	/* reading is the mounts' business */
	ck_assert_str_eq(content_of("/tmp/r/file"), "text\n");
	ck_assert_int_eq(access("/tmp/x/file", R_OK), 0);
}
END_TEST

START_TEST(test_writing_in_a_tree)
{
	enter_files();
	ck_assert_int_eq(errno_of_write("/tmp/w/file"), 0);
	ck_assert_int_eq(errno_of_mkdir("/tmp/w/new"), 0);
	ck_assert_int_eq(rmdir("/tmp/w/new"), 0);
	write_text("/tmp/w/file", "more\n"); /* truncates */
	ck_assert_str_eq(content_of("/tmp/w/file"), "more\n");
	ck_assert_int_eq(symlink("x", "/tmp/w/link"), 0);
	ck_assert_int_eq(mkfifo("/tmp/w/fifo", 0644), 0);
	ck_assert_int_eq(truncate("/tmp/w/a/file", 0), 0);
	ck_assert_int_eq(unlink("/tmp/w/b/file"), 0);
}
END_TEST

/* Every install and every mv: EXDEV would break them. */
START_TEST(test_renaming_across_directories)
{
	enter_files();
	ck_assert_msg(rename("/tmp/w/a/file", "/tmp/w/b/moved") == 0, "%m");
	ck_assert_msg(link("/tmp/w/b/moved", "/tmp/w/a/linked") == 0, "%m");
	ck_assert_msg(rename("/tmp/w/a", "/tmp/w/b/a") == 0, "%m");
	REFUSED(rename("/tmp/w/file", "/tmp/r/moved"), EACCES);
	ck_assert_int_eq(rename("/tmp/r/file", "/tmp/w/taken"), -1);
	ck_assert_int_eq(access("/tmp/r/file", F_OK), 0);
}
END_TEST

static void copy(const char *from, const char *to)
{
	cleanup_fd int in = open(from, O_RDONLY | O_CLOEXEC);
	cleanup_fd int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char block[65536];
	ssize_t n;

	ck_assert(in >= 0 && out >= 0);
	while ((n = read(in, block, sizeof(block))) > 0)
		ck_assert_int_eq(write(out, block, (size_t)n), n);
}

static void exec_from_x(void)
{
	execl("/tmp/x/true", "true", NULL);
	_exit(errno);
}

static void exec_from_w(void)
{
	execl("/tmp/w/true", "true", NULL);
	_exit(errno);
}

START_TEST(test_executing)
{
	copy("/usr/bin/true", "/tmp/x/true");
	copy("/usr/bin/true", "/tmp/w/true");
	ck_assert_int_eq(userns_status_of(exec_from_w), 0);
	enter_files();
	ck_assert_int_eq(userns_status_of(exec_from_x), 0);
	ck_assert_int_eq(WEXITSTATUS(userns_status_of(exec_from_w)), EACCES);
}
END_TEST

static int entropy(const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	int bits;

	ck_assert_msg(fd >= 0, "%s: %m", path);
	return ioctl(fd, RNDGETENTCNT, &bits) == 0 ? 0 : errno;
}

START_TEST(test_devices)
{
	ck_assert_int_eq(entropy("/dev/random"), 0);
	enter_files();
	ck_assert_int_eq(entropy("/dev/random"), abi < 5 ? 0 : EACCES);
	ck_assert_int_eq(errno_of_write("/dev/random"), EACCES);
	ck_assert_int_eq(errno_of_write("/dev/null"), 0);
}
END_TEST

START_TEST(test_devices_that_are_granted)
{
	trees[2].path = (char *)"/dev";
	enter_files();
	ck_assert_int_eq(entropy("/dev/random"), 0);
	ck_assert_int_eq(errno_of_write("/dev/random"), 0);
}
END_TEST

/* "echo > /dev/stdout" with stdout in a file of the host. */
START_TEST(test_standard_output_can_be_opened_again)
{
	int out = open("/tmp/r/out", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	int other = open("/tmp/r/other", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	char path[32];

	ck_assert_int_eq(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	enter_files();
	ck_assert_int_eq(errno_of_write("/proc/self/fd/1"), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", other);
	ck_assert_int_eq(errno_of_write(path), EACCES);
	ck_assert_int_eq(write(other, "x", 1), 1); /* what is open stays so */
}
END_TEST

static void mount_something(void)
{
	_exit(mount("t", "/tmp/w", "tmpfs", 0, NULL) == 0 ? 0 : errno);
}

START_TEST(test_nobody_mounts_in_a_domain_of_files)
{
	ck_assert_int_eq(userns_status_of(mount_something), 0);
	enter_files();
	ck_assert_int_eq(WEXITSTATUS(userns_status_of(mount_something)), EPERM);
}
END_TEST

START_TEST(test_no_domain_at_all)
{
	struct plan_landlock l = { 0 };

	ck_assert_int_eq(landlock_enter(&l), 0); /* not even no_new_privs is needed */
	ck_assert_int_eq(errno_of_write("/tmp/r/file"), 0);
	ck_assert_int_eq(userns_status_of(mount_something), 0);
}
END_TEST

START_TEST(test_without_no_new_privs)
{
	struct plan_landlock l = { .files = true };

	/* who has CAP_SYS_ADMIN may do without */
	ck_assert_int_eq(caps_drop(0), 0);
	ck_assert_int_eq(landlock_enter(&l), -EPERM);
	ck_assert_str_eq(logged_text(),
			 "cannot enter the Landlock domain: Operation not permitted\n");
	ck_assert_int_eq(errno_of_write("/tmp/w/file"), 0);
}
END_TEST

static pid_t idle(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	return pid;
}

static void enter_scopes(bool signal, bool abstract_unix)
{
	struct plan_landlock l = { .scope_signal = signal, .scope_abstract_unix = abstract_unix };

	enter(&l);
}

START_TEST(test_signals_stay_inside)
{
	pid_t before = idle(), after;

	ck_assert_int_eq(kill(before, 0), 0);
	enter_scopes(true, false);
	REFUSED(kill(before, 0), EPERM);
	REFUSED(kill(before, SIGKILL), EPERM);
	after = idle();
	ck_assert_int_eq(kill(after, SIGKILL), 0);
	ck_assert_int_eq(waitpid(after, NULL, 0), after);
	ck_assert_int_eq(errno_of_write("/tmp/r/file"), 0); /* scopes only */
}
END_TEST

START_TEST(test_signals_without_the_scope)
{
	pid_t before = idle();

	enter_scopes(false, true);
	ck_assert_int_eq(kill(before, SIGKILL), 0);
	ck_assert_int_eq(waitpid(before, NULL, 0), before);
}
END_TEST

/* A server, at an abstract address or a path, and what connecting to it gives. */
static void address(struct sockaddr_un *a, socklen_t *size, const char *name)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(a->sun_path + (*name != '/'), name, strlen(name));
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
}

static void serve(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;
	socklen_t size;

	address(&a, &size, name);
	ck_assert_msg(bind(fd, (struct sockaddr *)&a, size) == 0, "%s: %m", name);
	ck_assert_int_eq(listen(fd, 4), 0);
}

static int errno_of_connect(const char *name)
{
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;
	socklen_t size;

	address(&a, &size, name);
	return connect(fd, (struct sockaddr *)&a, size) == 0 ? 0 : errno;
}

START_TEST(test_abstract_sockets_stay_inside)
{
	serve("sandbox-test-outside");
	serve("/tmp/r/socket");
	ck_assert_int_eq(errno_of_connect("sandbox-test-outside"), 0);
	enter_scopes(false, true);
	ck_assert_int_eq(errno_of_connect("sandbox-test-outside"), EPERM);
	ck_assert_int_eq(errno_of_connect("/tmp/r/socket"), 0);
	serve("sandbox-test-inside");
	ck_assert_int_eq(errno_of_connect("sandbox-test-inside"), 0);
}
END_TEST

START_TEST(test_abstract_sockets_without_the_scope)
{
	serve("sandbox-test-outside");
	enter_scopes(true, false);
	ck_assert_int_eq(errno_of_connect("sandbox-test-outside"), 0);
}
END_TEST

static void add_files(TCase *tc)
{
	tcase_add_test(tc, test_writing_outside_of_the_trees);
	tcase_add_test(tc, test_writing_in_a_tree);
	if (abi >= 2)
		tcase_add_test(tc, test_renaming_across_directories);
	tcase_add_test(tc, test_executing);
	tcase_add_test(tc, test_devices);
	tcase_add_test(tc, test_devices_that_are_granted);
	tcase_add_test(tc, test_standard_output_can_be_opened_again);
	tcase_add_test(tc, test_nobody_mounts_in_a_domain_of_files);
	tcase_add_test(tc, test_no_domain_at_all);
	tcase_add_test(tc, test_without_no_new_privs);
}

static void add_scopes(TCase *tc)
{
	tcase_add_test(tc, test_signals_stay_inside);
	tcase_add_test(tc, test_signals_without_the_scope);
	tcase_add_test(tc, test_abstract_sockets_stay_inside);
	tcase_add_test(tc, test_abstract_sockets_without_the_scope);
}

int main(void)
{
	Suite *suite = suite_create("landlock");
	TCase *tc = tcase_create("landlock");

	userns_require();
	abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		printf("skip: this kernel has no Landlock\n");
		return 77;
	}
	tcase_add_checked_fixture(tc, make_scene, NULL);
	add_files(tc);
	if (abi >= ABI_SCOPES)
		add_scopes(tc);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
