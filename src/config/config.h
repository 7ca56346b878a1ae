/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"

/*
 * What the user asked for, in the user's words.
 *
 * Defaults, profiles and the command line are applied to one struct config in
 * that order, each as a list of assignments: the last word wins, list keys
 * append, an empty value clears a list. Nothing here knows the host; macros
 * such as ~ and ${CWD} are still unexpanded.
 */

enum user_kind {
	USER_SELF, /* the caller's own ids */
	USER_ROOT, /* 0:0 */
	USER_IDS,  /* UID:GID */
	USER_NAME, /* a login name; only the caller's own will do */
};

enum map_mode {
	MAP_AUTO,   /* the subordinate range when there is one, else one id */
	MAP_SINGLE, /* one id */
	MAP_RANGE,  /* the subordinate range, or refuse */
};

enum root_kind {
	ROOT_HOST,  /* the host's system directories, read-only */
	ROOT_EMPTY, /* nothing but what is named */
	ROOT_DIR,   /* a directory tree, read-only */
};

enum mount_kind {
	MOUNT_RO,
	MOUNT_RW,
	MOUNT_DEV, /* a device node or a tree with device nodes */
	MOUNT_TMPFS,
	MOUNT_HIDE,
	MOUNT_SYMLINK,
};

enum cwd_mode {
	CWD_NONE,
	CWD_RO,
	CWD_RW,
};

enum home_mode {
	HOME_EPHEMERAL, /* a fresh tmpfs */
	HOME_HOST,	/* the real one, writable */
};

enum proc_mode {
	PROC_OWN, /* a procfs of the box's pid namespace, with masks */
	PROC_NONE,
};

enum sys_mode {
	SYS_NONE,
	SYS_RO,
};

enum nested_mode {
	NESTED_NO,
	NESTED_LIMITED, /* user, pid, net and ipc namespaces, for a browser's own sandbox */
};

enum net_mode {
	NET_NONE,  /* a lone loopback device */
	NET_SLIRP, /* user-mode networking through slirp4netns */
	NET_HOST,  /* the host's own network */
};

enum landlock_mode {
	LANDLOCK_AUTO,	  /* as much as the kernel has; what is missing is said */
	LANDLOCK_REQUIRE, /* or refuse */
	LANDLOCK_OFF,
};

enum terminal_mode {
	TERMINAL_AUTO, /* a pty when stdin is a terminal */
	TERMINAL_INHERIT,
	TERMINAL_PTY,
};

/* Bits of config.share and plan.share. */
enum share {
	SHARE_IPC = 1 << 0,
	SHARE_UTS = 1 << 1,
	SHARE_CGROUP = 1 << 2,
	SHARE_TIME = 1 << 3,
};

enum action {
	ACTION_RUN,
	ACTION_DRY_RUN,
	ACTION_DRY_RUN_JSON,
	ACTION_LIST_PROFILES,
	ACTION_SHOW_PROFILE,
	ACTION_HELP,
	ACTION_VERSION,
};

struct config_mount {
	enum mount_kind kind;
	bool optional; /* "-path": only if the source exists */
	char *source;  /* on the host; for a symlink, what it says; else NULL */
	char *target;  /* in the box; NULL: the same as source */
	uint64_t size; /* of a tmpfs in bytes, 0: the default */
	char *origin;  /* "dev.ini:12" or "--ro" */
	bool relative; /* may source be relative, to the caller's directory? */
};

/* -p, [network] publish */
struct config_publish {
	char *host_addr; /* dotted IPv4, "127.0.0.1" unless said */
	uint16_t host_port, box_port;
	bool udp;
	char *origin;
};

/* Offsets of the box's clocks in seconds, time_namespaces(7). */
struct config_time {
	bool set;
	int64_t monotonic, boottime;
};

enum limit_kind {
	LIMIT_OPEN_FILES,
	LIMIT_PROCESSES,
	LIMIT_FILE_SIZE,
	LIMIT_STACK,
	LIMIT_CORE,
	LIMIT_CPU_TIME,
	LIMIT_LOCKED_MEMORY,
	LIMIT_COUNT,
};

