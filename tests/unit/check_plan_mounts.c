/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void nowhere(struct host *h)
{
	free(take_ptr(&h->cwd));
}

static void root_alone(struct host *h)
{
	static const char *const private_files[] = {
		"/etc/shadow",	 "/etc/ssl/private",	 "/srv/data/key", "/home/ada/project/token",
		"/srv/tree/key", "/srv/tree/etc/shadow",
	};

	h->uid = h->gid = 0;
	h->subid_problem = xstrdup("none");
	for (size_t i = 0; i < ARRAY_LEN(private_files); i++)
		strv_add(&h->private_files, private_files[i]);
}

/* Id 0 in a user namespace is somebody else outside. */
static void root_in_namespace(struct host *h)
{
	root_alone(h);
	h->in_user_namespace = true;
}

/* One id is root's own, so whatever the range can do is beside the point. */
static void root_with_range(struct host *h)
{
	root_alone(h);
	free(take_ptr(&h->subid_problem));
}

static const struct plan_case asked[] = {
	{
		.what = "what a box has without being asked",
		.about = "^dir|^bind|^tmpfs|^proc|^sysfs|^devpts|^device|^symlink|^seal|^file",
		.lines = "tmpfs /dev dev mode=0755\n"
			 "symlink /dev/fd <- /proc/self/fd\n"
			 "device /dev/full <- /dev/full ro dev noexec optional\n"
			 "device /dev/null <- /dev/null ro dev noexec optional\n"
			 "symlink /dev/ptmx <- pts/ptmx\n"
			 "devpts /dev/pts dev noexec gid=5\n"
			 "device /dev/random <- /dev/random ro dev noexec optional\n"
			 "tmpfs /dev/shm mode=1777\n"
			 "symlink /dev/stderr <- /proc/self/fd/2\n"
			 "symlink /dev/stdin <- /proc/self/fd/0\n"
			 "symlink /dev/stdout <- /proc/self/fd/1\n"
			 "device /dev/tty <- /dev/tty ro dev noexec optional\n"
			 "device /dev/urandom <- /dev/urandom ro dev noexec optional\n"
			 "device /dev/zero <- /dev/zero ro dev noexec optional\n"
			 "tmpfs /home/ada mode=0700\n"
			 "proc /proc noexec\n"
			 "tmpfs /run mode=0755\n"
			 "dir /run/user/1000 mode=0700\n"
			 "tmpfs /tmp mode=1777\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "seal /\n"
			 "seal /dev\n",
	},
	{
		.what = "group tty only where it is mapped",
		.options = "--map=single",
		.about = "devpts",
		.lines = "devpts /dev/pts dev noexec\n",
	},
	{
		.what = "without /proc no links into it",
		.options = "--proc=none",
		.about = "/proc|symlink",
		.lines = "symlink /dev/ptmx <- pts/ptmx\n",
	},
	{
		.what = "binds of all kinds",
		.options = "--ro=/srv/data --rw=/srv/data:/data --dev=/dev/kvm --ro=-/srv/none "
			   "--ro=-/srv/data:/maybe --rw=project:/p --ro=~/notes:/n "
			   "--tmpfs=/scratch:size=64K --symlink='../x y:/l'",
		.about = "/srv|/dev/kvm|/maybe|/p |/n |/scratch|/l <|/data",
		.lines = "bind /data <- /srv/data\n"
			 "bind /dev/kvm <- /dev/kvm dev\n"
			 "symlink /l <- ../x y\n"
			 "bind /maybe <- /srv/data ro optional\n"
			 "bind /n <- /home/ada/notes ro\n"
			 "bind /p <- /home/ada/project/project\n"
			 "tmpfs /scratch mode=0755 size=65536 files=1024\n"
			 "bind /srv/data <- /srv/data ro\n"
			 "landlock /data execute write\n"
			 "landlock /dev/kvm execute write devices\n"
			 "landlock /maybe execute\n"
			 "landlock /n execute\n"
			 "landlock /p execute write\n"
			 "landlock /scratch execute write\n"
			 "landlock /srv/data execute\n",
		.files = "/home/ada/project/project/",
	},
	{
		.what = "paths are cleaned, and sorted parents first",
		.options = "--ro=/srv//data/./:/a/b/ --tmpfs=/a-b --tmpfs=/a --tmpfs=/a/b/c",
		.about = "^bind|^tmpfs /a",
		.lines = "tmpfs /a mode=0755\n"
			 "bind /a/b <- /srv/data ro\n"
			 "tmpfs /a/b/c mode=0755\n"
			 "tmpfs /a-b mode=0755\n",
	},
	{
		.what = "something else in the place of what a box has",
		.options = "--rw=/srv/data:/tmp --ro=/srv/data:/dev/null "
			   "--ro=/srv/data:/home/ada --tmpfs=/run/user/1000 --dev=/dev/pts",
		.about = "/tmp|/dev/null|^bind /home|^tmpfs /run/user|/dev/pts",
		.lines = "bind /dev/null <- /srv/data ro\n"
			 "bind /dev/pts <- /dev/pts dev\n"
			 "bind /home/ada <- /srv/data ro\n"
			 "tmpfs /run/user/1000 mode=0755\n"
			 "bind /tmp <- /srv/data\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "landlock /dev/null execute devices\n"
			 "landlock /dev/pts execute write devices\n"
			 "landlock /tmp execute write\n"
			 "landlock /var/tmp execute write\n",
	},
	{
		.what = "links of /dev as well",
		.options = "--ro=/srv/data:/dev/fd --tmpfs=/dev/shm:size=1M",
		.about = "/dev/fd|/dev/shm",
		.lines = "bind /dev/fd <- /srv/data ro\n"
			 "tmpfs /dev/shm mode=0755 size=1048576 files=1024\n"
			 "landlock /dev/fd execute devices\n"
			 "landlock /dev/shm execute write devices\n",
	},
#define IN(path) "nothing can be mounted in '" path "' (see the keys proc and sys)"
	{
		.what = "nothing in the place of /proc",
		.options = "--tmpfs=/proc",
		.error = "--tmpfs: " IN("/proc"),
	},
	{
		.what = "nor of anything in it",
		.options = "--ro=/srv/data:/proc/self/attr",
		.error = "--ro: " IN("/proc/self/attr"),
	},
	{
		.what = "nor writable, nor a device",
		.options = "--rw=/srv/data:/proc/sys",
		.error = "--rw: " IN("/proc/sys"),
	},
	{
		.what = "an optional one too, there or not",
		.options = "--dev=-/dev/kvm:/proc/kvm",
		.error = "--dev: " IN("/proc/kvm"),
	},
	{
		.what = "nor a link",
		.options = "--symlink=/srv/data:/proc/mine",
		.error = "--symlink: " IN("/proc/mine"),
	},
	{
		.what = "in whatever spelling",
		.options = "--tmpfs=//proc/./x/",
		.error = "--tmpfs: " IN("/proc/x"),
	},
	{
		.what = "a box without /proc has no other either",
		.options = "--proc=none --tmpfs=/proc",
		.error = "--tmpfs: " IN("/proc"),
	},
	{
		.what = "the same with /sys",
		.options = "--ro=/srv/data:/sys",
		.error = "--ro: " IN("/sys"),
	},
	{
		.what = "and what the host has in it",
		.options = "--sys=none --ro=/sys/devices",
		.error = "--ro: " IN("/sys/devices"),
	},
	{
		.what = "which can be shown elsewhere, and hidden there",
		.options = "--ro=/sys/devices:/devices --hide=/proc/uptime --hide=-/sys/block",
		.about = "/devices |/proc/uptime|/sys/block",
		.lines = "bind /devices <- /sys/devices ro\n"
			 "mask /proc/uptime mode=0755\n"
			 "mask /sys/block optional mode=0755\n"
			 "landlock /devices execute\n",
	},
	{
		.what = "a name that only begins like it",
		.options = "--tmpfs=/process --tmpfs=/system",
		.about = "^tmpfs /process|^tmpfs /system",
		.lines = "tmpfs /process mode=0755\n"
			 "tmpfs /system mode=0755\n",
	},
#undef IN
#define ALL_OF "all of '/' cannot be shown, it is what the box is made in (name the directories)"
	{
		.what = "all of the host at once",
		.options = "--ro=/:/host",
		.error = "--ro: " ALL_OF,
	},
	{
		.what = "as the root neither",
		.options = "--rw=/:/",
		.error = "--rw: " ALL_OF,
	},
	{
		.what = "by a link neither, optional or not",
		.options = "--dev=-/srv/link:/host",
		.files = "/srv/link@..",
		.error = "--dev: " ALL_OF,
	},
#undef ALL_OF
	{
		.what = "two mounts on one target",
		.options = "--ro=/srv/data:/x --rw=/opt:/x",
		.error = "--rw: two mounts on '/x' (the other: --ro)",
	},
	{
		.what = "two mounts on one target, spelt differently",
		.options = "--tmpfs=/x/y --ro=/opt:/x//y/.",
		.error = "--ro: two mounts on '/x/y' (the other: --tmpfs)",
	},
	{
		.what = "a link where a mount is",
		.options = "--ro=/srv/data:/x --symlink=y:/x",
		.error = "--symlink: two mounts on '/x' (the other: --ro)",
	},
	{
		.what = "a source that is missing",
		.options = "--ro=/srv/none",
		.error =
			"--ro: there is no '/srv/none' on the host (a '-' before the path makes it "
			"optional)",
	},
	{
		.what = "a source that is a link to nothing",
		.options = "--ro=/srv/link",
		.files = "/srv/link@none",
		.error =
			"--ro: there is no '/srv/link' on the host (a '-' before the path makes it "
			"optional)",
	},
	{
		.what = "a source in /proc",
		.options = "--ro=/proc/self/fd/5:/x",
		.error =
			"--ro: '/proc/self/fd/5' lies in /proc, which is never taken from the host",
	},
	{
		.what = "an optional one too",
		.options = "--rw=-/proc:/x",
		.error = "--rw: '/proc' lies in /proc, which is never taken from the host",
	},
	{
		.what = "a source that leads to /proc",
		.options = "--ro=/dev/fd/5:/x",
		.error = "--ro: '/dev/fd/5' lies in /proc, which is never taken from the host",
	},
	{
		.what = "by a link that somebody made",
		.options = "--rw=/srv/data/innocent:/x",
		.files = "/srv/data/innocent@../../proc/self",
		.error = "--rw: '/srv/data/innocent' lies in /proc, which is never taken from the "
			 "host",
	},
	{
		.what = "an absolute target is asked for",
		.options = "--ro=/srv/data:x",
		.error = "--ro: 'x' is not an absolute path",
	},
	{
		.what = "dots do not climb",
		.options = "--ro=/srv/data:/a/../../etc",
		.error = "--ro: '/a/../../etc' has a '..' in it (write where that leads)",
	},
	{
		.what = "but in a path that may be relative, as for every program",
		.options = "--ro=../notes --ro=-.. --rw=src/..:/x --tmpfs=src/../y/./z "
			   "--hide=/a/../../etc/",
		.about = "^bind|^tmpfs /home/ada/p|^mask /etc",
		.lines = "bind /home/ada <- /home/ada ro optional\n"
			 "bind /home/ada/notes <- /home/ada/notes ro\n"
			 "tmpfs /home/ada/project/y/z mode=0755\n"
			 "bind /x <- /home/ada/project\n"
			 "mask /etc mode=0755\n",
	},
	{
		.what = "from where a link leads, not from where it lies",
		.options = "--ro=link/../other:/x --ro=link/../data/again:/y",
		.files = "/home/ada/project/link@/srv/data /srv/other/ /srv/data/again@here "
			 "/srv/data/here/",
		.about = "^bind",
		.lines = "bind /x <- /srv/other ro\n"
			 "bind /y <- /srv/data/again ro\n",
	},
	{
		.what = "and not above the root",
		.options = "--ro=../../../../../srv/data --ro=${HOME}/../../opt:/x",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data ro\n"
			 "bind /x <- /opt ro\n",
	},
	{
		.what = "a macro that is none",
		.options = "--ro='/srv/${SECRET}'",
		.error = "--ro: ${SECRET} is unknown or has no value here",
	},
	{
		.what = "a relative path from a directory that is gone",
		.change = nowhere,
		.options = "--ro=data",
		.error = "--ro: 'data' is relative, and the working directory is gone",
	},
	{
		.what = "hide wins, in any order",
		.options = "--hide=/x/y --ro=/srv/data:/x --rw=/opt:/x/y --hide=/x/y/z",
		.about = "/x",
		.lines = "bind /x <- /srv/data ro\n"
			 "bind /x/y <- /opt\n"
			 "mask /x/y mode=0755\n"
			 "mask /x/y/z mode=0755\n"
			 "landlock /x execute\n"
			 "landlock /x/y execute write\n",
	},
	{
		.what = "hidden twice is hidden",
		.options = "--hide=/x --hide=/x",
		.about = "/x",
		.lines = "mask /x mode=0755\n"
			 "mask /x mode=0755\n",
	},
	{
		.what = "a writable tree as the whole root",
		.options = "--rw=/srv/data:/ --home=ephemeral",
		.about = "^bind|seal",
		.lines = "bind / <- /srv/data\n"
			 "bind /home <- /srv/data/home optional nofollow\n"
			 "bind /var <- /srv/data/var optional nofollow\n"
			 "seal /dev\n",
	},
	{
		.what = "but not over another root",
		.options = "--rw=/srv/data:/ --root=host",
		.error = "--rw: only a writable tree on an empty root can be mounted on '/' "
			 "(--root=DIR shows one read-only)",
	},
	{
		.what = "nor read-only",
		.options = "--ro=/srv/data:/",
		.error = "--ro: only a writable tree on an empty root can be mounted on '/' "
			 "(--root=DIR shows one read-only)",
	},
};

