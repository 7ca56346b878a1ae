/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/caps.h"
#include "kernel/filter.h"
#include "kernel/idmap.h"
#include "kernel/keyring.h"
#include "kernel/landlock.h"
#include "kernel/loopback.h"
#include "kernel/nice.h"
#include "kernel/oom.h"
#include "kernel/root.h"
#include "kernel/timens.h"
#include "kernel/userns.h"
#include "run/init.h"
#include "run/payload.h"
#include "run/status.h"
#include "run/tty.h"

/* For a stage of the parent's: its own helpers have shorter limits than this. */
#define STAGE_TIMEOUT_MS 30000

#define EXIT_NOT_MADE 125

/*
 * In a new pid namespace getppid() is 0 before and after the parent's death, so
 * the usual check is void. The parent holds the other end of the socket: if it
 * is gone already, no signal will come.
 */
static int die_with_parent(const struct plan *p, struct child *c)
{
	struct pollfd peer = { .fd = c->sync->fd };

	(void)p;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return log_errno(errno, "cannot tie the box to its launcher");
	if (poll(&peer, 1, 0) > 0 && (peer.revents & POLLHUP))
		return -EPIPE;
	return 0;
}

/* Those that were not made with us; newuidmap is at work on our maps meanwhile. */
static int make_namespaces(const struct plan *p, struct child *c)
{
	(void)c;
	if (p->unshare_flags && unshare(p->unshare_flags) < 0)
		return log_errno_hint(errno,
				      errno == ENOSPC
					      ? "a limit of user.max_*_namespaces is reached"
					      : NULL,
				      "cannot make the namespaces of the box");
	return 0;
}

static int map_ids(const struct plan *p, struct child *c)
{
	bool slirp = p->net.mode == NET_SLIRP;
	int r = 0;

	if (!p->ids.by_helpers)
		r = idmap_write_self(&p->ids.uids, &p->ids.gids);
	if (r == 0 && !p->ids.by_helpers)
		r = idmap_verify(0, &p->ids.uids, &p->ids.gids);
	if (r == 0 && slirp)
		r = sync_announce(c->sync, STAGE_NETWORK_MADE, 0, -1);
	if (r == 0 && p->ids.by_helpers)
		r = sync_await(c->sync, STAGE_IDS_MAPPED, STAGE_TIMEOUT_MS);
	return r;
}

