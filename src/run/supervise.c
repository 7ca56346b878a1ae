/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/syscalls.h"
#include "run/exec_hint.h"
#include "run/status.h"

#define EXIT_NOT_MADE	    125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND	    127
#define EXIT_TIMED_OUT	    124 /* as timeout(1) */

/* How long a box must have been quiet before memory is given back to the system. */
#define TRIM_AFTER_MS 200

/* How long a box may take to start its program before ^C ends the launch instead. */
#define START_MS 500

/* How long a filter may take to get into the cache, once it is compiled. */
#define COMPILER_STORES_MS 2000

enum watched {
	WATCH_SIGNALS,
	WATCH_SYNC,
	WATCH_INIT,
	WATCH_SLIRP,
	WATCH_HANGUP, /* of the caller's terminal, also while we do not read it */
	WATCH_TTY,
	WATCH_COUNT = WATCH_TTY + TTY_POLL_COUNT,
};

/*
 * Forwarded by us, not by init: without a capability it could not signal a
 * program that took another id, while we own the user namespace. What the
 * terminal sent goes to the program's whole group, as the terminal would have.
 */
static void forward(const struct box *box, int sig, bool to_group)
{
	if (box->program_pidfd < 0)
		return;
	if (to_group &&
	    sys_pidfd_send_signal(box->program_pidfd, sig, NULL, PIDFD_SIGNAL_PROCESS_GROUP) == 0)
		return;
	/* before Linux 6.9: the program alone; when it ends, so does its box */
	(void)sys_pidfd_send_signal(box->program_pidfd, sig, NULL, 0);
}

/* Stop ourselves, as the program is; returns when somebody continues us. */
static void stop_self(void)
{
	(void)raise(SIGSTOP); /* it cannot be blocked */
}

static void continue_program(struct box *box)
{
	bool foreground = box->has_relay && tty_relay_resume(&box->relay);

	(void)sync_announce(&box->sync, STAGE_CONTINUE, foreground, -1);
}

/*
 * The program's time goes on while we are stopped, as we are when it stops
 * itself: what else is in the box runs on. So the kernel continues us then.
 */
static void set_deadline(struct box *box, uint64_t ms)
{
	struct sigevent wake = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(ms / 1000),
					       .tv_nsec = (long)(ms % 1000) * 1000000 } };

	box->deadline_ms = ms ? proc_now_ms() + (int64_t)ms : 0;
	if (ms && !box->has_alarm)
		box->has_alarm = timer_create(CLOCK_MONOTONIC, &wake, &box->alarm) == 0;
	if (box->has_alarm)
		(void)timer_settime(box->alarm, 0, &at, NULL); /* zeroes end it */
}

/* Is there a shell with job control above us, that is, a terminal of our session? */
static bool has_job_control(void)
{
	cleanup_fd int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return tty >= 0;
}

/* The program was stopped: our caller's shell must see us stopped too. */
static void follow_stop(struct box *box, int sig, bool inherits)
{
	bool for_terminal = sig == SIGTTIN || sig == SIGTTOU;
	bool stopped = true;

	if (inherits && sig != SIGSTOP)
		return; /* its terminal stopped us too: see stop_all() */
	/* Without a terminal there is nobody who would notice, and continue us. */
	if (!box->has_relay && !has_job_control())
		return;
	if (!box->has_relay) {
		stop_self();
		continue_program(box);
		return;
	}
	if (for_terminal && tty_relay_activate(&box->relay)) {
		(void)sync_announce(&box->sync, STAGE_CONTINUE, 1, -1);
		return;
	}
	stopped = tty_relay_suspend(&box->relay, sig, sig != SIGSTOP);
	if (stopped)
		continue_program(box);
}

/* SIGTSTP and its like for us: the program stops first, then we do. */
static void stop_all(const struct plan *p, struct box *box, const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	if (p->inherit_session && info->ssi_code == SI_KERNEL) {
		stop_self(); /* the terminal has stopped the program already */
		continue_program(box);
	} else if (box->has_relay) {
		(void)sync_announce(&box->sync, STAGE_STOP, sig == SIGTSTP ? sig : SIGSTOP, -1);
	} else {
		forward(box, sig == SIGTSTP ? sig : SIGSTOP, true);
	}
}

