/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_RECEIPT_H
#define RUN_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "kernel/cgroup.h"

/* What a box used, and why it ended. */
struct receipt {
	int64_t begun_us, ended_us; /* monotonic clock; the program's first and last moment */
	bool timed_out;		    /* its time was over, and we ended it */
	int wait_status;
	bool has_group;
	struct cgroup_usage usage; /* only with a group */
	struct rusage rusage;	   /* of all processes of the box that were reaped */
};

/* Monotonic clock, in microseconds. */
int64_t receipt_now_us(void);

/* "exited", "signal", "timeout", "oom-kill", "pids-limit" or "policy-kill". */
const char *receipt_reason(const struct receipt *r);

/* The same as one object of JSON, {"event":"receipt",...} and a newline, to fd, unless that is -1. */
void receipt_print_json(int fd, const struct receipt *r);

/* One line for a person. The caller frees. */
char *receipt_describe(const struct receipt *r);

#endif
