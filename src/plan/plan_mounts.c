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

const char *const plan_system_dirs[] = {
	"/usr",	  "/bin",    "/sbin", "/lib", "/lib32",
	"/lib64", "/libx32", "/etc",  "/opt", "/nix", /* NixOS and Guix keep their system there */
	"/gnu",	  NULL,
};

/* The box's own directories, whatever its root: each hides what the root has there. */
static const char *const own_dirs[] = {
	"/dev", "/proc", "/sys", "/tmp", "/run", "/var/tmp", NULL,
};

bool plan_is_own_dir(const char *path)
{
	for (size_t i = 0; own_dirs[i]; i++)
		if (fs_is_below(path, own_dirs[i]))
			return true;
	return false;
}

/*
 * A descriptor or a namespace of ours is not a place on the host: what a path
 * through /proc means changes between the plan and the mount (CVE-2024-21626).
 */
static int check_source(const struct host *h, const struct config_mount *m, const char *source)
{
	cleanup_free char *real = host_canonical(h, source);

	if (fs_is_below(source, "/proc") || fs_is_below(real, "/proc"))
		return log_invalid("%s: '%s' lies in /proc, which is never taken from the host",
				   m->origin, source);
	if (m->kind == MOUNT_DEV && strcmp(real, "/dev") == 0)
		return log_invalid(
			"%s: all of '/dev' is not shown, a box has a small one of its own "
			"(name the devices: --dev=/dev/kvm)",
			m->origin);
	if (strcmp(real, "/") == 0)
		return log_invalid("%s: all of '/' cannot be shown, it is what the box is made in "
				   "(name the directories)",
				   m->origin);
	if (host_type_of(h, source) != FILE_ABSENT)
		return 1;
	if (m->optional)
		return 0;
	return log_invalid("%s: there is no '%s' on the host (a '-' before the path makes it "
			   "optional)",
			   m->origin, source);
}

/* Does root = host show source at this very place already? Mounting on it may even be
 * impossible: /etc/localtime is a symbolic link.
 */
static bool is_shown_anyway(const struct config *c, const struct config_mount *m,
			    const char *source, const char *target)
{
	if (c->root != ROOT_HOST || m->kind != MOUNT_RO || strcmp(source, target) != 0)
		return false;
	for (size_t i = 0; plan_system_dirs[i]; i++)
		if (fs_is_below(source, plan_system_dirs[i]))
			return true;
	return false;
}

/* Both paths are as they are meant: expanded, normalized. */
static int bind(const struct config *c, const struct host *h, struct plan *p,
		const struct config_mount *m, const char *source, const char *target)
{
	static const unsigned int flags[] = {
		[MOUNT_RO] = STEP_RDONLY,
		[MOUNT_RW] = 0,
		[MOUNT_DEV] = STEP_DEVICES,
	};
	const struct step *other;
	int r = check_source(h, m, source);

	if (r <= 0)
		return r;
	if (is_shown_anyway(c, m, source, target))
		return 0;
	other = plan_find_mount(p, target);
	if (other)
		return log_invalid("%s: two mounts on '%s' (the other: %s)", m->origin, target,
				   other->origin);
	plan_add_step(p, STEP_BIND, source, target,
		      flags[m->kind] | (m->optional ? STEP_OPTIONAL : 0), m->origin);
	return 0;
}

/* Nothing is put into /proc or /sys: who reads them believes them (CVE-2019-16884). */
static int check_target(const struct config_mount *m, const char *target)
{
	if (m->kind == MOUNT_HIDE ||
	    (!fs_is_below(target, "/proc") && !fs_is_below(target, "/sys")))
		return 0;
	return log_invalid("%s: nothing can be mounted in '%s' (see the keys proc and sys)",
			   m->origin, target);
}

static int add_bind(const struct config *c, const struct host *h, struct plan *p,
		    const struct config_mount *m)
{
	cleanup_free char *source = NULL, *target = NULL;
	int r = plan_expand(h, m->source, m->relative, m->origin, &source);

	if (r == 0 && m->target)
		r = plan_expand(h, m->target, false, m->origin, &target);
	if (r == 0)
		r = check_target(m, target ? target : source);
	return r < 0 ? r : bind(c, h, p, m, source, target ? target : source);
}

