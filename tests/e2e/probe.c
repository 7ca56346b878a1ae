/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program in a box can do, one verb a question, one line an answer:
 *
 *	probe calls			NAME ERRNO, raw system calls
 *	probe sockets			what socket() makes at all
 *	probe namespaces		CALL FLAG ERRNO
 *	probe foreign i386|x32		a call of another ABI (dies)
 *	probe pid1			what pid 1 lets us do to it
 *	probe fds			numbers of open descriptors
 *	probe hold COMMAND...		run it with descriptors 3 to 20 open
 *	probe as UID COMMAND...		run it with this id
 *	probe session TEXT COMMAND...	run it in a session keyring that has a key
 *	probe key			print that key, or the errno
 *	probe keep			the same forever, for others to look at
 *	probe write DIR			files below DIR that open for writing
 *	probe abstract NAME		connect to an abstract socket
 *	probe threads			a thread, and what its status says
 *	probe forks MOST SECONDS	N ERRNO: processes made, and why no more; all stay a while
 *	probe serve NAME		the other side of that
 *	probe listen PORT TEXT		serve TEXT on all addresses, and count connections
 *	probe connect ADDRESS PORT	print what is served there, or the errno
 *
 * Arguments are bad pointers and bad descriptors, so that nothing happens when
 * a call is let through. Alone and static: no library hides an errno.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define ANY	     (-1) /* number of arguments */
#define BAD	     1L	  /* no pointer */
#define NO_FD	     (-1L)
#define HIGH	     (1L << 32)

/* Numbers that the headers of older systems lack; they are the same everywhere. */
#define NR_open_tree	  428
#define NR_move_mount	  429
#define NR_fsopen	  430
#define NR_fsconfig	  431
#define NR_fsmount	  432
#define NR_fspick	  433
#define NR_clone3	  435
#define NR_pidfd_getfd	  438
#define NR_mount_setattr  442
#define NR_io_uring_setup 425
#define NR_statmount	  457
#define NR_listmount	  458

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const char *name_of(long answer)
{
	const char *name = answer < 0 ? strerrorname_np(errno) : "ok";

	return name ? name : "?";
}

/* ---- calls ---- */

static const struct {
	const char *name;
	long nr, args[5];
} calls[] = {
	{ "mount", SYS_mount, { BAD, BAD, BAD } },
	{ "umount2", SYS_umount2, { BAD } },
	{ "pivot_root", SYS_pivot_root, { BAD, BAD } },
	{ "chroot", SYS_chroot, { BAD } },
	{ "setns", SYS_setns, { NO_FD } },
	{ "ptrace", SYS_ptrace, { PTRACE_PEEKDATA } },
	{ "process_vm_readv", SYS_process_vm_readv, { 0, BAD, 1, BAD, 1 } },
	{ "pidfd_getfd", NR_pidfd_getfd, { NO_FD } },
	{ "kcmp", SYS_kcmp, { 0, 0, 99 } },
	{ "open_tree", NR_open_tree, { NO_FD, BAD } },
	{ "move_mount", NR_move_mount, { NO_FD, BAD, NO_FD, BAD } },
	{ "fsopen", NR_fsopen, { BAD } },
	{ "fsconfig", NR_fsconfig, { NO_FD } },
	{ "fsmount", NR_fsmount, { NO_FD } },
	{ "fspick", NR_fspick, { NO_FD, BAD } },
	{ "mount_setattr", NR_mount_setattr, { NO_FD, BAD } },
	{ "statmount", NR_statmount, { BAD } },
	{ "listmount", NR_listmount, { BAD } },
	{ "clone3", NR_clone3, { BAD, 0 } },
	{ "io_uring_setup", NR_io_uring_setup, { 1, BAD } },
	{ "userfaultfd", SYS_userfaultfd, { -1 } },
	{ "bpf", SYS_bpf, { -1, BAD } },
	{ "perf_event_open", SYS_perf_event_open, { BAD } },
	{ "keyctl", SYS_keyctl, { -1 } },
	{ "add_key", SYS_add_key, { BAD } },
	{ "request_key", SYS_request_key, { BAD } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { NO_FD, BAD } },
	{ "personality READ_IMPLIES_EXEC", SYS_personality, { 0x0400000 } },
	{ "personality ask", SYS_personality, { 0xffffffff } },
	{ "ioctl TIOCSTI", SYS_ioctl, { NO_FD, TIOCSTI } },
	{ "ioctl TIOCSTI high", SYS_ioctl, { NO_FD, TIOCSTI | HIGH } },
	{ "ioctl TIOCLINUX", SYS_ioctl, { NO_FD, TIOCLINUX } },
	{ "ioctl TIOCLINUX high", SYS_ioctl, { NO_FD, TIOCLINUX | HIGH } },
	{ "ioctl TIOCGWINSZ", SYS_ioctl, { NO_FD, TIOCGWINSZ } },
	{ "seccomp", SYS_seccomp, { 1, 1, 0 } },
	{ "getdents", SYS_getdents64, { NO_FD } },
	{ "unknown", 9999, { 0 } },
};

