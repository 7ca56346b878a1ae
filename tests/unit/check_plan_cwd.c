/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which directory of the caller is shown, and where the program starts. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void set(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

#define CWD(name, path)                  \
	static void name(struct host *h) \
	{                                \
		set(&h->cwd, path);      \
	}

CWD(in_home, "/home/ada")
CWD(above_home, "/home")
CWD(in_slash, "/")
CWD(in_tmp, "/tmp")
CWD(below_tmp, "/tmp/build")
CWD(in_var, "/var")
CWD(in_etc, "/etc")
CWD(in_usr, "/usr/share")
CWD(in_data, "/srv/data")
CWD(in_proc, "/proc/self/fd")
CWD(in_dev, "/dev/pts")
CWD(in_runtime, "/run/user/1000")
CWD(above_runtime, "/run/user")
CWD(in_dollar, "/srv/a$HOME")
CWD(in_strange, "/srv/${x} ~:\\")
CWD(below_cover, "/srv/data/a/b")
CWD(nowhere, NULL)

static void no_home(struct host *h)
{
	set(&h->home, NULL);
}

static void home_of_root(struct host *h)
{
	set(&h->home, "/");
}

/* HOME says one directory, the user database another: both are withheld. */
static void other_home(struct host *h)
{
	set(&h->home, "/srv/home");
	set(&h->login_home, "/home/ada");
	set(&h->cwd, "/home/ada");
}

static void above_other_home(struct host *h)
{
	other_home(h);
	set(&h->cwd, "/home");
}

static void in_other_home(struct host *h)
{
	other_home(h);
	set(&h->cwd, "/home/ada/project");
}

static void in_home_beside(struct host *h)
{
	other_home(h);
	set(&h->cwd, "/srv/home");
}

static void login_home_alone(struct host *h)
{
	other_home(h);
	set(&h->home, NULL);
}

static void in_tree(struct host *h)
{
	set(&h->cwd, "/srv/data/a");
}

static const struct plan_case cwds[] = {
	{
		.what = "cwd = ro",
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "bind /home/ada/project <- /home/ada/project ro\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "cwd = rw",
		.options = "--cwd=rw",
		.about = "cwd|^bind",
		.lines = "bind /home/ada/project <- /home/ada/project\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "cwd = none",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n",
	},
	{
		.what = "the home itself is not shown",
		.change = in_home,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/home/ada' is not shown: it is or holds the home\n",
	},
	{
		.what = "nor what holds it",
		.change = above_home,
		.options = "--cwd=ro",
		.about = "cwd|^bind|^tmpfs /home",
		.lines = "tmpfs /home/ada mode=0700\n"
			 "cwd /home/ada\n"
			 "note cwd: '/home' is not shown: it is or holds the home\n",
	},
	{
		.what = "which is a warning where it was to be written",
		.change = above_home,
		.options = "--cwd=rw",
		.about = "cwd|^bind|warning",
		.lines = "cwd /home/ada\n"
			 "warning the working directory '/home' is not shown: it is or holds the "
			 "home (another directory, or --ro=./FILE, helps)\n",
	},
	{
		.what = "and no different with the real home",
		.change = above_home,
		.options = "--cwd=rw --home=host",
		.about = "cwd|^bind /home <|warning",
		.lines = "cwd /home/ada\n"
			 "warning the working directory '/home' is not shown: it is or holds the "
			 "home (another directory, or --ro=./FILE, helps)\n",
	},
	{
		.what = "in / with the real home",
		.change = in_slash,
		.options = "--cwd=ro --home=host",
		.about = "cwd|^bind / ",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/' is not shown: it is or holds the home\n",
	},
	{
		.what = "in / without a home",
		.change = in_slash,
		.options = "--cwd=ro",
		.about = "cwd|^bind / ",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/' is not shown: it is or holds the home\n",
	},
	{
		.what = "the home of the user database, when HOME says another",
		.change = other_home,
		.options = "--cwd=rw",
		.about = "cwd|^bind|^tmpfs /home|^tmpfs /srv|warning",
		.lines = "tmpfs /srv/home mode=0700\n"
			 "cwd /srv/home\n"
			 "warning the working directory '/home/ada' is not shown: it is or holds "
			 "the home (another directory, or --ro=./FILE, helps)\n",
	},
	{
		.what = "and what holds that",
		.change = above_other_home,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /srv/home\n"
			 "note cwd: '/home' is not shown: it is or holds the home\n",
	},
	{
		.what = "but what lies in it is shown",
		.change = in_other_home,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "bind /home/ada/project <- /home/ada/project ro\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "nor the home that HOME says",
		.change = in_home_beside,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /srv/home\n"
			 "note cwd: '/srv/home' is not shown: it is or holds the home\n",
	},
	{
		.what = "nor that of the user database alone",
		.change = login_home_alone,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /\n"
			 "note cwd: '/home/ada' is not shown: it is or holds the home\n",
	},
	{
		.what = "the real home, and in it",
		.change = in_home,
		.options = "--cwd=ro --home=host",
		.about = "cwd|^bind /home/ada <",
		.lines = "bind /home/ada <- /home/ada\n"
			 "cwd /home/ada\n",
	},
	{
		.what = "/tmp is the box's own",
		.change = in_tmp,
		.options = "--cwd=rw",
		.about = "cwd|^bind|/tmp mode|warning",
		.lines = "tmpfs /tmp mode=1777\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "cwd /tmp\n"
			 "warning the working directory '/tmp' is not shown: the box has its own "
			 "there (another directory, or --ro=./FILE, helps)\n",
	},
	{
		.what = "what lies below /tmp is shown in it",
		.change = below_tmp,
		.options = "--cwd=rw",
		.about = "cwd|^bind",
		.lines = "bind /tmp/build <- /tmp/build\n"
			 "cwd /tmp/build\n",
	},
	{
		.what = "/var holds /var/tmp",
		.change = in_var,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/var' is not shown: the box has its own there\n",
	},
	{
		.what = "a system directory is there already",
		.change = in_usr,
		.options = "--cwd=ro --root=host",
		.about = "cwd|/usr <|/usr/share",
		.lines = "bind /usr <- /usr ro nofollow\n"
			 "cwd /usr/share\n",
	},
	{
		.what = "and can be written only if asked for",
		.change = in_etc,
		.options = "--cwd=rw --root=host",
		.about = "cwd|^bind /etc",
		.lines =
			"bind /etc <- /etc\n"
			"bind /etc/sandbox <- /etc/sandbox optional nofollow\n"
			"bind /etc/sandbox/profiles <- /etc/sandbox/profiles ro optional nofollow\n"
			"cwd /etc\n",
	},
	{
		.what = "elsewhere",
		.change = in_data,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "bind /srv/data <- /srv/data ro\n"
			 "cwd /srv/data\n",
	},
	{
		.what = "/proc",
		.change = in_proc,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/proc/self/fd' is not shown: the box has its own there\n",
	},
	{
		.what = "/dev/pts",
		.change = in_dev,
		.options = "--cwd=rw",
		.about = "cwd|^bind|warning",
		.lines = "cwd /home/ada\n"
			 "warning the working directory '/dev/pts' is not shown: the box has its "
			 "own there (another directory, or --ro=./FILE, helps)\n",
	},
	{
		.what = "the runtime directory has the session bus in it",
		.change = in_runtime,
		.options = "--cwd=ro --user=root",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/run/user/1000' is not shown: the box has its own there\n",
	},
	{
		.what = "and what holds it too",
		.change = above_runtime,
		.options = "--cwd=ro",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n"
			 "note cwd: '/run/user' is not shown: the box has its own there\n",
	},
	{
		.what = "a directory that is gone",
		.change = nowhere,
		.options = "--cwd=rw",
		.about = "cwd|^bind",
		.lines = "cwd /home/ada\n",
	},
	{
		.what = "a name with a dollar sign is a name",
		.change = in_dollar,
		.files = "'/srv/a$HOME/'",
		.options = "--cwd=ro --ro=.:/x",
		.about = "cwd|^bind",
		.lines = "bind /srv/a$HOME <- /srv/a$HOME ro\n"
			 "bind /x <- /srv/a$HOME ro\n"
			 "cwd /srv/a$HOME\n",
	},
	{
		.what = "whatever is in it",
		.change = in_strange,
		.files = "'/srv/${x} ~:\\/'",
		.options = "--cwd=rw --ro=\\${CWD}:/x",
		.about = "cwd|^bind",
		.lines = "bind /srv/${x} ~:\\ <- /srv/${x} ~:\\\n"
			 "bind /x <- /srv/${x} ~:\\ ro\n"
			 "cwd /srv/${x} ~:\\\n",
	},
	{
		.what = "--chdir",
		.options = "--chdir=/usr --cwd=ro",
		.about = "cwd",
		.lines = "cwd /usr\n",
	},
	{
		.what = "--chdir is of the box, and absolute in the end",
		.options = "-w '~/x'",
		.about = "cwd",
		.lines = "cwd /home/ada/x\n",
	},
	{
		.what = "--chdir through dots",
		.options = "-w ../../..//usr/./src/..",
		.about = "cwd",
		.lines = "cwd /usr\n",
	},
	{
		.what = "shown by another mount",
		.options = "--ro=/home/ada/project",
		.about = "cwd|^bind",
		.lines = "bind /home/ada/project <- /home/ada/project ro\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "in a tree that was asked for it is as that is",
		.options = "--cwd=ro --rw=..",
		.change = in_tree,
		.files = "/srv/data/a/",
		.about = "cwd|^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "cwd /srv/data/a\n",
	},
	{
		.what = "but no less than asked for itself",
		.options = "--cwd=rw --ro=..",
		.change = in_tree,
		.files = "/srv/data/a/",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data ro\n"
			 "bind /srv/data/a <- /srv/data/a\n",
	},
	{
		.what = "nor is it, where that is shown elsewhere, or covered",
		.options = "--cwd=ro --rw=..:/x --tmpfs=..",
		.change = in_tree,
		.files = "/srv/data/a/",
		.about = "^bind",
		.lines = "bind /srv/data/a <- /srv/data/a ro\n"
			 "bind /x <- /srv/data\n",
	},
	{
		.what = "a project in the real home is only read",
		.options = "--cwd=ro --home=host",
		.about = "^bind /home/ada/p",
		.lines = "bind /home/ada/project <- /home/ada/project ro\n",
	},
	{
		.what = "shown in another place only",
		.change = in_data,
		.options = "--ro=/srv/data:/data",
		.about = "cwd",
		.lines = "cwd /home/ada\n",
	},
	{
		.what = "shown, and covered by something else",
		.change = below_cover,
		.files = "/srv/data/a/b/",
		.options = "--ro=/srv/data --tmpfs=/srv/data/a",
		.about = "cwd",
		.lines = "cwd /home/ada\n",
	},
	{
		.what = "shown, and hidden",
		.change = below_cover,
		.files = "/srv/data/a/b/",
		.options = "--ro=/srv/data --hide=/srv/data",
		.about = "cwd",
		.lines = "cwd /home/ada\n",
	},
	{
		.what = "no home",
		.change = no_home,
		.about = "cwd|HOME|/home",
		.lines = "cwd /\n"
			 "env HOME=/tmp\n",
	},
	{
		.what = "a home that is the root",
		.change = home_of_root,
		.options = "--home=host",
		.about = "cwd|HOME|^bind / ",
		.lines = "cwd /\n"
			 "env HOME=/\n",
	},
	{
		.what = "home = host",
		.options = "--home=host",
		.about = "cwd|^bind /home/ada <|^tmpfs /home",
		.lines = "bind /home/ada <- /home/ada\n"
			 "cwd /home/ada/project\n",
	},
};

START_TEST(test_cwd)
{
	plan_case_check(&cwds[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_cwd");
	TCase *tc = tcase_create("cwd");

	tcase_add_loop_test(tc, test_cwd, 0, (int)ARRAY_LEN(cwds));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
