/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * minimal [-f IMAGE] [-s STEP[,STEP]...] [-t] PROGRAM [ARG]...
 *
 * What the kernel charges for the box of the default profile: the calls that
 * sandbox makes with --map=single, in the same order, with everything decided
 * at compile time. No profile, no plan, no resolution of paths, no messages
 * worth reading. It is a yardstick, never a sandbox.
 *
 * -f IMAGE	install the two filters in there: a struct filter_image_header and
 *		instructions, anywhere in the file, so a file of the launcher's
 *		cache will do. Without it there are none.
 * -s STEPS	leave these out, to see what they cost: see steps[]
 * -t		print the time of each step, in microseconds, on stderr
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/syscalls.h"
#include "kernel/filter.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define MS_PRIVATE_ (1UL << 18) /* <sys/mount.h> has it, but fights with <linux/mount.h> */

/* What -s can leave out. */
enum step {
	STEP_NET,
	STEP_TIME,
	STEP_CGROUP,
	STEP_IPC,
	STEP_UTS,
	STEP_BINDS,
	STEP_TMPFS,
	STEP_DEV,
	STEP_PROC,
	STEP_MASKS,
	STEP_DETACH,
	STEP_KEYRING,
	STEP_CAPS,
	STEP_LANDLOCK,
	STEP_FILTER,
	STEP_FORK, /* vfork instead */
	STEP_COUNT,
};

