/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/receipt.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/mem.h"

#define UNKNOWN UINT64_MAX

int64_t receipt_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint64_t time_us(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

static uint64_t wall_us(const struct receipt *r)
{
	return r->begun_us && r->ended_us > r->begun_us ? (uint64_t)(r->ended_us - r->begun_us) : 0;
}

/* Without a group the kernel sums up what was reaped; init's own work, 2 ms, is in it. */
static uint64_t user_us(const struct receipt *r)
{
	return r->has_group && r->usage.user_us != UNKNOWN ? r->usage.user_us
							   : time_us(&r->rusage.ru_utime);
}

static uint64_t system_us(const struct receipt *r)
{
	return r->has_group && r->usage.system_us != UNKNOWN ? r->usage.system_us
							     : time_us(&r->rusage.ru_stime);
}

static uint64_t written(const struct receipt *r)
{
	return r->has_group && r->usage.written != UNKNOWN
		       ? r->usage.written
		       : (uint64_t)r->rusage.ru_oublock * 512; /* getrusage(2): blocks of 512 */
}

static uint64_t from_group(const struct receipt *r, uint64_t value)
{
	return r->has_group ? value : UNKNOWN;
}

static bool happened(const struct receipt *r, uint64_t count)
{
	return from_group(r, count) != UNKNOWN && count > 0;
}

const char *receipt_reason(const struct receipt *r)
{
	bool killed = WIFSIGNALED(r->wait_status);
	bool failed = killed || WEXITSTATUS(r->wait_status) != 0;

	if (r->timed_out)
		return "timeout";
	if (killed && WTERMSIG(r->wait_status) == SIGSYS)
		return "policy-kill";
	if (failed && happened(r, r->usage.oom_kills))
		return "oom-kill";
	if (failed && happened(r, r->usage.pids_refused))
		return "pids-limit";
	return killed ? "signal" : "exited";
}

static void put(FILE *out, const char *name, uint64_t value)
{
	if (value == UNKNOWN)
		fprintf(out, ",\"%s\":null", name);
	else
		fprintf(out, ",\"%s\":%" PRIu64, name, value);
}

void receipt_print_json(int fd, const struct receipt *r)
{
	cleanup_free char *line = NULL;
	size_t size;
	FILE *out;

	if (fd < 0)
		return;
	out = open_memstream(&line, &size);
	if (!out)
		return;
	fprintf(out, "{\"event\":\"receipt\",\"reason\":\"%s\"", receipt_reason(r));
	put(out, "wall-us", wall_us(r));
	put(out, "user-us", user_us(r));
	put(out, "system-us", system_us(r));
	put(out, "memory-peak", from_group(r, r->usage.memory_peak));
	put(out, "largest-process", (uint64_t)r->rusage.ru_maxrss * 1024);
	put(out, "pids-peak", from_group(r, r->usage.pids_peak));
	put(out, "written", written(r));
	put(out, "oom-kills", from_group(r, r->usage.oom_kills));
	put(out, "pids-refused", from_group(r, r->usage.pids_refused));
	fputs("}\n", out);
	if (fclose(out) == 0)
		(void)fs_write_all(fd, line, size); /* a reader that left misses it */
}

/* 67108864 is "64.0M" */
static char *describe_bytes(uint64_t bytes)
{
	static const char units[] = "KMGT";
	double value = (double)bytes / 1024;
	size_t unit = 0;

	for (; value >= 1024 && unit + 2 < sizeof(units); unit++)
		value /= 1024;
	return xasprintf("%.1f%c", value, units[unit]);
}

char *receipt_describe(const struct receipt *r)
{
	uint64_t peak = from_group(r, r->usage.memory_peak);
	uint64_t pids = from_group(r, r->usage.pids_peak);
	bool by_process = peak == UNKNOWN;
	cleanup_free char *memory =
		describe_bytes(by_process ? (uint64_t)r->rusage.ru_maxrss * 1024 : peak);
	cleanup_free char *disk = describe_bytes(written(r));
	cleanup_free char *tasks =
		pids == UNKNOWN ? xstrdup("") : xasprintf(", %" PRIu64 " processes", pids);

	return xasprintf("%.2fs, %.2fs user, %.2fs system, %s memory%s%s at most, %s written: %s",
			 (double)wall_us(r) / 1e6, (double)user_us(r) / 1e6,
			 (double)system_us(r) / 1e6, memory,
			 by_process ? " in the largest process" : "", tasks, disk,
			 receipt_reason(r));
}
