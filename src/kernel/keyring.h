/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_KEYRING_H
#define KERNEL_KEYRING_H

/*
 * A session keyring of the box's own, empty: the caller's would be read by
 * possession, user namespaces or not (keyrings(7)). Once a box: each counts
 * against kernel.keys.maxkeys until it is collected. Logs on failure.
 */
int keyring_replace(void);

#endif