static int probe_calls(char **args)
{
	(void)args;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const long *a = calls[i].args;
		long answer = syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4]);

		printf("%s %s\n", calls[i].name, name_of(answer));
	}
	return 0;
}

/* ---- sockets ---- */

static void try_socket(const char *what, int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd >= 0 || errno != EAFNOSUPPORT)
		printf("%s %s\n", what, name_of(fd));
	if (fd >= 0)
		close(fd);
}

static int probe_sockets(char **args)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
	char what[64];

	(void)args;
	for (int family = 0; family < AF_MAX + 4; family++) {
		for (size_t i = 0; i < ARRAY_LEN(types) && family != AF_NETLINK; i++) {
			snprintf(what, sizeof(what), "family %d type %d", family, types[i]);
			try_socket(what, family, types[i], 0);
		}
	}
	for (int protocol = 0; protocol < 24; protocol++) {
		snprintf(what, sizeof(what), "netlink %d", protocol);
		try_socket(what, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	}
	try_socket("raw icmp", AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	try_socket("raw icmp nonblock", AF_INET6, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	return 0;
}

/* ---- namespaces ---- */

static const struct {
	const char *name;
	long flag;
} namespaces[] = {
	{ "user", CLONE_NEWUSER },
	{ "mnt", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },
	{ "net", CLONE_NEWNET },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "time", CLONE_NEWTIME },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "user+net", CLONE_NEWUSER | CLONE_NEWNET },
};

/* In a child each: what works changes the process. */
static void try_namespace(const char *call, const char *name, long flags)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		long answer = *call == 'u' ? unshare((int)flags)
					   : syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

		if (*call == 'c' && answer == 0)
			_exit(0);
		printf("%s %s %s\n", call, name, name_of(answer));
		fflush(stdout);
		_exit(0);
	}
	(void)waitpid(child, NULL, 0);
}

static int probe_namespaces(char **args)
{
	(void)args;
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++) {
		try_namespace("unshare", namespaces[i].name, namespaces[i].flag);
		if (namespaces[i].flag != CLONE_NEWTIME) /* the exit signal, to clone() */
			try_namespace("clone", namespaces[i].name, namespaces[i].flag);
	}
	return 0;
}

/* ---- the rest ---- */

static int probe_foreign(char **args)
{
	long answer = -1;

	if (strcmp(args[0], "x32") == 0)
		answer = syscall(0x40000000L | SYS_getpid);
#ifdef __x86_64__
	else
		__asm__ volatile("int $0x80"
				 : "=a"(answer)
				 : "a"(20L)
				 : "memory", "r8", "r9", "r10", "r11");
#endif
	printf("%ld\n", answer);
	return 0;
}

static int probe_pid1(char **args)
{
	static const char *const files[] = { "environ", "exe", "cwd",  "root",
					     "maps",	"mem", "auxv", "stack" };
	char path[64], byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	(void)args;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/1/%s", files[i]);
		fd = open(path, O_RDONLY);
		printf("%s %s\n", files[i], name_of(fd < 0 ? fd : read(fd, &byte, 1)));
	}
	printf("fd %s\n", name_of(readlink("/proc/1/fd/0", path, sizeof(path))));
	printf("ptrace %s\n", name_of(ptrace(PTRACE_SEIZE, 1, NULL, NULL)));
	printf("process_vm_readv %s\n",
	       name_of(syscall(SYS_process_vm_readv, 1, &here, 1, &there, 1, 0)));
	return 0;
}

static int probe_fds(char **args)
{
	(void)args;
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d\n", fd);
	return 0;
}

static int probe_hold(char **args)
{
	static const char *const paths[] = { "/", "/etc/passwd", "/proc/self", "/dev/zero", "." };
	int pair[2], fd;

	for (int i = 3; i <= 20; i++) {
		if (i == 19 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0)
			fd = pair[0];
		else
			fd = open(i == 7 ? "/etc/passwd" : paths[i % ARRAY_LEN(paths)], O_RDONLY);
		if (fd < 0 || (fd != i && dup2(fd, i) < 0))
			return 1;
	}
	execvp(args[0], args);
	return 127;
}

static int probe_as(char **args)
{
	uid_t uid = (uid_t)atoi(args[0]);

	if (setresuid(uid, uid, uid) < 0)
		return 1;
	execvp(args[1], args + 1);
	return 127;
}

#define KEY "sandbox-e2e-canary"

static int probe_session(char **args)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", KEY, args[0], strlen(args[0]), KEY_SPEC_SESSION_KEYRING) <
		    0) {
		perror("session");
		return 77;
	}
	execvp(args[1], args + 1);
	return 127;
}

static int probe_key(char **args)
{
	char text[64] = "";
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", KEY, 0);

	(void)args;
	if (key >= 0)
		(void)syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1);
	printf("%s\n", key < 0 ? name_of(key) : text);
	return 0;
}

