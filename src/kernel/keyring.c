/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

int keyring_replace(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	if (errno == ENOSYS) /* a kernel without keys has none to leak */
		return 0;
	return log_errno_hint(errno,
			      errno == EDQUOT ? "your user has as many keys as kernel.keys.maxkeys "
						"allows; fewer boxes at once, or a higher limit"
					      : NULL,
			      "cannot replace the session keyring");
}
