/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setters of [limits]. What the machine has is not known here: see plan_limits.c. */
#include "config/setters.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/text.h"

/* Below that no program gets as far as its main(). */
#define MEMORY_LEAST (UINT64_C(1) << 20)

/* A page: less would be none, and no tmpfs is that small; 0 means "no limit" to the kernel. */
#define TMPFS_LEAST 4096

/* PID_MAX_LIMIT of 64-bit kernels; pids.max takes no more. */
#define PIDS_MOST 4194304

/* --- times ------------------------------------------------------------------ */

/* N[.N][smhd], as sleep(1) and timeout(1) have it. */
static int parse_ms(const char *text, uint64_t *ret)
{
	static const char units[] = "smhd";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
	cleanup_free char *number = xstrdup(text);
	size_t n = strlen(number);
	const char *unit = n ? strchr(units, number[n - 1]) : NULL;
	uint64_t value;
	int r;

	if (unit)
		number[n - 1] = '\0';
	r = text_parse_decimal(number, 3, UINT64_C(1000) * UINT32_MAX, &value);
	if (r < 0)
		return r;
	*ret = value * (unit ? seconds[unit - units] : 1);
	return 0;
}

/* Whole seconds, which is what setrlimit(2) takes. */
static int parse_duration(const char *text, uint64_t *ret)
{
	uint64_t ms;

	if (parse_ms(text, &ms) < 0 || ms == 0 || ms % 1000 != 0)
		return -EINVAL;
	*ret = ms / 1000;
	return 0;
}

/* firejail's hh:mm:ss */
static int parse_clock(const char *text, uint64_t *ret)
{
	static const uint32_t most[] = { UINT16_MAX, 59, 59 };
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy;
	uint64_t seconds = 0;

	for (size_t i = 0; i < ARRAY_LEN(most); i++) {
		const char *part = strsep(&rest, ":");
		uint32_t n;

		if (!part || text_parse_u32(part, most[i], &n) < 0)
			return -EINVAL;
		seconds = seconds * 60 + n;
	}
	*ret = seconds * 1000;
	return rest ? -EINVAL : 0;
}

int set_timeout(struct config *c, const struct assignment *a)
{
	uint64_t ms = 0;

	if (*a->value && strcmp(a->value, "unlimited") != 0 &&
	    ((parse_ms(a->value, &ms) < 0 && parse_clock(a->value, &ms) < 0) || ms == 0))
		return log_invalid("%s: %s '%s' is not a time such as 90s, 1.5m or 2h or unlimited",
				   a->origin, assignment_name(a), a->value);
	c->timeout_ms = ms;
	return 0;
}

int set_stop_timeout(struct config *c, const struct assignment *a)
{
	struct config usual = { 0 };
	uint64_t ms;

	config_init(&usual);
	ms = usual.stop_grace_ms;
	config_done(&usual);
	if (*a->value && parse_ms(a->value, &ms) < 0)
		return log_invalid("%s: %s '%s' is not a time such as 10s, 1.5m or 0", a->origin,
				   assignment_name(a), a->value);
	c->stop_grace_ms = ms;
	return 0;
}

int set_stop_signal(struct config *c, const struct assignment *a)
{
	int sig = *a->value ? signal_parse(a->value) : SIGTERM;

	if (sig < 0)
		return log_invalid("%s: %s '%s' is not a signal such as TERM, SIGINT or 15",
				   a->origin, assignment_name(a), a->value);
	c->stop_signal = sig;
	return 0;
}

/* --- setrlimit(2) ----------------------------------------------------------- */

static int set_limit(struct config *c, const struct assignment *a, enum limit_kind kind,
		     int (*parse)(const char *text, uint64_t *ret), const char *example)
{
	uint64_t value = UINT64_MAX;

	if (*a->value == '\0') {
		c->limits[kind].set = false;
		return 0;
	}
	if (strcmp(a->value, "unlimited") != 0 && parse(a->value, &value) < 0)
		return log_invalid("%s: %s '%s' is not %s or unlimited", a->origin,
				   assignment_name(a), a->value, example);
	c->limits[kind] = (struct config_limit){ .set = true, .value = value };
	return 0;
}

