/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/filter_policy.h"

#include <check.h>
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "filter_profile.h"

static char logged[1024];

static void remember(enum log_level level, const char *line)
{
	(void)level;
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
}

/* ---- the groups ---- */

START_TEST(test_groups_are_sorted_and_disjoint)
{
	struct filter_policy p = { 0 };
	size_t n = 0;

	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ 0 }, &p), 0);
	for (size_t i = 0; i < n_syscall_groups; i++) {
		const struct syscall_group *g = &syscall_groups[i];
		char name[SYSCALL_NAME_MAX], last[SYSCALL_NAME_MAX] = "";

		ck_assert_msg(g->name[0] == '@', "%s", g->name);
		ck_assert_msg(!g->never || !syscall_is_allowed(g->answer), "%s", g->name);
		ck_assert_uint_eq(p.firsts[i], n);
		for (const char *at = g->calls; (at = syscall_next(at, name)); n++) {
			ck_assert_msg(strcmp(last, name) < 0, "%s: '%s' is out of order", g->name,
				      name);
			strcpy(last, name);
			/* answers differ from all neighbours' if this call is found elsewhere first */
			p.answers[n] = SYSCALL_LOG;
			ck_assert_msg(filter_policy_answer(&p, name) == SYSCALL_LOG,
				      "'%s' is in two groups", name);
			p.answers[n] = (uint8_t)g->answer;
		}
		ck_assert_uint_eq(p.firsts[i + 1], n);
		ck_assert_ptr_null(strstr(g->calls, "  ")); /* what finds a name needs one space */
		ck_assert_msg(*last && g->calls[strlen(g->calls) - 1] != ' ', "%s", g->name);
	}
	ck_assert_uint_eq(p.n_answers, n);
	filter_policy_done(&p);
}
END_TEST

/* A libseccomp that is newer than our table makes this fail, with the names to decide on. */
START_TEST(test_every_call_is_decided)
{
	static const uint32_t machines[] = { SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, SCMP_ARCH_X86 };
	cleanup_free char *missing = xstrdup("");

	for (size_t m = 0; m < ARRAY_LEN(machines); m++) {
		for (int nr = 0; nr <= 1000; nr++) {
			cleanup_free char *name = seccomp_syscall_resolve_num_arch(machines[m], nr);
			bool found = false;

			for (size_t i = 0; i < n_syscall_groups && name; i++) {
				char call[SYSCALL_NAME_MAX];

				for (const char *at = syscall_groups[i].calls;
				     (at = syscall_next(at, call));)
					found = found || strcmp(call, name) == 0;
			}
			if (name && !found) {
				char *more = xasprintf("%s %s", missing, name);

				free(missing);
				missing = more;
			}
		}
	}
	ck_assert_msg(*missing == '\0', "in no group of syscall_groups.c:%s", missing);
}
END_TEST

START_TEST(test_aliases_name_groups)
{
	for (size_t i = 0; i < n_syscall_aliases; i++) {
		bool found = false;

		for (size_t j = 0; j < n_syscall_groups; j++) {
			const char *name = syscall_groups[j].name;

			found = found || strcmp(name, syscall_aliases[i].group) == 0;
			ck_assert_str_ne(name, syscall_aliases[i].alias);
		}
		ck_assert_msg(found, "%s", syscall_aliases[i].group);
	}
}
END_TEST

/* ---- what profiles get ---- */

