/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"

bool text_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_is_one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/*
 * C0, DEL, and C1 as UTF-8 (0xc2 0x80..0x9f), which some terminals obey too.
 * Returns how many bytes of s are one such character, 0 for none.
 */
static size_t control_length(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
		return 2;
	return 0;
}

char *text_escape(const char *s)
{
	char *text = xcalloc(strlen(s) * 4 + 1, 1), *out = text;
	const unsigned char *in = (const unsigned char *)s;

	while (*in) {
		size_t n = control_length(in);

		if (n == 0)
			*out++ = (char)*in++;
		for (; n > 0; n--, in++) {
			if (*in == '\n')
				out += sprintf(out, "\\n");
			else if (*in == '\t')
				out += sprintf(out, "\\t");
			else
				out += sprintf(out, "\\x%02x", *in);
		}
	}
	*out = '\0';
	return text;
}

/* Length of the well-formed UTF-8 character at s, or 0 (RFC 3629, table in section 4). */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = 0;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void text_print_json(FILE *out, const char *s)
{
	const unsigned char *in = (const unsigned char *)s;

	fputc('"', out);
	while (*in) {
		size_t n = utf8_length(in);

		if (n == 0) {
			fputs("\\ufffd", out);
			in++;
		} else if (*in < 0x20 || *in == 0x7f || *in == '"' || *in == '\\') {
			fprintf(out, *in == '"' || *in == '\\' ? "\\%c" : "\\u%04x", *in);
			in++;
		} else {
			fwrite(in, 1, n, out);
			in += n;
		}
	}
	fputc('"', out);
}

/* Levenshtein distance, one row at a time. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b);
	cleanup_free size_t *row = xcalloc(n + 1, sizeof(*row));

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[n];
}

const char *text_nearest(const char *s, const char *const *candidates)
{
	size_t length = strlen(s), limit = length < 4 ? 1 : length < 8 ? 2 : 3;
	const char *nearest = NULL;

	if (length > 64)
		return NULL;
	for (; *candidates; candidates++) {
		size_t distance = edit_distance(s, *candidates);

		if (distance > limit || distance >= length)
			continue;
		nearest = *candidates;
		limit = distance - (distance > 0);
		if (distance == 0)
			break;
	}
	return nearest;
}

int text_parse_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (*s == '\0')
		return -EINVAL;
	for (const char *c = s; *c; c++)
		if (!isdigit((unsigned char)*c))
			return -EINVAL;
	for (; *s; s++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(*s - '0'), &n))
			return -ERANGE;
	if (n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

int text_parse_u32(const char *s, uint32_t max, uint32_t *ret)
{
	uint64_t n;
	int r = text_parse_u64(s, max, &n);

	if (r == 0)
		*ret = (uint32_t)n;
	return r;
}

int text_parse_decimal(const char *s, unsigned int digits, uint64_t max, uint64_t *ret)
{
	cleanup_free char *whole = xstrdup(s);
	char *fraction = strchr(whole, '.');
	uint64_t n, part, unit = 1;
	int r;

	if (fraction)
		*fraction++ = '\0';
	r = text_parse_u64(whole, UINT64_MAX, &n);
	/* before the size: what is no number is not too large either */
	if (fraction && (!isdigit((unsigned char)*fraction) || strlen(fraction) > digits ||
			 text_parse_u64(fraction, UINT64_MAX, &part) < 0))
		return -EINVAL;
	if (r < 0)
		return r;
	for (size_t left = fraction ? strlen(fraction) : 0; left < digits; left++)
		unit *= 10;
	part = fraction ? part * unit : 0;
	for (unsigned int i = 0; i < digits; i++)
		if (__builtin_mul_overflow(n, 10, &n))
			return -ERANGE;
	if (__builtin_add_overflow(n, part, &n) || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

int text_parse_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	cleanup_free char *digits = xstrdup(s);
	size_t n = strlen(digits);
	const char *unit = n ? strchr(units, toupper((unsigned char)digits[n - 1])) : NULL;
	char *dot;
	uint64_t whole, tenths = 0, factor = 1;
	int r;

	if (unit && *unit) {
		factor = UINT64_C(1) << (10 * (unit - units + 1));
		digits[n - 1] = '\0';
	}
	dot = strchr(digits, '.');
	if (dot) {
		*dot = '\0';
		if (factor == 1 || strlen(dot + 1) != 1 || !isdigit((unsigned char)dot[1]))
			return -EINVAL;
		tenths = (uint64_t)(dot[1] - '0');
	}
	r = text_parse_u64(digits, UINT64_MAX, &whole);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, factor, &whole) ||
	    __builtin_add_overflow(whole, tenths * factor / 10, &whole))
		return -ERANGE;
	*ret = whole;
	return 0;
}
