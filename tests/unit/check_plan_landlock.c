/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include "base/cleanup.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void no_landlock(struct host *h)
{
	h->landlock_abi = 0;
}

static void no_scopes(struct host *h)
{
	h->landlock_abi = 5;
}

static void first_with_scopes(struct host *h)
{
	h->landlock_abi = 6;
}

#define REQUIRE(abi)                                                                         \
	"landlock = require is not possible: this kernel has Landlock ABI " abi ", the box " \
	"uses 6 (Linux 6.12)"
#define HOST_NET                                                                              \
	"network = host needs Landlock's abstract-unix scope, or the box reaches the host's " \
	"abstract sockets (X11, session bus); "

static const struct plan_case cases[] = {
	{
		.what = "the domain says what the mounts say",
		.options = "--root=host --cwd=rw --ro=/srv/data --dev=/dev/kvm --sys=ro",
		.about = "landlock",
		.lines = "landlock /dev devices\n"
			 "landlock /dev/kvm execute write devices\n"
			 "landlock /dev/shm execute write devices\n"
			 "landlock /etc execute\n"
			 "landlock /home/ada execute write\n"
			 "landlock /opt execute\n"
			 "landlock /proc write\n"
			 "landlock /run execute write\n"
			 "landlock /srv/data execute\n"
			 "landlock /tmp execute write\n"
			 "landlock /usr execute\n"
			 "landlock /var/tmp execute write\n"
			 "landlock-scopes signal abstract-unix\n",
	},
	{
		.what = "what lies in a tree with the same rights needs no rule",
		.options = "--rw=/srv/data:/a --rw=/opt:/a/b --ro=/opt:/a/c --tmpfs=/a/d",
		.about = "landlock /a",
		.lines = "landlock /a execute write\n",
	},
	{
		.what = "what has more does",
		.options = "--ro=/srv/data:/a --rw=/opt:/a/b --ro=/opt:/a/b/c --rw=/opt:/ab",
		.about = "landlock /a",
		.lines = "landlock /a execute\n"
			 "landlock /a/b execute write\n"
			 "landlock /ab execute write\n",
	},
	{
		.what = "the sealed root has no rights of its own",
		.about = "landlock / ",
		.lines = "",
	},
	{
		.what = "a bound one has",
		.options = "--rw=/srv/data:/",
		.about = "landlock /",
		.lines = "landlock / execute write\n"
			 "landlock /dev execute write devices\n",
	},
	{
		.what = "scopes as asked",
		.options = "--scopes=signal",
		.about = "landlock-scopes",
		.lines = "landlock-scopes signal\n",
	},
	{
		.what = "no scopes",
		.options = "--scopes=",
		.about = "landlock-scopes",
		.lines = "landlock-scopes\n",
	},
	{
		.what = "off",
		.options = "--landlock=off",
		.about = "landlock",
		.lines = "landlock-scopes\n"
			 "note landlock: off, as asked\n",
	},
	{
		.what = "a kernel without",
		.change = no_landlock,
		.about = "landlock|Landlock",
		.lines = "landlock-scopes\n"
			 "warning this kernel has no Landlock; the mounts and the filter stand "
			 "alone\n",
	},
	{
		.what = "a kernel without scopes",
		.change = no_scopes,
		.about = "landlock-scopes|landlock /tmp|note landlock",
		.lines = "landlock /tmp execute write\n"
			 "landlock-scopes\n"
			 "note landlock: no scopes before Linux 6.12 (ABI 5)\n",
	},
	{
		.what = "require",
		.change = first_with_scopes,
		.options = "--landlock=require",
		.about = "landlock-scopes",
		.lines = "landlock-scopes signal abstract-unix\n",
	},
	{
		.what = "require on an old kernel",
		.change = no_scopes,
		.options = "--landlock=require",
		.error = REQUIRE("5"),
	},
	{
		.what = "require on a kernel without",
		.change = no_landlock,
		.options = "--landlock=require",
		.error = REQUIRE("0"),
	},
	{
		.what = "the host's network with scopes",
		.options = "--net=host",
		.about = "landlock-scopes|^network",
		.lines = "network host\n"
			 "landlock-scopes signal abstract-unix\n",
	},
	{
		.what = "the host's network, and no scopes in the kernel",
		.change = no_scopes,
		.options = "--net=host",
		.error = HOST_NET "this kernel does not have it (--scopes=signal accepts that)",
	},
	{
		.what = "nor any Landlock",
		.change = no_landlock,
		.options = "--net=host",
		.error = HOST_NET "this kernel does not have it (--scopes=signal accepts that)",
	},
	{
		.what = "the host's network, and Landlock off",
		.options = "--net=host --landlock=off",
		.error = HOST_NET "landlock = off takes it away (--scopes=signal accepts that)",
	},
	{
		.what = "which can be accepted",
		.change = no_scopes,
		.options = "--net=host --scopes=signal",
		.about = "landlock-scopes|^network",
		.lines = "network host\n"
			 "landlock-scopes\n",
	},
	{
		.what = "who may mount cannot be in a domain of files",
		.options = "--cap-keep=sys_admin",
		.about = "landlock",
		.lines = "landlock-scopes signal abstract-unix\n"
			 "note landlock: scopes only, since sys_admin is kept\n",
	},
	{
		.what = "other capabilities do no harm",
		.options = "--cap-keep=chown",
		.about = "landlock /tmp",
		.lines = "landlock /tmp execute write\n",
	},
};

START_TEST(test_landlock)
{
	plan_case_check(&cases[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_landlock");
	TCase *tc = tcase_create("landlock");

	tcase_add_loop_test(tc, test_landlock, 0, (int)ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
