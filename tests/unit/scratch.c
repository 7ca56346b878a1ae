/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scratch.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strv.h"

/* Of the process, as check's fixtures take no argument. */
static char *base, *dir;
static struct strv paths;
static char logged[16384];

void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");

	base = xasprintf("%s/sandbox-check-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(base));
	ck_assert_int_eq(chmod(base, 0755), 0); /* some tests become another user */
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_remove(void)
{
	(void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(base);
}

static void remember(enum log_level level, const char *line)
{
	cleanup_free char *masked = scratch_mask(line);
	size_t n = strlen(logged);

	snprintf(logged + n, sizeof(logged) - n, "%s%s\n",
		 level == LOG_LEVEL_WARN ? "warning: " : "", masked);
}

void scratch_enter(void)
{
	free(dir);
	dir = xasprintf("%s/XXXXXX", base);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chmod(dir, 0755), 0);
	*logged = '\0';
	log_set_sink(remember);
}

const char *scratch_path(const char *path)
{
	strv_take(&paths, *path == '@' ? xasprintf("%s%s", dir, path + 1) : xstrdup(path));
	return paths.v[paths.n - 1];
}

const char *scratch_write(const char *path, const char *text)
{
	char *real = xstrdup(scratch_path(path));
	cleanup_file FILE *f = NULL;

	for (char *slash = real + strlen(dir); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		(void)mkdir(real, 0755); /* there already, most of the time */
		*slash = '/';
	}
	f = fopen(real, "we");
	ck_assert_msg(f != NULL, "cannot write %s: %m", real);
	ck_assert_int_eq(chmod(real, 0600), 0);
	ck_assert_int_ge(fputs(text, f), 0);
	strv_take(&paths, real);
	return real;
}

char *scratch_mask(const char *text)
{
	size_t n = strlen(dir);
	char *masked = xcalloc(strlen(text) + 1, 1), *out = masked;

	while (*text) {
		if (strncmp(text, dir, n) == 0) {
			*out++ = '@';
			text += n;
		} else {
			*out++ = *text++;
		}
	}
	return masked;
}

const char *scratch_logged(void)
{
	return logged;
}

void scratch_forget(void)
{
	*logged = '\0';
}
