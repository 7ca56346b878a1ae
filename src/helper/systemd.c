/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/systemd.h"

#ifdef HAVE_CONFIG_H
#include "config-auto.h"
#endif

#include <errno.h>

#include "base/mem.h"

#ifndef HAVE_SYSTEMD

int systemd_start_scope(const struct systemd_scope *s, char **ret_why)
{
	(void)s;
	*ret_why = xstrdup("this program was built without systemd support");
	return -EOPNOTSUPP;
}

#else

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/proc.h"

#define LIBSYSTEMD_SONAME "libsystemd.so.0"

#define MANAGER_NAME	  "org.freedesktop.systemd1"
#define MANAGER_PATH	  "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

#define TIMEOUT_MS   10000

/* What the scope may have beyond the program's own limit: init is in it, too. */
#define SPARE_MEMORY (UINT64_C(32) << 20)
#define SPARE_PIDS   16

/* What we use of sd-bus(3), loaded when it is needed. */
struct sd_bus_api {
	void *handle;
	__typeof__(sd_bus_call) *call;
	__typeof__(sd_bus_error_free) *error_free;
	__typeof__(sd_bus_flush_close_unref) *flush_close_unref;
	__typeof__(sd_bus_match_signal_async) *match_signal_async;
	__typeof__(sd_bus_message_append) *message_append;
	__typeof__(sd_bus_message_close_container) *message_close_container;
	__typeof__(sd_bus_message_new_method_call) *message_new_method_call;
	__typeof__(sd_bus_message_open_container) *message_open_container;
	__typeof__(sd_bus_message_read) *message_read;
	__typeof__(sd_bus_message_unref) *message_unref;
	__typeof__(sd_bus_open_system) *open_system;
	__typeof__(sd_bus_open_user) *open_user;
	__typeof__(sd_bus_process) *process;
	__typeof__(sd_bus_wait) *wait;
};

#define FUNCTION(name)                                             \
	{                                                          \
		"sd_bus_" #name, offsetof(struct sd_bus_api, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(call),
	FUNCTION(error_free),
	FUNCTION(flush_close_unref),
	FUNCTION(match_signal_async),
	FUNCTION(message_append),
	FUNCTION(message_close_container),
	FUNCTION(message_new_method_call),
	FUNCTION(message_open_container),
	FUNCTION(message_read),
	FUNCTION(message_unref),
	FUNCTION(open_system),
	FUNCTION(open_user),
	FUNCTION(process),
	FUNCTION(wait),
};

/* The library stays: its caller ends soon. */
static int load(struct sd_bus_api *api, char **ret_why)
{
	api->handle = dlopen(LIBSYSTEMD_SONAME, RTLD_LAZY | RTLD_LOCAL);
	for (size_t i = 0; i < ARRAY_LEN(functions) && api->handle; i++) {
		void *function = dlsym(api->handle, functions[i].name);

		if (!function)
			api->handle = NULL;
		memcpy((char *)api + functions[i].offset, &function, sizeof(function));
	}
	if (api->handle)
		return 0;
	*ret_why = xasprintf("%s (it is the package libsystemd0, systemd-libs on Fedora and Arch)",
			     dlerror());
	return -ELIBACC;
}

/* A connection, and the one job that we wait for on it. */
struct request {
	const struct sd_bus_api *api;
	const struct systemd_scope *scope;
	sd_bus *bus;
	sd_bus_message *message;
	pid_t pid;
	sd_bus_error error;
	char *result; /* of the job: "done", or what became of it */
};

static void request_done(struct request *q)
{
	q->api->error_free(&q->error);
	q->api->message_unref(q->message);
	q->api->flush_close_unref(q->bus);
	free(q->result);
}

#define cleanup_request __attribute__((cleanup(request_done)))

