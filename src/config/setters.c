/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/setters.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/keys.h"

const char *const words_map[] = { "auto", "single", "range", NULL };
const char *const words_cwd[] = { "none", "ro", "rw", NULL };
const char *const words_home[] = { "ephemeral", "host", NULL };
const char *const words_proc[] = { "own", "none", NULL };
const char *const words_sys[] = { "none", "ro", NULL };
const char *const words_nested[] = { "no", "limited", NULL };
const char *const words_share[] = { "ipc", "uts", "cgroup", "time", NULL };
const char *const words_net[] = { "none", "slirp", "host", NULL };
const char *const words_landlock[] = { "auto", "require", "off", NULL };
const char *const words_scopes[] = { "signal", "abstract-unix", NULL };
const char *const words_unavailable[] = { "refuse", "warn", NULL };
const char *const words_terminal[] = { "auto", "inherit", "pty", NULL };
const char *const words_bool[] = { "no", "yes", NULL };
const char *const words_dry_run[] = { "text", "json", NULL };

const char *assignment_name(const struct assignment *a)
{
	return a->from_command_line ? "value" : a->name;
}

int assignment_pick(const struct assignment *a, const char *value, const char *const *words)
{
	cleanup_free char *list = xstrdup("");

	for (int i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0)
			return i;
		if (i > 0)
			xappend(&list, words[i + 1] ? ", " : " or ");
		xappend(&list, "%s", words[i]);
	}
	return log_invalid("%s: %s '%s' is not %s", a->origin, assignment_name(a), value, list);
}

#define WORD_SETTER(fn, field, type, words)                  \
	int fn(struct config *c, const struct assignment *a) \
	{                                                    \
		int i = assignment_pick(a, a->value, words); \
                                                             \
		if (i < 0)                                   \
			return i;                            \
		c->field = (type)i;                          \
		return 0;                                    \
	}

WORD_SETTER(set_map, map, enum map_mode, words_map)
WORD_SETTER(set_cwd, cwd, enum cwd_mode, words_cwd)
WORD_SETTER(set_home, home, enum home_mode, words_home)
WORD_SETTER(set_proc, proc, enum proc_mode, words_proc)
WORD_SETTER(set_sys, sys, enum sys_mode, words_sys)
WORD_SETTER(set_nested, nested, enum nested_mode, words_nested)
WORD_SETTER(set_net, net, enum net_mode, words_net)
WORD_SETTER(set_host_loopback, host_loopback, bool, words_bool)
WORD_SETTER(set_landlock, landlock, enum landlock_mode, words_landlock)
WORD_SETTER(set_on_unavailable, on_unavailable, enum on_unavailable, words_unavailable)
WORD_SETTER(set_terminal, terminal, enum terminal_mode, words_terminal)

#undef WORD_SETTER

int assignment_words(const struct assignment *a, bool commas, struct strv *ret)
{
	cleanup_free char *text = NULL;

	if (a->from_command_line && !commas) {
		if (*a->value)
			strv_add(ret, a->value);
		return 0;
	}
	text = xstrdup(a->value);
	for (char *p = text; a->from_command_line && *p; p++)
		if (*p == ',')
			*p = ' ';
	if (strv_split(ret, text) < 0)
		return log_invalid("%s: a quote is left open in '%s'", a->origin, a->value);
	return 0;
}

char *assignment_quoting(const struct assignment *a, const struct strv *words, size_t i, size_t n)
{
	cleanup_free char *whole = NULL;

	if (a->from_command_line || i == 0)
		return xstrdup("");
	whole = xstrdup(words->v[i - 1]);
	for (; i < n; i++)
		xappend(&whole, " %s", words->v[i]);
	return xasprintf(" (if '%s' is meant: %s = '\"%s\"')", whole, a->name, whole);
}

static int add_words(struct strv *list, const struct assignment *a, bool commas)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, commas, &words);

	if (r < 0)
		return r;
	if (words.n == 0)
		strv_clear(list);
	strv_add_all(list, &words);
	return 0;
}

