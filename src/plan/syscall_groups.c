/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/syscall_groups.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"

const struct syscall_group syscall_groups[] = {

	/* ---- allowed ---- */

	/* uprobe and uretprobe are a tracer's trampolines: refused, the traced program dies */
	{ "@base", "what every program needs to start, to know itself and to end", SYSCALL_ALLOW,
	  NULL,
	  "arch_prctl brk cacheflush capget exit exit_group get_robust_list "
	  "get_thread_area get_tls getcpu getegid getegid32 geteuid geteuid32 "
	  "getgid getgid32 getgroups getgroups32 getpid getppid getrandom "
	  "getresgid getresgid32 getresuid getresuid32 gettid getuid getuid32 "
	  "map_shadow_stack oldolduname olduname restart_syscall "
	  "riscv_flush_icache riscv_hwprobe rseq rt_sigreturn set_robust_list "
	  "set_thread_area set_tid_address set_tls sigreturn sysinfo uname uprobe "
	  "uretprobe" },
	/* mknod is for FIFOs: devices are the kernel's to refuse, and it does in a user namespace */
	{ "@fs", "files, directories and their attributes", SYSCALL_ALLOW, NULL,
	  "access arm_fadvise64_64 arm_sync_file_range chdir chmod chown chown32 "
	  "creat faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir "
	  "fchmod fchmodat fchmodat2 fchown fchown32 fchownat fdatasync fgetxattr "
	  "file_getattr file_setattr flistxattr flock fremovexattr fsetxattr "
	  "fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 "
	  "futimesat getcwd getdents getdents64 getxattr getxattrat "
	  "inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown "
	  "lchown32 lgetxattr link linkat listxattr listxattrat llistxattr "
	  "lremovexattr lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat "
	  "newfstatat oldfstat oldlstat oldstat open openat openat2 readahead "
	  "readdir readlink readlinkat removexattr removexattrat rename renameat "
	  "renameat2 rmdir setxattr setxattrat stat stat64 statfs statfs64 statx "
	  "symlink symlinkat sync sync_file_range sync_file_range2 syncfs "
	  "truncate truncate64 umask unlink unlinkat utime utimensat "
	  "utimensat_time64 utimes" },
	/* ioctl: without those that push input into a terminal, see filter_policy.c */
	{ "@io", "descriptors: read, write, wait, pass on", SYSCALL_ALLOW, NULL,
	  "_llseek _newselect close close_range copy_file_range dup dup2 dup3 "
	  "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 "
	  "epoll_wait eventfd eventfd2 fcntl fcntl64 ioctl lseek pipe pipe2 poll "
	  "ppoll ppoll_time64 pread64 preadv preadv2 pselect6 pselect6_time64 "
	  "pwrite64 pwritev pwritev2 read readv select sendfile sendfile64 splice "
	  "tee vmsplice write writev" },
	{ "@aio", "asynchronous reads and writes of the old kind", SYSCALL_ALLOW, NULL,
	  "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 "
	  "io_setup io_submit" },
	{ "@time", "clocks to read and timers to set", SYSCALL_ALLOW, NULL,
	  "alarm clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
	  "clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday "
	  "nanosleep setitimer time timer_create timer_delete timer_getoverrun "
	  "timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd "
	  "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
	  "timerfd_settime64 times" },
	{ "@signal", "signals: the pid namespace and Landlock say to whom", SYSCALL_ALLOW, NULL,
	  "kill pause pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask "
	  "rt_sigqueueinfo rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 "
	  "rt_tgsigqueueinfo sgetmask sigaction sigaltstack signal signalfd "
	  "signalfd4 sigpending sigprocmask sigsuspend ssetmask tgkill tkill" },
	{ "@thread", "locks between threads", SYSCALL_ALLOW, NULL,
	  "futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake "
	  "membarrier rseq_slice_yield" },
	{ "@memory", "the program's own memory", SYSCALL_ALLOW, NULL,
	  "madvise memfd_create mincore mlock mlock2 mlockall mmap mmap2 mprotect "
	  "mremap mseal msync munlock munlockall munmap remap_file_pages" },
	{ "@pkey", "memory protection keys", SYSCALL_ALLOW, NULL,
	  "pkey_alloc pkey_free pkey_mprotect" },
	/* clone, personality and prctl: not with every argument, see filter_policy.c */
	{ "@process", "processes and programs", SYSCALL_ALLOW, NULL,
	  "clone execve execveat fork getrlimit getrusage personality pidfd_open "
	  "prctl prlimit64 setrlimit ugetrlimit vfork wait4 waitid waitpid" },
	{ "@sched", "priorities and processors", SYSCALL_ALLOW, NULL,
	  "getpriority ioprio_get ioprio_set nice sched_get_priority_max "
	  "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam "
	  "sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
	  "sched_setaffinity sched_setattr sched_setparam sched_setscheduler "
	  "sched_yield setpriority" },
	/* socket and socketpair: of the policy's families only */
	{ "@network", "sockets: the network namespace says how far they reach", SYSCALL_ALLOW, NULL,
	  "accept accept4 bind connect getpeername getsockname getsockopt listen "
	  "recv recvfrom recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg "
	  "sendto setsockopt shutdown socket socketpair" },
	{ "@ipc", "System V and POSIX queues, in an ipc namespace of the box's own", SYSCALL_ALLOW,
	  NULL,
	  "ipc mq_getsetattr mq_notify mq_open mq_timedreceive "
	  "mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink "
	  "msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
	  "semtimedop_time64 shmat shmctl shmdt shmget" },
	{ "@sandbox", "restrict oneself further", SYSCALL_ALLOW, NULL,
	  "landlock_add_rule landlock_create_ruleset landlock_restrict_self "
	  "seccomp" },
	{ "@tty", "sessions and job control", SYSCALL_ALLOW, NULL,
	  "getpgid getpgrp getsid setpgid setsid" },
	/* browsers give capabilities up with capset and stop when they cannot */
	{ "@ids", "become one of the box's own users", SYSCALL_ALLOW, NULL,
	  "capset setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 "
	  "setgroups setgroups32 setregid setregid32 setresgid setresgid32 "
	  "setresuid setresuid32 setreuid setreuid32 setuid setuid32" },

	/* ---- refused unless a profile asks ---- */

	{ "@debug", "look into other processes", SYSCALL_EPERM, NULL,
	  "kcmp pidfd_getfd process_vm_readv process_vm_writev ptrace" },
	/* never ENOSYS: Chromium takes that for a bug and aborts */
	{ "@userns", "new roots and namespaces", SYSCALL_EPERM, NULL, "chroot setns unshare" },
	{ "@numa", "placement of memory, also of other processes'", SYSCALL_EPERM, NULL,
	  "get_mempolicy mbind migrate_pages move_pages set_mempolicy "
	  "set_mempolicy_home_node" },
	{ "@admin", "names, quotas, logs and terminals of the machine", SYSCALL_EPERM, NULL,
	  "acct quotactl quotactl_fd setdomainname sethostname syslog vhangup" },
	{ "@optional", "new or rare features that programs probe for and do without",
	  SYSCALL_ENOSYS, NULL,
	  "cachestat fanotify_init fanotify_mark lsm_get_self_attr "
	  "lsm_list_modules lsm_set_self_attr memfd_secret name_to_handle_at "
	  "process_madvise process_mrelease" },
	{ "@cpu-emulation", "16-bit and 8086 code, for programs as old as that", SYSCALL_ENOSYS,
	  NULL, "modify_ldt vm86 vm86old" },
	{ "@legacy", "what kernels had once, or never had", SYSCALL_ENOSYS, NULL,
	  "_sysctl afs_syscall bdflush break epoll_ctl_old epoll_wait_old ftime "
	  "getpmsg gtty idle lock lookup_dcookie mpx nfsservctl prof profil "
	  "putpmsg security stty sysfs tuxcall ulimit uselib ustat vserver" },

	/* ---- refused always ---- */

	{ "@opaque", "work whose arguments lie in memory", SYSCALL_ENOSYS,
	  "what it does lies in memory, where no filter can see it",
	  "clone3 io_uring_enter io_uring_register io_uring_setup socketcall" },
	{ "@mount", "change what the box is made of", SYSCALL_EPERM,
	  "it would change what the box is made of", "mount pivot_root umount umount2" },
	{ "@mount-api", "the same, in the new words, and lists of mounts", SYSCALL_ENOSYS,
	  "it would change or list what the box is made of",
	  "fsconfig fsmount fsopen fspick listmount listns mount_setattr "
	  "move_mount open_tree open_tree_attr statmount" },
	{ "@keyring", "kernel keys, which no namespace separates", SYSCALL_ENOSYS,
	  "no namespace separates the kernel's keys from the host's",
	  "add_key keyctl request_key" },
	{ "@kernel", "wide doors into the kernel, and files by handle", SYSCALL_ENOSYS,
	  "it opens too much of the kernel to the box",
	  "bpf open_by_handle_at perf_event_open userfaultfd" },
	{ "@clock", "set the machine's clock", SYSCALL_EPERM, "the clock is the host's",
	  "adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 "
	  "settimeofday stime" },
	{ "@module", "kernel modules", SYSCALL_EPERM, "the kernel is the host's",
	  "create_module delete_module finit_module get_kernel_syms init_module "
	  "query_module" },
	{ "@reboot", "restart the machine or its kernel", SYSCALL_EPERM,
	  "the machine is the host's", "kexec_file_load kexec_load reboot" },
	{ "@swap", "swap space", SYSCALL_EPERM, "the machine is the host's", "swapoff swapon" },
	{ "@raw-io", "ports and buses", SYSCALL_EPERM, "the machine is the host's",
	  "ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write" },
};

const size_t n_syscall_groups = ARRAY_LEN(syscall_groups);

const struct syscall_alias syscall_aliases[] = {
	{ "@basic-io", "@io" },	       { "@default", "@base" },	   { "@file-system", "@fs" },
	{ "@io-event", "@io" },	       { "@io-uring", "@opaque" }, { "@net-client", "@network" },
	{ "@network-io", "@network" }, { "@obsolete", "@legacy" }, { "@setuid", "@ids" },
	{ "@timer", "@time" },
};

const size_t n_syscall_aliases = ARRAY_LEN(syscall_aliases);

size_t syscall_count(const char *calls)
{
	size_t n = 1;

	for (; *(calls = strchrnul(calls, ' ')); calls++)
		n++;
	return n;
}

const char *syscall_next(const char *call, char name[SYSCALL_NAME_MAX])
{
	size_t n = (size_t)(strchrnul(call, ' ') - call);

	if (n == 0)
		return NULL;
	assert(n < SYSCALL_NAME_MAX);
	memcpy(name, call, n);
	name[n] = '\0';
	return call + n + (call[n] == ' ');
}
