/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ids, namespaces, network, capabilities, descriptors, the terminal. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "fake_host.h"
#include "plan_case.h"
#include "testing.h"

static void no_range(struct host *h)
{
	h->subuid = h->subgid = (struct subid_range){ 0 };
	h->subid_problem = xstrdup("no line for 'ada' in /etc/subuid");
}

static void no_range_and_groups(struct host *h)
{
	no_range(h);
	h->has_groups = true;
}

static void no_new_privs(struct host *h)
{
	h->no_new_privs = true;
}

static void alone(struct host *h)
{
	h->uid = h->gid = 0;
	h->in_user_namespace = h->alone_in_namespace = true;
}

static void no_newuidmap(struct host *h)
{
	free(take_ptr(&h->newuidmap.path));
}

static void no_newgidmap(struct host *h)
{
	free(take_ptr(&h->newgidmap.path));
}

static void no_slirp(struct host *h)
{
	free(take_ptr(&h->slirp4netns.path));
}

static void small_range(struct host *h)
{
	h->subuid.count = h->subgid.count = 10;
}

static void root_with_range(struct host *h)
{
	h->uid = h->gid = 0;
	free(h->user);
	h->user = xstrdup("root");
	free(h->home);
	h->home = xstrdup("/root");
}

static void root_without_range(struct host *h)
{
	root_with_range(h);
	no_range(h);
}

static void other_group(struct host *h)
{
	h->gid = 50;
}

static void group_root(struct host *h)
{
	h->gid = 0;
}

static void terminal(struct host *h)
{
	h->stdin_is_terminal = true;
}

#define IDS	   "uid-map|gid-map|^user |^groups |note ids|warning the box"
#define RANGE_NOTE "note ids: the subordinate range, 65536 ids from 100000\n"
#define NO_RANGE   "no line for 'ada' in /etc/subuid"
#define RANGE_ADVICE                                                          \
	" (an administrator gives ids with: usermod --add-subuids START-END " \
	"--add-subgids START-END ada; or use --map=single)"
#define SINGLE_ADVICE " (use --map=single)"
#define ROOT_WARNING                                                                       \
	"warning the box runs as the host's root, for want of subordinate ids; what only " \
	"root may read is hidden where it is shown read-only (usermod --add-subuids "      \
	"START-END --add-subgids START-END root)\n"

