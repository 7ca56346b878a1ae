/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/syscalls.h"

int fs_read_all(int fd, size_t max, char **ret, size_t *ret_size)
{
	cleanup_free char *data = NULL;
	size_t size = 0, room = 4096;

	data = xcalloc(room, 1);
	for (;;) {
		ssize_t n = read(fd, data + size, room - size - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > max)
			return -EFBIG;
		if (size + 1 == room) {
			room *= 4;
			data = xrealloc_array(data, room, 1);
		}
	}
	data[size] = '\0';
	*ret = take_ptr(&data);
	if (ret_size)
		*ret_size = size;
	return 0;
}

int fs_read_file(int dirfd, const char *path, size_t max, char **ret, size_t *ret_size)
{
	cleanup_fd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return fs_read_all(fd, max, ret, ret_size);
}

int fs_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int fs_write_file(int dirfd, const char *path, const char *text)
{
	cleanup_fd int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t size = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, size);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int fs_open_in_root(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	int fd = sys_openat2(root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int fs_open_child(int dir_fd, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = sys_openat2(dir_fd, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/*
 * Made first, and looked at if it was there: in the box's own directories, the
 * usual case, it never is. Whoever else could put a symbolic link there in the
 * meantime finds that we do not follow it.
 */
int fs_make_child(int dir_fd, const char *name, enum fs_make make)
{
	int fd = -1;

	/* an absolute path would be made wherever it leads */
	if (strchr(name, '/'))
		return -EXDEV;
	if (make == FS_MAKE_FILE)
		fd = openat(dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	else if (mkdirat(dir_fd, name, 0755) == 0)
		fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		int made = -errno, there = fs_open_child(dir_fd, name, O_PATH);

		/* why it could not be made, unless it is there, or leads elsewhere */
		return there == -ENOENT ? made : there;
	}
	return fd;
}

int fs_make_in_root(int root_fd, const char *path, enum fs_make make)
{
	cleanup_free char *copy = NULL;
	cleanup_fd int dir = -EBADF;
	char *rest, *name;
	int fd;

	/* The usual case first: all of it is there. */
	fd = fs_open_in_root(root_fd, path, O_PATH);
	if (fd != -ENOENT)
		return fd;
	dir = fs_open_in_root(root_fd, "/", O_PATH);
	if (dir < 0)
		return dir;
	rest = copy = xstrdup(path);
	while ((name = strsep(&rest, "/"))) {
		if (*name == '\0')
			continue;
		fd = fs_make_child(dir, name, rest && *rest ? FS_MAKE_DIR : make);
		if (fd < 0)
			return fd;
		close(dir);
		dir = fd;
	}
	return take_fd(&dir);
}

char *fs_normalize(const char *path)
{
	cleanup_free char *copy = NULL, *clean = NULL;
	char *rest, *name, *out;

	if (*path != '/')
		return NULL;
	copy = xstrdup(path);
	rest = copy;
	clean = xcalloc(strlen(path) + 2, 1);
	out = clean;
	while ((name = strsep(&rest, "/"))) {
		if (*name == '\0' || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0)
			return NULL;
		*out++ = '/';
		out = stpcpy(out, name);
	}
	if (out == clean)
		strcpy(clean, "/");
	return take_ptr(&clean);
}

bool fs_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return *path == '/';
	return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}
