/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_HOST_H
#define PLAN_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strv.h"
#include "plan/subid.h"

/*
 * Facts about the machine and the caller, gathered once. Tests fill it by
 * hand; nothing below plan.c asks the machine again.
 */

enum file_type {
	FILE_ABSENT,
	FILE_REGULAR,
	FILE_DIR,
	FILE_SYMLINK,
	FILE_DEVICE,
	FILE_OTHER, /* FIFO, socket */
};

/* Where a helper program is; path NULL when it is not installed. */
struct host_program {
	char *path;
};

struct host {
	uid_t uid;
	bool in_user_namespace;	 /* we are id 0 in one that is not the host's own */
	bool alone_in_namespace; /* and no other id exists in it */
	gid_t gid;
	char *user;	  /* login name, "user" when unknown */
	char *login_home; /* what the user database says; HOME may say another */
	char *home;	  /* absolute and normalized, or NULL */
	char *cwd;	  /* absolute and normalized, or NULL when it cannot be had */
	mode_t umask;
	struct strv env; /* the caller's, "NAME=VALUE" */
	char *cache_dir, *config_dir,
		*state_dir; /* .../sandbox of each XDG kind; NULL without a home */

	struct subid_range subuid, subgid; /* count 0: none */
	char *subid_problem; /* why there is none, in words for -v and refusals; or NULL */
	bool no_new_privs;   /* of ourselves: newuidmap cannot work then */
	bool has_groups;     /* supplementary groups besides the primary one */

	struct host_program newuidmap, newgidmap, slirp4netns;

	int landlock_abi; /* 0: none */
	uint64_t memory;  /* of the machine, in bytes, without swap; 0: cannot be told */
	bool stdin_is_terminal, stdout_is_terminal, stderr_is_terminal;
	struct strv private_files; /* host root with one id only: what other users could not read */
	struct strv protect; /* what a launcher reads at its next start: never writable inside */

	/*
	 * Ask about one path: its own type (a symbolic link is not followed),
	 * and what a link says (caller frees) if ret_link is not NULL.
	 */
	enum file_type (*look)(const char *path, char **ret_link);
	/* The names in a directory, sorted, without . and .. */
	int (*list)(const char *dir, struct strv *ret_names);
};

/* Gather. Never fails: what cannot be had is absent. */
void host_probe(struct host *ret);
void host_done(struct host *h);

/* Add to private_files what is so at or below each of paths; only for host root without a range. */
void host_find_private_files(struct host *h, const char *const *paths);

/* look(), but symbolic links are followed as open(2) would. */
enum file_type host_type_of(const struct host *h, const char *path);

/*
 * path without symbolic links, as far as it exists; what is missing stays as
 * it is written. path is normalized. Caller frees.
 */
char *host_canonical(const struct host *h, const char *path);

/*
 * The same, and where each symbolic link on the way to it is: who can replace
 * one of all these decides what is found under path.
 */
void host_add_way(const struct host *h, const char *path, struct strv *ret);

/* The value of name in h->env, or NULL. */
const char *host_getenv(const struct host *h, const char *name);

#define cleanup_host __attribute__((cleanup(host_done)))

#endif
