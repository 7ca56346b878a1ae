/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tty_scene.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "run/tty.h"

struct scene scene;

void wait_until(const volatile int *what, const char *name)
{
	int64_t deadline = proc_now_ms() + WAIT_MS;

	while (!*what) {
		ck_assert_msg(proc_now_ms() < deadline, "timeout: %s", name);
		usleep(1000);
	}
}
/* ---- The launcher in miniature ---- */

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < 7; i++)
		sigaddset(&set, (int[]){ SIGWINCH, SIGCONT, SIGCHLD, SIGUSR1, SIGUSR2, SIGTERM,
					 SIGHUP }[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* False when the program has ended. */
static bool on_signal(struct tty_relay *r, int signals, pid_t program)
{
	struct signalfd_siginfo info;
	struct shared *s = scene.shared;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return true;
	switch (info.ssi_signo) {
	case SIGWINCH:
		tty_relay_resize(r);
		break;
	case SIGUSR1:
		s->active = tty_relay_activate(r) ? 1 : -1;
		if (s->active < 0 && scene.is_orphaned && tty_relay_suspend(r, SIGTTIN, true))
			s->active = tty_relay_resume(r) ? 1 : -1;
		break;
	case SIGUSR2:
		tty_relay_suspend(r, SIGTSTP, true);
		s->active = tty_relay_resume(r) ? 1 : -1;
		break;
	case SIGCONT:
		s->continued = 1;
		s->active = tty_relay_resume(r) ? 1 : -1;
		break;
	case SIGTERM:
		return false;
	case SIGCHLD:
		return waitpid(program, NULL, WNOHANG) != program;
	}
	return true;
}

static void pump(struct tty_relay *r, int signals, pid_t program)
{
	bool is_alive = true;

	while (is_alive) {
		struct pollfd fds[TTY_POLL_COUNT + 1];

		tty_relay_fill_poll(r, fds);
		fds[TTY_POLL_COUNT] = (struct pollfd){ .fd = signals, .events = POLLIN };
		if (poll(fds, TTY_POLL_COUNT + 1, -1) < 0 && errno != EINTR)
			_exit(99);
		tty_relay_dispatch(r, fds);
		scene.shared->hung_up = r->master < 0;
		if (fds[TTY_POLL_COUNT].revents)
			is_alive = on_signal(r, signals, program);
	}
}

static void run_program(int slave)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (tty_make_controlling(slave) < 0)
		_exit(98);
	scene.program(slave);
	_exit(0);
}

static void launch(void)
{
	cleanup_tty_relay struct tty_relay relay = { 0 };
	cleanup_fd int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int master = -1, slave = -1, signals = block_signals();
	pid_t program;

	if (scene.stdin_fd >= 0)
		dup2(scene.stdin_fd, 0);
	if (scene.stdout_fd >= 0)
		dup2(scene.stdout_fd, 1);
	if (tty_open_pty(dev, &master, &slave) < 0)
		_exit(97);
	if (tty_relay_init(&relay, master, scene.slave_fds) < 0)
		_exit(96);
	program = fork();
	if (program == 0) {
		close(master);
		close(scene.outer);
		run_program(slave);
	}
	close(slave);
	close(scene.outer);
	scene.shared->active = tty_relay_start(&relay) ? 1 : -1;
	scene.shared->started = 1;
	pump(&relay, signals, program);
	tty_relay_drain(&relay, signals);
	scene.shared->drained = 1;
	tty_relay_done(&relay);
	tty_relay_done(&relay);
}

/* ---- The shell of one job ---- */

static void shell_wait(pid_t job)
{
	int status;

	while (waitpid(job, &status, WUNTRACED) == job) {
		tty_set_foreground(0, getpgrp());
		if (!WIFSTOPPED(status)) {
			scene.shared->status = status;
			_exit(0);
		}
		scene.shared->stopped = WSTOPSIG(status);
		while (!scene.shared->go_on)
			usleep(1000);
		scene.shared->go_on = scene.shared->stopped = 0;
		if (!scene.shared->resume_in_background)
			tty_set_foreground(0, job);
		kill(-job, SIGCONT);
	}
	_exit(1);
}

static void run_shell(int slave)
{
	pid_t job;

	close(scene.test_fd);
	if (tty_make_controlling(slave) < 0)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	if (scene.is_orphaned && fork() > 0)
		pause(); /* leads the session; a child's child has no parent there */
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		scene.shared->launcher = getpid();
		if (!scene.in_background)
			tty_set_foreground(0, getpid());
		launch();
		_exit(0);
	}
	if (scene.is_orphaned)
		_exit(0);
	scene.shared->launcher = job;
	close(scene.outer);
	shell_wait(job);
}

/* ---- What every test begins and ends with ---- */

