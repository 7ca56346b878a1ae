/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/tty.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "tty_scene.h"

#define MIB ((size_t)1 << 20)

/* The pty, what goes through it, and its end. */

/* Byte n of a stream in which no two stretches are alike. */
static char stream_byte(size_t n)
{
	return (char)(((n * 2654435761U) >> 13) ^ n);
}

static size_t flood_size;

static void flood(int slave)
{
	char buf[5000];

	make_raw(slave);
	while (scene.shared->written < flood_size) {
		size_t at = scene.shared->written, n = sizeof(buf);
		ssize_t done;

		if (n > flood_size - at)
			n = flood_size - at;
		for (size_t i = 0; i < n; i++)
			buf[i] = stream_byte(at + i);
		done = write(slave, buf, n);
		if (done < 0)
			_exit(1);
		scene.shared->written += (size_t)done;
	}
}

/* Reads a stream, and says how much of it was as it should be. */
static void devour(int slave)
{
	size_t at = 0;
	char buf[3000], line[64];

	make_raw(slave);
	say(slave, "ready\n");
	while (!scene.shared->go)
		usleep(1000);
	while (at < flood_size) {
		ssize_t n = read(slave, buf, sizeof(buf));

		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++, at++)
			if (buf[i] != stream_byte(at))
				_exit(1);
	}
	snprintf(line, sizeof(line), "%zu\n", at);
	say(slave, line);
}

