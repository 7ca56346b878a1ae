/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies between a writable tree and a mount in it cannot be moved away. */
#include "plan/plan.h"

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

#define DEEP "/srv/data/a/b/c/d/e/ /srv/data/a/b/x "

static const struct plan_case pins[] = {
	{
		.what = "every directory above a mount in a writable tree",
		.files = DEEP,
		.options = "--rw=/srv/data --ro=/srv/data/a/b/c",
		.about = "^bind|^landlock /srv",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /srv/data/a/b optional nofollow\n"
			 "bind /srv/data/a/b/c <- /srv/data/a/b/c ro\n"
			 "landlock /srv/data execute write\n",
	},
	{
		.what = "in any order",
		.files = DEEP,
		.options = "--ro=/srv/data/a/b/c --rw=/srv/data",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /srv/data/a/b optional nofollow\n"
			 "bind /srv/data/a/b/c <- /srv/data/a/b/c ro\n",
	},
	{
		.what = "above what is hidden",
		.files = DEEP,
		.options = "--rw=/srv/data --hide=/srv/data/a/b/x --hide=-/srv/data/n/m",
		.about = "^bind|^mask /srv",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /srv/data/a/b optional nofollow\n"
			 "bind /srv/data/n <- /srv/data/n optional nofollow\n"
			 "mask /srv/data/a/b/x mode=0755\n"
			 "mask /srv/data/n/m optional mode=0755\n",
	},
	{
		.what = "above a tmpfs, and another host directory",
		.files = DEEP,
		.options = "--rw=/srv/data --tmpfs=/srv/data/a/t --rw=/opt:/srv/data/z/o",
		.about = "^bind|^tmpfs /srv",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "tmpfs /srv/data/a/t mode=0755\n"
			 "bind /srv/data/z <- /srv/data/z optional nofollow\n"
			 "bind /srv/data/z/o <- /opt\n",
	},
	{
		.what = "with what the tree has there, wherever it is shown",
		.files = DEEP,
		.options = "--rw=/srv/data:/d --hide=/d/a/b/x",
		.about = "^bind",
		.lines = "bind /d <- /srv/data\n"
			 "bind /d/a <- /srv/data/a optional nofollow\n"
			 "bind /d/a/b <- /srv/data/a/b optional nofollow\n",
	},
	{
		.what = "once for many",
		.files = DEEP,
		.options = "--rw=/srv/data --hide=/srv/data/a/b/x --hide=/srv/data/a/b/c/d "
			   "--ro=/srv/data/a/b/c",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /srv/data/a/b optional nofollow\n"
			 "bind /srv/data/a/b/c <- /srv/data/a/b/c ro\n",
	},
	{
		.what = "nothing directly below the tree",
		.options = "--rw=/srv/data --ro=/opt:/srv/data/o --hide=-/srv/data/h",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/o <- /opt ro\n",
	},
	{
		.what = "nor beside it",
		.files = "/srv/data-2/a/b/",
		.options = "--rw=/srv/data --ro=/srv/data-2/a/b",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data-2/a/b <- /srv/data-2/a/b ro\n",
	},
	{
		.what = "in a tmpfs nothing is the host's",
		.files = DEEP,
		.options = "--tmpfs=/t --ro=/srv/data:/t/a/b --hide=-/t/c/d",
		.about = "^bind|^tmpfs /t ",
		.lines = "tmpfs /t mode=0755\n"
			 "bind /t/a/b <- /srv/data ro\n",
	},
	{
		.what = "nor in a tmpfs in a writable tree",
		.files = DEEP,
		.options = "--rw=/srv/data --tmpfs=/srv/data/a --ro=/opt:/srv/data/a/b/c",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a/b/c <- /opt ro\n",
	},
	{
		.what = "what is read-only holds itself",
		.files = DEEP,
		.options = "--ro=/srv/data --rw=/srv/data/a/b/c --hide=/srv/data/a/b/x",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data ro\n"
			 "bind /srv/data/a/b/c <- /srv/data/a/b/c\n",
	},
	{
		.what = "writable in read-only in writable: each in what it lies in",
		.files = DEEP,
		.options = "--rw=/srv/data --ro=/srv/data/a/b --rw=/srv/data/a/b/c/d "
			   "--hide=-/srv/data/a/b/c/d/e/f",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /srv/data/a/b ro\n"
			 "bind /srv/data/a/b/c/d <- /srv/data/a/b/c/d\n"
			 "bind /srv/data/a/b/c/d/e <- /srv/data/a/b/c/d/e optional nofollow\n",
	},
	{
		.what = "the inner of two writable trees has the rest of the way",
		.files = DEEP,
		.options = "--rw=/srv/data --rw=/opt:/srv/data/a/b --ro=/srv:/srv/data/a/b/c/d",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/a <- /srv/data/a optional nofollow\n"
			 "bind /srv/data/a/b <- /opt\n"
			 "bind /srv/data/a/b/c <- /opt/c optional nofollow\n"
			 "bind /srv/data/a/b/c/d <- /srv ro\n",
	},
	{
		.what = "a whole root, and what a box has its own of",
		.files = DEEP,
		.options = "--rw=/srv/data:/ --ro=/opt:/a/b/c --hide=/etc/shadow",
		.about = "^bind|^tmpfs /home|^tmpfs /var|^tmpfs /tmp|^mask /etc",
		.lines = "bind / <- /srv/data\n"
			 "bind /a <- /srv/data/a optional nofollow\n"
			 "bind /a/b <- /srv/data/a/b optional nofollow\n"
			 "bind /a/b/c <- /opt ro\n"
			 "bind /etc <- /srv/data/etc optional nofollow\n"
			 "bind /home <- /srv/data/home optional nofollow\n"
			 "tmpfs /home/ada mode=0700\n"
			 "tmpfs /tmp mode=1777\n"
			 "bind /var <- /srv/data/var optional nofollow\n"
			 "tmpfs /var/tmp mode=1777\n"
			 "mask /etc/shadow mode=0755\n",
	},
	{
		.what = "in the real home",
		.options = "--home=host --ro=/home/ada/project/src --hide=-/home/ada/.ssh/id",
		.about = "/project|/.ssh",
		.lines = "bind /home/ada/.ssh <- /home/ada/.ssh optional nofollow\n"
			 "bind /home/ada/project <- /home/ada/project optional nofollow\n"
			 "bind /home/ada/project/src <- /home/ada/project/src ro\n"
			 "mask /home/ada/.ssh/id optional mode=0755\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "in the working directory, where the program still starts",
		.files = "/home/ada/project/.git/hooks/",
		.options = "--cwd=rw --ro=.git/hooks",
		.about = "^bind|^cwd",
		.lines = "bind /home/ada/project <- /home/ada/project\n"
			 "bind /home/ada/project/.git <- /home/ada/project/.git optional nofollow\n"
			 "bind /home/ada/project/.git/hooks <- /home/ada/project/.git/hooks ro\n"
			 "cwd /home/ada/project\n",
	},
	{
		.what = "devices stay what they were",
		.files = "/dev/snd/a/b/",
		.options = "--dev=/dev/snd --hide=/dev/snd/a/b",
		.about = "^bind",
		.lines = "bind /dev/snd <- /dev/snd dev\n"
			 "bind /dev/snd/a <- /dev/snd/a dev optional nofollow\n",
	},
	{
		.what = "a link needs no hold: who can write there can make it anew",
		.files = DEEP,
		.options = "--rw=/srv/data --symlink=x:/srv/data/a/b/l",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n",
	},
};

START_TEST(test_pins)
{
	plan_case_check(&pins[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_pin");
	TCase *tc = tcase_create("pins");

	tcase_add_loop_test(tc, test_pins, 0, (int)ARRAY_LEN(pins));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
