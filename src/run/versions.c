/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifdef HAVE_CONFIG_H
#include "config-auto.h"
#endif

#include "run/versions.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "helper/slirp4netns.h"
#include "kernel/libseccomp.h"
#include "plan/filter_policy.h"
#include "plan/host.h"

static void print_helper(FILE *out, const char *name, const struct host_program *program)
{
	fprintf(out, "%s: %s\n", name, program->path ? program->path : "absent");
}

static void print_libseccomp(FILE *out)
{
	cleanup_libseccomp struct libseccomp lib = { 0 };
	const struct scmp_version *v;

	if (libseccomp_open(LIBSECCOMP_SONAME, &lib) < 0) {
		fprintf(out, "libseccomp: absent\n");
		return;
	}
	v = lib.version();
	fprintf(out, "libseccomp: %u.%u.%u, API level %u, policy %d\n", v->major, v->minor,
		v->micro, lib.api_get(), FILTER_POLICY_VERSION);
}

void versions_print(FILE *out)
{
	cleanup_host struct host host = { 0 };
	cleanup_free char *slirp = NULL;
	struct utsname kernel;

	host_probe(&host);
	fprintf(out, "sandbox %s\n", PACKAGE_VERSION);
	print_libseccomp(out);
	slirp = host.slirp4netns.path ? slirp_version(host.slirp4netns.path) : NULL;
	fprintf(out, "slirp4netns: %s\n", slirp ? slirp : "absent");
	print_helper(out, "newuidmap", &host.newuidmap);
	print_helper(out, "newgidmap", &host.newgidmap);
	if (host.subuid.count > 0 && host.subgid.count > 0)
		fprintf(out, "subordinate ids: %u uids, %u gids\n", host.subuid.count,
			host.subgid.count);
	else
		fprintf(out, "subordinate ids: none (%s)\n",
			host.subid_problem ? host.subid_problem : "?");
	if (uname(&kernel) == 0)
		fprintf(out, "kernel: %s %s\n", kernel.release, kernel.machine);
	if (host.landlock_abi > 0)
		fprintf(out, "landlock: ABI %d%s\n", host.landlock_abi,
			host.landlock_abi < 6 ? ", no scopes" : "");
	else
		fprintf(out, "landlock: absent\n");
}
