/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/syscalls.h"

/* Newer than the oldest headers we build with; landlock.h of Linux 6.12. */
#define FS_TRUNCATE	    (UINT64_C(1) << 14) /* ABI 3 */
#define FS_IOCTL_DEV	    (UINT64_C(1) << 15) /* ABI 5 */
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0)	/* ABI 6 */
#define SCOPE_SIGNAL	    (UINT64_C(1) << 1)

struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

/* What a rule on something that is not a directory may name. */
#define ON_FILES \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

/* REFER must be handled and granted: unhandled, every rename across directories is EXDEV. */
#define WRITING                                                                                   \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                          \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                          \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                              \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                            \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER | \
	 FS_TRUNCATE)

/* Rights of the file system that the running kernel can handle. */
static uint64_t known_rights(int abi)
{
	uint64_t rights = WRITING | LANDLOCK_ACCESS_FS_EXECUTE | FS_IOCTL_DEV;

	if (abi < 2)
		rights &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (abi < 3)
		rights &= ~FS_TRUNCATE;
	if (abi < 5)
		rights &= ~FS_IOCTL_DEV;
	return rights;
}

static uint64_t to_kernel(unsigned int rights)
{
	return (rights & LANDLOCK_EXECUTE ? LANDLOCK_ACCESS_FS_EXECUTE : 0) |
	       (rights & LANDLOCK_WRITE ? (uint64_t)WRITING : 0) |
	       (rights & LANDLOCK_DEVICES ? LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV : 0);
}

static int add_rule(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= ON_FILES;
	if (rule.allowed_access == 0)
		return 0;
	if (sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

static int add_trees(int ruleset, const struct plan_landlock *l, uint64_t known)
{
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return log_errno(errno, "cannot open '/'");
	for (size_t i = 0; i < l->n_trees; i++) {
		cleanup_fd int fd = fs_open_in_root(root, l->trees[i].path, O_PATH);
		int r = fd < 0 ? fd : add_rule(ruleset, fd, to_kernel(l->trees[i].rights) & known);

		if (r == -ENOENT)
			continue; /* an optional mount that was not there */
		if (r < 0)
			return log_errno(r, "cannot make a Landlock rule for '%s'",
					 l->trees[i].path);
	}
	return 0;
}

/*
 * "echo > /dev/stderr" opens a file anew that the caller has long given us: to
 * write, if that is what we were given. Its mount is the host's, and would let
 * a file be written that is only our input.
 */
static void add_stdio(int ruleset, uint64_t known)
{
	for (int fd = 0; fd <= 2; fd++) {
		int flags = fcntl(fd, F_GETFL);
		uint64_t rights = ON_FILES & ~LANDLOCK_ACCESS_FS_EXECUTE;

		if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
			rights &= FS_IOCTL_DEV;
		(void)add_rule(ruleset, fd, rights & known);
	}
	/* a pipe or socket is refused (EBADFD), and needs no rule */
}

int landlock_enter(const struct plan_landlock *l)
{
	struct ruleset_attr attr = {
		.scoped = (l->scope_signal ? SCOPE_SIGNAL : 0) |
			  (l->scope_abstract_unix ? SCOPE_ABSTRACT_UNIX : 0),
	};
	int abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	cleanup_fd int ruleset = -EBADF;
	int r;

	if (!l->files && !attr.scoped)
		return 0;
	if (l->files)
		attr.handled_access_fs = known_rights(abi);
	/* Kernels before the scopes refuse a longer struct with anything in it, and take zeroes. */
	ruleset = sys_landlock_create_ruleset((const struct landlock_ruleset_attr *)&attr,
					      sizeof(attr), 0);
	if (ruleset < 0)
		return log_errno(errno, "cannot make a Landlock ruleset (ABI %d)", abi);
	if (l->files) {
		r = add_trees(ruleset, l, attr.handled_access_fs);
		if (r < 0)
			return r;
		add_stdio(ruleset, attr.handled_access_fs);
	}
	if (sys_landlock_restrict_self(ruleset, 0) < 0)
		return log_errno_hint(errno,
				      errno == E2BIG ? "16 domains are stacked already" : NULL,
				      "cannot enter the Landlock domain");
	return 0;
}
