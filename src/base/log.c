/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/text.h"

static enum log_level threshold = LOG_LEVEL_WARN;
static int raw_terminal;
static void (*sink)(enum log_level level, const char *line);

void log_set_level(enum log_level level)
{
	threshold = level;
}

enum log_level log_get_level(void)
{
	return threshold;
}

void log_set_raw_terminal(int raw)
{
	raw_terminal = raw;
}

void log_set_sink(void (*fn)(enum log_level level, const char *line))
{
	sink = fn;
}

static void emit(enum log_level level, const char *message)
{
	cleanup_free char *line = text_escape(message);
	cleanup_free char *whole = NULL;

	if (sink) {
		sink(level, line);
		return;
	}
	whole = xasprintf("sandbox: %s%s%s", level == LOG_LEVEL_WARN ? "warning: " : "", line,
			  raw_terminal ? "\r\n" : "\n");
	(void)!write(STDERR_FILENO, whole, strlen(whole)); /* nowhere else to say it */
}

static char *format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list args)
{
	char *message = NULL;

	if (vasprintf(&message, fmt, args) < 0)
		return xstrdup(fmt);
	return message;
}

static int emit_errno(int err, const char *hint, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static int emit_errno(int err, const char *hint, const char *fmt, va_list args)
{
	cleanup_free char *message = format(fmt, args);
	cleanup_free char *line = NULL;

	err = abs(err);
	line = xasprintf("%s: %s%s%s%s", message, strerror(err), hint ? " (" : "", hint ? hint : "",
			 hint ? ")" : "");
	emit(LOG_LEVEL_ERROR, line);
	return -err;
}

int log_errno(int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err = emit_errno(err, NULL, fmt, args);
	va_end(args);
	return err;
}

int log_errno_hint(int err, const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err = emit_errno(err, hint, fmt, args);
	va_end(args);
	return err;
}

static void emit_at(enum log_level level, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void emit_at(enum log_level level, const char *fmt, va_list args)
{
	cleanup_free char *message = NULL;

	if (level > threshold)
		return;
	message = format(fmt, args);
	emit(level, message);
}

int log_invalid(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit_at(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
	return -EINVAL;
}

void log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit_at(LOG_LEVEL_WARN, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit_at(LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit_at(LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
