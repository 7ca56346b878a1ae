/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/newuidmap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/strv.h"

#define TIMEOUT_MS 10000

/* newuidmap PID INSIDE OUTSIDE COUNT [INSIDE OUTSIDE COUNT ...] */
static void build_argv(struct strv *argv, const char *path, pid_t pid, const struct id_map *map)
{
	strv_add(argv, path);
	strv_take(argv, xasprintf("%d", (int)pid));
	for (size_t i = 0; i < map->n; i++) {
		strv_take(argv, xasprintf("%u", map->range[i].inside));
		strv_take(argv, xasprintf("%u", map->range[i].outside));
		strv_take(argv, xasprintf("%u", map->range[i].count));
	}
}

static pid_t start(const char *path, pid_t pid, const struct id_map *map, int words)
{
	const struct proc_fd fds[] = { { words, STDERR_FILENO } };
	cleanup_strv struct strv argv = { 0 };
	pid_t helper;

	build_argv(&argv, path, pid, map);
	helper = proc_spawn(path, argv.v, fds, ARRAY_LEN(fds));
	return helper < 0 ? log_errno(helper, "cannot start '%s'", path) : helper;
}

/* What the helper wrote, on one line. */
static char *read_words(int fd)
{
	cleanup_free char *text = NULL;

	if (lseek(fd, 0, SEEK_SET) < 0 || fs_read_all(fd, 4096, &text, NULL) < 0)
		return xstrdup("");
	text[strcspn(text, "\n")] = '\0';
	return take_ptr(&text);
}

static int finish(const char *path, pid_t *helper, int words)
{
	cleanup_free char *said = NULL;
	int status = proc_wait(helper, TIMEOUT_MS);

	if (status == 0)
		return 0;
	if (status < 0)
		return log_errno(status, "cannot wait for '%s'", path);
	said = read_words(words);
	return log_errno_hint(EPERM, *said ? said : NULL, "cannot map ids: '%s' failed with %s",
			      path, proc_describe_status(status));
}

int newuidmap_write(const struct plan_ids *ids, const struct host *h, pid_t pid)
{
	cleanup_fd int uid_words = memfd_create("newuidmap", MFD_CLOEXEC);
	cleanup_fd int gid_words = memfd_create("newgidmap", MFD_CLOEXEC);
	cleanup_pid pid_t uid_helper = 0, gid_helper = 0;
	int r;

	if (uid_words < 0 || gid_words < 0)
		return log_errno(errno, "cannot make a memfd");
	r = start(h->newuidmap.path, pid, &ids->uids, uid_words);
	if (r < 0)
		return r;
	uid_helper = r;
	r = start(h->newgidmap.path, pid, &ids->gids, gid_words);
	if (r < 0)
		return r;
	gid_helper = r;
	r = finish(h->newuidmap.path, &uid_helper, uid_words);
	return r < 0 ? r : finish(h->newgidmap.path, &gid_helper, gid_words);
}
