/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * What the person reads: one line a failure, on stderr, in one write(2).
 *
 *	sandbox: cannot mount '/usr' on '/usr': Operation not permitted (hint)
 *
 * Lower case, no full stop, user strings in single quotes. Control characters
 * in the line, whoever put them there, are printed as \x1b and the like
 * (CVE-2023-28101).
 */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,	 /* -v: what was chosen and why */
	LOG_LEVEL_DEBUG, /* -vv or SANDBOX_DEBUG=1: each step as it begins */
};

/*
 * Print one line, "sandbox: MESSAGE: strerror(err)", at error level.
 *
 * err is an errno value of either sign. Returns it as a negative number, so
 * that reporting and failing are one statement:
 *
 *	if (chdir(dir) < 0)
 *		return log_errno(errno, "cannot enter '%s'", dir);
 *
 * The function that first turns a failure into words logs it; its callers
 * pass the number on in silence. One failure, one line.
 */
int log_errno(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As log_errno(), with " (hint)" at the end; hint may be NULL. */
int log_errno_hint(int err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a mistake in a profile or on the command line, without strerror: -EINVAL. */
int log_invalid(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/*
 * Lines end in "\r\n" while the caller's terminal is in raw mode, else the
 * cursor walks to the right.
 */
void log_set_raw_terminal(int raw);

/* Send finished lines to fn instead of stderr; NULL restores it. Tests read them so. */
void log_set_sink(void (*fn)(enum log_level level, const char *line));

#endif