static const struct {
	const char *what;
	struct filter_profile profile;
	const char *call;
	enum syscall_answer answer;
} answers[] = {
	{ "nothing said", { 0 }, "read", SYSCALL_ALLOW },
	{ "nothing said", { 0 }, "mknodat", SYSCALL_ALLOW },
	{ "nothing said", { 0 }, "ptrace", SYSCALL_EPERM },
	{ "nothing said", { 0 }, "chroot", SYSCALL_EPERM },
	{ "nothing said", { 0 }, "unshare", SYSCALL_EPERM },
	{ "nothing said", { 0 }, "clone3", SYSCALL_ENOSYS },
	{ "nothing said", { 0 }, "no_such_call", SYSCALL_ENOSYS },
	{ "a group allowed", { .allow = "@debug" }, "ptrace", SYSCALL_ALLOW },
	{ "a group allowed", { .allow = "@debug" }, "kcmp", SYSCALL_ALLOW },
	{ "a group allowed", { .allow = "@debug" }, "setns", SYSCALL_EPERM },
	{ "one call allowed", { .allow = "kcmp" }, "kcmp", SYSCALL_ALLOW },
	{ "one call allowed", { .allow = "kcmp" }, "ptrace", SYSCALL_EPERM },
	{ "first call of a group", { .allow = "get_mempolicy" }, "get_mempolicy", SYSCALL_ALLOW },
	{ "last call of a group", { .allow = "ptrace" }, "ptrace", SYSCALL_ALLOW },
	{ "neighbour of a group", { .allow = "@debug" }, "chroot", SYSCALL_EPERM },
	{ "one call denied", { .deny = "openat" }, "openat", SYSCALL_EPERM },
	{ "one call denied", { .deny = "openat" }, "openat2", SYSCALL_ALLOW },
	{ "a group denied", { .deny = "@ipc" }, "shmget", SYSCALL_EPERM },
	{ "a group denied by systemd's name", { .deny = "@network-io" }, "socket", SYSCALL_EPERM },
	{ "deny beats allow", { .allow = "@debug", .deny = "ptrace" }, "ptrace", SYSCALL_EPERM },
	{ "deny beats allow", { .allow = "ptrace", .deny = "@debug" }, "ptrace", SYSCALL_EPERM },
	{ "deny beats allow", { .allow = "ptrace", .deny = "@debug" }, "kcmp", SYSCALL_EPERM },
	{ "denied as it was before",
	  { .allow = "cachestat", .deny = "cachestat" },
	  "cachestat",
	  SYSCALL_ENOSYS },
	{ "a probed call stays so", { .deny = "@opaque" }, "clone3", SYSCALL_ENOSYS },
	{ "nested", { .nested = NESTED_LIMITED }, "unshare", SYSCALL_ALLOW },
	{ "nested", { .nested = NESTED_LIMITED }, "chroot", SYSCALL_ALLOW },
	{ "nested", { .nested = NESTED_LIMITED }, "setns", SYSCALL_EPERM },
	{ "nested", { .nested = NESTED_LIMITED }, "mount", SYSCALL_EPERM },
	{ "deny beats nested",
	  { .nested = NESTED_LIMITED, .deny = "chroot" },
	  "chroot",
	  SYSCALL_EPERM },
	{ "i386", { .architectures = "native i386" }, "modify_ldt", SYSCALL_ALLOW },
	{ "i386", { .architectures = "native" }, "modify_ldt", SYSCALL_ENOSYS },
	{ "i386", { .architectures = "i386", .deny = "modify_ldt" }, "modify_ldt", SYSCALL_ENOSYS },
	{ "log", { .log = "execve" }, "execve", SYSCALL_LOG },
	{ "log", { .log = "@process" }, "execveat", SYSCALL_LOG },
	{ "log after allow", { .log = "@debug", .allow = "ptrace" }, "ptrace", SYSCALL_LOG },
	{ "log grants nothing", { .log = "@debug", .allow = "ptrace" }, "kcmp", SYSCALL_EPERM },
	{ "log twice", { .log = "execve @process" }, "execve", SYSCALL_LOG },
};

START_TEST(test_answer)
{
	struct filter_policy p = { 0 };

	ck_assert_msg(filter_profile_build(&answers[_i].profile, &p) == 0, "%s: %s",
		      answers[_i].what, logged);
	ck_assert_msg(filter_policy_answer(&p, answers[_i].call) == answers[_i].answer,
		      "%s: %s gets answer %d", answers[_i].what, answers[_i].call,
		      (int)filter_policy_answer(&p, answers[_i].call));
	ck_assert_str_eq(logged, "");
	filter_policy_done(&p);
}
END_TEST