static int probe_keep(char **args)
{
	(void)args;
	puts("ready");
	fflush(stdout);
	return pause();
}

static int try_to_write(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	int fd;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0) {
		puts(path);
		close(fd);
	}
	return 0;
}

static int probe_write(char **args)
{
	return nftw(args[0], try_to_write, 20, FTW_PHYS) < 0;
}

static void *print_status(void *arg)
{
	char line[256];
	FILE *f = fopen("/proc/thread-self/status", "r");

	(void)arg;
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Sec", 3) == 0 ||
		    strncmp(line, "NoNew", 5) == 0)
			fputs(line, stdout);
	return NULL;
}

static int probe_threads(char **args)
{
	pthread_t thread;

	(void)args;
	if (pthread_create(&thread, NULL, print_status, NULL) != 0)
		return 1;
	return pthread_join(thread, NULL);
}

/* Enough of HTTP for curl; a client that says nothing is answered as well. */
static int serve(int server, const char *text)
{
	if (listen(server, 16) < 0) {
		perror("listen");
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* of a client that only knocks */
	puts("ready");
	for (;;) {
		int fd = accept(server, NULL, NULL);
		struct pollfd request = { .fd = fd, .events = POLLIN };
		char line[1024];

		if (fd < 0)
			return 1;
		if (poll(&request, 1, 1000) > 0)
			(void)!read(fd, line, sizeof(line));
		dprintf(fd, "HTTP/1.0 200 OK\r\n\r\n%s\n", text);
		close(fd);
		puts("connection");
	}
}

static int probe_listen(char **args)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
				     .sin6_port = htons((uint16_t)atoi(args[0])) };
	int server = socket(AF_INET6, SOCK_STREAM, 0), off = 0, on = 1;

	(void)setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	(void)setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(server, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		printf("bind %s\n", name_of(-1));
		return 1;
	}
	return serve(server, args[1]);
}

static socklen_t abstract_address(const char *name, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(ret->sun_path + 1, name, sizeof(ret->sun_path) - 2);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static int probe_serve(char **args)
{
	struct sockaddr_un addr;
	socklen_t size = abstract_address(args[0], &addr);
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(server, (struct sockaddr *)&addr, size) < 0)
		return 1;
	return serve(server, "abstract");
}

static int probe_abstract(char **args)
{
	struct sockaddr_un addr;
	socklen_t size = abstract_address(args[0], &addr);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	printf("%s\n", name_of(connect(fd, (struct sockaddr *)&addr, size)));
	return 0;
}

static int probe_connect(char **args)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(args[1])) };
	struct sockaddr_in6 addr6 = { .sin6_family = AF_INET6, .sin6_port = addr.sin_port };
	bool is_6 = strchr(args[0], ':') != NULL;
	int fd = socket(is_6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0), r;
	char text[256];
	ssize_t n;

	if (is_6) {
		(void)inet_pton(AF_INET6, args[0], &addr6.sin6_addr);
		r = connect(fd, (struct sockaddr *)&addr6, sizeof(addr6));
	} else {
		(void)inet_pton(AF_INET, args[0], &addr.sin_addr);
		r = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	}
	if (r < 0) {
		printf("%s\n", name_of(-1));
		return 1;
	}
	dprintf(fd, "GET /\r\n\r\n");
	while ((n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)n, stdout);
	return 0;
}

static int probe_forks(char **args)
{
	long most = atol(args[0]), n = 0, answer = 0;

	while (n < most && answer >= 0) {
		answer = fork();
		if (answer == 0) {
			pause();
			_exit(0);
		}
		n += answer > 0;
	}
	printf("%ld %s\n", n, name_of(answer));
	sleep((unsigned int)atoi(args[1]));
	return 0;
}

static const struct {
	const char *verb;
	int n_args;
	int (*run)(char **args);
} verbs[] = {
	{ "calls", 0, probe_calls },
	{ "sockets", 0, probe_sockets },
	{ "namespaces", 0, probe_namespaces },
	{ "foreign", 1, probe_foreign },
	{ "pid1", 0, probe_pid1 },
	{ "fds", 0, probe_fds },
	{ "keep", 0, probe_keep },
	{ "hold", ANY, probe_hold },
	{ "as", ANY, probe_as },
	{ "session", ANY, probe_session },
	{ "key", 0, probe_key },
	{ "write", 1, probe_write },
	{ "abstract", 1, probe_abstract },
	{ "threads", 0, probe_threads },
	{ "forks", 2, probe_forks },
	{ "listen", 2, probe_listen },
	{ "serve", 1, probe_serve },
	{ "connect", 2, probe_connect },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (argc > 1 && strcmp(argv[1], verbs[i].verb) == 0 &&
		    (argc - 2 == verbs[i].n_args || verbs[i].n_args == ANY))
			return verbs[i].run(argv + 2);
	fprintf(stderr, "usage: probe VERB [ARGUMENT]...\n");
	return 64;
}
