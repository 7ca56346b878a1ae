#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits that need no control group, each where it refuses and one step beside; and bad values of all.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
build_probe

# --- words and numbers --------------------------------------------------------

refused() { # OPTION VALUE WHY
	box "--$1=$2" -- true
	expect_refusal "--$1: $3" "--$1=$2"
}
no_size="is not a size such as 512M, or 50% of the machine's memory"

# What free(1) says, as the messages do: cut off behind the first decimal.
total=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
if [ "$total" -ge 1048576 ]; then
	memory=$((total / 1048576)).$((total % 1048576 * 10 / 1048576))G
else
	memory=$((total / 1024))M
fi
processors=$(find /sys/devices/system/cpu -maxdepth 1 -name 'cpu[0-9]*' | wc -l)
case $processors in
1) all="the one processor" ;;
*) all="the $processors processors" ;;
esac

refused memory 10X "value '10X' $no_size"
refused memory -1 "value '-1' $no_size"
refused memory 0 "value '0' is less than 1M, which is the least"
refused memory 512 "value '512' is less than 1M, which is the least"
refused memory 9999T "'9999T' is more than this machine's memory, $memory"
refused memory 101% "value '101%' is more than 100%"
refused memory 0% "value '0%' is less than 1%, which is the least"
box -m 10X -- true
expect_refusal "-m: value '10X' $no_size" "-m 10X"
refused swap many "value 'many' $no_size"
refused pids 0 "value '0' is not a number from 1 to 4194304 or unlimited"
refused cpu 0 "value '0' is less than 1%, which is the least"
refused cpu 0.5% "value '0.5%' is less than 1%, which is the least"
refused cpu -1 "value '-1' is not a number of processors such as 1.5, or 150%"
refused cpu 9999 "'9999' is more than $all of this machine"
refused cpu 999900% "'999900%' is more than $all of this machine (100% each)"
refused io-weight 0 "value '0' is not a number from 1 to 10000"
refused cpuset all "value 'all' is not a list of processors such as 0-3,6"
refused cpuset 0,9999 "'0,9999': this machine has no processor 9999"
refused on-unavailable maybe "value 'maybe' is not refuse or warn"
for time in never 0 -1; do
	refused timeout "$time" "value '$time' is not a time such as 90s, 1.5m or 2h or unlimited"
done
refused stop-signal STOPIT "value 'STOPIT' is not a signal such as TERM, SIGINT or 15"
refused stop-signal 65 "value '65' is not a signal such as TERM, SIGINT or 15"
refused stop-timeout soon "value 'soon' is not a time such as 10s, 1.5m or 0"
refused nice 20 "value '20' is not a number from 0 to 19"
refused nice -5 "value '-5' is not a number from 0 to 19 (a lower one takes a privilege that no box has)"
refused oom-score 1001 "value '1001' is not a number from 0 to 1000"
refused oom-score -1 "value '-1' is not a number from 0 to 1000 (a lower one takes a privilege that no box has)"
refused tmpfs-size 0 "value '0' is less than 4K, which is the least"
refused tmpfs-size big "value 'big' $no_size"

profile() { # LINE...
	printf '[profile]\ninherit = default\n[limits]\n' >p.ini
	printf '%s\n' "$@" >>p.ini
	box --profile=./p.ini -- sh -c 'ulimit -n'
}
profile 'memory = 10X'
expect_refusal "./p.ini:4: memory '10X' $no_size" "a profile's line is named"
profile 'nice = 1' 'memory = 9999T'
expect_refusal "./p.ini:5: '9999T' is more than this machine's memory, $memory" "also where the machine is too small"
profile 'MemoryMax = 1G'
expect_refusal "./p.ini:4: key 'MemoryMax' has capital letters; write 'memorymax'" "a word of systemd's"
profile 'memorymax = 1G'
expect_refusal "./p.ini:4: unknown key 'memorymax' in section [limits] (did you mean 'memory'?)" "and what it is here"
box -p MemoryMax=1G -- true
expect_refusal "-p: cannot read port 'MemoryMax=1G', it is [ADDRESS:]HOST-PORT[:BOX-PORT][/tcp or /udp] (for a limit use --memory=SIZE)" "and as an option"
box --memory-swap=1G -- true
expect_refusal "--memory-swap is not an option here: use --swap=SIZE, which does not count the memory itself" "a word of docker's"
profile 'open-files = 77' 'memory = 1G' 'memory =' 2>/dev/null
expect_refusal "./p.ini:6: key 'memory' stands in line 5 already; a list is one line, its words apart by blanks" "no limit twice in a file"
printf '[profile]\ninherit = default\n[limits]\nmemory = 64M\npids = 5\ncpu = 50%%\ntimeout = 1\n' >heir.ini
box --profile=./heir.ini --memory= --pids=unlimited --cpu= --timeout= -- sh -c 'sleep 1.5; echo long'
expect_output long "what a profile limits can be taken back"
expect_words "" "and then nothing is asked of control groups"
box --timeout=100 --stop-signal=SIGRTMIN+3 --stop-timeout=0.5 --dry-run -- true
expect_line "timeout 100000 signal RTMIN+3 grace 500" "signals have many names"