static const struct {
	struct filter_profile profile;
	const char *error;
} refused[] = {
	{ { .allow = "ptrace @debugg" },
	  "p.ini:2: no system call or group '@debugg' (did you mean '@debug'?)\n" },
	{ { .deny = "opnat" },
	  "p.ini:1: no system call or group 'opnat' (did you mean 'openat'?)\n" },
	{ { .log = "debug" },
	  "p.ini:1: no system call or group 'debug' (did you mean '@debug'?)\n" },
	{ { .allow = "florbificate" }, "p.ini:1: no system call or group 'florbificate'\n" },
	/* parts of names, and two of them side by side */
	{ { .allow = "'brk capget'" }, "p.ini:1: no system call or group 'brk capget'\n" },
	{ { .allow = "''" }, "p.ini:1: no system call or group ''\n" },
	{ { .deny = "exit_grou" },
	  "p.ini:1: no system call or group 'exit_grou' (did you mean 'exit_group'?)\n" },
	{ { .deny = "rename2" },
	  "p.ini:1: no system call or group 'rename2' (did you mean 'rename'?)\n" },
	{ { .allow = "@" }, "p.ini:1: no system call or group '@'\n" },
	{ { .allow = "Read" }, "p.ini:1: no system call or group 'Read' (did you mean 'read'?)\n" },
	{ { .allow = "clone3" },
	  "p.ini:1: 'clone3' cannot be allowed in any box: what it does lies in memory, where no "
	  "filter can see it\n" },
	{ { .allow = "kcmp @io-uring" },
	  "p.ini:2: '@io-uring' cannot be allowed in any box: what it does lies in memory, where "
	  "no filter can see it\n" },
	{ { .allow = "@keyring" },
	  "p.ini:1: '@keyring' cannot be allowed in any box: no namespace separates the kernel's "
	  "keys from the host's\n" },
	{ { .allow = "mount", .nested = NESTED_LIMITED },
	  "p.ini:1: 'mount' cannot be allowed in any box: it would change what the box is made "
	  "of\n" },
	{ { .allow = "open_by_handle_at", .deny = "open_by_handle_at" },
	  "p.ini:1: 'open_by_handle_at' cannot be allowed in any box: it opens too much of the "
	  "kernel to the box\n" },
	{ { .log = "ptrace" },
	  "p.ini:1: 'ptrace' is denied, and only allowed calls can be logged\n" },
	{ { .log = "@ids", .deny = "@ids" },
	  "p.ini:1: '@ids' is denied, and only allowed calls can be logged\n" },
	{ { .families = "unix vsock" },
	  "p.ini:2: no box can have sockets of family 'vsock', only of unix, inet, inet6 and "
	  "netlink, or none\n" },
	{ { .families = "none unix" }, "p.ini:1: socket family 'none' stands alone\n" },
	{ { .families = "unix none none" }, "p.ini:2: socket family 'none' stands alone\n" },
	{ { .architectures = "native x32" },
	  "p.ini:2: architecture 'x32' is not native or i386\n" },
};

START_TEST(test_refused)
{
	struct filter_policy p = { .n_answers = 12345 };

	ck_assert_int_eq(filter_profile_build(&refused[_i].profile, &p), -EINVAL);
	ck_assert_str_eq(logged, refused[_i].error);
	ck_assert_uint_eq(p.n_answers, 12345);
	ck_assert_ptr_null(p.answers);
}
END_TEST

/* Of a list that is replaced, the origins are too. */
START_TEST(test_origin_after_replacing)
{
	cleanup_config struct config c = { 0 };
	struct filter_policy p = { 0 };
	struct assignment a = { "seccomp", "socket-families", "unix inet", "base.ini:1", false };

	ck_assert_int_eq(config_assign(&c, &a), 0);
	a.value = "unix vsock";
	a.origin = "dev.ini:2";
	ck_assert_int_eq(config_assign(&c, &a), 0);
	ck_assert_int_eq(filter_policy_build(&c, false, &p), -EINVAL);
	ck_assert_str_eq(logged,
			 "dev.ini:2: no box can have sockets of family 'vsock', only of unix, "
			 "inet, inet6 and netlink, or none\n");
}
END_TEST

