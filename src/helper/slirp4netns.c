/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/slirp4netns.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/syscalls.h"
#include "base/text.h"
#include "kernel/mount.h"

#define READY_TIMEOUT_MS 5000
#define API_TIMEOUT_MS	 2000
#define STOP_TIMEOUT_MS	 1000

/* The numbers its ends of the pipes, and the directory, have over there. */
#define READY_FD 3
#define EXIT_FD	 4
#define API_FD	 5

#define API_NAME "slirp"

static void build_argv(struct strv *argv, const struct plan_net *net, const char *path, pid_t pid)
{
	static const char *const always[] = {
		"--configure",	 "--mtu=65520",	 "--enable-sandbox", "--enable-seccomp",
		"--enable-ipv6", "--ready-fd=3", "--exit-fd=4",
	};

	strv_add(argv, path);
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		strv_add(argv, always[i]);
	if (!net->host_loopback)
		strv_add(argv, "--disable-host-loopback");
	if (net->n_publish > 0)
		strv_take(argv, xasprintf("--api-socket=/proc/self/fd/%d/" API_NAME, API_FD));
	strv_take(argv, xasprintf("%d", (int)pid));
	strv_add(argv, "tap0");
}

/*
 * In a process of its own, for it changes namespaces to where it may mount a
 * file system that knows the id slirp4netns makes its socket with: id 0 of the
 * box, which it becomes, or root, who stays root and may not be in the box.
 * fd is the box's pidfd before, and the tmpfs afterwards.
 */
