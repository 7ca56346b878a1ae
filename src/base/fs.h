/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Files by descriptor. All return -errno on failure and say nothing.
 */

/* Read all of fd, at most max bytes: -EFBIG beyond. *ret is NUL-terminated; caller frees. */
int fs_read_all(int fd, size_t max, char **ret, size_t *ret_size);

/* fs_read_all() of a regular file; anything else is -EINVAL, and a FIFO does not block. */
int fs_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_size);

/* Write all of it, through short writes and EINTR. */
int fs_write_all(int fd, const void *data, size_t size);

/* open(O_WRONLY) an existing file such as one in /proc, and write text in one go. */
int fs_write_file(int dirfd, const char *path, const char *text);

/*
 * Open path as if root_fd were "/" (openat2, RESOLVE_IN_ROOT), O_CLOEXEC
 * added. A symbolic link anywhere in path is -ELOOP, a magic link too.
 */
int fs_open_in_root(int root_fd, const char *path, int flags);

enum fs_make {
	FS_MAKE_DIR,
	FS_MAKE_FILE, /* an empty one, to bind on */
};

/* One component, name, in a directory: not through a symbolic link (-ELOOP), nor anywhere else. */
int fs_open_child(int dir_fd, const char *name, int flags);

/* As fs_open_child() with O_PATH; what is missing is made: a directory of mode 0755, or a file. */
int fs_make_child(int dir_fd, const char *name, enum fs_make make);

/*
 * As fs_open_in_root() with O_PATH, and what is missing on the way is made,
 * component by component through fds: directories of mode 0755, the last
 * component as make says. Returns the fd of the last component.
 */
int fs_make_in_root(int root_fd, const char *path, enum fs_make make);

/*
 * "/a//b/./c/" becomes "/a/b/c". The caller frees. NULL if path is not
 * absolute or has a ".." component.
 */
char *fs_normalize(const char *path);

/* Is path the same as dir, or below it? Both normalized. */
bool fs_is_below(const char *path, const char *dir);

#endif
