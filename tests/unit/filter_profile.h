/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UNIT_FILTER_PROFILE_H
#define UNIT_FILTER_PROFILE_H

#include "plan/filter_policy.h"

/* What a profile says of system calls; NULL: nothing. Word N of a list comes from "p.ini:N". */
struct filter_profile {
	const char *allow, *deny, *log;
	const char *architectures, *families;
	enum nested_mode nested;
	const char *keep; /* capabilities */
	bool as_host_root;
};

/* filter_policy_build() of it. */
int filter_profile_build(const struct filter_profile *from, struct filter_policy *ret);

#endif
