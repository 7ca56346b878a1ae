/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/syscalls.h"
#include "helper/newuidmap.h"
#include "helper/slirp4netns.h"
#include "kernel/idmap.h"
#include "kernel/loopback.h"
#include "run/child.h"
#include "run/filter_cache.h"
#include "run/supervise.h"

#define EXIT_NOT_MADE	  125
#define FILTER_TIMEOUT_MS 20000
#define STAGE_TIMEOUT_MS  10000

#define NET_MAKER_HAS_LOGGED 255 /* its exit status; others are an errno */

/*
 * May we leave path unmade, having failed with err? Only where the program
 * cannot make it either: on a read-only file system, or below a directory of
 * root's. One of the caller's own it could make writable.
 */
static bool is_out_of_reach(const char *path, const struct host *h, int err)
{
	cleanup_free char *at = xstrdup(path);
	struct stat st;
	char *slash;

	if (err == EROFS)
		return true;
	while ((slash = strrchr(at, '/')) && slash != at && stat(at, &st) < 0)
		*slash = '\0';
	return h->uid != 0 && stat(*at ? at : "/", &st) == 0 && st.st_uid == 0;
}

/*
 * What the launcher reads at its next start must exist to be protected inside.
 * The user's own directories are private; others (a root that shows /usr/local
 * for writing) are for all.
 */
static int make_dirs(const struct plan *p, const struct host *h)
{
	for (size_t i = 0; i < p->make_dirs.n; i++) {
		cleanup_free char *path = xstrdup(p->make_dirs.v[i]);
		mode_t mode = h->home && fs_is_below(path, h->home) ? 0700 : 0755;
		int err;

		for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			(void)mkdir(path, mode); /* if it fails, so does the last one */
			*slash = '/';
		}
		err = mkdir(path, mode) < 0 ? errno : 0;
		if (err != 0 && err != EEXIST && !is_out_of_reach(path, h, err))
			return log_errno_hint(err, "make it, or show less for writing",
					      "cannot make '%s', which must be protected inside",
					      path);
	}
	return 0;
}

/* Whom the compiling process tells that it is done: init, which needs the filter, and us. */
struct filter_waiters {
	struct sync *init;
	int us;
};

static void tell_filter_ready(void *data)
{
	const struct filter_waiters *w = data;

	(void)sync_announce(w->init, STAGE_FILTER_READY, 0,
			    -1); /* if it is gone, it has said why */
	(void)fs_write_all(w->us, "", 1);
}

/*
 * A process that compiles the filter into memfd while the box is being made;
 * compiling here would leave us its heap. Once it has told that it is done, it
 * has the cache to see to, which nobody waits for.
 */
static int start_compiler(const struct plan *p, const struct host *h, const char *text, int memfd,
			  struct box *box)
{
	int done[2];
	pid_t pid;

	if (pipe2(done, O_CLOEXEC) < 0)
		return log_errno(errno, "cannot make a pipe");
	box->compiler_done = done[0];
	pid = fork();
	if (pid == 0) {
		struct filter_waiters waiters = { &box->sync, done[1] };

		_exit(filter_cache_fill(h->cache_dir, text, &p->filter, memfd, tell_filter_ready,
					&waiters) < 0);
	}
	close(done[1]);
	if (pid < 0)
		return log_errno(errno, "cannot start a process that compiles the filter");
	box->compiler = pid;
	return 0;
}

/* The compiled filter: from the cache, or else soon in a memfd. */
static int find_filter(const struct plan *p, const struct host *h, struct filter_source *f,
		       void **ret_image, struct box *box)
{
	cleanup_free char *text = filter_policy_text(&p->filter);

	if (filter_cache_get(h->cache_dir, text, ret_image, &f->size) == 1) {
		f->image = *ret_image;
		return 0;
	}
	log_debug("the filter is not in the cache; compiling it");
	f->memfd = memfd_create("filter", MFD_CLOEXEC);
	if (f->memfd < 0)
		return log_errno(errno, "cannot make a memfd");
	return start_compiler(p, h, text, f->memfd, box);
}

