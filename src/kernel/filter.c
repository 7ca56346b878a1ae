/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/syscalls.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* Linux 5.6 */
#endif

#define FILTER_INSTRUCTIONS_MAX 4096 /* the kernel's BPF_MAXINSNS */
#define SOCKET_TYPE_MASK	0xf  /* above it: SOCK_CLOEXEC, SOCK_NONBLOCK */

/*
 * The kernel reads 32 bits of all arguments that are judged here, a filter
 * sees 64: the others must not count (CVE-2019-10063).
 */
#define LOW_WORD 0xffffffffU

/* i386's old ways to many calls at once; main gets them from libseccomp unasked. */
static const char *const multiplexers[] = { "ipc", "socketcall", NULL };

/* A filter that is being made. */
struct draft {
	const struct libseccomp *lib;
	scmp_filter_ctx ctx;
};

static void release(struct draft *d)
{
	if (d->ctx)
		d->lib->release(d->ctx);
}

#define cleanup_draft __attribute__((cleanup(release)))

static int set_up(const struct draft *d, const struct filter_policy *p, uint32_t arch)
{
	const struct libseccomp *lib = d->lib;
	uint32_t native = lib->arch_native();
	int r = 0;

	if (arch != native) {
		r = lib->arch_add(d->ctx, arch);
		if (r == 0)
			r = lib->arch_remove(d->ctx, native);
	}
	if (r == 0 && p->i386)
		r = lib->arch_add(d->ctx, SCMP_ARCH_X86);
	/* A program that changes ABI has no good reason; ENOSYS would let it go on. */
	if (r == 0)
		r = lib->attr_set(d->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A tree: the kernel simulates every call once when it installs the filter. */
	if (r == 0)
		r = lib->attr_set(d->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = lib->attr_set(d->ctx, SCMP_FLTATR_CTL_NNP, 0);
	return r;
}

static int refuse(const struct draft *d, int err, const char *call, unsigned int n,
		  const struct scmp_arg_cmp *conditions)
{
	int nr = d->lib->syscall_resolve_name(call);
	int r;

	if (nr == __NR_SCMP_ERROR)
		return log_errno(ENOSYS, "cannot filter '%s', which libseccomp does not know",
				 call);
	r = d->lib->rule_add_array(d->ctx, SCMP_ACT_ERRNO(err), nr, n, conditions);
	if (r < 0)
		return log_errno(r, "cannot filter the arguments of '%s'", call);
	return 0;
}

/* ---- main: every call by its name ---- */

/* A rule of the main filter, before it is added. */
struct call_rule {
	int nr;
	uint32_t action;
};

/* The rule for a call, in *ret. Returns 1, or 0 if none is needed. */
static int rule_for(const struct draft *d, const char *call, enum syscall_answer answer,
		    struct call_rule *ret)
{
	uint32_t action = SCMP_ACT_ALLOW;

	switch (answer) {
	case SYSCALL_ALLOW:
		break;
	case SYSCALL_LOG:
		action = SCMP_ACT_LOG;
		break;
	case SYSCALL_EPERM:
		action = SCMP_ACT_ERRNO(EPERM);
		break;
	case SYSCALL_ENOSYS:
		return 0; /* the default, and libseccomp refuses a rule that says the same */
	}
	*ret = (struct call_rule){ d->lib->syscall_resolve_name(call), action };
	if (ret->nr != __NR_SCMP_ERROR)
		return 1;
	log_debug("filter: libseccomp does not know '%s', so it gets ENOSYS", call);
	return 0;
}

/* Highest number first: libseccomp keeps a list in rising order, and walks it for each rule. */
static int compare_rules(const void *a, const void *b)
{
	const struct call_rule *x = a, *y = b;

	return x->nr < y->nr ? 1 : x->nr > y->nr ? -1 : 0;
}

static int add_rules(const struct draft *d, struct call_rule *rules, size_t n)
{
	if (n > 0)
		qsort(rules, n, sizeof(*rules), compare_rules);
	for (size_t i = 0; i < n; i++) {
		int r = d->lib->rule_add_array(d->ctx, rules[i].action, rules[i].nr, 0, NULL);

		if (r < 0)
			return log_errno(r, "cannot filter system call %d", rules[i].nr);
	}
	return 0;
}

static bool is_multiplexer(const char *call)
{
	for (const char *const *m = multiplexers; *m; m++)
		if (strcmp(*m, call) == 0)
			return true;
	return false;
}

static int fill_main(const struct draft *d, const struct filter_policy *p)
{
	cleanup_free struct call_rule *rules = xcalloc(p->n_answers, sizeof(*rules));
	const uint8_t *answer = p->answers;
	size_t n = 0;

	for (size_t i = 0; i < n_syscall_groups; i++) {
		char name[SYSCALL_NAME_MAX];

		for (const char *at = syscall_groups[i].calls; (at = syscall_next(at, name));
		     answer++)
			if (!is_multiplexer(name))
				n += (size_t)rule_for(d, name, *answer, &rules[n]);
	}
	return add_rules(d, rules, n);
}

/* ---- the second: calls that are allowed, but not with every argument ---- */

/* Refuse `call` with err when argument arg is none of values, and `when` holds, if given. */
struct refusal {
	const struct draft *d;
	const char *call;
	int err;
	unsigned int arg;
	const uint32_t *values;
	size_t n;
	const struct scmp_arg_cmp *when;
};

/*
 * All 32-bit numbers but a few, as the fewest aligned blocks: one rule for
 * each subtree of the tree of bits that has none of the values in it. Rules
 * can only compare with a mask, and "not equal" of two values would be an
 * and, not an or.
 */
static int refuse_block(const struct refusal *f, unsigned int depth, uint32_t prefix)
{
	uint32_t mask = depth == 0 ? 0 : LOW_WORD << (32 - depth);
	struct scmp_arg_cmp conditions[2] = { SCMP_CMP64(f->arg, SCMP_CMP_MASKED_EQ, mask,
							 prefix) };
	bool has_value = false;
	int r;

	for (size_t i = 0; i < f->n; i++)
		has_value = has_value || (f->values[i] & mask) == prefix;
	if (!has_value) {
		if (f->when)
			conditions[1] = *f->when;
		return refuse(f->d, f->err, f->call, f->when ? 2 : 1, conditions);
	}
	if (depth == 32)
		return 0;
	r = refuse_block(f, depth + 1, prefix);
	if (r < 0)
		return r;
	return refuse_block(f, depth + 1, prefix | UINT32_C(1) << (31 - depth));
}

static int refuse_others(const struct refusal *f)
{
	/* Then the one block is everything, and a comparison with mask 0 compares nothing. */
	if (f->n == 0)
		return refuse(f->d, f->err, f->call, f->when ? 1 : 0, f->when);
	return refuse_block(f, 0, 0);
}

static int refuse_if_equal(const struct draft *d, const char *call, unsigned int arg,
			   const struct filter_argument *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct scmp_arg_cmp condition =
			SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, LOW_WORD, list[i].value);
		int r = refuse(d, EPERM, call, 1, &condition);

		if (r < 0)
			return r;
	}
	return 0;
}

