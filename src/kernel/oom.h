/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_OOM_H
#define KERNEL_OOM_H

/*
 * Raise oom_score_adj of the calling process, and of all it will start, to
 * score, unless it is higher already. Needs the host's /proc, and to be
 * dumpable. Logs on failure.
 */
int oom_apply(int score);

#endif
