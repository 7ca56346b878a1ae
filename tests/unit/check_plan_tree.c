/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What root = host and root = DIR show, and the resolv.conf in it. */
#include "plan/plan.h"

#include "base/cleanup.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

/* A tree beside the host: merged /usr, but for what the test says. */
#define TREE                                                                          \
	"/srv/tree/usr/bin/sh /srv/tree/bin@usr/bin /srv/tree/etc/passwd "            \
	"/srv/tree/init /srv/tree/proc/ /srv/tree/sys/ /srv/tree/dev/ /srv/tree/run/" \
	" /srv/tree/tmp/ /srv/tree/var/lib/ /srv/tree/var/tmp/ "

static void shut_dir(struct host *h)
{
	strv_add(&h->private_files, "/opt/shut");
}

static const struct plan_case hosts[] = {
	{
		.what = "the host's system directories, links as links, and no more",
		.options = "--root=host",
		.about = "^bind|^symlink /bin|^symlink /sbin|^symlink /lib|^dir /",
		.lines = "symlink /bin <- usr/bin\n"
			 "bind /etc <- /etc ro nofollow\n"
			 "symlink /lib <- usr/lib\n"
			 "symlink /lib64 <- usr/lib64\n"
			 "bind /opt <- /opt ro nofollow\n"
			 "dir /run/user/1000 mode=0700\n"
			 "symlink /sbin <- usr/sbin\n"
			 "bind /usr <- /usr ro nofollow\n",
	},
	{
		.what = "before the merge of /usr",
		.options = "--root=host",
		.files = "/bin! /lib64! /bin/ /bin/sh /nix/ /opt!",
		.about = "^bind|/lib64|/bin|/opt",
		.lines = "bind /bin <- /bin ro nofollow\n"
			 "bind /etc <- /etc ro nofollow\n"
			 "bind /nix <- /nix ro nofollow\n"
			 "bind /usr <- /usr ro nofollow\n"
			 "landlock /bin execute\n"
			 "env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
			 "/usr/local/games:/usr/games\n",
	},
	{
		.what = "shown anyway: named again it is no second mount",
		.options = "--root=host --ro=/etc/localtime --ro=/usr/share",
		.about = "^bind",
		.lines = "bind /etc <- /etc ro nofollow\n"
			 "bind /opt <- /opt ro nofollow\n"
			 "bind /usr <- /usr ro nofollow\n",
	},
	{
		.what = "a mount in it, on what is there",
		.options = "--root=host --rw=/srv/data:/usr/src --ro=/srv/data:/opt",
		.about = "^bind",
		.lines = "bind /etc <- /etc ro nofollow\n"
			 "bind /opt <- /srv/data ro\n"
			 "bind /usr <- /usr ro nofollow\n"
			 "bind /usr/src <- /srv/data\n",
	},
	{
		.what = "on what is missing: the directory is composed anew",
		.options = "--root=host --rw=/srv/data:/usr/share/x/y",
		.about = "/usr",
		.lines = "dir /usr mode=0755\n"
			 "bind /usr/bin <- /usr/bin ro nofollow\n"
			 "bind /usr/lib <- /usr/lib ro nofollow\n"
			 "bind /usr/lib64 <- /usr/lib64 ro nofollow\n"
			 "bind /usr/local <- /usr/local ro nofollow\n"
			 "bind /usr/sbin <- /usr/sbin ro nofollow\n"
			 "dir /usr/share mode=0755\n"
			 "bind /usr/share/x/y <- /srv/data\n"
			 "bind /usr/share/zoneinfo <- /usr/share/zoneinfo ro nofollow\n"
			 "bind /usr/src <- /usr/src ro nofollow\n"
			 "landlock /usr/bin execute\n"
			 "landlock /usr/lib execute\n"
			 "landlock /usr/lib64 execute\n"
			 "landlock /usr/local execute\n"
			 "landlock /usr/sbin execute\n"
			 "landlock /usr/share/x/y execute write\n"
			 "landlock /usr/share/zoneinfo execute\n"
			 "landlock /usr/src execute\n"
			 "env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
			 "/usr/local/games:/usr/games\n",
	},
	{
		.what = "sockets and devices of a composed directory stay outside",
		.options = "--root=host --tmpfs=/opt/new",
		.files = "/opt/socket| /opt/node= /opt/file /opt/dir/ /opt/link@../x",
		.about = "/opt",
		.lines = "dir /opt mode=0755\n"
			 "bind /opt/dir <- /opt/dir ro nofollow\n"
			 "bind /opt/file <- /opt/file ro optional nofollow\n"
			 "symlink /opt/link <- ../x\n"
			 "tmpfs /opt/new mode=0755\n"
			 "landlock /opt/dir execute\n"
			 "landlock /opt/file execute\n"
			 "landlock /opt/new execute write\n",
	},
	{
		.what = "nor is what the host's root alone may enter filled",
		.options = "--root=host --tmpfs=/opt/shut/deep/new",
		.files = "/opt/shut/key /opt/shut/deep/key /opt/shut/link@key /opt/open/",
		.change = shut_dir,
		.about = "/opt",
		.lines = "dir /opt mode=0755\n"
			 "bind /opt/open <- /opt/open ro nofollow\n"
			 "dir /opt/shut mode=0755\n"
			 "tmpfs /opt/shut/deep/new mode=0755\n"
			 "landlock /opt/open execute\n"
			 "landlock /opt/shut/deep/new execute write\n",
	},
	{
		.what = "a mask needs no mount point of its own",
		.options = "--root=host --hide=/etc/none",
		.about = "/etc",
		.lines = "bind /etc <- /etc ro nofollow\n"
			 "mask /etc/none mode=0755\n"
			 "landlock /etc execute\n",
	},
};