/* All that DESIGN calls "denied everywhere", by name: a new group must not lose one. */
START_TEST(test_never)
{
	static const char *const never[] = {
		"clone3",
		"mount",
		"umount2",
		"pivot_root",
		"open_tree",
		"move_mount",
		"fsopen",
		"fsconfig",
		"fsmount",
		"fspick",
		"mount_setattr",
		"open_tree_attr",
		"statmount",
		"listmount",
		"add_key",
		"request_key",
		"keyctl",
		"io_uring_setup",
		"io_uring_enter",
		"io_uring_register",
		"userfaultfd",
		"bpf",
		"perf_event_open",
		"open_by_handle_at",
		"init_module",
		"finit_module",
		"kexec_load",
		"kexec_file_load",
		"reboot",
		"swapon",
		"iopl",
		"ioperm",
		"clock_settime",
		"socketcall",
	};

	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		struct filter_policy p = { 0 };

		ck_assert_msg(filter_profile_build(&(struct filter_profile){ .allow = never[i] },
						   &p) == -EINVAL,
			      "%s", never[i]);
		ck_assert_ptr_nonnull(strstr(logged, "cannot be allowed in any box"));
		*logged = '\0';
		ck_assert_int_eq(
			filter_profile_build(&(struct filter_profile){ .nested = NESTED_LIMITED,
								       .architectures = "i386" },
					     &p),
			0);
		ck_assert_msg(!syscall_is_allowed(filter_policy_answer(&p, never[i])), "%s",
			      never[i]);
		filter_policy_done(&p);
	}
}
END_TEST

/* ---- what is judged by arguments ---- */

START_TEST(test_namespaces)
{
	const uint32_t four = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
	struct filter_policy p = { 0 };

	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .allow = "@userns" }, &p),
			 0);
	ck_assert_uint_eq(p.namespaces, 0);
	filter_policy_done(&p);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .nested = NESTED_LIMITED },
					      &p),
			 0);
	ck_assert_uint_eq(p.namespaces, four);
	filter_policy_done(&p);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .nested = NESTED_LIMITED,
									.deny = "@userns" },
					      &p),
			 0);
	ck_assert_uint_eq(p.namespaces, 0);
	filter_policy_done(&p);
}
END_TEST

START_TEST(test_families)
{
	struct filter_policy p = { 0 };

	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ 0 }, &p), 0);
	ck_assert_uint_eq(p.families,
			  1 << AF_UNIX | 1 << AF_INET | 1 << AF_INET6 | 1 << AF_NETLINK);
	ck_assert_uint_eq(p.netlink, 1);
	filter_policy_done(&p);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .families = "unix inet6" },
					      &p),
			 0);
	ck_assert_uint_eq(p.families, 1 << AF_UNIX | 1 << AF_INET6);
	filter_policy_done(&p);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .families = "none" }, &p),
			 0);
	ck_assert_uint_eq(p.families, 0);
	filter_policy_done(&p);
}
END_TEST

static const struct {
	const char *keep;
	bool as_host_root, no_set_id_bits;
} roots[] = {
	{ NULL, false, false },
	{ "fsetid", false, false },
	{ NULL, true, true },
	{ "chown setfcap setuid", true, true },
	{ "setfsetid", true, true },
	{ "cap_", true, true },
	{ "chown fsetid", true, false },
	{ "CAP_FSETID", true, false },
};

START_TEST(test_set_id_bits)
{
	cleanup_filter_policy struct filter_policy p = { 0 };
	cleanup_free char *text = NULL;

	ck_assert_int_eq(filter_profile_build(
				 &(struct filter_profile){ .keep = roots[_i].keep,
							   .as_host_root = roots[_i].as_host_root },
				 &p),
			 0);
	ck_assert_int_eq(p.no_set_id_bits, roots[_i].no_set_id_bits);
	text = filter_policy_text(&p);
	ck_assert_int_eq(strstr(text, "strict\nno-set-id-bits\nallow") != NULL,
			 roots[_i].no_set_id_bits);
}
END_TEST

/* ---- the text ---- */

