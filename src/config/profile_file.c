/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifdef HAVE_CONFIG_H
#include "config-auto.h"
#endif

#include "config/profile_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_INIPARSER_INIPARSER_H
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

void profile_file_done(struct profile_file *f)
{
	free(f->path);
	free(f->text);
	ini_done(&f->ini);
	if (f->values)
		iniparser_freedict(f->values);
	*f = (struct profile_file){ 0 };
}

/*
 * Is uid what the host's root is called here? In a user namespace without a
 * name for it that is the overflow id. /proc/sys belongs to the real root, so
 * the kernel itself tells, whatever the maps above us look like.
 */
static bool is_unmapped_root(uid_t uid)
{
	struct stat st;

	return stat("/proc/sys", &st) == 0 && st.st_uid == uid;
}

static int check_owner(const char *path, const struct stat *st)
{
	if (st->st_uid != geteuid() && st->st_uid != 0 && !is_unmapped_root(st->st_uid)) {
		(void)log_invalid("profile '%s' belongs to uid %u, neither to you nor to root",
				  path, st->st_uid);
		return -EPERM;
	}
	if (st->st_mode & S_IWOTH) {
		(void)log_invalid("profile '%s' is writable by everybody (chmod o-w helps)", path);
		return -EPERM;
	}
	/* a group of one's own is the default on many systems, with umask 002 */
	if (st->st_mode & S_IWGRP && st->st_gid != getegid()) {
		(void)log_invalid("profile '%s' is writable by group %u (chmod g-w helps)", path,
				  st->st_gid);
		return -EPERM;
	}
	return 0;
}

static int check_file(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return log_errno(errno, "cannot look at profile '%s'", path);
	if (!S_ISREG(st.st_mode))
		return log_invalid("profile '%s' is not a regular file", path);
	if (st.st_size > PROFILE_MAX)
		return log_errno(EFBIG, "profile '%s' has more than %d KiB", path,
				 PROFILE_MAX / 1024);
	return check_owner(path, &st);
}

/*
 * Nothing there, or a link to nothing? The second is a file that somebody
 * wants to count, and the next one in the search path may be a weaker one.
 */
static int missing(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return log_invalid("profile '%s' is a symbolic link to nothing", path);
	return -ENOENT;
}

static int open_failed(int err, const char *path)
{
	if (err == ENOENT || err == ENOTDIR)
		return missing(path);
	return log_errno(err, "cannot open profile '%s'", path);
}

int profile_file_read(const char *path, struct profile_file *ret)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold us; symlinks are an admin's tool */
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_profile_file struct profile_file f = { 0 };
	int r;

	if (fd < 0)
		return open_failed(errno, path);
	r = check_file(path, fd);
	if (r < 0)
		return r;
	r = fs_read_all(fd, PROFILE_MAX, &f.text, &f.size);
	if (r < 0)
		return log_errno(r, "cannot read profile '%s'", path);
	f.path = xstrdup(path);
	*ret = f;
	f = (struct profile_file){ 0 };
	return 0;
}

int profile_file_scan(struct profile_file *f)
{
	int r = ini_scan(f->path, f->text, f->size, &f->ini);

	if (r < 0)
		return r;
	/* a truncated file, most likely: what it forbade would be allowed */
	if (f->ini.n_keys == 0)
		return log_invalid("%s: there is no key in this file", f->path);
	return 0;
}

static int quiet(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* iniparser's words would be a second line for one failure. */
static int quiet(const char *format, ...)
{
	(void)format;
	return 0;
}

/* iniparser 4.1 opens a path, and the file may have changed since: give it our bytes. */
static int parse_bytes(struct profile_file *f)
{
	cleanup_fd int fd = memfd_create("profile", MFD_CLOEXEC);
	cleanup_free char *path = NULL;
	int r;

	if (fd < 0)
		return -errno;
	r = fs_write_all(fd, f->text, f->size);
	if (r < 0)
		return r;
	path = xasprintf("/proc/self/fd/%d", fd);
	iniparser_set_error_callback(quiet);
	errno = 0; /* stays so when it is the text that it does not like */
	f->values = iniparser_load(path);
	return f->values ? 0 : -errno;
}

const char *profile_file_value(const struct profile_file *f, const struct ini_key *key)
{
	cleanup_free char *name = xasprintf("%s:%s", key->section, key->name);

	return iniparser_getstring(f->values, name, NULL);
}

int profile_file_parse(struct profile_file *f)
{
	int r = parse_bytes(f);
	size_t n;

	if (r < 0)
		return log_errno_hint(r, r == -EMFILE ? "ulimit -n raises the limit" : NULL,
				      "cannot read profile '%s'", f->path);
	if (!f->values)
		return log_invalid("%s: iniparser cannot read it", f->path);

	/* its dictionary has an entry for each section as well */
	n = (size_t)f->values->n - (size_t)iniparser_getnsec(f->values);
	if (n != f->ini.n_keys)
		return log_invalid("%s: iniparser finds %zu keys where there are %zu", f->path, n,
				   f->ini.n_keys);
	for (size_t i = 0; i < f->ini.n_keys; i++) {
		const struct ini_key *key = &f->ini.keys[i];
		const char *value = profile_file_value(f, key);

		if (!value || strcmp(value, key->value) != 0)
			return log_invalid("%s:%u: iniparser reads '%s' as '%s'", f->path,
					   key->line, key->name, value ? value : "");
	}
	return 0;
}