# --- fork bombs -----------------------------------------------------------------

# The kernel does not hold its own root to RLIMIT_NPROC, in no box.
is_host_root() {
	[ "$level" = root ] && "$SANDBOX" -q --dry-run -- true | grep -qx 'uid-map 0 -> 0, 1'
}
bomb() { # LIMIT MOST: how many there are beside pid 1 and the bomb itself
	if is_host_root; then echo "$2 ok"; else echo "$(($1 - 2)) EAGAIN"; fi
}
box --processes=50 -- ./probe forks 200 0
expect_output "$(bomb 50 200)" "processes = 50: pid 1, the program and 48 more"
box --processes=50 -- ./probe forks 40 0
expect_output "40 ok" "fewer are none of its business"
box --processes=50 --map=single -- ./probe forks 200 0
expect_output "$(bomb 50 200)" "with one id as well"
box --processes=50 --user=0 --map=single -- ./probe forks 200 0
expect_output "$(bomb 50 200)" "and as the root of the box"
box --processes=50 --net=none --cap-keep=sys_resource,sys_admin -- ./probe forks 200 0
expect_output "$(bomb 50 200)" "and with the capabilities that lift it on the host"

# In the background, until it has said something.
hold() { # OPTION... PROGRAM...
	rm -f "$place/first"
	"$SANDBOX" -q "$@" </dev/null >"$place/first" 2>&1 &
	held=$!
	started+=("$held")
	await 20 grep -qs . "$place/first"
}

hold --processes=50 -- ./probe forks 49 30
box --processes=50 -- ./probe forks 40 0
expect_output "40 ok" "one box does not count the processes of another"
kill -TERM "$held"

