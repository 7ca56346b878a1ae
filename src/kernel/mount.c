/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/syscalls.h"

/* In the scratch tmpfs, gone before anybody but us sees it. */
static const char empty_file[] = ".empty-file", empty_dir[] = ".empty-dir", made_file[] = ".made";

int mount_new_filesystem(const char *type, const struct mount_option *options, unsigned int attrs)
{
	cleanup_fd int fs = sys_fsopen(type, FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return -errno;
	for (; options && options->key; options++)
		if (sys_fsconfig(fs, options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
				 options->key, options->value, 0) < 0)
			return -errno;
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, attrs | MOUNT_ATTR_NOSUID);
	return fd < 0 ? -errno : fd;
}

static unsigned int attrs_of(unsigned int flags)
{
	return MOUNT_ATTR_NOSUID | (flags & STEP_RDONLY ? MOUNT_ATTR_RDONLY : 0) |
	       (flags & STEP_DEVICES ? 0 : MOUNT_ATTR_NODEV) |
	       (flags & STEP_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
}

int mount_clone(int dirfd, const char *source, unsigned int flags)
{
	/*
	 * Private, or a file system that the host mounts below source later
	 * appears in the box, and writable. Recursive always: a tree with locked
	 * submounts cannot be cloned otherwise, and an attribute that stops at a
	 * submount is none. Attributes are only added: an inherited one is locked.
	 */
	struct mount_attr attr = { .attr_set = attrs_of(flags), .propagation = MS_PRIVATE };
	cleanup_fd int tree = -EBADF;

	tree = sys_open_tree(dirfd, source,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				     (*source ? 0 : AT_EMPTY_PATH));
	if (tree < 0)
		return -errno;
	if (sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -errno;
	return take_fd(&tree);
}

int mount_attach(int tree, int target_fd)
{
	if (sys_move_mount(tree, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

static int no_mount_point(const struct step *s, int err)
{
	const char *hint = NULL;

	if (err == -ELOOP)
		hint = "a symbolic link is in the way; name the path it leads to";
	else if (err == -EROFS || err == -EACCES)
		hint = "it is missing, and what it would lie in cannot be written";
	else if (err == -ENOTDIR)
		hint = "a part of the path is a file";
	return log_errno_hint(err, hint, "no mount point '%s' in the box", s->target);
}

/*
 * The directory of a step's target, in *ret_dir, which stays the place's; and
 * in *ret_name the last component. With make, what is missing of it is made.
 */
static int find_dir(const struct step *s, struct mount_place *place, bool make, int *ret_dir,
		    const char **ret_name)
{
	size_t length = (size_t)(strrchr(s->target, '/') - s->target);
	cleanup_free char *dir = NULL;
	int fd;

	*ret_name = s->target + length + 1;
	*ret_dir = place->root_fd;
	if (length == 0) {
		mount_place_forget(place);
		return 0;
	}
	if (!place->dir || strncmp(place->dir, s->target, length) != 0 ||
	    place->dir[length] != '\0') {
		dir = xstrndup(s->target, length);
		fd = make ? fs_make_in_root(place->root_fd, dir, FS_MAKE_DIR)
			  : fs_open_in_root(place->root_fd, dir, O_PATH);
		if (fd < 0)
			return fd;
		mount_place_forget(place);
		place->dir = take_ptr(&dir);
		place->dir_fd = fd;
	}
	*ret_dir = place->dir_fd;
	return 0;
}

void mount_place_forget(struct mount_place *place)
{
	if (place->dir)
		close(place->dir_fd);
	free(take_ptr(&place->dir));
}

/* What is at the step's target now; an fd or -errno. */
static int open_target(const struct step *s, struct mount_place *place)
{
	const char *name;
	int dir, r = find_dir(s, place, false, &dir, &name);

	if (r < 0)
		return r;
	return *name ? fs_open_child(dir, name, O_PATH) : fs_open_in_root(dir, "/", O_PATH);
}

/* The kernel says EINVAL for it, which says nothing. */
static int explain_attach(int err, int tree, int target)
{
	struct stat is, there;

	if (err == -EINVAL && fstat(tree, &is) == 0 && fstat(target, &there) == 0 &&
	    S_ISDIR(is.st_mode) != S_ISDIR(there.st_mode))
		return -ENOTDIR;
	return err;
}

/* Put a detached tree on the step's target, which is made if it is missing. */
static int attach_on_target(const struct step *s, struct mount_place *place, int tree,
			    enum fs_make make, const char *what)
{
	cleanup_fd int target = -EBADF;
	const char *name;
	int dir, r = find_dir(s, place, true, &dir, &name);

	if (r == 0)
		r = target = fs_make_child(dir, name, make);
	if (r < 0)
		return no_mount_point(s, r);
	r = mount_attach(tree, target);
	if (r == 0)
		return 0;
	r = explain_attach(r, tree, target);
	return log_errno_hint(r, r == -ENOTDIR ? "one is a directory, the other is a file" : NULL,
			      "cannot mount '%s' on '%s'", what, s->target);
}

/* The same for what may be a directory or a file. */
static int attach_source(const struct step *s, struct mount_place *place, int tree)
{
	struct stat st;

	if (fstat(tree, &st) < 0)
		return log_errno(errno, "cannot look at '%s'", s->source);
	return attach_on_target(s, place, tree, S_ISDIR(st.st_mode) ? FS_MAKE_DIR : FS_MAKE_FILE,
				s->source);
}

/* What was a file or directory when the plan was made may be a link now, if others can write there. */
static int clone_source(const struct step *s)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	cleanup_fd int source = -EBADF;

	if (!(s->flags & STEP_NOFOLLOW))
		return mount_clone(AT_FDCWD, s->source, s->flags);
	source = sys_openat2(AT_FDCWD, s->source, &how, sizeof(how));
	return source < 0 ? -errno : mount_clone(source, "", s->flags);
}

static int apply_bind(const struct step *s, struct mount_place *place)
{
	cleanup_fd int tree = clone_source(s);

	if ((s->flags & STEP_OPTIONAL) && tree == -ENOENT)
		return 0;
	if (tree < 0)
		return log_errno(tree, "cannot show '%s' in the box", s->source);
	return attach_source(s, place, tree);
}

/* What a node of /dev is, mem(4), null(4), random(4), tty(4): by number, not by name. */
static int check_device(const struct step *s, int tree)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} known[] = {
		{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },	   { "/dev/full", 1, 7 },
		{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
	};
	struct stat st;

	if (fstat(tree, &st) < 0)
		return log_errno(errno, "cannot look at '%s'", s->source);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].path, s->source) == 0 &&
		    (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(known[i].major, known[i].minor)))
			return log_errno(ENODEV, "'%s' is not the device %u:%u", s->source,
					 known[i].major, known[i].minor);
	return 0;
}

