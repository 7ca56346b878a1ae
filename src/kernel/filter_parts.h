/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_FILTER_PARTS_H
#define KERNEL_FILTER_PARTS_H

/* What the files that make the filters share; for nobody else. */

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/libseccomp.h"
#include "plan/filter_policy.h"

/* A filter that is being made. */
struct filter_draft {
	const struct libseccomp *lib;
	scmp_filter_ctx ctx;
	bool native_only; /* for this machine's ABI and no other, and that one has no multiplexers */
};

/* i386's old ways to many calls at once; main gets them from libseccomp unasked. */
bool filter_is_multiplexer(const char *call);

/* The rules of the second filter: calls that are allowed, but not with every argument. Logs. */
int filter_fill_arguments(const struct filter_draft *d, const struct filter_policy *p,
			  uint32_t arch);

#endif