static int add_made(const struct host *h, struct plan *p, const struct config_mount *m)
{
	cleanup_free char *target = NULL;
	const struct step *other;
	struct step *s;
	int r = plan_expand(h, m->target, m->relative, m->origin, &target);

	if (r < 0)
		return r;
	r = check_target(m, target);
	if (r < 0)
		return r;
	other = m->kind == MOUNT_HIDE ? NULL : plan_find_mount(p, target);
	if (other)
		return log_invalid("%s: two mounts on '%s' (the other: %s)", m->origin, target,
				   other->origin);
	if (m->kind == MOUNT_SYMLINK) {
		plan_add_step(p, STEP_SYMLINK, m->source, target, 0, m->origin);
		return 0;
	}
	s = plan_add_step(p, m->kind == MOUNT_HIDE ? STEP_MASK : STEP_TMPFS, NULL, target,
			  m->optional ? STEP_OPTIONAL : 0, m->origin);
	s->mode = 0755;
	s->size = m->size;
	return 0;
}

static int add_asked(const struct config *c, const struct host *h, struct plan *p)
{
	int r = 0;

	for (size_t i = 0; i < c->n_mounts && r == 0; i++) {
		const struct config_mount *m = &c->mounts[i];

		switch (m->kind) {
		case MOUNT_RO:
		case MOUNT_RW:
		case MOUNT_DEV:
			r = add_bind(c, h, p, m);
			break;
		case MOUNT_TMPFS:
		case MOUNT_HIDE:
		case MOUNT_SYMLINK:
			r = add_made(h, p, m);
			break;
		}
	}
	return r;
}

/* One of the box's own directories, unless the user put something else there. */
static void add_own_tmpfs(struct plan *p, const char *target, mode_t mode)
{
	if (!plan_find_mount(p, target))
		plan_add_step(p, STEP_TMPFS, NULL, target, 0, NULL)->mode = mode;
}

/* What group tty is on every distribution since it was hard-wired into glibc's grantpt(3). */
#define TTY_GID 5

static bool is_mapped(const struct id_map *map, uint32_t id)
{
	for (size_t i = 0; i < map->n; i++)
		if (id >= map->range[i].inside && id - map->range[i].inside < map->range[i].count)
			return true;
	return false;
}

static void add_devpts(struct plan *p)
{
	struct step *pts =
		plan_add_step(p, STEP_DEVPTS, NULL, "/dev/pts", STEP_DEVICES | STEP_NOEXEC, NULL);

	/* group tty owns terminals, where there is such a group inside (devpts refuses it else) */
	pts->has_gid = p->ids.by_helpers && is_mapped(&p->ids.gids, TTY_GID);
	pts->gid = pts->has_gid ? TTY_GID : 0;
}

static void add_dev(const struct config *c, struct plan *p)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "/dev/fd", "/proc/self/fd" },	      { "/dev/stdin", "/proc/self/fd/0" },
		{ "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
		{ "/dev/ptmx", "pts/ptmx" },
	};

	if (plan_find_mount(p, "/dev"))
		return;
	plan_add_step(p, STEP_TMPFS, NULL, "/dev", STEP_DEVICES, NULL)->mode = 0755;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		cleanup_free char *path = xasprintf("/dev/%s", nodes[i]);

		/* what a minimal chroot or container lacks, it lacks inside too */
		if (!plan_find_mount(p, path))
			plan_add_step(p, STEP_DEVICE, path, path,
				      STEP_RDONLY | STEP_DEVICES | STEP_NOEXEC | STEP_OPTIONAL,
				      NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if ((c->proc == PROC_OWN || *links[i][1] != '/') &&
		    !plan_find_mount(p, links[i][0]))
			plan_add_step(p, STEP_SYMLINK, links[i][1], links[i][0], 0, NULL);
	if (!plan_find_mount(p, "/dev/pts"))
		add_devpts(p);
	add_own_tmpfs(p, "/dev/shm", 01777);
	plan_add_step(p, STEP_SEAL, NULL, "/dev", 0, NULL);
}

static const char home_origin[] = "home = host";

static int add_home(const struct config *c, const struct host *h, struct plan *p)
{
	const struct config_mount whole = { .kind = MOUNT_RW, .origin = (char *)home_origin };

	if (!h->home || strcmp(h->home, "/") == 0 || plan_find_mount(p, h->home))
		return 0;
	if (c->home == HOME_HOST)
		return bind(c, h, p, &whole, h->home, h->home);
	plan_add_step(p, STEP_TMPFS, NULL, h->home, 0, NULL)->mode = 0700;
	return 0;
}