static int parse_count(const char *text, uint64_t *ret)
{
	return text_parse_u64(text, INT64_MAX, ret);
}

#define LIMIT_SETTER(fn, kind, parse, example)                \
	int fn(struct config *c, const struct assignment *a)  \
	{                                                     \
		return set_limit(c, a, kind, parse, example); \
	}

LIMIT_SETTER(set_open_files, LIMIT_OPEN_FILES, parse_count, "a number")
LIMIT_SETTER(set_processes, LIMIT_PROCESSES, parse_count, "a number")
LIMIT_SETTER(set_file_size, LIMIT_FILE_SIZE, text_parse_size, "a size such as 64M")
LIMIT_SETTER(set_stack, LIMIT_STACK, text_parse_size, "a size such as 8M")
LIMIT_SETTER(set_core, LIMIT_CORE, text_parse_size, "a size such as 0 or 64M")
LIMIT_SETTER(set_cpu_time, LIMIT_CPU_TIME, parse_duration, "a time such as 90s, 10m or 2h")
LIMIT_SETTER(set_locked_memory, LIMIT_LOCKED_MEMORY, text_parse_size, "a size such as 64K")

#undef LIMIT_SETTER

/* --- amounts, which may be shares of the machine's --------------------------- */

static void take_amount(struct config_amount *field, const struct assignment *a, bool percent,
			uint64_t value)
{
	config_clear_amount(field);
	*field = (struct config_amount){
		.set = true,
		.percent = percent,
		.value = value,
		.text = xstrdup(a->value),
		.origin = xstrdup(a->origin),
	};
}

/* "12.5%" to tenths of a percent. One that is too large for us is too large for all. */
static int parse_percent(const char *text, uint64_t *ret)
{
	size_t n = strlen(text);
	cleanup_free char *number = n ? xstrndup(text, n - 1) : NULL;
	int r = number && text[n - 1] == '%' ? text_parse_decimal(number, 1, UINT32_MAX, ret)
					     : -EINVAL;

	if (r == -ERANGE)
		*ret = UINT32_MAX;
	return r == -ERANGE ? 0 : r;
}

/* Bytes, or a percentage of the machine's memory. */
static int set_bytes(struct config_amount *field, const struct assignment *a, uint64_t least)
{
	const char *least_words = least == TMPFS_LEAST ? "4K" : "1M";
	uint64_t value;
	bool percent;
	int r;

	if (*a->value == '\0') {
		config_clear_amount(field);
		return 0;
	}
	percent = parse_percent(a->value, &value) == 0;
	r = percent ? 0 : text_parse_size(a->value, &value);
	if (r == -ERANGE || (r == 0 && value > INT64_MAX))
		value = INT64_MAX; /* more than any machine has is all the same to us */
	else if (r < 0)
		return log_invalid("%s: %s '%s' is not a size such as 512M, or 50%% of the "
				   "machine's memory",
				   a->origin, assignment_name(a), a->value);
	if (percent && value > 1000)
		return log_invalid("%s: %s '%s' is more than 100%%", a->origin, assignment_name(a),
				   a->value);
	if (percent ? least > 0 && value < 10 : value < least)
		return log_invalid("%s: %s '%s' is less than %s, which is the least", a->origin,
				   assignment_name(a), a->value, percent ? "1%" : least_words);
	take_amount(field, a, percent, value);
	return 0;
}

int set_memory(struct config *c, const struct assignment *a)
{
	if (strcmp(a->value, "unlimited") == 0) {
		config_clear_amount(&c->memory);
		return 0;
	}
	return set_bytes(&c->memory, a, MEMORY_LEAST);
}

/* Unlimited is not the same as nothing said, which with a limit on memory is none at all. */
int set_swap(struct config *c, const struct assignment *a)
{
	if (strcmp(a->value, "unlimited") == 0) {
		take_amount(&c->swap, a, false, UINT64_MAX);
		return 0;
	}
	return set_bytes(&c->swap, a, 0);
}

