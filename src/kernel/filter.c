/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/syscalls.h"
#include "kernel/filter_parts.h"

#define FILTER_INSTRUCTIONS_MAX 4096 /* the kernel's BPF_MAXINSNS */

static void release(struct filter_draft *d)
{
	if (d->ctx)
		d->lib->release(d->ctx);
}

#define cleanup_draft __attribute__((cleanup(release)))

static int set_up(struct filter_draft *d, const struct filter_policy *p, uint32_t arch)
{
	const struct libseccomp *lib = d->lib;
	uint32_t native = lib->arch_native();
	int r = 0;

	d->native_only = arch == native && !p->i386 &&
			 (arch == SCMP_ARCH_X86_64 || arch == SCMP_ARCH_AARCH64);
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

/* A rule of the main filter, before it is added. */
struct call_rule {
	int nr;
	uint32_t action;
};

/* The rule for a call, in *ret. Returns 1, or 0 if none is needed. */
static int rule_for(const struct filter_draft *d, const char *call, enum syscall_answer answer,
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
	if (ret->nr >= 0)
		return 1;
	/* Negative: another ABI's. libseccomp would make nothing of it here, but take its time. */
	if (ret->nr != __NR_SCMP_ERROR)
		return !d->native_only;
	log_debug("filter: libseccomp does not know '%s', so it gets ENOSYS", call);
	return 0;
}

/* Highest number first: libseccomp keeps a list in rising order, and walks it for each rule. */
static int compare_rules(const void *a, const void *b)
{
	const struct call_rule *x = a, *y = b;

	return x->nr < y->nr ? 1 : x->nr > y->nr ? -1 : 0;
}

static int add_rules(const struct filter_draft *d, struct call_rule *rules, size_t n)
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

static int fill_main(const struct filter_draft *d, const struct filter_policy *p)
{
	cleanup_free struct call_rule *rules = xcalloc(p->n_answers, sizeof(*rules));
	const uint8_t *answer = p->answers;
	size_t n = 0;

	for (size_t i = 0; i < n_syscall_groups; i++) {
		char name[SYSCALL_NAME_MAX];

		for (const char *at = syscall_groups[i].calls; (at = syscall_next(at, name));
		     answer++)
			if (!filter_is_multiplexer(name))
				n += (size_t)rule_for(d, name, *answer, &rules[n]);
	}
	return add_rules(d, rules, n);
}

/* ---- the image ---- */

/* Append the program to fd. */
static int export(const struct filter_draft *d, int fd, uint32_t *ret_n)
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

static int write_image(const struct filter_draft *by_name, const struct filter_draft *by_arguments,
		       uint32_t arch, int fd)
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
		   int fd, void (*ready)(void *data), void *data)
{
	cleanup_draft struct filter_draft by_name = { .lib = lib,
						      .ctx = lib->init(SCMP_ACT_ERRNO(ENOSYS)) };
	cleanup_draft struct filter_draft by_arguments = { .lib = lib,
							   .ctx = lib->init(SCMP_ACT_ALLOW) };
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
		r = filter_fill_arguments(&by_arguments, p, arch);
	if (r == 0)
		r = write_image(&by_name, &by_arguments, arch, fd);
	if (r == 0 && ready)
		ready(data);
	return r;
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