/* Does a path that was asked for by name show the caller's directory where it is? */
static bool is_shown_by_name(const struct plan *p, const char *cwd)
{
	const struct step *s = plan_seen_mount(p, cwd);

	/* home = host names no path, and says nothing about a project in the home */
	return s && s->kind == STEP_BIND && s->origin && strcmp(s->origin, home_origin) != 0 &&
	       strcmp(s->source, s->target) == 0;
}

/* Is the caller's directory one that a box never shows for being stood in? */
static const char *cwd_is_withheld(const struct host *h)
{
	if ((h->home && fs_is_below(h->home, h->cwd)) ||
	    (h->login_home && fs_is_below(h->login_home, h->cwd)))
		return "it is or holds the home";
	for (size_t i = 0; own_dirs[i]; i++)
		if (strcmp(h->cwd, own_dirs[i]) == 0 || fs_is_below(own_dirs[i], h->cwd))
			return "the box has its own there";
	/* below /run/user are the sockets of the session: bus, display, keys */
	if (fs_is_below(h->cwd, "/proc") || fs_is_below(h->cwd, "/sys") ||
	    fs_is_below(h->cwd, "/dev") || fs_is_below(h->cwd, "/run/user"))
		return "the box has its own there";
	return NULL;
}

static int add_cwd(const struct config *c, const struct host *h, struct plan *p)
{
	struct config_mount m = {
		.kind = c->cwd == CWD_RW ? MOUNT_RW : MOUNT_RO,
		.origin = (char *)(c->cwd == CWD_RW ? "cwd = rw" : "cwd = ro"),
	};
	const struct step *there = h->cwd ? plan_find_mount(p, h->cwd) : NULL;
	const char *withheld;

	if (c->cwd == CWD_NONE || !h->cwd || (there && there->origin))
		return 0; /* what the user put there is the user's word; ours has no origin */
	if (c->cwd == CWD_RO && is_shown_by_name(p, h->cwd))
		return 0; /* and so it is for what holds it: --rw=.. is writable down to here */
	withheld = cwd_is_withheld(h);
	/* who sits at a terminal would wonder where the files are */
	if (withheld && (c->cwd == CWD_RW || h->stderr_is_terminal))
		plan_warn(p,
			  "the working directory '%s' is not shown: %s (another directory, or "
			  "--ro=./FILE, helps)",
			  h->cwd, withheld);
	else if (withheld)
		plan_note(p, "cwd: '%s' is not shown: %s", h->cwd, withheld);
	return withheld ? 0 : bind(c, h, p, &m, h->cwd, h->cwd);
}

/* Is path of the root, and not of what the box has instead? */
static bool is_of_root(const struct config *c, const char *path)
{
	if (c->root == ROOT_DIR)
		return !plan_is_own_dir(path);
	for (size_t i = 0; c->root == ROOT_HOST && plan_system_dirs[i]; i++)
		if (fs_is_below(path, plan_system_dirs[i]))
			return true;
	return false;
}

/* path with its first symbolic link, as the root at base has it, replaced; NULL if it has none. */
static char *follow_link(const struct config *c, const struct host *h, const char *base,
			 const char *path)
{
	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		cleanup_free char *part =
			slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(path);
		cleanup_free char *real = xasprintf("%s%s", base, part), *link = NULL;
		const char *text;

		if (is_of_root(c, part) && h->look(real, &link) == FILE_SYMLINK && link) {
			*strrchr(part, '/') = '\0';
			for (text = link; *link != '/' && text_starts_with(text, "../"); text += 3)
				if (*part)
					*strrchr(part, '/') = '\0';
			return xasprintf("%s/%s%s", *link == '/' ? "" : part, text,
					 slash ? slash : "");
		}
		if (!slash)
			return NULL;
	}
}

/*
 * Where the text of /etc/resolv.conf must lie, if it is a link into /run, say:
 * mounting on a link is refused. *ret is NULL if that is no path.
 */
