/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/keys.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/setters.h"

/* clang-format off: a row a line, so that a setting is read at a glance */
const struct key keys[] = {
	/* section, key, option, short, argument, setter, words, help */
	{ "profile", "description", NULL, 0, "TEXT", set_description, NULL,
	  "one line for --list-profiles" },
	{ "profile", "inherit", NULL, 0, "NAMES", set_inherit, NULL,
	  "profiles to apply before this one, left to right" },
	{ "profile", "programs", NULL, 0, "NAMES", set_programs, NULL,
	  "programs that take this profile without --profile" },

	{ "ids", "user", "user", 0, "USER", set_user, NULL,
	  "who the program is inside: self (or your name), root or UID:GID" },
	{ "ids", "map", "map", 0, "MODE", set_map, words_map,
	  "ids that exist inside: auto, single (one) or range (subordinate ids)" },

	{ "filesystem", "root", "root", 0, "ROOT", set_root, NULL,
	  "host (its system directories), empty, or a directory" },
	{ "filesystem", "ro", "ro", 0, "PATH[:TARGET]", add_ro, NULL,
	  "show a host path, read-only" },
	{ "filesystem", "rw", "rw", 0, "PATH[:TARGET]", add_rw, NULL,
	  "show a host path, writable" },
	{ "filesystem", "dev", "dev", 0, "PATH[:TARGET]", add_dev, NULL,
	  "show a device node, or a tree that has some" },
	{ "filesystem", "tmpfs", "tmpfs", 0, "PATH[:size=64M]", add_tmpfs, NULL,
	  "an empty directory in memory" },
	{ "filesystem", "hide", "hide", 0, "PATH", add_hide, NULL,
	  "cover a path of the box with nothing" },
	{ "filesystem", "symlink", "symlink", 0, "TEXT:PATH", add_symlink, NULL,
	  "a symbolic link at PATH that says TEXT" },
	{ "filesystem", "cwd", "cwd", 0, "MODE", set_cwd, words_cwd,
	  "the working directory: none, ro or rw; never the home itself" },
	{ "filesystem", "chdir", "chdir", 'w', "DIR", set_chdir, NULL,
	  "start in this directory of the box" },
	{ "filesystem", "home", "home", 0, "MODE", set_home, words_home,
	  "the home directory: ephemeral (fresh, gone afterwards) or host" },
	{ "filesystem", "proc", "proc", 0, "MODE", set_proc, words_proc, "/proc: own or none" },
	{ "filesystem", "sys", "sys", 0, "MODE", set_sys, words_sys, "/sys: none or ro" },

	{ "namespaces", "hostname", "hostname", 0, "NAME", set_hostname, NULL,
	  "name of the machine inside" },
	{ "namespaces", "nested", "nested", 0, "MODE", set_nested, words_nested,
	  "user namespaces inside: no, or limited (a browser's own sandbox)" },
	{ "namespaces", "time-offset", "time-offset", 0, "TIME", set_time_offset, NULL,
	  "shift the clocks inside: +2h, monotonic=-30m, boottime=1d" },
	{ "namespaces", "share", "share", 0, "NAMES", set_share, words_share,
	  "namespaces to share with the host: ipc uts cgroup time" },

	{ "network", "mode", "net", 0, "MODE", set_net, words_net,
	  "none, slirp (user-mode network of its own) or host" },
	{ "network", "publish", "publish", 'p', "[ADDR:]PORT[:PORT]", add_publish, NULL,
	  "forward a port of the host into the box (slirp)" },
	{ "network", "dns", "dns", 0, "ADDRESS", add_dns, NULL,
	  "name servers inside, instead of slirp's forwarder" },
	{ "network", "host-loopback", "host-loopback", 0, "no|yes", set_host_loopback, words_bool,
	  "reach the host's 127.0.0.1 as 10.0.2.2: no or yes" },

	{ "capabilities", "keep", "cap-keep", 0, "NAMES", add_caps, NULL,
	  "capabilities kept, inside the box only" },

	{ "seccomp", "allow", "seccomp-allow", 0, "NAMES", add_seccomp_allow, NULL,
	  "system calls or @groups to allow as well" },
	{ "seccomp", "deny", "seccomp-deny", 0, "NAMES", add_seccomp_deny, NULL,
	  "system calls or @groups to refuse; wins over allow" },
	{ "seccomp", "log", "seccomp-log", 0, "NAMES", add_seccomp_log, NULL,
	  "write each use of these allowed calls to the kernel log" },
	{ "seccomp", "architectures", "architectures", 0, "NAMES", set_architectures, NULL,
	  "native, and i386 for 32-bit programs" },
	{ "seccomp", "socket-families", "socket-families", 0, "NAMES", set_families, NULL,
	  "socket families: unix inet inet6 netlink, or none" },

	{ "landlock", "mode", "landlock", 0, "MODE", set_landlock, words_landlock,
	  "auto, require or off" },
	{ "landlock", "scopes", "scopes", 0, "NAMES", set_scopes, words_scopes,
	  "what may not leave the box: signal abstract-unix" },

	{ "environment", "keep", "env-keep", 0, "NAMES", add_env_keep, NULL,
	  "variables to take over; LC_* is a pattern" },
	{ "environment", "set", "env-set", 'e', "NAME=VALUE", add_env_set, NULL, "set a variable" },
	{ "environment", "unset", "env-unset", 0, "NAMES", add_env_unset, NULL,
	  "drop variables again" },

	{ "limits", "memory", "memory", 'm', "SIZE|PERCENT", set_memory, NULL,
	  "memory of the box: 512M, or 50% of the machine's" },
	{ "limits", "swap", "swap", 0, "SIZE|PERCENT", set_swap, NULL,
	  "swap beside it; none, if memory is limited and this is not" },
	{ "limits", "pids", "pids", 0, "N", set_pids, NULL, "processes and threads of the box" },
	{ "limits", "cpu", "cpu", 0, "N|PERCENT", set_cpu, NULL,
	  "processors' worth of time: 1.5 or 150%" },
	{ "limits", "io-weight", "io-weight", 0, "N", set_io_weight, NULL,
	  "share of a busy disk, 1 to 10000; others have 100" },
	{ "limits", "cpuset", "cpuset", 0, "LIST", set_cpuset, NULL,
	  "processors that the box may use: 0-3,6" },
	{ "limits", "on-unavailable", "on-unavailable", 0, "WORD", set_on_unavailable,
	  words_unavailable, "if one of these cannot be had: refuse, or warn and go on" },
	{ "limits", "timeout", "timeout", 0, "TIME", set_timeout, NULL,
	  "end the program after 90s, 1.5m, 2h" },
	{ "limits", "stop-signal", "stop-signal", 0, "SIGNAL", set_stop_signal, NULL,
	  "how a timeout asks the program to end; TERM" },
	{ "limits", "stop-timeout", "stop-timeout", 0, "TIME", set_stop_timeout, NULL,
	  "how long it then has until it is killed; 10s" },
	{ "limits", "nice", "nice", 0, "N", set_nice, NULL,
	  "give way to others: 0 to 19, or what the caller has if that is more" },
	{ "limits", "oom-score", "oom-score", 0, "N", set_oom_score, NULL,
	  "be killed first when memory runs out: 0 to 1000, or the caller's" },
	{ "limits", "tmpfs-size", "tmpfs-size", 0, "SIZE|PERCENT", set_tmpfs_size, NULL,
	  "size of each directory in memory that has none of its own" },
	{ "limits", "open-files", "open-files", 0, "N", set_open_files, NULL,
	  "descriptors a process may hold" },
	{ "limits", "processes", "processes", 0, "N", set_processes, NULL,
	  "processes and threads of the user, in the box" },
	{ "limits", "file-size", "file-size", 0, "SIZE", set_file_size, NULL,
	  "largest file a process may write" },
	{ "limits", "stack", "stack", 0, "SIZE", set_stack, NULL, "stack of a process" },
	{ "limits", "core", "core", 0, "SIZE", set_core, NULL,
	  "core dumps; 0 (the default) makes none anywhere" },
	{ "limits", "cpu-time", "cpu-time", 0, "TIME", set_cpu_time, NULL,
	  "processor time of a process" },
	{ "limits", "locked-memory", "locked-memory", 0, "SIZE", set_locked_memory, NULL,
	  "memory a process may lock" },

	{ "terminal", "mode", "terminal", 0, "MODE", set_terminal, words_terminal,
	  "auto (a pty when stdin is a terminal), inherit or pty" },

	{ "", NULL, "profile", 0, "NAME|FILE", set_profile, NULL,
	  "take this profile; a path has a slash" },
	{ "filesystem", NULL, "volume", 'v', "PATH:TARGET[:ro]", add_volume, NULL,
	  "rw or ro, as podman spells it (-v alone is --verbose)" },
	{ "", NULL, "keep-fd", 0, "N", add_keep_fd, NULL,
	  "pass descriptor N on; all others above 2 are closed" },
	{ "", NULL, "status-fd", 0, "N", set_status_fd, NULL,
	  "write what happens to descriptor N, a JSON object a line" },
	{ "", NULL, "report", 0, NULL, set_report, NULL,
	  "say at the end what the program used, and why it ended" },
	{ "", NULL, "dry-run", 0, "[=json]", set_dry_run, words_dry_run,
	  "print what would be done, and do nothing" },
	{ "", NULL, "list-profiles", 0, NULL, set_list_profiles, NULL, "print the profiles found" },
	{ "", NULL, "show-profile", 0, "[=NAME]", set_show_profile, NULL,
	  "print the files that make up a profile" },
	{ "", NULL, "verbose", 'v', NULL, set_verbose, NULL,
	  "say what was chosen and why; twice: each step" },
	{ "", NULL, "quiet", 'q', NULL, set_quiet, NULL, "say nothing but errors" },
	{ "", NULL, "help", 'h', NULL, set_help, NULL, "print this" },
	{ "", NULL, "version", 'V', NULL, set_version, NULL,
	  "print versions and what this kernel has" },
};

