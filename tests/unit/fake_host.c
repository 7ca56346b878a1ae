/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_host.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"

static struct {
	char *path, *link;
	enum file_type type;
} files[400];
static size_t n_files;
static unsigned int looks;

static size_t find(const char *path)
{
	for (size_t i = 0; i < n_files; i++)
		if (strcmp(files[i].path, path) == 0)
			return i;
	return n_files;
}

static void add(const char *path, enum file_type type, const char *link)
{
	cleanup_free char *above = xstrdup(path);
	size_t i = find(path);
	char *slash = strrchr(above, '/');

	if (slash != above) {
		*slash = '\0';
		if (find(above) == n_files)
			add(above, FILE_DIR, NULL);
		i = find(path);
	}
	if (i == n_files) {
		ck_assert_uint_lt(n_files, ARRAY_LEN(files));
		files[n_files++].path = xstrdup(path);
	}
	free(files[i].link);
	files[i].link = xstrdup(link);
	files[i].type = type;
}

void fake_files(const char *words)
{
	cleanup_strv struct strv list = { 0 };

	ck_assert_int_eq(strv_split(&list, words), 0);
	for (size_t i = 0; i < list.n; i++) {
		char *word = list.v[i], *at = strchr(word, '@');
		char *last = word + strlen(word) - 1;
		enum file_type type = FILE_REGULAR;

		if (at)
			*at = '\0';
		else if (*last == '/')
			type = FILE_DIR;
		else if (*last == '=')
			type = FILE_DEVICE;
		else if (*last == '|')
			type = FILE_OTHER;
		else if (*last == '!')
			type = FILE_ABSENT;
		if (type != FILE_REGULAR)
			*last = '\0';
		add(word, at ? FILE_SYMLINK : type, at ? at + 1 : NULL);
	}
}

/* dir and name as one path, "." and ".." taken as the kernel takes them. */
static char *join(const char *dir, const char *name)
{
	const char *slash = strrchr(dir, '/');

	if (*name == '\0' || strcmp(name, ".") == 0)
		return xstrdup(dir);
	if (strcmp(name, "..") == 0)
		return slash ? xstrndup(dir, (size_t)(slash - dir)) : xstrdup("");
	return xasprintf("%s/%s", dir, name);
}

/* The entry at path; links on the way are followed, the last one is not. n_files: none. */
static size_t resolve(const char *path, int *left)
{
	cleanup_free char *copy = xstrdup(path), *at = xstrdup("");
	char *rest = copy, *name;

	while ((name = strsep(&rest, "/"))) {
		char *next = join(at, name);
		size_t i = find(*next ? next : "/");

		free(at);
		at = next;
		if (i == n_files || files[i].type == FILE_ABSENT)
			return n_files;
		if (!rest || files[i].type == FILE_DIR)
			continue;
		if (files[i].type != FILE_SYMLINK || --*left < 0)
			return n_files; /* ENOTDIR, ELOOP */
		{
			cleanup_free char *up = join(at, "..");
			cleanup_free char *whole =
				*files[i].link == '/'
					? xasprintf("%s/%s", files[i].link, rest)
					: xasprintf("%s/%s/%s", up, files[i].link, rest);

			return resolve(whole, left);
		}
	}
	return find(*at ? at : "/");
}

static enum file_type look(const char *path, char **ret_link)
{
	int left = 40;
	size_t i;

	looks++;
	ck_assert_msg(*path == '/', "look('%s')", path);
	i = resolve(path, &left);
	if (i == n_files)
		return FILE_ABSENT;
	if (files[i].link && ret_link)
		*ret_link = xstrdup(files[i].link);
	return files[i].type;
}

