/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <asm/ioctls.h>
#include <check.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"
#include "filter_boxes.h"

/*
 * The filters as a table that people read: filter-table.txt, one line for each
 * call by name and for telling arguments. It is reviewed when it changes;
 * UPDATE_TABLE=1 writes it anew. That the answers are right is check_filter's
 * business.
 */

#define HIGH	 (UINT64_C(1) << 32)
#define ALL_HIGH (UINT64_C(0xffffffff) << 32)

#define CALL(call, ...)             \
	{                           \
		call, #__VA_ARGS__, \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

static const struct {
	const char *call, *arguments;
	uint64_t args[FILTER_ARGUMENTS];
} shown[] = {
	CALL("clone", SIGCHLD),
	CALL("clone", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD),
	CALL("clone", SIGCHLD | CLONE_NEWUSER),
	CALL("clone", SIGCHLD | CLONE_NEWPID),
	CALL("clone", SIGCHLD | CLONE_NEWNET),
	CALL("clone", SIGCHLD | CLONE_NEWIPC),
	CALL("clone", SIGCHLD | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC),
	CALL("clone", SIGCHLD | CLONE_NEWNS),
	CALL("clone", SIGCHLD | CLONE_NEWUSER | CLONE_NEWNS),
	CALL("clone", SIGCHLD | CLONE_NEWUTS),
	CALL("clone", SIGCHLD | CLONE_NEWCGROUP),
	CALL("clone", HIGH | CLONE_NEWNS),
	CALL("unshare", CLONE_FS | CLONE_FILES),
	CALL("unshare", CLONE_NEWUSER),
	CALL("unshare", CLONE_NEWUSER | CLONE_NEWNET),
	CALL("unshare", CLONE_NEWNS),
	CALL("unshare", CLONE_NEWTIME),
	CALL("unshare", CLONE_NEWUSER | CLONE_NEWNS),
	CALL("socket", AF_UNSPEC, SOCK_STREAM),
	CALL("socket", AF_UNIX, SOCK_STREAM),
	CALL("socket", HIGH | AF_UNIX, SOCK_STREAM),
	CALL("socket", AF_UNIX, SOCK_RAW),
	CALL("socket", AF_INET, SOCK_STREAM),
	CALL("socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK),
	CALL("socket", AF_INET, SOCK_RAW),
	CALL("socket", AF_INET, SOCK_RAW | SOCK_CLOEXEC),
	CALL("socket", AF_INET, SOCK_RAW | SOCK_NONBLOCK),
	CALL("socket", AF_INET, HIGH | SOCK_RAW),
	CALL("socket", ALL_HIGH | AF_INET, SOCK_RAW),
	CALL("socket", AF_INET, SOCK_PACKET),
	CALL("socket", AF_INET6, SOCK_DGRAM),
	CALL("socket", AF_INET6, SOCK_RAW | SOCK_CLOEXEC),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, HIGH | NETLINK_ROUTE),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, HIGH | NETLINK_NETFILTER),
	CALL("socket", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT),
	CALL("socket", AF_PACKET, SOCK_RAW),
	CALL("socket", AF_CAN, SOCK_RAW),
	CALL("socket", AF_BLUETOOTH, SOCK_RAW),
	CALL("socket", AF_RXRPC, SOCK_DGRAM),
	CALL("socket", AF_ALG, SOCK_SEQPACKET),
	CALL("socket", HIGH | AF_ALG, SOCK_SEQPACKET),
	CALL("socket", AF_VSOCK, SOCK_STREAM),
	CALL("socket", AF_XDP, SOCK_RAW),
	CALL("socket", AF_MAX, SOCK_STREAM),
	CALL("socket", 0x10000 | AF_UNIX, SOCK_STREAM),
	CALL("socketpair", AF_UNIX, SOCK_STREAM),
	CALL("socketpair", AF_TIPC, SOCK_SEQPACKET),
	CALL("socketcall", 1),
	CALL("socketcall", 3),
	CALL("ioctl", 0, TCGETS),
	CALL("ioctl", 0, TIOCGWINSZ),
	CALL("ioctl", 0, TIOCNOTTY),
	CALL("ioctl", 0, TIOCSTI),
	CALL("ioctl", 0, HIGH | TIOCSTI),
	CALL("ioctl", 0, ALL_HIGH | TIOCSTI),
	CALL("ioctl", 0, TIOCLINUX),
	CALL("ioctl", 0, HIGH | TIOCLINUX),
	CALL("ioctl", 0, TIOCSETD),
	CALL("ioctl", 0, TIOCCONS),
	CALL("personality", 0x0),
	CALL("personality", 0x8),
	CALL("personality", 0x20000),
	CALL("personality", 0x20008),
	CALL("personality", 0x40000),
	CALL("personality", 0x400000),
	CALL("personality", 0xffffffff),
	CALL("personality", HIGH | 0x400000),
	CALL("prctl", PR_SET_NAME),
	CALL("prctl", PR_SET_NO_NEW_PRIVS, 1),
	CALL("prctl", PR_SET_MM),
	CALL("prctl", HIGH | PR_SET_MM),
	CALL("prctl", PR_SET_SECCOMP, 1),
	CALL("prctl", PR_SET_SECCOMP, 2),
	CALL("chmod", 0, 0755),
	CALL("chmod", 0, 01777),
	CALL("chmod", 0, 04755),
	CALL("chmod", 0, 02755),
	CALL("chmod", 0, HIGH | 04755),
	CALL("fchmod", 0, 0755),
	CALL("fchmod", 0, 04755),
	CALL("fchmodat", 0, 0, 0755),
	CALL("fchmodat", 0, 0, 04755),
	CALL("fchmodat2", 0, 0, 0755),
	CALL("fchmodat2", 0, 0, 02755),
	CALL("mkdir", 0, 01777),
	CALL("mkdir", 0, 02755),
	CALL("mkdirat", 0, 0, 0755),
	CALL("mkdirat", 0, 0, 04755),
	CALL("mknod", 0, S_IFREG | 0755),
	CALL("mknod", 0, S_IFREG | 04755),
	CALL("mknodat", 0, 0, S_IFIFO | 0755),
	CALL("mknodat", 0, 0, S_IFREG | 02755),
	CALL("creat", 0, 0755),
	CALL("creat", 0, 06755),
	CALL("open", 0, O_RDONLY, 04755),
	CALL("open", 0, O_CREAT | O_WRONLY, 0755),
	CALL("open", 0, O_CREAT | O_WRONLY, 04755),
	CALL("open", 0, O_TMPFILE | O_WRONLY, 02755),
	CALL("openat", 0, 0, O_RDONLY | O_DIRECTORY, 04755),
	CALL("openat", 0, 0, O_CREAT | O_WRONLY, 0755),
	CALL("openat", 0, 0, O_CREAT | O_WRONLY, 04755),
	CALL("openat", 0, 0, O_CREAT | O_WRONLY, HIGH | 02755),
	CALL("openat", 0, 0, O_TMPFILE | O_WRONLY, 0755),
	CALL("openat", 0, 0, O_TMPFILE | O_WRONLY, 04755),
	CALL("ipc", 21),
	CALL("ipc", 0),
};

