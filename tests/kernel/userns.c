/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "userns.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"

/* 0, or the errno of what went wrong. */
static int enter(int flags)
{
	char uid_map[64], gid_map[64];
	int r;

	snprintf(uid_map, sizeof(uid_map), "0 %u 1\n", getuid());
	snprintf(gid_map, sizeof(gid_map), "0 %u 1\n", getgid());
	if (unshare(CLONE_NEWUSER | flags) < 0)
		return errno;
	r = fs_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r == 0)
		r = fs_write_file(AT_FDCWD, "/proc/self/uid_map", uid_map);
	if (r == 0)
		r = fs_write_file(AT_FDCWD, "/proc/self/gid_map", gid_map);
	if (r == 0 && (flags & CLONE_NEWNS) && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		r = -errno;
	return -r;
}

void userns_require(void)
{
	const char *strict = getenv("SANDBOX_TEST_STRICT");
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(enter(CLONE_NEWNS));
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return;
	printf("skip: no user namespaces: %s\n", strerror(WEXITSTATUS(status)));
	exit(strict && strcmp(strict, "1") == 0 ? 1 : 77);
}

void userns_enter(int flags)
{
	int err = enter(flags);

	ck_assert_msg(err == 0, "cannot enter a user namespace: %s", strerror(err));
}

int userns_status_of(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

void userns_in_child(void (*body)(void))
{
	int status = userns_status_of(body);

	ck_assert_msg(status == 0, "the child's wait status is %#x", (unsigned int)status);
}

const char *userns_status_line(const char *name)
{
	static char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	size_t n = strlen(name);

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, n) != 0 || line[n] != ':')
			continue;
		fclose(f);
		line[strcspn(line, "\n")] = '\0';
		return line + n + 1 + strspn(line + n + 1, " \t");
	}
	fclose(f);
	ck_abort_msg("no line %s in /proc/self/status", name);
	return NULL;
}
