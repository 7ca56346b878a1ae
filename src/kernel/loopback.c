/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/loopback.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/userns.h"

int loopback_up(void)
{
	/* The kernel gives lo its addresses by itself when it comes up. */
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return log_errno_hint(errno, userns_hint(errno),
				      "cannot bring the loopback interface up");
	return 0;
}
