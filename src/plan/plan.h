/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/strv.h"
#include "config/config.h"
#include "plan/filter_policy.h"
#include "plan/host.h"

/*
 * Everything the launcher is going to do, decided.
 *
 * plan_build() is a pure function of config and host. From there on the plan
 * is const: the parent acts on ids and network, the child on the rest, and
 * --dry-run prints it. It holds no fd and no pid.
 */

struct id_range {
	uint32_t inside, outside, count;
};

#define ID_MAP_MAX 3

struct id_map {
	struct id_range range[ID_MAP_MAX];
	size_t n;
};

struct plan_ids {
	bool by_helpers; /* newuidmap and newgidmap write the maps, else the child itself */
	struct id_map uids, gids;
	uint32_t uid, gid; /* the program's, inside */
	bool drop_groups;  /* setgroups(0): only a map by helpers allows it */
	bool switch_ids;   /* the caller's own host id is not in the map: setresuid() */
	bool two_level;	   /* the program gets a user namespace of its own, below pid 1's */
	struct id_map inner_uids, inner_gids; /* with two_level */
};

enum step_kind {
	STEP_DIR,     /* make target, mode */
	STEP_SYMLINK, /* target says source */
	STEP_FILE,    /* target holds content; a file of the box's own, read-only */
	STEP_BIND,    /* source's tree on target */
	STEP_DEVICE,  /* source, a device node, on target */
	STEP_TMPFS,   /* size, mode */
	STEP_PROC,
	STEP_SYSFS,
	STEP_DEVPTS,
	STEP_LOCK, /* target on itself, read-only */
	STEP_MASK, /* hide target: an empty file or directory on it */
	STEP_SEAL, /* make the mount at target read-only, last of all */
};

/* Mount attributes of a step, besides nosuid and private, which all have. */
enum step_flags {
	STEP_RDONLY = 1 << 0,
	STEP_DEVICES = 1 << 1, /* without it: nodev */
	STEP_NOEXEC = 1 << 2,
	STEP_OPTIONAL = 1 << 3, /* no failure if the source, or what is to be covered, is missing */
	STEP_NOFOLLOW =
		1 << 4, /* the source was seen to be no link, nor reached by one: keep to that */
};

/* One step is complete in itself: nothing is "as the step before". */
struct step {
	enum step_kind kind;
	unsigned int flags;
	char *source, *target; /* normalized; source on the host, target in the box */
	char *content;
	mode_t mode;
	uint64_t size;	/* of a tmpfs; 0: the kernel's default, half of the memory */
	uint64_t files; /* it may hold, if it has a size */
	bool has_gid;	/* of a devpts: gid owns its terminals */
	uint32_t gid;
	char *origin; /* for messages: who asked */
};

/* Rights of one tree in the Landlock domain; reading is the mounts' business. */
enum landlock_rights {
	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE = 1 << 1,   /* files, directories, links, truncation, rename */
	LANDLOCK_DEVICES = 1 << 2, /* write to and ioctl on device nodes */
};

struct landlock_tree {
	char *path; /* in the box */
	unsigned int rights;
};

struct plan_landlock {
	bool files; /* with rules on trees */
	bool scope_signal, scope_abstract_unix;
	struct landlock_tree *trees;
	size_t n_trees;
};

struct plan_limit {
	int resource; /* RLIMIT_* */
	const char *name;
	rlim_t value; /* soft and hard */
};

#define PLAN_UNLIMITED UINT64_MAX

/*
 * What the kernel is to enforce on the program and all it starts, cgroups(7);
 * PLAN_UNLIMITED, or 0 or NULL for the last two, where nothing was asked for.
 */
struct plan_cgroup {
	bool wanted;		/* one of them was asked for */
	bool may_lack;		/* on-unavailable = warn: go on without what cannot be had */
	uint64_t memory, swap;	/* bytes */
	uint64_t pids;		/* processes and threads */
	uint64_t cpu;		/* microseconds of processor time in PLAN_CPU_PERIOD */
	unsigned int io_weight; /* 1 to 10000 */
	char *cpuset;		/* "0-3,6" */
};

#define PLAN_CPU_PERIOD 100000 /* microseconds, the kernel's default */

/* How long the program may run, and how it is asked to end before it is killed. */
struct plan_timeout {
	uint64_t ms; /* 0: for ever */
	int stop_signal;
	uint64_t grace_ms;
};

struct plan_net {
	enum net_mode mode;
	struct config_publish *publish; /* borrowed from config */
	size_t n_publish;
	bool host_loopback;
};

struct plan {
	int clone_flags;   /* CLONE_NEW* that the first process is born with, NEWUSER among them */
	int unshare_flags; /* and those it makes itself while the id maps are being written */
	int beside_flags;  /* of clone_flags: what another process may make while it mounts */
	int program_flags; /* CLONE_NEWCGROUP, if the program is cloned into a control group first */
	struct plan_ids ids;
	char *hostname; /* NULL with SHARE_UTS */
	struct config_time time;
	bool nested_limited;

	struct step *steps; /* in the order they are done */
	size_t n_steps;
	void *targets; /* while it is being built: which targets are taken, for plan_find_mount() */
	char *cwd;     /* in the box */

	struct plan_net net;
	uint64_t keep_caps; /* bit N: capability N */
	bool program_sheds; /* it keeps more than init: cloned first, it gives up the rest itself */
	struct filter_policy filter;
	struct plan_landlock landlock;
	struct plan_limit limits[LIMIT_COUNT];
	size_t n_limits;
	struct plan_cgroup cgroup;
	struct plan_timeout timeout;
	int nice;      /* 0 to 19, of the program */
	int oom_score; /* oom_score_adj of the box; -1: the caller's */
	bool report;   /* a line on what the program used, at its end */

	bool pty;
	bool inherit_session; /* no session of the box's own: the caller's terminal and job */
	struct strv env;
	struct strv argv; /* a copy: the command line itself is wiped */
	int *keep_fds;
	size_t n_keep_fds;
	mode_t umask;

	struct strv make_dirs; /* on the host, before the launch: what protects them must exist */
	struct strv notes;     /* what was chosen and why, for -v */
	struct strv warnings;  /* printed before the launch */
};

/* The directories that root = host shows, ends in NULL. */
extern const char *const plan_system_dirs[];

/*
 * Will the box run as the host's root, for want of a range? Then
 * host_find_private_files() must have run, on all that a first plan shows
 * read-only, before the plan that counts.
 */
bool plan_is_host_root(const struct config *c, const struct host *h);

/*
 * Decide. On success fills *ret_plan, which plan_done() releases; config and
 * host must outlive it. On failure logs the reason, returns -EINVAL (or what
 * fits better) and leaves *ret_plan alone.
 */
int plan_build(const struct config *c, const struct host *h, struct plan *ret_plan);
void plan_done(struct plan *p);

#define cleanup_plan __attribute__((cleanup(plan_done)))

#endif
