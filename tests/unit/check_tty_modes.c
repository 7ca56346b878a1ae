/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/tty_modes.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tty_scene.h"

/* ---- Modes, size, signals ---- */

START_TEST(test_raw_and_restored)
{
	struct termios before = first_modes();

	begin(until_told);
	ck_assert_int_eq(scene.shared->active, 1);
	expect("here\r\n");
	ck_assert(is_raw());
	ck_assert(!(modes().c_oflag & OPOST));
	scene.shared->go = 1;
	finish(0);
	assert_same_modes(&before);
}
END_TEST

static void copy_of_modes(int slave)
{
	struct termios t, outer = first_modes();

	tcgetattr(slave, &t);
	say(slave, t.c_cc[VERASE] == 'e' && (t.c_lflag & ICANON) &&
				   (t.c_lflag & ECHO) == (outer.c_lflag & ECHO)
			   ? "same\n"
			   : "other\n");
}

START_TEST(test_modes_are_copied)
{
	int master = -EBADF, slave = -EBADF;
	struct termios t;

	open_host_pty(&master, &slave);
	ck_assert_int_eq(tcgetattr(slave, &t), 0);
	t.c_cc[VERASE] = 'e';
	ck_assert_int_eq(tcsetattr(slave, TCSANOW, &t), 0);
	begin_on(master, slave, copy_of_modes);
	expect("same\r\n");
	finish(0);
	ck_assert_int_eq(modes().c_cc[VERASE], 'e');
}
END_TEST

START_TEST(test_size_and_signals)
{
	struct winsize size = { .ws_row = 44, .ws_col = 55 };

	begin(echo_lines);
	expect("ready\r\n");
	type("\003");
	expect("signal 02\r\n");
	ck_assert_int_eq(scene.shared->size.ws_row, first_size.ws_row);
	ck_assert_int_eq(scene.shared->size.ws_col, first_size.ws_col);

	ck_assert_int_eq(ioctl(scene.outer, TIOCSWINSZ, &size), 0);
	expect("signal 28\r\n");
	ck_assert_int_eq(scene.shared->size.ws_row, 44);
	ck_assert_int_eq(scene.shared->size.ws_col, 55);

	type("word\r");
	expect("got 5: word\r\n\r\n");
	type("\004");
	expect("got 0: \r\n");
	finish(0);
}
END_TEST

START_TEST(test_hang_up)
{
	int status;

	begin(echo_lines);
	expect("ready\r\n");
	close(scene.outer);
	ck_assert_int_eq(waitpid(scene.shell, &status, 0), scene.shell);
	WAIT_UNTIL(go);
	ck_assert_int_eq(scene.shared->go, SIGHUP);
	WAIT_UNTIL(hung_up);
	WAIT_UNTIL(drained);
}
END_TEST

START_TEST(test_crash_restores)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };
	struct termios before = first_modes();
	struct rlimit no_core = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	signal(signals[_i], SIG_DFL); /* a sanitizer's handler exits */
	begin(until_told);
	expect("here\r\n");
	ck_assert(is_raw());
	kill(scene.shared->launcher, signals[_i]);
	finish(signals[_i]);
	assert_same_modes(&before);
	scene.shared->go = 1;
}
END_TEST

/* What others changed meanwhile stays; what we changed is undone. */
START_TEST(test_modes_of_others_are_kept)
{
	struct termios before = first_modes(), t;

	begin(until_told);
	expect("here\r\n");
	t = modes();
	t.c_cc[VERASE] = 'e';
	t.c_iflag ^= IXANY;
	ck_assert_int_eq(tcsetattr(scene.outer, TCSANOW, &t), 0);
	scene.shared->go = 1;
	finish(0);
	before.c_cc[VERASE] = 'e';
	before.c_iflag ^= IXANY;
	assert_same_modes(&before);
}
END_TEST

/* ---- Whose keys they are ---- */

/* sandbox prog | less: nothing is touched or read before the program asks. */
START_TEST(test_pipeline_leaves_the_keys)
{
	struct termios before = first_modes();
	int ends[2];
	char c;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	scene.slave_fds = 1 << 0 | 1 << 2;
	scene.stdout_fd = ends[1];
	begin(echo_lines);
	ck_assert_int_eq(scene.shared->active, -1);
	expect("ready\r\r\n");
	assert_same_modes(&before);
	type("unread\r");
	usleep(100000);
	expect("unread\r\n"); /* the echo of our own terminal */

	scene.shared->active = 0;
	kill(scene.shared->launcher, SIGUSR1);
	WAIT_UNTIL(active);
	ck_assert_int_eq(scene.shared->active, 1);
	ck_assert(is_raw());
	ck_assert(modes().c_oflag & OPOST);
	expect("got 7: unread\r\r\n\r\r\n");
	type("\004");
	finish(0);
	assert_same_modes(&before);
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &c, 1), 0);
}
END_TEST

