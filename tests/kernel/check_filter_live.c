/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/filter.h"

#include <asm/ioctls.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"

/*
 * The real filters against the real kernel. Each test is a process of its own,
 * so a filter dies with it.
 *
 * A probe is one raw system call, with bad pointers, bad fds or flags that
 * exclude each other, so that nothing happens when it is let through. It runs
 * before the filter and after it: what is refused must have answered something
 * else before, what is let through the same.
 */

#define HIGH	      (1L << 32)
#define ALL_HIGH      (~0xffffffffL)
#define BAD	      1L /* no pointer */
#define NO_FD	      (-1L)
#define X32_BIT	      0x40000000L
#define SIGSYS_STATUS 1000 /* in_child(): killed by SIGSYS */

static char logged[1024];

static void remember(enum log_level level, const char *line)
{
	(void)level;
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
}

enum which {
	DEFAULT,
	DEBUG,
	NESTED,
	NO_SECCOMP,
	I386,
	HOST_ROOT,
	HOST_ROOT_I386,
	WHICH_COUNT,
};

static char *images[WHICH_COUNT];
static size_t sizes[WHICH_COUNT];

static void compile_one(const struct config *c, bool as_host_root, enum which w)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	cleanup_filter_policy struct filter_policy p = { 0 };
	cleanup_libseccomp struct libseccomp lib = { 0 };

	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	ck_assert_int_eq(filter_policy_build(c, as_host_root, &p), 0);
	ck_assert_int_eq(filter_compile(&lib, &p, FILTER_ARCH_NATIVE, fd, NULL, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(fs_read_all(fd, 1 << 20, &images[w], &sizes[w]), 0);
}

/* Once, in the parent of all tests. */
static void compile(void)
{
	struct config debug = { 0 }, nested = { .nested = NESTED_LIMITED };
	struct config no_seccomp = { 0 }, i386 = { 0 };

	strv_add(&debug.seccomp_allow.words, "@debug");
	strv_add(&debug.seccomp_allow.origins, "test");
	strv_add(&no_seccomp.seccomp_deny.words, "seccomp");
	strv_add(&no_seccomp.seccomp_deny.origins, "test");
	strv_add(&i386.architectures.words, "i386");
	strv_add(&i386.architectures.origins, "test");
	compile_one(&(struct config){ 0 }, false, DEFAULT);
	compile_one(&(struct config){ 0 }, true, HOST_ROOT);
	compile_one(&debug, false, DEBUG);
	compile_one(&nested, false, NESTED);
	compile_one(&no_seccomp, false, NO_SECCOMP);
	if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
		compile_one(&i386, false, I386);
		compile_one(&i386, true, HOST_ROOT_I386);
	}
	strv_done(&debug.seccomp_allow.words);
	strv_done(&debug.seccomp_allow.origins);
	strv_done(&no_seccomp.seccomp_deny.words);
	strv_done(&no_seccomp.seccomp_deny.origins);
	strv_done(&i386.architectures.words);
	strv_done(&i386.architectures.origins);
}

static void forget_images(void)
{
	for (enum which w = 0; w < WHICH_COUNT; w++)
		free(images[w]);
}

static void install(enum which w)
{
	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_msg(filter_install(images[w], sizes[w]) == 0, "%s", logged);
}

/* The errno of a call, 0 for none. What it opened is closed again. */
static int errno_of(const char *call, const long *a)
{
	bool opens = strcmp(call, "socket") == 0 || strcmp(call, "memfd_create") == 0;
	int nr = seccomp_syscall_resolve_name(call);
	long r;

	ck_assert_msg(nr >= 0, "%s", call);
	r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (r < 0)
		return errno;
	if (opens)
		close((int)r);
	return 0;
}

#define SAME 0

#define PROBE(which, errno_after, call, ...)                                   \
	{                                                                      \
		which, errno_after, call, #__VA_ARGS__, { __VA_ARGS__ }, false \
	}
