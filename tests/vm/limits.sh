#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits in control groups by a real systemd: each holds, its neighbour is left alone, the receipt
# tells it, and nothing stays behind.
# shellcheck disable=SC2016,SC2317 # $ is for the shells and perls in the box
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

need perl systemctl
limit=$((60 * slow))
scopes=/sys/fs/cgroup/user.slice
export XDG_RUNTIME_DIR=/run/user/$UID

# The launcher with its events in a file.
watched() { # OPTION... -- COMMAND...
	status=0
	timeout --kill-after=5 "$limit" "$SANDBOX" --status-fd=9 "$@" 9>"$place/events" </dev/null >"$out" 2>"$err" || status=$?
}

# A field of the receipt; of FILE, or the last one.
receipt() { # FIELD [FILE]
	sed -n '/"event":"receipt"/s/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p' "${2:-$place/events}"
}

expect_receipt() { # FIELD VALUE WHAT
	check "$3" [ "$(receipt "$1")" = "$2" ]
}

# The control group of a program that runs in a box, from the events of its launcher.
group_of() { # EVENTS
	local pid

	pid=$(sed -n 's/.*"event":"started","pid":\([0-9]*\).*/\1/p' "$1")
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup" | sed 's,/init$,/program,')"
}

is_between() { # LOW VALUE HIGH
	[ "$1" -le "$2" ] && [ "$2" -le "$3" ]
}

is_started() { # EVENTS
	grep -qs '"event":"started"' "$1"
}

# What was started before.
stop() {
	kill -TERM "${started[@]}"
	wait "${started[@]}" 2>/dev/null
	started=()
}

our_groups() {
	find "$scopes" -type d -name 'sandbox-*' 2>/dev/null
	systemctl --user --no-legend --plain list-units --all 'sandbox-*'
}

has_no_groups() {
	[ -z "$(our_groups)" ]
}

# --- memory ---------------------------------------------------------------------

eat='$x = "x" x (shift() << 20); print "alive"'

watched --memory=64M -- perl -e "$eat" 200
expect_status 137 "memory: what takes 200M of 64M is killed"
check "memory: it is said" grep -q "memory was at its limit" "$err"
expect_receipt reason oom-kill "memory: the receipt has oom-kill"
expect_receipt oom-kills 1 "memory: and how many processes"
check "memory: no more than 64M was ever taken" is_between $((60 << 20)) "$(receipt memory-peak)" $((64 << 20))
watched --memory=64M -- perl -e "$eat" 16
expect_output alive "memory: what takes 16M of it lives"
expect_receipt reason exited "memory: and has just exited"
watched -- perl -e "$eat" 200
expect_output alive "memory: without the limit 200M are no matter"
watched --memory=64M -- sh -c 'perl -e '"'$eat'"' 200; echo $?'
expect_output 137 "memory: a child is killed alone, and its parent told"
check "memory: the session goes on" systemctl --user --quiet is-active default.target

# --- what the kernel has -----------------------------------------------------------

start "$SANDBOX" -q --memory=64M --swap=8M --pids=20 --cpu=50% --io-weight=50 --cpuset=1 --status-fd=9 -- \
	sleep 600 9>"$place/all"
check "all limits at once" await $((20 * slow)) is_started "$place/all"
group=$(group_of "$place/all")
for row in memory.max=67108864 memory.swap.max=8388608 pids.max=20 cpu.max='50000 100000' cpuset.cpus=1; do
	check "all at once: ${row%%=*}" [ "$(cat "$group/${row%%=*}")" = "${row#*=}" ]
done
check "all at once: only the program is in its group" [ "$(wc -l <"$group/cgroup.procs")" = 1 ]
check "all at once: the group is in a scope of the user's manager" grep -q '/user@[0-9]*\.service/.*/sandbox-[0-9a-f-]*\.scope/program$' <<<"$group"
check "all at once: systemd knows of them" [ "$(systemctl --user show --property=IOWeight --value "$(basename "${group%/program}")")" = 50 ]
stop
start "$SANDBOX" -q --memory=64M --status-fd=9 -- sleep 600 9>"$place/all"
await $((20 * slow)) is_started "$place/all"
group=$(group_of "$place/all")
check "memory alone: swap counts, there is none" [ "$(cat "$group/memory.swap.max")" = 0 ]
stop

