/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/filter_policy.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strv.h"
#include "base/text.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80 /* Linux 5.6 */
#endif

const struct filter_argument filter_denied_ioctls[] = {
	{ "TIOCCONS", TIOCCONS },   /* takes the console's output */
	{ "TIOCLINUX", TIOCLINUX }, /* pastes on a virtual console (CVE-2023-28100) */
	{ "TIOCSETD", TIOCSETD },   /* loads line disciplines, a rich source of holes */
	{ "TIOCSTI", TIOCSTI },	    /* types for the user (CVE-2017-5226) */
};

const size_t n_filter_denied_ioctls = ARRAY_LEN(filter_denied_ioctls);

const struct filter_argument filter_denied_types[] = {
	{ "packet", SOCK_PACKET }, /* the kernel makes it AF_PACKET, whatever the family */
	{ "raw", SOCK_RAW },
};

const size_t n_filter_denied_types = ARRAY_LEN(filter_denied_types);

const struct filter_argument filter_denied_prctls[] = {
	{ "mm", PR_SET_MM }, /* rewrites what /proc says of the process */
};

const size_t n_filter_denied_prctls = ARRAY_LEN(filter_denied_prctls);

static const struct filter_argument families[] = {
	{ "unix", AF_UNIX },
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ "netlink", AF_NETLINK },
};

static const struct filter_argument namespaces[] = {
	{ "time", CLONE_NEWTIME }, { "mount", CLONE_NEWNS }, { "cgroup", CLONE_NEWCGROUP },
	{ "uts", CLONE_NEWUTS },   { "ipc", CLONE_NEWIPC },  { "user", CLONE_NEWUSER },
	{ "pid", CLONE_NEWPID },   { "net", CLONE_NEWNET },
};

/* A run of calls in answers[]: one of a group, or all of it. */
struct span {
	const struct syscall_group *group;
	size_t first, n;
};

static bool find_group(const struct filter_policy *p, const char *word, struct span *ret)
{
	for (size_t i = 0; i < n_syscall_aliases; i++)
		if (strcmp(syscall_aliases[i].alias, word) == 0)
			word = syscall_aliases[i].group;
	for (size_t i = 0; i < n_syscall_groups; i++) {
		if (strcmp(syscall_groups[i].name, word) == 0) {
			*ret = (struct span){ &syscall_groups[i], p->firsts[i],
					      p->firsts[i + 1] - p->firsts[i] };
			return true;
		}
	}
	return false;
}

