/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/profile_find.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/profile.h"

#define NAME_MAX_LENGTH 64
#define FILE_SUFFIX	".ini"
#define ADDITION_SUFFIX ".local"

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

static void add_directory(struct strv *dirs, const char *dir)
{
	if (!strv_has(dirs, dir))
		strv_add(dirs, dir);
}

/* What counts must not depend on where somebody stands: that may be a project's folder. */
static void add_listed(struct strv *dirs, const char *list)
{
	cleanup_free char *copy = xstrdup(list);
	char *rest = copy, *dir;

	while ((dir = strsep(&rest, ":"))) {
		if (*dir == '/')
			add_directory(dirs, dir);
		else if (*dir)
			log_warn("ignoring '%s' in SANDBOX_PROFILE_PATH: not an absolute path",
				 dir);
	}
}

/*
 * Run from where it was built, the launcher finds the profiles of its source:
 * beside its own executable, where an installed one has none. Whoever could
 * put them there could as well replace the executable.
 */
static void add_build_tree(struct strv *dirs)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	cleanup_free char *dir = NULL, *file = NULL;
	char *slash;

	if (n <= 0 || (size_t)n == sizeof(exe) - 1)
		return;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	dir = xasprintf("%.*s/profiles", (int)(slash - exe), exe);
	file = xasprintf("%s/default.ini", dir);
	if (access(file, R_OK) == 0)
		add_directory(dirs, dir);
}

void profile_search_path(const char *home, struct strv *ret_dirs)
{
	const char *path = getenv("SANDBOX_PROFILE_PATH"), *xdg = getenv("XDG_CONFIG_HOME");
	cleanup_free char *own = NULL;

	if (path)
		add_listed(ret_dirs, path);
	/* a relative one is invalid and ignored, says the basedir specification */
	if (xdg && *xdg == '/')
		own = xasprintf("%s/sandbox/profiles", xdg);
	else if (home && *home == '/')
		own = xasprintf("%s/.config/sandbox/profiles", home);
	if (own)
		add_directory(ret_dirs, own);
	add_build_tree(ret_dirs);
	add_directory(ret_dirs, SANDBOX_SYSCONF_PROFILES);
	add_directory(ret_dirs, SANDBOX_DATA_PROFILES);
}

static bool is_name(const char *s)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	return *s && strchr(first, *s) && strlen(s) <= NAME_MAX_LENGTH &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

int profile_check_name(const char *name, const char *where)
{
	if (!is_name(name))
		return log_invalid("%s'%s' is not a profile's name (a to z, 0 to 9, '.', '_' and "
				   "'-', at most %d)",
				   where, name, NAME_MAX_LENGTH);
	if (ends_with(name, ADDITION_SUFFIX))
		return log_invalid("%s'%s' is no profile of its own: it is added to '%.*s'", where,
				   name, (int)(strlen(name) - strlen(ADDITION_SUFFIX)), name);
	return 0;
}

char *profile_path(const char *dir, const char *name, bool addition)
{
	return xasprintf("%s/%s%s" FILE_SUFFIX, dir, name, addition ? ADDITION_SUFFIX : "");
}

static int report_missing(const char *name, const char *where, const struct strv *dirs)
{
	cleanup_profile_entries struct profile_entries all = { 0 };
	cleanup_free const char **names = NULL;
	cleanup_free char *looked = xstrdup("");
	const char *near;
	size_t n = 0;
	int r;

	r = profile_entries_read(dirs, &all);
	if (r < 0)
		return r;
	for (size_t i = 0; i < dirs->n; i++)
		xappend(&looked, "%s%s", i ? ", " : "", dirs->v[i]);
	names = xcalloc(all.n + 1, sizeof(*names));
	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i].addition)
			names[n++] = all.v[i].name;
	near = text_nearest(name, names);
	if (near)
		(void)log_invalid("%sno profile '%s' (did you mean '%s'? looked in %s)", where,
				  name, near, looked);
	else if (ends_with(name, FILE_SUFFIX))
		(void)log_invalid("%sno profile '%s' (a path has a slash: './%s'; looked in %s)",
				  where, name, name, looked);
	else
		(void)log_invalid("%sno profile '%s' (looked in %s)", where, name, looked);
	return -ENOENT;
}

int profile_find(const char *name, const char *where, const struct strv *dirs,
		 struct profile_file *ret, size_t *ret_dir)
{
	int r = profile_check_name(name, where);

	if (r < 0)
		return r;
	for (size_t i = 0; i < dirs->n; i++) {
		cleanup_free char *path = profile_path(dirs->v[i], name, false);

		r = profile_file_read(path, ret);
		if (r == 0)
			*ret_dir = i;
		if (r != -ENOENT)
			return r;
	}
	return report_missing(name, where, dirs);
}

static void add_entry(struct profile_entries *entries, size_t dir, const char *file)
{
	cleanup_free char *name = NULL;
	struct profile_entry e = { .dir = dir };

	if (!ends_with(file, FILE_SUFFIX))
		return;
	name = xstrndup(file, strlen(file) - strlen(FILE_SUFFIX));
	e.addition = ends_with(name, ADDITION_SUFFIX);
	if (e.addition)
		name[strlen(name) - strlen(ADDITION_SUFFIX)] = '\0';
	if (!is_name(name))
		return; /* nobody can ask for it */
	e.name = take_ptr(&name);
	GROW(entries->v, entries->n);
	entries->v[entries->n++] = e;
}

static int read_directory(const char *path, size_t dir, struct profile_entries *entries)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	if (!d && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!d)
		return log_errno(errno, "cannot read the profiles in '%s'", path);
	while ((errno = 0, entry = readdir(d)))
		add_entry(entries, dir, entry->d_name);
	if (errno) {
		int r = log_errno(errno, "cannot read the profiles in '%s'", path);

		closedir(d);
		return r;
	}
	closedir(d);
	return 0;
}

static int by_place(const void *left, const void *right)
{
	const struct profile_entry *a = left, *b = right;
	int by_name = strcmp(a->name, b->name);

	if (a->dir != b->dir)
		return a->dir < b->dir ? -1 : 1;
	return by_name ? by_name : (int)a->addition - (int)b->addition;
}

int profile_entries_read(const struct strv *dirs, struct profile_entries *ret)
{
	cleanup_profile_entries struct profile_entries entries = { 0 };
	int r;

	for (size_t i = 0; i < dirs->n; i++) {
		r = read_directory(dirs->v[i], i, &entries);
		if (r < 0)
			return r;
	}
	if (entries.n > 0)
		qsort(entries.v, entries.n, sizeof(*entries.v), by_place);
	*ret = entries;
	entries = (struct profile_entries){ 0 };
	return 0;
}

void profile_entries_done(struct profile_entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		free(entries->v[i].name);
	free(entries->v);
	*entries = (struct profile_entries){ 0 };
}

bool profile_entry_counts(const struct profile_entries *entries, size_t i)
{
	if (entries->v[i].addition)
		return false;
	for (size_t j = 0; j < i; j++)
		if (!entries->v[j].addition && strcmp(entries->v[j].name, entries->v[i].name) == 0)
			return false;
	return true;
}
