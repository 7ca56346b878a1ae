/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void cwd_in_config(struct host *h)
{
	free(h->cwd);
	h->cwd = xstrdup("/home/ada/.config/sandbox/profiles");
}

static void profile_in_project(struct host *h)
{
	strv_add(&h->protect, "/home/ada/project/box/mine.ini");
}

/* An administrator's directory behind a link, as ostree systems have it. */
static void linked_system(struct host *h)
{
	strv_add(&h->protect, "/opt/profiles");
}

static const struct plan_case cases[] = {
	{
		.what = "what a writable home holds is pinned, component by component",
		.options = "--home=host",
		.files = "/home/ada/.config/sandbox/profiles/",
		.about = "^bind|^make",
		.lines = "bind /home/ada <- /home/ada\n"
			 "bind /home/ada/.cache <- /home/ada/.cache optional nofollow\n"
			 "bind /home/ada/.cache/sandbox <- /home/ada/.cache/sandbox ro optional "
			 "nofollow\n"
			 "bind /home/ada/.config <- /home/ada/.config nofollow\n"
			 "bind /home/ada/.config/sandbox <- /home/ada/.config/sandbox ro nofollow\n"
			 "bind /home/ada/.local <- /home/ada/.local optional nofollow\n"
			 "bind /home/ada/.local/state <- /home/ada/.local/state optional nofollow\n"
			 "bind /home/ada/.local/state/sandbox <- /home/ada/.local/state/sandbox ro "
			 "optional nofollow\n"
			 "make /home/ada/.cache/sandbox\n"
			 "make /home/ada/.local/state/sandbox\n",
	},
	{
		.what = "a home that is read needs nothing",
		.options = "--ro=~",
		.about = "^bind|^make",
		.lines = "bind /home/ada <- /home/ada ro\n",
	},
	{
		.what = "a fresh one neither",
		.about = "^bind|^make",
		.lines = "",
	},
	{
		.what = "a tree without any of it neither",
		.options = "--rw=/srv/data --cwd=rw",
		.about = "^bind|^make",
		.lines = "bind /home/ada/project <- /home/ada/project\n"
			 "bind /srv/data <- /srv/data\n",
	},
	{
		.what = "only what is below",
		.options = "--rw=~/.config",
		.about = "^bind|^make",
		.lines = "bind /home/ada/.config <- /home/ada/.config\n"
			 "bind /home/ada/.config/sandbox <- /home/ada/.config/sandbox ro optional "
			 "nofollow\n"
			 "make /home/ada/.config/sandbox\n",
	},
	{
		.what = "wherever the tree is shown",
		.options = "--rw=~/.config:/c",
		.about = "^bind|^make",
		.lines = "bind /c <- /home/ada/.config\n"
			 "bind /c/sandbox <- /home/ada/.config/sandbox ro optional nofollow\n"
			 "make /home/ada/.config/sandbox\n",
	},
	{
		.what = "under whatever name it came",
		.options = "--rw=/srv/home:/h",
		.files = "/srv/home@/home/ada",
		.about = "/h/.config|/h <|^make /home/ada/.config",
		.lines = "bind /h <- /srv/home\n"
			 "bind /h/.config <- /home/ada/.config optional nofollow\n"
			 "bind /h/.config/sandbox <- /home/ada/.config/sandbox ro optional "
			 "nofollow\n"
			 "make /home/ada/.config/sandbox\n",
	},
	{
		.what = "by every mount of it",
		.options = "--rw=~/.config:/a --dev=~/.config:/b",
		.about = "^bind",
		.lines = "bind /a <- /home/ada/.config\n"
			 "bind /a/sandbox <- /home/ada/.config/sandbox ro optional nofollow\n"
			 "bind /b <- /home/ada/.config dev\n"
			 "bind /b/sandbox <- /home/ada/.config/sandbox ro optional nofollow\n",
	},
	{
		.what = "as the whole root too",
		.options = "--rw=/home:/",
		.about = "/.config",
		.lines = "bind /ada/.config <- /home/ada/.config optional nofollow\n"
			 "bind /ada/.config/sandbox <- /home/ada/.config/sandbox ro optional "
			 "nofollow\n"
			 "make /home/ada/.config/sandbox\n",
	},
	{
		.what = "a profile that is a link: the file it leads to",
		.files = "/etc/sandbox/profiles/mine.ini@/srv/data/box/mine.ini "
			 "/srv/data/box/mine.ini",
		.options = "--rw=/srv/data --rw=/srv/data/box:/b",
		.about = "^bind|^make",
		.lines = "bind /b <- /srv/data/box\n"
			 "bind /b/mine.ini <- /srv/data/box/mine.ini ro nofollow\n"
			 "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/box <- /srv/data/box nofollow\n"
			 "bind /srv/data/box/mine.ini <- /srv/data/box/mine.ini ro nofollow\n",
	},
	{
		.what = "as a relative link, in a directory that is one itself",
		.files = "/etc/sandbox/profiles@../../srv/profiles "
			 "/srv/profiles/mine.ini@../data/mine.ini /srv/data/mine.ini",
		.options = "--rw=/srv/data",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/mine.ini <- /srv/data/mine.ini ro nofollow\n",
	},
	{
		.what = "a profile that is a directory elsewhere, whole",
		.files = "/etc/sandbox/profiles/more@/srv/data/more /srv/data/more/x.ini",
		.options = "--rw=/srv/data",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/more <- /srv/data/more ro nofollow\n",
	},
	{
		.what = "one that is writable itself is refused",
		.files = "/etc/sandbox/profiles/mine.ini@/srv/data/mine.ini /srv/data/mine.ini",
		.options = "--rw=/srv/data/mine.ini:/m",
		.error = "--rw: '/srv/data/mine.ini' is what the launcher itself reads at its next "
			 "start; it is never writable inside (--ro shows it)",
	},
	{
		.what = "and one that is reached by a second link, which could be replaced",
		.files = "/etc/sandbox/profiles/mine.ini@/srv/data/link "
			 "/srv/data/link@/opt/mine.ini /opt/mine.ini",
		.options = "--rw=/srv/data",
		.error = "--rw: '/srv/data' would be writable inside, but '/srv/data/link' leads "
			 "to what the launcher itself reads, and a symbolic link cannot be "
			 "protected (make it a directory)",
	},
	{
		.what = "a link beside the others in the directory is held by that",
		.files = "/etc/sandbox/profiles/a.ini@b.ini /etc/sandbox/profiles/b.ini",
		.options = "--rw=/etc",
		.about = "^bind",
		.lines = "bind /etc <- /etc\n"
			 "bind /etc/sandbox <- /etc/sandbox nofollow\n"
			 "bind /etc/sandbox/profiles <- /etc/sandbox/profiles ro nofollow\n"
			 "bind /etc/sandbox/profiles/b.ini <- /etc/sandbox/profiles/b.ini ro "
			 "nofollow\n",
	},
	{
		.what = "a profile in a writable project, and what leads to it",
		.change = profile_in_project,
		.files = "/home/ada/project/box/mine.ini",
		.options = "--cwd=rw",
		.about = "^bind|^make",
		.lines = "bind /home/ada/project <- /home/ada/project\n"
			 "bind /home/ada/project/box <- /home/ada/project/box nofollow\n"
			 "bind /home/ada/project/box/mine.ini <- /home/ada/project/box/mine.ini ro "
			 "nofollow\n",
	},
	{
		.what = "a directory behind a link is what the link leads to",
		.change = linked_system,
		.files = "/opt/profiles@/srv/data/profiles /srv/data/profiles/",
		.options = "--rw=/srv/data",
		.about = "^bind",
		.lines = "bind /srv/data <- /srv/data\n"
			 "bind /srv/data/profiles <- /srv/data/profiles ro nofollow\n",
	},
	{
		.what = "the profiles themselves are never writable",
		.options = "--rw=~/.config/sandbox",
		.files = "/home/ada/.config/sandbox/",
		.error = "--rw: '/home/ada/.config/sandbox' is what the launcher itself reads at "
			 "its next start; it is never writable inside (--ro shows it)",
	},
	{
		.what = "nor a part of them",
		.options = "--rw=~/.config/sandbox/profiles:/x",
		.files = "/home/ada/.config/sandbox/profiles/",
		.error = "--rw: '/home/ada/.config/sandbox/profiles' is what the launcher itself "
			 "reads at its next start; it is never writable inside (--ro shows it)",
	},
	{
		.what = "nor through a link",
		.options = "--rw=/srv/link:/x",
		.files = "/home/ada/.config/sandbox/profiles/ "
			 "/srv/link@../home/ada/.config/sandbox/profiles",
		.error = "--rw: '/home/ada/.config/sandbox/profiles' is what the launcher itself "
			 "reads at its next start; it is never writable inside (--ro shows it)",
	},
	{
		.what = "nor by standing in them",
		.change = cwd_in_config,
		.files = "/home/ada/.config/sandbox/profiles/",
		.options = "--cwd=rw",
		.error = "cwd = rw: '/home/ada/.config/sandbox/profiles' is what the launcher "
			 "itself reads at its next start; it is never writable inside (--ro shows "
			 "it)",
	},
	{
		.what = "which may be read",
		.options = "--ro=~/.config/sandbox",
		.files = "/home/ada/.config/sandbox/",
		.about = "^bind",
		.lines = "bind /home/ada/.config/sandbox <- /home/ada/.config/sandbox ro\n",
	},
};

START_TEST(test_protection)
{
	plan_case_check(&cases[_i]);
}
END_TEST

/*
 * A link on the way could be replaced from inside. host_canonical() has taken
 * it away where it is part of the name we know; one in a loop it cannot.
 */
START_TEST(test_link_that_leads_nowhere_is_refused)
{
	static const struct plan_case loop = {
		.options = "--rw=~",
		.files = "/home/ada/.config@.config",
		.error = "--rw: '/home/ada' would be writable inside, but '/home/ada/.config' "
			 "leads to what the launcher itself reads, and a symbolic link cannot be "
			 "protected (make it a directory)",
	};

	plan_case_check(&loop);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_protect");
	TCase *tc = tcase_create("protect");

	tcase_add_loop_test(tc, test_protection, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_link_that_leads_nowhere_is_refused);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
