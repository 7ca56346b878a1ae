/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

/* "TERM", "sigterm", "15", "RTMIN+3": the signal's number, or -EINVAL. */
int signal_parse(const char *text);

/* "TERM", "RTMIN+3"; a number has no other name than itself. Caller frees. */
char *signal_name(int sig);

#endif