static const struct plan_case id_cases[] = {
	{
		.what = "an ordinary user keeps the own id in a whole range",
		.about = IDS,
		.lines = "user 1000:1000\n"
			 "uid-map 0 -> 100000, 1000\n"
			 "uid-map 1000 -> 1000, 1\n"
			 "uid-map 1001 -> 101000, 64536\n"
			 "gid-map 0 -> 100000, 1000\n"
			 "gid-map 1000 -> 1000, 1\n"
			 "gid-map 1001 -> 101000, 64536\n"
			 "groups dropped\n" RANGE_NOTE,
	},
	{
		.what = "uid and gid need not be the same",
		.change = other_group,
		.about = "^user |gid-map",
		.lines = "user 1000:50\n"
			 "gid-map 0 -> 100000, 50\n"
			 "gid-map 50 -> 50, 1\n"
			 "gid-map 51 -> 100050, 65486\n",
	},
	{
		.what = "map = single is one id",
		.options = "--map=single",
		.about = IDS,
		.lines = "user 1000:1000\n"
			 "uid-map 1000 -> 1000, 1\n"
			 "gid-map 1000 -> 1000, 1\n"
			 "groups kept\n"
			 "note ids: one id (map = single)\n",
	},
	{
		.what = "without a range one id, and -v says why",
		.change = no_range,
		.about = IDS,
		.lines = "user 1000:1000\n"
			 "uid-map 1000 -> 1000, 1\n"
			 "gid-map 1000 -> 1000, 1\n"
			 "groups kept\n"
			 "note ids: one id (" NO_RANGE ")\n",
	},
	{
		.what = "and that the caller's groups stay",
		.change = no_range_and_groups,
		.about = "groups",
		.lines = "groups kept\n"
			 "note ids: with one id the caller's supplementary groups stay in effect\n",
	},
	{
		.what = "root inside is the caller",
		.options = "--user=root",
		.about = IDS,
		.lines = "user 0:0\n"
			 "uid-map 0 -> 1000, 1\n"
			 "uid-map 1 -> 100000, 65536\n"
			 "gid-map 0 -> 1000, 1\n"
			 "gid-map 1 -> 100000, 65536\n"
			 "groups dropped\n" RANGE_NOTE,
	},
	{
		.what = "root inside over one id",
		.options = "--user=root --map=single",
		.about = "uid-map|gid-map|^user ",
		.lines = "user 0:0\n"
			 "uid-map 0 -> 1000, 1\n"
			 "gid-map 0 -> 1000, 1\n",
	},
	{
		.what = "UID:GID",
		.options = "--user=33:12",
		.about = "uid-map|gid-map|^user ",
		.lines = "user 33:12\n"
			 "uid-map 0 -> 100000, 33\n"
			 "uid-map 33 -> 1000, 1\n"
			 "uid-map 34 -> 100033, 65503\n"
			 "gid-map 0 -> 100000, 12\n"
			 "gid-map 12 -> 1000, 1\n"
			 "gid-map 13 -> 100012, 65524\n",
	},
	{
		.what = "the last id of the range",
		.options = "--user=65535",
		.about = "uid-map",
		.lines = "uid-map 0 -> 100000, 65535\n"
			 "uid-map 65535 -> 1000, 1\n"
			 "uid-map 65536 -> 165535, 1\n",
	},
	{
		.what = "right behind the range",
		.options = "--user=65536",
		.about = "uid-map",
		.lines = "uid-map 0 -> 100000, 65536\n"
			 "uid-map 65536 -> 1000, 1\n",
	},
	{
		.what = "an id far beyond the range has a hole before it",
		.options = "--user=4294967294:5",
		.about = "uid-map",
		.lines = "uid-map 0 -> 100000, 65536\n"
			 "uid-map 4294967294 -> 1000, 1\n",
	},
	{
		.what = "a range that ends below the own id",
		.change = small_range,
		.about = "uid-map|note ids",
		.lines = "uid-map 0 -> 100000, 10\n"
			 "uid-map 1000 -> 1000, 1\n"
			 "note ids: the subordinate range, 10 ids from 100000\n",
	},
	{
		.what = "the host's root is not in its own box",
		.change = root_with_range,
		.about = IDS,
		.lines = "user 0:0\n"
			 "uid-map 0 -> 100000, 65536\n"
			 "gid-map 0 -> 100000, 65536\n"
			 "groups dropped\n" RANGE_NOTE,
	},
	{
		.what = "nor as another",
		.change = root_with_range,
		.options = "--user=33:12",
		.about = "uid-map|gid-map|^user ",
		.lines = "user 33:12\n"
			 "uid-map 0 -> 100000, 65536\n"
			 "gid-map 0 -> 100000, 65536\n",
	},
	{
		.what = "who must be in the range",
		.change = root_with_range,
		.options = "--user=65536:0",
		.error = "user 65536:0 is outside of root's subordinate range of 65536 ids",
	},
	{
		.what = "group and all",
		.change = root_with_range,
		.options = "--user=0:70000",
		.error = "user 0:70000 is outside of root's subordinate range of 65536 ids",
	},
	{
		.what = "the host's root without a range is warned",
		.change = root_without_range,
		.about = IDS,
		.lines = "user 0:0\n"
			 "uid-map 0 -> 0, 1\n"
			 "gid-map 0 -> 0, 1\n"
			 "groups kept\n"
			 "note ids: one id (" NO_RANGE ")\n" ROOT_WARNING,
	},
	{
		.what = "as is one who asks for one id",
		.change = root_with_range,
		.options = "--map=single",
		.about = "warning",
		.lines = ROOT_WARNING,
	},
	{
		.what = "a caller whose group is the host's root's does not bring it along",
		.change = group_root,
		.about = "gid-map|^user ",
		.lines = "user 1000:0\n"
			 "gid-map 0 -> 100000, 65536\n",
	},
	{
		.what = "slirp4netns needs id 0: two levels",
		.options = "--map=single --net=slirp",
		.about = IDS,
		.lines = "user 1000:1000\n"
			 "uid-map 0 -> 1000, 1\n"
			 "gid-map 0 -> 1000, 1\n"
			 "inner-uid-map 1000 -> 0, 1\n"
			 "inner-gid-map 1000 -> 0, 1\n"
			 "groups kept\n"
			 "note ids: one id (map = single)\n"
			 "note ids: two user namespaces, since slirp4netns needs id 0 in the "
			 "outer one\n",
	},
	{
		.what = "and so do kept capabilities",
		.options = "--map=single --cap-keep=kill",
		.about = "uid-map|two user",
		.lines = "uid-map 0 -> 1000, 1\n"
			 "inner-uid-map 1000 -> 0, 1\n"
			 "note ids: two user namespaces, since capabilities.keep needs id 0 in "
			 "the outer one\n",
	},
	{
		.what = "who is 0 needs one",
		.options = "--map=single --net=slirp --user=root",
		.about = "uid-map|gid-map",
		.lines = "uid-map 0 -> 1000, 1\n"
			 "gid-map 0 -> 1000, 1\n",
	},
	{
		.what = "but with group 0 as well",
		.options = "--map=single --net=slirp --user=0:5",
		.about = "uid-map|gid-map",
		.lines = "uid-map 0 -> 1000, 1\n"
			 "gid-map 0 -> 1000, 1\n"
			 "inner-uid-map 0 -> 0, 1\n"
			 "inner-gid-map 5 -> 0, 1\n",
	},
	{
		.what = "a range has 0",
		.options = "--net=slirp --cap-keep=kill",
		.about = "inner|two user",
		.lines = "",
	},
	{
		.what = "no_new_privs on ourselves",
		.change = no_new_privs,
		.about = "uid-map|note ids",
		.lines = "uid-map 1000 -> 1000, 1\n"
			 "note ids: one id (no_new_privs is set for us, so newuidmap cannot "
			 "work)\n",
	},
	{
		.what = "no_new_privs and map = range",
		.change = no_new_privs,
		.options = "--map=range",
		.error = "map = range is not possible: no_new_privs is set for us, so newuidmap "
			 "cannot work" SINGLE_ADVICE,
	},
	{
		.what = "no other id in our namespace: none to give away, and no root of the host",
		.change = alone,
		.about = IDS,
		.lines = "user 0:0\n"
			 "uid-map 0 -> 0, 1\n"
			 "gid-map 0 -> 0, 1\n"
			 "groups kept\n"
			 "note ids: one id (we are in a user namespace of one id)\n",
	},
	{
		.what = "and map = range",
		.change = alone,
		.options = "--map=range",
		.error = "map = range is not possible: we are in a user namespace of one "
			 "id" SINGLE_ADVICE,
	},
	{
		.what = "newuidmap missing",
		.change = no_newuidmap,
		.options = "--map=range",
		.error = "map = range is not possible: newuidmap is not installed (package uidmap "
			 "or shadow-utils)" SINGLE_ADVICE,
	},
	{
		.what = "newgidmap missing",
		.change = no_newgidmap,
		.options = "--map=range",
		.error = "map = range is not possible: newgidmap is not installed (package uidmap "
			 "or shadow-utils)" SINGLE_ADVICE,
	},
	{
		.what = "no subordinate ids and map = range",
		.change = no_range,
		.options = "--map=range",
		.error = "map = range is not possible: " NO_RANGE RANGE_ADVICE,
	},
};

