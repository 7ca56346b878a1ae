/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

/* What programs of C libraries agree on; the C library keeps two below this for itself. */
static int parse_realtime(const char *text)
{
	uint32_t n = 0;

	if (strncasecmp(text, "RTMIN", 5) == 0 &&
	    (text[5] == '\0' ||
	     (text[5] == '+' &&
	      text_parse_u32(text + 6, (uint32_t)(SIGRTMAX - SIGRTMIN), &n) == 0)))
		return SIGRTMIN + (int)n;
	if (strncasecmp(text, "RTMAX", 5) == 0 &&
	    (text[5] == '\0' ||
	     (text[5] == '-' &&
	      text_parse_u32(text + 6, (uint32_t)(SIGRTMAX - SIGRTMIN), &n) == 0)))
		return SIGRTMAX - (int)n;
	return -EINVAL;
}

int signal_parse(const char *text)
{
	uint32_t n;

	if (text_parse_u32(text, (uint32_t)SIGRTMAX, &n) == 0)
		return n > 0 ? (int)n : -EINVAL;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && strcasecmp(name, text) == 0)
			return sig;
	}
	return parse_realtime(text);
}

char *signal_name(int sig)
{
	const char *name = sigabbrev_np(sig);

	if (name)
		return xstrdup(name);
	if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		return xasprintf("RTMIN+%d", sig - SIGRTMIN);
	return xasprintf("%d", sig);
}