static int resolv_conf_path(const struct config *c, const struct host *h, char **ret)
{
	cleanup_free char *base = xstrdup(""), *path = xstrdup("/etc/resolv.conf");
	char *next;

	if (c->root == ROOT_DIR) {
		free(take_ptr(&base));
		if (plan_expand(h, c->root_dir, true, c->root_origin, &base) < 0)
			return -EINVAL;
	}
	for (int links = 0; links < 40 && (next = follow_link(c, h, base, path)); links++) {
		free(path);
		path = fs_normalize(next);
		free(next);
		if (!path)
			break;
	}
	*ret = take_ptr(&path);
	return 0;
}

static int add_resolv_conf(const struct config *c, const struct host *h, struct plan *p)
{
	cleanup_free char *path = NULL;
	struct step *s;
	char *text;
	int r = c->net == NET_NONE ? 0 : resolv_conf_path(c, h, &path);

	if (r == 0 && c->net != NET_NONE && (!path || strcmp(path, "/") == 0)) {
		plan_warn(p, "names will not resolve: the link /etc/resolv.conf leads nowhere");
		return 0;
	}
	if (r < 0 || !path || plan_find_mount(p, path))
		return r;
	if (c->net == NET_HOST && c->dns.n == 0) {
		if (host_type_of(h, "/etc/resolv.conf") == FILE_REGULAR)
			plan_add_step(p, STEP_BIND, "/etc/resolv.conf", path,
				      STEP_RDONLY | STEP_OPTIONAL, NULL);
		return 0;
	}
	text = xstrdup(c->dns.n == 0 ? "nameserver 10.0.2.3\n" : "");
	for (size_t i = 0; i < c->dns.n; i++)
		xappend(&text, "nameserver %s\n", c->dns.v[i]);
	s = plan_add_step(p, STEP_FILE, NULL, path, STEP_RDONLY, NULL);
	s->content = text;
	s->mode = 0444;
	return 0;
}

static void add_own(const struct config *c, struct plan *p)
{
	cleanup_free char *runtime = xasprintf("/run/user/%u", p->ids.uid);

	add_own_tmpfs(p, "/tmp", 01777);
	add_own_tmpfs(p, "/run", 0755);
	add_own_tmpfs(p, "/var/tmp", 01777);
	if (!plan_find_mount(p, runtime))
		plan_add_step(p, STEP_DIR, NULL, runtime, 0, NULL)->mode = 0700;
	add_dev(c, p);
	if (c->proc == PROC_OWN && !plan_find_mount(p, "/proc"))
		plan_add_step(p, STEP_PROC, NULL, "/proc", STEP_NOEXEC, NULL);
	if (c->sys == SYS_RO && !plan_find_mount(p, "/sys")) {
		/* sysfs belongs to a network namespace: with the host's only a bind is allowed */
		if (c->net == NET_HOST)
			plan_add_step(p, STEP_BIND, "/sys", "/sys", STEP_RDONLY | STEP_NOEXEC,
				      NULL);
		else
			plan_add_step(p, STEP_SYSFS, NULL, "/sys", STEP_RDONLY | STEP_NOEXEC, NULL);
	}
}

/* /proc, /sys and /dev of a foreign tree decide where later mounts land (CVE-2023-27561). */
static int check_root_dir(const struct host *h, const char *dir, const char *origin)
{
	static const char *const names[] = { "proc", "sys", "dev" };

	if (host_type_of(h, dir) != FILE_DIR)
		return log_invalid("%s: root '%s' is not a directory", origin, dir);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		cleanup_free char *path = xasprintf("%s/%s", dir, names[i]);
		enum file_type type = h->look(path, NULL);

		if (type != FILE_ABSENT && type != FILE_DIR)
			return log_invalid("%s: '%s' is not a directory, as it must be in a root",
					   origin, path);
	}
	return 0;
}

static void collect_targets(const struct plan *p, struct strv *ret)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind != STEP_MASK && p->steps[i].kind != STEP_SEAL)
			strv_add(ret, p->steps[i].target);
}

