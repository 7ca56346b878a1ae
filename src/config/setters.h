/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFIG_SETTERS_H
#define CONFIG_SETTERS_H

#include "config/config.h"

/*
 * One setter per kind of setting, named by the rows of keys.c. Each takes the
 * value as typed, and logs and returns -EINVAL when it makes no sense.
 */
typedef int setter(struct config *c, const struct assignment *a);

setter set_description, set_programs, set_inherit;
setter set_user, set_map;
setter set_root, add_ro, add_rw, add_dev, add_tmpfs, add_hide, add_symlink, add_volume;
setter set_cwd, set_chdir, set_home, set_proc, set_sys;
setter set_hostname, set_nested, set_time_offset, set_share;
setter set_net, add_publish, add_dns, set_host_loopback;
setter add_caps;
setter add_seccomp_allow, add_seccomp_deny, add_seccomp_log, set_architectures, set_families;
setter set_landlock, set_scopes;
setter add_env_keep, add_env_set, add_env_unset;
setter set_open_files, set_processes, set_file_size, set_stack, set_core, set_cpu_time,
	set_locked_memory;
setter set_memory, set_swap, set_pids, set_cpu, set_io_weight, set_cpuset, set_tmpfs_size;
setter set_nice, set_oom_score, set_timeout, set_stop_signal, set_stop_timeout, set_on_unavailable;
setter set_terminal;
setter set_profile, set_dry_run, set_list_profiles, set_show_profile, set_help, set_version;
setter set_verbose, set_quiet, set_status_fd, add_keep_fd, set_report;

/* The vocabularies, in the order of their enums; end in NULL. */
extern const char *const words_map[],
	*const words_cwd[],
		*const words_home[],
			*const words_proc[],
				*const words_sys[],
					*const words_nested[],
						*const words_share[],
							*const words_net[],
								*const words_landlock[],
									*const words_scopes[],
										*const words_terminal[],
											*const words_unavailable[],
												*const words_bool[],
													*const words_dry_run
														[];

/* What setters share. What a message calls the value: the key's name, or "value". */
const char *assignment_name(const struct assignment *a);

/* The index of value in words; or logs "... is not none, slirp or host". */
int assignment_pick(const struct assignment *a, const char *value, const char *const *words);

/*
 * The words of a list value: quoted words in a profile; on the command line
 * one path, or with commas "a,b" as well. Logs.
 */
int assignment_words(const struct assignment *a, bool commas, struct strv *ret);

/*
 * The advice for words i to n - 1 of a profile's list, which make no sense by
 * themselves: " (if '/my dir' is meant: ro = '"/my dir"')", or "". Caller frees.
 */
char *assignment_quoting(const struct assignment *a, const struct strv *words, size_t i, size_t n);

/* Put a copy of value into *field; an empty one makes it NULL. */
void assignment_replace(char **field, const char *value);

#endif
