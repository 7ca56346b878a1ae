/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the program may use up. */
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/plan_parts.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A page, and the least number of files of any tmpfs: one that is small is not to be useless. */
#define TMPFS_BLOCK	  4096
#define TMPFS_FILES_LEAST 1024

static void plan_rlimits(const struct config *c, struct plan *p)
{
	static const struct {
		int resource;
		const char *name;
	} kinds[LIMIT_COUNT] = {
		[LIMIT_OPEN_FILES] = { RLIMIT_NOFILE, "open-files" },
		[LIMIT_PROCESSES] = { RLIMIT_NPROC, "processes" },
		[LIMIT_FILE_SIZE] = { RLIMIT_FSIZE, "file-size" },
		[LIMIT_STACK] = { RLIMIT_STACK, "stack" },
		[LIMIT_CORE] = { RLIMIT_CORE, "core" },
		[LIMIT_CPU_TIME] = { RLIMIT_CPU, "cpu-time" },
		[LIMIT_LOCKED_MEMORY] = { RLIMIT_MEMLOCK, "locked-memory" },
	};

	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		rlim_t value =
			c->limits[i].value == UINT64_MAX ? RLIM_INFINITY : c->limits[i].value;

		if (!c->limits[i].set)
			continue;
		/*
		 * A core_pattern with a pipe starts its handler on the host whatever the
		 * limit is, except for 1, which means "inside a handler" (core(5)).
		 */
		if (i == LIMIT_CORE && value == 0)
			value = 1;
		p->limits[p->n_limits++] =
			(struct plan_limit){ kinds[i].resource, kinds[i].name, value };
	}
}

/* "15.6G", or "512M", cut off and not rounded: as much as that can be asked for. Caller frees. */
static char *describe_memory(uint64_t bytes)
{
	if (bytes < GIB)
		return xasprintf("%u"
				 "M",
				 (unsigned int)(bytes / MIB));
	return xasprintf("%u.%uG", (unsigned int)(bytes / GIB),
			 (unsigned int)(bytes % GIB * 10 / GIB));
}

/* Whole MiB of a percentage: the kernel cuts off what is no page, and pages are up to 64K. */
static int plan_bytes(const struct config_amount *amount, const struct host *h, uint64_t *ret)
{
	uint64_t part = h->memory / 1000 * amount->value + h->memory % 1000 * amount->value / 1000;

	if (!amount->percent) {
		*ret = amount->value;
		return 0;
	}
	if (h->memory == 0)
		return log_invalid("%s: '%s': how much memory this machine has cannot be told "
				   "(write a size)",
				   amount->origin, amount->text);
	part -= part % MIB;
	*ret = part < MIB && amount->value > 0 ? MIB : part;
	return 0;
}

static int plan_memory(const struct config *c, const struct host *h, struct plan_cgroup *g)
{
	int r = c->memory.set ? plan_bytes(&c->memory, h, &g->memory) : 0;

	if (r == 0 && c->memory.set && h->memory > 0 && g->memory > h->memory) {
		cleanup_free char *all = describe_memory(h->memory);

		return log_invalid("%s: '%s' is more than this machine's memory, %s",
				   c->memory.origin, c->memory.text, all);
	}
	/* what does not fit would go into swap, and a bound that takes twice as much is none */
	if (c->memory.set)
		g->swap = 0;
	if (r == 0 && c->swap.set)
		r = plan_bytes(&c->swap, h, &g->swap);
	return r;
}

/* How many processors the machine has; 0 if that cannot be told. */
static uint64_t count_processors(const struct host *h)
{
	cleanup_strv struct strv names = { 0 };
	uint64_t n = 0;

	if (h->list("/sys/devices/system/cpu", &names) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		uint32_t number;

		n += text_starts_with(names.v[i], "cpu") &&
		     text_parse_u32(names.v[i] + 3, UINT32_MAX, &number) == 0;
	}
	return n;
}

static int refuse_cpu(const struct config_amount *cpu, uint64_t n)
{
	cleanup_free char *processors =
		n == 1 ? xstrdup("one processor")
		       : xasprintf("%llu processors", (unsigned long long)n);
	cleanup_free char *hint = NULL;

	if (strchr(cpu->text, '%'))
		hint = xstrdup(" (100% each)");
	else if (cpu->value <= n * 100000 && cpu->value >= 10000)
		hint = xasprintf(" (did you mean '%s%%'?)", cpu->text);
	return log_invalid("%s: '%s' is more than the %s of this machine%s", cpu->origin, cpu->text,
			   processors, hint ? hint : "");
}