static size_t bits_to_values(uint64_t bits, uint32_t *values)
{
	size_t n = 0;

	for (uint32_t i = 0; i < 64; i++)
		if (bits >> i & 1)
			values[n++] = i;
	return n;
}

/* CLONE_NEW* of clone and unshare: one rule a bit. s390 has the arguments the other way round. */
static int refuse_namespaces(const struct draft *d, const struct filter_policy *p, uint32_t arch)
{
	static const uint32_t flags[] = {
		CLONE_NEWTIME, CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS,
		CLONE_NEWIPC,  CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
	};
	bool swapped = arch == SCMP_ARCH_S390 || arch == SCMP_ARCH_S390X;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		struct scmp_arg_cmp of_clone =
			SCMP_CMP64(swapped, SCMP_CMP_MASKED_EQ, flags[i], flags[i]);
		struct scmp_arg_cmp of_unshare =
			SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, flags[i], flags[i]);
		int r;

		if (p->namespaces & flags[i])
			continue;
		r = refuse(d, EPERM, "clone", 1, &of_clone);
		if (r == 0)
			r = refuse(d, EPERM, "unshare", 1, &of_unshare);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Families for socket, and for socketpair too, since some (TIPC) make pairs.
 * Raw packets are for inet and inet6 only: netlink calls itself raw as well.
 */
static int refuse_sockets(const struct draft *d, const struct filter_policy *p)
{
	static const uint32_t inet[] = { AF_INET, AF_INET6 };
	uint32_t families[64];
	struct refusal f = { .d = d,
			     .call = "socket",
			     .err = EAFNOSUPPORT,
			     .arg = 0,
			     .values = families,
			     .n = bits_to_values(p->families, families) };
	int r = refuse_others(&f);

	if (r < 0)
		return r;
	f.call = "socketpair";
	r = refuse_others(&f);
	for (size_t i = 0; i < ARRAY_LEN(inet) && r == 0; i++) {
		for (size_t j = 0; j < n_filter_denied_types && r == 0; j++) {
			struct scmp_arg_cmp c[] = {
				SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, LOW_WORD, inet[i]),
				SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK,
					   filter_denied_types[j].value),
			};

			if (p->families >> inet[i] & 1)
				r = refuse(d, EPERM, "socket", 2, c);
		}
	}
	return r;
}