/* clone3() says ENOSPC for every exhausted limit, and EPERM for more than one reason. */
static int explain_clone(int err)
{
	static const char *const limits[] = { "user", "mnt",	"pid", "net",
					      "ipc",  "cgroup", "uts", "time" };
	cleanup_free char *hint = NULL;

	for (size_t i = 0; i < ARRAY_LEN(limits) && err == ENOSPC && !hint; i++) {
		cleanup_free char *path = xasprintf("/proc/sys/user/max_%s_namespaces", limits[i]);
		cleanup_free char *text = NULL;

		if (fs_read_file(AT_FDCWD, path, 64, &text, NULL) == 0 && atoi(text) == 0)
			hint = xasprintf("user.max_%s_namespaces is 0; an administrator changes it "
					 "with: sysctl user.max_%s_namespaces=10000",
					 limits[i], limits[i]);
	}
	if (err == ENOSPC && !hint)
		hint = xstrdup("a limit of user.max_*_namespaces is reached, or namespaces are "
			       "nested 32 deep");
	if (err == EPERM && access("/proc/sys/kernel/unprivileged_userns_clone", F_OK) == 0)
		hint = xstrdup("see sysctl kernel.unprivileged_userns_clone; in a chroot it is "
			       "never allowed");
	else if (err == EPERM || err == EACCES)
		hint = xstrdup("not possible in a chroot, nor where a container's filter or an "
			       "AppArmor rule forbids user namespaces");
	return log_errno_hint(err, hint, "cannot make the namespaces of the box");
}

/* The first process of the box. Does not return in the child. */
static pid_t start_child(const struct plan *p, struct filter_source *filter, struct sync *theirs,
			 struct box *box)
{
	int beside = box->net_beside ? p->beside_flags : 0;
	struct clone_args args = {
		.flags = (uint64_t)(p->clone_flags & ~beside) | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&box->init_pidfd,
		.exit_signal = SIGCHLD,
	};
	struct child child = {
		.entry = box->entry,
		.filter = filter,
		.sync = theirs,
		.net_beside = beside != 0,
		.place = { .root_fd = -EBADF, .scratch_fd = -EBADF },
		.cgroup = -EBADF,
		.session_nice = -EBADF,
		.slave = -EBADF,
		.child_signals = -EBADF,
		.program_pidfd = -EBADF,
	};
	long pid = sys_clone3(&args, sizeof(args));

	if (pid < 0)
		return explain_clone(errno);
	if (pid == 0) {
		sync_done(&box->sync);
		_exit(child_run(p, &child));
	}
	return (pid_t)pid;
}

/*
 * In the box's user namespace, which owns what is made there, as if init had
 * made it. Returns the exit status of a net maker: 0, NET_MAKER_HAS_LOGGED, EPIPE
 * if init is gone, or the errno of unshare, to be explained where the limits of
 * the host can be read.
 */
static int make_net(const struct plan *p, struct box *box)
{
	cleanup_fd int made = -EBADF;

	if (setns(box->init_pidfd, CLONE_NEWUSER) < 0) {
		if (errno == ESRCH)
			return EPIPE;
		(void)log_errno(errno, "cannot enter the user namespace of the box");
		return NET_MAKER_HAS_LOGGED;
	}
	if (unshare(p->beside_flags) < 0)
		return errno;
	if (loopback_up() < 0)
		return NET_MAKER_HAS_LOGGED;
	made = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (made < 0) {
		(void)log_errno(errno, "cannot open the network namespace of the box");
		return NET_MAKER_HAS_LOGGED;
	}
	return -sync_announce(&box->sync, STAGE_NETWORK_UP, 0, made);
}

/* A process that makes the network namespace while init mounts: it takes the kernel 0.4 ms. */
static int start_net_maker(const struct plan *p, struct box *box, pid_t *ret_pid)
{
	if (!box->net_beside)
		return 0;
	*ret_pid = fork();
	if (*ret_pid < 0)
		return log_errno(errno, "cannot start a process that makes the network namespace");
	if (*ret_pid == 0)
		_exit(make_net(p, box));
	return 0;
}

static int write_maps(const struct plan *p, const struct host *h, struct box *box)
{
	int r;

	if (!p->ids.by_helpers)
		return 0;
	r = newuidmap_write(&p->ids, h, box->init);
	if (r == 0)
		r = idmap_verify(box->init, &p->ids.uids, &p->ids.gids);
	return r < 0 ? r : sync_announce(&box->sync, STAGE_IDS_MAPPED, 0, -1);
}

static int await_compiler(struct box *box)
{
	struct pollfd p = { .fd = box->compiler_done, .events = POLLIN };
	int64_t end = proc_now_ms() + FILTER_TIMEOUT_MS;
	char byte;
	int status;

	if (box->compiler == 0)
		return 0;
	while (poll(&p, 1, (int)(end - proc_now_ms())) < 0 && errno == EINTR)
		continue;
	if (p.revents == 0)
		return log_errno(ETIMEDOUT, "cannot compile the seccomp filter");
	if (read(box->compiler_done, &byte, 1) == 1)
		return 0;
	status = proc_wait(&box->compiler, STAGE_TIMEOUT_MS);
	if (status > 0 && WIFSIGNALED(status))
		return log_invalid("the process that compiles the seccomp filter was %s",
				   proc_describe_status(status));
	return -EINVAL; /* it has said why */
}