/* JobRemoved(u id, o job, s unit, s result) */
static int note_job(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct request *q = data;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (q->api->message_read(m, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (strcmp(unit, q->scope->name) == 0 && !q->result)
		q->result = xstrdup(result);
	return 0;
}

static uint64_t add(uint64_t value, uint64_t spare)
{
	return value == PLAN_UNLIMITED || value > PLAN_UNLIMITED - spare ? PLAN_UNLIMITED
									 : value + spare;
}

/* One property of type t, as systemd.resource-control(5) names it. */
static int append_number(struct request *q, const char *name, uint64_t value)
{
	return q->api->message_append(q->message, "(sv)", name, "t", value);
}

/* The limits count for the program's own group, inside; these are for whoever looks from outside. */
static int append_limits(struct request *q)
{
	const struct plan_cgroup *l = q->scope->limits;
	int r = append_number(q, "TasksMax", add(l->pids, SPARE_PIDS));

	if (r >= 0 && l->memory != PLAN_UNLIMITED)
		r = append_number(q, "MemoryMax", add(l->memory, SPARE_MEMORY));
	if (r >= 0 && l->swap != PLAN_UNLIMITED)
		r = append_number(q, "MemorySwapMax", l->swap);
	if (r >= 0 && l->cpu != PLAN_UNLIMITED)
		r = append_number(q, "CPUQuotaPerSecUSec", l->cpu * (1000000 / PLAN_CPU_PERIOD));
	if (r >= 0 && l->io_weight != 0)
		r = append_number(q, "IOWeight", l->io_weight);
	return r;
}

static int append_properties(struct request *q)
{
	const struct sd_bus_api *api = q->api;
	int r = api->message_open_container(q->message, 'a', "(sv)");

	if (r >= 0)
		r = api->message_append(q->message, "(sv)", "Description", "s",
					q->scope->description);
	if (r >= 0)
		r = api->message_append(q->message, "(sv)", "PIDs", "au", 1, (uint32_t)q->pid);
	if (r >= 0)
		r = api->message_append(q->message, "(sv)", "Delegate", "b", 1);
	if (r >= 0)
		r = api->message_append(q->message, "(sv)", "CollectMode", "s",
					"inactive-or-failed");
	if (r >= 0)
		r = append_limits(q);
	return r < 0 ? r : api->message_close_container(q->message);
}

/* StartTransientUnit(s name, s mode, a(sv) properties, a(sa(sv)) aux) -> o job */
static int call(struct request *q)
{
	const struct sd_bus_api *api = q->api;
	int r = api->message_new_method_call(q->bus, &q->message, MANAGER_NAME, MANAGER_PATH,
					     MANAGER_INTERFACE, "StartTransientUnit");

	if (r >= 0)
		r = api->message_append(q->message, "ss", q->scope->name, "fail");
	if (r >= 0)
		r = append_properties(q);
	if (r >= 0)
		r = api->message_append(q->message, "a(sa(sv))", 0);
	if (r >= 0)
		r = api->call(q->bus, q->message, (uint64_t)TIMEOUT_MS * 1000, &q->error, NULL);
	return r;
}

/*
 * Is the process in the scope? One that ended before systemd came to it is not,
 * and then nothing would ever end the scope, which is empty from the start.
 */
static bool is_in_scope(const struct request *q)
{
	cleanup_free char *path = xasprintf("/proc/%d/cgroup", (int)q->pid), *text = NULL;

	return fs_read_file(AT_FDCWD, path, 65536, &text, NULL) == 0 &&
	       strstr(text, q->scope->name);
}

/* StopUnit(s name, s mode) -> o job */
static void stop_scope(const struct request *q)
{
	sd_bus_message *m = NULL;
	int r = q->api->message_new_method_call(q->bus, &m, MANAGER_NAME, MANAGER_PATH,
						MANAGER_INTERFACE, "StopUnit");

	if (r >= 0)
		r = q->api->message_append(m, "ss", q->scope->name, "replace");
	if (r >= 0)
		(void)q->api->call(q->bus, m, (uint64_t)TIMEOUT_MS * 1000, NULL, NULL);
	q->api->message_unref(m);
}

static int await_job(struct request *q)
{
	int64_t end = proc_now_ms() + TIMEOUT_MS;

	while (!q->result) {
		int64_t left = end - proc_now_ms();
		int r = q->api->process(q->bus, NULL);

		if (r < 0)
			return r;
		if (r > 0)
			continue;
		if (left <= 0)
			return -ETIMEDOUT;
		r = q->api->wait(q->bus, (uint64_t)left * 1000);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return strcmp(q->result, "done") == 0 ? 0 : -ECANCELED;
}

/* From cron or su nothing says where the bus is; but with lingering it is there. */
static void find_runtime_dir(void)
{
	cleanup_free char *dir = xasprintf("/run/user/%u", (unsigned int)getuid());

	if (!getenv("XDG_RUNTIME_DIR") && access(dir, X_OK) == 0)
		(void)setenv("XDG_RUNTIME_DIR", dir, 1);
}

static int connect_bus(struct request *q, char **ret_why)
{
	int r;

	if (!q->scope->of_system)
		find_runtime_dir();
	r = q->scope->of_system ? q->api->open_system(&q->bus) : q->api->open_user(&q->bus);
	if (r < 0)
		*ret_why =
			xasprintf("no %s: %s", q->scope->of_system ? "system bus" : "user bus",
				  r == -ENOMEDIUM ? "there is none in this session" : strerror(-r));
	return r;
}

int systemd_start_scope(const struct systemd_scope *s, char **ret_why)
{
	struct sd_bus_api api = { 0 };
	int r = load(&api, ret_why);

	if (r < 0)
		return r;

	cleanup_request struct request q = { .api = &api, .scope = s, .error = SD_BUS_ERROR_NULL };

	r = connect_bus(&q, ret_why);
	if (r < 0)
		return r;
	/* the bus does what it is told in turn: no answer to wait for */
	r = api.match_signal_async(q.bus, NULL, MANAGER_NAME, MANAGER_PATH, MANAGER_INTERFACE,
				   "JobRemoved", note_job, NULL, &q);
	if (r >= 0 && read(s->pid_fd, &q.pid, sizeof(q.pid)) != sizeof(q.pid))
		r = -EPIPE;
	if (r >= 0)
		r = call(&q);
	if (r >= 0) {
		r = await_job(&q);
		if (!is_in_scope(&q)) {
			stop_scope(&q);
			r = r < 0 ? r : -ESRCH;
		}
		if (r >= 0)
			r = fs_write_all(s->ready_fd, &(char){ SYSTEMD_READY }, 1);
	}
	if (r < 0)
		*ret_why = xasprintf("systemd makes no scope: %s", q.error.message ? q.error.message
								   : q.result	   ? q.result
										   : strerror(-r));
	return r < 0 ? r : 0;
}

#endif