/* Without privilege the kernel itself gives the filter's errno. */
#define PROBE_AS_ROOT(which, errno_after, call, ...)                          \
	{                                                                     \
		which, errno_after, call, #__VA_ARGS__, { __VA_ARGS__ }, true \
	}

static const struct {
	enum which which;
	int after;
	const char *call, *arguments;
	long args[6];
	bool as_root;
} probes[] = {
	/* hidden from filters, or too wide */
	PROBE(DEFAULT, ENOSYS, "clone3", BAD, 0),
	PROBE(DEFAULT, ENOSYS, "io_uring_setup", 0, BAD),
	PROBE(DEFAULT, ENOSYS, "userfaultfd", 0x7000),
	PROBE(DEFAULT, ENOSYS, "bpf", 9999, BAD, 8),
	PROBE(DEFAULT, ENOSYS, "perf_event_open", BAD, 0, -1, -1, 0),
	PROBE(DEFAULT, ENOSYS, "open_by_handle_at", NO_FD, BAD, 0),
	PROBE(DEFAULT, ENOSYS, "name_to_handle_at", NO_FD, BAD, BAD, BAD, 0),
	PROBE(DEFAULT, ENOSYS, "keyctl", 9999),
	PROBE(DEFAULT, ENOSYS, "add_key", BAD, BAD, 0, 0, 0),
	PROBE(DEFAULT, ENOSYS, "request_key", BAD, BAD, 0, 0),

	/* mounts and roots */
	PROBE(DEFAULT, EPERM, "mount", BAD, BAD, BAD, 0, 0),
	PROBE(DEFAULT, EPERM, "umount2", BAD, 0),
	PROBE_AS_ROOT(DEFAULT, EPERM, "pivot_root", BAD, BAD),
	PROBE(DEFAULT, EPERM, "chroot", BAD),
	PROBE(DEFAULT, EPERM, "setns", NO_FD, 0),
	PROBE(DEFAULT, ENOSYS, "open_tree", NO_FD, BAD, 0),
	PROBE(DEFAULT, ENOSYS, "move_mount", NO_FD, BAD, NO_FD, BAD, 0),
	PROBE(DEFAULT, ENOSYS, "fsopen", BAD, 0),
	PROBE(DEFAULT, ENOSYS, "fsmount", NO_FD, 0, 0),
	PROBE(DEFAULT, ENOSYS, "mount_setattr", NO_FD, BAD, 0, BAD, 0),

	/* namespaces: a thread without shared signals and an unshare of bit 0 are EINVAL */
	PROBE(DEFAULT, EPERM, "unshare", 0),
	PROBE(DEFAULT, EPERM, "unshare", CLONE_NEWUSER | 1),
	PROBE(DEFAULT, EPERM, "clone", CLONE_THREAD | CLONE_NEWUSER),
	PROBE(DEFAULT, EPERM, "clone", CLONE_THREAD | CLONE_NEWNS),
	PROBE(DEFAULT, EPERM, "clone", CLONE_THREAD | CLONE_NEWNET | CLONE_NEWPID),
	PROBE(DEFAULT, SAME, "clone", CLONE_THREAD),
	PROBE(NESTED, SAME, "unshare", 0),
	PROBE(NESTED, SAME, "unshare",
	      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | 1),
	PROBE(NESTED, SAME, "clone", CLONE_THREAD | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET),
	PROBE(NESTED, EPERM, "unshare", CLONE_NEWNS | 1),
	PROBE(NESTED, EPERM, "unshare", CLONE_NEWUSER | CLONE_NEWCGROUP | 1),
	PROBE(NESTED, EPERM, "unshare", 0x80 /* CLONE_NEWTIME */ | 1),
	PROBE(NESTED, EPERM, "clone", CLONE_THREAD | CLONE_NEWUSER | CLONE_NEWNS),
	PROBE(NESTED, EPERM, "clone", HIGH | CLONE_THREAD | CLONE_NEWUTS),
	PROBE(NESTED, SAME, "chroot", BAD),
	PROBE(NESTED, EPERM, "mount", BAD, BAD, BAD, 0, 0),

	/* other processes */
	PROBE(DEFAULT, EPERM, "ptrace", 17 /* PTRACE_DETACH */, 0),
	PROBE(DEFAULT, EPERM, "process_vm_readv", 0, BAD, 0, BAD, 0, 1),
	PROBE(DEFAULT, EPERM, "pidfd_getfd", NO_FD, 0, 0),
	PROBE(DEFAULT, EPERM, "kcmp", -1, -1, 0, 0, 0),
	PROBE(DEBUG, SAME, "ptrace", 17, 0),
	PROBE(DEBUG, SAME, "process_vm_readv", 0, BAD, 0, BAD, 0, 1),
	PROBE(DEBUG, SAME, "pidfd_getfd", NO_FD, 0, 0),
	PROBE(DEBUG, EPERM, "setns", NO_FD, 0),

	/* sockets */
	PROBE(DEFAULT, EAFNOSUPPORT, "socket", AF_PACKET, SOCK_RAW, 0),
	PROBE(DEFAULT, EAFNOSUPPORT, "socket", HIGH | AF_PACKET, SOCK_RAW, 0),
	PROBE(DEFAULT, EPROTONOSUPPORT, "socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	      NETLINK_KOBJECT_UEVENT),
	PROBE(DEFAULT, EPROTONOSUPPORT, "socket", AF_NETLINK, SOCK_RAW,
	      HIGH | NETLINK_KOBJECT_UEVENT),
	PROBE(DEFAULT, EPERM, "socket", AF_INET, SOCK_RAW, 0),
	PROBE(DEFAULT, EPERM, "socket", AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	PROBE(DEFAULT, SAME, "socket", AF_UNIX, SOCK_STREAM, 0),
	PROBE(DEFAULT, SAME, "socket", AF_UNIX, SOCK_RAW, 0),
	PROBE(DEFAULT, SAME, "socket", AF_INET, SOCK_STREAM, 0),
	PROBE(DEFAULT, SAME, "socket", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	PROBE(DEFAULT, SAME, "socket", AF_INET6, SOCK_STREAM, 0),
	PROBE(DEFAULT, SAME, "socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
	PROBE(DEFAULT, SAME, "socketpair", AF_UNIX, SOCK_STREAM, 0, BAD),

	/* the terminal */
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, TIOCSTI),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, HIGH | TIOCSTI),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, ALL_HIGH | TIOCSTI),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, TIOCLINUX),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, HIGH | TIOCLINUX),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, TIOCSETD),
	PROBE(DEFAULT, EPERM, "ioctl", NO_FD, TIOCCONS),
	PROBE(DEFAULT, SAME, "ioctl", NO_FD, TCGETS),
	PROBE(DEFAULT, SAME, "ioctl", NO_FD, TIOCGWINSZ),
	PROBE(DEFAULT, SAME, "ioctl", NO_FD, TIOCNOTTY),

	/* process attributes */
	PROBE(DEFAULT, EPERM, "personality", 0x400000),
	PROBE(DEFAULT, EPERM, "personality", HIGH | 0x400000),
	PROBE(DEFAULT, EPERM, "personality", 0x40000),
	PROBE(DEBUG, SAME, "personality", 0x40000),
	PROBE(DEFAULT, SAME, "personality", 0xffffffff),
	PROBE(DEFAULT, SAME, "personality", 8),
	PROBE(DEFAULT, EPERM, "prctl", PR_SET_MM, 0, 0, 0, 1),
	PROBE(DEFAULT, EPERM, "prctl", HIGH | PR_SET_MM, 0, 0, 0, 1),
	PROBE(DEFAULT, SAME, "prctl", PR_GET_DUMPABLE),
	PROBE(DEFAULT, SAME, "prctl", PR_SET_SECCOMP, 2, BAD),

	/* the machine */
	PROBE(DEFAULT, EPERM, "settimeofday", BAD, 0),
	PROBE_AS_ROOT(DEFAULT, EPERM, "reboot", 0, 0, 0, 0),
	PROBE_AS_ROOT(DEFAULT, EPERM, "swapon", BAD, 0),
	PROBE_AS_ROOT(DEFAULT, EPERM, "init_module", BAD, 0, BAD),
	PROBE_AS_ROOT(DEFAULT, EPERM, "sethostname", BAD, 1),
	PROBE_AS_ROOT(DEFAULT, EPERM, "acct", BAD),

	/* set-ID bits, where the box's files are the host root's */
	PROBE(HOST_ROOT, EPERM, "fchmodat", NO_FD, BAD, HIGH | 02755),
	PROBE(HOST_ROOT, EPERM, "mknodat", NO_FD, BAD, S_IFREG | 04755, 0),
	PROBE(HOST_ROOT, EPERM, "openat", NO_FD, BAD, HIGH | O_TMPFILE | O_RDWR, 02755),
	PROBE(HOST_ROOT, ENOSYS, "openat2", NO_FD, BAD, BAD, 24),
	PROBE(HOST_ROOT, SAME, "fchmod", NO_FD, 01777),
	PROBE(HOST_ROOT, SAME, "mknodat", NO_FD, BAD, S_IFREG | 0755, 0),
	PROBE(HOST_ROOT, SAME, "openat", NO_FD, BAD, O_RDONLY, 04755),
	PROBE(DEFAULT, SAME, "openat", NO_FD, BAD, O_CREAT | O_WRONLY, 06755),

	/* what must go on working */
	PROBE(DEFAULT, SAME, "openat", NO_FD, BAD, 0),
	PROBE(DEFAULT, SAME, "openat2", NO_FD, BAD, BAD, 24),
	PROBE(DEFAULT, SAME, "statx", NO_FD, BAD, 0, 0, BAD),
	PROBE(DEFAULT, SAME, "mknodat", NO_FD, BAD, 0010000, 0),
	PROBE(DEFAULT, SAME, "fchownat", NO_FD, BAD, 0, 0, 0),
	PROBE(DEFAULT, SAME, "capset", BAD, BAD),
	PROBE(DEFAULT, SAME, "setfsuid", -1),
	PROBE(DEFAULT, SAME, "memfd_create", BAD, 0),
	PROBE(DEFAULT, SAME, "close_range", 1, 0, 0),
	PROBE(DEFAULT, SAME, "execveat", NO_FD, BAD, 0, 0, 0),
	PROBE(DEFAULT, SAME, "seccomp", 1, 1 /* TSYNC */, 0),
	PROBE(NO_SECCOMP, EPERM, "seccomp", 1, 1, 0), /* and both filters went in before */
	PROBE(DEFAULT, SAME, "landlock_create_ruleset", BAD, 1, 0),
	PROBE(DEFAULT, SAME, "shmget", 0, 0, 0),
	PROBE(DEFAULT, SAME, "kill", 0, 999),
};