const struct winsize first_size = { .ws_row = 33, .ws_col = 111 };

void scene_setup(void)
{
	scene = (struct scene){ .slave_fds = 7, .stdin_fd = -1, .stdout_fd = -1, .test_fd = -1 };
	scene.shared = mmap(NULL, sizeof(*scene.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(scene.shared, MAP_FAILED);
}

void open_host_pty(int *ret_master, int *ret_slave)
{
	cleanup_fd int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(tty_open_pty(dev, ret_master, ret_slave), 0);
}

void begin_on(int outer, int slave, void (*program)(int slave))
{
	scene.outer = outer;
	scene.program = program;
	ck_assert_int_eq(ioctl(outer, TIOCSWINSZ, &first_size), 0);
	scene.shell = fork();
	ck_assert_int_ge(scene.shell, 0);
	if (scene.shell == 0)
		run_shell(slave);
	close(slave);
	WAIT_UNTIL(started);
}

void begin(void (*program)(int slave))
{
	int master = -EBADF, slave = -EBADF;

	open_host_pty(&master, &slave);
	begin_on(master, slave, program);
}

struct termios modes(void)
{
	struct termios t = { 0 };

	ck_assert_int_eq(tcgetattr(scene.outer, &t), 0);
	return t;
}

bool is_raw(void)
{
	struct termios t = modes();

	return !(t.c_lflag & (ICANON | ISIG | ECHO));
}

void assert_same_modes(const struct termios *a)
{
	struct termios b = modes();

	ck_assert_uint_eq(a->c_iflag, b.c_iflag);
	ck_assert_uint_eq(a->c_oflag, b.c_oflag);
	ck_assert_uint_eq(a->c_cflag, b.c_cflag);
	ck_assert_uint_eq(a->c_lflag, b.c_lflag);
	ck_assert_mem_eq(a->c_cc, b.c_cc, sizeof(b.c_cc));
}

/* The modes of an unused pty, which the person's terminal has at first. */
struct termios first_modes(void)
{
	cleanup_fd int master = -EBADF, slave = -EBADF;
	struct termios t = { 0 };

	open_host_pty(&master, &slave);
	ck_assert_int_eq(tcgetattr(slave, &t), 0);
	return t;
}

size_t see(char *buf, size_t size, int quiet_ms)
{
	size_t seen = 0;

	while (seen < size) {
		struct pollfd p = { .fd = scene.outer, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, quiet_ms) <= 0)
			break;
		n = read(scene.outer, buf + seen, size - seen);
		if (n <= 0)
			break;
		seen += (size_t)n;
	}
	return seen;
}

void expect(const char *text)
{
	char buf[256] = "";

	ck_assert_uint_lt(strlen(text), sizeof(buf));
	see(buf, strlen(text), WAIT_MS);
	ck_assert_str_eq(buf, text);
}

void type(const char *keys)
{
	ck_assert_int_eq(write(scene.outer, keys, strlen(keys)), (ssize_t)strlen(keys));
}

void finish(int expected_status)
{
	int status;

	ck_assert_int_eq(waitpid(scene.shell, &status, 0), scene.shell);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(scene.shared->status, expected_status);
}

/* ---- Programs ---- */

void make_raw(int slave)
{
	struct termios t;

	tcgetattr(slave, &t);
	cfmakeraw(&t);
	tcsetattr(slave, TCSANOW, &t);
}

void say(int slave, const char *text)
{
	(void)!write(slave, text, strlen(text));
}

void until_told(int slave)
{
	say(slave, "here\n");
	while (!scene.shared->go)
		usleep(1000);
}

static volatile sig_atomic_t caught;
static int voice;

/* Speaks by itself: a read that has not begun yet is not interrupted. */
static void on_program_signal(int sig)
{
	char line[] = "signal 00\n";

	caught = sig;
	line[7] = (char)('0' + sig / 10);
	line[8] = (char)('0' + sig % 10);
	ioctl(voice, TIOCGWINSZ, &scene.shared->size);
	say(voice, line);
}

void echo_lines(int slave)
{
	struct sigaction action = { .sa_handler = on_program_signal };
	struct termios t;
	char buf[100], line[200];
	ssize_t n = -1;

	voice = slave;
	tcgetattr(slave, &t);
	t.c_lflag &= ~(tcflag_t)(ECHO | NOFLSH);
	tcsetattr(slave, TCSANOW, &t);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	say(slave, "ready\n");
	while (n != 0) {
		n = read(slave, buf, sizeof(buf) - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		buf[n] = '\0';
		snprintf(line, sizeof(line), "got %zd: %s\n", n, buf);
		say(slave, line);
	}
	scene.shared->go = caught == SIGHUP ? SIGHUP : 1;
}