static int refuse_netlink(const struct draft *d, const struct filter_policy *p)
{
	struct scmp_arg_cmp netlink = SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, LOW_WORD, AF_NETLINK);
	uint32_t protocols[64];
	struct refusal f = { .d = d,
			     .call = "socket",
			     .err = EPROTONOSUPPORT,
			     .arg = 2,
			     .values = protocols,
			     .n = bits_to_values(p->netlink, protocols),
			     .when = &netlink };

	if (!(p->families >> AF_NETLINK & 1))
		return 0;
	return refuse_others(&f);
}

static int refuse_prctl(const struct draft *d)
{
	struct scmp_arg_cmp strict[] = {
		SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, LOW_WORD, PR_SET_SECCOMP),
		SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, LOW_WORD, SECCOMP_MODE_STRICT),
	};
	int r = refuse_if_equal(d, "prctl", 0, filter_denied_prctls, n_filter_denied_prctls);

	return r < 0 ? r : refuse(d, EPERM, "prctl", ARRAY_LEN(strict), strict);
}

/* A call that sets a mode: in which argument; and in which the flags are that let it count. */
struct mode_call {
	const char *name;
	unsigned int mode, flags; /* flags 0: it always counts */
};

static int refuse_mode(const struct draft *d, const struct mode_call *c, uint32_t bit)
{
	static const uint32_t creating[] = { O_CREAT, O_TMPFILE & ~O_DIRECTORY };
	struct scmp_arg_cmp conditions[2] = { SCMP_CMP64(c->mode, SCMP_CMP_MASKED_EQ, bit, bit) };
	int r = 0;

	if (!c->flags)
		return refuse(d, EPERM, c->name, 1, conditions);
	for (size_t i = 0; i < ARRAY_LEN(creating) && r == 0; i++) {
		conditions[1] = SCMP_CMP64(c->flags, SCMP_CMP_MASKED_EQ, creating[i], creating[i]);
		r = refuse(d, EPERM, c->name, 2, conditions);
	}
	return r;
}

/*
 * On the host, a set-ID file of root's would make root of whoever runs it.
 * The mode of openat2 lies in memory; without that call programs go back to
 * openat. What libseccomp has no name for gets ENOSYS from main.
 */
static int refuse_set_id_bits(const struct draft *d)
{
	static const struct mode_call calls[] = {
		{ "chmod", 1, 0 },     { "fchmod", 1, 0 }, { "fchmodat", 2, 0 },
		{ "fchmodat2", 2, 0 }, { "creat", 1, 0 },  { "mkdir", 1, 0 },
		{ "mkdirat", 2, 0 },   { "mknod", 1, 0 },  { "mknodat", 2, 0 },
		{ "open", 2, 1 },      { "openat", 3, 2 },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(calls) && r == 0; i++) {
		if (d->lib->syscall_resolve_name(calls[i].name) == __NR_SCMP_ERROR)
			continue;
		r = refuse_mode(d, &calls[i], S_ISUID);
		if (r == 0)
			r = refuse_mode(d, &calls[i], S_ISGID);
	}
	if (r == 0 && d->lib->syscall_resolve_name("openat2") != __NR_SCMP_ERROR)
		r = refuse(d, ENOSYS, "openat2", 0, NULL);
	return r;
}

/*
 * For i386 libseccomp turns an allowed accept() into an allowed
 * socketcall(SYS_ACCEPT), and socket() by family into socketcall(SYS_SOCKET)
 * of any family, as those arguments lie in memory. Main's default is ENOSYS
 * already, so only here can a rule say so; it comes before all others.
 */
