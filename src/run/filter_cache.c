/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/filter_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
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

#define CACHE_MAGIC   "sbxfcc2"
#define CACHE_MAX     (256 * 1024)
#define CACHE_NAME    17   /* 16 hexadecimal digits */
#define CACHE_ENTRIES 1024 /* of the directory that are looked at when it is cleaned up */

/* What compiled an image; all of it is what one stat() says of a file. */
struct cache_compiler {
	uint64_t dev, ino, size, mtime, mtime_ns;
	char path[256];
};

/* A file of the cache: this, then the policy's text, then the image. */
struct cache_header {
	char magic[8];
	uint32_t machine, reserved;
	uint64_t text_size, image_size;
	uint64_t image_sum; /* against crashed file systems, not against people */
	struct cache_compiler compiler;
};

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* A home may be on the network: the ABI that this program was built for, from its own head. */
static uint32_t machine(void)
{
	return (uint32_t)__ehdr_start.e_machine << 16 |
	       (uint32_t)__ehdr_start.e_ident[EI_CLASS] << 8 | __ehdr_start.e_ident[EI_DATA];
}

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
	return (struct cache_header){ .magic = CACHE_MAGIC,
				      .machine = machine(),
				      .text_size = strlen(text) };
}

static void make_name(const struct cache_header *h, const char *text, char name[CACHE_NAME])
{
	uint64_t sum = hash(text, h->text_size) ^ h->machine;

	for (size_t i = 0; i < CACHE_NAME - 1; i++, sum <<= 4)
		name[i] = "0123456789abcdef"[sum >> 60];
	name[CACHE_NAME - 1] = '\0';
}

/* The file at c->path as it is now; a link is followed, as the dynamic linker does. */
static int identify(struct cache_compiler *c)
{
	struct stat st;

	if (stat(c->path, &st) < 0)
		return -errno;
	c->dev = st.st_dev;
	c->ino = st.st_ino;
	c->size = (uint64_t)st.st_size;
	c->mtime = (uint64_t)st.st_mtim.tv_sec;
	c->mtime_ns = (uint64_t)st.st_mtim.tv_nsec;
	return 0;
}

static bool is_ours(const struct stat *st, uid_t us, mode_t type, mode_t forbidden)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == us && (st->st_mode & forbidden) == 0;
}

static int open_our_dir(int dirfd, const char *name, uid_t us, mode_t forbidden)
{
	cleanup_fd int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return is_ours(&st, us, S_IFDIR, forbidden) ? take_fd(&fd) : -EPERM;
}

/*
 * DIR/filters. Links above DIR are the system's business (/home may be one);
 * DIR itself is not followed.
 */
static int open_cache(const char *dir, uid_t us)
{
	cleanup_fd int top = open_our_dir(AT_FDCWD, dir, us, S_IWGRP | S_IWOTH);

	if (top < 0)
		return top;
	return open_our_dir(top, "filters", us, S_IRWXG | S_IRWXO);
}

/* A file whose size leaves room for an image behind h and the text. */
static int open_file(int cache, const char *name, uid_t us, const struct cache_header *h,
		     size_t *ret_image_size)
{
	cleanup_fd int fd =
		openat(cache, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st, us, S_IFREG, S_IWGRP | S_IWOTH))
		return -EPERM;
	if (st.st_size <= (off_t)(sizeof(*h) + h->text_size) || st.st_size > CACHE_MAX)
		return -EINVAL;
	*ret_image_size = (size_t)st.st_size - sizeof(*h) - h->text_size;
	return take_fd(&fd);
}

/* Is the file at the path that a cache file names the one that compiled it? */
static bool compiler_is_there(const struct cache_compiler *theirs)
{
	struct cache_compiler c = { 0 };

	if (!memchr(theirs->path, '\0', sizeof(theirs->path)))
		return false;
	strcpy(c.path, theirs->path);
	return identify(&c) == 0 && memcmp(&c, theirs, sizeof(c)) == 0;
}

/*
 * On the way of every launch: in two reads, and through the image's own buffer,
 * as what was once allocated stays with the parent for the box's life.
 */
static int read_file(int fd, struct cache_header *h, const char *text, char *buffer)
{
	struct cache_header theirs;
	const struct iovec parts[] = { { &theirs, sizeof(theirs) }, { buffer, h->text_size } };

	if (readv(fd, parts, ARRAY_LEN(parts)) != (ssize_t)(sizeof(theirs) + h->text_size) ||
	    memcmp(buffer, text, h->text_size) != 0)
		return -EINVAL;
	if (read(fd, buffer, h->image_size) != (ssize_t)h->image_size)
		return -EIO;
	h->image_sum = hash(buffer, h->image_size);
	if (memcmp(&theirs, h, offsetof(struct cache_header, compiler)) != 0 ||
	    !compiler_is_there(&theirs.compiler))
		return -EINVAL;
	return filter_image_check(buffer, h->image_size);
}

