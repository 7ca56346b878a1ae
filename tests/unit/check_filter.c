/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/filter.h"

#include <asm/ioctls.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "filter_boxes.h"

#define ALL_HIGH (UINT64_C(0xffffffff) << 32)
#define LOW_WORD UINT64_C(0xffffffff)
#define X32_BIT	 0x40000000

static char logged[1024];

static void remember(enum log_level level, const char *line)
{
	(void)level;
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
}

/* ---- what should be answered, said a second time and without libseccomp ---- */

static bool is_flag_of_none(uint32_t flags, uint32_t permitted)
{
	const uint32_t all = 0x80 | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
			     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

	return (flags & all & ~permitted) == 0;
}

static const char *expect_socket(const struct filter_policy *p, const uint32_t *a, bool pair)
{
	uint32_t type = a[1] & 0xf;

	if (a[0] >= 64 || !(p->families >> a[0] & 1))
		return "EAFNOSUPPORT";
	if (pair)
		return NULL;
	if (a[0] == AF_NETLINK && a[2] != NETLINK_ROUTE)
		return "EPROTONOSUPPORT";
	if ((a[0] == AF_INET || a[0] == AF_INET6) && (type == SOCK_RAW || type == SOCK_PACKET))
		return "EPERM";
	return NULL;
}

/* Of a box whose files are the host root's. */
static const char *expect_set_id(const char *call, const uint32_t *a)
{
	static const char *const second[] = { "chmod", "fchmod", "creat", "mkdir", "mknod", NULL };
	static const char *const third[] = { "fchmodat", "fchmodat2", "mkdirat", "mknodat", NULL };
	const uint32_t creating = 0100 | 020000000;
	uint32_t mode = 0;

	if (strcmp(call, "openat2") == 0)
		return "ENOSYS";
	if (text_is_one_of(call, second))
		mode = a[1];
	else if (text_is_one_of(call, third))
		mode = a[2];
	else if (strcmp(call, "open") == 0)
		mode = a[1] & creating ? a[2] : 0;
	else if (strcmp(call, "openat") == 0)
		mode = a[2] & creating ? a[3] : 0;
	return mode & 06000 ? "EPERM" : NULL;
}

/* The answer for the arguments of an allowed call; NULL: none of its own. */
static const char *expect_arguments(const struct filtered *f, const char *call, const uint32_t *a)
{
	const struct filter_policy *p = &f->policy;
	bool debug = filter_policy_answer(p, "ptrace") == SYSCALL_ALLOW;

	if (strcmp(call, "socketcall") == 0)
		return "ENOSYS";
	if (strcmp(call, "clone") == 0 || strcmp(call, "unshare") == 0)
		return is_flag_of_none(a[0], p->namespaces) ? NULL : "EPERM";
	if (strcmp(call, "socket") == 0 || strcmp(call, "socketpair") == 0)
		return expect_socket(p, a, strcmp(call, "socketpair") == 0);
	if (strcmp(call, "ioctl") == 0)
		return a[1] == TIOCSTI || a[1] == TIOCLINUX || a[1] == TIOCSETD || a[1] == TIOCCONS
			       ? "EPERM"
			       : NULL;
	if (strcmp(call, "prctl") == 0)
		return a[0] == PR_SET_MM || (a[0] == PR_SET_SECCOMP && a[1] == 1) ? "EPERM" : NULL;
	if (strcmp(call, "personality") == 0)
		return a[0] == 0 || a[0] == 8 || a[0] == 0x20000 || a[0] == 0x20008 ||
				       a[0] == 0xffffffff || (debug && a[0] == 0x40000)
			       ? NULL
			       : "EPERM";
	return p->no_set_id_bits ? expect_set_id(call, a) : NULL;
}

/* i386's ipc is let through for the operations it has. */
static bool is_ipc_operation(uint64_t op)
{
	return (op >= 1 && op <= 4) || (op >= 11 && op <= 14) || (op >= 21 && op <= 24);
}

static const char *expect(const struct filtered *f, const char *call, const uint64_t *args)
{
	static const char *const words[] = {
		[SYSCALL_ALLOW] = "allow",
		[SYSCALL_LOG] = "log",
		[SYSCALL_EPERM] = "EPERM",
		[SYSCALL_ENOSYS] = "ENOSYS",
	};
	enum syscall_answer answer = filter_policy_answer(&f->policy, call);
	uint32_t low[FILTER_ARGUMENTS] = { (uint32_t)args[0], (uint32_t)args[1], (uint32_t)args[2],
					   (uint32_t)args[3] };
	const char *special = expect_arguments(f, call, low);

	if (strcmp(call, "ipc") == 0 && !is_ipc_operation(args[0]))
		return "ENOSYS";
	if (!syscall_is_allowed(answer))
		return words[answer];
	return special ? special : words[answer];
}

/* ---- every number ---- */