int set_tmpfs_size(struct config *c, const struct assignment *a)
{
	return set_bytes(&c->tmpfs_size, a, TMPFS_LEAST);
}

/* "1.5" processors or "150%", to thousandths of one. */
int set_cpu(struct config *c, const struct assignment *a)
{
	uint64_t value;
	int r;

	if (*a->value == '\0' || strcmp(a->value, "unlimited") == 0) {
		config_clear_amount(&c->cpu);
		return 0;
	}
	r = parse_percent(a->value, &value);
	if (r < 0)
		r = text_parse_decimal(a->value, 3, UINT32_MAX, &value);
	if (r == -ERANGE)
		value = UINT32_MAX;
	else if (r < 0)
		return log_invalid("%s: %s '%s' is not a number of processors such as 1.5, or "
				   "150%%%s",
				   a->origin, assignment_name(a), a->value,
				   isdigit((unsigned char)*a->value) && strpbrk(a->value, ",-")
					   ? " (which ones: cpuset)"
					   : "");
	/* 1 ms in 100 is the shortest quota that the kernel takes */
	if (value < 10)
		return log_invalid("%s: %s '%s' is less than 1%%, which is the least", a->origin,
				   assignment_name(a), a->value);
	take_amount(&c->cpu, a, false, value);
	return 0;
}

/* N or N-M; the numbers themselves are the plan's business. */
static bool is_processor_range(const char *word)
{
	cleanup_free char *first = xstrdup(word);
	char *last = strchr(first, '-');
	uint32_t from, to;

	if (last)
		*last++ = '\0';
	if (text_parse_u32(first, INT32_MAX, &from) < 0)
		return false;
	return !last || (text_parse_u32(last, INT32_MAX, &to) == 0 && from <= to);
}

int set_cpuset(struct config *c, const struct assignment *a)
{
	cleanup_free char *copy = xstrdup(a->value);
	char *rest = copy, *word;

	if (*a->value == '\0') {
		config_clear_amount(&c->cpuset);
		return 0;
	}
	while ((word = strsep(&rest, ",")))
		if (!is_processor_range(word))
			return log_invalid("%s: %s '%s' is not a list of processors such as 0-3,6",
					   a->origin, assignment_name(a), a->value);
	take_amount(&c->cpuset, a, false, 0);
	return 0;
}

/* --- numbers ---------------------------------------------------------------- */

static int parse_number(const struct assignment *a, uint32_t least, uint32_t most, const char *more,
			uint32_t *ret)
{
	if (text_parse_u32(a->value, most, ret) < 0 || *ret < least)
		return log_invalid("%s: %s '%s' is not a number from %u to %u%s", a->origin,
				   assignment_name(a), a->value, least, most, more);
	return 0;
}

int set_pids(struct config *c, const struct assignment *a)
{
	uint32_t n = 0;

	if (*a->value && strcmp(a->value, "unlimited") != 0 &&
	    parse_number(a, 1, PIDS_MOST, " or unlimited", &n) < 0)
		return -EINVAL;
	c->pids = n;
	return 0;
}

int set_io_weight(struct config *c, const struct assignment *a)
{
	uint32_t n = 0;

	if (*a->value && parse_number(a, 1, 10000, "", &n) < 0)
		return -EINVAL;
	c->io_weight = n;
	return 0;
}

static const char *if_negative(const struct assignment *a)
{
	return *a->value == '-' ? " (a lower one takes a privilege that no box has)" : "";
}

int set_nice(struct config *c, const struct assignment *a)
{
	uint32_t n = 0;

	if (*a->value && parse_number(a, 0, 19, if_negative(a), &n) < 0)
		return -EINVAL;
	c->nice = (int)n;
	return 0;
}

int set_oom_score(struct config *c, const struct assignment *a)
{
	uint32_t n = 0;

	if (*a->value && parse_number(a, 0, 1000, if_negative(a), &n) < 0)
		return -EINVAL;
	c->oom_score = *a->value ? (int)n : -1;
	return 0;
}
