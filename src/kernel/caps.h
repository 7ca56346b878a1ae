/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_CAPS_H
#define KERNEL_CAPS_H

#include <stdint.h>

/*
 * Capabilities, capabilities(7).
 *
 * Leave exactly `keep` (bit N: capability N) in the permitted, effective,
 * inheritable, bounding and ambient sets, and set and lock the securebits that
 * would bring more back. For keep 0, nothing ever appears again, whatever id
 * the program takes and whatever file it executes. Needs CAP_SETPCAP, so it
 * goes before nothing that needs another one. Logs on failure.
 */
int caps_drop(uint64_t keep);

#endif
