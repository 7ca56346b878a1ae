/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KERNEL_LIBSECCOMP_H
#define KERNEL_LIBSECCOMP_H

#include <seccomp.h>

/*
 * libseccomp, loaded when a filter is compiled and not before: a launch whose
 * filter is in the cache goes without, and neither waits for the linker nor
 * keeps the library in memory.
 *
 * Scanners of ELF dependencies do not see this one; packages name it by hand,
 * as a hard one (the note .note.dlopen says so too). Where libraries live in
 * a place that the dynamic linker does not search, the program needs a run
 * path.
 */
#define LIBSECCOMP_SONAME "libseccomp.so.2"

struct libseccomp {
	void *handle;
	const char *path; /* the file it was loaded from; as long as it is open */

	/* seccomp_init() and so on */
	__typeof__(seccomp_api_get) *api_get;
	__typeof__(seccomp_arch_add) *arch_add;
	__typeof__(seccomp_arch_native) *arch_native;
	__typeof__(seccomp_arch_remove) *arch_remove;
	__typeof__(seccomp_attr_set) *attr_set;
	__typeof__(seccomp_export_bpf) *export_bpf;
	__typeof__(seccomp_init) *init;
	__typeof__(seccomp_release) *release;
	__typeof__(seccomp_rule_add_array) *rule_add_array;
	__typeof__(seccomp_syscall_resolve_name) *syscall_resolve_name;
	__typeof__(seccomp_version) *version;
};

/*
 * Load it by name: LIBSECCOMP_SONAME, or another for tests. Logs, with the
 * package to install; returns -ELIBACC and leaves *ret alone.
 */
int libseccomp_open(const char *name, struct libseccomp *ret);
void libseccomp_close(struct libseccomp *lib);

#define cleanup_libseccomp __attribute__((cleanup(libseccomp_close)))

#endif
