/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/exec_hint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

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

/* The bind through which the box sees path, or NULL. */
static const struct step *seen_through(const struct plan *p, const char *path)
{
	const struct step *s = NULL;

	/* parents stand before what lies in them, masks behind all: the last one is seen */
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind != STEP_LOCK && p->steps[i].kind != STEP_SEAL &&
		    fs_is_below(path, p->steps[i].target))
			s = &p->steps[i];
	return s && s->kind == STEP_BIND ? s : NULL;
}

/* Is path where the host has it in the box, too? */
static bool is_shown(const struct plan *p, const char *path)
{
	const struct step *s = seen_through(p, path);

	return s && strcmp(s->source, s->target) == 0;
}

/* The host's file that the box has at path, as far as that is certain; or NULL. Caller frees. */
static char *file_behind(const struct plan *p, const char *path)
{
	cleanup_free char *clean = fs_normalize(path), *file = NULL, *real = NULL;
	const struct step *s = clean ? seen_through(p, clean) : NULL;

	if (!s)
		return NULL;
	file = xasprintf("%s%s", s->source, clean + (s->target[1] ? strlen(s->target) : 0));
	real = realpath(file, NULL);
	if (!real || access(real, X_OK) < 0)
		return NULL;
	return fs_is_below(real, s->source) || is_shown(p, real) ? take_ptr(&real) : NULL;
}

/* What the box executes for name, where the host has it; or NULL. Caller frees. */
static char *find_in_box(const struct plan *p, const char *name)
{
	cleanup_free char *path = NULL;
	char *rest, *dir, *found = NULL;

	if (strchr(name, '/')) {
		path = *name == '/' ? xstrdup(name) : xasprintf("%s/%s", p->cwd, name);
		return file_behind(p, path);
	}
	for (size_t i = 0; i < p->env.n && !path; i++)
		if (text_starts_with(p->env.v[i], "PATH="))
			path = xstrdup(p->env.v[i] + strlen("PATH="));
	rest = path;
	while (!found && (dir = strsep(&rest, ":"))) {
		cleanup_free char *candidate = xasprintf("%s/%s", dir, name);

		found = file_behind(p, candidate);
	}
	return found;
}

/* What the "#!" line of file names, read as the kernel does; NULL if it has none. Caller frees. */
static char *interpreter_of(const char *file)
{
	cleanup_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[256] = "", *name; /* BINPRM_BUF_SIZE */

	if (fd < 0 || read(fd, head, sizeof(head) - 1) < 0 || !text_starts_with(head, "#!"))
		return NULL;
	name = head + 2 + strspn(head + 2, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	return *name ? xstrdup(name) : NULL;
}

/* file is there, so the kernel misses what is to run it. */
static char *hint_for_interpreter(const char *file)
{
	cleanup_free char *name = interpreter_of(file);

	if (!name)
		return xasprintf("it is in the box, but not the loader that it needs; "
				 "file '%s' names that",
				 file);
	if (name[strlen(name) - 1] == '\r')
		return xasprintf("its first line ends in CR LF, as on Windows, and asks for '%s'; "
				 "sed -i 's/\\r$//' '%s' makes Unix line ends",
				 name, file);
	if (access(name, F_OK) < 0)
		return xasprintf("its interpreter '%s' is neither in the box nor on the host",
				 name);
	return xasprintf("its interpreter '%s', or what that needs, is not in the box; --ro=PATH "
			 "shows a path",
			 name);
}

static char *hint_for(const struct plan *p, const char *name, int err)
{
	cleanup_free char *shown = NULL, *found = NULL;
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
	shown = find_in_box(p, name);
	if (shown)
		return hint_for_interpreter(shown);
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