/* The terminal is gone. The stopped are woken, too, or they would outlive it. */
static void hang_up(struct box *box)
{
	if (entry_ignored(box->entry, SIGHUP))
		return;
	forward(box, SIGHUP, true);
	forward(box, SIGCONT, true);
}

static void handle_signal(const struct plan *p, struct box *box,
			  const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	if (entry_ignored(box->entry, sig) && (sig == SIGHUP || sig == SIGINT || sig == SIGQUIT))
		return;
	switch (sig) {
	case SIGPIPE: /* of our own writing */
		return;
	case SIGWINCH:
		if (box->has_relay)
			tty_relay_resize(&box->relay);
		else
			forward(box, sig, false);
		return;
	case SIGCONT:
		if (info->ssi_code != SI_TIMER)
			continue_program(box);
		return;
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		if (box->running)
			stop_all(p, box, info);
		return;
	default:
		break;
	}
	if (box->running) {
		/* a terminal that is shared has signalled the program itself */
		if (!p->inherit_session || info->ssi_code != SI_KERNEL)
			forward(box, sig, info->ssi_code == SI_KERNEL);
		if (sig == SIGHUP && info->ssi_code == SI_KERNEL)
			forward(box, SIGCONT, true);
	} else if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT) {
		/* before there is a program, its signal would be lost: it ends the launch */
		box->ended = true;
		box->wait_status = sig;
		(void)kill(box->init, SIGKILL);
	}
}

static void handle_signals(const struct plan *p, struct box *box)
{
	struct signalfd_siginfo info;

	while (read(box->signals, &info, sizeof(info)) == sizeof(info))
		handle_signal(p, box, &info);
}

/* Descriptors that the program may close before it ends: our copy must not keep them open. */
static void release_stdio(const struct box *box)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		if (null >= 0 && !(box->has_relay && isatty(fd)))
			(void)dup2(null, fd);
	if (null >= 0)
		close(null);
}

static void start_relay(struct box *box, int master)
{
	bool active;

	if (tty_relay_init(&box->relay, master, tty_find_terminals()) < 0) {
		tty_relay_done(&box->relay);
		(void)kill(box->init, SIGKILL);
		return;
	}
	box->has_relay = true;
	active = tty_relay_start(&box->relay);
	(void)sync_announce(&box->sync, STAGE_TERMINAL_READY, active, -1);
}

/* While the group is there: systemd removes its own as soon as init has left it, too. */
static void measure(struct box *box)
{
	box->receipt.ended_us = receipt_now_us();
	if (box->limits.group < 0)
		return;
	cgroup_measure(box->limits.group, &box->receipt.usage);
	box->receipt.has_group = true;
	(void)sync_announce(&box->sync, STAGE_MEASURED, 0, -1);
}

static void handle_stages(const struct plan *p, struct box *box)
{
	int value, fd;

	if (sync_take(&box->sync, STAGE_TERMINAL_MADE, NULL, &fd))
		start_relay(box, fd);
	if (sync_take(&box->sync, STAGE_PROGRAM_RUNNING, NULL, &box->program_pidfd)) {
		box->running = true;
		box->receipt.begun_us = receipt_now_us();
		if (p->timeout.ms)
			set_deadline(box, p->timeout.ms);
		status_started(box->status_fd, box->init);
		release_stdio(box);
	}
	if (sync_take(&box->sync, STAGE_EXEC_FAILED, &value, NULL))
		box->exec_errno = value;
	if (sync_take(&box->sync, STAGE_PROGRAM_STOPPED, &value, NULL))
		follow_stop(box, value, p->inherit_session);
	if (sync_take(&box->sync, STAGE_PROGRAM_ENDED, &value, NULL)) {
		box->ended = true;
		box->wait_status = value;
		set_deadline(box, 0);
		measure(box);
		slirp_hang_up(&box->slirp);
	}
}