int filter_cache_get(const char *dir, const char *text, void **ret_image, size_t *ret_size)
{
	uid_t us = geteuid();
	cleanup_fd int cache = dir ? open_cache(dir, us) : -ENOENT, fd = -EBADF;
	struct cache_header h = make_header(text);
	cleanup_free char *buffer = NULL;
	char name[CACHE_NAME];

	if (cache < 0)
		return 0;
	make_name(&h, text, name);
	fd = open_file(cache, name, us, &h, &h.image_size);
	if (fd < 0)
		return 0;
	buffer = xrealloc_array(NULL, h.image_size > h.text_size ? h.image_size : h.text_size, 1);
	if (read_file(fd, &h, text, buffer) < 0)
		return 0;
	*ret_image = take_ptr(&buffer);
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
	int cache = open_cache(dir, geteuid()), r;

	if (cache != -ENOENT)
		return cache;
	r = make_dirs(filters);
	return r < 0 ? r : open_cache(dir, geteuid());
}

struct cached {
	char name[32];
	struct timespec written;
};

static int compare_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct cached *)a)->written;
	const struct timespec *y = &((const struct cached *)b)->written;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Is it a file that store() made, or began to make? */
static bool read_cached(int cache, const char *name, struct cached *ret)
{
	struct stat st;

	if (strspn(name, "0123456789abcdef") != CACHE_NAME - 1 || strlen(name) >= sizeof(ret->name))
		return false;
	if (fstatat(cache, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !is_ours(&st, geteuid(), S_IFREG, 0))
		return false;
	strcpy(ret->name, name);
	ret->written = st.st_mtim;
	return true;
}

/* Remove the oldest until, beside the file name, no more than the others are left. */
static void evict(int cache, const char *name)
{
	int fd = openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	cleanup_free struct cached *list = NULL;
	struct dirent *e;
	size_t n = 0;

	for (size_t seen = 0; dir && seen < CACHE_ENTRIES && (e = readdir(dir)); seen++) {
		GROW(list, n);
		n += strcmp(e->d_name, name) != 0 && read_cached(cache, e->d_name, &list[n]);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	if (n > 1)
		qsort(list, n, sizeof(*list), compare_age);
	for (size_t i = 0; i + FILTER_CACHE_FILES - 1 < n; i++)
		(void)unlinkat(cache, list[i].name, 0);
}

/* Under another name first: a reader sees a whole file or none. */
static int write_file(int cache, const char *name, const struct cache_header *h, const char *text,
		      const void *image)
{
	cleanup_fd int fd = -EBADF;
	char temporary[48];
	int r;

	snprintf(temporary, sizeof(temporary), "%s.%d", name, (int)getpid());
	(void)unlinkat(cache, temporary, 0); /* of a crash, long ago, in our pid */
	fd = openat(cache, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fs_write_all(fd, h, sizeof(*h));
	if (r == 0)
		r = fs_write_all(fd, text, h->text_size);
	if (r == 0)
		r = fs_write_all(fd, image, h->image_size);
	if (r == 0 && renameat(cache, temporary, cache, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(cache, temporary, 0);
	return r;
}

static int store(const char *dir, const struct cache_compiler *compiler, const char *text,
		 const void *image, size_t size)
{
	cleanup_fd int cache = make_cache(dir);
	struct cache_header h = make_header(text);
	char name[CACHE_NAME];
	int r;

	if (cache < 0)
		return cache;
	h.image_size = size;
	h.image_sum = hash(image, size);
	h.compiler = *compiler;
	make_name(&h, text, name);
	r = write_file(cache, name, &h, text, image);
	if (r == 0)
		evict(cache, name);
	return r;
}

/* At once when it is loaded: an upgrade of the system may replace the file any moment. */
static int identify_library(const struct libseccomp *lib, struct cache_compiler *ret)
{
	if (*lib->path != '/' || strlen(lib->path) >= sizeof(ret->path))
		return -ENAMETOOLONG;
	strcpy(ret->path, lib->path);
	return identify(ret);
}

int filter_cache_fill_by(const char *library, const char *dir, const char *text,
			 const struct filter_policy *p, int memfd, void (*ready)(void *data),
			 void *data)
{
	cleanup_libseccomp struct libseccomp lib = { 0 };
	struct cache_compiler compiler = { 0 };
	cleanup_free char *image = NULL;
	size_t size;
	int r = libseccomp_open(library, &lib), known;

	if (r < 0)
		return r;
	known = identify_library(&lib, &compiler);
	r = filter_compile(&lib, p, FILTER_ARCH_NATIVE, memfd, ready, data);
	if (r < 0 || !dir)
		return r;
	if (lseek(memfd, 0, SEEK_SET) < 0)
		return log_errno(errno, "cannot read the system call filter back");
	r = fs_read_all(memfd, CACHE_MAX, &image, &size);
	if (r < 0)
		return log_errno(r, "cannot read the system call filter back");
	r = known < 0 ? known : store(dir, &compiler, text, image, size);
	if (r < 0)
		log_debug("filter: not kept in '%s/filters': %s", dir, strerror(-r));
	return 0;
}

int filter_cache_fill(const char *dir, const char *text, const struct filter_policy *p, int memfd,
		      void (*ready)(void *data), void *data)
{
	return filter_cache_fill_by(LIBSECCOMP_SONAME, dir, text, p, memfd, ready, data);
}