# Is there room for so many: in the caller's own limit, and in all control groups that we are in?
has_room() { # PROCESSES
	local group most

	most=$(ulimit -u)
	[ "$most" = unlimited ] || [ "$most" -ge "$1" ] || return 1
	group=$(sed -n 's/^0:://p' /proc/self/cgroup)
	while :; do
		most=$(cat "/sys/fs/cgroup$group/pids.max" 2>/dev/null) || most=max
		[ "$most" = max ] || [ "$most" -ge "$1" ] || return 1
		[ -n "$group" ] || return 0
		group=${group%/*}
	done
}

own=$(ulimit -u)
box -- bash -c 'ulimit -Su; ulimit -Hu'
if [ "$own" = unlimited ] || [ "$own" -ge 4096 ]; then
	expect_output "4096
4096" "default: 4096 processes"
else
	expect_output "$own
$own" "default: no more than the caller's own limit"
fi
if ! is_host_root && has_room 4600; then
	hold -- ./probe forks 100000 30
	check "default: a fork bomb comes to an end" [ "$(cat "$place/first")" = "4094 EAGAIN" ]
	limited sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true || exit; done; echo all'
	expect_output all "and the host forks on"
	init=$(children "$held")
	kill -KILL "$held"
	check "and what it made is gone with its launcher" await 20 none_alive "$init"
fi

# --- niceness -------------------------------------------------------------------

box --nice=5 -- nice
expect_output 5 "nice = 5"
box -- nice
expect_output "$(nice)" "none is the caller's"
limited nice -n 7 "$SANDBOX" --nice=5 -- nice
expect_output 7 "the caller's own is not undone"
box --nice=5 -- nice -n -1 true
check "and cannot be undone inside" grep -q 'nice: ' "$err"
box --nice=5 -- nice -n 3 nice
expect_output 8 "but added to"
limited nice -n 3 "$SANDBOX" --nice=5 -- sh -c 'cut -d " " -f 19 /proc/1/stat'
expect_output 3 "pid 1 has work to do"
if [ -e /proc/self/autogroup ]; then
	session_is_nice() { # OPTION...
		box --nice=5 "$@" -- sh -c 'sed "s/.*nice //" /proc/self/autogroup'
		[ "$(cat "$out")" = 5 ]
	}
	# the kernel grants it once in a while to all of an unprivileged world
	check "its session counts as little, where the kernel groups by session" await 10 session_is_nice
fi

# --- the out-of-memory killer -----------------------------------------------------

own=$(cat /proc/self/oom_score_adj)
[ "$own" -ge 0 ] || own=0
at_least() { # SCORE
	if [ "$own" -gt "$1" ]; then echo "$own"; else echo "$1"; fi
}
score='cat /proc/self/oom_score_adj /proc/1/oom_score_adj'
box --oom-score=300 -- sh -c "$score"
expect_output "$(at_least 300)
$(at_least 300)" "oom-score = 300, for pid 1 as well"
box -- sh -c "$score"
expect_output "$(at_least 250)
$(at_least 250)" "default: 250"
box --oom-score= -- cat /proc/self/oom_score_adj
expect_output "$(cat /proc/self/oom_score_adj)" "none is the caller's"
box --oom-score=300 -- sh -c 'echo "$1" >/proc/self/oom_score_adj && cat /proc/self/oom_score_adj' - "$own"
expect_output "$own" "a program can have back what its caller has"
box --oom-score=300 -- sh -c 'echo -1 >/proc/self/oom_score_adj'
check "but no less" grep -qE 'Permission denied|I/O error' "$err"
limited sh -c 'echo 777 >/proc/self/oom_score_adj && exec "$0" --oom-score=300 -- cat /proc/self/oom_score_adj' "$SANDBOX"
expect_output 777 "the caller's own is not undone"
hold --oom-score=900 --proc=none --root=empty --ro=./probe:/probe -- /probe forks 1 30
# shellcheck disable=SC2046
cat $(descendants "$held" | sed 's,.*,/proc/&/oom_score_adj,') >"$place/scores"
check "without a /proc of its own, too" [ "$(tr '\n' ' ' <"$place/scores")" = "900 900 900 " ]
program=$(children "$(children "$held")")
check "the kernel would take it before us" [ "$(cat "/proc/$program/oom_score")" -gt "$(cat /proc/$$/oom_score)" ]
kill -TERM "$held"

# --- a profile that asks for more than everybody has -----------------------------------

box --profile=build -- echo built
expect_output built "build runs, whatever control groups there are"
one_warning() {
	[ "$(words | wc -l)" -le 1 ] && ! words | grep -qvE '^sandbox: warning: (memory|pids)(, pids)?: not limited: '
}
check "and says in one line what is not limited, if it is not" one_warning
if [ "$(words)" ]; then
	box --profile=build --on-unavailable=refuse -- echo built
	check "and can be told to insist" [ "$status $(wc -c <"$out") $(words | grep -c 'cannot be limited: ')" = "125 0 1" ]
	box --profile=build --on-unavailable=refuse --memory= --pids= -- echo built
	expect_output built "or to do without"
	expect_words "" "and without a word"
fi

# --- directories in memory ----------------------------------------------------------

# fill DIR: how many bytes go into one file there, and why no more
fill='LC_ALL=C head -c 3M /dev/zero >"$1/x"; stat -c %s "$1/x"'
for dir in /tmp "$HOME" /run /var/tmp /dev/shm; do
	box --tmpfs-size=1M -- sh -c "$fill" - "$dir"
	check "tmpfs-size = 1M: no more goes into ${dir/#$HOME/the home}" \
		[ "$(cat "$out") $(words | sed 's/.*: //')" = "1048576 No space left on device" ]
	box --tmpfs-size=4M -- sh -c "$fill" - "$dir"
	expect_output 3145728 "tmpfs-size = 4M: three go into ${dir/#$HOME/the home}"
done
box --tmpfs-size=1M --tmpfs=/srv -- sh -c "$fill" - /srv
check "and into one that was asked for" grep -qx 1048576 "$out"
box --tmpfs-size=1M --tmpfs=/srv:size=4M -- sh -c "$fill" - /srv
expect_output 3145728 "but for its own size"
box --tmpfs-size=1M -- sh -c 'i=0; while [ $i -lt 1200 ]; do true >/var/tmp/$i || break; i=$((i + 1)); done 2>/dev/null; ls /var/tmp | wc -l'
check "nor do empty files without end" [ "$(cat "$out")" -lt 1024 ]
box --tmpfs-size=8M -- sh -c 'i=0; while [ $i -lt 1200 ]; do true >/var/tmp/$i || break; i=$((i + 1)); done; ls /var/tmp | wc -l'
expect_output 1200 "a larger one holds more"
box -- sh -c 'df -B1M --output=size "$1" | tail -n 1' - "$HOME"
check "default: a quarter of the memory each" [ $(($(cat "$out") - total / 4096)) -ge -1 ]
check "and no more" [ $(($(cat "$out") - total / 4096)) -le 1 ]
box --tmpfs-size= -- sh -c 'df -B1M --output=size /tmp | tail -n 1'
check "without a size it is half, as everywhere" [ $(($(cat "$out") - total / 2048)) -ge -1 ]

# --- time, and a stderr that nobody reads -----------------------------------------------

for grace in 0 0.5; do
	mkfifo "full-$grace"
	exec 8<>"full-$grace"
	status=0
	timeout --kill-after=5 "$limit" "$SANDBOX" --timeout=1 --stop-timeout="$grace" -- \
		sh -c 'trap "" TERM; yes >&2' </dev/null >"$out" 2>&8 || status=$?
	: >"$err"
	expect_status 124 "timeout with stop-timeout $grace: a full pipe on stderr does not keep us from it"
done
exec 8>&-
finish