const size_t n_keys = ARRAY_LEN(keys);

const struct option_alias option_aliases[] = {
	/* bubblewrap */
	{ "bind", "rw", NULL },
	{ "ro-bind", "ro", NULL },
	{ "dev-bind", "dev", NULL },
	{ "unshare-net", "net", "none" },
	{ "share-net", "net", "host" },
	{ "disable-userns", "nested", "no" },
	/* podman */
	{ "network", "net", NULL },
	{ "env", "env-set", NULL },
	{ "workdir", "chdir", NULL },
	{ "cap-add", "cap-keep", NULL },
	{ "cpus", "cpu", NULL },
	{ "pids-limit", "pids", NULL },
	{ "cpuset-cpus", "cpuset", NULL },
	{ "oom-score-adj", "oom-score", NULL },
	/* firejail */
	{ "private", "home", "ephemeral" },
	{ "read-only", "ro", NULL },
	{ "blacklist", "hide", NULL },
	{ "read-write", "rw", NULL },
	{ "rlimit-nofile", "open-files", NULL },
	{ "rlimit-nproc", "processes", NULL },
	{ "rlimit-fsize", "file-size", NULL },
	{ "rlimit-cpu", "cpu-time", NULL },
};
/* clang-format on */

const size_t n_option_aliases = ARRAY_LEN(option_aliases);