/* Root of the host: the kernel judges such calls by capabilities of the first user namespace. */
static bool is_host_root(void)
{
	cleanup_free char *map = NULL;

	return geteuid() == 0 &&
	       fs_read_file(AT_FDCWD, "/proc/self/uid_map", 4096, &map, NULL) == 0 &&
	       strstr(map, "4294967295");
}

START_TEST(test_probe)
{
	int before, after;

	if (probes[_i].as_root && !is_host_root())
		return;
	before = errno_of(probes[_i].call, probes[_i].args);
	install(probes[_i].which);
	after = errno_of(probes[_i].call, probes[_i].args);
	if (probes[_i].after == SAME) {
		ck_assert_msg(after == before, "%s(%s): %s, before: %s", probes[_i].call,
			      probes[_i].arguments, strerror(after), strerror(before));
		return;
	}
	ck_assert_msg(before != probes[_i].after, "%s(%s): %s without a filter too: proves nothing",
		      probes[_i].call, probes[_i].arguments, strerror(before));
	ck_assert_msg(after == probes[_i].after, "%s(%s): %s", probes[_i].call,
		      probes[_i].arguments, strerror(after));
}
END_TEST

/* ---- life under the filter ---- */

/* The value of a line of /proc/self/status. */
static int status_of(const char *name)
{
	cleanup_free char *text = NULL;
	const char *line;

	ck_assert_int_eq(fs_read_file(AT_FDCWD, "/proc/self/status", 1 << 16, &text, NULL), 0);
	line = strstr(text, name);
	ck_assert_ptr_nonnull(line);
	return atoi(line + strlen(name));
}

