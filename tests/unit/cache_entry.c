/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cache_entry.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kernel/filter.h"
#include "scratch.h"

void entry_done(struct entry *e)
{
	filter_policy_done(&e->policy);
	free(e->text);
	free(e->image);
}

struct entry fill_with(const char *library, const char *dir, const struct filter_profile *from)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	struct entry e = { 0 };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(filter_profile_build(from, &e.policy), 0);
	e.text = filter_policy_text(&e.policy);
	if (library)
		ck_assert_int_eq(filter_cache_fill_by(library, dir, e.text, &e.policy, fd, NULL,
						      NULL),
				 0);
	else
		ck_assert_int_eq(filter_cache_fill(dir, e.text, &e.policy, fd, NULL, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(fs_read_all(fd, 1 << 20, &e.image, &e.size), 0);
	ck_assert_int_eq(filter_image_check(e.image, e.size), 0);
	return e;
}

struct entry fill(const char *dir, const struct filter_profile *from)
{
	return fill_with(NULL, dir, from);
}

struct entry fill_default(void)
{
	return fill(scratch_path("@/cache"), &(struct filter_profile){ 0 });
}

bool has(const char *dir, const struct entry *e)
{
	cleanup_free void *image = NULL;
	size_t size = 12345;
	int r = filter_cache_get(dir, e->text, &image, &size);

	ck_assert(r == 0 || r == 1);
	if (r == 0) {
		ck_assert_ptr_null(image);
		ck_assert_uint_eq(size, 12345);
		return false;
	}
	ck_assert_uint_eq(size, e->size);
	ck_assert_mem_eq(image, e->image, size);
	return true;
}

bool hit(const struct entry *e)
{
	return has(scratch_path("@/cache"), e);
}

char *cached_file(size_t n)
{
	const char *dir = scratch_path("@/cache/filters");
	DIR *d = opendir(dir);
	struct dirent *e;
	char *path = NULL;

	while (d && !path && (e = readdir(d)))
		if (e->d_name[0] != '.' && n-- == 0)
			path = xasprintf("%s/%s", dir, e->d_name);
	if (d)
		closedir(d);
	return path;
}
