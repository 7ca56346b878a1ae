/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/root.h"

#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/syscalls.h"
#include "kernel/userns.h"

/* Attach a detached tree over whatever is the topmost mount of "/". */
static int attach_over_root(int tree)
{
	cleanup_fd int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (slash < 0)
		return log_errno(errno, "cannot open '/'");
	r = mount_attach(tree, slash);
	return r < 0 ? log_errno(r, "cannot attach the new root") : 0;
}

static int new_tmpfs_root(void)
{
	static const struct mount_option options[] = { { "source", "sandbox" },
						       { "mode", "0755" },
						       { NULL, NULL } };
	cleanup_fd int fs = mount_new_filesystem("tmpfs", options, MOUNT_ATTR_NODEV);
	int r;

	if (fs < 0)
		return log_errno_hint(fs, userns_hint(fs), "cannot make a tmpfs for the root");
	r = attach_over_root(fs);
	return r < 0 ? r : take_fd(&fs);
}

static int bound_root(const struct step *s)
{
	cleanup_fd int tree = mount_clone(AT_FDCWD, s->source, s->flags);
	int r;

	if (tree < 0)
		return log_errno(tree, "cannot show '%s' in the box", s->source);
	r = attach_over_root(tree);
	return r < 0 ? r : take_fd(&tree);
}

static bool is_whole_root(const struct plan *p)
{
	return p->n_steps > 0 && p->steps[0].kind == STEP_BIND &&
	       strcmp(p->steps[0].target, "/") == 0;
}

int root_attach(const struct plan *p, struct mount_place *ret)
{
	ret->scratch_fd = new_tmpfs_root();
	if (ret->scratch_fd < 0)
		return ret->scratch_fd;
	/* A tree of the user's as root: our own files stay out of it, in the tmpfs below. */
	ret->root_fd = is_whole_root(p) ? bound_root(&p->steps[0]) : ret->scratch_fd;
	return ret->root_fd < 0 ? ret->root_fd : 0;
}

int root_fill(const struct plan *p, struct mount_place *place)
{
	int r = mount_prepare_masks(place);

	for (size_t i = is_whole_root(p); i < p->n_steps && r == 0; i++) {
		/* The root is sealed last: what masks are made of must be gone by then. */
		if (p->steps[i].kind == STEP_SEAL)
			mount_finish_masks(place);
		r = mount_step_apply(&p->steps[i], place);
	}
	mount_place_forget(place);
	return r;
}

/* getcwd(2) shows "(unreachable)" before a path outside of the root (CVE-2024-21626). */
static int check_cwd(void)
{
	char cwd[PATH_MAX];

	if (!getcwd(cwd, sizeof(cwd)))
		return log_errno(errno, "cannot tell the working directory inside");
	return *cwd == '/' ? 0 : log_errno(EXDEV, "the working directory is outside of the box");
}

/* What lies on top of "/" is not seen there, but in "/..": nothing must. */
static int check_root(void)
{
	struct statx root, above;

	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) < 0 ||
	    statx(AT_FDCWD, "/..", 0, STATX_MNT_ID, &above) < 0)
		return log_errno(errno, "cannot look at the new root");
	return root.stx_mnt_id == above.stx_mnt_id
		       ? 0
		       : log_errno(EXDEV, "the old root is still there");
}

int root_enter(const struct plan *p, const struct mount_place *place)
{
	if (fchdir(place->root_fd) < 0)
		return log_errno(errno, "cannot enter the new root");
	/* pivot_root(2), NOTES: both on one point, the old root then lies on top of the new one */
	if (sys_pivot_root(".", ".") < 0)
		return log_errno(errno, "cannot pivot into the new root");
	/* A tree of the user's was attached over our tmpfs, and that lies on the old root now. */
	if (is_whole_root(p) && sys_umount2(".", SYS_MNT_DETACH) < 0)
		return log_errno(errno, "cannot let go of the scratch directory");
	if (sys_umount2(".", SYS_MNT_DETACH) < 0)
		return log_errno(errno, "cannot let go of the old root");
	if (check_root() < 0)
		return -EXDEV;
	if (chdir("/") < 0)
		return log_errno(errno, "cannot enter '/'");
	if (chdir(p->cwd) < 0)
		return log_errno_hint(errno, "see --chdir", "cannot enter '%s' in the box", p->cwd);
	return check_cwd();
}

void root_done(struct mount_place *place)
{
	if (place->root_fd >= 0 && place->root_fd != place->scratch_fd)
		close(place->root_fd);
	if (place->scratch_fd >= 0)
		close(place->scratch_fd);
	*place = (struct mount_place){ .root_fd = -EBADF, .scratch_fd = -EBADF };
}
