/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/rlimit.h"

#include <errno.h>

#include "base/log.h"

int rlimit_apply(const struct plan *p)
{
	for (size_t i = 0; i < p->n_limits; i++) {
		const struct plan_limit *l = &p->limits[i];
		const struct rlimit limit = { l->value, l->value };

		if (setrlimit((__rlimit_resource_t)l->resource, &limit) < 0)
			return log_errno_hint(errno,
					      errno == EPERM ? "your own hard limit is lower"
							     : NULL,
					      "cannot set the limit %s to %llu", l->name,
					      (unsigned long long)l->value);
	}
	return 0;
}