static const struct plan_case trees[] = {
	{
		.what = "a directory as the root: all but what a box has its own of",
		.options = "--root=/srv/tree",
		.files = TREE,
		.about = "/srv/tree|^symlink /bin|^tmpfs /var|^dir /var|/var",
		.lines = "symlink /bin <- usr/bin\n"
			 "bind /etc <- /srv/tree/etc ro nofollow\n"
			 "bind /init <- /srv/tree/init ro optional nofollow\n"
			 "bind /usr <- /srv/tree/usr ro nofollow\n"
			 "bind /var <- /srv/tree/var ro nofollow\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "landlock /var execute\n"
			 "landlock /var/tmp execute write\n",
	},
	{
		.what = "five files copied by hand",
		.options = "--root=/srv/small --rw=/srv/data:/usr/share/a",
		.files = "/srv/small/bin/sh /srv/small/usr/share/b",
		.about = "/srv|^dir",
		.lines = "bind /bin <- /srv/small/bin ro nofollow\n"
			 "dir /run/user/1000 mode=0700\n"
			 "dir /usr mode=0755\n"
			 "dir /usr/share mode=0755\n"
			 "bind /usr/share/a <- /srv/data\n"
			 "bind /usr/share/b <- /srv/small/usr/share/b ro optional nofollow\n",
	},
	{
		.what = "one that lacks /var/tmp has it all the same",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/var/tmp!",
		.about = "/var",
		.lines = "dir /var mode=0755\n"
			 "bind /var/lib <- /srv/tree/var/lib ro nofollow\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "landlock /var/lib execute\n"
			 "landlock /var/tmp execute write\n",
	},
	{
		.what = "relative, on the command line",
		.options = "--root=tree",
		.files = "/home/ada/project/tree/usr/",
		.about = "/tree",
		.lines = "bind /usr <- /home/ada/project/tree/usr ro nofollow\n",
	},
	{
		.what = "a home of the tree is its own",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/home/bob/ /srv/tree/home/ada/",
		.about = "/home",
		.lines = "bind /home <- /srv/tree/home ro nofollow\n"
			 "tmpfs /home/ada mode=0700\n"
			 "cwd /home/ada\n"
			 "landlock /home execute\n"
			 "landlock /home/ada execute write\n"
			 "env HOME=/home/ada\n",
	},
	{
		.what = "a /proc that is a link decides where we mount: refused",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/proc@/etc",
		.error = "--root: '/srv/tree/proc' is not a directory, as it must be in a root",
	},
	{
		.what = "so is a /sys",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/sys@usr",
		.error = "--root: '/srv/tree/sys' is not a directory, as it must be in a root",
	},
	{
		.what = "so is a /dev",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/dev@/dev",
		.error = "--root: '/srv/tree/dev' is not a directory, as it must be in a root",
	},
	{
		.what = "or a file",
		.options = "--root=/srv/tree",
		.files = TREE "/srv/tree/dev!  /srv/tree/dev",
		.error = "--root: '/srv/tree/dev' is not a directory, as it must be in a root",
	},
	{
		.what = "a root that is none",
		.options = "--root=/etc/passwd",
		.error = "--root: root '/etc/passwd' is not a directory",
	},
	{
		.what = "a root that is missing",
		.options = "--root=~/none",
		.error = "--root: root '/home/ada/none' is not a directory",
	},
};

#define RESOLV "resolv|10.0.2.3"

