/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter_boxes.h"

#include <check.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "bpf_sim.h"
#include "kernel/filter.h"

#define X86_64	SCMP_ARCH_X86_64, SCMP_ARCH_X86_64
#define AARCH64 SCMP_ARCH_AARCH64, SCMP_ARCH_AARCH64
#define I386	SCMP_ARCH_X86_64, SCMP_ARCH_X86

const struct filter_box filter_boxes[] = {
	{ "default", "x86_64", { 0 }, X86_64, -1 },
	{ "default", "aarch64", { 0 }, AARCH64, -1 },
	{ "i386", "i386", { .architectures = "i386" }, I386, -1 },
	{ "i386", "x86_64", { .architectures = "native i386" }, X86_64, 0 },
	{ "i386-no-ipc", "i386", { .architectures = "i386", .deny = "ipc" }, I386, 2 },
	{ "i386-nested", "i386", { .architectures = "i386", .nested = NESTED_LIMITED }, I386, 2 },
	{ "debug", "x86_64", { .allow = "@debug" }, X86_64, 0 },
	{ "nested", "x86_64", { .nested = NESTED_LIMITED }, X86_64, 0 },
	{ "nested", "aarch64", { .nested = NESTED_LIMITED }, AARCH64, 1 },
	{ "userns", "x86_64", { .allow = "@userns" }, X86_64, 0 },
	{ "narrow",
	  "x86_64",
	  { .deny = "@ipc", .log = "execve @tty", .families = "unix" },
	  X86_64,
	  0 },
	{ "offline", "x86_64", { .families = "none" }, X86_64, 0 },
	{ "host-root", "x86_64", { .as_host_root = true }, X86_64, 0 },
	{ "host-root", "aarch64", { .as_host_root = true }, AARCH64, 1 },
	{ "host-root", "i386", { .as_host_root = true, .architectures = "i386" }, I386, 2 },
	{ "host-root-log",
	  "x86_64",
	  { .as_host_root = true, .log = "openat openat2 chmod", .deny = "mkdir" },
	  X86_64,
	  12 },
};

const size_t n_filter_boxes = ARRAY_LEN(filter_boxes);

struct filtered filtered_make(const struct filter_box *box)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	cleanup_libseccomp struct libseccomp lib = { 0 };
	struct filtered f = { .box = box };
	char *image;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(filter_profile_build(&box->profile, &f.policy), 0);
	ck_assert_int_eq(libseccomp_open(LIBSECCOMP_SONAME, &lib), 0);
	ck_assert_int_eq(filter_compile(&lib, &f.policy, box->arch, fd, NULL, NULL), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(fs_read_all(fd, 1 << 20, &image, &f.size), 0);
	ck_assert_int_eq(filter_image_check(image, f.size), 0);
	f.image = image;
	return f;
}

void filtered_done(struct filtered *f)
{
	filter_policy_done(&f->policy);
	free(f->image);
}

const char *filtered_ask(const struct filtered *f, uint32_t arch, int nr, const uint64_t *args)
{
	struct seccomp_data data = { .nr = nr, .arch = arch };

	if (args)
		memcpy(data.args, args, FILTER_ARGUMENTS * sizeof(*args));
	return bpf_sim_answer(bpf_sim_image(f->image, &data));
}

int filter_call_number(uint32_t arch, const char *call)
{
	for (int nr = 0; nr <= FILTER_NUMBER_MAX; nr++) {
		cleanup_free char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		if (name && strcmp(name, call) == 0)
			return nr;
	}
	return -1;
}