/* Where word stands in a list of names, as a whole name, or NULL. */
static const char *find_name(const char *calls, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(calls, word); at; at = strstr(at + 1, word))
		if ((at == calls || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return at;
	return NULL;
}

static bool find_call(const struct filter_policy *p, const char *word, struct span *ret)
{
	if (*word == '\0' || strchr(word, ' '))
		return false; /* an empty word is everywhere, and two may stand side by side */
	for (size_t i = 0; i < n_syscall_groups; i++) {
		const char *calls = syscall_groups[i].calls, *at = find_name(calls, word);
		size_t before = 0;

		if (!at)
			continue;
		for (const char *c = calls; c < at; c++)
			before += *c == ' ';
		*ret = (struct span){ &syscall_groups[i], p->firsts[i] + before, 1 };
		return true;
	}
	return false;
}

static bool find_word(const struct filter_policy *p, const char *word, struct span *ret)
{
	return *word == '@' ? find_group(p, word, ret) : find_call(p, word, ret);
}

static int log_unknown(const char *origin, const char *word)
{
	cleanup_strv struct strv known = { 0 };
	const char *nearest;

	for (size_t i = 0; i < n_syscall_groups; i++) {
		char name[SYSCALL_NAME_MAX];

		strv_add(&known, syscall_groups[i].name);
		for (const char *at = syscall_groups[i].calls; (at = syscall_next(at, name));)
			strv_add(&known, name);
	}
	nearest = text_nearest(word, (const char *const *)known.v);
	if (nearest)
		return log_invalid("%s: no system call or group '%s' (did you mean '%s'?)", origin,
				   word, nearest);
	return log_invalid("%s: no system call or group '%s'", origin, word);
}

/* What one word does to the calls it names. Logs. */
typedef int (*apply_fn)(struct filter_policy *p, const struct span *s, const char *word,
			const char *origin);

static int apply_words(struct filter_policy *p, const struct config_words *words, apply_fn apply)
{
	for (size_t i = 0; i < words->words.n; i++) {
		const char *word = words->words.v[i], *origin = words->origins.v[i];
		struct span s;
		int r;

		if (!find_word(p, word, &s))
			return log_unknown(origin, word);
		r = apply(p, &s, word, origin);
		if (r < 0)
			return r;
	}
	return 0;
}

static int allow(struct filter_policy *p, const struct span *s, const char *word,
		 const char *origin)
{
	if (s->group->never)
		return log_invalid("%s: '%s' cannot be allowed in any box: %s", origin, word,
				   s->group->never);
	memset(p->answers + s->first, SYSCALL_ALLOW, s->n);
	return 0;
}

/* Back to the group's own refusal where it has one: what programs expect of that call. */
static int deny(struct filter_policy *p, const struct span *s, const char *word, const char *origin)
{
	enum syscall_answer own = s->group->answer;

	(void)word;
	(void)origin;
	memset(p->answers + s->first, own == SYSCALL_ALLOW ? SYSCALL_EPERM : own, s->n);
	return 0;
}

static int mark_logged(struct filter_policy *p, const struct span *s, const char *word,
		       const char *origin)
{
	bool any = false;

	for (size_t i = s->first; i < s->first + s->n; i++) {
		if (p->answers[i] == SYSCALL_ALLOW)
			p->answers[i] = SYSCALL_LOG;
		any = any || p->answers[i] == SYSCALL_LOG;
	}
	if (!any)
		return log_invalid("%s: '%s' is denied, and only allowed calls can be logged",
				   origin, word);
	return 0;
}

static void allow_call(struct filter_policy *p, const char *call)
{
	struct span s;

	if (find_call(p, call, &s))
		p->answers[s.first] = SYSCALL_ALLOW;
}

static int read_families(const struct config *c, uint64_t *ret)
{
	const char *const names[] = { "unix", "inet", "inet6", "netlink", "none", NULL };
	const struct strv *words = &c->families.words, *origins = &c->families.origins;
	uint64_t set = 0;

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (words->n == 0 || strv_has(words, families[i].name))
			set |= UINT64_C(1) << families[i].value;
	for (size_t i = 0; i < words->n; i++)
		if (!text_is_one_of(words->v[i], names))
			return log_invalid("%s: no box can have sockets of family '%s', only of "
					   "unix, inet, inet6 and netlink, or none",
					   origins->v[i], words->v[i]);
	for (size_t i = 0; set && i < words->n; i++)
		if (strcmp(words->v[i], "none") == 0)
			return log_invalid("%s: socket family 'none' stands alone", origins->v[i]);
	*ret = set;
	return 0;
}

static int read_architectures(const struct config *c, bool *ret_i386)
{
	const struct strv *words = &c->architectures.words;

	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->v[i], "native") != 0 && strcmp(words->v[i], "i386") != 0)
			return log_invalid("%s: architecture '%s' is not native or i386",
					   c->architectures.origins.v[i], words->v[i]);
	*ret_i386 = strv_has(words, "i386");
	return 0;
}

/*
 * The four personalities that programs in the field use, 0xffffffff (only
 * asks), and for debuggers the one without address randomisation.
 * READ_IMPLIES_EXEC above all stays out.
 */