static int make_group(const struct plan *p, const struct host *h, struct box *box)
{
	int r;

	if (!p->cgroup.wanted)
		return 0;
	r = limits_finish(p, h, box->init, box->init_pidfd, &box->limits);
	return r < 0 ? r : sync_announce(&box->sync, STAGE_GROUP_READY, 0, box->limits.group);
}

static int await_net_maker(pid_t *maker)
{
	int status = *maker ? proc_wait(maker, STAGE_TIMEOUT_MS) : 0;

	if (status == 0)
		return 0;
	if (status < 0 || !WIFEXITED(status))
		return log_errno(status < 0 ? status : EINTR,
				 "cannot make the network namespace of the box");
	if (WEXITSTATUS(status) == NET_MAKER_HAS_LOGGED)
		return -EINVAL;
	if (WEXITSTATUS(status) == EPIPE)
		return -EPIPE;
	return explain_clone(WEXITSTATUS(status));
}

/*
 * What the parent does while init makes the box. slirp4netns may only join when
 * there is a network namespace to join, and maps for the id 0 it wants to be.
 */
static int assist(const struct plan *p, const struct host *h, struct box *box)
{
	cleanup_pid pid_t net_maker = 0;
	int r;

	limits_continue(&box->limits, box->init);
	r = start_net_maker(p, box, &net_maker);
	if (r == 0)
		r = write_maps(p, h, box);
	if (r == 0 && p->net.mode == NET_SLIRP)
		r = sync_await(&box->sync, STAGE_NETWORK_MADE, STAGE_TIMEOUT_MS);
	if (r == 0 && p->net.mode == NET_SLIRP)
		r = slirp_start(&p->net, h, box->init, &box->slirp);
	if (r == 0)
		r = await_net_maker(&net_maker);
	if (r == 0)
		r = make_group(p, h, box);
	if (r == 0)
		r = await_compiler(box);
	if (r == 0 && p->net.mode == NET_SLIRP) {
		r = slirp_await(&p->net, box->init_pidfd, &box->slirp);
		if (r == 0)
			r = sync_announce(&box->sync, STAGE_NETWORK_UP, 0, -1);
	}
	return r;
}

/* All signals come through box->signals, but those that our own faults raise. */
static int take_signals(struct box *box)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		sigdelset(&all, faults[i]);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigdelset(&all, SIGCHLD); /* processes are watched by pidfd */
	box->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return box->signals < 0 ? log_errno(errno, "cannot watch for signals") : 0;
}

static int make_box(const struct plan *p, const struct host *h, struct box *box)
{
	cleanup_free void *image = NULL;
	struct filter_source filter = { .memfd = -EBADF };
	cleanup_fd int memfd = -EBADF;
	cleanup_sync struct sync theirs = { .fd = -EBADF };
	int r;

	r = make_dirs(p, h);
	if (r == 0)
		r = take_signals(box);
	if (r == 0)
		r = limits_start(p, h, &box->limits);
	if (r == 0)
		r = sync_open(&box->sync, &theirs);
	if (r == 0)
		r = find_filter(p, h, &filter, &image, box);
	memfd = filter.memfd;
	if (r < 0)
		return r;
	/* a compiler takes the processor that making the network beside would need */
	box->net_beside = p->beside_flags != 0 && box->compiler == 0;
	box->init = start_child(p, &filter, &theirs, box);
	if (box->init < 0)
		return box->init;
	sync_done(&theirs);
	r = assist(p, h, box);
	/* A broken pipe is the box's own failure: it has said why, and its end is awaited next. */
	return r == -EPIPE ? 0 : r;
}

/*
 * A shell whose loop or script we are a part of ends it when ^C killed us, not
 * when we exited, with whatever status.
 */
static void end_alike(const struct entry *e, int sig)
{
	const struct rlimit none = { 0, 0 };
	sigset_t only;

	if ((sig != SIGINT && sig != SIGQUIT) || entry_ignored(e, sig))
		return;
	(void)setrlimit(RLIMIT_CORE, &none); /* the core of the launcher helps nobody */
	sigemptyset(&only);
	sigaddset(&only, sig);
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &only, NULL);
}

int launch(const struct plan *p, const struct host *h, const struct entry *e, int status_fd)
{
	struct box box = BOX_NONE;
	int status;

	(void)umask(0); /* the modes of the box's directories are not the caller's business */
	box.entry = e;
	box.status_fd = status_fd;
	if (make_box(p, h, &box) < 0)
		status = supervise_abandon(&box);
	else
		status = supervise(p, &box);
	box_done(&box);
	if (box.ended && WIFSIGNALED(box.wait_status))
		end_alike(e, WTERMSIG(box.wait_status));
	return status;
}
