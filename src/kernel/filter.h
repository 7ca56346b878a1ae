/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_FILTER_H
#define KERNEL_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/libseccomp.h"
#include "plan/filter_policy.h"

/*
 * The policy as two seccomp filters, stacked; for each call the kernel takes
 * the strictest answer of both.
 *
 * The main one answers by name, as the policy says; what it does not know gets
 * ENOSYS, and a foreign ABI ends the process. The second one allows everything
 * but what is refused for its arguments. Apart, because libseccomp, in
 * silence, drops rules on a call's arguments beside a rule for all of the call.
 *
 * An image holds both as the kernel wants them: this header, then the
 * instructions of main, then those of the second. It can be kept in a file;
 * only compiling needs libseccomp.
 */
#define FILTER_IMAGE_MAGIC "sbxflt1"

struct filter_image_header {
	char magic[8];
	uint32_t arch; /* AUDIT_ARCH_* of the native ABI */
	uint32_t n_main, n_arguments;
	uint32_t reserved; /* 0 */
};

#define FILTER_ARCH_NATIVE 0

/*
 * Compile p for arch (AUDIT_ARCH_*, or native) and write the image to fd, a
 * file that can seek, from its beginning. Allowed calls that libseccomp has no
 * name for are left out; any other trouble is a failure. Logs. Once the image is
 * written ready is called, unless it is NULL; tidying up comes after that.
 *
 * Takes milliseconds and leaves 400 kB of heap: not for a process that stays.
 */
int filter_compile(const struct libseccomp *lib, const struct filter_policy *p, uint32_t arch,
		   int fd, void (*ready)(void *data), void *data);

/* Is it an image for this machine, whole and of a size the kernel takes? 0 or -EINVAL. */
int filter_image_check(const void *image, size_t size);

/*
 * Put the calling thread, and what it starts, under both filters. Needs
 * no_new_privs; what a box may do applies from the next call on. Logs.
 */
int filter_install(const void *image, size_t size);

#endif