static int plan_cpu(const struct config *c, const struct host *h, struct plan_cgroup *g)
{
	uint64_t n;

	if (!c->cpu.set)
		return 0;
	n = count_processors(h);
	if (n > 0 && c->cpu.value > n * 1000)
		return refuse_cpu(&c->cpu, n);
	g->cpu = c->cpu.value * PLAN_CPU_PERIOD / 1000;
	return 0;
}

/* The setter has read it already: N or N-M, with commas. */
static int plan_cpuset(const struct config *c, const struct host *h, struct plan_cgroup *g)
{
	cleanup_free char *copy = c->cpuset.set ? xstrdup(c->cpuset.text) : NULL;
	char *rest = copy, *word;
	bool known = copy && count_processors(h) > 0;

	while (known && (word = strsep(&rest, ","))) {
		uint32_t from = 0, to = 0;
		char *last = strchr(word, '-');

		if (last)
			*last++ = '\0';
		(void)text_parse_u32(word, UINT32_MAX, &from);
		(void)text_parse_u32(last ? last : word, UINT32_MAX, &to);
		for (uint64_t n = from; n <= to; n++) {
			cleanup_free char *path =
				xasprintf("/sys/devices/system/cpu/cpu%llu", (unsigned long long)n);

			if (h->look(path, NULL) != FILE_DIR)
				return log_invalid("%s: '%s': this machine has no processor %llu",
						   c->cpuset.origin, c->cpuset.text,
						   (unsigned long long)n);
		}
	}
	g->cpuset = c->cpuset.set ? xstrdup(c->cpuset.text) : NULL;
	return 0;
}

int plan_limits(const struct config *c, const struct host *h, struct plan *p)
{
	struct plan_cgroup *g = &p->cgroup;
	int r;

	*g = (struct plan_cgroup){
		.may_lack = c->on_unavailable == UNAVAILABLE_WARN,
		.memory = PLAN_UNLIMITED,
		.swap = PLAN_UNLIMITED,
		.pids = c->pids ? c->pids : PLAN_UNLIMITED,
		.cpu = PLAN_UNLIMITED,
		.io_weight = c->io_weight,
	};
	p->timeout = (struct plan_timeout){ .ms = c->timeout_ms,
					    .stop_signal = c->stop_signal,
					    .grace_ms = c->stop_grace_ms };
	p->nice = c->nice;
	p->oom_score = c->oom_score;
	p->report = c->report;
	plan_rlimits(c, p);
	r = plan_memory(c, h, g);
	if (r == 0)
		r = plan_cpu(c, h, g);
	if (r == 0)
		r = plan_cpuset(c, h, g);
	g->wanted = g->memory != PLAN_UNLIMITED || g->swap != PLAN_UNLIMITED ||
		    g->pids != PLAN_UNLIMITED || g->cpu != PLAN_UNLIMITED || g->io_weight > 0 ||
		    g->cpuset;
	return r;
}

/* What is sealed is no longer written to when the program runs: nothing to bound. */
static bool is_sealed(const struct plan *p, const char *target)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_SEAL && strcmp(p->steps[i].target, target) == 0)
			return true;
	return false;
}

/*
 * Sizes for those that have none. An empty file takes memory, too, but no part
 * of the size: as many files as pages, which is the kernel's own proportion.
 */
int plan_tmpfs(const struct config *c, const struct host *h, struct plan *p)
{
	uint64_t size = 0;
	int r = c->tmpfs_size.set ? plan_bytes(&c->tmpfs_size, h, &size) : 0;

	for (size_t i = 0; i < p->n_steps && r == 0; i++) {
		struct step *s = &p->steps[i];

		if (s->kind != STEP_TMPFS)
			continue;
		if (s->size == 0 && !is_sealed(p, s->target))
			s->size = size;
		if (s->size > 0)
			s->files = s->size / TMPFS_BLOCK;
		if (s->size > 0 && s->files < TMPFS_FILES_LEAST)
			s->files = TMPFS_FILES_LEAST;
	}
	return r;
}
