/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PLAN_PLAN_PRINT_H
#define PLAN_PLAN_PRINT_H

#include <stdio.h>

#include "plan/plan.h"

/* The plan as text, one decision a line, stable enough to diff. */
void plan_print(const struct plan *p, FILE *out);

/* The same records as a JSON array of objects; the first member, "what", is the line's word. */
void plan_print_json(const struct plan *p, FILE *out);

#endif
