/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/syscalls.h"

extern char **environ;

/* Where helpers are looked for: never the caller's PATH, which may hold ".". */
static const char helper_path[] = "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin:/run/wrappers/bin:"
				  "/run/current-system/sw/bin";

static enum file_type type_of_mode(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FILE_REGULAR;
	case S_IFDIR:
		return FILE_DIR;
	case S_IFLNK:
		return FILE_SYMLINK;
	case S_IFCHR:
	case S_IFBLK:
		return FILE_DEVICE;
	default:
		return FILE_OTHER;
	}
}

static enum file_type look(const char *path, char **ret_link)
{
	char link[4096];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return FILE_ABSENT;
	if (S_ISLNK(st.st_mode) && ret_link) {
		n = readlink(path, link, sizeof(link));
		if (n < 0 || n == sizeof(link))
			return FILE_ABSENT;
		*ret_link = xstrndup(link, (size_t)n);
	}
	return type_of_mode(st.st_mode);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(const char *dir, struct strv *ret_names)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return -errno;
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(ret_names, entry->d_name);
	closedir(d);
	if (ret_names->n > 0)
		qsort(ret_names->v, ret_names->n, sizeof(*ret_names->v), compare_names);
	return 0;
}

enum file_type host_type_of(const struct host *h, const char *path)
{
	cleanup_free char *at = xstrdup(path);

	/* As many links as the kernel follows, path_resolution(7). */
	for (int i = 0; i < 40; i++) {
		cleanup_free char *link = NULL;
		enum file_type type = h->look(at, &link);
		char *slash = strrchr(at, '/'), *next;

		if (type != FILE_SYMLINK)
			return type;
		if (!link || !slash)
			return FILE_ABSENT;
		next = *link == '/' ? xstrdup(link)
				    : xasprintf("%.*s/%s", (int)(slash - at), at, link);
		free(at);
		at = next;
	}
	return FILE_ABSENT;
}

/* dir + "/" + rest with the "." and ".." of a link's text taken as path_resolution(7) does. */
static char *step_into(const char *dir, const char *name)
{
	const char *slash = strrchr(dir, '/');

	if (strcmp(name, ".") == 0 || *name == '\0')
		return xstrdup(dir);
	if (strcmp(name, "..") == 0)
		return slash ? xstrndup(dir, (size_t)(slash - dir)) : xstrdup("");
	return xasprintf("%s/%s", dir, name);
}

/* links: where the symbolic links on the way are; as many as the kernel follows in all. */
static char *canonical(const struct host *h, const char *path, struct strv *links)
{
	cleanup_free char *copy = xstrdup(path), *at = xstrdup("");
	char *rest = copy, *name;

	while ((name = strsep(&rest, "/"))) {
		cleanup_free char *link = NULL;
		char *next = step_into(at, name);

		if (links->n < 40 && *next && h->look(next, &link) == FILE_SYMLINK && link) {
			cleanup_free char *whole =
				*link == '/' ? xstrdup(link) : xasprintf("%s/%s", at, link);

			strv_take(links, next);
			next = canonical(h, whole, links);
			if (strcmp(next, "/") == 0)
				*next = '\0';
		}
		free(at);
		at = next;
	}
	return *at ? take_ptr(&at) : xstrdup("/");
}

char *host_canonical(const struct host *h, const char *path)
{
	cleanup_strv struct strv links = { 0 };

	return canonical(h, path, &links);
}

void host_add_way(const struct host *h, const char *path, struct strv *ret)
{
	cleanup_strv struct strv links = { 0 };

	strv_take(ret, canonical(h, path, &links));
	strv_add_all(ret, &links);
}

const char *host_getenv(const struct host *h, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < h->env.n; i++)
		if (strncmp(h->env.v[i], name, n) == 0 && h->env.v[i][n] == '=')
			return h->env.v[i] + n + 1;
	return NULL;
}

static void find_program(const char *path, const char *name, struct host_program *ret)
{
	cleanup_free char *dirs = xstrdup(path);
	char *rest = dirs, *dir;

	while ((dir = strsep(&rest, ":"))) {
		cleanup_free char *candidate = xasprintf("%s/%s", dir, name);

		if (*dir == '/' && access(candidate, X_OK) == 0) {
			ret->path = take_ptr(&candidate);
			return;
		}
	}
}

static void find_helpers(struct host *h)
{
	const char *path = host_getenv(h, "SANDBOX_HELPER_PATH");

	if (!path)
		path = helper_path;
	find_program(path, "newuidmap", &h->newuidmap);
	find_program(path, "newgidmap", &h->newgidmap);
	find_program(path, "slirp4netns", &h->slirp4netns);
}

static void read_subids(struct host *h, const char *file, uint32_t own, struct subid_range *ret)
{
	cleanup_free char *text = NULL, *problem = NULL;
	int r = fs_read_file(AT_FDCWD, file, 4 << 20, &text, NULL);

	if (r == 0)
		r = subid_parse(text, file, h->user, h->uid, own, ret, &problem);
	if (r == 0 && ret->count == 0)
		problem = xasprintf("no line for '%s' in %s", h->user, file);
	else if (r < 0 && !problem)
		problem = xasprintf("cannot read %s: %s", file, strerror(-r));
	if (problem) {
		*ret = (struct subid_range){ 0 };
		if (!h->subid_problem)
			h->subid_problem = take_ptr(&problem);
	}
}

/*
 * The home without symbolic links, as getcwd(3) gives the working directory:
 * whether one is the other must be seen by comparing names.
 */
static char *canonical_home(const struct host *h, const char *home)
{
	cleanup_free char *clean = home && *home == '/' ? fs_normalize(home) : NULL;

	return clean ? host_canonical(h, clean) : NULL;
}

