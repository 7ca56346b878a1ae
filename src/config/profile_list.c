/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions about all the profiles in the search path. */
#include "config/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/profile_file.h"
#include "config/profile_find.h"

static bool has_addition(const struct profile_entries *entries, const char *name, size_t dir)
{
	for (size_t i = 0; i < entries->n; i++) {
		const struct profile_entry *e = &entries->v[i];

		if (e->addition && e->dir == dir && strcmp(e->name, name) == 0)
			return true;
	}
	return false;
}

/* The files of profile i in the order they apply: its own and the additions. */
static void list_files(const struct profile_entries *entries, size_t i, const struct strv *dirs,
		       struct strv *ret)
{
	const struct profile_entry *e = &entries->v[i];

	strv_take(ret, profile_path(dirs->v[e->dir], e->name, false));
	for (size_t dir = e->dir + 1; dir-- > 0;)
		if (has_addition(entries, e->name, dir))
			strv_take(ret, profile_path(dirs->v[dir], e->name, true));
}

/* Is the word anywhere but in comments? */
static bool mentions_programs(const struct profile_file *f)
{
	static const char word[] = "programs";
	const char *p = f->text, *end = f->text + f->size;

	while ((p = memmem(p, (size_t)(end - p), word, sizeof(word) - 1))) {
		const char *line = memrchr(f->text, '\n', (size_t)(p - f->text));

		line = line ? line + 1 : f->text;
		line += strspn(line, " \t");
		if (*line != '#' && *line != ';')
			return true;
		p += sizeof(word) - 1;
	}
	return false;
}

/*
 * Read the `programs` of one file into list. All files of the search path come
 * through here at each launch without --profile, so do no more than needed: a
 * file without the word has no such line, and iniparser reads the one file
 * that is then applied.
 */
static int add_programs(const char *path, struct strv *list)
{
	cleanup_profile_file struct profile_file f = { 0 };
	cleanup_strv struct strv words = { 0 };
	const struct ini_key *key;
	int r = profile_file_read(path, &f);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* gone since the directory was read */
	if (!mentions_programs(&f))
		return 0;
	r = profile_file_scan(&f);
	if (r < 0)
		return r;
	key = ini_find(&f.ini, "profile", "programs");
	if (!key)
		return 0;
	if (strv_split(&words, key->value) < 0)
		return log_invalid("%s:%u: a quote is left open in '%s'", path, key->line,
				   key->value);
	if (words.n == 0)
		strv_clear(list);
	for (size_t i = 0; i < words.n; i++)
		if (strchr(words.v[i], '/'))
			return log_invalid("%s:%u: '%s' has a slash; programs are named without "
					   "their directory",
					   path, key->line, words.v[i]);
	strv_add_all(list, &words);
	return 0;
}

int profile_for_program(const char *program, const struct strv *dirs, char **ret_name)
{
	cleanup_profile_entries struct profile_entries entries = { 0 };
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;
	int r = profile_entries_read(dirs, &entries);

	for (size_t i = 0; r == 0 && i < entries.n; i++) {
		cleanup_strv struct strv files = { 0 };
		cleanup_strv struct strv programs = { 0 };

		if (!profile_entry_counts(&entries, i))
			continue;
		list_files(&entries, i, dirs, &files);
		for (size_t j = 0; r == 0 && j < files.n; j++)
			r = add_programs(files.v[j], &programs);
		if (r == 0 && strv_has(&programs, name)) {
			*ret_name = xstrdup(entries.v[i].name);
			return 0;
		}
	}
	if (r < 0)
		return r;
	*ret_name = xstrdup("default");
	return 0;
}

/* Replace *description if the file at path has one. */
static int read_description(const char *path, char **description)
{
	cleanup_profile_file struct profile_file f = { 0 };
	const struct ini_key *key;
	int r = profile_file_read(path, &f);

	if (r == 0)
		r = profile_file_scan(&f);
	if (r == 0)
		r = profile_file_parse(&f);
	if (r < 0)
		return r;
	key = ini_find(&f.ini, "profile", "description");
	if (key) {
		free(*description);
		*description = xstrdup(profile_file_value(&f, key));
	}
	return 0;
}

static void read_info(const struct strv *files, struct profile_info *info)
{
	cleanup_free char *description = NULL;

	for (size_t i = 0; i < files->n; i++)
		if (read_description(files->v[i], &description) < 0)
			return;
	info->description = take_ptr(&description);
}

static int by_name(const void *left, const void *right)
{
	const struct profile_info *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int profile_list(const struct strv *dirs, struct profile_info **ret, size_t *ret_n)
{
	cleanup_profile_entries struct profile_entries entries = { 0 };
	struct profile_info *list = NULL;
	size_t n = 0;
	int r = profile_entries_read(dirs, &entries);

	if (r < 0)
		return r;
	for (size_t i = 0; i < entries.n; i++) {
		cleanup_strv struct strv files = { 0 };
		struct profile_info info = { 0 };

		if (!profile_entry_counts(&entries, i))
			continue;
		list_files(&entries, i, dirs, &files);
		info.name = xstrdup(entries.v[i].name);
		info.path = xstrdup(files.v[0]);
		read_info(&files, &info);
		GROW(list, n);
		list[n++] = info;
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), by_name);
	*ret = list;
	*ret_n = n;
	return 0;
}

void profile_list_free(struct profile_info *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].name);
		free(list[i].path);
		free(list[i].description);
	}
	free(list);
}
