/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/setters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "config/keys.h"
#include "config_text.h"
#include "testing.h"

/*
 * Values one after the other, as lines of a profile (P) or as options (C), and
 * what is then set, or the one line that refuses the last.
 */
#define P false
#define C true

static const struct {
	const char *key; /* the option's name stands for the key as well */
	bool command_line;
	const char *values[3], *set, *error;
} cases[] = {
	{ "profile.description", P, { "a", "b c" }, "description=b c", NULL },
	{ "profile.inherit", C, { "dev" }, NULL, "o: inherit works in a profile only" },
	{ "profile.programs", P, { "make ninja", "'x y'" }, "programs=make,ninja,x y", NULL },
	{ "profile.programs", P, { "make", "" }, "", NULL },
	{ "profile.programs", P, { "'make" }, NULL, "o: a quote is left open in ''make'" },

	{ "user", P, { "root" }, "user=root", NULL },
	{ "user", P, { "5:6", "self" }, "", NULL },
	{ "user", P, { "5:6" }, "user=5:6", NULL },
	{ "user", P, { "7" }, "user=7:7", NULL },
	{ "user", P, { "0:0" }, "user=0:0", NULL },
	{ "user", P, { "4294967294:4294967294" }, "user=4294967294:4294967294", NULL },
	{ "user", P, { "4294967295" }, NULL, "o: user '4294967295' is not self, root or UID:GID" },
	{ "user",
	  P,
	  { "4294967296:0" },
	  NULL,
	  "o: user '4294967296:0' is not self, root or UID:GID" },
	{ "user", P, { "ada" }, "user=ada (o)", NULL },
	{ "user", P, { "ada", "self" }, "", NULL },
	{ "user", C, { "self", "_a-b.C9" }, "user=_a-b.C9 (o)", NULL },
	{ "user", P, { "ada:100" }, NULL, "o: user 'ada:100' is not self, root or UID:GID" },
	{ "user", P, { "1:2:3" }, NULL, "o: user '1:2:3' is not self, root or UID:GID" },
	{ "user", P, { "1:" }, NULL, "o: user '1:' is not self, root or UID:GID" },
	{ "user", P, { ":1" }, NULL, "o: user ':1' is not self, root or UID:GID" },
	{ "user", P, { "-1" }, NULL, "o: user '-1' is not self, root or UID:GID" },
	{ "user", P, { "0x10" }, NULL, "o: user '0x10' is not self, root or UID:GID" },
	{ "user", P, { "" }, NULL, "o: user '' is not self, root or UID:GID" },
	{ "user", P, { "1 2" }, NULL, "o: user '1 2' is not self, root or UID:GID" },

	{ "map", P, { "single", "range" }, "map=range", NULL },
	{ "map", P, { "rang" }, NULL, "o: map 'rang' is not auto, single or range" },
	{ "map", C, { "" }, NULL, "o: value '' is not auto, single or range" },
	{ "cwd", P, { "rw" }, "cwd=rw", NULL },
	{ "cwd", P, { "overlay" }, NULL, "o: cwd 'overlay' is not none, ro or rw" },
	{ "home", P, { "host" }, "home=host", NULL },
	{ "home", P, { "HOST" }, NULL, "o: home 'HOST' is not ephemeral or host" },
	{ "proc", P, { "none" }, "proc=none", NULL },
	{ "sys", P, { "ro" }, "sys=ro", NULL },
	{ "sys", P, { "rw" }, NULL, "o: sys 'rw' is not none or ro" },
	{ "nested", P, { "limited" }, "nested=limited", NULL },
	{ "nested", P, { "yes" }, NULL, "o: nested 'yes' is not no or limited" },
	{ "net", P, { "slirp" }, "net=slirp", NULL },
	{ "net", P, { "wifi" }, NULL, "o: mode 'wifi' is not none, slirp or host" },
	{ "net", C, { "wifi" }, NULL, "o: value 'wifi' is not none, slirp or host" },
	{ "host-loopback", P, { "yes" }, "host-loopback=yes", NULL },
	{ "host-loopback", P, { "true" }, NULL, "o: host-loopback 'true' is not no or yes" },
	{ "landlock", P, { "require" }, "landlock=require", NULL },
	{ "terminal", P, { "pty" }, "terminal=pty", NULL },
	{ "terminal", P, { "tty" }, NULL, "o: mode 'tty' is not auto, inherit or pty" },

	{ "root", P, { "host" }, "root=host", NULL },
	{ "root", P, { "/srv/tree" }, "root=/srv/tree (o)", NULL },
	{ "root", P, { "~/tree" }, "root=~/tree (o)", NULL },
	{ "root", P, { "${HOME}/tree" }, "root=${HOME}/tree (o)", NULL },
	{ "root", C, { "./tree" }, "root=./tree (o)", NULL },
	{ "root", C, { "/srv/tree", "empty" }, "", NULL },
	{ "root", C, { "tree" }, "root=tree (o)", NULL },
#define BAD_ROOT(text)                                                                   \
	{                                                                                \
		"root", P, { text }, NULL,                                               \
			"o: root '" text "' is not host, empty or an absolute directory" \
	}
	BAD_ROOT("tree"),
	BAD_ROOT("./tree"),
	BAD_ROOT("image:x"),
#undef BAD_ROOT

	{ "chdir", C, { "/a", "/b" }, "chdir=/b", NULL },
	{ "chdir", C, { "/a", "" }, "", NULL },
	{ "hostname", P, { "box.example-1" }, "hostname=box.example-1", NULL },
	{ "hostname",
	  P,
	  { "" },
	  NULL,
	  "o: hostname '' is not 1 to 63 letters, digits, '-' and '.'" },
	{ "hostname",
	  P,
	  { "-a" },
	  NULL,
	  "o: hostname '-a' is not 1 to 63 letters, digits, '-' and '.'" },
	{ "hostname",
	  P,
	  { "a b" },
	  NULL,
	  "o: hostname 'a b' is not 1 to 63 letters, digits, '-' and '.'" },
	{ "hostname",
	  P,
	  { "a_b" },
	  NULL,
	  "o: hostname 'a_b' is not 1 to 63 letters, digits, '-' and '.'" },

	{ "time-offset", P, { "+2h" }, "time=7200/7200", NULL },
	{ "time-offset", P, { "-90" }, "time=-90/-90", NULL },
	{ "time-offset", P, { "1d" }, "time=86400/86400", NULL },
	{ "time-offset", P, { "monotonic=-30m boottime=1h" }, "time=-1800/3600", NULL },
	{ "time-offset", C, { "boottime=5s,monotonic=1" }, "time=1/5", NULL },
	{ "time-offset", P, { "boottime=90s" }, "time=0/90", NULL },
	{ "time-offset", P, { "2h", "" }, "", NULL },
	{ "time-offset",
	  P,
	  { "soon" },
	  NULL,
	  "o: 'soon' is not a time offset such as +2h, -30m or boottime=90s" },
	{ "time-offset",
	  P,
	  { "monotonic=" },
	  NULL,
	  "o: 'monotonic=' is not a time offset such as +2h, -30m or boottime=90s" },
	{ "time-offset",
	  P,
	  { "+-2h" },
	  NULL,
	  "o: '+-2h' is not a time offset such as +2h, -30m or boottime=90s" },
	{ "time-offset",
	  P,
	  { "h" },
	  NULL,
	  "o: 'h' is not a time offset such as +2h, -30m or boottime=90s" },
	{ "time-offset",
	  P,
	  { "4294967296" },
	  NULL,
	  "o: '4294967296' is not a time offset such as +2h, -30m or boottime=90s" },
	{ "time-offset",
	  P,
	  { "realtime=1h" },
	  NULL,
	  "o: 'realtime=1h' is not a time offset such as +2h, -30m or boottime=90s" },

	{ "share", P, { "ipc time" }, "share=ipc,time", NULL },
	{ "share", C, { "uts,cgroup" }, "share=uts,cgroup", NULL },
	{ "share", P, { "ipc", "" }, "", NULL },
	{ "share", P, { "pid" }, NULL, "o: share 'pid' is not ipc, uts, cgroup or time" },
	{ "scopes", P, { "signal" }, "scopes=signal", NULL },
	{ "scopes", P, { "" }, "scopes=", NULL },
	{ "scopes", C, { "abstract-unix,signal" }, "", NULL },
	{ "scopes", P, { "unix" }, NULL, "o: scopes 'unix' is not signal or abstract-unix" },

	{ "publish", P, { "8080" }, "publish=127.0.0.1:8080>8080/tcp (o)", NULL },
	{ "publish", P, { "8080:80" }, "publish=127.0.0.1:8080>80/tcp (o)", NULL },
	{ "publish", P, { "0.0.0.0:53:5353/udp" }, "publish=0.0.0.0:53>5353/udp (o)", NULL },
	{ "publish", P, { "10.0.0.1:80" }, "publish=10.0.0.1:80>80/tcp (o)", NULL },
	{ "publish",
	  P,
	  { "1 2/udp" },
	  "publish=127.0.0.1:1>1/tcp (o); publish=127.0.0.1:2>2/udp (o)",
	  NULL },
	{ "publish",
	  C,
	  { "1,2", "65535/tcp" },
	  "publish=127.0.0.1:1>1/tcp (o); publish=127.0.0.1:2>2/tcp (o); "
	  "publish=127.0.0.1:65535>65535/tcp (o)",
	  NULL },
	{ "publish", P, { "1", "", "2" }, "publish=127.0.0.1:2>2/tcp (o)", NULL },
#define BAD_PORT(text)                                                 \
	{                                                              \
		"publish", P, { text }, NULL,                          \
			"o: cannot read port '" text "', it is "       \
			"[ADDRESS:]HOST-PORT[:BOX-PORT][/tcp or /udp]" \
	}
	BAD_PORT("0"),
	BAD_PORT("65536"),
	BAD_PORT("80:"),
	BAD_PORT(":80"),
	BAD_PORT("80:65536"),
	BAD_PORT("a:b"),
	BAD_PORT("localhost:80:80"),
	BAD_PORT("1.2.3:80:80"),
	BAD_PORT("1.2.3.4.5:80"),
	BAD_PORT("1.2.3.4:"),
	BAD_PORT("1.2.3.4:80:80:80"),
	BAD_PORT("80/sctp"),
	BAD_PORT("80/"),
	BAD_PORT("80/tcp/udp"),
	BAD_PORT("-80"),
	BAD_PORT("80-90"),
	BAD_PORT("::1:80:80"),
	BAD_PORT("Nonsense=1"),
#undef BAD_PORT
	{ "publish",
	  C,
	  { "MemoryMax=1G" },
	  NULL,
	  "o: cannot read port 'MemoryMax=1G', it is [ADDRESS:]HOST-PORT[:BOX-PORT][/tcp or /udp] "
	  "(for a limit use --memory=SIZE)" },

	{ "dns", P, { "1.1.1.1 ::1" }, "dns=1.1.1.1,::1", NULL },
	{ "dns", P, { "1.1.1.1", "9.9.9.9" }, "dns=1.1.1.1,9.9.9.9", NULL },
	{ "dns", P, { "1.1.1.1", "" }, "", NULL },
	{ "dns", P, { "1.1.1.1 dns.example" }, NULL, "o: dns 'dns.example' is not an IP address" },
	{ "dns",
	  P,
	  { "'1.1.1.1\noptions x'" },
	  NULL,
	  "o: dns '1.1.1.1\\noptions x' is not an IP address" },

	{ "cap-keep", C, { "kill,chown", "setuid" }, "cap-keep=kill,chown,setuid", NULL },
	{ "cap-keep", P, { "kill", "" }, "", NULL },
	{ "seccomp-allow",
	  P,
	  { "@debug ptrace", "chroot" },
	  "allow=@debug (o),ptrace (o),chroot (o)",
	  NULL },
	{ "seccomp-allow", P, { "@debug", "" }, "", NULL },
	{ "seccomp-deny", C, { "@network,clone" }, "deny=@network (o),clone (o)", NULL },
	{ "seccomp-log", P, { "open" }, "log=open (o)", NULL },
	{ "architectures", P, { "native i386" }, "architectures=native (o),i386 (o)", NULL },
	{ "socket-families", P, { "unix" }, "families=unix (o)", NULL },
	{ "socket-families", P, { "unix", "inet inet6" }, "families=inet (o),inet6 (o)", NULL },
	{ "socket-families", P, { "unix", "" }, "", NULL },

	{ "env-keep", P, { "LANG LC_*", "_x1" }, "env-keep=LANG,LC_*,_x1", NULL },
	{ "env-keep", P, { "*" }, "env-keep=*", NULL },
	{ "env-keep", P, { "LANG", "" }, "", NULL },
	{ "env-keep", P, { "A=b" }, NULL, "o: 'A=b' is not a variable's name" },
	{ "env-keep", P, { "1A" }, NULL, "o: '1A' is not a variable's name" },
	{ "env-keep", P, { "*A" }, NULL, "o: '*A' is not a variable's name" },
	{ "env-keep", P, { "''" }, NULL, "o: '' is not a variable's name" },
	{ "env-unset", C, { "A,B*" }, "env-unset=A,B*", NULL },
	{ "env-unset", P, { "A-B" }, NULL, "o: 'A-B' is not a variable's name" },
	{ "env-set", P, { "A=1 'B=2 3' C=" }, "env-set=A=1,B=2 3,C=", NULL },
	{ "env-set", P, { "A" }, NULL, "o: 'A' is not NAME=VALUE" },
	{ "env-set", P, { "=1" }, NULL, "o: '=1' is not NAME=VALUE" },
	{ "env-set",
	  P,
	  { "A=b c" },
	  NULL,
	  "o: 'c' is not NAME=VALUE (if 'A=b c' is meant: set = '\"A=b c\"')" },
	{ "env-set", P, { "A*=1" }, NULL, "o: 'A*=1' is not NAME=VALUE" },
	{ "env-set", C, { "A=b, c=d 'e'" }, "env-set=A=b, c=d 'e'", NULL },
	{ "env-set", C, { "TERM" }, "env-keep=TERM", NULL },
	{ "env-set", C, { "A b=1" }, NULL, "o: 'A b=1' is not NAME=VALUE" },
	{ "env-set", C, { "A=1", "" }, "", NULL },

	{ "profile", C, { "a", "./b.ini" }, "profile=./b.ini", NULL },
	{ "profile", C, { "" }, NULL, "o: a profile's name or path is missing" },
	{ "dry-run", C, { "" }, "action=dry-run", NULL },
	{ "dry-run", C, { "text" }, "action=dry-run", NULL },
	{ "dry-run", C, { "json" }, "action=dry-run-json", NULL },
	{ "dry-run", C, { "xml" }, NULL, "o: value 'xml' is not text or json" },
	{ "list-profiles", C, { "" }, "action=list", NULL },
	{ "show-profile", C, { "" }, "action=show", NULL },
	{ "show-profile", C, { "dev" }, "action=show; profile=dev", NULL },
	{ "help", C, { "" }, "action=help", NULL },
	{ "version", C, { "" }, "action=version", NULL },
	{ "verbose", C, { "", "" }, "verbosity=2", NULL },
	{ "quiet", C, { "" }, "verbosity=-1", NULL },
	{ "report", C, { "" }, "report", NULL },
	{ "status-fd", C, { "3", "5" }, "status-fd=5", NULL },
	{ "status-fd", C, { "x" }, NULL, "o: 'x' is not a descriptor's number" },
	{ "status-fd", C, { "-1" }, NULL, "o: '-1' is not a descriptor's number" },
	{ "keep-fd", C, { "3", "4" }, "keep-fd=3,4", NULL },
	{ "keep-fd", C, { "2147483648" }, NULL, "o: '2147483648' is not a descriptor's number" },
};