static int apply_device(const struct step *s, struct mount_place *place)
{
	cleanup_fd int tree = mount_clone(AT_FDCWD, s->source, s->flags);
	int r;

	if (tree == -ENOENT && (s->flags & STEP_OPTIONAL))
		return 0;
	if (tree < 0)
		return log_errno(tree, "cannot show the device '%s' in the box", s->source);
	r = check_device(s, tree);
	return r < 0 ? r : attach_on_target(s, place, tree, FS_MAKE_FILE, s->source);
}

static int apply_tmpfs(const struct step *s, struct mount_place *place)
{
	char mode[16], size[32], files[32];
	const struct mount_option options[] = {
		{ "source", "tmpfs" },
		{ "mode", mode },
		{ s->size ? "size" : NULL, size },
		{ s->size ? "nr_inodes" : NULL, files },
		{ NULL, NULL },
	};
	cleanup_fd int fs = -EBADF;

	snprintf(mode, sizeof(mode), "%o", s->mode);
	snprintf(size, sizeof(size), "%llu", (unsigned long long)s->size);
	snprintf(files, sizeof(files), "%llu", (unsigned long long)s->files);
	fs = mount_new_filesystem("tmpfs", options, attrs_of(s->flags));
	if (fs < 0)
		return log_errno(fs, "cannot make a tmpfs for '%s'", s->target);
	return attach_on_target(s, place, fs, FS_MAKE_DIR, "tmpfs");
}

static int apply_filesystem(const struct step *s, struct mount_place *place, const char *type,
			    const struct mount_option *options)
{
	cleanup_fd int fs = mount_new_filesystem(type, options, attrs_of(s->flags));

	if (fs == -EPERM)
		return log_errno_hint(fs,
				      "an outer container hides parts of its own one; --proc=none "
				      "or --sys=none does without",
				      "cannot make a %s for '%s'", type, s->target);
	if (fs < 0)
		return log_errno(fs, "cannot make a %s for '%s'", type, s->target);
	return attach_on_target(s, place, fs, FS_MAKE_DIR, type);
}

static int apply_devpts(const struct step *s, struct mount_place *place)
{
	char gid[16];
	const struct mount_option options[] = {
		{ "source", "devpts" }, { "ptmxmode", "0666" },
		{ "mode", "0620" },	{ s->has_gid ? "gid" : NULL, gid },
		{ NULL, NULL },
	};

	snprintf(gid, sizeof(gid), "%u", s->gid);
	return apply_filesystem(s, place, "devpts", options);
}

