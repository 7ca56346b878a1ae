/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timer [-n RUNS] [-w WARMUPS] [-t SECONDS] [-p MILLISECONDS]
 *       [@WORD]... COMMAND... [: [@WORD]... COMMAND...]...
 *
 * Runs the commands in turn (A B C A B C ...), WARMUPS + RUNS times, each run
 * followed by a pause, and prints per command one line "MEDIAN MIN P25 P75
 * MEAN" in microseconds: from posix_spawn() to the death of what it started,
 * warm-ups left out. A lone ":" ends a command. No shell and no pipe is inside
 * the measured time.
 *
 * A command may begin with these words:
 *	@rm=DIR		remove the directory DIR before every run
 *	@cd=DIR		start it there
 *	@says		stop the clock at its first byte on stdout; it ends by itself
 *	@ready		stop the clock at its first byte on fd 3, then end it
 *	@life		stop the clock only when it has ended, after either
 *
 * The commands' stdin is /dev/null, their stdout is dropped, their stderr is
 * shown when one fails. Any exit status but 0, or a run of more than SECONDS,
 * ends the whole thing with status 1.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/syscalls.h"

#define COMMANDS_MAX 16

extern char **environ;

struct command {
	char **argv;
	const char *remove_dir, *start_dir;
	int byte_fd; /* its first byte there is awaited; 0: none is */
	bool whole_life;
	double *times;
};

static volatile pid_t running;

static void on_signal(int sig)
{
	if (running > 0)
		kill(running, SIGKILL);
	_exit(128 + sig);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void show_file(int fd)
{
	char buf[4096];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(STDERR_FILENO, buf, (size_t)n) < 0)
			return;
}

static pid_t spawn(const struct command *c, int stderr_fd, int pipe_fd)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, stderr_fd, 2);
	if (c->byte_fd)
		posix_spawn_file_actions_adddup2(&actions, pipe_fd, c->byte_fd);
	if (c->start_dir)
		posix_spawn_file_actions_addchdir_np(&actions, c->start_dir);
	r = posix_spawn(&pid, c->argv[0], &actions, NULL, c->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		errx(1, "cannot start '%s': %s", c->argv[0], strerror(r));
	return pid;
}

/* Until fd can be read, or is hung up, for that long at most. */
static bool await(int fd, int timeout_s)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_s * 1000) > 0;
}

/* One that is ended when it is ready, for it would not end by itself. */
static bool is_server(const struct command *c)
{
	return c->byte_fd > STDERR_FILENO;
}