static int take_ids(const struct plan *p, struct child *c)
{
	int r = idmap_take_ids(&p->ids);

	if (r < 0 || !p->ids.switch_ids)
		return r;
	/* A change of ids takes both away (prctl(2)); /proc/self is written to later. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return log_errno(errno, "cannot become dumpable again");
	return die_with_parent(p, c);
}

static int limit_nesting(const struct plan *p, struct child *c)
{
	(void)c;
	if (p->nested_limited)
		return 0;
	return idmap_limit_namespaces(p->ids.two_level ? 1 : 0);
}

static int name_host(const struct plan *p, struct child *c)
{
	(void)c;
	if (p->hostname && sethostname(p->hostname, strlen(p->hostname)) < 0)
		return log_errno_hint(errno, userns_hint(errno), "cannot name the box '%s'",
				      p->hostname);
	return 0;
}

static int raise_loopback(const struct plan *p, struct child *c)
{
	return p->net.mode == NET_HOST || c->net_beside ? 0 : loopback_up();
}

static int shift_clocks(const struct plan *p, struct child *c)
{
	(void)c;
	return p->time.set ? timens_enter(&p->time) : 0;
}

static int weigh(const struct plan *p, struct child *c)
{
	if (p->nice > 0 && !p->inherit_session)
		c->session_nice = nice_open_session();
	return p->oom_score >= 0 ? oom_apply(p->oom_score) : 0;
}

static int attach_root(const struct plan *p, struct child *c)
{
	return root_attach(p, &c->place);
}

static int fill_root(const struct plan *p, struct child *c)
{
	return root_fill(p, &c->place);
}

static int enter_root(const struct plan *p, struct child *c)
{
	int r = root_enter(p, &c->place);

	root_done(&c->place);
	return r;
}

static int open_terminal(const struct plan *p, struct child *c)
{
	cleanup_fd int devpts = -EBADF, master = -EBADF;
	int r;

	if (!p->pty)
		return 0;
	c->slave_fds = tty_find_terminals();
	devpts = open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (devpts < 0)
		return log_errno(errno, "cannot open '/dev/pts' in the box");
	r = tty_open_pty(devpts, &master, &c->slave);
	if (r < 0)
		return r;
	return sync_announce(c->sync, STAGE_TERMINAL_MADE, 0, master);
}

static int await_network(const struct plan *p, struct child *c)
{
	cleanup_fd int made = -EBADF;
	int r;

	if (p->net.mode != NET_SLIRP && !c->net_beside)
		return 0;
	r = sync_await(c->sync, STAGE_NETWORK_UP, STAGE_TIMEOUT_MS);
	if (r < 0 || !c->net_beside)
		return r;
	(void)sync_take(c->sync, STAGE_NETWORK_UP, NULL, &made);
	if (setns(made, p->beside_flags) < 0)
		return log_errno(errno, "cannot enter the network namespace of the box");
	return 0;
}

static int replace_keyring(const struct plan *p, struct child *c)
{
	(void)p;
	(void)c;
	return keyring_replace();
}

/*
 * Without a pty of its own a box has no terminal at all, unless it was told to
 * inherit the caller's: then it stays in the caller's job, for ^C and ^Z.
 */
static int lead_session(const struct plan *p, struct child *c)
{
	int r = 0;

	if (p->pty)
		r = tty_make_controlling(c->slave);
	else if (!p->inherit_session && setsid() < 0)
		return log_errno(errno, "cannot start a session");
	if (r == 0)
		nice_apply_session(c->session_nice, p->nice);
	return r;
}

static int watch_children(const struct plan *p, struct child *c)
{
	sigset_t child;

	(void)p;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	c->child_signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->child_signals < 0)
		return log_errno(errno, "cannot watch the program");
	if (pipe2(c->exec_status, O_CLOEXEC) < 0 || pipe2(c->gate, O_CLOEXEC) < 0)
		return log_errno(errno, "cannot make a pipe");
	return 0;
}

static int set_title(const struct plan *p, struct child *c)
{
	(void)p;
	entry_set_title(c->entry, "init");
	return 0;
}

static int await_filter(const struct plan *p, struct child *c)
{
	(void)p;
	if (c->filter->image)
		return 0;
	return sync_await(c->sync, STAGE_FILTER_READY, STAGE_TIMEOUT_MS);
}

static int await_terminal(const struct plan *p, struct child *c)
{
	int r, value = 0;

	if (!p->pty)
		return 0;
	r = sync_await(c->sync, STAGE_TERMINAL_READY, STAGE_TIMEOUT_MS);
	if (r == 0)
		(void)sync_take(c->sync, STAGE_TERMINAL_READY, &value, NULL);
	c->foreground = value != 0;
	return r;
}

static int await_group(const struct plan *p, struct child *c)
{
	int r;

	if (!p->cgroup.wanted)
		return 0;
	r = sync_await(c->sync, STAGE_GROUP_READY, STAGE_TIMEOUT_MS);
	if (r == 0)
		(void)sync_take(c->sync, STAGE_GROUP_READY, NULL, &c->cgroup);
	return r;
}

/* What init and a program that is cloned early have in common. */
static int confine(const struct plan *p)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return log_errno(errno, "cannot set no_new_privs");
	return landlock_enter(&p->landlock);
}

/*
 * Landlock first, so that the program has init's domain and not one beside it:
 * with scopes, init could not signal it, and so not continue what was stopped.
 */
static int clone_early(const struct plan *p, struct child *c)
{
	int r;

	if (!p->program_sheds)
		return 0;
	r = confine(p);
	return r < 0 ? r : payload_start(p, c);
}

/* The program does the same: cloned into its group, it would else see the path from ours to it. */
static int enter_cgroup_namespace(const struct plan *p, struct child *c)
{
	(void)c;
	if (p->program_flags && unshare(p->program_flags) < 0)
		return log_errno(errno, "cannot make the cgroup namespace of the box");
	return 0;
}