static const struct key *key_of(const char *name)
{
	const struct key *key = key_find_option(name);

	if (strncmp(name, "profile.", 8) == 0)
		key = key_find("profile", name + 8);
	ck_assert_msg(key != NULL, "no key '%s'", name);
	return key;
}

START_TEST(test_setter)
{
	const struct key *key = key_of(cases[_i].key);
	cleanup_config struct config c = { 0 };
	cleanup_free char *text = NULL, *line = NULL;
	int r = 0;

	config_init(&c);
	for (size_t i = 0; i < 3 && cases[_i].values[i] && r == 0; i++) {
		struct assignment a = { key->section, key->name, cases[_i].values[i], "o",
					cases[_i].command_line };

		r = key->set(&c, &a);
	}
	if (cases[_i].error) {
		ck_assert_msg(r == -EINVAL, "%s '%s': accepted", cases[_i].key,
			      cases[_i].values[0]);
		ck_assert_int_ge(asprintf(&line, "%s\n", cases[_i].error), 0);
		ck_assert_str_eq(logged_text(), line);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", cases[_i].key, logged_text());
	ck_assert_str_eq(logged_text(), "");
	text = config_text(&c);
	ck_assert_msg(strcmp(text, cases[_i].set) == 0, "%s '%s': %s", cases[_i].key,
		      cases[_i].values[0], text);
}
END_TEST

/* Each bad value leaves a list as it was. */
START_TEST(test_bad_word_leaves_the_list_alone)
{
	cleanup_config struct config c = { 0 };
	struct assignment good = { "network", "dns", "1.1.1.1", "o", false };
	struct assignment bad = { "network", "dns", "2.2.2.2 x", "o", false };
	cleanup_free char *text = NULL;

	config_init(&c);
	ck_assert_int_eq(add_dns(&c, &good), 0);
	ck_assert_int_eq(add_dns(&c, &bad), -EINVAL);
	text = config_text(&c);
	ck_assert_str_eq(text, "dns=1.1.1.1");
}
END_TEST

START_TEST(test_every_key_has_a_case)
{
	/* check_setters_mounts.c, and for all of [limits] check_setters_limits.c */
	static const char *const elsewhere[] = { "ro",	 "rw",	    "dev",    "tmpfs",
						 "hide", "symlink", "volume", NULL };

	for (size_t k = 0; k < n_keys; k++) {
		bool seen = strcmp(keys[k].section, "limits") == 0 ||
			    (keys[k].option && text_is_one_of(keys[k].option, elsewhere));

		for (size_t i = 0; i < ARRAY_LEN(cases) && !seen; i++)
			seen = key_of(cases[i].key) == &keys[k];
		ck_assert_msg(seen, "no case for [%s] %s --%s", keys[k].section,
			      keys[k].name ? keys[k].name : "-",
			      keys[k].option ? keys[k].option : "-");
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("setters");
	TCase *tc = tcase_create("setters");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_setter, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_bad_word_leaves_the_list_alone);
	tcase_add_test(tc, test_every_key_has_a_case);
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