/* ck_assert() costs a system call each even when all is well: not for a million. */
static void require(const struct filtered *f, uint32_t arch, int nr, const char *call,
		    const uint64_t *args, const char *expected)
{
	const char *answer = filtered_ask(f, arch, nr, args);

	if (strcmp(answer, expected) != 0)
		ck_abort_msg(
			"%s %s, ABI 0x%x: %s %d (0x%llx, 0x%llx, 0x%llx, 0x%llx) gets %s, not %s",
			f->box->name, f->box->abi, arch, call ? call : "?", nr,
			(unsigned long long)args[0], (unsigned long long)args[1],
			(unsigned long long)args[2], (unsigned long long)args[3], answer, expected);
}

static const uint64_t zeros[FILTER_ARGUMENTS];

START_TEST(test_every_number)
{
	static const int beyond[] = { FILTER_NUMBER_MAX + 1, 9999, X32_BIT - 1, -1 };
	const struct filter_box *box = &filter_boxes[_i];
	cleanup_filtered struct filtered f = filtered_make(box);

	for (int nr = 0; nr <= FILTER_NUMBER_MAX; nr++) {
		cleanup_free char *call = seccomp_syscall_resolve_num_arch(box->call_arch, nr);

		require(&f, box->call_arch, nr, call, zeros,
			call ? expect(&f, call, zeros) : "ENOSYS");
	}
	for (size_t i = 0; i < ARRAY_LEN(beyond); i++)
		require(&f, box->call_arch, beyond[i], NULL, zeros, "ENOSYS");
}
END_TEST

START_TEST(test_foreign_abi_is_killed)
{
	static const uint32_t machines[] = {
		SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, 0, 0xffffffff
	};
	cleanup_filtered struct filtered f = filtered_make(&filter_boxes[_i]);

	for (int nr = 0; nr <= FILTER_NUMBER_MAX; nr++) {
		for (size_t m = 0; m < ARRAY_LEN(machines); m++)
			if (machines[m] != f.box->arch &&
			    !(machines[m] == SCMP_ARCH_X86 && f.policy.i386))
				require(&f, machines[m], nr, NULL, zeros, "kill");
		if (f.box->arch == SCMP_ARCH_X86_64)
			require(&f, SCMP_ARCH_X86_64, X32_BIT | nr, NULL, zeros, "kill");
	}
}
END_TEST

/* ---- arguments ---- */

static const char *const judged[] = { "clone", "unshare",     "socket",	    "socketpair", "ioctl",
				      "prctl", "personality", "socketcall", "ipc" };

static uint64_t random_bits(void)
{
	static uint64_t state = 1; /* the same in every run */

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Something that a rule may look for, or a neighbour of it, or anything. */
static uint64_t random_argument(void)
{
	static const uint64_t likely[] = { 0,
					   1,
					   2,
					   3,
					   10,
					   16,
					   0x80003,
					   0x80803,
					   8,
					   0x20000,
					   0x20008,
					   0x40000,
					   0x400000,
					   0xffffffff,
					   SIGCHLD,
					   0x3d0f00,
					   TIOCSTI,
					   TIOCLINUX,
					   TIOCSETD,
					   TIOCCONS,
					   TCGETS,
					   PR_SET_MM,
					   22,
					   40,
					   CLONE_NEWNS,
					   CLONE_NEWUSER,
					   CLONE_NEWPID,
					   CLONE_NEWNET,
					   CLONE_NEWIPC,
					   CLONE_NEWUTS,
					   CLONE_NEWCGROUP,
					   0x80 };
	uint64_t value = likely[random_bits() % ARRAY_LEN(likely)];

	switch (random_bits() % 6) {
	case 0:
		return random_bits();
	case 1:
		return value ^ UINT64_C(1) << (random_bits() % 64);
	case 2:
		return value | (random_bits() & ALL_HIGH);
	case 3:
		return value | likely[random_bits() % ARRAY_LEN(likely)];
	case 4:
		return random_bits() % 64;
	default:
		return value;
	}
}

START_TEST(test_arguments_at_random)
{
	cleanup_filtered struct filtered f = filtered_make(&filter_boxes[_i]);
	uint32_t arch = f.box->call_arch;
	int numbers[ARRAY_LEN(judged)];

	for (size_t i = 0; i < ARRAY_LEN(judged); i++)
		numbers[i] = filter_call_number(arch, judged[i]);
	for (int i = 0; i < 40000; i++) {
		size_t call = random_bits() % ARRAY_LEN(judged);
		uint64_t args[FILTER_ARGUMENTS];

		for (size_t j = 0; j < ARRAY_LEN(args); j++) {
			args[j] = random_argument();
			if (arch == SCMP_ARCH_X86)
				args[j] &= LOW_WORD; /* no more reaches the kernel there */
		}
		if (numbers[call] >= 0)
			require(&f, arch, numbers[call], judged[call], args,
				expect(&f, judged[call], args));
	}
}
END_TEST

/* Calls with modes: every value in every place. */
START_TEST(test_modes)
{
	static const char *const calls[] = { "chmod",  "fchmod",  "fchmodat", "fchmodat2", "creat",
					     "mkdir",  "mkdirat", "mknod",    "mknodat",   "open",
					     "openat", "openat2", "umask",    "symlinkat" };
	static const uint64_t values[] = {
		0,
		0755,
		04000,
		02000,
		ALL_HIGH | 01777,
		S_IFREG | 06755,
		O_CREAT,
		O_TMPFILE & ~O_DIRECTORY,
		ALL_HIGH | O_TMPFILE | O_RDWR,
		O_DIRECTORY | O_RDONLY | O_CLOEXEC,
		UINT64_C(020006100) << 32,
	};
	const size_t n = ARRAY_LEN(values);
	cleanup_filtered struct filtered f = filtered_make(&filter_boxes[_i]);
	uint32_t arch = f.box->call_arch;

	for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
		int nr = filter_call_number(arch, calls[c]);

		for (size_t i = 0; i < n * n * n * n && nr >= 0; i++) {
			uint64_t args[] = { values[i % n], values[i / n % n], values[i / n / n % n],
					    values[i / n / n / n] };

			for (size_t j = 0; j < ARRAY_LEN(args) && arch == SCMP_ARCH_X86; j++)
				args[j] &= LOW_WORD;
			require(&f, arch, nr, calls[c], args, expect(&f, calls[c], args));
		}
	}
}
END_TEST

