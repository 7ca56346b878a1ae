/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second filter: calls that are allowed, but not with every argument. */
#include "kernel/filter_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* Linux 5.6 */
#endif

#define SOCKET_TYPE_MASK 0xf /* above it: SOCK_CLOEXEC, SOCK_NONBLOCK */

/*
 * The kernel reads 32 bits of all arguments that are judged here, a filter
 * sees 64: the others must not count (CVE-2019-10063).
 */
#define LOW_WORD 0xffffffffU

static const char *const multiplexers[] = { "ipc", "socketcall", NULL };

bool filter_is_multiplexer(const char *call)
{
	for (const char *const *m = multiplexers; *m; m++)
		if (strcmp(*m, call) == 0)
			return true;
	return false;
}

static int refuse(const struct filter_draft *d, int err, const char *call, unsigned int n,
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

/* Refuse `call` with err when argument arg is none of values, and `when` holds, if given. */
struct refusal {
	const struct filter_draft *d;
	const char *call;
	int err;
	unsigned int arg;
	const uint32_t *values;
	size_t n;
	const struct scmp_arg_cmp *when;
};

/* Numbers whose bits of mask are those of bits. */
struct block {
	uint32_t mask, bits;
};

static int refuse_block(const struct refusal *f, struct block b)
{
	struct scmp_arg_cmp conditions[2] = { SCMP_CMP64(f->arg, SCMP_CMP_MASKED_EQ, b.mask,
							 b.bits) };

	if (f->when)
		conditions[1] = *f->when;
	return refuse(f->d, f->err, f->call, f->when ? 2 : 1, conditions);
}

/* Which values lie in b; bit N for value N. */
static uint64_t values_in(const struct refusal *f, struct block b)
{
	uint64_t found = 0;

	for (size_t i = 0; i < f->n; i++)
		if ((f->values[i] & b.mask) == b.bits)
			found |= UINT64_C(1) << i;
	return found;
}

/* The half of b where bit is set. */
static struct block with(struct block b, uint32_t bit)
{
	return (struct block){ b.mask | bit, b.bits | bit };
}

static struct block without(struct block b, uint32_t bit)
{
	return (struct block){ b.mask | bit, b.bits };
}

/* The next of bits, upwards and around, that has the same values in b as this one: at last itself. */
static uint32_t find_equal(const struct refusal *f, struct block b, uint32_t bits, uint32_t bit)
{
	uint64_t values = values_in(f, with(b, bit));
	uint32_t at = bit;

	do
		at = at << 1 | at >> 31;
	while (at != bit && (!(at & bits) || values_in(f, with(b, at)) != values));
	return at;
}

/*
 * Refuse all numbers in b but the values, judged by these bits. A rule can only
 * compare some bits ("not equal" of two values would be an and, not an or), and
 * each rule costs. So: one for each bit that never changes; of bits that are
 * always equal, one each that refuses it without the next, around; then the
 * highest stands for them all, and what is left is done by halves.
 */
static int refuse_others_in(const struct refusal *f, struct block b, uint32_t bits)
{
	const uint64_t all = values_in(f, b);
	uint32_t left = bits;
	int r = 0;

	if (all == 0)
		return refuse_block(f, b);
	for (uint32_t bit = 1; bit != 0 && r == 0; bit <<= 1) {
		uint64_t values = values_in(f, with(b, bit));
		uint32_t next;

		if (!(bits & bit))
			continue;
		next = find_equal(f, b, bits, bit);
		if (values == 0)
			r = refuse_block(f, with(b, bit));
		else if (values == all)
			r = refuse_block(f, without(b, bit));
		else if (next != bit)
			r = refuse_block(f, without(with(b, bit), next));
		if (values == 0 || values == all || next > bit)
			left &= ~bit;
		if (values == 0)
			b = without(b, bit);
		else if (values == all)
			b = with(b, bit);
	}
	if (r < 0 || left == 0)
		return r;
	bits = left & (left - 1);
	left ^= bits;
	r = refuse_others_in(f, without(b, left), bits);
	return r < 0 ? r : refuse_others_in(f, with(b, left), bits);
}

static int refuse_others(const struct refusal *f)
{
	/* Then the one block is everything, and a comparison with mask 0 compares nothing. */
	if (f->n == 0)
		return refuse(f->d, f->err, f->call, f->when ? 1 : 0, f->when);
	return refuse_others_in(f, (struct block){ 0, 0 }, LOW_WORD);
}

static int refuse_if_equal(const struct filter_draft *d, const char *call, unsigned int arg,
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
static int refuse_namespaces(const struct filter_draft *d, const struct filter_policy *p,
			     uint32_t arch)
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
static int refuse_sockets(const struct filter_draft *d, const struct filter_policy *p)
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

static int refuse_netlink(const struct filter_draft *d, const struct filter_policy *p)
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

static int refuse_prctl(const struct filter_draft *d)
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

static int refuse_mode(const struct filter_draft *d, const struct mode_call *c, uint32_t bit)
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
static int refuse_set_id_bits(const struct filter_draft *d)
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
static int refuse_multiplexers(const struct filter_draft *d, const struct filter_policy *p)
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

int filter_fill_arguments(const struct filter_draft *d, const struct filter_policy *p,
			  uint32_t arch)
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