static void print_numbers(FILE *out, const struct filtered *f, const struct filtered *base)
{
	const struct filter_box *box = f->box;

	for (int nr = 0; nr <= FILTER_NUMBER_MAX; nr++) {
		cleanup_free char *call = seccomp_syscall_resolve_num_arch(box->call_arch, nr);
		char answer[32];

		if (!call)
			continue;
		snprintf(answer, sizeof(answer), "%s", filtered_ask(f, box->call_arch, nr, NULL));
		if (!base || strcmp(answer, filtered_ask(base, box->call_arch, nr, NULL)) != 0)
			fprintf(out, "%s %s %s %s\n", box->abi, box->name, call, answer);
	}
}

static void print_arguments(FILE *out, const struct filtered *f, const struct filtered *base)
{
	const struct filter_box *box = f->box;

	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		int nr = filter_call_number(box->call_arch, shown[i].call);
		char answer[32];

		if (nr < 0)
			continue;
		snprintf(answer, sizeof(answer), "%s",
			 filtered_ask(f, box->call_arch, nr, shown[i].args));
		if (!base ||
		    strcmp(answer, filtered_ask(base, box->call_arch, nr, shown[i].args)) != 0)
			fprintf(out, "%s %s %s(%s) %s\n", box->abi, box->name, shown[i].call,
				shown[i].arguments, answer);
	}
}

