/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/rlimit.h"

#include <errno.h>

#include "base/log.h"

int rlimit_apply(const struct plan *p)
{
	for (size_t i = 0; i < p->n_limits; i++) {
		const struct plan_limit *l = &p->limits[i];
		struct rlimit limit, wanted;

		if (getrlimit((__rlimit_resource_t)l->resource, &limit) < 0)
			return log_errno(errno, "cannot read the limit %s", l->name);
		/* a limit of the caller's that is lower already holds */
		if (l->value < limit.rlim_max)
			limit.rlim_max = l->value;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit((__rlimit_resource_t)l->resource, &limit) < 0)
			return log_errno(errno, "cannot set the limit %s to %llu", l->name,
					 (unsigned long long)l->value);
		wanted = limit;
		if (getrlimit((__rlimit_resource_t)l->resource, &limit) < 0 ||
		    limit.rlim_cur != wanted.rlim_cur || limit.rlim_max != wanted.rlim_max)
			return log_errno(EIO, "cannot set the limit %s to %llu", l->name,
					 (unsigned long long)l->value);
	}
	return 0;
}