# --- in the box ------------------------------------------------------------------

for options in --pids=50 "--pids=50 --map=single" "--pids=50 --user=root" "--pids=50 --nested=limited"; do
	# shellcheck disable=SC2086
	watched $options -- sh -c 'cat /proc/self/cgroup; ls /sys/fs/cgroup 2>&1'
	check "$options: the program sees itself at the root of its groups" grep -qx '0::/' "$out"
	check "$options: and no control group file system" grep -q "No such file" "$out"
done
watched --pids=50 -- sh -c 'for i in 1 2 3; do grep -E "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):" /proc/$((i == 3 ? $$ : i))/status; done'
check "what a limited program may do is nothing more" [ "$(sort -u "$out" | tr -d '\t ' | tr '\n' ' ')" = \
	"CapAmb:0000000000000000 CapBnd:0000000000000000 CapEff:0000000000000000 CapInh:0000000000000000 CapPrm:0000000000000000 NoNewPrivs:1 Seccomp:2 " ]

# --- processes ---------------------------------------------------------------------

bomb='my $n = 0; for (1 .. 100) { my $p = fork; if (!defined $p) { print "$n $!"; exit 3 } if (!$p) { sleep 60; exit } $n++ } print "$n all"'

start "$SANDBOX" -q --pids=20 --status-fd=9 -- sh -c "perl -e '$bomb; '; sleep 600" 9>"$place/bomb"
await $((20 * slow)) is_started "$place/bomb"
perl -e "$bomb" >"$out"
check "pids: the host forks on beside it" [ "$(cat "$out")" = "100 all" ]
stop
watched --pids=20 -- perl -e "$bomb"
check "pids: fork meets EAGAIN at 20" grep -qx "19 Resource temporarily unavailable" "$out"
expect_receipt reason pids-limit "pids: the receipt has pids-limit"
expect_receipt pids-peak 20 "pids: and how many there were"
watched -- perl -e "$bomb"
expect_output "100 all" "pids: without the limit all are made"

# --- processor ---------------------------------------------------------------------

busy='use Time::HiRes "time"; my $e = time + shift; 1 while time < $e'

share() {
	echo $((($(receipt user-us) + $(receipt system-us)) * 100 / $(receipt wall-us)))
}
watched --cpu=50% -- perl -e "$busy" 5
check "cpu: half of a processor for 5 s: $(share) %" is_between 45 "$(share)" 55
watched -- perl -e "$busy" 2
check "cpu: without the limit all of it: $(share) %" is_between 80 "$(share)" 110
watched --cpuset=0 --cpu=1 -- perl -e 'open my $f, "<", "/proc/self/status"; print grep /^Cpus_allowed_list/, <$f>'
expect_match "^Cpus_allowed_list:[[:space:]]*0$" "cpuset: only this one"
watched --cpuset=0,1 -- true
expect_status 0 "cpuset: in other words than the kernel's"

# --- time ----------------------------------------------------------------------------

ignore='$SIG{TERM} = "IGNORE"; while (1) { sleep 1 }'
watched --timeout=2s --stop-timeout=1s --memory=64M -- perl -e "$ignore"
expect_status 124 "timeout: status 124"
expect_receipt reason timeout "timeout: the receipt has it"
check "timeout: who ignores TERM is gone after it and its grace: $(receipt wall-us)" \
	is_between 2900000 "$(receipt wall-us)" $((3500000 * slow))

# --- the receipt ---------------------------------------------------------------------

# Of the same moment: when the program is done with its work, and only waits.
mkfifo go 'done'
exec 6<>go 7<>'done'
start "$SANDBOX" -q --memory=200M --pids=30 --cwd=rw --status-fd=9 -- sh -c '
	perl -e '"'"'$x = "x" x (40 << 20); 1 for 1 .. 3e6'"'"'; dd if=/dev/zero of=big bs=1M count=8 conv=fsync 2>/dev/null
	echo >done; read x <go' 9>"$place/kernel"
