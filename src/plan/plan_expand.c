/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

/* XDG base directories that a profile may name, and their defaults below the home. */
static const struct {
	const char *name, *fallback;
} xdg[] = {
	{ "XDG_CONFIG_HOME", ".config" },    { "XDG_CACHE_HOME", ".cache" },
	{ "XDG_DATA_HOME", ".local/share" }, { "XDG_STATE_HOME", ".local/state" },
	{ "XDG_RUNTIME_DIR", NULL },
};

/* The value of macro `name`, or NULL. Caller frees. */
static char *macro_value(const struct host *h, const char *name)
{
	if (strcmp(name, "HOME") == 0)
		return xstrdup(h->home);
	if (strcmp(name, "CWD") == 0)
		return xstrdup(h->cwd);
	if (strcmp(name, "USER") == 0)
		return xstrdup(h->user);
	if (strcmp(name, "UID") == 0)
		return xasprintf("%u", h->uid);
	for (size_t i = 0; i < ARRAY_LEN(xdg); i++) {
		const char *set = host_getenv(h, name);

		if (strcmp(name, xdg[i].name) != 0)
			continue;
		if (set && *set == '/')
			return xstrdup(set);
		return xdg[i].fallback && h->home ? xasprintf("%s/%s", h->home, xdg[i].fallback)
						  : NULL;
	}
	return NULL;
}

static int expand_macros(const struct host *h, const char *text, const char *origin, char **ret)
{
	cleanup_free char *out = xstrdup("");

	while (*text) {
		size_t plain = strcspn(text, "$");
		cleanup_free char *name = NULL, *value = NULL;
		bool dollar = text[plain] == '$' && text[plain + 1] == '$'; /* "$$" is one */
		const char *end;

		xappend(&out, "%.*s", (int)plain + dollar, text);
		text += plain + 2 * dollar;
		if (*text == '\0' || dollar)
			continue;
		end = text[1] == '{' ? strchr(text, '}') : NULL;
		if (!end)
			return log_invalid("%s: '$' in '%s' does not begin a macro such as ${HOME}",
					   origin, text);
		name = xstrndup(text + 2, (size_t)(end - text - 2));
		value = macro_value(h, name);
		if (!value)
			return log_invalid("%s: ${%s} is unknown or has no value here", origin,
					   name);
		xappend(&out, "%s", value);
		text = end + 1;
	}
	*ret = take_ptr(&out);
	return 0;
}

/*
 * path with each ".." gone to where the kernel would go: from where a symbolic
 * link leads, not from where it lies. Behind the last one nothing is followed.
 */
static char *climb(const struct host *h, const char *path)
{
	cleanup_free char *before = NULL, *up = NULL;
	const char *rest = NULL;

	for (const char *at = path; (at = strstr(at, "/..")); at++)
		if (at[3] == '/' || at[3] == '\0')
			rest = at + 3;
	if (!rest)
		return xstrdup(path);
	before = xstrndup(path, (size_t)(rest - path));
	up = host_canonical(h, before);
	return xasprintf("%s%s", up, rest);
}

int plan_expand(const struct host *h, const char *text, bool relative, const char *origin,
		char **ret)
{
	cleanup_free char *expanded = NULL, *whole = NULL, *path = NULL, *clean = NULL;
	const char *before = "", *between = "";
	int r;

	/* what is put before has no macros, even if a directory is called '$HOME' */
	if (*text == '~' && (text[1] == '/' || text[1] == '\0')) {
		if (!h->home)
			return log_invalid("%s: there is no home for '~' in '%s'", origin, text);
		before = h->home;
		text++;
	} else if (*text != '/' && *text != '$' && relative) {
		if (!h->cwd)
			return log_invalid(
				"%s: '%s' is relative, and the working directory is gone", origin,
				text);
		before = h->cwd;
		between = "/";
	}
	r = expand_macros(h, text, origin, &expanded);
	if (r < 0)
		return r;
	whole = xasprintf("%s%s%s", before, between, expanded);
	path = relative && *whole == '/' ? climb(h, whole) : xstrdup(whole);
	if (*path != '/')
		return log_invalid("%s: '%s' is not an absolute path", origin, path);
	clean = fs_normalize(path);
	if (!clean)
		return log_invalid("%s: '%s' has a '..' in it (write where that leads)", origin,
				   path);
	*ret = take_ptr(&clean);
	return 0;
}
