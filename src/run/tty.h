/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_TTY_H
#define RUN_TTY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "run/tty_modes.h"

/*
 * The program's own terminal.
 *
 * A terminal that is shared with the box is a way out of it: what is typed
 * ahead in it (TIOCSTI, CVE-2017-5226) is run by the caller's shell later. So
 * the box gets a pty of its own devpts, and the parent relays:
 *
 *	the person's terminal  <->  parent  <->  master | slave  <->  program
 *
 * Keys are taken only while the person's terminal is "active": in raw mode,
 * with every key, ^C and ^Z too, going to the box, where the pty turns them
 * into signals. It becomes active at the start when stdin and stdout both go
 * through the pty; else another program of the pipeline may be reading the
 * keys (sandbox prog | less), and the parent waits until the program asks for
 * them. It asks by being stopped: it was started as a background group of its
 * pty, so that read gives SIGTTIN and tcsetattr SIGTTOU. The same holds when
 * we ourselves are a background job.
 *
 * Who does what:
 *
 *  init     tty_open_pty(), sends the master to the parent;
 *           tty_make_controlling(); starts the program in a group of its own,
 *           and gives it the pty with tty_set_foreground() when the parent says
 *           "active". Later tty_set_active(), as the parent says.
 *           It keeps its slave open: the parent takes a master without a
 *           slave for the end of the box.
 *  parent   tty_relay_init() before the program may run, tty_relay_start() as
 *           late as that allows, then the poll loop. And:
 *
 *	SIGWINCH: tty_relay_resize()
 *	Init says the program was stopped by SIGTTIN or SIGTTOU: if
 *		tty_relay_activate(), init continues it, active. Else we are in
 *		the background: as for SIGTSTP.
 *	... by SIGTSTP: tty_relay_suspend(that signal, whole job), then as for SIGCONT
 *	... by SIGSTOP: tty_relay_suspend(SIGSTOP, only us), then as for SIGCONT
 *	SIGTSTP, SIGTTIN or SIGTTOU for us: init stops the program, and says so
 *	SIGCONT: init continues the program, active if tty_relay_resume()
 *	Init is gone: tty_relay_drain(), tty_relay_done()
 *
 * The caller keeps SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT unblocked: while
 * the terminal is raw there is a handler that restores it. SIGPIPE is blocked
 * or ignored.
 */

/* One direction's bytes on the way. */
struct tty_queue {
	char *data;
	size_t start, end;
};

/* Where keys come from, or where output goes to. */
struct tty_end {
	int fd;
	bool is_terminal;
	bool is_ours; /* opened by us and non-blocking; else borrowed from 0, 1 or 2 */
};

/* Stays where it is from tty_relay_init() to tty_relay_done(). */
struct tty_relay {
	int master; /* -EBADF once the pty has come to its end */
	struct tty_end keys, screen;
	struct tty_modes modes;
	struct tty_queue to_box, to_screen;
	bool owns_screen; /* stdin and stdout both: nobody else writes to the terminal */
	bool wanted;	  /* keys are to go to the box when we are in the foreground */
	bool active;	  /* and they do */
	bool keys_ended;  /* there will be no more */
	bool modes_copied;
	bool in_line; /* what was typed last was no newline */
};

/* Entries of the relay in the caller's array for poll(2). */
enum tty_poll {
	TTY_POLL_KEYS,
	TTY_POLL_SCREEN,
	TTY_POLL_MASTER,
	TTY_POLL_COUNT,
};

/*
 * Open a pty through the ptmx of a devpts directory (attached or not), unlocked;
 * both ends are O_CLOEXEC. Needs no mounted /dev.
 */
int tty_open_pty(int devpts_fd, int *ret_master, int *ret_slave);

/* Become the leader of a new session with slave as its terminal. We must not lead a group. */
int tty_make_controlling(int slave);

/*
 * Make group the foreground group of our terminal, even if we are in the
 * background of it. Says nothing: the group may have ended this very moment.
 */
int tty_set_foreground(int slave, pid_t group);

/*
 * For init: keys go to the box from now on, or do not. *group, the program's at
 * first, is the group that was in the foreground when they stopped doing so,
 * and that gets it back: under a shell it need not be the program's own. (A
 * program that was stopped is given the terminal by tty_set_foreground(), as by
 * a shell.) Says nothing: a group may have ended this very moment.
 */
int tty_set_active(int slave, bool active, pid_t *group);

/* Bits 0 to 2: this descriptor of ours is a terminal. */
unsigned int tty_find_terminals(void);

/*
 * Take over master. slave_fds has bit N (0 to 2) set when the program's fd N is
 * the slave; usually what tty_find_terminals() says. If stdin is among them but
 * is no terminal, what is read from it is typed, and its end is typed as ^D.
 *
 * Copies window size and modes to the pty and leaves the person's terminal
 * alone. Fills *ret whatever it returns.
 */
int tty_relay_init(struct tty_relay *ret, int master, unsigned int slave_fds);

/* Restore the terminal, hang up the pty. Any number of times, also on a zeroed struct. */
void tty_relay_done(struct tty_relay *r);

/* All three return whether keys now go to the box: whether the program belongs in the foreground. */
bool tty_relay_start(struct tty_relay *r);
bool tty_relay_activate(struct tty_relay *r); /* the program wants them */
bool tty_relay_resume(struct tty_relay *r);   /* after SIGCONT; harmless at any time */

/*
 * Show what was written so far, restore the terminal and stop with signal sig
 * and its default action, us alone or our whole process group, as the kernel
 * does for ^Z. Comes back when we are continued, having taken the SIGCONT that
 * did it: tty_relay_resume() then.
 * In an orphaned group nothing stops, and it comes back at once; a program that
 * was to wait for keys there (SIGTTIN, SIGTTOU) gets an end of file then.
 *
 * Returns false, having done nothing, where nobody would continue us: the
 * terminal is not the one our session is controlled by. The program is better
 * left as it is then.
 */
bool tty_relay_suspend(struct tty_relay *r, int sig, bool whole_job);

/* Copy the window size. The kernel tells the program if it is a new one. */
void tty_relay_resize(struct tty_relay *r);

/*
 * Set up the relay's entries, -1 for those of no interest now; afterwards give
 * them back. Neither blocks, unless the terminal can only be had through a
 * descriptor of the caller's (another user's terminal that is not ours either).
 */
void tty_relay_fill_poll(const struct tty_relay *r, struct pollfd fds[TTY_POLL_COUNT]);
void tty_relay_dispatch(struct tty_relay *r, const struct pollfd fds[TTY_POLL_COUNT]);

/*
 * After the end of the box: take no more keys and show what the program wrote
 * before it ended. A process that was handed the slave and is outside the box
 * delays this by one second at most. A terminal that takes no output is waited
 * for until SIGHUP, SIGINT, SIGQUIT or SIGTERM comes through signals, a
 * non-blocking signalfd; what else comes through it is dropped.
 */
void tty_relay_drain(struct tty_relay *r, int signals);

#define cleanup_tty_relay __attribute__((cleanup(tty_relay_done)))

#endif
