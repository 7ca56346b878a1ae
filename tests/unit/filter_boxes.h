/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UNIT_FILTER_BOXES_H
#define UNIT_FILTER_BOXES_H

#include <stddef.h>
#include <stdint.h>

#include "filter_profile.h"

/*
 * The boxes that the filter tests run through: a profile, the machine its
 * filter is compiled for, and the ABI by which the calls come.
 */
struct filter_box {
	const char *name, *abi;
	struct filter_profile profile;
	uint32_t arch, call_arch;
	int base; /* the table shows only what differs from that box; -1: all */
};

extern const struct filter_box filter_boxes[];
extern const size_t n_filter_boxes;

/* A box with its policy and the compiled filters. Failures fail the running test. */
struct filtered {
	const struct filter_box *box;
	struct filter_policy policy;
	void *image;
	size_t size;
};

struct filtered filtered_make(const struct filter_box *box);
void filtered_done(struct filtered *f);

#define FILTER_ARGUMENTS 4 /* more are not judged */

/* What call nr of ABI arch gets: "allow", "EPERM" ... args has that many, or is NULL: zeros. */
const char *filtered_ask(const struct filtered *f, uint32_t arch, int nr, const uint64_t *args);

/*
 * The number that a call has of its own on arch, or -1. (libseccomp's answer
 * for i386's socket is not a number: it may stand for socketcall as well.)
 */
int filter_call_number(uint32_t arch, const char *call);

#define FILTER_NUMBER_MAX 600

#define cleanup_filtered __attribute__((cleanup(filtered_done)))

#endif