void assignment_replace(char **field, const char *value)
{
	free(*field);
	*field = *value ? xstrdup(value) : NULL;
}

int set_description(struct config *c, const struct assignment *a)
{
	assignment_replace(&c->description, a->value);
	return 0;
}

int set_programs(struct config *c, const struct assignment *a)
{
	return add_words(&c->programs, a, true);
}

/* The profile reader takes this key out: it must be seen to before anything else of the file. */
int set_inherit(struct config *c, const struct assignment *a)
{
	(void)c;
	return log_invalid("%s: inherit works in a profile only", a->origin);
}

/* useradd(8) is stricter, and directory services are not. */
static bool is_login_name(const char *text)
{
	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("_.-", *text))
			return false;
	return true;
}

/*
 * "1000" or "1000:100", decimal. A name is not looked up anywhere, least of
 * all in the box (CVE-2026-46680): the plan compares it with the caller's.
 */
int set_user(struct config *c, const struct assignment *a)
{
	cleanup_free char *uid = xstrdup(a->value);
	char *gid = strchr(uid, ':');

	if (strcmp(a->value, "self") == 0 || strcmp(a->value, "root") == 0) {
		c->user = *a->value == 's' ? USER_SELF : USER_ROOT;
		return 0;
	}
	if (is_login_name(a->value)) {
		c->user = USER_NAME;
		assignment_replace(&c->user_name, a->value);
		assignment_replace(&c->user_origin, a->origin);
		return 0;
	}
	if (gid)
		*gid++ = '\0';
	if (text_parse_u32(uid, UINT32_MAX - 1, &c->uid) < 0 ||
	    text_parse_u32(gid ? gid : uid, UINT32_MAX - 1, &c->gid) < 0)
		return log_invalid("%s: user '%s' is not self, root or UID:GID", a->origin,
				   a->value);
	c->user = USER_IDS;
	return 0;
}

int set_root(struct config *c, const struct assignment *a)
{
	if (strcmp(a->value, "host") == 0 || strcmp(a->value, "empty") == 0) {
		c->root = *a->value == 'h' ? ROOT_HOST : ROOT_EMPTY;
		assignment_replace(&c->root_dir, "");
		return 0;
	}
	if (!a->from_command_line && !strchr("/~$", *a->value))
		return log_invalid("%s: root '%s' is not host, empty or an absolute directory",
				   a->origin, a->value);
	c->root = ROOT_DIR;
	assignment_replace(&c->root_dir, a->value);
	assignment_replace(&c->root_origin, a->origin);
	return 0;
}

int set_chdir(struct config *c, const struct assignment *a)
{
	assignment_replace(&c->chdir, a->value);
	return 0;
}