#define ALL_BUT_NET "user mnt pid ipc uts cgroup time"

static const struct plan_case other_cases[] = {
	{
		.what = "every namespace there is",
		.about = "^namespaces|hostname|nested",
		.lines = "namespaces user mnt pid net ipc uts cgroup time\n"
			 "nested no\n"
			 "hostname sandbox\n",
	},
	{
		.what = "the host's network",
		.options = "--net=host --map=single",
		.about = "^namespaces|network",
		.lines = "namespaces " ALL_BUT_NET "\n"
			 "network host\n"
			 "note network: the host's own, with everything that listens on it\n",
	},
	{
		.what = "shared ones",
		.options = "--share=ipc,uts,cgroup,time --hostname=x",
		.about = "^namespaces|hostname",
		.lines = "namespaces user mnt pid net\n",
	},
	{
		.what = "shifted clocks",
		.options = "--time-offset=+1h,boottime=-5 --hostname=x --nested=limited",
		.about = "^namespaces|clocks|hostname|nested",
		.lines = "namespaces user mnt pid net ipc uts cgroup time\n"
			 "nested limited\n"
			 "hostname x\n"
			 "clocks monotonic 3600 boottime -5\n",
	},
	{
		.what = "slirp4netns missing",
		.change = no_slirp,
		.options = "--net=slirp",
		.error = "mode = slirp (--net=slirp) is not possible: slirp4netns is not installed "
			 "(it is the package slirp4netns; or use --net=none)",
	},
	{
		.what = "published ports",
		.options = "--net=slirp -p 8080:80 -p 0.0.0.0:53:53/udp --host-loopback=yes",
		.about = "network|publish",
		.lines = "network slirp host-loopback\n"
			 "publish 127.0.0.1:8080 -> 80/tcp\n"
			 "publish 0.0.0.0:53 -> 53/udp\n",
	},
	{
		.what = "a port without a network of its own",
		.options = "-p 8080",
		.error = "-p: a published port needs mode = slirp (--net=slirp)",
	},
	{
		.what = "a port on the host's network",
		.options = "--net=host --publish=8080",
		.error = "--publish: a published port needs mode = slirp (--net=slirp)",
	},
	{
		.what = "no capabilities",
		.about = "capabilities",
		.lines = "capabilities none\n",
	},
	{
		.what = "kept capabilities",
		.options = "--cap-keep=KILL,cap_chown",
		.about = "capabilities",
		.lines = "capabilities cap_chown cap_kill\n",
	},
	{
		.what = "a capability that does not exist",
		.options = "--cap-keep=sys_everything",
		.error = "capabilities.keep: no capability 'sys_everything'",
	},
	{
		.what = "stdio is always passed on",
		.options = "--keep-fd=1 --keep-fd=7 --keep-fd=0 --keep-fd=3",
		.about = "^fd ",
		.lines = "fd 7\n"
			 "fd 3\n",
	},
	{
		.what = "no terminal, no pty",
		.about = "terminal",
		.lines = "terminal none\n",
	},
	{
		.what = "a terminal, a pty",
		.change = terminal,
		.about = "terminal",
		.lines = "terminal pty\n",
	},
	{
		.what = "inherit",
		.change = terminal,
		.options = "--terminal=inherit",
		.about = "terminal",
		.lines = "terminal inherit\n",
	},
	{
		.what = "nothing to inherit",
		.options = "--terminal=inherit",
		.about = "terminal",
		.lines = "terminal none\n",
	},
	{
		.what = "a pty for nobody",
		.options = "--terminal=pty",
		.error = "terminal = pty needs a terminal to relay, and none of stdin, stdout and "
			 "stderr is one",
	},
	{
		.what = "clocks that are shared cannot be shifted",
		.options = "--time-offset=1h --share=time",
		.error = "time-offset and share = time exclude each other",
	},
};