/* Was that a good end? */
static bool judge(const struct command *c, int status, bool has_spoken)
{
	if (WIFSIGNALED(status) && !(is_server(c) && WTERMSIG(status) == SIGTERM))
		warnx("'%s' was killed by signal %d", c->argv[0], WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		warnx("'%s' ended with status %d", c->argv[0], WEXITSTATUS(status));
	else if (!has_spoken)
		warnx("'%s' ended before it was ready", c->argv[0]);
	else
		return true;
	return false;
}

static double run_once(const struct command *c, int stderr_fd, int timeout_s)
{
	bool in_time = true, has_spoken = true;
	double start, spoken = 0, end;
	int ends[2], pidfd, status;
	char byte;

	if (c->remove_dir)
		nftw(c->remove_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (ftruncate(stderr_fd, 0) < 0 || lseek(stderr_fd, 0, SEEK_SET) < 0)
		err(1, "cannot empty the file for stderr");
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");

	start = now_us();
	running = spawn(c, stderr_fd, ends[1]);
	close(ends[1]);
	pidfd = sys_pidfd_open(running, 0);
	if (pidfd < 0)
		err(1, "pidfd_open");
	if (c->byte_fd) {
		in_time = await(ends[0], timeout_s);
		spoken = now_us();
		has_spoken = in_time && read(ends[0], &byte, 1) == 1;
		if (is_server(c))
			kill(running, SIGTERM);
	}
	in_time = in_time && await(pidfd, timeout_s);
	end = now_us();
	if (!in_time) {
		warnx("'%s' took more than %d s", c->argv[0], timeout_s);
		kill(running, SIGKILL);
	}
	if (waitpid(running, &status, 0) < 0)
		err(1, "waitpid");
	running = 0;
	close(pidfd);
	close(ends[0]);
	if (in_time && judge(c, status, has_spoken))
		return (c->byte_fd && !c->whole_life ? spoken : end) - start;
	show_file(stderr_fd);
	exit(1);
}

/*
 * What a command leaves behind when it ends (bwrap's pid 1, say) is ours, as we
 * are the subreaper: let it end before the next one starts, but not for long.
 */
static void reap_orphans(void)
{
	double end = now_us() + 20000;
	pid_t r;

	while ((r = waitpid(-1, NULL, WNOHANG)) >= 0 && now_us() < end)
		if (r == 0)
			usleep(200);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_result(const struct command *c, int runs)
{
	double sum = 0, median;

	qsort(c->times, (size_t)runs, sizeof(double), compare);
	for (int i = 0; i < runs; i++)
		sum += c->times[i];
	median = (c->times[(runs - 1) / 2] + c->times[runs / 2]) / 2;
	printf("%.1f %.1f %.1f %.1f %.1f\n", median, c->times[0], c->times[runs / 4],
	       c->times[runs * 3 / 4], sum / runs);
}

/* Fills *c and returns where the next command begins. */
static char **parse_command(struct command *c, char **argv, int runs)
{
	for (; *argv && **argv == '@'; argv++) {
		if (strncmp(*argv, "@rm=", 4) == 0)
			c->remove_dir = *argv + 4;
		else if (strncmp(*argv, "@cd=", 4) == 0)
			c->start_dir = *argv + 4;
		else if (strcmp(*argv, "@says") == 0)
			c->byte_fd = STDOUT_FILENO;
		else if (strcmp(*argv, "@ready") == 0)
			c->byte_fd = 3;
		else if (strcmp(*argv, "@life") == 0)
			c->whole_life = true;
		else
			errx(2, "unknown word '%s'", *argv);
	}
	c->argv = argv;
	while (*argv && strcmp(*argv, ":") != 0)
		argv++;
	if (argv == c->argv)
		errx(2, "an empty command");
	c->times = calloc((size_t)runs, sizeof(double));
	if (!c->times)
		err(2, "calloc");
	if (*argv)
		*argv++ = NULL;
	return argv;
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	int runs = 100, warmups = 5, timeout_s = 20, pause_ms = 0, n = 0, opt, stderr_fd;
	FILE *stderr_file = tmpfile();

	while ((opt = getopt(argc, argv, "+n:w:t:p:")) != -1) {
		switch (opt) {
		case 'n':
			runs = atoi(optarg);
			break;
		case 'w':
			warmups = atoi(optarg);
			break;
		case 't':
			timeout_s = atoi(optarg);
			break;
		case 'p':
			pause_ms = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (!stderr_file || runs < 1)
		errx(2, "no temporary file, or fewer than one run");
	stderr_fd = fcntl(fileno(stderr_file), F_DUPFD_CLOEXEC, 4);
	fclose(stderr_file);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);

	for (argv += optind; *argv && n < COMMANDS_MAX; n++)
		argv = parse_command(&commands[n], argv, runs);
	if (n == 0 || *argv)
		errx(2, "wants 1 to %d commands", COMMANDS_MAX);

	for (int i = -warmups; i < runs; i++) {
		for (int k = 0; k < n; k++) {
			double took = run_once(&commands[k], stderr_fd, timeout_s);

			if (i >= 0)
				commands[k].times[i] = took;
			reap_orphans();
			if (pause_ms > 0)
				usleep((useconds_t)pause_ms * 1000);
		}
	}
	for (int k = 0; k < n; k++)
		print_result(&commands[k], runs);
	return 0;
}