static void choose_personalities(struct filter_policy *p)
{
	static const uint32_t usual[] = { PER_LINUX, PER_LINUX32, UNAME26, PER_LINUX32 | UNAME26 };

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		p->personalities[p->n_personalities++] = usual[i];
	if (syscall_is_allowed(filter_policy_answer(p, "ptrace")))
		p->personalities[p->n_personalities++] = ADDR_NO_RANDOMIZE;
	p->personalities[p->n_personalities++] = UINT32_MAX;
}

/* Who asks for the right to set-ID bits, by name, gets them as the host's root too. */
static bool keeps_fsetid(const struct config *c)
{
	for (size_t i = 0; i < c->caps.n; i++) {
		const char *word = c->caps.v[i];

		if (strncasecmp(word, "cap_", 4) == 0)
			word += 4;
		if (strcasecmp(word, "fsetid") == 0)
			return true;
	}
	return false;
}

/* What the box's shape asks for; `deny` can still take it back. */
static void allow_implied(struct filter_policy *p, const struct config *c)
{
	if (c->nested == NESTED_LIMITED) {
		/* All four or none: with fewer, browsers weaken themselves in silence. */
		p->namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
		allow_call(p, "chroot");
		allow_call(p, "unshare");
	}
	if (p->i386)
		allow_call(p, "modify_ldt");
}

static void set_defaults(struct filter_policy *p)
{
	p->firsts = xcalloc(n_syscall_groups + 1, sizeof(*p->firsts));
	for (size_t i = 0; i < n_syscall_groups; i++)
		p->firsts[i + 1] = p->firsts[i] + syscall_count(syscall_groups[i].calls);
	p->n_answers = p->firsts[n_syscall_groups];
	p->answers = xcalloc(p->n_answers, sizeof(*p->answers));
	for (size_t i = 0; i < n_syscall_groups; i++)
		memset(p->answers + p->firsts[i], syscall_groups[i].answer,
		       p->firsts[i + 1] - p->firsts[i]);
}

int filter_policy_build(const struct config *c, bool as_host_root, struct filter_policy *ret)
{
	cleanup_filter_policy struct filter_policy p = {
		.netlink = UINT32_C(1) << NETLINK_ROUTE,
		.no_set_id_bits = as_host_root && !keeps_fsetid(c),
	};
	int r;

	set_defaults(&p);
	r = read_architectures(c, &p.i386);
	if (r < 0)
		return r;
	r = read_families(c, &p.families);
	if (r < 0)
		return r;

	allow_implied(&p, c);
	r = apply_words(&p, &c->seccomp_allow, allow);
	if (r < 0)
		return r;
	r = apply_words(&p, &c->seccomp_deny, deny);
	if (r < 0)
		return r;
	if (p.namespaces && !syscall_is_allowed(filter_policy_answer(&p, "unshare")))
		p.namespaces = 0; /* clone would be the way around the denial */
	r = apply_words(&p, &c->seccomp_log, mark_logged);
	if (r < 0)
		return r;
	choose_personalities(&p);

	*ret = p;
	p = (struct filter_policy){ 0 };
	return 0;
}

void filter_policy_done(struct filter_policy *p)
{
	free(p->answers);
	free(p->firsts);
	*p = (struct filter_policy){ 0 };
}

enum syscall_answer filter_policy_answer(const struct filter_policy *p, const char *call)
{
	struct span s;

	return find_call(p, call, &s) ? p->answers[s.first] : SYSCALL_ENOSYS;
}

#define TEXT_ROOM   8192 /* the usual policy has 6000 bytes */
#define TEXT_OF(x)  TEXT_OF_(x)
#define TEXT_OF_(x) #x

/* Text that grows: this runs at every launch, and stdio would cost more than all the rest. */
struct text {
	char *s;
	size_t n, room;
};

static void add_bytes(struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->room) {
		t->room = 2 * t->room + n + TEXT_ROOM;
		t->s = xrealloc_array(t->s, t->room, 1);
	}
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

static void add(struct text *t, const char *s)
{
	add_bytes(t, s, strlen(s));
}