START_TEST(test_ids)
{
	plan_case_check(&id_cases[_i]);
}
END_TEST

START_TEST(test_others)
{
	plan_case_check(&other_cases[_i]);
}
END_TEST

/* Who is mapped by helpers takes the ids on; the caller's own id only where it is not in the map. */
START_TEST(test_ids_are_switched_where_the_own_are_not_mapped)
{
	static const struct {
		void (*change)(struct host *h);
		const char *options;
		bool by_helpers, switch_ids;
	} who[] = {
		{ NULL, "", true, false },
		{ NULL, "--user=root", true, false },
		{ no_range, "", false, false },
		{ root_with_range, "", true, true },
		{ root_with_range, "--user=5", true, true },
		{ root_without_range, "", false, false },
		{ group_root, "", true, true },
		{ other_group, "", true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(who); i++) {
		cleanup_config struct config c = { 0 };
		cleanup_host struct host h = { 0 };
		cleanup_plan struct plan p = { 0 };

		config_init(&c);
		fake_host(&h);
		if (who[i].change)
			who[i].change(&h);
		ck_assert_int_eq(plan_case_build(who[i].options, &h, &c, &p), 0);
		ck_assert_msg(p.ids.by_helpers == who[i].by_helpers, "%zu", i);
		ck_assert_msg(p.ids.switch_ids == who[i].switch_ids, "%zu", i);
		ck_assert_msg(p.ids.drop_groups == who[i].by_helpers, "%zu", i);
	}
}
END_TEST

START_TEST(test_arguments_are_copied)
{
	cleanup_config struct config c = { 0 };
	cleanup_host struct host h = { 0 };
	cleanup_plan struct plan p = { 0 };
	char *argv[] = { (char *)"a b", (char *)"--x", (char *)"", NULL };

	config_init(&c);
	fake_host(&h);
	c.argv = argv;
	ck_assert_int_eq(plan_build(&c, &h, &p), 0);
	ck_assert_uint_eq(p.argv.n, 3);
	ck_assert_str_eq(p.argv.v[1], "--x");
	ck_assert_ptr_ne(p.argv.v[0], argv[0]);
	ck_assert_ptr_null(p.argv.v[3]);
	ck_assert_uint_eq(p.umask, 022);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_ids, 0, (int)ARRAY_LEN(id_cases));
	tcase_add_loop_test(tc, test_others, 0, (int)ARRAY_LEN(other_cases));
	tcase_add_test(tc, test_ids_are_switched_where_the_own_are_not_mapped);
	tcase_add_test(tc, test_arguments_are_copied);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