/* ---- the image ---- */

START_TEST(test_image_check)
{
	cleanup_filtered struct filtered f = filtered_make(&filter_boxes[0]);
	struct filter_image_header *h = f.image, good = *h;

	ck_assert_uint_eq(h->arch, SCMP_ARCH_X86_64);
	ck_assert_int_eq(filter_image_check(f.image, f.size), 0);
	ck_assert_int_eq(filter_image_check(f.image, f.size - 1), -EINVAL);
	ck_assert_int_eq(filter_image_check(f.image, f.size - 8), -EINVAL);
	ck_assert_int_eq(filter_image_check(f.image, sizeof(*h) - 1), -EINVAL);
	ck_assert_int_eq(filter_image_check(f.image, 0), -EINVAL);
	h->magic[0] ^= 1;
	ck_assert_int_eq(filter_image_check(f.image, f.size), -EINVAL);
	*h = good;
	h->n_main = 0;
	h->n_arguments = good.n_main + good.n_arguments;
	ck_assert_int_eq(filter_image_check(f.image, f.size), -EINVAL);
	*h = good;
	h->n_main += 1;
	ck_assert_int_eq(filter_image_check(f.image, f.size), -EINVAL);
	*h = good;
	h->n_main = 0x80000000; /* times 8 wraps in 32 bits */
	ck_assert_int_eq(filter_image_check(f.image, f.size), -EINVAL);
	*h = good;
	h->reserved = 1;
	ck_assert_int_eq(filter_image_check(f.image, f.size), -EINVAL);
	*h = good;
	ck_assert_int_eq(filter_image_check(f.image, f.size), 0);
}
END_TEST

START_TEST(test_damaged_image_is_not_installed)
{
	cleanup_filtered struct filtered f = filtered_make(&filter_boxes[0]);

	ck_assert_int_eq(filter_install(f.image, f.size - 8), -EINVAL);
	ck_assert_str_eq(logged, "the compiled system call filter is damaged: Invalid argument\n");
}
END_TEST

START_TEST(test_compile_refuses)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	cleanup_libseccomp struct libseccomp lib = { 0 };
	struct filter_policy p = { 0 };
	int ends[2];

	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .architectures = "i386" },
					      &p),
			 0);
	ck_assert_int_eq(filter_compile(&lib, &p, SCMP_ARCH_AARCH64, fd, NULL, NULL), -EINVAL);
	ck_assert_str_eq(logged, "architecture i386 needs an x86-64 machine\n");
	*logged = '\0';
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(filter_compile(&lib, &p, SCMP_ARCH_X86_64, ends[1], NULL, NULL), -ESPIPE);
	ck_assert_str_eq(logged, "cannot write the system call filter: Illegal seek\n");
	filter_policy_done(&p);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

static void setup(void)
{
	*logged = '\0';
	log_set_sink(remember);
}

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tc = tcase_create("filter");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_every_number, 0, (int)n_filter_boxes);
	tcase_add_loop_test(tc, test_foreign_abi_is_killed, 0, (int)n_filter_boxes);
	tcase_add_loop_test(tc, test_arguments_at_random, 0, (int)n_filter_boxes);
	tcase_add_loop_test(tc, test_modes, 0, (int)n_filter_boxes);
	tcase_add_test(tc, test_image_check);
	tcase_add_test(tc, test_damaged_image_is_not_installed);
	tcase_add_test(tc, test_compile_refuses);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