static const struct {
	const char *name;
	uint64_t namespace;
} steps[STEP_COUNT] = {
	[STEP_NET] = { "net", CLONE_NEWNET },
	[STEP_TIME] = { "time", CLONE_NEWTIME },
	[STEP_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
	[STEP_IPC] = { "ipc", CLONE_NEWIPC },
	[STEP_UTS] = { "uts", CLONE_NEWUTS },
	[STEP_BINDS] = { "binds", 0 },
	[STEP_TMPFS] = { "tmpfs", 0 },
	[STEP_DEV] = { "dev", 0 },
	[STEP_PROC] = { "proc", 0 },
	[STEP_MASKS] = { "masks", 0 },
	[STEP_DETACH] = { "detach", 0 },
	[STEP_KEYRING] = { "keyring", 0 },
	[STEP_CAPS] = { "caps", 0 },
	[STEP_LANDLOCK] = { "landlock", 0 },
	[STEP_FILTER] = { "filter", 0 },
	[STEP_FORK] = { "fork", 0 },
};

static bool skip[STEP_COUNT];
static bool print_times;
static struct sock_fprog filters[2];
static size_t n_filters;

static struct {
	const char *what;
	double at;
} stamps[32];
static size_t n_stamps;

#define CHECK(call)                                            \
	({                                                     \
		__typeof__(call) r_ = (call);                  \
		if (r_ < 0)                                    \
			err(125, "line %d: " #call, __LINE__); \
		r_;                                            \
	})

static void stamp(const char *what)
{
	struct timespec t;

	if (!print_times)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	stamps[n_stamps].what = what;
	stamps[n_stamps++].at = (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void write_file(const char *path, const char *text)
{
	int fd = CHECK(open(path, O_WRONLY | O_CLOEXEC));

	CHECK(write(fd, text, strlen(text)));
	close(fd);
}

static void read_filters(const char *path)
{
	static char file[1 << 18];
	int fd = CHECK(open(path, O_RDONLY | O_CLOEXEC));
	size_t n = (size_t)CHECK(read(fd, file, sizeof(file)));
	struct filter_image_header *image = memmem(file, n, FILTER_IMAGE_MAGIC, 8);
	struct sock_filter *code = (struct sock_filter *)(image + 1);

	close(fd);
	if (!image || n < (size_t)((char *)code - file) +
				      (image->n_main + image->n_arguments) * sizeof(*code))
		errx(125, "%s: not a filter image", path);
	filters[0] = (struct sock_fprog){ (unsigned short)image->n_main, code };
	filters[1] =
		(struct sock_fprog){ (unsigned short)image->n_arguments, code + image->n_main };
	n_filters = 2;
}

/*
 * Mounts; all paths below root_fd
 */

static void bind_fd(int tree_fd, uint64_t attrs, int root_fd, const char *target)
{
	struct mount_attr attr = { .attr_set = attrs, .propagation = MS_PRIVATE_ };

	CHECK(sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)));
	CHECK(sys_move_mount(tree_fd, "", root_fd, target, MOVE_MOUNT_F_EMPTY_PATH));
	close(tree_fd);
}

static int clone_tree(int dir_fd, const char *path)
{
	return CHECK(
		sys_open_tree(dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
}

static int new_fs(const char *type, const char *mode, bool sized, unsigned int attrs)
{
	int fs = CHECK(sys_fsopen(type, FSOPEN_CLOEXEC)), fd;

	CHECK(sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", type, 0));
	if (mode)
		CHECK(sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", mode, 0));
	if (sized) {
		CHECK(sys_fsconfig(fs, FSCONFIG_SET_STRING, "size", "1073741824", 0));
		CHECK(sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "262144", 0));
	}
	CHECK(sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	fd = CHECK(sys_fsmount(fs, FSMOUNT_CLOEXEC, attrs));
	close(fs);
	return fd;
}

static void attach(int fd, int root_fd, const char *target)
{
	CHECK(sys_move_mount(fd, "", root_fd, target, MOVE_MOUNT_F_EMPTY_PATH));
	close(fd);
}

static void make_parents(int root_fd, const char *path)
{
	char part[4096];

	for (const char *p = strchr(path, '/');; p = strchr(p + 1, '/')) {
		size_t n = p ? (size_t)(p - path) : strlen(path);

		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(root_fd, part, 0755) < 0 && errno != EEXIST)
			err(125, "mkdir %s", part);
		if (!p)
			return;
	}
}

static void bind_host_dir(int root_fd, const char *path)
{
	struct stat st;
	char link[4096];
	ssize_t n;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		n = CHECK(readlink(path, link, sizeof(link) - 1));
		link[n] = '\0';
		CHECK(symlinkat(link, root_fd, path + 1));
		return;
	}
	make_parents(root_fd, path + 1);
	bind_fd(clone_tree(AT_FDCWD, path),
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, root_fd, path + 1);
}

static void fill_dev(int dev_fd)
{
	static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },	 { "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
		{ "pts/ptmx", "ptmx" },
	};
	char path[64];
	int fd;

	for (size_t i = 0; i < COUNT(devices); i++) {
		snprintf(path, sizeof(path), "/dev/%s", devices[i]);
		fd = CHECK(openat(dev_fd, devices[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
		close(fd);
		bind_fd(clone_tree(AT_FDCWD, path), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, dev_fd,
			devices[i]);
	}
	for (size_t i = 0; i < COUNT(links); i++)
		CHECK(symlinkat(links[i][0], dev_fd, links[i][1]));
	CHECK(mkdirat(dev_fd, "pts", 0755));
	fd = CHECK(sys_fsopen("devpts", FSOPEN_CLOEXEC));
	CHECK(sys_fsconfig(fd, FSCONFIG_SET_STRING, "source", "devpts", 0));
	CHECK(sys_fsconfig(fd, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0));
	CHECK(sys_fsconfig(fd, FSCONFIG_SET_STRING, "mode", "0620", 0));
	CHECK(sys_fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	attach(CHECK(sys_fsmount(fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)),
	       dev_fd, "pts");
	close(fd);
}

static void mask_proc(int root_fd)
{
	static const char *const read_only[] = { "proc/bus", "proc/driver",   "proc/fs",
						 "proc/irq", "proc/pressure", "proc/sys" };
	static const char *const files[] = {
		"proc/cmdline",	      "proc/config.gz",	  "proc/interrupts", "proc/kallsyms",
		"proc/kcore",	      "proc/key-users",	  "proc/keys",	     "proc/kmsg",
		"proc/latency_stats", "proc/sched_debug", "proc/softirqs",   "proc/sysrq-trigger",
		"proc/timer_list",
	};
	static const char *const dirs[] = { "proc/acpi", "proc/asound", "proc/scsi" };
	const uint64_t hard =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	int fd;

	for (size_t i = 0; i < COUNT(read_only); i++)
		bind_fd(clone_tree(root_fd, read_only[i]), hard, root_fd, read_only[i]);

	CHECK(mkdirat(root_fd, ".empty-dir", 0555));
	fd = CHECK(openat(root_fd, ".empty-file", O_CREAT | O_RDONLY | O_CLOEXEC, 0444));
	close(fd);
	for (size_t i = 0; i < COUNT(files); i++)
		if (faccessat(root_fd, files[i], F_OK, 0) == 0)
			bind_fd(clone_tree(root_fd, ".empty-file"), hard, root_fd, files[i]);
	for (size_t i = 0; i < COUNT(dirs); i++)
		if (faccessat(root_fd, dirs[i], F_OK, 0) == 0)
			bind_fd(clone_tree(root_fd, ".empty-dir"), hard, root_fd, dirs[i]);
	CHECK(unlinkat(root_fd, ".empty-file", 0));
	CHECK(unlinkat(root_fd, ".empty-dir", AT_REMOVEDIR));
}

static void make_root(const char *home, const char *cwd)
{
	static const char *const host_dirs[] = { "/usr", "/etc",   "/opt",   "/bin",   "/sbin",
						 "/lib", "/lib32", "/lib64", "/libx32" };
	static const char *const tmpfs[][2] = {
		{ "tmp", "1777" }, { "run", "0755" }, { "var/tmp", "1777" }, { "dev/shm", "1777" }
	};
	const unsigned int attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	struct mount_attr seal = { .attr_set = MOUNT_ATTR_RDONLY };
	int root_fd = new_fs("tmpfs", "0755", false, attrs), fd;
	char runtime[32];

	CHECK(sys_move_mount(root_fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH));
	if (!skip[STEP_BINDS])
		for (size_t i = 0; i < COUNT(host_dirs); i++)
			bind_host_dir(root_fd, host_dirs[i]);
	stamp("host directories");
	if (!skip[STEP_DEV]) {
		CHECK(mkdirat(root_fd, "dev", 0755));
		fd = new_fs("tmpfs", "0755", false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
		CHECK(sys_move_mount(fd, "", root_fd, "dev", MOVE_MOUNT_F_EMPTY_PATH));
		fill_dev(fd);
		CHECK(mkdirat(fd, "shm", 0755));
		close(fd);
	}
	stamp("dev");
	for (size_t i = 0; !skip[STEP_TMPFS] && i < COUNT(tmpfs); i++) {
		make_parents(root_fd, tmpfs[i][0]);
		attach(new_fs("tmpfs", tmpfs[i][1], true, attrs), root_fd, tmpfs[i][0]);
	}
	snprintf(runtime, sizeof(runtime), "run/user/%u", getuid());
	if (!skip[STEP_TMPFS])
		make_parents(root_fd, runtime);
	make_parents(root_fd, home + 1);
	attach(new_fs("tmpfs", "0700", true, attrs), root_fd, home + 1);
	if (strcmp(home, cwd) != 0) {
		make_parents(root_fd, cwd + 1);
		bind_fd(clone_tree(AT_FDCWD, cwd), MOUNT_ATTR_RDONLY | attrs, root_fd, cwd + 1);
	}
	stamp("tmpfs, home, cwd");
	if (!skip[STEP_PROC]) {
		CHECK(mkdirat(root_fd, "proc", 0555));
		attach(new_fs("proc", NULL, false, attrs | MOUNT_ATTR_NOEXEC), root_fd, "proc");
	}
	stamp("proc");
	if (!skip[STEP_MASKS] && !skip[STEP_PROC])
		mask_proc(root_fd);
	stamp("masks");

	if (!skip[STEP_DEV])
		CHECK(sys_mount_setattr(root_fd, "dev", 0, &seal, sizeof(seal)));
	CHECK(sys_mount_setattr(root_fd, "", AT_EMPTY_PATH, &seal, sizeof(seal)));
	CHECK(fchdir(root_fd));
	CHECK(sys_pivot_root(".", "."));
	stamp("seal, pivot");
	if (!skip[STEP_DETACH])
		CHECK(sys_umount2(".", SYS_MNT_DETACH));
	stamp("detach");
	close(root_fd);
	CHECK(chdir(cwd));
}

/*
 * The rest of the box
 */

static void raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = CHECK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	CHECK(ioctl(fd, SIOCSIFFLAGS, &ifr));
	close(fd);
}

static void set_limits(void)
{
	struct rlimit core = { 1, 1 }, processes = { 4096, 4096 };

	CHECK(prlimit(0, RLIMIT_CORE, &core, NULL));
	CHECK(prlimit(0, RLIMIT_NPROC, &processes, NULL));
	if (!skip[STEP_PROC])
		write_file("/proc/self/oom_score_adj", "250");
}

static void drop_caps(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	CHECK(prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0));
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		continue;
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	CHECK(syscall(SYS_capset, &header, none));
}

/* As in Linux 6.12 (ABI 6); older headers lack the last ones. */
#define FS_EXECUTE   (1ULL << 0)
#define FS_WRITE     ((1ULL << 1) | (0x7ffULL << 4)) /* files, all MAKE_ and REMOVE_, REFER, TRUNCATE */
#define FS_IOCTL_DEV (1ULL << 15)
#define FS_ON_FILE   ((1ULL << 0) | (1ULL << 1) | (1ULL << 14) | (1ULL << 15))

static void allow_fd(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };

	/* EBADFD: a pipe or a socket, which no rule can name */
	if (sys_landlock_add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 &&
	    errno != EBADFD)
		err(125, "landlock_add_rule");
}

static void allow_paths(int ruleset, const char *const *paths, size_t n, uint64_t rights)
{
	for (size_t i = 0; i < n; i++) {
		int fd = open(paths[i], O_PATH | O_CLOEXEC);

		if (fd < 0)
			continue;
		allow_fd(ruleset, fd, rights);
		close(fd);
	}
}

static void enter_landlock(const char *home, const char *cwd)
{
	const struct {
		uint64_t fs, net, scoped;
	} attr = { FS_EXECUTE | FS_WRITE | FS_IOCTL_DEV, 0, 3 };
	const char *const programs[] = { "/usr", "/opt", "/etc", cwd };
	const char *const writable[] = { "/tmp", "/run", "/var/tmp", "/dev/shm", home };
	const char *const devices[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					"/dev/random", "/dev/urandom", "/dev/tty" };
	const char *const proc[] = { "/proc" }, *const pts[] = { "/dev/pts" };
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1), ruleset;

	if (abi < 6)
		errx(125, "Landlock ABI %d: cannot be compared", abi);
	ruleset = CHECK((int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0));
	allow_paths(ruleset, programs, COUNT(programs), FS_EXECUTE);
	allow_paths(ruleset, writable, COUNT(writable), FS_EXECUTE | FS_WRITE);
	allow_paths(ruleset, devices, COUNT(devices), FS_ON_FILE & ~FS_EXECUTE);
	allow_paths(ruleset, proc, COUNT(proc), FS_WRITE);
	allow_paths(ruleset, pts, COUNT(pts), FS_WRITE | FS_IOCTL_DEV);
	for (int fd = 0; fd <= 2; fd++)
		allow_fd(ruleset, fd, FS_ON_FILE & ~FS_EXECUTE);
	CHECK(sys_landlock_restrict_self(ruleset, 0));
	close(ruleset);
}

static void install_filters(void)
{
	for (size_t i = 0; i < n_filters; i++)
		CHECK(sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &filters[i]));
}

static void run_payload(char **argv)
{
	static char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", NULL };
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setsid();
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(argv[0], argv, env);
	_exit(127);
}

static void print_stamps(void)
{
	for (size_t i = 1; i < n_stamps; i++)
		dprintf(2, "%8.0f %s\n", stamps[i].at - stamps[i - 1].at, stamps[i].what);
}

static int run_init(int sync_fd, char **argv, const char *uid_map, const char *gid_map)
{
	const char *home = getenv("HOME");
	char cwd[4096], comm[] = "init";
	struct pollfd p = { .fd = sync_fd, .events = POLLIN };
	int status, got;
	pid_t pid;

	stamp("clone3");
	CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	if (CHECK(poll(&p, 1, 0)) != 0)
		return 125;
	if (!home || !getcwd(cwd, sizeof(cwd)))
		errx(125, "no HOME, or no working directory");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uid_map);
	write_file("/proc/self/gid_map", gid_map);
	write_file("/proc/sys/user/max_user_namespaces", "0");
	stamp("maps");
	if (!skip[STEP_UTS])
		CHECK(sethostname("sandbox", 7));
	if (!skip[STEP_NET])
		raise_loopback();
	stamp("hostname, loopback");
	make_root(home, cwd);
	if (!skip[STEP_KEYRING])
		CHECK(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
	set_limits();
	CHECK(prctl(PR_SET_NAME, comm, 0, 0, 0));
	stamp("keyring, limits");
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	if (!skip[STEP_CAPS])
		drop_caps();
	stamp("capabilities");
	if (!skip[STEP_LANDLOCK])
		enter_landlock(home, cwd);
	stamp("landlock");
	if (!skip[STEP_FILTER])
		install_filters();
	stamp("filters");
	close_range(3, ~0U, 0);
	pid = CHECK(skip[STEP_FORK] ? vfork() : fork());
	if (pid == 0)
		run_payload(argv);
	stamp("fork");
	do
		got = waitpid(-1, &status, 0);
	while (got != pid && (got > 0 || errno == EINTR));
	stamp("exec to exit");
	print_stamps();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void parse_skips(char *list)
{
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		size_t i = 0;

		while (i < STEP_COUNT && strcmp(word, steps[i].name) != 0)
			i++;
		if (i == STEP_COUNT)
			errx(125, "no step '%s'", word);
		skip[i] = true;
	}
}

int main(int argc, char **argv)
{
	uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_PIDFD;
	int opt, pidfd = -1, pipe_fds[2];
	char uid_map[64], gid_map[64];
	struct clone_args args = { 0 };
	siginfo_t info = { 0 };
	pid_t pid;

	while ((opt = getopt(argc, argv, "+f:s:t")) != -1) {
		if (opt == 'f')
			read_filters(optarg);
		else if (opt == 's')
			parse_skips(optarg);
		else if (opt == 't')
			print_times = true;
		else
			return 125;
	}
	if (!argv[optind])
		errx(125, "no program");
	umask(0);

	for (size_t i = 0; i < STEP_COUNT; i++)
		flags |= skip[i] ? 0 : steps[i].namespace;
	args = (struct clone_args){ .flags = flags,
				    .pidfd = (uintptr_t)&pidfd,
				    .exit_signal = SIGCHLD };
	snprintf(uid_map, sizeof(uid_map), "%u %u 1", getuid(), getuid());
	snprintf(gid_map, sizeof(gid_map), "%u %u 1", getgid(), getgid());
	CHECK(pipe2(pipe_fds, O_CLOEXEC));
	stamp("start");
	pid = (pid_t)CHECK(sys_clone3(&args, sizeof(args)));
	if (pid == 0) {
		close(pipe_fds[1]);
		_exit(run_init(pipe_fds[0], argv + optind, uid_map, gid_map));
	}
	close(pipe_fds[0]);
	CHECK(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}
