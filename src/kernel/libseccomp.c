/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kernel/libseccomp.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

/* https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#define NOTE_DLOPEN 0x407c0c0a
#define NOTE_OWNER  "FDO"
#define NOTE_TEXT                                                                     \
	"[{\"feature\":\"seccomp\",\"description\":\"Compiles system call filters\"," \
	"\"priority\":\"required\",\"soname\":[\"" LIBSECCOMP_SONAME "\"]}]"

__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
	uint32_t owner_size, text_size, type;
	char owner[sizeof(NOTE_OWNER)];
	char text[sizeof(NOTE_TEXT)];
} note = { sizeof(NOTE_OWNER), sizeof(NOTE_TEXT), NOTE_DLOPEN, NOTE_OWNER, NOTE_TEXT };

#define FUNCTION(name)                                              \
	{                                                           \
		"seccomp_" #name, offsetof(struct libseccomp, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(api_get),	  FUNCTION(arch_add),
	FUNCTION(arch_native),	  FUNCTION(arch_remove),
	FUNCTION(attr_set),	  FUNCTION(export_bpf),
	FUNCTION(init),		  FUNCTION(release),
	FUNCTION(rule_add_array), FUNCTION(syscall_resolve_name),
	FUNCTION(version),
};

static int log_missing(void)
{
	const char *why = dlerror();

	(void)log_invalid(
		"cannot load the compiler of system call filters: %s (install the package "
		"libseccomp2 on Debian, Ubuntu and openSUSE, libseccomp on Fedora, Arch "
		"and Alpine)",
		why ? why : "unknown error");
	return -ELIBACC;
}

/*
 * A name without a slash is searched for where the system has its libraries,
 * and where LD_LIBRARY_PATH says, whose author could preload anything anyway;
 * never in the current directory.
 */
int libseccomp_open(const char *name, struct libseccomp *ret)
{
	cleanup_libseccomp struct libseccomp lib = { .handle =
							     dlopen(name, RTLD_NOW | RTLD_LOCAL) };
	struct link_map *map;

	if (!lib.handle)
		return log_missing();
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		void *function = dlsym(lib.handle, functions[i].name);

		if (!function)
			return log_missing();
		memcpy((char *)&lib + functions[i].offset, &function, sizeof(function));
	}
	if (dlinfo(lib.handle, RTLD_DI_LINKMAP, &map) < 0)
		return log_missing();
	lib.path = map->l_name;
	*ret = lib;
	lib.handle = NULL;
	return 0;
}

void libseccomp_close(struct libseccomp *lib)
{
	if (lib->handle)
		dlclose(lib->handle);
	*lib = (struct libseccomp){ 0 };
}
