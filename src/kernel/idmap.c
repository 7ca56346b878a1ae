/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "kernel/mount.h"
#include "kernel/userns.h"

static char *map_text(const struct id_map *map)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < map->n; i++) {
		const struct id_range *r = &map->range[i];

		xappend(&text, "%u %u %u\n", r->inside, r->outside, r->count);
	}
	return text;
}

static int write_map(const char *path, const struct id_map *map)
{
	cleanup_free char *text = map_text(map);
	int r = fs_write_file(AT_FDCWD, path, text);

	if (r < 0)
		return log_errno_hint(r, userns_hint(r), "cannot write the id map '%s'", path);
	return 0;
}

int idmap_write_self(const struct id_map *uids, const struct id_map *gids)
{
	int r = fs_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");

	if (r < 0)
		return log_errno_hint(r, userns_hint(r), "cannot write '/proc/self/setgroups'");
	r = write_map("/proc/self/uid_map", uids);
	if (r < 0)
		return r;
	return write_map("/proc/self/gid_map", gids);
}

static int verify(pid_t pid, const char *name, const struct id_map *map)
{
	cleanup_free char *path =
		pid ? xasprintf("/proc/%d/%s", (int)pid, name) : xasprintf("/proc/self/%s", name);
	cleanup_free char *text = NULL;
	const char *at;
	int r = fs_read_file(AT_FDCWD, path, 1 << 16, &text, NULL);

	if (r < 0)
		return log_errno(r, "cannot read back '%s'", path);
	at = text;
	for (size_t i = 0; i < map->n; i++) {
		const struct id_range *want = &map->range[i];
		unsigned int inside, outside, count;
		int used = 0;

		if (sscanf(at, " %u %u %u%n", &inside, &outside, &count, &used) != 3 ||
		    inside != want->inside || outside != want->outside || count != want->count)
			return log_errno(EPROTO, "'%s' is not the id map that was asked for", path);
		at += used;
	}
	if (at[strspn(at, " \n")] != '\0')
		return log_errno(EPROTO, "'%s' maps more ids than were asked for", path);
	return 0;
}

int idmap_verify(pid_t pid, const struct id_map *uids, const struct id_map *gids)
{
	int r = verify(pid, "uid_map", uids);

	return r < 0 ? r : verify(pid, "gid_map", gids);
}

int idmap_take_ids(const struct plan_ids *ids)
{
	uid_t uid = ids->two_level ? 0 : ids->uid;
	gid_t gid = ids->two_level ? 0 : ids->gid;

	if (ids->drop_groups && setgroups(0, NULL) < 0)
		return log_errno_hint(errno, userns_hint(errno),
				      "cannot drop the supplementary groups");
	if (!ids->switch_ids)
		return 0;
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return log_errno(errno, "cannot become %u:%u inside", uid, gid);
	return 0;
}

int idmap_limit_namespaces(unsigned int max)
{
	cleanup_free char *text = xasprintf("%u\n", max);
	cleanup_fd int proc = -EBADF;
	int r = fs_write_file(AT_FDCWD, "/proc/sys/user/max_user_namespaces", text);

	if (r == 0)
		return 0;
	/* A container shows /proc/sys read-only; a procfs of our own does not. */
	proc = mount_new_filesystem("proc", NULL, 0);
	if (proc >= 0)
		r = fs_write_file(proc, "sys/user/max_user_namespaces", text);
	if (r < 0)
		return log_errno_hint(r,
				      proc < 0
					      ? "an outer container masks its /proc; unmask it, or "
						"--nested=limited --proc=none does without"
					      : NULL,
				      "cannot limit user namespaces inside the box");
	return 0;
}
