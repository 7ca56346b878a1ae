/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/strv.h"
#include "base/text.h"

#define FILE_MAX (256 * 1024)

static const struct {
	unsigned int controller;
	const char *name;
} controllers[] = {
	{ CGROUP_MEMORY, "memory" }, { CGROUP_PIDS, "pids" },	  { CGROUP_CPU, "cpu" },
	{ CGROUP_IO, "io" },	     { CGROUP_CPUSET, "cpuset" },
};

char *cgroup_names(unsigned int set, const char *between)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
		cleanup_free char *before = names;

		if (!(set & controllers[i].controller)) {
			before = NULL;
			continue;
		}
		names = xasprintf("%s%s%s", before, *before ? between : "", controllers[i].name);
	}
	return names;
}

unsigned int cgroup_needs(const struct plan_cgroup *limits)
{
	unsigned int set = 0;

	if (limits->memory != PLAN_UNLIMITED || limits->swap != PLAN_UNLIMITED)
		set |= CGROUP_MEMORY;
	if (limits->pids != PLAN_UNLIMITED)
		set |= CGROUP_PIDS;
	if (limits->cpu != PLAN_UNLIMITED)
		set |= CGROUP_CPU;
	if (limits->io_weight != 0)
		set |= CGROUP_IO;
	if (limits->cpuset)
		set |= CGROUP_CPUSET;
	return set;
}

/* ---- where it is ---- */

/* The group of a process, from its line "0::/path": relative to our cgroup namespace's root. */
static int find_group(pid_t pid, char **ret)
{
	cleanup_free char *file =
		pid ? xasprintf("/proc/%d/cgroup", (int)pid) : xstrdup("/proc/self/cgroup");
	cleanup_free char *text = NULL;
	int r = fs_read_file(AT_FDCWD, file, FILE_MAX, &text, NULL);
	char *save = NULL;

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (text_starts_with(line, "0::/")) {
			*ret = xstrdup(line + strlen("0::"));
			return 0;
		}
	return -ENOENT;
}

/* \040 and its like, as mountinfo has them, in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

/*
 * A mount of cgroup2 that shows the group: its root is the group or above it
 * (a container's may be some way down). proc_pid_mountinfo(5).
 */
static char *find_directory(const char *mountinfo, const char *group)
{
	cleanup_free char *text = xstrdup(mountinfo);
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char root[4096], at[4096];
		const char *below;

		if (!strstr(line, " - cgroup2 ") ||
		    sscanf(line, "%*s %*s %*s %4095s %4095s", root, at) != 2)
			continue;
		unescape(root);
		unescape(at);
		if (!fs_is_below(group, root))
			continue;
		below = strcmp(root, "/") == 0 ? group : group + strlen(root);
		return xasprintf("%s%s", at, strcmp(below, "/") == 0 ? "" : below);
	}
	return NULL;
}

int cgroup_open(pid_t pid, char **ret_path)
{
	cleanup_free char *group = NULL, *mountinfo = NULL, *path = NULL;
	int fd, r = find_group(pid, &group);

	if (r == 0)
		r = fs_read_file(AT_FDCWD, "/proc/self/mountinfo", 16 * 1024 * 1024, &mountinfo,
				 NULL);
	if (r < 0)
		return r;
	path = find_directory(mountinfo, group);
	if (!path)
		return -ENOENT;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ret_path)
		*ret_path = take_ptr(&path);
	return fd;
}

/* ---- what it can do ---- */

static int read_file(int group, const char *name, char **ret)
{
	return fs_read_file(group, name, FILE_MAX, ret, NULL);
}

int cgroup_available(int group)
{
	cleanup_free char *text = NULL;
	cleanup_strv struct strv words = { 0 };
	int set = 0, r = read_file(group, "cgroup.controllers", &text);

	if (r == 0)
		r = strv_split(&words, text);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (strv_has(&words, controllers[i].name))
			set |= (int)controllers[i].controller;
	return set;
}

int cgroup_enable(int group, unsigned int set)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(controllers) && r == 0; i++) {
		cleanup_free char *word = xasprintf("+%s", controllers[i].name);

		if (set & controllers[i].controller)
			r = fs_write_file(group, "cgroup.subtree_control", word);
	}
	return r;
}

