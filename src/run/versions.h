/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_VERSIONS_H
#define RUN_VERSIONS_H

#include <stdio.h>

/* --version: our version, the libraries' and helpers', and what this kernel has. */
void versions_print(FILE *out);

#endif
