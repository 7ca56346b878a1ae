/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of /proc and /sys tells about the machine rather than the box. */
#include "plan/plan_parts.h"

#include "base/cleanup.h"
#include "base/mem.h"

static const char *const proc_masks[] = {
	"/proc/acpi",	    "/proc/asound",   "/proc/cmdline",	     "/proc/config.gz",
	"/proc/interrupts", "/proc/kallsyms", "/proc/kcore",	     "/proc/key-users",
	"/proc/keys",	    "/proc/kmsg",     "/proc/latency_stats", "/proc/sched_debug",
	"/proc/scsi",	    "/proc/softirqs", "/proc/sysrq-trigger", "/proc/timer_list",
};

/* Of no interest to others by their mode, but the host's root owns them. */
static const char *const proc_masks_for_root[] = {
	"/proc/iomem",	    "/proc/ioports",	 "/proc/kpagecgroup", "/proc/kpagecount",
	"/proc/kpageflags", "/proc/modules",	 "/proc/mtrr",	      "/proc/pagetypeinfo",
	"/proc/slabinfo",   "/proc/vmallocinfo",
};

/*
 * What can be written acts on the machine. So does /proc/pressure, which
 * newer kernels let everybody write: a trigger is kept in the host's kernel,
 * by code that has had a use after free. Reading it is left.
 */
static const char *const proc_locks[] = {
	"/proc/bus", "/proc/driver", "/proc/fs", "/proc/irq", "/proc/pressure", "/proc/sys",
};

/* A fresh sysfs has most of these as empty directories; one bound from the host does not. */
static const char *const sys_masks[] = {
	"/sys/devices/virtual/powercap",
	"/sys/firmware",
	"/sys/fs/bpf",
	"/sys/fs/cgroup",
	"/sys/fs/fuse",
	"/sys/fs/selinux",
	"/sys/kernel/debug",
	"/sys/kernel/security",
	"/sys/kernel/tracing",
};

static void add_all(struct plan *p, enum step_kind kind, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		plan_add_step(p, kind, NULL, paths[i], STEP_OPTIONAL, NULL);
}

void plan_proc_masks(const struct config *c, const struct host *h, struct plan *p)
{
	if (c->proc == PROC_NONE)
		return;
	add_all(p, STEP_LOCK, proc_locks, ARRAY_LEN(proc_locks));
	add_all(p, STEP_MASK, proc_masks, ARRAY_LEN(proc_masks));
	if (plan_is_host_root(c, h))
		add_all(p, STEP_MASK, proc_masks_for_root, ARRAY_LEN(proc_masks_for_root));
}

void plan_sys_masks(const struct config *c, const struct host *h, struct plan *p)
{
	static const char cpus[] = "/sys/devices/system/cpu";
	cleanup_strv struct strv names = { 0 };

	if (c->sys == SYS_NONE)
		return;
	add_all(p, STEP_MASK, sys_masks, ARRAY_LEN(sys_masks));
	(void)h->list(cpus, &names); /* none listed: none to mask */
	for (size_t i = 0; i < names.n; i++) {
		cleanup_free char *path = xasprintf("%s/%s/thermal_throttle", cpus, names.v[i]);

		if (h->look(path, NULL) == FILE_DIR)
			plan_add_step(p, STEP_MASK, NULL, path, STEP_OPTIONAL, NULL);
	}
}
