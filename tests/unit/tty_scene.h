/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UNIT_TTY_SCENE_H
#define UNIT_TTY_SCENE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

/*
 * A pty is the person's terminal: the test is the person at its master. A
 * shell of one job leads its session, and the job is a launcher in miniature:
 * a relay and a program on a second pty.
 *
 *	test | outer pty | shell - launcher (relay) | inner pty | program
 */

#define WAIT_MS 10000

struct scene {
	int outer; /* the master of the person's terminal */
	pid_t shell;

	/* How to set it up. */
	unsigned int slave_fds;
	bool in_background;
	bool is_orphaned;	 /* no shell waits for the job; the session's leader stays */
	int stdin_fd, stdout_fd; /* instead of the terminal, or -1 */
	int test_fd;		 /* not for any other process, or -1 */
	void (*program)(int slave);

	/* What the processes tell each other. */
	struct shared {
		volatile pid_t launcher;
		volatile int started, active, continued, drained, stopped, status, hung_up;
		volatile int resume_in_background;
		volatile size_t written;
		volatile int go_on;
		volatile int go;
		struct winsize size;
	} * shared;
};

extern struct scene scene;

/* Wait for another process to set a field of the shared struct. */
void wait_until(const volatile int *what, const char *name);
#define WAIT_UNTIL(field) wait_until(&scene.shared->field, #field)

/* The fixture: a scene with its defaults, to be changed before begin(). */
void scene_setup(void);

/* Start it all, and wait until the relay has started. begin_on() takes a pty that is there. */
void begin(void (*program)(int slave));
void begin_on(int outer, int slave, void (*program)(int slave));

/* Wait for the end of the shell; the launcher must have ended with this wait status. */
void finish(int expected_status);

/* A pty of the host. */
void open_host_pty(int *ret_master, int *ret_slave);

/* The person's terminal: its modes, and those it had at first. */
struct termios modes(void);
struct termios first_modes(void);
bool is_raw(void);
void assert_same_modes(const struct termios *expected);

/* Read exactly size bytes from the terminal, or fewer when it stays silent for quiet_ms. */
size_t see(char *buf, size_t size, int quiet_ms);
void expect(const char *text);
void type(const char *keys);

extern const struct winsize first_size;

/* Programs, and what they are made of. */
void make_raw(int slave);
void say(int slave, const char *text);
void until_told(int slave); /* says "here", ends when shared->go is set */
void echo_lines(int slave); /* says each line it reads, each signal it gets; ends at end of file */

#endif
