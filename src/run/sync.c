/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/sync.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/proc.h"

/* What goes over the wire; both ends are the same program, so this is all there is to agree on. */
struct message {
	uint32_t stage;
	int32_t value;
};

static const char *const stage_names[STAGE_COUNT] = {
	[STAGE_IDS_MAPPED] = "the id maps",
	[STAGE_FILTER_READY] = "the seccomp filter",
	[STAGE_NETWORK_UP] = "the network",
	[STAGE_TERMINAL_READY] = "the terminal",
	[STAGE_NETWORK_MADE] = "the box's network namespace",
	[STAGE_TERMINAL_MADE] = "the pty",
	[STAGE_PROGRAM_RUNNING] = "the program",
	[STAGE_EXEC_FAILED] = "the program's failure",
	[STAGE_PROGRAM_STOPPED] = "the program's stop",
	[STAGE_PROGRAM_ENDED] = "the program's end",
	[STAGE_CONTINUE] = "the word to continue",
	[STAGE_STOP] = "the word to stop",
	[STAGE_GROUP_READY] = "the control group",
	[STAGE_MEASURED] = "the receipt",
};

static void start(struct sync *s, int fd)
{
	*s = (struct sync){ .fd = fd };
	for (int i = 0; i < STAGE_COUNT; i++)
		s->passed_fd[i] = -EBADF;
}

int sync_open(struct sync *ret_parent, struct sync *ret_child)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return log_errno(errno, "cannot make a socket pair");
	start(ret_parent, ends[0]);
	start(ret_child, ends[1]);
	return 0;
}

void sync_done(struct sync *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -EBADF;
	for (int i = 0; i < STAGE_COUNT; i++)
		if (s->received & (1u << i))
			cleanup_fd_fn(&s->passed_fd[i]);
	s->received = 0;
}

int sync_announce(struct sync *s, enum stage stage, int value, int pass_fd)
{
	struct message message = { (uint32_t)stage, value };
	struct iovec data = { &message, sizeof(message) };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };

	if (pass_fd >= 0) {
		struct cmsghdr *c;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	while (sendmsg(s->fd, &header, MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		return errno == EPIPE || errno == ECONNRESET ? -EPIPE : -errno;
	}
	return 0;
}

static int passed_fd(struct msghdr *header)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(header);
	int fd = -EBADF;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

int sync_receive(struct sync *s)
{
	struct message message;
	struct iovec data = { &message, sizeof(message) };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr header = { .msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	cleanup_fd int fd = -EBADF;
	ssize_t n = recvmsg(s->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (n == 0)
		return -EPIPE;
	fd = passed_fd(&header);
	if (n != sizeof(message) || message.stage >= STAGE_COUNT)
		return -EPIPE; /* not from us: as good as gone */
	cleanup_fd_fn(&s->passed_fd[message.stage]);
	s->passed_fd[message.stage] = take_fd(&fd);
	s->value[message.stage] = message.value;
	s->received |= 1u << message.stage;
	return 1;
}

bool sync_take(struct sync *s, enum stage stage, int *ret_value, int *ret_fd)
{
	int fd;

	if (!(s->received & (1u << stage)))
		return false;
	s->received &= ~(1u << stage);
	fd = take_fd(&s->passed_fd[stage]);
	if (ret_value)
		*ret_value = s->value[stage];
	if (ret_fd)
		*ret_fd = fd;
	else
		cleanup_fd_fn(&fd);
	return true;
}

int sync_await(struct sync *s, enum stage stage, int timeout_ms)
{
	int64_t end = proc_now_ms() + timeout_ms;

	while (!(s->received & (1u << stage))) {
		int64_t left = timeout_ms < 0 ? -1 : end - proc_now_ms();
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int r;

		if (timeout_ms >= 0 && left <= 0)
			return log_errno(ETIMEDOUT, "cannot wait longer for %s",
					 stage_names[stage]);
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		r = sync_receive(s);
		if (r < 0)
			return r;
	}
	return 0;
}
