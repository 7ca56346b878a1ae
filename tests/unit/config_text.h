/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_UNIT_CONFIG_TEXT_H
#define TESTS_UNIT_CONFIG_TEXT_H

#include "config/config.h"

/*
 * What in c differs from config_init()'s, as "name=value; name=value":
 *
 *	ro=/a>/b; ro?=~/c; tmpfs=/t (65536); env-keep=LANG,LC_*
 *
 * '?' stands behind an optional mount, '.' behind one that may be relative.
 * Caller frees.
 */
char *config_text(const struct config *c);

#endif