/*
 * /etc/passwd first: most users are there, and asking the name service loads
 * its modules, which would be a tenth of a launch.
 */
static const struct passwd *find_user(uid_t uid)
{
	cleanup_file FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *pw;

	while (file && (pw = fgetpwent(file)))
		if (pw->pw_uid == uid)
			return pw;
	return getpwuid(uid);
}

static void probe_user(struct host *h)
{
	const struct passwd *pw = find_user(h->uid);
	const char *home = host_getenv(h, "HOME");

	h->user = xstrdup(pw ? pw->pw_name : "user");
	h->login_home = canonical_home(h, pw ? pw->pw_dir : NULL);
	h->home = canonical_home(h, home);
	if (!h->home)
		h->home = xstrdup(h->login_home);
}

/* $variable/sandbox, or ~/fallback/sandbox: the XDG base directory specification. */
static char *xdg_dir(const struct host *h, const char *variable, const char *fallback)
{
	const char *base = host_getenv(h, variable);
	cleanup_free char *path = NULL;

	if (base && *base == '/')
		path = xasprintf("%s/sandbox", base);
	else if (h->home && strcmp(h->home, "/") != 0 && h->look(h->home, NULL) == FILE_DIR)
		path = xasprintf("%s/%s/sandbox", h->home, fallback); /* a home is never made */
	return path ? fs_normalize(path) : NULL;
}

/* How many ids there are in our user namespace, as far as we ask: one, all, or others. */
static uint32_t count_ids(void)
{
	cleanup_free char *text = NULL;
	unsigned int inside, outside, count;

	if (fs_read_file(AT_FDCWD, "/proc/self/uid_map", 4096, &text, NULL) < 0 ||
	    sscanf(text, "%u %u %u", &inside, &outside, &count) != 3)
		return UINT32_MAX;
	/* rootless engines have one range of one id, the user's, before all others */
	return count == 1 && strchr(text, '\n') != strrchr(text, '\n') ? 2 : count;
}

static uint64_t probe_memory(void)
{
	struct sysinfo info;

	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.totalram * info.mem_unit;
}

void host_probe(struct host *ret)
{
	char *cwd = getcwd(NULL, 0);
	uint32_t n_ids;

	*ret = (struct host){ .uid = getuid(), .gid = getgid(), .look = look, .list = list };
	for (char **e = environ; *e; e++)
		strv_add(&ret->env, *e);
	probe_user(ret);
	ret->cwd = cwd && *cwd == '/' ? fs_normalize(cwd) : NULL;
	free(cwd);
	ret->cache_dir = xdg_dir(ret, "XDG_CACHE_HOME", ".cache");
	ret->config_dir = xdg_dir(ret, "XDG_CONFIG_HOME", ".config");
	ret->state_dir = xdg_dir(ret, "XDG_STATE_HOME", ".local/state");
	read_subids(ret, "/etc/subuid", ret->uid, &ret->subuid);
	read_subids(ret, "/etc/subgid", ret->gid, &ret->subgid);
	ret->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	ret->has_groups = getgroups(0, NULL) > 1;
	find_helpers(ret);
	ret->landlock_abi = sys_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (ret->landlock_abi < 0)
		ret->landlock_abi = 0;
	ret->memory = probe_memory();
	ret->umask = umask(0);
	(void)umask(ret->umask); /* there is no other way to ask */
	ret->stdin_is_terminal = isatty(STDIN_FILENO);
	ret->stdout_is_terminal = isatty(STDOUT_FILENO);
	ret->stderr_is_terminal = isatty(STDERR_FILENO);
	/* the host's own maps every id to itself, user_namespaces(7) */
	n_ids = ret->uid == 0 || ret->subuid.count > 0 ? count_ids() : UINT32_MAX;
	ret->in_user_namespace = ret->uid == 0 && n_ids != UINT32_MAX;
	ret->alone_in_namespace = n_ids == 1;
}

static void walk(struct host *h, int dir, const char *path);

/* One entry: private as a whole, or a directory to look into. */
static void consider(struct host *h, int parent, const char *name, const char *path)
{
	cleanup_fd int fd = -EBADF;
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISLNK(st.st_mode))
		return;
	/* a directory that others may search but not list hides nothing from who knows names */
	if (!(st.st_mode & (S_ISDIR(st.st_mode) ? S_IXOTH | S_IROTH : S_IROTH))) {
		strv_add(&h->private_files, path);
		return;
	}
	if (!S_ISDIR(st.st_mode))
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		walk(h, take_fd(&fd), path);
}

static void walk(struct host *h, int dir, const char *path)
{
	DIR *d = fdopendir(dir);
	struct dirent *entry;

	if (!d) {
		close(dir);
		return;
	}
	while ((entry = readdir(d))) {
		cleanup_free char *below = NULL;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		below = xasprintf("%s/%s", path, entry->d_name);
		consider(h, dir, entry->d_name, below);
	}
	closedir(d);
}

void host_find_private_files(struct host *h, const char *const *paths)
{
	for (; *paths; paths++)
		consider(h, AT_FDCWD, *paths, *paths);
}

void host_done(struct host *h)
{
	free(h->user);
	free(h->home);
	free(h->login_home);
	free(h->cwd);
	free(h->cache_dir);
	free(h->config_dir);
	free(h->state_dir);
	free(h->subid_problem);
	free(h->newuidmap.path);
	free(h->newgidmap.path);
	free(h->slirp4netns.path);
	strv_done(&h->env);
	strv_done(&h->private_files);
	strv_done(&h->protect);
	*h = (struct host){ 0 };
}