/* Habits that do not carry over, and the word that does. */
static const struct {
	const char *option, *advice;
} foreign[] = {
	{ "unshare-all", "every namespace is unshared anyway; leave it out" },
	{ "unshare-user", "every namespace is unshared anyway; leave it out" },
	{ "unshare-pid", "every namespace is unshared anyway; leave it out" },
	{ "unshare-ipc", "every namespace is unshared anyway; --share=ipc is the opposite" },
	{ "unshare-uts", "every namespace is unshared anyway; --share=uts is the opposite" },
	{ "unshare-cgroup", "every namespace is unshared anyway; --share=cgroup is the opposite" },
	{ "die-with-parent", "the box always dies with its launcher; leave it out" },
	{ "new-session", "the box always has a session of its own; leave it out" },
	{ "clearenv", "the environment is always clean; --env-keep adds to it" },
	{ "setenv", "use -e NAME=VALUE" },
	{ "unsetenv", "use --env-unset=NAME" },
	{ "uid", "use --user=UID:GID" },
	{ "gid", "use --user=UID:GID" },
	{ "cap-drop", "all capabilities are dropped anyway; leave it out" },
	{ "json-status-fd", "use --status-fd=N" },
	{ "caps.drop", "all capabilities are dropped anyway; leave it out" },
	{ "noroot", "the box never has the host's root; leave it out" },
	{ "nonewprivs", "no_new_privs is always set; leave it out" },
	{ "noprofile", "use --profile=default" },
	{ "whitelist", "use --ro=PATH or --rw=PATH" },
	{ "seccomp", "a filter is always on; see --seccomp-allow and --seccomp-deny" },
	{ "security-opt",
	  "see --seccomp-allow and --seccomp-deny; there is no way to run unfiltered" },
	{ "privileged", "there is no such thing here; see --cap-keep and --dev" },
	{ "rm", "a box leaves nothing behind anyway; leave it out" },
	{ "mount", "use --ro=PATH:TARGET, --rw=PATH:TARGET or --tmpfs=PATH" },
	{ "device", "use --dev=PATH" },
	{ "private-tmp", "/tmp is always the box's own; leave it out" },
	{ "private-dev", "/dev is always minimal; leave it out" },
	{ "ulimit", "use --open-files, --processes, --file-size, --stack, --core or --cpu-time" },
	{ "rootfs", "use --root=DIR" },
	{ "interactive", "the terminal is passed on by itself; see --terminal" },
	{ "tty", "use --terminal=pty" },
	{ "it", "the terminal is passed on by itself; leave it out" },
	{ "ti", "the terminal is passed on by itself; leave it out" },
	{ "i", "the terminal is passed on by itself; leave it out" },
	{ "t", "the terminal is passed on by itself; leave it out" },
	{ "d", "a box runs in the foreground; the shell's & puts it into the background" },
	{ "detach", "a box runs in the foreground; the shell's & puts it into the background" },
	{ "u", "use --user=UID:GID" },
	{ "memory-swap", "use --swap=SIZE, which does not count the memory itself" },
	{ "memory-reservation", "use --memory=SIZE" },
	{ "shm-size", "use --tmpfs-size=SIZE, or --tmpfs=/dev/shm:size=SIZE" },
	{ "cpu-shares", "use --cpu=1.5 (or 150%), which holds on an idle machine, too" },
	{ "cpu-quota", "use --cpu=1.5 (or 150%)" },
	{ "cpu-period", "use --cpu=1.5 (or 150%)" },
	{ "cpuset-mems", "use --cpuset=LIST for processors; memory nodes cannot be chosen" },
	{ "blkio-weight", "use --io-weight=N, 1 to 10000" },
	{ "oom-kill-disable", "a box never is; see --oom-score" },
	{ "rlimit-as", "use --memory=SIZE; an address space is not what is in use" },
	{ "property", "use --memory, --swap, --pids, --cpu or --io-weight" },
	{ "MemoryMax", "use --memory=SIZE" },
	{ "MemoryHigh", "use --memory=SIZE" },
	{ "MemorySwapMax", "use --swap=SIZE" },
	{ "TasksMax", "use --pids=N" },
	{ "CPUQuota", "use --cpu=150%" },
	{ "CPUWeight", "use --cpu=150%, or --nice" },
	{ "IOWeight", "use --io-weight=N" },
	{ "AllowedCPUs", "use --cpuset=LIST" },
	{ "RuntimeMaxSec", "use --timeout=TIME" },
	{ "TimeoutStopSec", "use --stop-timeout=TIME" },
	{ "OOMScoreAdjust", "use --oom-score=N" },
	{ "LimitNPROC", "use --processes=N" },
	{ "LimitNOFILE", "use --open-files=N" },
	{ "name", "boxes have no names yet" },
	{ "entrypoint", "the first word after the options is the program" },
	{ "env-file", "use -e NAME=VALUE" },
	{ "userns", "use --map and --user" },
	{ "dir", "use --tmpfs=PATH" },
	{ "bind-try", "use --rw=-SOURCE:TARGET" },
	{ "ro-bind-try", "use --ro=-SOURCE:TARGET" },
	{ "dev-bind-try", "use --dev=-SOURCE:TARGET" },
	{ "as-pid-1", "the box has a pid 1 of its own, which reaps; leave it out" },
	{ "chroot", "use --root=DIR" },
};