/* hostname(7), RFC 1123: what every program accepts. */
int set_hostname(struct config *c, const struct assignment *a)
{
	size_t n = strlen(a->value);

	for (const char *p = a->value; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-.", *p))
			n = 0;
	if (n == 0 || n > 63 || *a->value == '-' || *a->value == '.')
		return log_invalid("%s: hostname '%s' is not 1 to 63 letters, digits, '-' and '.'",
				   a->origin, a->value);
	assignment_replace(&c->hostname, a->value);
	return 0;
}

/* [+-]N[smhd] */
static int parse_seconds(const char *text, int64_t *ret)
{
	static const char units[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	bool negative = *text == '-';
	cleanup_free char *digits = xstrdup(text + (*text == '-' || *text == '+'));
	size_t n = strlen(digits);
	const char *unit = n ? strchr(units, digits[n - 1]) : NULL;
	int64_t factor = 1;
	uint64_t value;
	int r;

	if (unit && *unit) {
		factor = seconds[unit - units];
		digits[n - 1] = '\0';
	}
	r = text_parse_u64(digits, UINT32_MAX, &value);
	if (r < 0)
		return r;
	*ret = (negative ? -1 : 1) * factor * (int64_t)value;
	return 0;
}

int set_time_offset(struct config *c, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	c->time = (struct config_time){ 0 };
	for (size_t i = 0; i < words.n; i++) {
		const char *word = words.v[i];
		bool mono = text_starts_with(word, "monotonic=");
		bool boot = text_starts_with(word, "boottime=");
		int64_t offset;

		if (parse_seconds(mono || boot ? strchr(word, '=') + 1 : word, &offset) < 0)
			return log_invalid("%s: '%s' is not a time offset such as +2h, -30m or "
					   "boottime=90s",
					   a->origin, word);
		if (!boot)
			c->time.monotonic = offset;
		if (!mono)
			c->time.boottime = offset;
		c->time.set = true;
	}
	return 0;
}

/* Words to bits, in the order of the vocabulary. */
static int parse_bits(const struct assignment *a, const char *const *vocabulary, unsigned int *ret)
{
	cleanup_strv struct strv words = { 0 };
	unsigned int bits = 0;
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words.n; i++) {
		r = assignment_pick(a, words.v[i], vocabulary);
		if (r < 0)
			return r;
		bits |= 1u << r;
	}
	*ret = bits;
	return 0;
}

int set_share(struct config *c, const struct assignment *a)
{
	return parse_bits(a, words_share, &c->share);
}

int set_scopes(struct config *c, const struct assignment *a)
{
	unsigned int bits;
	int r = parse_bits(a, words_scopes, &bits);

	if (r < 0)
		return r;
	c->scope_signal = bits & 1;
	c->scope_abstract_unix = bits & 2;
	return 0;
}

int add_dns(struct config *c, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words.n; i++) {
		unsigned char addr[sizeof(struct in6_addr)];

		if (inet_pton(AF_INET, words.v[i], addr) != 1 &&
		    inet_pton(AF_INET6, words.v[i], addr) != 1)
			return log_invalid("%s: dns '%s' is not an IP address", a->origin,
					   words.v[i]);
	}
	return add_words(&c->dns, a, true);
}

