/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"

#define QUEUE_SIZE	 65536
#define DRAIN_MS	 1000 /* for a master that does not end with the box */
#define SUSPEND_FLUSH_MS 200

/* ---- The pty, for init ---- */

int tty_open_pty(int devpts_fd, int *ret_master, int *ret_slave)
{
	cleanup_fd int master = -EBADF, slave = -EBADF;
	int unlocked = 0;

	master = openat(devpts_fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0)
		return log_errno(errno, "cannot open a pty");
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0)
		return log_errno(errno, "cannot unlock the pty");

	/* By name it would be whatever is mounted there; this is our peer for certain. */
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return log_errno(errno, "cannot open the program's side of the pty");

	*ret_master = take_fd(&master);
	*ret_slave = take_fd(&slave);
	return 0;
}

int tty_make_controlling(int slave)
{
	if (setsid() < 0)
		return log_errno(errno, "cannot start a session for the pty");
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return log_errno(errno, "cannot make the pty the session's terminal");
	return 0;
}

int tty_set_foreground(int slave, pid_t group)
{
	sigset_t old;
	int r;

	tty_block_sigttou(&old);
	r = tcsetpgrp(slave, group) < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

int tty_set_active(int slave, bool active, pid_t *group)
{
	pid_t now = tcgetpgrp(slave);

	if (now < 0)
		return -errno;
	if (active)
		return now == getpgrp() ? tty_set_foreground(slave, *group) : 0;
	if (now == getpgrp())
		return 0;
	*group = now;
	return tty_set_foreground(slave, getpgrp());
}

unsigned int tty_find_terminals(void)
{
	unsigned int found = 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			found |= 1U << fd;
	return found;
}

/* ---- Whose keys they are ---- */

/*
 * The pty begins with the modes the person has set. Not while we are in the
 * background: the modes are the shell's line editor's then.
 */
static void copy_modes(struct tty_relay *r)
{
	struct termios t;

	if (r->modes_copied || r->modes.fd < 0 || !tty_modes_is_foreground(&r->modes))
		return;
	if (tcgetattr(r->modes.fd, &t) < 0)
		return;
	/*
	 * The program may have to start in the background of its pty, only so
	 * that we notice when it reads: its output is no reason to stop it.
	 */
	t.c_lflag &= ~(tcflag_t)(EXTPROC | (r->owns_screen ? 0 : TOSTOP));
	r->modes_copied = tcsetattr(r->master, TCSANOW, &t) == 0;
}

static bool take_keys(struct tty_relay *r)
{
	bool from_terminal = r->keys.is_terminal && !r->keys_ended;

	r->active = false;
	if (from_terminal && !tty_modes_is_foreground(&r->modes)) {
		tty_modes_forget(&r->modes);
		return false;
	}
	copy_modes(r);
	tty_relay_resize(r);
	/*
	 * When others of the pipeline write to the terminal, their newlines need
	 * their carriage returns; the program's own get two, which does not show.
	 */
	if (from_terminal && tty_modes_go_raw(&r->modes, !r->owns_screen) < 0)
		log_debug("the terminal stays in its mode");
	r->active = true;
	return true;
}

bool tty_relay_start(struct tty_relay *r)
{
	return tty_relay_resume(r);
}

bool tty_relay_activate(struct tty_relay *r)
{
	r->wanted = true;
	return take_keys(r);
}

bool tty_relay_resume(struct tty_relay *r)
{
	tty_relay_resize(r);
	return r->wanted && take_keys(r);
}

void tty_relay_resize(struct tty_relay *r)
{
	struct winsize size;

	if (r->master < 0 || r->modes.fd < 0)
		return;
	if (ioctl(r->modes.fd, TIOCGWINSZ, &size) == 0)
		(void)ioctl(r->master, TIOCSWINSZ, &size); /* a pty takes any size */
}

/* ---- Beginning and end ---- */

/*
 * O_NONBLOCK belongs to the open file description, which 0 to 2 share with the
 * shell and the rest of the pipeline: setting it there breaks them. So a
 * terminal is opened once more. /dev/tty is there for anybody whose session it
 * controls, also after su, when the device file itself is another user's.
 */
static struct tty_end open_end(int fd)
{
	struct tty_end end = { .fd = fd, .is_terminal = isatty(fd) };
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	int own;

	if (!end.is_terminal)
		return end;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(tcgetsid(fd) >= 0 ? "/dev/tty" : path,
		   O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (own >= 0) {
		end.fd = own;
		end.is_ours = true;
	}
	return end;
}

/* The first of the given fds that goes through the pty; else the session's terminal, if any. */
static struct tty_end find_end(unsigned int slave_fds, const int order[3])
{
	struct tty_end end = { .is_terminal = true, .is_ours = true };

	for (int i = 0; i < 3; i++)
		if (slave_fds & 1U << order[i])
			return open_end(order[i]);

	end.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (end.fd < 0)
		return (struct tty_end){ .fd = -EBADF };
	return end;
}

static void close_end(struct tty_end *end)
{
	if (end->is_ours && end->fd >= 0)
		close(end->fd);
	*end = (struct tty_end){ .fd = -EBADF };
}

int tty_relay_init(struct tty_relay *ret, int master, unsigned int slave_fds)
{
	static const int keys_order[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	static const int screen_order[] = { STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO };
	int flags = fcntl(master, F_GETFL);

	*ret = (struct tty_relay){
		.master = master,
		.keys = find_end(slave_fds, keys_order),
		.screen = find_end(slave_fds, screen_order),
		.modes = { .fd = -EBADF },
		.owns_screen = (slave_fds & 3) == 3,
	};
	if (ret->keys.is_terminal)
		ret->modes.fd = ret->keys.fd;
	else if (ret->screen.is_terminal)
		ret->modes.fd = ret->screen.fd;
	ret->wanted = ret->owns_screen || !ret->keys.is_terminal;
	ret->to_box.data = xcalloc(2, QUEUE_SIZE);
	ret->to_screen.data = ret->to_box.data + QUEUE_SIZE;

	if (flags < 0 || fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0)
		return log_errno(errno, "cannot use the pty");
	copy_modes(ret);
	tty_relay_resize(ret);
	return 0;
}

/* Closing the master is what a terminal's hang-up is: SIGHUP in the box, then EIO. */
static void close_master(struct tty_relay *r)
{
	if (r->master >= 0)
		close(r->master);
	r->master = -EBADF;
	r->to_box.start = r->to_box.end = 0;
}

/* The person's side is gone, so there is nobody to show anything to either. */
static void hang_up(struct tty_relay *r)
{
	close_master(r);
	r->to_screen.start = r->to_screen.end = 0;
	r->wanted = r->active = false;
}

void tty_relay_done(struct tty_relay *r)
{
	if (!r->to_box.data) /* never initialized */
		return;
	tty_modes_leave_raw(&r->modes);
	hang_up(r);
	r->modes.fd = -EBADF;
	close_end(&r->keys);
	close_end(&r->screen);
	free(r->to_box.data);
	r->to_box.data = r->to_screen.data = NULL;
}

/* ---- The pump ---- */

static size_t queue_fill(const struct tty_queue *q)
{
	return q->end - q->start;
}

/* Half, so that moving the rest to the front is paid for by as many new bytes. */
static bool queue_wants(const struct tty_queue *q)
{
	return queue_fill(q) <= QUEUE_SIZE / 2;
}

/* read() once to the end of the queue, which wants it. As read(2), but -errno. */
static ssize_t queue_read(struct tty_queue *q, int fd)
{
	ssize_t n;

	if (q->start > 0) {
		memmove(q->data, q->data + q->start, queue_fill(q));
		q->end -= q->start;
		q->start = 0;
	}
	n = read(fd, q->data + q->end, QUEUE_SIZE - q->end);
	if (n < 0)
		return -errno;
	q->end += (size_t)n;
	return n;
}

static int queue_write(struct tty_queue *q, int fd, size_t max)
{
	size_t size = queue_fill(q);
	ssize_t n = write(fd, q->data + q->start, size < max ? size : max);

	if (n < 0)
		return -errno;
	q->start += (size_t)n;
	if (q->start == q->end)
		q->start = q->end = 0;
	return 0;
}

static bool is_transient(ssize_t err)
{
	return err == -EAGAIN || err == -EINTR;
}

static void write_box(struct tty_relay *r)
{
	int err;

	if (r->master < 0 || queue_fill(&r->to_box) == 0)
		return;
	err = queue_write(&r->to_box, r->master, QUEUE_SIZE);
	if (err < 0 && !is_transient(err)) /* no slave is open: nobody will read them */
		r->to_box.start = r->to_box.end = 0;
}

/*
 * The end of input becomes what a person would type: ^D, and once more if the
 * line was begun, where the first only ends the line.
 */
static void type_end_of_input(struct tty_relay *r)
{
	struct tty_queue *q = &r->to_box;
	struct termios t;

	if (tcgetattr(r->master, &t) < 0 || !(t.c_lflag & ICANON) || !queue_wants(q))
		return;
	q->data[q->end++] = (char)t.c_cc[VEOF];
	if (r->in_line)
		q->data[q->end++] = (char)t.c_cc[VEOF];
}

static void read_keys(struct tty_relay *r, short revents)
{
	ssize_t n = queue_read(&r->to_box, r->keys.fd);

	if (n > 0) {
		r->in_line = r->to_box.data[r->to_box.end - 1] != '\n';
		return;
	}
	if (is_transient(n))
		return;
	if (n == -EIO && r->modes.fd >= 0 && !tty_modes_is_foreground(&r->modes)) {
		r->active = false; /* moved to the background while we did not look */
		tty_modes_forget(&r->modes);
	} else if (r->keys.is_terminal && (n == -EIO || revents & POLLHUP)) {
		hang_up(r);
	} else {
		/* On a terminal: somebody else of the pipeline made it cooked, and it was ^D. */
		type_end_of_input(r);
		r->keys_ended = !r->keys.is_terminal || n < 0;
	}
}

/* One read(2) of a master is 4 KiB at most; several of them make one write to the screen. */
static void read_box(struct tty_relay *r)
{
	ssize_t n;

	do {
		n = queue_read(&r->to_screen, r->master);
	} while (n > 0 && r->to_screen.end < QUEUE_SIZE);
	if (n == 0 || (n < 0 && !is_transient(n)))
		close_master(r); /* EIO: no slave is open any more, and all was read */
}

static void write_screen(struct tty_relay *r)
{
	struct tty_queue *q = &r->to_screen;
	int err;

	if (queue_fill(q) == 0)
		return;
	if (r->screen.fd < 0) {
		q->start = q->end = 0;
		return;
	}
	/* What poll(2) promises for somebody's blocking fd: PIPE_BUF for a pipe; else some. */
	err = queue_write(q, r->screen.fd, r->screen.is_ours ? QUEUE_SIZE : PIPE_BUF);
	if (err < 0 && !is_transient(err))
		hang_up(r);
}

void tty_relay_fill_poll(const struct tty_relay *r, struct pollfd fds[TTY_POLL_COUNT])
{
	short master = 0;

	for (int i = 0; i < TTY_POLL_COUNT; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (r->active && !r->keys_ended && r->master >= 0 && queue_wants(&r->to_box))
		fds[TTY_POLL_KEYS] = (struct pollfd){ .fd = r->keys.fd, .events = POLLIN };
	if (queue_fill(&r->to_screen) > 0)
		fds[TTY_POLL_SCREEN] = (struct pollfd){ .fd = r->screen.fd, .events = POLLOUT };
	if (queue_wants(&r->to_screen))
		master |= POLLIN;
	if (queue_fill(&r->to_box) > 0)
		master |= POLLOUT;
	if (master) /* else a hang-up, which poll(2) always reports, would keep us spinning */
		fds[TTY_POLL_MASTER] = (struct pollfd){ .fd = r->master, .events = master };
}

void tty_relay_dispatch(struct tty_relay *r, const struct pollfd fds[TTY_POLL_COUNT])
{
	if (fds[TTY_POLL_KEYS].revents)
		read_keys(r, fds[TTY_POLL_KEYS].revents);
	write_box(r);
	if (fds[TTY_POLL_MASTER].revents & ~POLLOUT && r->master >= 0 && queue_wants(&r->to_screen))
		read_box(r);
	if (r->screen.is_ours || r->screen.fd < 0 || fds[TTY_POLL_SCREEN].revents)
		write_screen(r);
}

/* ---- Stop, and the end of the box ---- */

/* Show what has been written; not for ever, as the program was stopped to be waited for. */
static void flush_screen(struct tty_relay *r)
{
	int64_t deadline = proc_now_ms() + SUSPEND_FLUSH_MS;

	if (r->master >= 0 && queue_wants(&r->to_screen))
		read_box(r);
	while (queue_fill(&r->to_screen) > 0 && r->screen.fd >= 0) {
		struct pollfd p = { .fd = r->screen.fd, .events = POLLOUT };
		int64_t left = deadline - proc_now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
		write_screen(r);
	}
}

/*
 * Stop by sig and its default action, which in an orphaned group does nothing.
 * Returns whether we were stopped: a stop signal takes away a SIGCONT that is
 * pending, so the one that is there afterwards is the one that continued us. It
 * goes no further, lest the caller continues the program twice: by then it may
 * have been stopped again.
 */
static bool stop(int sig, bool whole_job)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, old_action;
	bool has_action = sigaction(sig, &action, &old_action) == 0; /* SIGSTOP has none */
	struct timespec at_once = { 0 };
	sigset_t set, cont, old_set;
	bool stopped;

	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	sigprocmask(SIG_BLOCK, &cont, &old_set);
	(void)kill(whole_job ? 0 : getpid(), sig);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* here at the latest */
	stopped = sigtimedwait(&cont, NULL, &at_once) == SIGCONT;
	sigprocmask(SIG_SETMASK, &old_set, NULL);
	if (has_action)
		(void)sigaction(sig, &old_action, NULL);
	return stopped;
}

bool tty_relay_suspend(struct tty_relay *r, int sig, bool whole_job)
{
	if (r->modes.fd < 0 || tcgetpgrp(r->modes.fd) < 0)
		return false;
	flush_screen(r);
	tty_modes_leave_raw(&r->modes);
	r->active = false;
	if (!stop(sig, whole_job) && (sig == SIGTTIN || sig == SIGTTOU)) {
		/* Nobody will ever bring us to the foreground: there are no keys. */
		r->keys_ended = true;
		type_end_of_input(r);
	}
	return true;
}

/* Has one come that says not to wait for the terminal? The others have come too late. */
static bool is_told_to_end(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGHUP || info.ssi_signo == SIGINT ||
		    info.ssi_signo == SIGQUIT || info.ssi_signo == SIGTERM)
			return true;
	return false;
}

void tty_relay_drain(struct tty_relay *r, int signals)
{
	int64_t deadline = proc_now_ms() + DRAIN_MS;

	r->wanted = r->active = false;
	tty_modes_leave_raw_input(&r->modes); /* what is typed from now on is for the shell */
	while (r->master >= 0 || queue_fill(&r->to_screen) > 0) {
		struct pollfd fds[TTY_POLL_COUNT + 1];
		int64_t left = deadline - proc_now_ms();
		bool reads = r->master >= 0 && queue_wants(&r->to_screen);

		if (reads && left <= 0) {
			read_box(r);
			close_master(r);
			continue;
		}
		tty_relay_fill_poll(r, fds);
		fds[TTY_POLL_COUNT] = (struct pollfd){ .fd = signals, .events = POLLIN };
		if (poll(fds, ARRAY_LEN(fds), reads ? (int)left : -1) < 0)
			continue; /* EINTR */
		if (fds[TTY_POLL_COUNT].revents && is_told_to_end(signals))
			return;
		tty_relay_dispatch(r, fds);
	}
}
