/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "config/setters.h"

static void put_string(FILE *out, const char *name, const char *value)
{
	if (value)
		fprintf(out, "%s=%s; ", name, value);
}

static void put_word(FILE *out, const char *name, const char *const *words, unsigned int value,
		     unsigned int usual)
{
	if (value != usual)
		fprintf(out, "%s=%s; ", name, words[value]);
}

static void put_list(FILE *out, const char *name, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		fprintf(out, "%s%s%s", i ? "," : name, i ? "" : "=", list->v[i]);
	if (list->n > 0)
		fputs("; ", out);
}

static void put_bits(FILE *out, const char *name, const char *const *words, unsigned int bits)
{
	cleanup_strv struct strv list = { 0 };

	for (int i = 0; words[i]; i++)
		if (bits & (1u << i))
			strv_add(&list, words[i]);
	put_list(out, name, &list);
}

static void put_mount(FILE *out, const struct config_mount *m)
{
	static const char *const kinds[] = {
		[MOUNT_RO] = "ro",	 [MOUNT_RW] = "rw",	[MOUNT_DEV] = "dev",
		[MOUNT_TMPFS] = "tmpfs", [MOUNT_HIDE] = "hide", [MOUNT_SYMLINK] = "symlink",
	};

	fprintf(out, "%s%s%s=%s%s%s", kinds[m->kind], m->optional ? "?" : "",
		m->relative ? "." : "", m->source ? m->source : "",
		m->source && m->target ? ">" : "", m->target ? m->target : "");
	if (m->size)
		fprintf(out, " (%" PRIu64 ")", m->size);
	fputs("; ", out);
}

static void put_files(FILE *out, const struct config *c)
{
	if (c->root == ROOT_DIR)
		fprintf(out, "root=%s (%s); ", c->root_dir, c->root_origin);
	else if (c->root == ROOT_HOST)
		fputs("root=host; ", out);
	for (size_t i = 0; i < c->n_mounts; i++)
		put_mount(out, &c->mounts[i]);
	put_word(out, "cwd", words_cwd, c->cwd, CWD_NONE);
	put_string(out, "chdir", c->chdir);
	put_word(out, "home", words_home, c->home, HOME_EPHEMERAL);
	put_word(out, "proc", words_proc, c->proc, PROC_OWN);
	put_word(out, "sys", words_sys, c->sys, SYS_NONE);
}

static void put_net(FILE *out, const struct config *c)
{
	put_word(out, "net", words_net, c->net, NET_NONE);
	for (size_t i = 0; i < c->n_publish; i++)
		fprintf(out, "publish=%s:%u>%u/%s (%s); ", c->publish[i].host_addr,
			c->publish[i].host_port, c->publish[i].box_port,
			c->publish[i].udp ? "udp" : "tcp", c->publish[i].origin);
	put_list(out, "dns", &c->dns);
	put_word(out, "host-loopback", words_bool, c->host_loopback, false);
}

static void put_words(FILE *out, const char *name, const struct config_words *list)
{
	for (size_t i = 0; i < list->words.n; i++)
		fprintf(out, "%s%s%s (%s)", i ? "," : name, i ? "" : "=", list->words.v[i],
			list->origins.v[i]);
	if (list->words.n > 0)
		fputs("; ", out);
}

static void put_kernel(FILE *out, const struct config *c)
{
	put_list(out, "cap-keep", &c->caps);
	put_words(out, "allow", &c->seccomp_allow);
	put_words(out, "deny", &c->seccomp_deny);
	put_words(out, "log", &c->seccomp_log);
	put_words(out, "architectures", &c->architectures);
	put_words(out, "families", &c->families);
	put_word(out, "landlock", words_landlock, c->landlock, LANDLOCK_AUTO);
	if (!c->scope_signal || !c->scope_abstract_unix)
		fprintf(out, "scopes=%s%s; ", c->scope_signal ? "signal" : "",
			c->scope_abstract_unix ? "abstract-unix" : "");
}