START_TEST(test_background_leaves_the_terminal)
{
	struct termios before = first_modes();

	scene.in_background = true;
	begin(until_told);
	ck_assert_int_eq(scene.shared->active, -1);
	assert_same_modes(&before);
	expect("here\r\r\n");

	scene.shared->active = 0;
	kill(scene.shared->launcher, SIGUSR1);
	WAIT_UNTIL(active);
	ck_assert_int_eq(scene.shared->active, -1);
	assert_same_modes(&before);
	type("\r");
	expect("\r\n"); /* the echo; in the box there is none to see it */
	scene.shared->go = 1;
	finish(0);
	assert_same_modes(&before);
}
END_TEST

/* Nobody will bring the job to the foreground, and the kernel does not stop it either. */
START_TEST(test_orphan_gets_end_of_file)
{
	struct termios before = first_modes();

	scene.in_background = scene.is_orphaned = true;
	begin(echo_lines);
	expect("ready\r\r\n");
	scene.shared->active = 0;
	kill(scene.shared->launcher, SIGUSR1);
	WAIT_UNTIL(drained);
	expect("got 0: \r\r\n");
	assert_same_modes(&before);
	kill(scene.shell, SIGKILL);
}
END_TEST

START_TEST(test_suspend_and_resume)
{
	struct termios before = first_modes();

	begin(echo_lines);
	expect("ready\r\n");
	for (int i = 0; i < 3; i++) {
		scene.shared->active = 0;
		kill(scene.shared->launcher, SIGUSR2);
		WAIT_UNTIL(stopped);
		ck_assert_int_eq(scene.shared->stopped, SIGTSTP);
		assert_same_modes(&before);

		before.c_cc[VERASE] = (cc_t)('a' + i);
		ck_assert_int_eq(tcsetattr(scene.outer, TCSANOW, &before), 0);
		scene.shared->go_on = 1;
		WAIT_UNTIL(active);
		ck_assert_int_eq(scene.shared->active, 1);
		ck_assert(is_raw());
	}
	ck_assert_int_eq(scene.shared->continued, 0); /* suspend() has taken it */
	kill(scene.shared->launcher, SIGCONT);	      /* out of the blue */
	WAIT_UNTIL(continued);
	type("word\r");
	expect("got 5: word\r\n\r\n");
	type("\004");
	expect("got 0: \r\n");
	finish(0);
	assert_same_modes(&before);
}
END_TEST

/* SIGSTOP cannot be seen coming: the shell puts its own modes, and bg gets them not changed. */
START_TEST(test_resume_in_background)
{
	struct termios before = first_modes();

	begin(until_told);
	expect("here\r\n");
	kill(scene.shared->launcher, SIGSTOP);
	WAIT_UNTIL(stopped);
	ck_assert(is_raw());
	ck_assert_int_eq(tcsetattr(scene.outer, TCSANOW, &before), 0);

	scene.shared->resume_in_background = 1;
	scene.shared->active = 0;
	scene.shared->go_on = 1;
	WAIT_UNTIL(active);
	ck_assert_int_eq(scene.shared->active, -1);
	assert_same_modes(&before);
	scene.shared->go = 1;
	finish(0);
	assert_same_modes(&before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tty_modes");
	TCase *tc = tcase_create("tty_modes");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, scene_setup, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_raw_and_restored);
	tcase_add_test(tc, test_modes_are_copied);
	tcase_add_test(tc, test_size_and_signals);
	tcase_add_test(tc, test_hang_up);
	tcase_add_loop_test(tc, test_crash_restores, 0, 5);
	tcase_add_test(tc, test_modes_of_others_are_kept);
	tcase_add_test(tc, test_pipeline_leaves_the_keys);
	tcase_add_test(tc, test_background_leaves_the_terminal);
	tcase_add_test(tc, test_orphan_gets_end_of_file);
	tcase_add_test(tc, test_suspend_and_resume);
	tcase_add_test(tc, test_resume_in_background);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
