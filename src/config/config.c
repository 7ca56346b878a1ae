/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"

#include <signal.h>
#include <stdlib.h>

/* As docker and podman have it. */
#define STOP_GRACE_MS 10000

void config_init(struct config *c)
{
	*c = (struct config){
		.user = USER_SELF,
		.map = MAP_AUTO,
		.root = ROOT_EMPTY,
		.cwd = CWD_NONE,
		.home = HOME_EPHEMERAL,
		.proc = PROC_OWN,
		.sys = SYS_NONE,
		.net = NET_NONE,
		.nested = NESTED_NO,
		.landlock = LANDLOCK_AUTO,
		.scope_signal = true,
		.scope_abstract_unix = true,
		.limits[LIMIT_CORE] = { .set = true, .value = 0 },
		.oom_score = -1,
		.stop_signal = SIGTERM,
		.stop_grace_ms = STOP_GRACE_MS,
		.terminal = TERMINAL_AUTO,
		.status_fd = -1,
	};
}

void config_clear_amount(struct config_amount *amount)
{
	free(amount->text);
	free(amount->origin);
	*amount = (struct config_amount){ 0 };
}

static void words_done(struct config_words *list)
{
	strv_done(&list->words);
	strv_done(&list->origins);
}

void config_done(struct config *c)
{
	config_clear_mounts(c);
	config_clear_publish(c);
	free(c->description);
	free(c->user_name);
	free(c->user_origin);
	free(c->root_dir);
	free(c->root_origin);
	free(c->chdir);
	free(c->hostname);
	free(c->profile);
	strv_done(&c->programs);
	strv_done(&c->dns);
	strv_done(&c->caps);
	words_done(&c->seccomp_allow);
	words_done(&c->seccomp_deny);
	words_done(&c->seccomp_log);
	words_done(&c->architectures);
	words_done(&c->families);
	strv_done(&c->env_keep);
	strv_done(&c->env_set);
	strv_done(&c->env_unset);
	strv_done(&c->keep_fds);
	config_clear_amount(&c->memory);
	config_clear_amount(&c->swap);
	config_clear_amount(&c->tmpfs_size);
	config_clear_amount(&c->cpu);
	config_clear_amount(&c->cpuset);
	*c = (struct config){ 0 };
}
