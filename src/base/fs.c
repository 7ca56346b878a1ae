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

/*
 * Make what is missing at name in dir. Whoever else could put a symbolic link
 * there in the meantime finds that we do not follow it.
 */
static int make_missing(int dir, const char *name, enum fs_make make)
{
	int fd;

	if (make == FS_MAKE_FILE) {
		fd = openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		return fd < 0 ? -errno : fd;
	}
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_component(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = sys_openat2(dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* All of path, a component at a time. */
static int make_all(int root_fd, char *path, enum fs_make make)
{
	cleanup_fd int dir = fs_open_in_root(root_fd, "/", O_PATH);
	char *name;

	if (dir < 0)
		return dir;
	while ((name = strsep(&path, "/"))) {
		int fd;

		if (*name == '\0')
			continue;
		fd = open_component(dir, name);
		if (fd == -ENOENT)
			fd = make_missing(dir, name, path && *path ? FS_MAKE_DIR : make);
		if (fd < 0)
			return fd;
		close(dir);
		dir = fd;
	}
	return take_fd(&dir);
}

int fs_make_in_root(int root_fd, const char *path, enum fs_make make)
{
	cleanup_free char *copy = NULL;
	cleanup_fd int dir = -EBADF;
	char *slash;
	int fd;

	/* The usual cases first: all of it is there, or all but the last component. */
	fd = fs_open_in_root(root_fd, path, O_PATH);
	if (fd != -ENOENT)
		return fd;
	copy = xstrdup(path);
	slash = strrchr(copy, '/');
	if (!slash || slash[1] == '\0')
		return make_all(root_fd, copy, make);
	*slash = '\0';
	dir = fs_open_in_root(root_fd, *copy ? copy : "/", O_PATH);
	*slash = '/';
	if (dir == -ENOENT)
		return make_all(root_fd, copy, make);
	return dir < 0 ? dir : make_missing(dir, slash + 1, make);
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