int cgroup_make(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_remove(int parent, const char *name, int wait_ms)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	int64_t end = proc_now_ms() + wait_ms;

	while (unlinkat(parent, name, AT_REMOVEDIR) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || proc_now_ms() >= end)
			return -errno;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

int cgroup_move(int group, pid_t pid)
{
	cleanup_free char *text = xasprintf("%d", (int)pid);

	return fs_write_file(group, "cgroup.procs", text);
}

/* The parent of a process; 0 if it is gone. */
static pid_t parent_of(pid_t pid)
{
	cleanup_free char *path = xasprintf("/proc/%d/stat", (int)pid), *text = NULL;
	const char *behind;
	int parent;

	if (fs_read_file(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return 0;
	behind = strrchr(text, ')'); /* a name can have anything in it */
	return behind && sscanf(behind, ") %*c %d", &parent) == 1 ? parent : 0;
}

int cgroup_move_own(int from, int to)
{
	cleanup_free char *text = NULL;
	pid_t us = getpid();
	int r = read_file(from, "cgroup.procs", &text);

	for (char *at = text; r == 0 && *at; at += strcspn(at, "\n") + 1) {
		pid_t pid = atoi(at), parent = parent_of(pid);

		if (pid != us && parent != us && parent != 0)
			r = -EBUSY;
	}
	for (char *at = text; r == 0 && *at; at += strcspn(at, "\n") + 1) {
		r = cgroup_move(to, atoi(at));
		if (r == -ESRCH)
			r = 0;
	}
	return r;
}

bool cgroup_is_root(int group)
{
	return faccessat(group, "cgroup.type", F_OK, 0) < 0 && errno == ENOENT;
}

int cgroup_kill(int group)
{
	return fs_write_file(group, "cgroup.kill", "1");
}

/* ---- limits ---- */

/* One file of one controller. */
struct setting {
	unsigned int controller;
	const char *file, *text;
};

/* "0-3,6": the kernel may say it in other words than it was told. */
static cpu_set_t parse_cpus(const char *text)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	while (*text >= '0' && *text <= '9') {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (unsigned long cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++)
			CPU_SET(cpu, &set);
		text = *end == ',' ? end + 1 : end;
	}
	return set;
}

static bool is_as_set(const struct setting *s, const char *now)
{
	cpu_set_t wanted, got;

	if (s->controller != CGROUP_CPUSET)
		return strcmp(now, s->text) == 0;
	wanted = parse_cpus(s->text);
	got = parse_cpus(now);
	return CPU_EQUAL(&wanted, &got);
}

static int set_one(int group, const struct setting *s)
{
	cleanup_free char *now = NULL;
	const char *file = s->file;
	int r = fs_write_file(group, file, s->text);

	if (r == -ENOENT || r == -EOPNOTSUPP)
		return (int)s->controller;
	if (r < 0)
		return log_errno(r, "cannot set %s to %s", s->file, s->text);
	/* Processors that are offline, or not our parent's, are taken in silence, and others used. */
	if (s->controller == CGROUP_CPUSET)
		file = "cpuset.cpus.effective";
	r = read_file(group, file, &now);
	if (r < 0)
		return log_errno(r, "cannot read %s back", file);
	now[strcspn(now, "\n")] = '\0';
	if (!is_as_set(s, now))
		return log_errno(EINVAL, "the kernel has %s as '%s', not '%s'", file, now, s->text);
	return 0;
}

/* The kernel counts memory in pages. */
static char *whole_pages(uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return xasprintf("%" PRIu64, bytes / page * page);
}

int cgroup_set_limits(int group, const struct plan_cgroup *limits, unsigned int with)
{
	cleanup_free char *memory = whole_pages(limits->memory), *swap = whole_pages(limits->swap);
	cleanup_free char *pids = xasprintf("%" PRIu64, limits->pids);
	cleanup_free char *cpu = xasprintf("%" PRIu64 " %d", limits->cpu, PLAN_CPU_PERIOD);
	cleanup_free char *weight = xasprintf("default %u", limits->io_weight);
	const struct {
		bool wanted;
		struct setting setting;
	} all[] = {
		{ limits->memory != PLAN_UNLIMITED, { CGROUP_MEMORY, "memory.max", memory } },
		{ limits->swap != PLAN_UNLIMITED, { CGROUP_MEMORY, "memory.swap.max", swap } },
		{ limits->pids != PLAN_UNLIMITED, { CGROUP_PIDS, "pids.max", pids } },
		{ limits->cpu != PLAN_UNLIMITED, { CGROUP_CPU, "cpu.max", cpu } },
		{ limits->io_weight != 0, { CGROUP_IO, "io.weight", weight } },
		{ limits->cpuset, { CGROUP_CPUSET, "cpuset.cpus", limits->cpuset } },
	};
	int missing = 0;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		int r;

		if (!all[i].wanted || !(with & all[i].setting.controller))
			continue;
		r = set_one(group, &all[i].setting);
		if (r < 0)
			return r;
		missing |= r;
	}
	return missing;
}

/* ---- what it used ---- */

/* The number behind "key " in a flat keyed file; UINT64_MAX if there is none. */
static uint64_t find_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return strtoull(line + n + 1, NULL, 10);
	}
	return UINT64_MAX;
}

static uint64_t read_value(int group, const char *file, const char *key)
{
	cleanup_free char *text = NULL;

	if (read_file(group, file, &text) < 0)
		return UINT64_MAX;
	return find_value(text, key);
}

static uint64_t read_number(int group, const char *file)
{
	cleanup_free char *text = NULL;

	if (read_file(group, file, &text) < 0 || *text < '0' || *text > '9')
		return UINT64_MAX;
	return strtoull(text, NULL, 10);
}

/* "8:0 rbytes=1 wbytes=2 ..." for each device. */
static uint64_t read_written(int group)
{
	cleanup_free char *text = NULL;
	uint64_t sum = 0;

	if (read_file(group, "io.stat", &text) < 0)
		return UINT64_MAX;
	for (const char *at = text; (at = strstr(at, " wbytes=")); at++)
		sum += strtoull(at + strlen(" wbytes="), NULL, 10);
	return sum;
}

void cgroup_measure(int group, struct cgroup_usage *ret)
{
	*ret = (struct cgroup_usage){
		.user_us = read_value(group, "cpu.stat", "user_usec"),
		.system_us = read_value(group, "cpu.stat", "system_usec"),
		.memory_peak = read_number(group, "memory.peak"),
		.pids_peak = read_number(group, "pids.peak"),
		.written = read_written(group),
		.oom_kills = read_value(group, "memory.events", "oom_kill"),
		.pids_refused = read_value(group, "pids.events", "max"),
	};
}