START_TEST(test_open_pty)
{
	cleanup_fd int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int tmp = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int master = -EBADF, slave = -EBADF;
	char c = 0;

	ck_assert_int_eq(tty_open_pty(dev, &master, &slave), 0);
	ck_assert(isatty(slave));
	ck_assert_int_eq(fcntl(master, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(slave, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(write(slave, "x", 1), 1);
	ck_assert_int_eq(read(master, &c, 1), 1);
	ck_assert_int_eq(c, 'x');

	close(STDERR_FILENO);
	ck_assert_int_eq(tty_open_pty(tmp, &master, &slave), -ENOENT);
}
END_TEST

/* ---- Flow ---- */

START_TEST(test_output_in_order)
{
	char buf[10000];
	size_t seen = 0;

	flood_size = 24 * MIB;
	begin(flood);
	while (seen < flood_size) {
		size_t n = see(buf, sizeof(buf), 2000);

		ck_assert_uint_gt(n, 0);
		for (size_t i = 0; i < n; i++)
			if (buf[i] != stream_byte(seen + i))
				ck_abort_msg("byte %zu is wrong", seen + i);
		seen += n;
	}
	finish(0);
	ck_assert_uint_eq(see(buf, 1, 0), 0);
}
END_TEST

/* Until the program is stopped by a terminal that takes nothing: how much went before. */
static size_t wait_until_stuck(void)
{
	size_t before, now = 0;

	do {
		before = now;
		usleep(200000);
		now = scene.shared->written;
	} while (now != before || now == 0);
	return now;
}

/* A terminal that takes nothing stops the program, and costs no memory. */
START_TEST(test_output_is_bounded)
{
	static char buf[8 * MIB];
	flood_size = sizeof(buf);
	begin(flood);
	ck_assert_uint_lt(wait_until_stuck(), 256 * 1024);
	ck_assert_uint_eq(see(buf, sizeof(buf), 2000), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		if (buf[i] != stream_byte(i))
			ck_abort_msg("byte %zu is wrong", i);
	finish(0);
}
END_TEST

START_TEST(test_keys_in_order)
{
	size_t sent = 0, stuck;
	char buf[1000];

	flood_size = MIB;
	begin(devour);
	expect("ready\n");
	ck_assert_int_eq(fcntl(scene.outer, F_SETFL, O_NONBLOCK), 0);
	for (int idle = 0; sent < flood_size && idle < 10000;) {
		size_t size = flood_size - sent < sizeof(buf) ? flood_size - sent : sizeof(buf);
		ssize_t n;

		for (size_t i = 0; i < size; i++)
			buf[i] = stream_byte(sent + i);
		n = write(scene.outer, buf, size);
		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		/* Full, because the program does not read: nothing was dropped for it. */
		if (++idle == 200) {
			stuck = sent;
			ck_assert_uint_lt(stuck, 256 * 1024);
			scene.shared->go = 1;
		}
		usleep(1000);
	}
	ck_assert_uint_eq(sent, flood_size);
	expect("1048576\n");
	finish(0);
}
END_TEST

/* ---- Input that is no terminal, and the end ---- */

START_TEST(test_end_of_input_is_typed)
{
	static const struct {
		const char *input, *output;
	} cases[] = {
		{ "", "got 0: \r\r\n" },
		{ "one\n", "got 4: one\r\r\n\r\r\ngot 0: \r\r\n" },
		{ "open", "got 4: open\r\r\ngot 0: \r\r\n" },
	};
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	scene.stdin_fd = ends[0];
	scene.test_fd = ends[1];
	begin(echo_lines);
	close(ends[0]);
	ck_assert_int_eq(scene.shared->active, 1);
	expect("ready\r\r\n");
	ck_assert(!is_raw());
	ck_assert_int_eq(write(ends[1], cases[_i].input, strlen(cases[_i].input)),
			 (ssize_t)strlen(cases[_i].input));
	close(ends[1]);
	expect(cases[_i].output);
	finish(0);
}
END_TEST

static void last_words(int slave)
{
	char buf[4000];

	make_raw(slave);
	memset(buf, 'w', sizeof(buf));
	(void)!write(slave, buf, sizeof(buf));
	say(slave, "END");
}

START_TEST(test_last_words_are_shown)
{
	char buf[4100];

	begin(last_words);
	usleep(50000);
	ck_assert_uint_eq(see(buf, sizeof(buf), 500), 4003);
	ck_assert_mem_eq(buf + 4000, "END", 3);
	finish(0);
}
END_TEST

/* Somebody outside the box holds the slave, and even writes. */
static void leave_a_holder(int slave)
{
	signal(SIGHUP, SIG_IGN);
	if (fork() == 0) {
		setsid();
		for (int i = 0; i < 400; i++) {
			say(slave, "x");
			usleep(10000);
		}
		_exit(0);
	}
}

START_TEST(test_drain_is_bounded)
{
	int64_t start = proc_now_ms();

	begin(leave_a_holder);
	finish(0);
	ck_assert_int_eq(scene.shared->drained, 1);
	ck_assert_int_ge(proc_now_ms() - start, 900);
	ck_assert_int_lt(proc_now_ms() - start, 3000);
}
END_TEST

/* A terminal that takes no more output: only a signal ends the wait. */
START_TEST(test_drain_can_be_interrupted)
{
	flood_size = 120000;
	begin(flood);
	ck_assert_uint_lt(wait_until_stuck(), flood_size);
	kill(scene.shared->launcher, SIGTERM); /* the loop ends, the drain begins */
	usleep(1500000);
	ck_assert_int_eq(scene.shared->drained, 0);
	ck_assert(modes().c_lflag & ISIG);
	ck_assert(!(modes().c_oflag & OPOST));
	kill(scene.shared->launcher, SIGTERM);
	WAIT_UNTIL(drained);
	finish(0);
	ck_assert(modes().c_oflag & OPOST);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tty");
	TCase *tc = tcase_create("tty");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, scene_setup, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_open_pty);
	tcase_add_test(tc, test_output_in_order);
	tcase_add_test(tc, test_output_is_bounded);
	tcase_add_test(tc, test_keys_in_order);
	tcase_add_loop_test(tc, test_end_of_input_is_typed, 0, 3);
	tcase_add_test(tc, test_last_words_are_shown);
	tcase_add_test(tc, test_drain_is_bounded);
	tcase_add_test(tc, test_drain_can_be_interrupted);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