static const struct plan_case resolvs[] = {
	{
		.what = "no network, the host's file",
		.options = "--root=host",
		.about = RESOLV,
		.lines = "",
	},
	{
		.what = "slirp has a server of its own",
		.options = "--root=host --net=slirp",
		.about = RESOLV,
		.lines = "file /etc/resolv.conf ro mode=0444 content=nameserver 10.0.2.3\\n\n",
	},
	{
		.what = "--dns",
		.options = "--root=host --net=slirp --dns=9.9.9.9,::1",
		.about = RESOLV,
		.lines = "file /etc/resolv.conf ro mode=0444 content=nameserver "
			 "9.9.9.9\\nnameserver ::1\\n\n",
	},
	{
		.what = "a link upwards past the root is no path: said, not refused",
		.options = "--root=host --net=slirp",
		.files = "/etc/resolv.conf@/run/../../resolv.conf",
		.about = RESOLV,
		.lines = "warning names will not resolve: the link /etc/resolv.conf leads "
			 "nowhere\n",
	},
	{
		.what = "nor is one to the root itself",
		.options = "--root=host --net=host",
		.files = "/etc/resolv.conf@/",
		.about = RESOLV,
		.lines = "warning names will not resolve: the link /etc/resolv.conf leads "
			 "nowhere\n",
	},
	{
		.what = "which is nobody's affair without a network",
		.options = "--root=host --net=none",
		.files = "/etc/resolv.conf@/",
		.about = RESOLV,
		.lines = "",
	},
	{
		.what = "where the host's is a link into /run, the file is there",
		.options = "--root=host --net=slirp",
		.files = "/etc/resolv.conf@../run/systemd/resolve/stub-resolv.conf",
		.about = RESOLV,
		.lines = "file /run/systemd/resolve/stub-resolv.conf ro mode=0444 "
			 "content=nameserver 10.0.2.3\\n\n",
	},
	{
		.what = "absolute, and through a name of /run that the box does not have",
		.options = "--root=host --net=slirp",
		.files = "/etc/resolv.conf@/var/run/resolv.conf /run/resolv.conf",
		.about = RESOLV,
		.lines = "file /var/run/resolv.conf ro mode=0444 content=nameserver 10.0.2.3\\n\n",
	},
	{
		.what = "by two links, both in /etc",
		.options = "--root=host --net=slirp",
		.files = "/etc/resolv.conf@resolvconf/run/resolv.conf "
			 "/etc/resolvconf/run@/run/resolvconf /run/resolvconf/resolv.conf",
		.about = RESOLV,
		.lines = "file /run/resolvconf/resolv.conf ro mode=0444 content=nameserver "
			 "10.0.2.3\\n\n",
	},
	{
		.what = "the host has none: /etc is composed",
		.options = "--root=host --net=slirp",
		.files = "/etc/resolv.conf!",
		.about = RESOLV "|^dir /etc|^bind /etc",
		.lines = "dir /etc mode=0755\n"
			 "bind /etc/passwd <- /etc/passwd ro optional nofollow\n"
			 "file /etc/resolv.conf ro mode=0444 content=nameserver 10.0.2.3\\n\n",
	},
	{
		.what = "the host's network, the host's servers",
		.options = "--root=host --net=host --dns=9.9.9.9",
		.about = RESOLV,
		.lines = "file /etc/resolv.conf ro mode=0444 content=nameserver 9.9.9.9\\n\n",
	},
	{
		.what = "behind a link, bound to where the link leads",
		.options = "--root=host --net=host",
		.files = "/etc/resolv.conf@../run/resolv.conf /run/resolv.conf",
		.about = RESOLV,
		.lines = "bind /run/resolv.conf <- /etc/resolv.conf ro optional\n",
	},
	{
		.what = "or nothing where there is none",
		.options = "--root=host --net=host",
		.files = "/etc/resolv.conf!",
		.about = RESOLV,
		.lines = "",
	},
	{
		.what = "the user's own wins",
		.options = "--root=host --net=slirp --ro=/srv/data:/etc/resolv.conf",
		.about = RESOLV,
		.lines = "bind /etc/resolv.conf <- /srv/data ro\n",
	},
	{
		.what = "an empty root",
		.options = "--net=slirp",
		.about = RESOLV,
		.lines = "file /etc/resolv.conf ro mode=0444 content=nameserver 10.0.2.3\\n\n",
	},
	{
		.what = "a tree's own link counts, not the host's",
		.options = "--root=/srv/tree --net=slirp",
		.files = TREE "/srv/tree/etc/resolv.conf@../run/stub.conf "
			      "/etc/resolv.conf@/run/host.conf",
		.about = RESOLV "|stub|host.conf",
		.lines = "file /run/stub.conf ro mode=0444 content=nameserver 10.0.2.3\\n\n",
	},
};

START_TEST(test_host)
{
	plan_case_check(&hosts[_i]);
}
END_TEST

START_TEST(test_tree)
{
	plan_case_check(&trees[_i]);
}
END_TEST

START_TEST(test_resolv_conf)
{
	plan_case_check(&resolvs[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_tree");
	TCase *tc = tcase_create("tree");

	tcase_add_loop_test(tc, test_host, 0, (int)ARRAY_LEN(hosts));
	tcase_add_loop_test(tc, test_tree, 0, (int)ARRAY_LEN(trees));
	tcase_add_loop_test(tc, test_resolv_conf, 0, (int)ARRAY_LEN(resolvs));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