struct config_limit {
	bool set;
	uint64_t value; /* UINT64_MAX: unlimited */
};

/*
 * A limit with its words: only the plan knows whether the machine has that
 * much, and has to say where it was asked for.
 */
struct config_amount {
	bool set;
	bool percent;	/* value is tenths of a percent of the machine's memory */
	uint64_t value; /* bytes, or thousandths of a processor; UINT64_MAX: unlimited */
	char *text, *origin;
};

enum on_unavailable {
	UNAVAILABLE_REFUSE,
	UNAVAILABLE_WARN, /* and go on without the limit */
};

/* Words of [seccomp], each with the place it came from (same index). */
struct config_words {
	struct strv words, origins;
};

struct config {
	/* [profile] */
	char *description;
	struct strv programs;

	/* [ids] */
	enum user_kind user;
	uint32_t uid, gid;	       /* for USER_IDS */
	char *user_name, *user_origin; /* for USER_NAME */
	enum map_mode map;

	/* [filesystem] */
	enum root_kind root;
	char *root_dir;
	char *root_origin;
	struct config_mount *mounts;
	size_t n_mounts;
	enum cwd_mode cwd;
	char *chdir; /* where to start, in the box; NULL: the caller's directory */
	enum home_mode home;
	enum proc_mode proc;
	enum sys_mode sys;

	/* [namespaces] */
	char *hostname;
	enum nested_mode nested;
	struct config_time time;
	unsigned int share;

	/* [network] */
	enum net_mode net;
	struct config_publish *publish;
	size_t n_publish;
	struct strv dns;
	bool host_loopback;

	/* [capabilities] */
	struct strv caps;

	/* [seccomp] */
	struct config_words seccomp_allow, seccomp_deny, seccomp_log;
	struct config_words architectures;
	struct config_words families; /* none: unix, inet, inet6 and netlink */

	/* [landlock] */
	enum landlock_mode landlock;
	bool scope_signal, scope_abstract_unix;

	/* [environment] */
	struct strv env_keep, env_set, env_unset;

	/* [limits] */
	struct config_limit limits[LIMIT_COUNT];
	struct config_amount memory, swap, tmpfs_size;
	struct config_amount cpu;
	struct config_amount cpuset; /* its text, a list of processors */
	uint64_t pids;		     /* 0: no limit */
	unsigned int io_weight;	     /* 0: the kernel's default */
	enum on_unavailable on_unavailable;
	int nice, oom_score;	/* 0 and -1: as the caller has it */
	uint64_t timeout_ms;	/* 0: none */
	int stop_signal;	/* what a timeout sends first */
	uint64_t stop_grace_ms; /* and how long it waits before it kills */

	/* [terminal] */
	enum terminal_mode terminal;

	/* command line only */
	enum action action;
	char *profile;	      /* NULL: by program, else "default" */
	int verbosity;	      /* -1: errors only, 0, 1: choices, 2: every step */
	int status_fd;	      /* -1: none */
	bool report;	      /* a line on what the program used, at its end */
	struct strv keep_fds; /* decimal numbers */
	char **argv;	      /* borrowed from main(), ends in NULL */
};

/* Settings before any profile: closed wherever there is a choice. */
void config_init(struct config *c);
void config_done(struct config *c);

/* Empty one list; the rest of config_done(). */
void config_clear_amount(struct config_amount *amount);
void config_clear_mounts(struct config *c);
void config_clear_publish(struct config *c);

/* One "key = value" of a profile, or one "--option value". */
struct assignment {
	const char *section;
	const char *name;
	const char *value;
	const char *origin;	/* for messages: "dev.ini:12" or "--bind" */
	bool from_command_line; /* one item, not a list of quoted words; a relative path is meant */
};

/* Apply one assignment. Logs and returns -EINVAL for an unknown section or key, or a bad value. */
int config_assign(struct config *c, const struct assignment *a);

#define cleanup_config __attribute__((cleanup(config_done)))

#endif