static int make_tmpfs(int fd)
{
	static const struct mount_option options[] = {
		{ "source", "tmpfs" }, { "mode", "0777" }, { "size", "4k" },
		{ "nr_inodes", "2" },  { NULL, NULL },
	};
	cleanup_fd int made = -EBADF;

	if ((geteuid() != 0 || unshare(CLONE_NEWNS) < 0) &&
	    (setns(fd, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0))
		return errno == ESRCH /* init is gone, and has said why */
			       ? -EPIPE
			       : log_errno(errno, "cannot enter the user namespace of the box");
	made = mount_new_filesystem("tmpfs", options, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (made < 0)
		return log_errno(made, "cannot make a tmpfs for the socket of slirp4netns");
	return dup3(made, fd, O_CLOEXEC) < 0
		       ? log_errno(errno, "cannot keep the tmpfs for the socket of slirp4netns")
		       : 0;
}

/*
 * A place for its socket, for the moment between start and publish: a file
 * system that is mounted nowhere, and gone with the last descriptor of it,
 * whoever is killed when.
 */
static int make_api_dir(pid_t box)
{
	struct clone_args args = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	cleanup_fd int fd = sys_pidfd_open(box, 0);
	cleanup_pid pid_t maker = 0;
	int status;

	if (fd < 0)
		return log_errno(errno, "cannot watch the box");
	/* It shares our table of descriptors: what it puts in the place of one is ours. */
	maker = (pid_t)sys_clone3(&args, sizeof(args));
	if (maker < 0)
		return log_errno(errno, "cannot start a process that makes a tmpfs");
	if (maker == 0)
		_exit(make_tmpfs(fd) < 0);
	status = proc_wait(&maker, API_TIMEOUT_MS);
	if (status == -ETIMEDOUT)
		return log_errno(status, "cannot make a tmpfs for the socket of slirp4netns");
	return status == 0 ? take_fd(&fd) : -EINVAL; /* it has said why */
}

/* slirp4netns keeps the directory for as long as it lives, so the socket is taken out. */
static void remove_api_socket(struct slirp *s)
{
	cleanup_fd int dir = take_fd(&s->api_dir);

	if (dir >= 0)
		(void)unlinkat(dir, API_NAME, 0);
}

int slirp_start(const struct plan_net *net, const struct host *h, pid_t pid, struct slirp *ret)
{
	cleanup_slirp struct slirp s = SLIRP_NONE;
	cleanup_strv struct strv argv = { 0 };
	cleanup_fd int ready = -EBADF, end = -EBADF;
	int ready_pipe[2], exit_pipe[2], r;

	if (net->n_publish > 0) {
		s.api_dir = make_api_dir(pid);
		if (s.api_dir < 0)
			return s.api_dir;
	}
	if (pipe2(ready_pipe, O_CLOEXEC) < 0)
		return log_errno(errno, "cannot make a pipe");
	s.ready_fd = ready_pipe[0];
	ready = ready_pipe[1];
	if (pipe2(exit_pipe, O_CLOEXEC) < 0)
		return log_errno(errno, "cannot make a pipe");
	end = exit_pipe[0];
	s.exit_fd = exit_pipe[1];
	s.words = memfd_create("slirp4netns", MFD_CLOEXEC);
	if (s.words < 0)
		return log_errno(errno, "cannot make a memfd");

	build_argv(&argv, net, h->slirp4netns.path, pid);
	r = proc_spawn(h->slirp4netns.path, argv.v,
		       (const struct proc_fd[]){ { s.words, STDOUT_FILENO },
						 { s.words, STDERR_FILENO },
						 { ready, READY_FD },
						 { end, EXIT_FD },
						 { s.api_dir, API_FD } },
		       net->n_publish > 0 ? 5 : 4);
	if (r < 0)
		return log_errno(r, "cannot start '%s'", h->slirp4netns.path);
	s.pid = r;
	s.pidfd = sys_pidfd_open(s.pid, 0);
	if (s.pidfd < 0)
		return log_errno(errno, "cannot watch slirp4netns");
	*ret = s;
	s = (struct slirp)SLIRP_NONE;
	return 0;
}

/* The last line it printed that is not empty: the reason, when it has failed. */
static char *last_words(const struct slirp *s)
{
	cleanup_free char *text = NULL;
	char *rest, *line, *last = NULL;

	if (lseek(s->words, 0, SEEK_SET) < 0 || fs_read_all(s->words, 1 << 20, &text, NULL) < 0)
		return xstrdup("");
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (*line && !text_starts_with(line, "do_slirp is exiting") &&
		    !text_starts_with(line, "WARNING:") && !text_starts_with(line, "child failed"))
			last = line;
	return xstrdup(last ? last : "");
}

static int await_ready(int box_pidfd, struct slirp *s)
{
	struct pollfd fds[] = {
		{ .fd = s->ready_fd, .events = POLLIN },
		{ .fd = box_pidfd, .events = POLLIN },
	};
	int64_t end = proc_now_ms() + READY_TIMEOUT_MS;
	cleanup_free char *said = NULL;
	char byte;

	while (poll(fds, ARRAY_LEN(fds), (int)(end - proc_now_ms())) < 0 && errno == EINTR)
		continue;
	if (fds[1].revents)
		return -EPIPE;
	if (fds[0].revents == 0)
		return log_errno(ETIMEDOUT,
				 "cannot bring the network up: slirp4netns was not ready "
				 "after 5 s");
	if (read(s->ready_fd, &byte, 1) == 1)
		return 0;
	said = last_words(s);
	return log_errno_hint(ENETDOWN, *said ? said : "is /dev/net/tun there and open to you?",
			      "cannot bring the network up: slirp4netns gave up");
}

static int connect_api(const struct slirp *s)
{
	const struct timeval limit = { .tv_sec = API_TIMEOUT_MS / 1000 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/" API_NAME, s->api_dir);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* slirp4netns(1), API SOCKET: one request and one answer a connection. */
static int publish(const struct slirp *s, const struct config_publish *port)
{
	cleanup_fd int fd = connect_api(s);
	cleanup_free char *request = NULL, *answer = NULL;
	int r = fd;

	request = xasprintf("{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"%s\","
			    "\"host_addr\":\"%s\",\"host_port\":%u,\"guest_port\":%u}}",
			    port->udp ? "udp" : "tcp", port->host_addr, port->host_port,
			    port->box_port);
	if (r >= 0)
		r = fs_write_all(fd, request, strlen(request));
	if (r >= 0)
		r = shutdown(fd, SHUT_WR) < 0 ? -errno : fs_read_all(fd, 4096, &answer, NULL);
	if (r < 0)
		return log_errno(r, "%s: cannot ask slirp4netns to publish a port", port->origin);
	if (strstr(answer, "\"error\""))
		return log_errno_hint(EADDRINUSE,
				      port->host_port < 1024 ? "ports below 1024 may be root's; or "
							       "something listens there already"
							     : "something listens there already, "
							       "or the address is not this host's",
				      "%s: cannot publish port %u of %s", port->origin,
				      port->host_port, port->host_addr);
	return 0;
}

int slirp_await(const struct plan_net *net, int box_pidfd, struct slirp *s)
{
	int r = await_ready(box_pidfd, s);

	for (size_t i = 0; i < net->n_publish && r == 0; i++)
		r = publish(s, &net->publish[i]);
	remove_api_socket(s);
	return r;
}

void slirp_report_loss(struct slirp *s)
{
	int status = proc_wait(&s->pid, 0);

	if (status == -ETIMEDOUT)
		return;
	log_warn("slirp4netns has ended (%s): the box is offline from here on",
		 proc_describe_status(status));
	slirp_hang_up(s);
}

void slirp_hang_up(struct slirp *s)
{
	cleanup_fd_fn(&s->exit_fd);
	cleanup_fd_fn(&s->pidfd);
	s->exit_fd = s->pidfd = -EBADF;
}

void slirp_stop(struct slirp *s)
{
	slirp_hang_up(s);
	remove_api_socket(s);
	if (s->pid > 0)
		(void)proc_wait(&s->pid, STOP_TIMEOUT_MS);
	proc_cleanup_pid(&s->pid); /* only if it is still there */
	cleanup_fd_fn(&s->ready_fd);
	cleanup_fd_fn(&s->words);
	*s = (struct slirp)SLIRP_NONE;
}

char *slirp_version(const char *path)
{
	cleanup_fd int words = memfd_create("version", MFD_CLOEXEC);
	cleanup_pid pid_t pid = 0;
	cleanup_free char *text = NULL;
	char *argv[] = { (char *)path, (char *)"--version", NULL };

	if (words < 0)
		return xstrdup("");
	pid = proc_spawn(path, argv, (const struct proc_fd[]){ { words, STDOUT_FILENO } }, 1);
	if (pid < 0 || proc_wait(&pid, READY_TIMEOUT_MS) != 0 || lseek(words, 0, SEEK_SET) < 0 ||
	    fs_read_all(words, 4096, &text, NULL) < 0)
		return xstrdup("");
	/* "slirp4netns version 1.2.0", and below it those of its libraries, a line each */
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ';' : '\0';
	return xstrdup(text_starts_with(text, "slirp4netns ") ? text + strlen("slirp4netns ")
							      : text);
}
