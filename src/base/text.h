/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Small questions about strings, and numbers out of them. */

bool text_starts_with(const char *s, const char *prefix);
bool text_is_one_of(const char *s, const char *const *list); /* list ends in NULL */

/* A copy in which control characters stand as \n, \t or \xNN; for messages. Caller frees. */
char *text_escape(const char *s);

/* s as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_print_json(FILE *out, const char *s);

/*
 * The entry of candidates (ends in NULL) that a person who typed s most likely
 * meant, or NULL when none is near.
 */
const char *text_nearest(const char *s, const char *const *candidates);

/*
 * Decimal digits only: no sign, no blanks, no 0x, nothing behind them, at most
 * max. Returns 0, -EINVAL or -ERANGE.
 */
int text_parse_u64(const char *s, uint64_t max, uint64_t *ret);
int text_parse_u32(const char *s, uint32_t max, uint32_t *ret);

/* "1.5" in units of the last of so many digits behind the point (2: 150). The same. */
int text_parse_decimal(const char *s, unsigned int digits, uint64_t max, uint64_t *ret);

/* "64K", "1.5G", "4096": bytes, binary units K M G T. 0, -EINVAL or -ERANGE. */
int text_parse_size(const char *s, uint64_t *ret);

#endif
