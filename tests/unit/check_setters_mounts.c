/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/setters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/keys.h"
#include "config_text.h"
#include "testing.h"

#define P false
#define C true

/* Assignments one after the other; config_text() says what the marks mean. */
static const struct {
	struct {
		const char *key, *value;
		bool command_line;
	} said[3];
	const char *set, *error;
} cases[] = {
	{ { { "ro", "/a", P } }, "ro=/a", NULL },
	{ { { "ro", "/a", C } }, "ro.=/a", NULL },
	{ { { "ro", "/a:/b", P } }, "ro=/a>/b", NULL },
	{ { { "rw", "-/a:/b ~/c", P } }, "rw?=/a>/b; rw=~/c", NULL },
	{ { { "dev", "/dev/kvm '/dev/a b'", P } }, "dev=/dev/kvm; dev=/dev/a b", NULL },

	/* on the command line one path, whatever is in it */
	{ { { "ro", "/a b,'c", C } }, "ro.=/a b,'c", NULL },
	{ { { "ro", "-rel", C } }, "ro?.=rel", NULL },

	/* colons that belong to a name */
	{ { { "ro", "/a\\:b", C } }, "ro.=/a:b", NULL },
	{ { { "ro", "/a\\:b:/c\\:d", C } }, "ro.=/a:b>/c:d", NULL },
	{ { { "ro", "/a\\\\:/b", C } }, "ro.=/a\\>/b", NULL },
	{ { { "ro", "/a\\b", C } }, "ro.=/a\\b", NULL },
	{ { { "ro", "/a:/b:c", C } }, "ro.=/a>/b:c", NULL },
	{ { { "hide", "/a\\:b", C } }, "hide.=/a:b", NULL },
	{ { { "ro", "'/a\\:b'", P } }, "ro=/a:b", NULL },

	/* in the order they were said, whatever their kind */
	{ { { "rw", "/b", P }, { "ro", "/a", P }, { "rw", "/c", C } },
	  "rw=/b; ro=/a; rw.=/c",
	  NULL },
	/* an empty value clears its own key only */
	{ { { "rw", "/b", P }, { "ro", "/a", P }, { "rw", "", C } }, "ro=/a", NULL },
	{ { { "ro", "/a /b", P }, { "ro", "", P }, { "ro", "/c", P } }, "ro=/c", NULL },
	{ { { "ro", "/a", P }, { "ro", "  ", P } }, "", NULL },
	{ { { "volume", "/a:/b:ro", C }, { "ro", "", C } }, "", NULL },

	{ { { "ro", ":/b", C } }, NULL, "o: a path is empty in ':/b'" },
	{ { { "ro", "/a:", C } }, NULL, "o: a path is empty in '/a:'" },
	{ { { "ro", "-", C } }, NULL, "o: a path is empty in '-'" },
	{ { { "ro", "''", P } }, NULL, "o: a path is empty in ''" },
	{ { { "ro", "\"/a", P } }, NULL, "o: a quote is left open in '\"/a'" },

	/* a blank in a path, and quotes around the value, or none */
	{ { { "ro", "/my dir", P } },
	  NULL,
	  "o: 'dir' is not an absolute path (if '/my dir' is meant: ro = '\"/my dir\"')" },
	{ { { "rw", "/a -~/b ${CWD}/c d -e:/x /f", P } },
	  NULL,
	  "o: 'd' is not an absolute path (if '${CWD}/c d -e:/x' is meant: rw = '\"${CWD}/c d "
	  "-e:/x\"')" },
	{ { { "hide", "/a b", P } },
	  NULL,
	  "o: 'b' is not an absolute path (if '/a b' is meant: hide = '\"/a b\"')" },
	{ { { "ro", "\"/my dir\" /a", P } }, "ro=/my dir; ro=/a", NULL },
	{ { { "symlink", "a:/b c:/d", P } }, "symlink=a>/b; symlink=c>/d", NULL },

	{ { { "tmpfs", "/t", P } }, "tmpfs=/t", NULL },
	{ { { "tmpfs", "/t:size=64K /u", P } }, "tmpfs=/t (65536); tmpfs=/u", NULL },
	{ { { "tmpfs", "/t:size=0", P } },
	  NULL,
	  "o: cannot read 'size=0', a tmpfs is PATH[:size=64M]" },
	{ { { "tmpfs", "/t:64M", P } }, NULL, "o: cannot read '64M', a tmpfs is PATH[:size=64M]" },
	{ { { "tmpfs", "/t:size=1M,suid", C } },
	  NULL,
	  "o: cannot read 'size=1M,suid', a tmpfs is PATH[:size=64M]" },
	{ { { "tmpfs", "/t:mode=0777", C } },
	  NULL,
	  "o: cannot read 'mode=0777', a tmpfs is PATH[:size=64M]" },

	{ { { "hide", "/h /i", P } }, "hide=/h; hide=/i", NULL },
	{ { { "hide", "/h:/i", P } },
	  NULL,
	  "o: '/h:/i' has a ':'; hide takes one path (a colon in a name is written '\\:')" },

	{ { { "symlink", "usr/bin:/bin", P } }, "symlink=usr/bin>/bin", NULL },
	{ { { "symlink", "/bin", P } },
	  NULL,
	  "o: '/bin' is not TEXT:PATH, what the link says and where it is" },

	/* podman's */
	{ { { "volume", "/a:/b", C } }, "rw.=/a>/b", NULL },
	{ { { "volume", "/a:/b:ro", C } }, "ro.=/a>/b", NULL },
	{ { { "volume", "./a:/b:rw", C } }, "rw.=./a>/b", NULL },
	{ { { "volume", "../a:/b", C } }, "rw.=../a>/b", NULL },
	{ { { "volume", "a/b:/c", C } }, "rw.=a/b>/c", NULL },
	{ { { "volume", "a:/b", C } },
	  NULL,
	  "o: 'a' is no path, and a box has no named volumes (write ./a for the directory)" },
	{ { { "volume", "a.b:/c:ro", C } },
	  NULL,
	  "o: 'a.b' is no path, and a box has no named volumes (write ./a.b for the directory)" },
	{ { { "volume", "/a", C } }, NULL, "o: '/a' is not SOURCE:TARGET[:ro or :rw]" },
	{ { { "volume", "/a:ro", C } }, NULL, "o: '/a:ro' is not SOURCE:TARGET[:ro or :rw]" },
	{ { { "volume", "/a:b", C } }, NULL, "o: '/a:b' is not SOURCE:TARGET[:ro or :rw]" },
	{ { { "volume", "/a:/b:z", C } }, NULL, "o: '/a:/b:z' is not SOURCE:TARGET[:ro or :rw]" },
	{ { { "volume", "/a:/b:ro:ro", C } },
	  NULL,
	  "o: '/a:/b:ro:ro' is not SOURCE:TARGET[:ro or :rw]" },
	{ { { "volume", "", C } }, NULL, "o: '' is not SOURCE:TARGET[:ro or :rw]" },
};

START_TEST(test_mounts)
{
	cleanup_config struct config c = { 0 };
	cleanup_free char *text = NULL, *line = NULL;
	int r = 0;

	config_init(&c);
	for (size_t i = 0; i < 3 && cases[_i].said[i].key && r == 0; i++) {
		const struct key *key = key_find_option(cases[_i].said[i].key);
		struct assignment a = { key->section, key->name, cases[_i].said[i].value, "o",
					cases[_i].said[i].command_line };

		r = key->set(&c, &a);
	}
	if (cases[_i].error) {
		ck_assert_msg(r == -EINVAL, "'%s': accepted", cases[_i].said[0].value);
		ck_assert_int_ge(asprintf(&line, "%s\n", cases[_i].error), 0);
		ck_assert_str_eq(logged_text(), line);
		return;
	}
	ck_assert_msg(r == 0, "%s", logged_text());
	text = config_text(&c);
	ck_assert_str_eq(text, cases[_i].set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("setters_mounts");
	TCase *tc = tcase_create("mounts");

	tcase_add_checked_fixture(tc, logged_start, NULL);
	tcase_add_loop_test(tc, test_mounts, 0, (int)ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
