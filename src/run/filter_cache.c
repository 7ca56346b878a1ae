/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/filter_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "kernel/filter.h"

#define CACHE_MAGIC "sbxfcc1"
#define CACHE_MAX   (256 * 1024)

/* A file of the cache: this, then the policy's text, then the image. */
struct cache_header {
	char magic[8];
	char compiler[48]; /* what else decides what the image is */
	uint64_t text_size, image_size;
	uint64_t image_sum; /* against crashed file systems, not against people */
};

/* FNV-1a over words instead of bytes: it names files and notices damage, no more. */
static uint64_t hash(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;

	for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		h = (h ^ word) * UINT64_C(0x100000001b3);
		h ^= h >> 32;
	}
	for (; size > 0; bytes++, size--)
		h = (h ^ *bytes) * UINT64_C(0x100000001b3);
	return h;
}

static struct cache_header make_header(const char *text)
{
	const struct scmp_version *v = seccomp_version();
	struct cache_header h = { .magic = CACHE_MAGIC, .text_size = strlen(text) };

	snprintf(h.compiler, sizeof(h.compiler), "libseccomp %u.%u.%u arch 0x%x", v->major,
		 v->minor, v->micro, seccomp_arch_native());
	return h;
}

static void make_name(const struct cache_header *h, const char *text, char name[17])
{
	uint64_t sum = hash(text, h->text_size) ^ hash(h->compiler, sizeof(h->compiler));

	snprintf(name, 17, "%016llx", (unsigned long long)sum);
}

static bool is_ours(const struct stat *st, mode_t type, mode_t forbidden)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       (st->st_mode & forbidden) == 0;
}

static int open_our_dir(int dirfd, const char *name, mode_t forbidden)
{
	cleanup_fd int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return is_ours(&st, S_IFDIR, forbidden) ? take_fd(&fd) : -EPERM;
}

/*
 * DIR/filters. Links above DIR are the system's business (/home may be one);
 * DIR itself is not followed.
 */
static int open_cache(const char *dir)
{
	cleanup_fd int top = open_our_dir(AT_FDCWD, dir, S_IWGRP | S_IWOTH);

	if (top < 0)
		return top;
	return open_our_dir(top, "filters", S_IRWXG | S_IRWXO);
}

/* A file whose size leaves room for an image behind h and the text. */
static int open_file(int cache, const char *name, const struct cache_header *h,
		     size_t *ret_image_size)
{
	cleanup_fd int fd =
		openat(cache, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st, S_IFREG, S_IWGRP | S_IWOTH))
		return -EPERM;
	if (st.st_size <= (off_t)(sizeof(*h) + h->text_size) || st.st_size > CACHE_MAX)
		return -EINVAL;
	*ret_image_size = (size_t)st.st_size - sizeof(*h) - h->text_size;
	return take_fd(&fd);
}

/* In one read and without a copy: this is on the way of every launch. */
static int read_file(int fd, struct cache_header *h, const char *text, void *image)
{
	cleanup_free char *their_text = xcalloc(1, h->text_size + 1);
	struct cache_header theirs;
	const struct iovec parts[] = {
		{ &theirs, sizeof(theirs) },
		{ their_text, h->text_size },
		{ image, h->image_size },
	};
	ssize_t whole = (ssize_t)(sizeof(theirs) + h->text_size + h->image_size);

	if (readv(fd, parts, ARRAY_LEN(parts)) != whole)
		return -EIO;
	h->image_sum = hash(image, h->image_size);
	if (memcmp(&theirs, h, sizeof(theirs)) != 0 || memcmp(their_text, text, h->text_size) != 0)
		return -EINVAL;
	return filter_image_check(image, h->image_size);
}

int filter_cache_get(const char *dir, const char *text, void **ret_image, size_t *ret_size)
{
	cleanup_fd int cache = dir ? open_cache(dir) : -ENOENT, fd = -EBADF;
	struct cache_header h = make_header(text);
	cleanup_free void *image = NULL;
	char name[17];

	if (cache < 0)
		return 0;
	make_name(&h, text, name);
	fd = open_file(cache, name, &h, &h.image_size);
	if (fd < 0)
		return 0;
	image = xcalloc(1, h.image_size);
	if (read_file(fd, &h, text, image) < 0)
		return 0;
	*ret_image = take_ptr(&image);
	*ret_size = h.image_size;
	return 1;
}

/* mkdir -p, as private as $XDG_CACHE_HOME is meant to be. */
static int make_dirs(const char *dir)
{
	cleanup_free char *path = xstrdup(dir);

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int make_cache(const char *dir)
{
	cleanup_free char *filters = xasprintf("%s/filters", dir);
	int cache = open_cache(dir), r;

	if (cache != -ENOENT)
		return cache;
	r = make_dirs(filters);
	return r < 0 ? r : open_cache(dir);
}

/* Under another name first: a reader sees a whole file or none. */
static int store(const char *dir, const char *text, const void *image, size_t size)
{
	cleanup_fd int cache = make_cache(dir), fd = -EBADF;
	struct cache_header h = make_header(text);
	char name[17], temporary[48];
	int r;

	if (cache < 0)
		return cache;
	h.image_size = size;
	h.image_sum = hash(image, size);
	make_name(&h, text, name);
	snprintf(temporary, sizeof(temporary), "%s.%d", name, (int)getpid());
	(void)unlinkat(cache, temporary, 0); /* of a crash, long ago, in our pid */
	fd = openat(cache, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fs_write_all(fd, &h, sizeof(h));
	if (r == 0)
		r = fs_write_all(fd, text, h.text_size);
	if (r == 0)
		r = fs_write_all(fd, image, size);
	if (r == 0 && renameat(cache, temporary, cache, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(cache, temporary, 0);
	return r;
}

int filter_cache_fill(const char *dir, const char *text, const struct filter_policy *p, int memfd)
{
	cleanup_free char *image = NULL;
	size_t size;
	int r = filter_compile(p, FILTER_ARCH_NATIVE, memfd);

	if (r < 0 || !dir)
		return r;
	if (lseek(memfd, 0, SEEK_SET) < 0)
		return log_errno(errno, "cannot read the system call filter back");
	r = fs_read_all(memfd, CACHE_MAX, &image, &size);
	if (r < 0)
		return log_errno(r, "cannot read the system call filter back");
	r = store(dir, text, image, size);
	if (r < 0)
		log_debug("filter: not kept in '%s/filters': %s", dir, strerror(-r));
	return 0;
}
