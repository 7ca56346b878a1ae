/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_USERNS_H
#define KERNEL_USERNS_H

/*
 * Why a user namespace may have come without its rights, for a hint beside the
 * first thing that fails in it: Ubuntu 23.10 and later let everybody make one
 * and let AppArmor take it its capabilities, so that unshare succeeds and what
 * comes next does not. NULL when err (of either sign) does not look like it.
 */
const char *userns_hint(int err);

#endif
