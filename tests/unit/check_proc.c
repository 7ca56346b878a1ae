/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "testing.h"

/* Run a script with its output into text; the further fds are 3, 4, ... there. */
static char *output_of(const char *script, const int *fds, size_t n)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct proc_fd pass[8];
	cleanup_fd int end = -EBADF;
	cleanup_pid pid_t pid = 0;
	char *text = NULL;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	end = ends[0];
	pass[0] = (struct proc_fd){ ends[1], 1 };
	for (size_t i = 0; i < n; i++)
		pass[i + 1] = (struct proc_fd){ fds[i], 3 + (int)i };
	pid = proc_spawn("/bin/sh", argv, pass, n + 1);
	ck_assert_int_gt(pid, 0);
	close(ends[1]);
	ck_assert_int_eq(fs_read_all(end, 1 << 16, &text, NULL), 0);
	ck_assert_int_eq(proc_wait(&pid, 10000), 0);
	return text;
}

/* Not by listing the directory, which takes a descriptor. */
#define LIST_FDS \
	"i=0; while [ $i -lt 256 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i; i=$((i+1)); done"

START_TEST(test_only_stdio_is_inherited)
{
	int leaked = open("/", O_RDONLY);
	cleanup_free char *text = NULL;

	ck_assert(dup2(leaked, 200) == 200 && dup2(leaked, 9) == 9);
	text = output_of(LIST_FDS, NULL, 0);
	ck_assert_str_eq(text, "0\n1\n2\n");
}
END_TEST

/* Held under the very numbers that are asked for, in another order. */
START_TEST(test_fds_that_trade_places)
{
	int one = memfd_create("one", 0), two = memfd_create("two", 0);
	int saved[] = { fcntl(3, F_DUPFD, 50), fcntl(4, F_DUPFD, 50) };
	cleanup_free char *text = NULL;

	one = fcntl(one, F_DUPFD, 20);
	two = fcntl(two, F_DUPFD, 20);
	dup2(one, 3); /* check(3) may have its own there: by name, as it goes on writing */
	dup2(two, 4);
	text = output_of("readlink /proc/$$/fd/3; readlink /proc/$$/fd/4; " LIST_FDS,
			 (int[]){ 4, 3 }, 2);
	dup2(saved[0], 3);
	dup2(saved[1], 4);
	ck_assert_str_eq(text, "/memfd:two (deleted)\n/memfd:one (deleted)\n0\n1\n2\n3\n4\n");
}
END_TEST

START_TEST(test_environment_is_ours)
{
	cleanup_free char *text = NULL;

	setenv("LD_PRELOAD", "/nowhere.so", 1);
	setenv("SECRET", "x", 1);
	setenv("PATH", "/nowhere", 1);
	text = output_of("tr '\\0' '\\n' < /proc/$$/environ | sort", NULL, 0);
	ck_assert_str_eq(text, "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
}
END_TEST

START_TEST(test_stdin_is_empty_and_signals_are_the_default)
{
	cleanup_free char *text = NULL;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* our own proc_wait() needs it */
	/* glibc's own two, 32 and 33, are ignored until they are used */
	text = output_of("cat; sed -n '/^SigIgn/s/180000000$/000000000/; /^Sig[BI]/p' "
			 "/proc/self/status",
			 NULL, 0);
	ck_assert_str_eq(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}
END_TEST

START_TEST(test_program_that_is_not_there)
{
	char *argv[] = { (char *)"x", NULL };

	ck_assert_int_eq(proc_spawn("/nowhere/x", argv, NULL, 0), -ENOENT);
	ck_assert_int_eq(proc_spawn("/etc/passwd", argv, NULL, 0), -EACCES);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static pid_t sleeper(void)
{
	char *argv[] = { (char *)"sleep", (char *)"1000", NULL };
	pid_t pid = proc_spawn("/bin/sleep", argv, NULL, 0);

	ck_assert_int_gt(pid, 0);
	return pid;
}

START_TEST(test_wait_has_a_time_limit)
{
	cleanup_pid pid_t pid = sleeper();
	pid_t before = pid;
	int64_t start = proc_now_ms();
	int status;

	ck_assert_int_eq(proc_wait(&pid, 50), -ETIMEDOUT);
	ck_assert_int_ge(proc_now_ms() - start, 50);
	ck_assert_int_eq(pid, before); /* still ours, still running */
	ck_assert_int_eq(kill(pid, 0), 0);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	status = proc_wait(&pid, 10000);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	ck_assert_int_eq(pid, 0);
}
END_TEST

START_TEST(test_wait_for_ever_gives_the_status)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"exit 3", NULL };
	pid_t pid = proc_spawn("/bin/sh", argv, NULL, 0);
	int status = proc_wait(&pid, -1);

	ck_assert_str_eq(proc_describe_status(status), "exit status 3");
	ck_assert_str_eq(proc_describe_status(SIGKILL), "killed by SIGKILL");
	ck_assert_int_eq(pid, 0);
}
END_TEST

START_TEST(test_owned_pid_is_killed_and_reaped)
{
	pid_t seen;

	{
		cleanup_pid pid_t pid = sleeper();

		seen = pid;
		errno = 1234;
	}
	ck_assert_int_eq(errno, 1234);
	ck_assert_int_eq(kill(seen, 0), -1);
	ck_assert_int_eq(errno, ESRCH); /* not a zombie either */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc");
	TCase *tc = tcase_create("proc");

	tcase_add_test(tc, test_only_stdio_is_inherited);
	tcase_add_test(tc, test_fds_that_trade_places);
	tcase_add_test(tc, test_environment_is_ours);
	tcase_add_test(tc, test_stdin_is_empty_and_signals_are_the_default);
	tcase_add_test(tc, test_program_that_is_not_there);
	tcase_add_test(tc, test_wait_has_a_time_limit);
	tcase_add_test(tc, test_wait_for_ever_gives_the_status);
	tcase_add_test(tc, test_owned_pid_is_killed_and_reaped);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