START_TEST(test_text_begins)
{
	struct filter_policy p = { 0 };
	cleanup_free char *text = NULL;
	const char *begin = "policy 2\n"
			    "architectures native i386\n"
			    "socket-families unix netlink\n"
			    "netlink route\n"
			    "namespaces ipc user pid net\n"
			    "personalities 0x0 0x8 0x20000 0x20008 0x40000 0xffffffff\n"
			    "no-ioctl TIOCCONS=0x541d TIOCLINUX=0x541c TIOCSETD=0x5423 "
			    "TIOCSTI=0x5412\n"
			    "no-inet-type packet=0xa raw=0x3\n"
			    "no-prctl mm=0x23\n"
			    "no-prctl-seccomp strict\n"
			    "allow @base arch_prctl brk ";

	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ .allow = "@debug",
									.log = "vfork",
									.nested = NESTED_LIMITED,
									.families = "netlink unix",
									.architectures =
										"native i386" },
					      &p),
			 0);
	text = filter_policy_text(&p);
	ck_assert_msg(strncmp(text, begin, strlen(begin)) == 0, "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\nlog @process vfork\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "\nallow @userns chroot unshare\neperm @userns setns\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nallow @cpu-emulation modify_ldt\n"
					   "enosys @cpu-emulation vm86 vm86old\n"));
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	filter_policy_done(&p);
}
END_TEST

/* It is the key of a cache: whatever differs must show, and nothing else. */
START_TEST(test_text_tells_policies_apart)
{
	static const struct filter_profile different[] = {
		{ 0 },
		{ .allow = "ptrace" },
		{ .allow = "@debug" },
		{ .allow = "kcmp" },
		{ .deny = "ipc" },
		{ .log = "ipc" },
		{ .deny = "mseal" }, /* libseccomp does not know it, the policy does */
		{ .families = "unix" },
		{ .families = "none" },
		{ .architectures = "i386" },
		{ .nested = NESTED_LIMITED },
		{ .allow = "unshare chroot" },
		{ .as_host_root = true },
	};
	char *texts[ARRAY_LEN(different)];
	struct filter_policy p = { 0 };
	cleanup_free char *same = NULL;

	for (size_t i = 0; i < ARRAY_LEN(different); i++) {
		ck_assert_int_eq(filter_profile_build(&different[i], &p), 0);
		texts[i] = filter_policy_text(&p);
		filter_policy_done(&p);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(texts[i], texts[j]);
	}
	ck_assert_int_eq(filter_profile_build(
				 &(struct filter_profile){ .families = "inet6 unix netlink inet",
							   .architectures = "native",
							   .as_host_root = true,
							   .keep = "fsetid",
							   .deny = "ptrace @mount" },
				 &p),
			 0);
	same = filter_policy_text(&p);
	ck_assert_str_eq(same, texts[0]);
	filter_policy_done(&p);
	for (size_t i = 0; i < ARRAY_LEN(different); i++)
		free(texts[i]);
}
END_TEST

START_TEST(test_done_takes_anything)
{
	struct filter_policy p = { 0 };

	filter_policy_done(&p);
	ck_assert_int_eq(filter_profile_build(&(struct filter_profile){ 0 }, &p), 0);
	filter_policy_done(&p);
	filter_policy_done(&p);
	ck_assert_ptr_null(p.answers);
}
END_TEST

static void setup(void)
{
	*logged = '\0';
	log_set_sink(remember);
}

int main(void)
{
	Suite *suite = suite_create("filter_policy");
	TCase *tc = tcase_create("policy");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_groups_are_sorted_and_disjoint);
	tcase_add_test(tc, test_every_call_is_decided);
	tcase_add_test(tc, test_aliases_name_groups);
	tcase_add_loop_test(tc, test_answer, 0, (int)ARRAY_LEN(answers));
	tcase_add_loop_test(tc, test_refused, 0, (int)ARRAY_LEN(refused));
	tcase_add_test(tc, test_origin_after_replacing);
	tcase_add_test(tc, test_never);
	tcase_add_test(tc, test_namespaces);
	tcase_add_test(tc, test_families);
	tcase_add_loop_test(tc, test_set_id_bits, 0, (int)ARRAY_LEN(roots));
	tcase_add_test(tc, test_text_begins);
	tcase_add_test(tc, test_text_tells_policies_apart);
	tcase_add_test(tc, test_done_takes_anything);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