static int add_root(const struct config *c, const struct host *h, struct plan *p)
{
	cleanup_strv struct strv targets = { 0 }, names = { 0 };
	cleanup_free char *named = NULL, *dir = NULL;
	const struct step *whole = plan_find_mount(p, "/");
	int r;

	if (whole && (c->root != ROOT_EMPTY || (whole->flags & STEP_RDONLY)))
		return log_invalid("%s: only a writable tree on an empty root can be mounted on "
				   "'/' (--root=DIR shows one read-only)",
				   whole->origin);
	collect_targets(p, &targets);
	switch (c->root) {
	case ROOT_EMPTY:
		return 0;
	case ROOT_HOST:
		for (size_t i = 0; plan_system_dirs[i]; i++) {
			r = plan_show_tree(h, p, "", plan_system_dirs[i], &targets);
			if (r < 0)
				return r;
		}
		return 0;
	case ROOT_DIR:
		break;
	}
	r = plan_expand(h, c->root_dir, true, c->root_origin, &named);
	if (r == 0)
		r = check_root_dir(h, named, c->root_origin);
	if (r < 0)
		return r;
	/* the user's own links are followed once, here; what the tree has later is not */
	dir = host_canonical(h, named);
	r = h->list(dir, &names);
	if (r < 0)
		return log_errno(r, "cannot list the root '%s'", dir);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		cleanup_free char *path = xasprintf("/%s", names.v[i]);

		if (!text_is_one_of(path, own_dirs))
			r = plan_show_tree(h, p, dir, path, &targets);
	}
	return r;
}

/*
 * The box runs as the host's root: of what it is shown to read, it gets what
 * any other user could read. What it may write was meant for it.
 */
static void hide_private_files(const struct config *c, const struct host *h, struct plan *p)
{
	size_t n = plan_is_host_root(c, h) ? p->n_steps : 0;

	for (size_t i = 0; i < n; i++) {
		const struct step s = p->steps[i]; /* a copy: the array grows */

		cleanup_free char *source = NULL;

		if (s.kind != STEP_BIND || !(s.flags & STEP_RDONLY))
			continue;
		source = host_canonical(h, s.source);
		for (size_t k = 0; k < h->private_files.n; k++) {
			const char *file = h->private_files.v[k];
			cleanup_free char *target = NULL;

			if (!fs_is_below(file, source))
				continue;
			target = xasprintf("%s%s", s.target, file + strlen(source));
			/* unless something else is mounted there, or between */
			if (plan_seen_mount(p, target) == &p->steps[i])
				plan_add_step(p, STEP_MASK, NULL, target, STEP_OPTIONAL,
					      "host root");
		}
	}
}

/* Does the box have the caller's directory, in or as the mount of this step? */
static bool is_there(const struct step *s, const char *cwd)
{
	if (s->kind == STEP_BIND)
		return strcmp(s->target, "/") != 0 && strcmp(s->source, s->target) == 0;
	return (s->kind == STEP_TMPFS || s->kind == STEP_DIR) && strcmp(s->target, cwd) == 0;
}

/* Where the program starts: as asked, else where the caller stands if the box has it, else home. */
static int plan_cwd(const struct config *c, const struct host *h, struct plan *p)
{
	const struct step *over = NULL;

	if (c->chdir)
		return plan_expand(h, c->chdir, true, "chdir", &p->cwd);
	/* the innermost mount is the one that is seen */
	for (size_t i = 0; h->cwd && i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind == STEP_SYMLINK || !fs_is_below(h->cwd, s->target))
			continue;
		if (!over || strlen(s->target) > strlen(over->target) ||
		    (s->kind == STEP_MASK && strcmp(s->target, over->target) == 0))
			over = s;
	}
	if (over && is_there(over, h->cwd)) {
		p->cwd = xstrdup(h->cwd);
		return 0;
	}
	p->cwd = xstrdup(h->home && plan_find_mount(p, h->home) ? h->home : "/");
	return 0;
}

int plan_mounts(const struct config *c, const struct host *h, struct plan *p)
{
	int r;

	r = add_asked(c, h, p);
	if (r < 0)
		return r;
	add_own(c, p);
	r = add_home(c, h, p);
	if (r < 0)
		return r;
	r = add_cwd(c, h, p);
	if (r < 0)
		return r;
	r = add_resolv_conf(c, h, p);
	if (r < 0)
		return r;
	plan_pin(h, p);
	r = plan_protect(h, p);
	if (r < 0)
		return r;
	r = add_root(c, h, p);
	if (r < 0)
		return r;
	plan_proc_masks(c, h, p);
	plan_sys_masks(c, h, p);
	hide_private_files(c, h, p);
	if (!plan_find_mount(p, "/"))
		plan_add_step(p, STEP_SEAL, NULL, "/", 0, NULL);
	r = plan_cwd(c, h, p);
	plan_sort_steps(p);
	return r;
}