static void add_hex(struct text *t, const char *before, uint32_t value)
{
	char number[] = "00000000", *digit = number + sizeof(number) - 1;

	do
		*--digit = "0123456789abcdef"[value & 0xf];
	while (value >>= 4);
	add(t, before);
	add(t, "0x");
	add(t, digit);
}

static void add_flags(struct text *t, const char *what, uint64_t set, bool as_bits,
		      const struct filter_argument *names, size_t n)
{
	add(t, what);
	for (size_t i = 0; i < n; i++) {
		uint64_t bits = as_bits ? names[i].value : UINT64_C(1) << names[i].value;

		if (set & bits) {
			add(t, " ");
			add(t, names[i].name);
		}
	}
	add(t, set ? "\n" : " none\n");
}

static void add_list(struct text *t, const char *what, const struct filter_argument *list, size_t n)
{
	add(t, what);
	for (size_t i = 0; i < n; i++) {
		add(t, " ");
		add(t, list[i].name);
		add_hex(t, "=", list[i].value);
	}
	add(t, "\n");
}

static void add_arguments(struct text *t, const struct filter_policy *p)
{
	static const struct filter_argument protocols[] = { { "route", NETLINK_ROUTE } };

	add_flags(t, "socket-families", p->families, false, families, ARRAY_LEN(families));
	add_flags(t, "netlink", p->netlink, false, protocols, ARRAY_LEN(protocols));
	add_flags(t, "namespaces", p->namespaces, true, namespaces, ARRAY_LEN(namespaces));
	add(t, "personalities");
	for (size_t i = 0; i < p->n_personalities; i++)
		add_hex(t, " ", p->personalities[i]);
	add(t, "\n");
	add_list(t, "no-ioctl", filter_denied_ioctls, n_filter_denied_ioctls);
	add_list(t, "no-inet-type", filter_denied_types, n_filter_denied_types);
	add_list(t, "no-prctl", filter_denied_prctls, n_filter_denied_prctls);
	add(t, "no-prctl-seccomp strict\n");
	if (p->no_set_id_bits)
		add(t, "no-set-id-bits\n");
}

static void add_calls_with(struct text *t, const struct syscall_group *g, const uint8_t *answers,
			   enum syscall_answer answer)
{
	char name[SYSCALL_NAME_MAX];

	for (const char *at = g->calls; (at = syscall_next(at, name)); answers++) {
		if (*answers != answer)
			continue;
		add(t, " ");
		add(t, name);
	}
}

/* One line for each answer that calls of g have: mostly one, so the list as it is. */
static void add_group(struct text *t, const struct syscall_group *g, const uint8_t *answers,
		      size_t n)
{
	static const char *const words[] = {
		[SYSCALL_ALLOW] = "allow ",
		[SYSCALL_LOG] = "log ",
		[SYSCALL_EPERM] = "eperm ",
		[SYSCALL_ENOSYS] = "enosys ",
	};
	bool all = memcmp(answers, answers + 1, n - 1) == 0;

	for (size_t answer = 0; answer < ARRAY_LEN(words); answer++) {
		if (!memchr(answers, (int)answer, n))
			continue;
		add(t, words[answer]);
		add(t, g->name);
		if (all) {
			add(t, " ");
			add(t, g->calls);
		} else {
			add_calls_with(t, g, answers, answer);
		}
		add(t, "\n");
	}
}

char *filter_policy_text(const struct filter_policy *p)
{
	struct text t = { 0 };
	add(&t, "policy " TEXT_OF(FILTER_POLICY_VERSION) "\n");
	add(&t, p->i386 ? "architectures native i386\n" : "architectures native\n");
	add_arguments(&t, p);
	for (size_t i = 0; i < n_syscall_groups; i++)
		add_group(&t, &syscall_groups[i], p->answers + p->firsts[i],
			  p->firsts[i + 1] - p->firsts[i]);
	return t.s;
}
