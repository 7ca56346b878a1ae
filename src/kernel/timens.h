/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_TIMENS_H
#define KERNEL_TIMENS_H

#include "config/config.h"

/*
 * A time namespace with shifted clocks, time_namespaces(7). Not through
 * clone3(): a process in it freezes the offsets before they are written. We
 * unshare one for our children, write, and enter it ourselves. Needs to be
 * single-threaded and dumpable. Logs on failure.
 */
int timens_enter(const struct config_time *time);

#endif
