/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_TTY_MODES_H
#define RUN_TTY_MODES_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

/*
 * The modes of the person's terminal: what we did to them, and how to undo it,
 * in a signal handler too. A terminal that does not control our session knows
 * no foreground: nobody contends for it, and we count as being there.
 */
struct tty_modes {
	int fd; /* -EBADF: there is no terminal */
	bool changed;
	struct termios saved, ours;
};

bool tty_modes_is_foreground(const struct tty_modes *m);

/*
 * Raw: each key as it comes, none a signal. keep_output leaves newlines their
 * carriage returns, for others who write to the terminal. From here on a crash
 * (SIGSEGV and its like) restores the modes before it takes its course, so m
 * stays where it is. Returns 0 or -errno and says nothing.
 */
int tty_modes_go_raw(struct tty_modes *m, bool keep_output);

/* Back to lines, echo and signals; output stays raw. */
void tty_modes_leave_raw_input(struct tty_modes *m);

/*
 * Undo it all. In the background the modes are the shell's, which has put its
 * own in place of ours: then nothing is touched, only forgotten.
 */
void tty_modes_leave_raw(struct tty_modes *m);

/* The terminal is somebody else's now: no more to undo. */
void tty_modes_forget(struct tty_modes *m);

/*
 * A background process that changes its terminal is stopped by SIGTTOU, or gets
 * EIO when its group is orphaned, as pid 1's is. With the signal blocked the
 * kernel lets it pass. The caller puts *ret_old back.
 */
void tty_block_sigttou(sigset_t *ret_old);

#endif
