# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tests of this directory share; each sources it first and calls finish last.
#
#	box --net=none -- true		run the launcher, with a time limit
#	expect_status 0 "it runs"	one line of TAP
#	finish
#
# After box, run or limited: $status, and files $out and $err. $place is a directory that goes
# with the test, $place/home the HOME, $place/work the working directory.
set -u

: "${SANDBOX:?run this with tests/run}" "${top_srcdir:?}" "${top_builddir:?}"
skip_level=${SANDBOX_TEST_LEVEL:?}
level=${skip_level/#vm/user} # in the machine of tests/vm they run as an ordinary user
test_name=$(readlink -f "$0")
test_name=tests/${test_name##*/tests/}
test_name=${test_name%.sh}
slow=${SANDBOX_TEST_SLOW:-1} # how many times longer things may take
# a box has a /tmp of its own, so a path below it is always free inside
place=$(mktemp -d /tmp/sandbox-e2e.XXXXXX) || exit 1
out=$place/out err=$place/err status=0 limit=20
count=0 failed=0
started=()

unset "${!XDG_@}" SANDBOX_HELPER_PATH
export HOME=$place/home
mkdir "$place/home" "$place/work"
cd "$place/work" || exit 1

clean_up() {
	local pid

	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	chmod -R u+rwX "$place" 2>/dev/null
	rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# --- results ----------------------------------------------------------------

ok() { # WHAT
	count=$((count + 1))
	echo "ok $count - $1"
}

not_ok() { # WHAT [REASON...]
	count=$((count + 1)) failed=$((failed + 1))
	echo "not ok $count - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

# The command, which may be `!` and another, is the check.
check() { # WHAT COMMAND...
	local what=$1 truth=0

	shift
	if [ "$1" = ! ]; then
		shift
		if "$@"; then truth=1; fi
	else
		"$@" || truth=1
	fi
	if [ "$truth" = 0 ]; then ok "$what"; else not_ok "$what" "$(printf '%q ' "$@")" "$(show)"; fi
}

# One check of many cannot be made here; tests/skips.txt has to know.
skip() { # WHAT REASON
	if [ "${SANDBOX_TEST_STRICT:-0}" = 1 ] && ! is_expected "$2"; then
		not_ok "$1" "skipped as $skip_level: $2 (not in tests/skips.txt)"
		return
	fi
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

is_expected() {
	local row_level row_test reason

	while read -r row_level row_test reason; do
		[ "$row_level $row_test" = "$skip_level $test_name" ] && [ "$reason" = "$1" ] && return 0
	done <"$top_srcdir/tests/skips.txt"
	return 1
}

skip_all() { # REASON
	echo "skip: $1"
	exit 77
}

need() { # PROGRAM...
	local program

	for program; do
		command -v "$program" >/dev/null || skip_all "no $program"
	done
}

finish() {
	echo "1..$count"
	[ "$failed" = 0 ]
	exit
}

# --- running ----------------------------------------------------------------

# Run anything, for $limit seconds at most (on a slow machine more): a hang is a failure (status 124).
limited() {
	status=0
	timeout --kill-after=5 "$((limit * slow))" "$@" </dev/null >"$out" 2>"$err" || status=$?
	echo "$status" >"$place/status"
}

# The status of what ran in a subshell.
recall() {
	status=$(cat "$place/status")
}

box() {
	limited "$SANDBOX" "$@"
}

# In the background until the test ends, or `stop`; $! is its pid.
start() {
	"$@" </dev/null &
	started+=($!)
}

# Wait until a command succeeds, for so many seconds.
await() { # SECONDS COMMAND...
	local end=$((SECONDS + $1 * slow + 1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# How long a launch takes here, filter and all: $milliseconds.
# shellcheck disable=SC2034
launch_time() {
	local before after

	rm -rf "$HOME/.cache"
	before=$(date +%s%N)
	"$SANDBOX" -q -- true </dev/null
	after=$(date +%s%N)
	milliseconds=$(((after - before) / 1000000 + 1))
}

nap_below() { # MILLISECONDS
	local nap=$((RANDOM % $1))

	sleep "$(printf '%d.%03d' $((nap / 1000)) $((nap % 1000)))"
}

# A zombie has ended, even if its parent has not looked yet.
is_alive() { # PID
	local stat

	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) }
	case $stat in Z* | X*) return 1 ;; esac
}

# "PID PARENT" of every process.
all_processes() {
	grep -s '^PPid:' /proc/[0-9]*/status | sed 's,^/proc/\([0-9]*\)/status:PPid:	,\1 ,'
}

children() { # PID
	all_processes | sed -n "s/ $1\$//p"
}

descendants() { # PID
	all_processes | awk -v root="$1" '{ parent[$1] = $2 }
		END { for (pid in parent) {
			for (at = pid; at in parent && at != root && at != 0; at = parent[at]);
			if (at == root && pid != root) print pid } }'
}

none_alive() { # PID...
	local pid

	for pid; do
		! is_alive "$pid" || return 1
	done
}

# --- expectations -----------------------------------------------------------

# What the launcher said, without the one line that says it is the host's root.
words() {
	grep -v "^sandbox: warning: the box runs as the host's root, for want" "$err"
}

show() {
	echo "status $status"
	head -n 20 "$out" | cut -c 1-300 | sed 's/^/stdout: /'
	head -n 20 "$err" | cut -c 1-300 | sed 's/^/stderr: /'
}

expect_status() { # STATUS WHAT
	if [ "$status" = "$1" ]; then ok "$2"; else not_ok "$2" "expected status $1" "$(show)"; fi
}

# These words on standard error and no others.
expect_words() { # WORDS WHAT
	if [ "$(words)" = "$1" ]; then ok "$2"; else not_ok "$2" "expected: $1" "$(show)"; fi
}

# The box was refused: status 125, nothing ran, and one line says why.
expect_refusal() { # LINE WHAT
	if [ "$status" = 125 ] && [ ! -s "$out" ] && [ "$(words)" = "sandbox: $1" ]; then
		ok "$2"
	else
		not_ok "$2" "expected status 125 and: sandbox: $1" "$(show)"
	fi
}

# Ran well, and standard output is just this.
expect_output() { # TEXT WHAT
	if [ "$status" = 0 ] && [ "$(cat "$out")" = "$1" ]; then
		ok "$2"
	else
		not_ok "$2" "expected: $1" "$(show)"
	fi
}

# A line of standard output is just this.
expect_line() { # LINE WHAT
	if grep -qxF -- "$1" "$out"; then ok "$2"; else not_ok "$2" "expected a line: $1" "$(show)"; fi
}

expect_match() { # REGEX WHAT
	if grep -qE -- "$1" "$out"; then ok "$2"; else not_ok "$2" "expected a match: $1" "$(show)"; fi
}

expect_no_match() { # REGEX WHAT
	if ! grep -qE -- "$1" "$out"; then ok "$2"; else not_ok "$2" "expected no match: $1" "$(show)"; fi
}

# A static C program that says what system calls answer; see its head.
build_probe() {
	if [ -n "${SANDBOX_TEST_PROBE:-}" ]; then
		cp "$SANDBOX_TEST_PROBE" "$place/work/probe"
		return
	fi
	# shellcheck disable=SC2086 # CC may have options
	${CC:-cc} -O1 -static -o "$place/work/probe" "$top_srcdir/tests/e2e/probe.c" 2>/dev/null ||
		${CC:-cc} -O1 -o "$place/work/probe" "$top_srcdir/tests/e2e/probe.c" ||
		skip_all "no C compiler"
}

# Is there a range of ids for this user? Else the box has one.
has_range() {
	[ "$level" = user ] && [ "${range-unknown}" != none ] &&
		"$SANDBOX" --map=range --dry-run -- true >/dev/null 2>&1
}

# Has this kernel Landlock's scopes? They came with Linux 6.12.
has_scopes() {
	printf '6.12\n%s\n' "$(uname -r)" | sort --check=silent --version-sort
}