static char *make_table(void)
{
	const struct scmp_version *v = seccomp_version();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out,
		"# ABI, box, call: answer. Names as in libseccomp %u.%u.%u; others get ENOSYS.\n",
		v->major, v->minor, v->micro);
	for (size_t i = 0; i < n_filter_boxes; i++) {
		const struct filter_box *box = &filter_boxes[i];
		cleanup_filtered struct filtered f = filtered_make(box), base = { 0 };

		fprintf(out, "\n# %s %s: ", box->abi, box->name);
		if (box->base >= 0) {
			base = filtered_make(&filter_boxes[box->base]);
			fprintf(out, "as %s %s, but\n", base.box->abi, base.box->name);
		} else {
			fprintf(out, "all\n");
		}
		print_arguments(out, &f, base.box ? &base : NULL);
		print_numbers(out, &f, base.box ? &base : NULL);
	}
	fclose(out);
	return text;
}

/* Is this line about a call that this machine's libseccomp has no name for? */
static bool is_unknown_here(const char *line)
{
	char abi[16], call[64];
	uint32_t arch = SCMP_ARCH_X86_64;

	if (sscanf(line, "%15s %*s %63[^( ]", abi, call) != 2)
		return false;
	if (strcmp(abi, "aarch64") == 0)
		arch = SCMP_ARCH_AARCH64;
	if (strcmp(abi, "i386") == 0)
		arch = SCMP_ARCH_X86;
	return *line != '#' && filter_call_number(arch, call) < 0;
}

/* Is there no line about the call of this line, "ABI BOX CALL ANSWER", in table? */
static bool is_unknown_there(const char *line, const char *table)
{
	size_t key = strcspn(line, "(\n");
	cleanup_free char *begin = NULL;

	if (line[key] == '(' || *line == '#')
		return false;
	while (line[key - 1] != ' ')
		key--;
	begin = xasprintf("\n%.*s", (int)key, line);
	return strstr(table, begin) == NULL;
}

/*
 * Line by line. A libseccomp that is older or newer than the table's knows
 * fewer or more names; those lines do not count.
 */
static void compare(const char *path, const char *table, const char *made)
{
	bool same_library = strncmp(table, made, strcspn(made, "\n")) == 0;
	const char *a = made + strcspn(made, "\n"), *b = table + strcspn(table, "\n");

	while (*a || *b) {
		size_t n = strcspn(a, "\n") + (*a != '\0'), m = strcspn(b, "\n") + (*b != '\0');

		if (n == m && memcmp(a, b, n) == 0) {
			a += n;
			b += m;
		} else if (*b && is_unknown_here(b)) {
			b += m;
		} else if (*a && !same_library && is_unknown_there(a, table)) {
			a += n;
		} else {
			ck_abort_msg("%s says\n\t%.*sbut it is\n\t%.*s", path, (int)m, b, (int)n,
				     a);
		}
	}
}

START_TEST(test_table)
{
	const char *top = getenv("top_srcdir");
	cleanup_free char *path = xasprintf("%s/tests/unit/filter-table.txt", top ? top : ".");
	cleanup_free char *made = make_table(), *table = NULL;

	if (getenv("UPDATE_TABLE")) {
		cleanup_file FILE *out = fopen(path, "we");

		ck_assert_msg(out && fputs(made, out) >= 0, "cannot write '%s'", path);
		return;
	}
	ck_assert_msg(fs_read_file(AT_FDCWD, path, 1 << 20, &table, NULL) == 0, "no '%s'", path);
	compare(path, table, made);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter_table");
	TCase *tc = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, test_table);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