static const struct plan_case masks[] = {
	{
		.what = "what /proc tells about the machine",
		.about = "^lock|^mask",
		.lines = "lock /proc/bus optional\n"
			 "lock /proc/driver optional\n"
			 "lock /proc/fs optional\n"
			 "lock /proc/irq optional\n"
			 "lock /proc/pressure optional\n"
			 "lock /proc/sys optional\n"
			 "mask /proc/acpi optional\n"
			 "mask /proc/asound optional\n"
			 "mask /proc/cmdline optional\n"
			 "mask /proc/config.gz optional\n"
			 "mask /proc/interrupts optional\n"
			 "mask /proc/kallsyms optional\n"
			 "mask /proc/kcore optional\n"
			 "mask /proc/key-users optional\n"
			 "mask /proc/keys optional\n"
			 "mask /proc/kmsg optional\n"
			 "mask /proc/latency_stats optional\n"
			 "mask /proc/sched_debug optional\n"
			 "mask /proc/scsi optional\n"
			 "mask /proc/softirqs optional\n"
			 "mask /proc/sysrq-trigger optional\n"
			 "mask /proc/timer_list optional\n",
	},
	{
		.what = "no /proc, no masks",
		.options = "--proc=none",
		.about = "^lock|^mask",
		.lines = "",
	},
	{
		.what = "/sys",
		.options = "--sys=ro --proc=none",
		.about = "/sys",
		.lines = "sysfs /sys ro noexec\n"
			 "mask /sys/devices/system/cpu/cpu0/thermal_throttle optional\n"
			 "mask /sys/devices/virtual/powercap optional\n"
			 "mask /sys/firmware optional\n"
			 "mask /sys/fs/bpf optional\n"
			 "mask /sys/fs/cgroup optional\n"
			 "mask /sys/fs/fuse optional\n"
			 "mask /sys/fs/selinux optional\n"
			 "mask /sys/kernel/debug optional\n"
			 "mask /sys/kernel/security optional\n"
			 "mask /sys/kernel/tracing optional\n",
	},
	{
		.what = "/sys of the host's network is bound",
		.options = "--sys=ro --net=host",
		.about = "^bind /sys|^sysfs|/sys/fs/cgroup",
		.lines = "bind /sys <- /sys ro noexec\n"
			 "mask /sys/fs/cgroup optional\n",
	},
	{
		.what = "the host's root could read more",
		.change = root_alone,
		.options = "--root=host",
		.about = "/proc/modules|/proc/slabinfo|/etc/",
		.lines = "mask /etc/shadow optional\n"
			 "mask /etc/ssl/private optional\n"
			 "mask /proc/modules optional\n"
			 "mask /proc/slabinfo optional\n",
	},
	{
		.what = "at the place where it is shown, as often as it is",
		.change = root_alone,
		.options = "--root=host --ro=/etc:/mnt/etc --ro=/etc/ssl:/ssl",
		.files = "/etc/ssl/",
		.about = "^mask /etc|^mask /mnt|^mask /ssl",
		.lines = "mask /etc/shadow optional\n"
			 "mask /etc/ssl/private optional\n"
			 "mask /mnt/etc/shadow optional\n"
			 "mask /mnt/etc/ssl/private optional\n"
			 "mask /ssl/private optional\n",
	},
	{
		.what = "on an empty root too, and the very file",
		.change = root_alone,
		.options = "--ro=/etc:/mnt/etc --ro=-/srv/data:/data --ro=/srv/data/key:/k",
		.files = "/srv/data/key",
		.about = "/shadow|/private|/data/key|/k |/mnt",
		.lines = "bind /k <- /srv/data/key ro\n"
			 "bind /mnt/etc <- /etc ro\n"
			 "mask /data/key optional\n"
			 "mask /k optional\n"
			 "mask /mnt/etc/shadow optional\n"
			 "mask /mnt/etc/ssl/private optional\n"
			 "landlock /k execute\n"
			 "landlock /mnt/etc execute\n",
	},
	{
		.what = "a name that only begins like it is another file",
		.change = root_alone,
		.options = "--ro=/srv/data:/data --ro=/srv/da:/more --ro=/srv/data-2:/2",
		.files = "/srv/data-2/key /srv/da/ta/key",
		.about = "^mask /data|^mask /more|^mask /2",
		.lines = "mask /data/key optional\n",
	},
	{
		.what = "the working directory, read-only",
		.change = root_alone,
		.options = "--cwd=ro",
		.about = "/token",
		.lines = "mask /home/ada/project/token optional\n",
	},
	{
		.what = "a tree as the root",
		.change = root_alone,
		.options = "--root=/srv/tree",
		.files = "/srv/tree/usr/ /srv/tree/key /srv/tree/etc/shadow",
		.about = "/key |/shadow",
		.lines = "bind /key <- /srv/tree/key ro optional nofollow\n"
			 "mask /etc/shadow optional\n"
			 "mask /key optional\n"
			 "landlock /key execute\n",
	},
	{
		.what = "what may be written was meant for it",
		.change = root_alone,
		.options = "--rw=/etc:/mnt/etc --dev=/srv/data:/data --cwd=rw",
		.about = "^mask /mnt|^mask /data|^mask /home",
		.lines = "",
	},
	{
		.what = "root of a user namespace is not the host's",
		.change = root_in_namespace,
		.options = "--root=host --ro=/etc:/mnt/etc",
		.about = "/proc/modules|^mask /etc|^mask /mnt",
		.lines = "",
	},
	{
		.what = "but not over a range",
		.change = root_with_range,
		.options = "--root=host",
		.about = "/proc/modules|/etc/",
		.lines = "",
	},
};

START_TEST(test_asked)
{
	plan_case_check(&asked[_i]);
}
END_TEST

START_TEST(test_masks)
{
	plan_case_check(&masks[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_mounts");
	TCase *tc = tcase_create("mounts");

	tcase_add_loop_test(tc, test_asked, 0, (int)ARRAY_LEN(asked));
	tcase_add_loop_test(tc, test_masks, 0, (int)ARRAY_LEN(masks));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