unsigned int fake_looks(void)
{
	return looks;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As opendir(3), which follows a link; fake_looks() counts it as one question. */
static int list(const char *dir, struct strv *ret_names)
{
	cleanup_free char *self = xasprintf("%s/.", dir);
	int left = 40;
	size_t found = resolve(self, &left), n;

	looks++;
	if (found == n_files)
		return -ENOENT;
	if (files[found].type != FILE_DIR)
		return -ENOTDIR;
	dir = files[found].path;
	n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
	for (size_t i = 0; i < n_files; i++)
		if (files[i].type != FILE_ABSENT && strncmp(files[i].path, dir, n) == 0 &&
		    files[i].path[n] == '/' && files[i].path[n + 1] &&
		    !strchr(files[i].path + n + 1, '/'))
			strv_add(ret_names, files[i].path + n + 1);
	if (ret_names->n > 0)
		qsort(ret_names->v, ret_names->n, sizeof(*ret_names->v), compare);
	return 0;
}

static void forget_files(void)
{
	for (; n_files > 0; n_files--) {
		free(take_ptr(&files[n_files - 1].path));
		free(take_ptr(&files[n_files - 1].link));
	}
	looks = 0;
}

void fake_host(struct host *ret)
{
	static const char *const env[] = {
		"HOME=/home/ada",
		"LANG=C.UTF-8",
		"LC_TIME=de_DE.UTF-8",
		"PATH=/home/ada/bin",
		"SECRET=swordfish",
		"TERM=xterm-256color",
		"TZ=UTC",
	};
	static const char *const protect[] = {
		"/home/ada/.config/sandbox",	  "/home/ada/.cache/sandbox",
		"/home/ada/.local/state/sandbox", "/etc/sandbox/profiles",
		"/usr/share/sandbox/profiles",
	};

	forget_files();
	files[n_files++].path = xstrdup("/");
	files[0].type = FILE_DIR;
	fake_files("/bin@usr/bin /sbin@usr/sbin /lib@usr/lib /lib64@usr/lib64 "
		   "/usr/bin/sh /usr/sbin/ldconfig /usr/lib/libc.so /usr/lib64/ld.so "
		   "/usr/share/zoneinfo/UTC /usr/local/bin/ /usr/src/ "
		   "/etc/passwd /etc/localtime@/usr/share/zoneinfo/UTC /etc/resolv.conf /opt/ "
		   "/home/ada/project/src/ /home/ada/.config/ /home/ada/.cache/ /home/ada/notes "
		   "/tmp/build/ /var/tmp/ /var/lib/ /var/run@/run /run/user/1000/ /srv/data/ "
		   "/proc/ /sys/devices/system/cpu/cpu0/thermal_throttle/ "
		   "/sys/devices/system/cpu/cpu1/ /sys/devices/system/cpu/cpu2/ "
		   "/sys/devices/system/cpu/cpu3/ /sys/devices/system/cpu/cpufreq/ "
		   "/sys/devices/system/cpu/online /dev/pts/ /dev/null= /dev/zero= /dev/full= "
		   "/dev/random= /dev/urandom= /dev/tty= /dev/kvm= /dev/fd@/proc/self/fd "
		   "/proc/self/fd/5 /root/");
	*ret = (struct host){
		.uid = 1000,
		.gid = 1000,
		.user = xstrdup("ada"),
		.home = xstrdup("/home/ada"),
		.cwd = xstrdup("/home/ada/project"),
		.umask = 022,
		.cache_dir = xstrdup("/home/ada/.cache/sandbox"),
		.config_dir = xstrdup("/home/ada/.config/sandbox"),
		.state_dir = xstrdup("/home/ada/.local/state/sandbox"),
		.subuid = { 100000, 65536 },
		.subgid = { 100000, 65536 },
		.newuidmap.path = xstrdup("/usr/bin/newuidmap"),
		.newgidmap.path = xstrdup("/usr/bin/newgidmap"),
		.slirp4netns.path = xstrdup("/usr/bin/slirp4netns"),
		.landlock_abi = 7,
		.memory = UINT64_C(16) << 30,
		.look = look,
		.list = list,
	};
	for (size_t i = 0; i < ARRAY_LEN(env); i++)
		strv_add(&ret->env, env[i]);
	for (size_t i = 0; i < ARRAY_LEN(protect); i++)
		strv_add(&ret->protect, protect[i]);
}
