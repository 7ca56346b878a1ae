/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mount_scene.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/testing.h"
#include "base/cleanup.h"
#include "userns.h"

struct mount_place place;

void mount_scene_make(void)
{
	static const char *const dirs[] = { "/tmp/source", "/tmp/source/sub", "/tmp/source/late",
					    "/tmp/root", "/tmp/outside" };

	logged_start();
	umask(0);
	userns_enter(CLONE_NEWNS);
	ck_assert_int_eq(mount("t", "/tmp", "tmpfs", 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		ck_assert_int_eq(mkdir(dirs[i], 0755), 0);
	ck_assert_int_eq(mount("t", "/tmp/root", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mount("t", "/tmp/source/sub", "tmpfs", 0, NULL), 0);
	write_text("/tmp/source/file", "source\n");
	write_text("/tmp/source/sub/file", "sub\n");
	write_text("/tmp/outside/canary", "canary\n");
	place.root_fd = open("/tmp/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place.scratch_fd = place.root_fd;
	ck_assert_int_ge(place.root_fd, 0);
}

void apply(const struct step *s)
{
	ck_assert_msg(mount_step_apply(s, &place) == 0, "%s", logged_text());
	ck_assert_str_eq(logged_text(), "");
}

void apply_fails(const struct step *s, int r, const char *line)
{
	char wanted[512];

	snprintf(wanted, sizeof(wanted), "%s\n", line);
	ck_assert_int_eq(mount_step_apply(s, &place), r);
	ck_assert_str_eq(logged_text(), wanted);
	logged_forget();
}

int errno_of_mkdir(const char *path)
{
	return mkdir(path, 0755) == 0 ? 0 : errno;
}

int errno_of_write(const char *path)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? errno : 0;
}

const char *content_of(const char *path)
{
	static char text[4096];
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	ck_assert_msg(n >= 0, "cannot read %s: %m", path);
	text[n] = '\0';
	return text;
}

void write_text(const char *path, const char *text)
{
	cleanup_file FILE *f = fopen(path, "we");

	ck_assert_msg(f && fputs(text, f) >= 0, "cannot write %s: %m", path);
}
