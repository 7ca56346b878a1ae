/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_LOOPBACK_H
#define KERNEL_LOOPBACK_H

/* Bring "lo" of our own network namespace up. Logs on failure. */
int loopback_up(void);

#endif
