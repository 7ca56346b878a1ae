/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/exec_hint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

/* Where the caller's own shell would find name, or NULL. Caller frees. */
static char *find_on_host(const char *name)
{
	const char *path = getenv("PATH");
	cleanup_free char *copy = xstrdup(path ? path : "/usr/bin:/bin");
	char *rest = copy, *dir;

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	while ((dir = strsep(&rest, ":"))) {
		cleanup_free char *candidate = xasprintf("%s/%s", *dir ? dir : ".", name);
		struct stat st;

		if (stat(candidate, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(candidate, X_OK) == 0)
			return take_ptr(&candidate);
	}
	return NULL;
}

/* Is path where the host has it in the box, too? */
static bool is_shown(const struct plan *p, const char *path)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_BIND && fs_is_below(path, p->steps[i].target) &&
		    strcmp(p->steps[i].source, p->steps[i].target) == 0)
			return true;
	return false;
}

static char *hint_for(const struct plan *p, const char *name, int err)
{
	cleanup_free char *found = NULL;
	struct stat st;

	if (err == EACCES && stat(name, &st) == 0 && S_ISDIR(st.st_mode))
		return xstrdup("it is a directory");
	if (err == EACCES && stat(name, &st) == 0 && !(st.st_mode & 0111))
		return xasprintf("it is not executable; chmod +x '%s', or name its interpreter",
				 name);
	if (err == ENOEXEC)
		return xstrdup("it is no program for this machine");
	if (err != ENOENT)
		return NULL;
	found = find_on_host(name);
	if (found && *found == '/' && !strchr(name, '/') && is_shown(p, found))
		return xasprintf("it is at '%s' in the box as well, but that is not in its PATH; "
				 "-e PATH passes yours on",
				 found);
	if (found && *found == '/')
		return xasprintf("the host has '%s', or what interprets it, where this box does "
				 "not; --ro=PATH shows a path",
				 found);
	if (!strchr(name, '/') && access(name, F_OK) == 0)
		return xasprintf("it is in the working directory: ./%s", name);
	if (strchr(name, '/') && access(name, F_OK) == 0)
		return xasprintf("the box starts in '%s' and does not show it, or not its "
				 "interpreter; --ro=%s shows a file",
				 p->cwd, name);
	return NULL;
}

void exec_explain(const struct plan *p, int err)
{
	cleanup_free char *hint = hint_for(p, p->argv.v[0], err);

	(void)log_errno_hint(err, hint, "cannot execute '%s'", p->argv.v[0]);
}
