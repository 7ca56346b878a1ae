/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fs.h"

const char *userns_hint(int err)
{
	static const char restricted[] = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
	cleanup_free char *text = NULL;
	int saved_errno = errno, r;

	err = abs(err);
	if (err != EPERM && err != EACCES)
		return NULL;
	r = fs_read_file(AT_FDCWD, restricted, 64, &text, NULL);
	errno = saved_errno; /* an argument beside this call may be errno itself */
	if (r == 0 && *text == '1')
		return "AppArmor takes a new user namespace its rights here; the README has the "
		       "profile that gives them to this program";
	return NULL;
}