START_TEST(test_two_filters)
{
	int before = status_of("\nSeccomp_filters:");

	install(DEFAULT);
	ck_assert_int_eq(status_of("\nSeccomp:"), 2);
	ck_assert_int_eq(status_of("\nSeccomp_filters:") - before, 2);
	ck_assert_int_eq(status_of("\nNoNewPrivs:"), 1);
}
END_TEST

static mode_t mode_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return st.st_mode & 07777;
}

/* A file of its own, by all the ways that a program has. */
START_TEST(test_set_id_bits)
{
	char dir[] = "/tmp/check-filter-XXXXXX";
	cleanup_fd int dirfd = -1, fd = -1, made = -1;

	umask(022);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dirfd, "f", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, 04755), 0);
	install(HOST_ROOT);

	ck_assert_int_eq(fchmod(fd, 0755), 0);
	ck_assert_int_eq(fchmod(fd, 04755), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(fchmodat(dirfd, "f", 02755, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(fchmodat(dirfd, "f", 04755, AT_SYMLINK_NOFOLLOW), -1);
	/* fchmodat2(2): by number, for it is younger than many a libc */
	ck_assert_int_eq(syscall(452, dirfd, "f", 04755, 0), -1);
	ck_assert_msg(errno == EPERM || errno == ENOSYS, "%s", strerror(errno));
	ck_assert_int_eq(fchmodat(dirfd, "f", 0711, 0), 0);
	ck_assert_int_eq(mode_of(fd), 0711);

	ck_assert_int_eq(openat(dirfd, "g", O_CREAT | O_WRONLY | O_CLOEXEC, 04755), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(mkdirat(dirfd, "d", 02755), -1);
	ck_assert_int_eq(errno, EPERM);
	made = openat(dirfd, "g", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
	ck_assert_int_eq(mode_of(made), 0755);
	ck_assert_int_eq(mkdirat(dirfd, "d", 0755), 0);

	ck_assert_int_eq(unlinkat(dirfd, "d", AT_REMOVEDIR), 0);
	ck_assert_int_eq(unlinkat(dirfd, "f", 0), 0);
	ck_assert_int_eq(unlinkat(dirfd, "g", 0), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

static void *answer(void *arg)
{
	*(int *)arg = 42;
	return NULL;
}

/* glibc tries clone3 for all of these, and must take ENOSYS for "an older kernel". */
START_TEST(test_threads_and_programs)
{
	char *const argv[] = { (char *)"/bin/true", NULL };
	pthread_t thread;
	int value = 0, status;
	pid_t pid;

	install(DEFAULT);
	ck_assert_int_eq(pthread_create(&thread, NULL, answer, &value), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(value, 42);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(system("exit 7") >> 8, 7);
}
END_TEST

START_TEST(test_needs_no_new_privs)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return; /* the test's own caller has it set */
	ck_assert_int_eq(syscall(SYS_capset, &header, none), 0);
	ck_assert_int_eq(filter_install(images[DEFAULT], sizes[DEFAULT]), -EACCES);
	ck_assert_str_eq(logged, "cannot install the system call filter: Permission denied\n");
}
END_TEST

#ifdef __x86_64__
/* What a 32-bit program does. Arguments are 32 bits wide. */
static long i386_call(long nr, long bx, const void *cx, long dx)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(bx), "c"(cx), "d"(dx)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

/* Run one call in a child, return its -errno or small result, or SIGSYS_STATUS. */
static int in_child(long (*fn)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		long r = fn();

		_exit(r < 0 ? (int)-r : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? SIGSYS_STATUS : -WTERMSIG(status);
	return -WEXITSTATUS(status);
}

static long i386_getpid(void)
{
	return i386_call(20, 0, NULL, 0);
}

static long x32_getpid(void)
{
	long r = syscall(X32_BIT | SYS_getpid);

	return r < 0 ? -errno : r;
}

static uint32_t *socket_arguments;

/* socketcall(SYS_SOCKET): the way around a filter on families */
static long i386_socketcall(void)
{
	socket_arguments[0] = AF_PACKET;
	socket_arguments[1] = SOCK_RAW;
	return i386_call(102, 1, socket_arguments, 0);
}

static long i386_socket_packet(void)
{
	return i386_call(359, AF_PACKET, (const void *)SOCK_RAW, 0);
}

static long i386_socket_unix(void)
{
	return i386_call(359, AF_UNIX, (const void *)SOCK_STREAM, 0);
}

static long i386_mode;

static long i386_chmod(void)
{
	return i386_call(15, BAD, (const void *)i386_mode, 0);
}

static long i386_creat(void)
{
	return i386_call(5, BAD, (const void *)(long)(O_CREAT | O_WRONLY), i386_mode);
}

static bool has_i386(void)
{
	if (in_child(i386_getpid) == 0)
		return true;
	printf("check_filter_live: i386 not tested: this kernel runs no 32-bit programs\n");
	return false;
}

START_TEST(test_foreign_abi_is_killed)
{
	bool i386 = has_i386();

	ck_assert_int_ne(in_child(x32_getpid), SIGSYS_STATUS);
	install(DEFAULT);
	ck_assert_int_eq(in_child(x32_getpid), SIGSYS_STATUS);
	if (i386)
		ck_assert_int_eq(in_child(i386_getpid), SIGSYS_STATUS);
}
END_TEST

START_TEST(test_i386)
{
	int before;

	if (!has_i386())
		return;
	socket_arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ck_assert_ptr_ne(socket_arguments, MAP_FAILED);
	before = in_child(i386_socketcall);
	ck_assert_int_ne(before, -ENOSYS);
	ck_assert_int_eq(in_child(i386_socket_packet), before);
	ck_assert_int_eq(in_child(i386_socket_unix), 0);
	install(I386);
	ck_assert_int_eq(in_child(i386_getpid), 0);
	ck_assert_int_eq(in_child(i386_socketcall), -ENOSYS);
	ck_assert_int_eq(in_child(i386_socket_packet), -EAFNOSUPPORT);
	ck_assert_int_eq(in_child(i386_socket_unix), 0);
	ck_assert_int_eq(in_child(x32_getpid), SIGSYS_STATUS);
}
END_TEST

START_TEST(test_i386_set_id_bits)
{
	if (!has_i386())
		return;
	i386_mode = 04755;
	ck_assert_int_eq(in_child(i386_chmod), -EFAULT);
	ck_assert_int_eq(in_child(i386_creat), -EFAULT);
	install(HOST_ROOT_I386);
	ck_assert_int_eq(in_child(i386_chmod), -EPERM);
	ck_assert_int_eq(in_child(i386_creat), -EPERM);
	i386_mode = 0755;
	ck_assert_int_eq(in_child(i386_chmod), -EFAULT);
	ck_assert_int_eq(in_child(i386_creat), -EFAULT);
}
END_TEST
#endif

static void setup(void)
{
	*logged = '\0';
	log_set_sink(remember);
}

int main(void)
{
	Suite *suite = suite_create("filter_live");
	TCase *tc = tcase_create("live");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tc, compile, forget_images);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_probe, 0, (int)ARRAY_LEN(probes));
	tcase_add_test(tc, test_two_filters);
	tcase_add_test(tc, test_set_id_bits);
	tcase_add_test(tc, test_threads_and_programs);
	tcase_add_test(tc, test_needs_no_new_privs);
#ifdef __x86_64__
	tcase_add_test(tc, test_foreign_abi_is_killed);
	tcase_add_test(tc, test_i386);
	tcase_add_test(tc, test_i386_set_id_bits);
#endif
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