const char *option_foreign_advice(const char *option)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (strcmp(foreign[i].option, option) == 0)
			return foreign[i].advice;
	return NULL;
}

const struct key *key_find(const char *section, const char *name)
{
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].name && strcmp(keys[i].section, section) == 0 &&
		    strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const struct key *key_find_option(const char *option)
{
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].option && strcmp(keys[i].option, option) == 0)
			return &keys[i];
	return NULL;
}

const struct key *key_find_short(char option)
{
	for (size_t i = 0; i < n_keys; i++)
		if (option && keys[i].short_option == option)
			return &keys[i];
	return NULL;
}

const char *const *key_sections(void)
{
	static const char *const sections[] = {
		"profile", "ids",      "filesystem",  "namespaces", "network",	"capabilities",
		"seccomp", "landlock", "environment", "limits",	    "terminal", NULL,
	};

	return sections;
}

/* systemd's words, as they are left when the capital letters are gone; and docker's. */
static const char *foreign_key(const struct assignment *a)
{
	static const struct {
		const char *theirs, *ours;
	} limits[] = {
		{ "memorymax", "memory" },
		{ "memoryhigh", "memory" },
		{ "memoryswapmax", "swap" },
		{ "memory-swap", "swap" },
		{ "tasksmax", "pids" },
		{ "pids-limit", "pids" },
		{ "cpuquota", "cpu" },
		{ "cpus", "cpu" },
		{ "ioweight", "io-weight" },
		{ "allowedcpus", "cpuset" },
		{ "runtimemaxsec", "timeout" },
		{ "timeoutstopsec", "stop-timeout" },
		{ "oomscoreadjust", "oom-score" },
		{ "oom-score-adj", "oom-score" },
		{ "limitnproc", "processes" },
		{ "limitnofile", "open-files" },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (strcmp(a->section, "limits") == 0 && strcmp(a->name, limits[i].theirs) == 0)
			return limits[i].ours;
	return NULL;
}

static int refuse_key(const struct assignment *a)
{
	const char *names[ARRAY_LEN(keys) + 1] = { NULL }, *near;
	size_t n = 0;

	if (!text_is_one_of(a->section, key_sections())) {
		near = text_nearest(a->section, key_sections());
		return log_invalid("%s: unknown section [%s]%s%s%s", a->origin, a->section,
				   near ? " (did you mean [" : "", near ? near : "",
				   near ? "]?)" : "");
	}
	for (size_t i = 0; i < n_keys; i++)
		if (keys[i].name && strcmp(keys[i].section, a->section) == 0)
			names[n++] = keys[i].name;
	near = foreign_key(a);
	if (!near)
		near = text_nearest(a->name, names);
	for (size_t i = 0; i < n_keys && !near; i++)
		if (keys[i].name && strcmp(keys[i].name, a->name) == 0)
			return log_invalid("%s: key '%s' belongs to section [%s], not [%s]",
					   a->origin, a->name, keys[i].section, a->section);
	return log_invalid("%s: unknown key '%s' in section [%s]%s%s%s", a->origin, a->name,
			   a->section, near ? " (did you mean '" : "", near ? near : "",
			   near ? "'?)" : "");
}

int config_assign(struct config *c, const struct assignment *a)
{
	const struct key *key = key_find(a->section, a->name);

	return key ? key->set(c, a) : refuse_key(a);
}