/* All messages that are there; false when init has closed its end. */
static bool receive(const struct plan *p, struct box *box)
{
	int r;

	while ((r = sync_receive(&box->sync)) > 0)
		handle_stages(p, box);
	handle_stages(p, box); /* what came while the box was being made */
	return r == 0;
}

/*
 * May we say something now? Our stderr can be the program's, too: what it has
 * filled, and nobody reads, must not keep us from ending it.
 */
static bool may_speak(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLOUT);
}

/* By the group; kernels before 5.14 end the program, and with it its box. */
static void kill_program(const struct box *box)
{
	if (box->limits.group < 0 || cgroup_kill(box->limits.group) < 0)
		forward(box, SIGKILL, false);
}

/* The program's time is over: first it is asked, then all of the box is killed. */
static void enforce_deadline(const struct plan *p, struct box *box)
{
	if (!box->deadline_ms || proc_now_ms() < box->deadline_ms)
		return;
	if (!box->receipt.timed_out && p->timeout.grace_ms) {
		const char *name = sigabbrev_np(p->timeout.stop_signal);

		if (may_speak())
			log_warn("the time is over (--timeout): the program is asked to end by "
				 "SIG%s, "
				 "and killed %g seconds later",
				 name ? name : "RT", (double)p->timeout.grace_ms / 1000);
		forward(box, p->timeout.stop_signal, true);
		forward(box, SIGCONT, true);
		set_deadline(box, p->timeout.grace_ms);
	} else {
		kill_program(box);
		if (may_speak())
			log_warn("the time is over (--timeout): the program is killed");
		set_deadline(box, 0);
	}
	box->receipt.timed_out = true;
}

/* For poll(): until the memory is given back, or the deadline. */
static int patience_ms(const struct box *box, bool trimmed)
{
	int64_t left = box->deadline_ms - proc_now_ms();

	if (box->deadline_ms && (trimmed || left < TRIM_AFTER_MS))
		return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
	return trimmed ? -1 : TRIM_AFTER_MS;
}

static int find_terminal(void)
{
	unsigned int found = tty_find_terminals();

	return found ? __builtin_ctz(found) : -1;
}

static void watch(const struct plan *p, struct box *box)
{
	int64_t patience = proc_now_ms() + START_MS;
	bool talking = receive(p, box), trimmed = false;
	int n, terminal = find_terminal();

	for (;;) {
		/* Until there is a program to have them, signals wait where they are, for a while. */
		bool heed = box->running || proc_now_ms() > patience;
		struct pollfd fds[WATCH_COUNT] = {
			[WATCH_SIGNALS] = { .fd = heed ? box->signals : -1, .events = POLLIN },
			[WATCH_SYNC] = { .fd = talking ? box->sync.fd : -1, .events = POLLIN },
			[WATCH_INIT] = { .fd = box->init_pidfd, .events = POLLIN },
			[WATCH_SLIRP] = { .fd = box->slirp.pidfd, .events = POLLIN },
			[WATCH_HANGUP] = { .fd = terminal },
		};

		for (int i = WATCH_TTY; i < WATCH_COUNT; i++)
			fds[i].fd = -1;
		if (box->has_relay)
			tty_relay_fill_poll(&box->relay, &fds[WATCH_TTY]);
		/* A box that lives on needs no memory for what was planned; a short one has no time. */
		n = poll(fds, WATCH_COUNT, patience_ms(box, trimmed));
		enforce_deadline(p, box);
		if (n == 0 && heed)
			trimmed = malloc_trim(0) >= 0;
		if (n <= 0)
			continue;
		if (fds[WATCH_SYNC].revents)
			talking = receive(p, box);
		if (fds[WATCH_INIT].revents)
			return;
		if (fds[WATCH_SIGNALS].revents)
			handle_signals(p, box);
		if (fds[WATCH_HANGUP].revents) {
			hang_up(box);
			terminal = -1;
		}
		if (fds[WATCH_SLIRP].revents) {
			slirp_report_loss(&box->slirp);
			status_network_lost(box->status_fd);
		}
		if (box->has_relay)
			tty_relay_dispatch(&box->relay, &fds[WATCH_TTY]);
	}
}

