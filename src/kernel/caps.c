/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/caps.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/log.h"

static int drop_bounding(uint64_t keep)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if (!(keep & (UINT64_C(1) << cap)) && cap_drop_bound(cap) < 0)
			return log_errno(errno, "cannot drop a capability from the bounding set");
	return 0;
}

static int set_flags(cap_t state, uint64_t set, const cap_flag_t *flags, size_t n)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		for (size_t i = 0; i < n && (set & (UINT64_C(1) << cap)); i++)
			if (cap_set_flag(state, flags[i], 1, &cap, CAP_SET) < 0)
				return -errno;
	return 0;
}

/* The effective and permitted sets become `now`, the inheritable one `later`. */
static int set_state(uint64_t now, uint64_t later)
{
	static const cap_flag_t flags[] = { CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE };
	cap_t state = cap_init();
	int r = state ? set_flags(state, now, flags, 2) : -ENOMEM;

	if (r == 0)
		r = set_flags(state, later, &flags[2], 1);
	if (r == 0 && cap_set_proc(state) < 0)
		r = -errno;
	if (state)
		cap_free(state);
	return r < 0 ? log_errno(r, "cannot drop capabilities") : 0;
}

static int raise_ambient(uint64_t keep)
{
	/* libcap's own would first ask about each */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return log_errno(errno, "cannot clear the ambient capabilities");
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		if ((keep & (UINT64_C(1) << cap)) && cap_set_ambient(cap, CAP_SET) < 0)
			return log_errno(errno, "cannot keep a capability across exec");
	return 0;
}

static int lock_securebits(uint64_t keep)
{
	unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
			     SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	/* With some kept, giving up id 0 must give them up too, as package managers expect. */
	if (keep == 0)
		bits |= SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return log_errno(errno, "cannot lock the securebits");
	return 0;
}

/*
 * Bounding needs CAP_SETPCAP, and so do the securebits; an ambient capability
 * must be permitted and inheritable first, and none can be raised once the
 * securebits are set. So with some kept, CAP_SETPCAP is held a moment longer.
 */
int caps_drop(uint64_t keep)
{
	const uint64_t setpcap = UINT64_C(1) << CAP_SETPCAP;
	int r = drop_bounding(keep);

	if (r == 0 && keep != 0)
		r = set_state(keep | setpcap, keep);
	if (r == 0)
		r = raise_ambient(keep);
	if (r == 0)
		r = lock_securebits(keep);
	return r < 0 ? r : set_state(keep, keep);
}