static int apply_dir(const struct step *s, struct mount_place *place)
{
	const char *name;
	int parent, r = find_dir(s, place, true, &parent, &name);

	if (r < 0)
		return no_mount_point(s, r);
	if (mkdirat(parent, name, s->mode) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make the directory '%s' in the box", s->target);
	return 0;
}

static int apply_symlink(const struct step *s, struct mount_place *place)
{
	const char *name;
	int parent, r = find_dir(s, place, true, &parent, &name);

	if (r < 0)
		return no_mount_point(s, r);
	if (symlinkat(s->source, parent, name) < 0)
		return log_errno(errno, "cannot make the symbolic link '%s' in the box", s->target);
	return 0;
}

/*
 * A file of our own: written in the scratch tmpfs, mounted from there, and then
 * unlinked (not before: what is unlinked cannot be mounted).
 */
static int apply_file(const struct step *s, struct mount_place *place)
{
	cleanup_fd int file = openat(place->scratch_fd, made_file,
				     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, s->mode);
	cleanup_fd int tree = -EBADF;
	int r;

	if (file < 0)
		return log_errno(errno, "cannot make '%s'", s->target);
	r = fs_write_all(file, s->content, strlen(s->content));
	if (r == 0)
		r = tree = mount_clone(place->scratch_fd, made_file, s->flags);
	r = r < 0 ? log_errno(r, "cannot make '%s'", s->target)
		  : attach_on_target(s, place, tree, FS_MAKE_FILE, s->target);
	(void)unlinkat(place->scratch_fd, made_file, 0);
	return r;
}

/* Read-only, by mounting it on itself. */
static int apply_lock(const struct step *s, struct mount_place *place)
{
	cleanup_fd int target = open_target(s, place);
	cleanup_fd int tree = -EBADF;
	int r;

	if (target == -ENOENT && (s->flags & STEP_OPTIONAL))
		return 0;
	if (target < 0)
		return no_mount_point(s, target);
	tree = mount_clone(target, "", STEP_RDONLY | STEP_NOEXEC);
	r = tree < 0 ? tree : mount_attach(tree, target);
	return r < 0 ? log_errno(r, "cannot lock '%s'", s->target) : 0;
}

static int apply_mask(const struct step *s, struct mount_place *place)
{
	cleanup_fd int target = open_target(s, place);
	cleanup_fd int tree = -EBADF;
	struct stat st;
	int r;

	if ((target == -ENOENT || target == -ENOTDIR) && (s->flags & STEP_OPTIONAL))
		return 0;
	if (target == -ENOENT || target == -ENOTDIR)
		return log_errno_hint(target, "a '-' before the path makes it optional",
				      "there is no '%s' in the box to hide", s->target);
	if (target < 0)
		return log_errno_hint(target,
				      target == -ELOOP ? "a symbolic link is in the way; name the "
							 "path it leads to"
						       : NULL,
				      "cannot hide '%s'", s->target);
	if (fstat(target, &st) < 0)
		return log_errno(errno, "cannot hide '%s'", s->target);
	tree = mount_clone(place->scratch_fd, S_ISDIR(st.st_mode) ? empty_dir : empty_file,
			   STEP_RDONLY | STEP_NOEXEC);
	r = tree < 0 ? tree : mount_attach(tree, target);
	return r < 0 ? log_errno(r, "cannot hide '%s'", s->target) : 0;
}

/* Only this mount: what is mounted below it has attributes of its own. */
static int apply_seal(const struct step *s, struct mount_place *place)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	cleanup_fd int target = open_target(s, place);

	if (target < 0)
		return log_errno(target, "cannot make '%s' read-only", s->target);
	if (sys_mount_setattr(target, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return log_errno(errno, "cannot make '%s' read-only", s->target);
	return 0;
}

int mount_prepare_masks(const struct mount_place *place)
{
	cleanup_fd int file = openat(place->scratch_fd, empty_file,
				     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);

	if (file < 0 || mkdirat(place->scratch_fd, empty_dir, 0555) < 0)
		return log_errno(errno, "cannot make what masks are made of");
	return 0;
}

void mount_finish_masks(const struct mount_place *place)
{
	(void)unlinkat(place->scratch_fd, empty_file, 0);
	(void)unlinkat(place->scratch_fd, empty_dir, AT_REMOVEDIR);
}

int mount_step_apply(const struct step *s, struct mount_place *place)
{
	switch (s->kind) {
	case STEP_DIR:
		return apply_dir(s, place);
	case STEP_SYMLINK:
		return apply_symlink(s, place);
	case STEP_FILE:
		return apply_file(s, place);
	case STEP_BIND:
		return apply_bind(s, place);
	case STEP_DEVICE:
		return apply_device(s, place);
	case STEP_TMPFS:
		return apply_tmpfs(s, place);
	case STEP_PROC:
		return apply_filesystem(s, place, "proc",
					(const struct mount_option[]){ { "source", "proc" },
								       { NULL, NULL } });
	case STEP_SYSFS:
		return apply_filesystem(s, place, "sysfs",
					(const struct mount_option[]){ { "source", "sysfs" },
								       { NULL, NULL } });
	case STEP_DEVPTS:
		return apply_devpts(s, place);
	case STEP_LOCK:
		return apply_lock(s, place);
	case STEP_MASK:
		return apply_mask(s, place);
	case STEP_SEAL:
		return apply_seal(s, place);
	}
	return -EINVAL;
}