static int parse_port(const char *text, uint16_t *ret)
{
	uint32_t port;

	if (text_parse_u32(text, 65535, &port) < 0 || port == 0)
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

/* [ADDR:]HOST_PORT[:BOX_PORT][/tcp|/udp] */
static int parse_publish(const char *text, struct config_publish *p)
{
	cleanup_free char *copy = xstrdup(text);
	unsigned char addr[sizeof(struct in_addr)];
	char *proto = strchr(copy, '/'), *rest = copy, *part[3] = { NULL };
	size_t n = 0;

	if (proto) {
		*proto++ = '\0';
		if (strcmp(proto, "tcp") != 0 && strcmp(proto, "udp") != 0)
			return -EINVAL;
		p->udp = *proto == 'u';
	}
	while (rest) {
		if (n == ARRAY_LEN(part))
			return -EINVAL;
		part[n++] = strsep(&rest, ":");
	}
	if (n == 3 || (n == 2 && strchr(part[0], '.'))) {
		if (inet_pton(AF_INET, part[0], addr) != 1)
			return -EINVAL;
		p->host_addr = xstrdup(part[0]);
		memmove(part, part + 1, 2 * sizeof(*part));
		n--;
	}
	if (parse_port(part[0], &p->host_port) < 0 ||
	    parse_port(n == 2 ? part[1] : part[0], &p->box_port) < 0)
		return -EINVAL;
	if (!p->host_addr)
		p->host_addr = xstrdup("127.0.0.1");
	return 0;
}

void config_clear_publish(struct config *c)
{
	for (size_t i = 0; i < c->n_publish; i++) {
		free(c->publish[i].host_addr);
		free(c->publish[i].origin);
	}
	free(c->publish);
	c->publish = NULL;
	c->n_publish = 0;
}

/* systemd-run's -p sets properties: whoever means one learns its name here. */
static int refuse_port(const struct assignment *a, const char *word)
{
	cleanup_free char *name = xstrndup(word, strcspn(word, "="));
	const char *advice = strchr(word, '=') ? option_foreign_advice(name) : NULL;

	return log_invalid("%s: cannot read port '%s', it is "
			   "[ADDRESS:]HOST-PORT[:BOX-PORT][/tcp or /udp]%s%s%s",
			   a->origin, word, advice ? " (for a limit " : "", advice ? advice : "",
			   advice ? ")" : "");
}

int add_publish(struct config *c, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	if (words.n == 0)
		config_clear_publish(c);
	for (size_t i = 0; i < words.n; i++) {
		struct config_publish p = { 0 };

		if (parse_publish(words.v[i], &p) < 0) {
			free(p.host_addr);
			return refuse_port(a, words.v[i]);
		}
		p.origin = xstrdup(a->origin);
		GROW(c->publish, c->n_publish);
		c->publish[c->n_publish++] = p;
	}
	return 0;
}

int add_caps(struct config *c, const struct assignment *a)
{
	return add_words(&c->caps, a, true);
}

static int add_located(struct config_words *list, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	if (words.n == 0) {
		strv_clear(&list->words);
		strv_clear(&list->origins);
	}
	for (size_t i = 0; i < words.n; i++) {
		strv_add(&list->words, words.v[i]);
		strv_add(&list->origins, a->origin);
	}
	return 0;
}

int add_seccomp_allow(struct config *c, const struct assignment *a)
{
	return add_located(&c->seccomp_allow, a);
}

int add_seccomp_deny(struct config *c, const struct assignment *a)
{
	return add_located(&c->seccomp_deny, a);
}

int add_seccomp_log(struct config *c, const struct assignment *a)
{
	return add_located(&c->seccomp_log, a);
}

int set_architectures(struct config *c, const struct assignment *a)
{
	return add_located(&c->architectures, a);
}

/* Naming families replaces, else nobody could narrow. */
int set_families(struct config *c, const struct assignment *a)
{
	strv_clear(&c->families.words);
	strv_clear(&c->families.origins);
	return add_located(&c->families, a);
}

/* A name as the shell takes it, with '*' at the end where a pattern is meant. */
static bool is_env_name(const char *name, size_t n, bool pattern)
{
	if (pattern && n > 0 && name[n - 1] == '*')
		n--;
	else if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return n == 0 || !isdigit((unsigned char)name[0]);
}

static int add_env_names(struct strv *list, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, true, &words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words.n; i++)
		if (!is_env_name(words.v[i], strlen(words.v[i]), true))
			return log_invalid("%s: '%s' is not a variable's name", a->origin,
					   words.v[i]);
	return add_words(list, a, true);
}

int add_env_keep(struct config *c, const struct assignment *a)
{
	return add_env_names(&c->env_keep, a);
}

int add_env_unset(struct config *c, const struct assignment *a)
{
	return add_env_names(&c->env_unset, a);
}

/* NAME=VALUE; on the command line also NAME alone, which keeps the caller's (podman -e). */
int add_env_set(struct config *c, const struct assignment *a)
{
	cleanup_strv struct strv words = { 0 };
	int r = assignment_words(a, false, &words);

	if (r < 0)
		return r;
	for (size_t i = 0; i < words.n; i++) {
		const char *equals = strchr(words.v[i], '=');

		if (!equals && a->from_command_line)
			return add_env_names(&c->env_keep, a);
		if (!equals || !is_env_name(words.v[i], (size_t)(equals - words.v[i]), false)) {
			cleanup_free char *advice = assignment_quoting(a, &words, i, i + 1);

			return log_invalid("%s: '%s' is not NAME=VALUE%s", a->origin, words.v[i],
					   advice);
		}
	}
	return add_words(&c->env_set, a, false);
}