static int shed(const struct plan *p, struct child *c)
{
	(void)c;
	return child_shed(p, 0);
}

static int install_filter(const struct plan *p, struct child *c)
{
	(void)p;
	return child_install_filter(c);
}

static int release(const struct plan *p, struct child *c)
{
	if (!p->program_sheds)
		return payload_start(p, c);
	if (write(c->gate[1], &c->foreground, sizeof(c->foreground)) != sizeof(c->foreground))
		return log_errno(errno, "cannot release the program");
	return 0;
}

/*
 * The life of the child, in order. The order is the security argument, so
 * each row says why it stands where it does.
 */
static const struct {
	const char *what;
	int (*run)(const struct plan *p, struct child *c);
} steps[] = {
	{ "die with the parent", die_with_parent },  /* before anything can be left behind */
	{ "make more namespaces", make_namespaces }, /* newuidmap is slow: side by side */
	{ "bring loopback up", raise_loopback },     /* needs no id */
	{ "name the host", name_host },		     /* nor this */
	{ "map ids", map_ids },	  /* unmapped, we could make no file (EOVERFLOW) */
	{ "take ids", take_ids }, /* before a mount belongs to anyone */
	{ "limit nested user namespaces", limit_nesting }, /* /proc/sys is still writable */
	{ "shift the clocks", shift_clocks },		   /* writes /proc/self: dumpable */
	{ "weigh the box", weigh },		/* so does this; what we start inherits it */
	{ "attach the root", attach_root },	/* a detached one takes no mounts */
	{ "fill the root", fill_root },		/* host paths are still visible */
	{ "enter the root", enter_root },	/* from here on they are not */
	{ "open the terminal", open_terminal }, /* on the box's own devpts */
	{ "await the network", await_network }, /* slirp opens our /proc/PID/ns: dumpable; setns */
	{ "replace the keyring", replace_keyring }, /* the filter refuses keyctl */
	{ "lead a session", lead_session },	    /* the program must not */
	{ "watch for children", watch_children },
	{ "await the control group", await_group },
	{ "clone the program early", clone_early }, /* if it is to keep some of what we drop */
	{ "enter a cgroup namespace", enter_cgroup_namespace }, /* its group lies outside of one */
	{ "hide the command line", set_title }, /* the program could read it as soon as it runs */
	{ "shed privileges", shed },		/* while the filter is being compiled */
	{ "await the filter", await_filter },
	{ "await the terminal", await_terminal }, /* as late as can be: it goes raw */
	{ "install the filter", install_filter }, /* the last of what is shed */
	{ "release the program", release },	  /* and only now, or it would see us unfinished */
};

/* The image in the memfd: mapped, since reading would need a size agreed on before. */
static int map_filter(const struct filter_source *f, const void **ret, size_t *ret_size)
{
	struct stat st;
	void *image;

	if (fstat(f->memfd, &st) < 0 || st.st_size == 0)
		return log_errno(EIO, "cannot read the compiled filter");
	image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, f->memfd, 0);
	if (image == MAP_FAILED)
		return log_errno(errno, "cannot read the compiled filter");
	*ret = image;
	*ret_size = (size_t)st.st_size;
	return filter_image_check(image, *ret_size);
}

int child_shed(const struct plan *p, uint64_t keep_caps)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return log_errno(errno, "cannot set no_new_privs");
	/* exec makes the program dumpable again; init stays closed to it for ever */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return log_errno(errno, "cannot become undumpable");
	r = caps_drop(keep_caps);
	return r < 0 || p->program_sheds ? r : landlock_enter(&p->landlock);
}

int child_install_filter(const struct child *c)
{
	const void *image = c->filter->image;
	size_t size = c->filter->size;
	int r = image ? 0 : map_filter(c->filter, &image, &size);

	return r < 0 ? r : filter_install(image, size);
}

int child_run(const struct plan *p, struct child *c)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int r;

		log_debug("init: %s", steps[i].what);
		r = steps[i].run(p, c);
		if (r < 0)
			return EXIT_NOT_MADE;
	}
	return init_run(p, c);
}