static void put_limits(FILE *out, const struct config *c)
{
	static const char *const names[] = {
		[LIMIT_OPEN_FILES] = "open-files",
		[LIMIT_PROCESSES] = "processes",
		[LIMIT_FILE_SIZE] = "file-size",
		[LIMIT_STACK] = "stack",
		[LIMIT_CORE] = "core",
		[LIMIT_CPU_TIME] = "cpu-time",
		[LIMIT_LOCKED_MEMORY] = "locked-memory",
	};

	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		const struct config_limit *l = &c->limits[i];

		if (i == LIMIT_CORE && l->set && l->value == 0)
			continue;
		if (i == LIMIT_CORE && !l->set)
			fputs("core not set; ", out);
		else if (l->set && l->value == UINT64_MAX)
			fprintf(out, "%s=unlimited; ", names[i]);
		else if (l->set)
			fprintf(out, "%s=%" PRIu64 "; ", names[i], l->value);
	}
}

static void put_amount(FILE *out, const char *name, const struct config_amount *amount)
{
	if (!amount->set)
		return;
	if (amount->value == UINT64_MAX)
		fprintf(out, "%s=unlimited", name);
	else
		fprintf(out, "%s=%" PRIu64 "%s", name, amount->value,
			amount->percent ? "/1000" : "");
	fprintf(out, " ('%s' %s); ", amount->text, amount->origin);
}

static void put_number(FILE *out, const char *name, uint64_t value, uint64_t usual)
{
	if (value != usual)
		fprintf(out, "%s=%" PRIu64 "; ", name, value);
}

static void put_group(FILE *out, const struct config *c)
{
	put_amount(out, "memory", &c->memory);
	put_amount(out, "swap", &c->swap);
	put_number(out, "pids", c->pids, 0);
	put_amount(out, "cpu", &c->cpu);
	put_number(out, "io-weight", c->io_weight, 0);
	put_amount(out, "cpuset", &c->cpuset);
	put_word(out, "on-unavailable", words_unavailable, c->on_unavailable, UNAVAILABLE_REFUSE);
	put_number(out, "timeout", c->timeout_ms, 0);
	put_number(out, "stop-signal", (uint64_t)c->stop_signal, 15);
	put_number(out, "stop-timeout", c->stop_grace_ms, 10000);
	put_number(out, "nice", (uint64_t)c->nice, 0);
	if (c->oom_score != -1)
		fprintf(out, "oom-score=%d; ", c->oom_score);
	put_amount(out, "tmpfs-size", &c->tmpfs_size);
}

static void put_launch(FILE *out, const struct config *c)
{
	static const char *const actions[] = { "run",  "dry-run", "dry-run-json", "list",
					       "show", "help",	  "version" };

	put_word(out, "action", actions, c->action, ACTION_RUN);
	put_string(out, "profile", c->profile);
	if (c->verbosity != 0)
		fprintf(out, "verbosity=%d; ", c->verbosity);
	if (c->status_fd != -1)
		fprintf(out, "status-fd=%d; ", c->status_fd);
	put_list(out, "keep-fd", &c->keep_fds);
	if (c->report)
		fputs("report; ", out);
}

static void put_ids(FILE *out, const struct config *c)
{
	if (c->user == USER_IDS)
		fprintf(out, "user=%u:%u; ", c->uid, c->gid);
	else if (c->user == USER_NAME)
		fprintf(out, "user=%s (%s); ", c->user_name, c->user_origin);
	else if (c->user == USER_ROOT)
		fputs("user=root; ", out);
	put_word(out, "map", words_map, c->map, MAP_AUTO);
}

char *config_text(const struct config *c)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	put_string(out, "description", c->description);
	put_list(out, "programs", &c->programs);
	put_ids(out, c);
	put_files(out, c);
	put_string(out, "hostname", c->hostname);
	put_word(out, "nested", words_nested, c->nested, NESTED_NO);
	if (c->time.set)
		fprintf(out, "time=%" PRId64 "/%" PRId64 "; ", c->time.monotonic, c->time.boottime);
	put_bits(out, "share", words_share, c->share);
	put_net(out, c);
	put_kernel(out, c);
	put_list(out, "env-keep", &c->env_keep);
	put_list(out, "env-set", &c->env_set);
	put_list(out, "env-unset", &c->env_unset);
	put_limits(out, c);
	put_group(out, c);
	put_word(out, "terminal", words_terminal, c->terminal, TERMINAL_AUTO);
	put_launch(out, c);
	fclose(out);
	if (size >= 2)
		text[size - 2] = '\0';
	return text;
}