/* Reap init: when that is done, the kernel has ended every process of the box. */
static int reap_init(struct box *box)
{
	int status = 0;

	while (wait4(box->init, &status, 0, &box->receipt.rusage) < 0)
		if (errno != EINTR)
			return log_errno(errno, "cannot wait for the box");
	box->init = 0;
	return status;
}

static int not_started(const struct plan *p, const struct box *box)
{
	int status = EXIT_NOT_MADE;

	if (box->exec_errno > 0) {
		exec_explain(p, box->exec_errno);
		status = box->exec_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	status_setup_failed(box->status_fd, status);
	return status;
}

/* What it used; and where a limit of its own ended it, that, since nothing else would say so. */
static void report(const struct plan *p, struct box *box)
{
	cleanup_free char *line = NULL;
	const char *reason;

	box->receipt.wait_status = box->wait_status;
	reason = receipt_reason(&box->receipt);
	if (strcmp(reason, "oom-kill") == 0)
		log_warn("the program's memory was at its limit (--memory), and the kernel killed "
			 "%s of it",
			 box->receipt.usage.oom_kills == 1 ? "one process" : "processes");
	if (strcmp(reason, "pids-limit") == 0)
		log_warn("the program met its limit of %llu processes (--pids)",
			 (unsigned long long)p->cgroup.pids);
	receipt_print_json(box->status_fd, &box->receipt);
	if (!p->report && log_get_level() < LOG_LEVEL_INFO)
		return;
	line = receipt_describe(&box->receipt);
	fprintf(stderr, "sandbox: %s\n", line);
}

int supervise(const struct plan *p, struct box *box)
{
	int init_status, status;

	watch(p, box);
	(void)receive(p, box); /* what init said last */
	if (box->has_relay) {
		(void)tty_relay_drain(&box->relay, box->signals);
		tty_relay_done(&box->relay);
		box->has_relay = false;
	}
	init_status = reap_init(box);
	if (!box->ended && !box->running) {
		if (WIFSIGNALED(init_status))
			log_warn("the box was ended by SIG%s while it was being made",
				 sigabbrev_np(WTERMSIG(init_status)));
		return not_started(p, box);
	}
	if (!box->ended) {
		log_warn("the box was ended from outside, by SIG%s",
			 WIFSIGNALED(init_status) ? sigabbrev_np(WTERMSIG(init_status)) : "?");
		box->wait_status = init_status;
	}
	if (WIFSIGNALED(box->wait_status) && WTERMSIG(box->wait_status) == SIGSYS)
		log_warn("the program was ended by the seccomp filter: it made a system call of a "
			 "foreign architecture (--architectures=native,i386 allows 32-bit "
			 "programs)");
	status = box->receipt.timed_out ? EXIT_TIMED_OUT : status_to_exit(box->wait_status);
	report(p, box);
	status_ended(box->status_fd, box->wait_status, status);
	return status;
}

int supervise_abandon(struct box *box)
{
	if (box->init > 0) {
		(void)kill(box->init, SIGKILL);
		(void)reap_init(box);
	}
	status_setup_failed(box->status_fd, EXIT_NOT_MADE);
	return EXIT_NOT_MADE;
}

void box_done(struct box *box)
{
	if (box->has_relay)
		tty_relay_done(&box->relay);
	slirp_stop(&box->slirp);
	limits_done(&box->limits);
	if (box->compiler > 0)
		(void)proc_wait(&box->compiler, COMPILER_STORES_MS);
	proc_cleanup_pid(&box->compiler); /* only if it is still there */
	cleanup_fd_fn(&box->compiler_done);
	sync_done(&box->sync);
	cleanup_fd_fn(&box->signals);
	cleanup_fd_fn(&box->init_pidfd);
	cleanup_fd_fn(&box->program_pidfd);
}