static int refuse_multiplexers(const struct draft *d, const struct filter_policy *p)
{
	for (const char *const *m = multiplexers; *m; m++) {
		enum syscall_answer answer = filter_policy_answer(p, *m);
		int r;

		if (syscall_is_allowed(answer))
			continue;
		r = refuse(d, answer == SYSCALL_EPERM ? EPERM : ENOSYS, *m, 0, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int fill_arguments(const struct draft *d, const struct filter_policy *p, uint32_t arch)
{
	const struct refusal personality = { .d = d,
					     .call = "personality",
					     .err = EPERM,
					     .arg = 0,
					     .values = p->personalities,
					     .n = p->n_personalities };
	int r = 0;

	if (p->i386)
		r = refuse_multiplexers(d, p);
	if (r == 0)
		r = refuse_namespaces(d, p, arch);
	if (r == 0)
		r = refuse_sockets(d, p);
	if (r == 0)
		r = refuse_netlink(d, p);
	if (r == 0)
		r = refuse_others(&personality);
	if (r == 0)
		r = refuse_if_equal(d, "ioctl", 1, filter_denied_ioctls, n_filter_denied_ioctls);
	if (r == 0)
		r = refuse_prctl(d);
	if (r == 0 && p->no_set_id_bits)
		r = refuse_set_id_bits(d);
	return r;
}

/* ---- the image ---- */

/* Append the program to fd. */
static int export(const struct draft *d, int fd, uint32_t *ret_n)
{
	off_t begin = lseek(fd, 0, SEEK_CUR), end;
	int r = d->lib->export_bpf(d->ctx, fd);

	if (r < 0)
		return log_errno(r, "cannot write the system call filter");
	end = lseek(fd, 0, SEEK_CUR);
	if (begin < 0 || end < 0)
		return log_errno(errno, "cannot write the system call filter");
	*ret_n = (uint32_t)((size_t)(end - begin) / sizeof(struct sock_filter));
	return 0;
}

static int write_image(const struct draft *by_name, const struct draft *by_arguments, uint32_t arch,
		       int fd)
{
	struct filter_image_header h = { .magic = FILTER_IMAGE_MAGIC, .arch = arch };
	int r;

	if (lseek(fd, sizeof(h), SEEK_SET) < 0)
		return log_errno(errno, "cannot write the system call filter");
	r = export(by_name, fd, &h.n_main);
	if (r < 0)
		return r;
	r = export(by_arguments, fd, &h.n_arguments);
	if (r < 0)
		return r;
	if (h.n_main > FILTER_INSTRUCTIONS_MAX || h.n_arguments > FILTER_INSTRUCTIONS_MAX)
		return log_errno(E2BIG, "the system call filter has too many rules");
	if (pwrite(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return log_errno(errno, "cannot write the system call filter");
	return 0;
}

int filter_compile(const struct libseccomp *lib, const struct filter_policy *p, uint32_t arch,
		   int fd)
{
	cleanup_draft struct draft by_name = { lib, lib->init(SCMP_ACT_ERRNO(ENOSYS)) };
	cleanup_draft struct draft by_arguments = { lib, lib->init(SCMP_ACT_ALLOW) };
	int r;

	if (arch == FILTER_ARCH_NATIVE)
		arch = lib->arch_native();
	if (p->i386 && arch != SCMP_ARCH_X86_64)
		return log_invalid("architecture i386 needs an x86-64 machine");
	if (!by_name.ctx || !by_arguments.ctx)
		return log_errno(ENOMEM, "cannot make a system call filter");
	r = set_up(&by_name, p, arch);
	if (r == 0)
		r = set_up(&by_arguments, p, arch);
	if (r < 0)
		return log_errno(r, "cannot make a system call filter");
	r = fill_main(&by_name, p);
	if (r == 0)
		r = fill_arguments(&by_arguments, p, arch);
	return r < 0 ? r : write_image(&by_name, &by_arguments, arch, fd);
}

int filter_image_check(const void *image, size_t size)
{
	struct filter_image_header h;

	if (size < sizeof(h))
		return -EINVAL;
	memcpy(&h, image, sizeof(h));
	if (memcmp(h.magic, FILTER_IMAGE_MAGIC, sizeof(h.magic)) != 0 || h.reserved != 0)
		return -EINVAL;
	if (h.n_main == 0 || h.n_main > FILTER_INSTRUCTIONS_MAX)
		return -EINVAL;
	if (h.n_arguments == 0 || h.n_arguments > FILTER_INSTRUCTIONS_MAX)
		return -EINVAL;
	if (size != sizeof(h) + ((size_t)h.n_main + h.n_arguments) * sizeof(struct sock_filter))
		return -EINVAL;
	return 0;
}

static int install(const struct sock_filter *instructions, uint32_t n)
{
	/* The kernel only reads, but its type for it is not const. */
	struct sock_fprog program = { .len = (unsigned short)n,
				      .filter = (struct sock_filter *)(uintptr_t)instructions };

	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return log_errno(errno, "cannot install the system call filter");
	return 0;
}

/*
 * Main is the last: a profile may deny seccomp itself, and of two refusals
 * the later filter's errno counts.
 */
int filter_install(const void *image, size_t size)
{
	const struct filter_image_header *h = image;
	const struct sock_filter *instructions = (const void *)(h + 1);
	int r = filter_image_check(image, size);

	if (r < 0)
		return log_errno(r, "the compiled system call filter is damaged");
	r = install(instructions + h->n_main, h->n_arguments);
	return r < 0 ? r : install(instructions, h->n_main);
}
