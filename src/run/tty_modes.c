/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/tty_modes.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

void tty_block_sigttou(sigset_t *ret_old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, ret_old);
}

bool tty_modes_is_foreground(const struct tty_modes *m)
{
	pid_t group = tcgetpgrp(m->fd);

	return group < 0 ? errno == ENOTTY : group == getpgrp();
}

/* TCSANOW, for TCSADRAIN waits for ever on a terminal that was stopped by ^S. */
static int set(const struct tty_modes *m, const struct termios *wanted)
{
	sigset_t old;
	int r;

	tty_block_sigttou(&old);
	r = tcsetattr(m->fd, TCSANOW, wanted) < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

static tcflag_t undo(tcflag_t now, tcflag_t ours, tcflag_t saved)
{
	tcflag_t changed = ours ^ saved;

	return (now & ~changed) | (saved & changed);
}

/*
 * What the terminal should be without us: everything we changed as it was, the
 * rest as it is now. In a pipeline the other program may have changed modes
 * after us and put them back already: saved alone would bring its raw mode
 * back when it is gone.
 */
static struct termios without_ours(const struct tty_modes *m, const struct termios *now)
{
	struct termios t = *now;

	t.c_iflag = undo(now->c_iflag, m->ours.c_iflag, m->saved.c_iflag);
	t.c_oflag = undo(now->c_oflag, m->ours.c_oflag, m->saved.c_oflag);
	t.c_cflag = undo(now->c_cflag, m->ours.c_cflag, m->saved.c_cflag);
	t.c_lflag = undo(now->c_lflag, m->ours.c_lflag, m->saved.c_lflag);
	if (now->c_cc[VMIN] == m->ours.c_cc[VMIN])
		t.c_cc[VMIN] = m->saved.c_cc[VMIN];
	if (now->c_cc[VTIME] == m->ours.c_cc[VTIME])
		t.c_cc[VTIME] = m->saved.c_cc[VTIME];
	return t;
}

/* Calls nothing but what signal-safety(7) lists. */
static void restore(const struct tty_modes *m)
{
	struct termios now;

	if (!m->changed || !tty_modes_is_foreground(m) || tcgetattr(m->fd, &now) < 0)
		return;
	now = without_ours(m, &now);
	(void)set(m, &now); /* the terminal may be gone */
}

static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
static struct sigaction crash_old[ARRAY_LEN(crash_signals)];
static const struct tty_modes *volatile crash_modes;

static void on_crash(int sig)
{
	const struct tty_modes *m = crash_modes;

	crash_modes = NULL;
	if (m)
		restore(m);
	for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
		if (crash_signals[i] == sig)
			sigaction(sig, &crash_old[i], NULL);
	raise(sig); /* blocked until we return: then it does what it did before us */
}

static void crash_arm(const struct tty_modes *m)
{
	struct sigaction action = { .sa_handler = on_crash };

	if (crash_modes)
		return;
	crash_modes = m;
	for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
		sigaction(crash_signals[i], &action, &crash_old[i]);
}

static void crash_disarm(void)
{
	if (!crash_modes)
		return;
	for (size_t i = 0; i < ARRAY_LEN(crash_signals); i++)
		sigaction(crash_signals[i], &crash_old[i], NULL);
	crash_modes = NULL;
}

int tty_modes_go_raw(struct tty_modes *m, bool keep_output)
{
	struct termios now;
	int r;

	if (tcgetattr(m->fd, &now) < 0)
		return -errno;
	m->saved = m->changed ? without_ours(m, &now) : now;
	m->ours = m->saved;
	cfmakeraw(&m->ours);
	if (keep_output)
		m->ours.c_oflag = m->saved.c_oflag;

	m->changed = true;
	crash_arm(m); /* first, so that there is no moment without */
	r = set(m, &m->ours);
	if (r < 0) {
		tty_modes_forget(m);
		return r;
	}
	log_set_raw_terminal(!(m->ours.c_oflag & OPOST) && isatty(STDERR_FILENO));
	return 0;
}

void tty_modes_leave_raw_input(struct tty_modes *m)
{
	struct termios now;

	if (!m->changed || !tty_modes_is_foreground(m) || tcgetattr(m->fd, &now) < 0)
		return;
	m->saved = without_ours(m, &now);
	now.c_oflag = m->ours.c_oflag; /* all that remains of us */
	m->ours = m->saved;
	m->ours.c_oflag = now.c_oflag;
	(void)set(m, &m->ours);
}

void tty_modes_leave_raw(struct tty_modes *m)
{
	restore(m);
	tty_modes_forget(m);
}

void tty_modes_forget(struct tty_modes *m)
{
	if (!m->changed)
		return;
	crash_disarm();
	m->changed = false;
	log_set_raw_terminal(0);
}