launcher=$!
read -r -t "$limit" _ <&7
group=$(group_of "$place/kernel")
user=$(sed -n 's/^user_usec //p' "$group/cpu.stat") peak=$(cat "$group/memory.peak" 2>/dev/null)
pids=$(cat "$group/pids.peak" 2>/dev/null) written=$(sed -n 's/.* wbytes=\([0-9]*\).*/\1/p' "$group/io.stat" | paste -sd+ | sed 's/^$/0/')
echo >&6
wait "$launcher"
near() { # WHAT KERNEL RECEIPT
	check "receipt: $1 is the kernel's within a percent: $2, $3" is_between $(($2 * 99 / 100)) "$3" $(($2 * 101 / 100))
}
near user-us "$user" "$(receipt user-us "$place/kernel")"
near memory-peak "${peak:-null}" "$(receipt memory-peak "$place/kernel")"
near written "$((written))" "$(receipt written "$place/kernel")"
if [ -n "$pids" ]; then
	near pids-peak "$pids" "$(receipt pids-peak "$place/kernel")"
else
	check "receipt: pids-peak is null where the kernel has none" [ "$(receipt pids-peak "$place/kernel")" = null ]
fi

# --- what it costs ---------------------------------------------------------------------

opens_libsystemd() { # OPTION...
	strace -f -qq -e trace=openat -o "$place/opened" "$SANDBOX" -q --map=single "$@" -- true </dev/null && grep -q 'libsystemd\.so' "$place/opened"
}
if command -v strace >/dev/null; then
	check "without a limit libsystemd is not loaded" ! opens_libsystemd
	check "control: with one it is" opens_libsystemd --pids=50
fi

# In turn; for whoever reads the log, since what a machine under emulation takes is no verdict.
total=(0 0 0)
for _ in {1..15}; do
	for i in 0 1 2; do
		case $i in
		0) command=("$SANDBOX" -q --map=single --memory=64M --pids=50 -- true) ;;
		1) command=(systemd-run --user --scope --quiet -p MemoryMax=64M -p TasksMax=50 true) ;;
		2) command=("$SANDBOX" -q --map=single -- true) ;;
		esac
		begin=$(date +%s%N)
		"${command[@]}" </dev/null
		total[i]=$((total[i] + $(date +%s%N) - begin))
	done
done
echo "# launch with limits: $((total[0] / 15000000)) ms; systemd-run --user --scope: $((total[1] / 15000000)) ms; without limits: $((total[2] / 15000000)) ms; with limits / systemd-run: $((total[0] * 100 / total[1])) %"

# --- nothing stays ---------------------------------------------------------------------

pids=()
for _ in $(seq 50); do
	"$SANDBOX" -q --map=single --memory=64M --pids=20 -- true </dev/null &
	pids+=($!)
done
failures=0
for pid in "${pids[@]}"; do
	wait "$pid" || failures=$((failures + 1))
done
check "50 at once: all ran" [ "$failures" = 0 ]
check "50 at once: no scope and no group is left" await $((10 * slow)) has_no_groups
pids=()
for i in $(seq 20); do
	"$SANDBOX" -q --map=single --memory=64M --pids=20 -- sleep 600 </dev/null 2>/dev/null &
	pids+=($!)
	sleep "0.$((i % 5))"
done
disown -a
kill -KILL "${pids[@]}"
check "20 launchers killed at any time: no scope and no group is left" await $((20 * slow)) has_no_groups

# --- a group of our own, where systemd is out of reach ---------------------------------

# In a service that was delegated its group: the launcher is all that is in it.
delegated() { # COMMAND...
	status=0
	systemd-run --user --quiet --wait --collect --pipe --property=Delegate=yes --working-directory="$PWD" \
		env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/nowhere HOME="$HOME" SANDBOX_PROFILE_PATH="${SANDBOX_PROFILE_PATH:-}" \
		"$@" </dev/null >"$out" 2>"$err" || status=$?
}
echo "$eat" >eat # systemd-run would take the $ in it for its own
delegated "$SANDBOX" -q --memory=64M -- perl eat 200
expect_status 137 "own group: memory is limited there, too"
delegated "$SANDBOX" -q --pids=20 -- cat /proc/self/cgroup
expect_match '^0::/$' "own group: the program sees itself at the root"
delegated sh -c '"$0" -q --pids=20 -- true; find "/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)" -name "sandbox-[0-9]*"' "$SANDBOX"
check "own group: where others are in it, it is refused" grep -q "there are others in it" "$err"
expect_output "" "own group: nothing is left"
delegated "$SANDBOX" -q --memory=64M -- perl eat 16
expect_output alive "own group: and what keeps to it lives"

finish
