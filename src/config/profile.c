/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/profile.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/profile_file.h"
#include "config/profile_find.h"

/* What one profile_apply() works on. */
struct load {
	const struct strv *dirs;
	struct config *c;
	struct strv *files;
};

/* A profile that is being applied, and the one that inherits it. */
struct frame {
	const char *name, *path;
	const struct frame *heir;
	size_t depth;
};

static int load_name(struct load *l, const char *name, const char *where, const struct frame *heir);

/* "a -> b -> c", from the profile that was asked for. Caller frees. */
static char *describe_chain(const struct frame *f)
{
	cleanup_free char *before = NULL;

	if (!f->heir)
		return xstrdup(f->name);
	before = describe_chain(f->heir);
	return xasprintf("%s -> %s", before, f->name);
}

static int check_chain(const struct frame *f, const char *where)
{
	cleanup_free char *chain = NULL;

	for (const struct frame *other = f->heir; other; other = other->heir) {
		if (strcmp(other->path, f->path) != 0)
			continue;
		chain = describe_chain(f);
		if (other != f->heir)
			return log_invalid("%sinherit goes in a circle: %s", where, chain);
		return log_invalid("%sinherit goes in a circle: %s (to add to a profile of that "
				   "name, write %s.local.ini)",
				   where, chain, f->name);
	}
	if (f->depth <= PROFILE_DEPTH_MAX)
		return 0;
	chain = describe_chain(f);
	return log_invalid("%sinherit goes deeper than %d: %s", where, PROFILE_DEPTH_MAX, chain);
}

static int load_inherited(struct load *l, const struct profile_file *file, const struct frame *f)
{
	const struct ini_key *key = ini_find(&file->ini, "profile", "inherit");
	cleanup_strv struct strv names = { 0 };
	cleanup_free char *where = NULL;
	int r = 0;

	if (!key)
		return 0;
	where = xasprintf("%s:%u: ", file->path, key->line);
	if (strv_split(&names, profile_file_value(file, key)) < 0)
		return log_invalid("%sa quote is left open in '%s'", where, key->value);
	for (size_t i = 0; i < names.n && r == 0; i++)
		r = load_name(l, names.v[i], where, f);
	return r;
}

/* `inherit` has been dealt with; who a profile is for, and is, its heirs say for themselves. */
static bool is_for_config(const struct ini_key *key, const struct frame *f)
{
	if (strcmp(key->section, "profile") != 0)
		return true;
	if (strcmp(key->name, "inherit") == 0)
		return false;
	return !f->heir ||
	       !text_is_one_of(key->name, (const char *const[]){ "description", "programs", NULL });
}

static int assign_keys(struct load *l, const struct profile_file *file, const struct frame *f)
{
	for (size_t i = 0; i < file->ini.n_keys; i++) {
		const struct ini_key *key = &file->ini.keys[i];
		cleanup_free char *origin = xasprintf("%s:%u", file->path, key->line);
		struct assignment a = {
			.section = key->section,
			.name = key->name,
			.value = profile_file_value(file, key),
			.origin = origin,
		};
		int r;

		if (!is_for_config(key, f))
			continue;
		r = config_assign(l->c, &a);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_file(struct load *l, const char *name, struct profile_file *file, const char *where,
		     const struct frame *heir)
{
	const struct frame f = {
		.name = name,
		.path = file->path,
		.heir = heir,
		.depth = heir ? heir->depth + 1 : 0,
	};
	int r = check_chain(&f, where);

	if (r == 0)
		r = profile_file_scan(file);
	if (r == 0)
		r = profile_file_parse(file);
	if (r == 0)
		r = load_inherited(l, file, &f);
	if (r == 0)
		r = assign_keys(l, file, &f);
	if (r == 0)
		strv_add(l->files, file->path);
	return r;
}

/* NAME.local.ini, if there is one in dirs[dir]. */
static int load_addition(struct load *l, const char *name, size_t dir, const char *where,
			 const struct frame *heir)
{
	cleanup_profile_file struct profile_file file = { 0 };
	cleanup_free char *path = profile_path(l->dirs->v[dir], name, true);
	cleanup_free char *label = xasprintf("%s.local", name);
	int r = profile_file_read(path, &file);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return load_file(l, label, &file, where, heir);
}

static int load_name(struct load *l, const char *name, const char *where, const struct frame *heir)
{
	cleanup_profile_file struct profile_file file = { 0 };
	size_t dir;
	int r = profile_find(name, where, l->dirs, &file, &dir);

	/* with its additions, or they are being applied right now and name what they add to */
	if (r < 0 || strv_has(l->files, file.path))
		return r;
	r = load_file(l, name, &file, where, heir);
	for (; r == 0; dir--) {
		r = load_addition(l, name, dir, where, heir);
		if (dir == 0)
			break;
	}
	return r;
}

static int load_path(struct load *l, const char *path)
{
	cleanup_profile_file struct profile_file file = { 0 };
	int r = profile_file_read(path, &file);

	if (r == -ENOENT)
		return log_errno_hint(r, *path == '~' ? "the shell has left the ~ as it is" : NULL,
				      "cannot open profile '%s'", path);
	if (r < 0 || strv_has(l->files, file.path))
		return r;
	return load_file(l, path, &file, "", NULL);
}

int profile_apply(const char *name, const struct strv *dirs, struct config *c,
		  struct strv *ret_files)
{
	struct load l = { .dirs = dirs, .c = c, .files = ret_files };

	if (strchr(name, '/'))
		return load_path(&l, name);
	return load_name(&l, name, "", NULL);
}
