#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# How a box ends: exit status, signals, words, --status-fd, and what is left when something is killed.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# --- exit status ------------------------------------------------------------

for code in 0 1 2 125 126 127 255; do
	box -- sh -c "exit $code"
	expect_status "$code" "exit $code is passed on"
	expect_words "" "exit $code: nothing is said"
done
for signal in HUP:129 INT:130 QUIT:131 ABRT:134 KILL:137 SEGV:139 TERM:143; do
	box -- sh -c "kill -${signal%:*} \$\$"
	expect_status "${signal#*:}" "a program killed by SIG${signal%:*} is ${signal#*:}"
done

# --- a program that cannot be executed ---------------------------------------

printf '#!/bin/sh\n' >plain
printf '#!/no/such/interpreter\n' >script
printf 'no program at all' >garbage
printf '#!/bin/sh\r\n' >windows
printf '#! %s/hidden -x\n' "$HOME" >elsewhere
mkdir directory
printf '#!/bin/sh\n' >"$HOME/hidden"
chmod 755 script garbage windows elsewhere "$HOME/hidden"

box -- no-such-program
expect_status 127 "a missing program is 127"
expect_words "sandbox: cannot execute 'no-such-program': No such file or directory" \
	"a missing program is named"
box -- ./directory
expect_status 126 "a directory is 126"
expect_words "sandbox: cannot execute './directory': Permission denied (it is a directory)" \
	"a directory is called one"
box -- ./plain
expect_status 126 "a file that is not executable is 126"
expect_words "sandbox: cannot execute './plain': Permission denied (it is not executable; chmod +x './plain', or name its interpreter)" \
	"a file that is not executable: what to do"
box -- ./script
expect_status 127 "a missing interpreter is 127"
expect_words "sandbox: cannot execute './script': No such file or directory (its interpreter '/no/such/interpreter' is neither in the box nor on the host)" \
	"a missing interpreter is named"
box -- ./elsewhere
expect_words "sandbox: cannot execute './elsewhere': No such file or directory (its interpreter '$HOME/hidden', or what that needs, is not in the box; --ro=PATH shows a path)" \
	"an interpreter that only the host has: what to do"
box --ro="$PWD/script:/opt/e2e/bin/e2e-script" -e PATH=/opt/e2e/bin -- e2e-script
expect_words "sandbox: cannot execute 'e2e-script': No such file or directory (its interpreter '/no/such/interpreter' is neither in the box nor on the host)" \
	"and so for a program of the PATH"
box -- ./windows
expect_words "sandbox: cannot execute './windows': No such file or directory (its first line ends in CR LF, as on Windows, and asks for '/bin/sh\\x0d'; sed -i 's/\\r\$//' '$PWD/windows' makes Unix line ends)" \
	"a script with Windows line ends: what to do"
box -- ./garbage
# execvp(3) gives what is no program to the shell, as every shell does
expect_status 127 "what is no program is read by the shell"
box -- "$HOME/hidden"
expect_status 127 "a program that only the host has is 127"
expect_words "sandbox: cannot execute '$HOME/hidden': No such file or directory (the host has '$HOME/hidden', or what interprets it, where this box does not; --ro=PATH shows a path)" \
	"a program that only the host has: what to do"
box -- plain
expect_words "sandbox: cannot execute 'plain': No such file or directory (it is in the working directory: ./plain)" \
	"a program of the working directory: what to do"

# --- --status-fd ------------------------------------------------------------

status_of() { # COMMAND...
	"$SANDBOX" --status-fd=9 -q "$@" 9>"$place/events" </dev/null >"$out" 2>"$err"
	status=$?
}
expect_events() { # LINES WHAT
	if [ "$(sed -E 's/"pid":[0-9]+/"pid":N/; s/("reason":"[^"]*").*}/\1}/' "$place/events")" = "$1" ]; then
		ok "$2"
	else
		not_ok "$2" "expected: $1" "got: $(cat "$place/events")"
	fi
}
ran() { # REASON
	printf '{"event":"started","pid":N}\n{"event":"receipt","reason":"%s"}' "$1"
}

status_of -- true
expect_events "$(ran exited)
{\"event\":\"exited\",\"code\":0,\"status\":0}" "--status-fd: exited with 0"
status_of -- sh -c 'exit 125'
expect_events "$(ran exited)
{\"event\":\"exited\",\"code\":125,\"status\":125}" "--status-fd: the program cannot pretend to be the launcher"
# shellcheck disable=SC2016
status_of -- sh -c 'kill -TERM $$'
expect_events "$(ran signal)
{\"event\":\"signaled\",\"signal\":\"TERM\",\"status\":143}" "--status-fd: ended by a signal"
# shellcheck disable=SC2016
status_of -- sh -c 'kill -SYS $$'
expect_events "$(ran policy-kill)
{\"event\":\"policy-killed\",\"signal\":\"SYS\",\"status\":159}" "--status-fd: killed by the filter"
status_of -- no-such-program
expect_events '{"event":"setup-failed","status":127}' "--status-fd: not found"
status_of --user=1:2:3 -- true
expect_events '{"event":"setup-failed","status":125}' "--status-fd: a wrong value"
status_of --ro=/no/such/path -- true
expect_events '{"event":"setup-failed","status":125}' "--status-fd: a box that cannot be made"
box --status-fd=9 -- true
expect_refusal "--status-fd: descriptor 9 is not open" "--status-fd: a closed descriptor"
status_of -- sh -c 'echo forged >&9'
expect_events "$(ran exited)
{\"event\":\"exited\",\"code\":2,\"status\":2}" "--status-fd: the program does not have it"

# --- signals that the launcher gets -----------------------------------------

# Start a box that says "ready" and wait for it.
start_box() {
	rm -f "$out"
	# a shell without job control starts what is in the background with ^C ignored
	env --default-signal=INT,QUIT "$SANDBOX" "$@" </dev/null >"$out" 2>"$err" &
	launcher=$!
	started+=("$launcher")
	await 10 grep -qs ready "$out"
}
end_box() {
	await 10 none_alive "$launcher" || kill -KILL "$launcher"
	status=0
	wait "$launcher" 2>/dev/null || status=$?
}

for signal in TERM INT HUP QUIT USR1 USR2 ALRM; do
	start_box -- sh -c "trap 'echo got; exit 7' $signal; echo ready; while :; do sleep 0.01; done"
	kill "-$signal" "$launcher"
	end_box
	check "SIG$signal reaches the program" [ "$status $(sed -n 2p "$out")" = "7 got" ]
done
start_box -- sh -c 'echo ready; exec sleep 60'
kill -TERM "$launcher"
end_box
expect_status 143 "SIGTERM ends a program that does nothing about it"

start_box -- sh -c 'trap "" TERM; echo ready; sleep 0.5; exit 3'
kill -TERM "$launcher"
end_box
expect_status 3 "a program that ignores SIGTERM goes on"

"$SANDBOX" -- sh -c 'sleep 0.3; exit 4' </dev/null >"$out" 2>"$err" & # with ^C ignored
launcher=$!
sleep 0.1
kill -INT "$launcher"
end_box
expect_status 4 "a SIGINT that the caller had ignored stays so"

# Without a terminal nobody would notice a stopped launcher; with one, see terminal.sh.
rm -f "$out"
setsid "$SANDBOX" -- sh -c 'echo ready; exec sleep 60' </dev/null >"$out" 2>"$err" &
launcher=$!
started+=("$launcher")
await 10 grep -qs ready "$out"
program=$(children "$(children "$launcher")")
kill -STOP "$program"
await 5 grep -q 'State:	T' "/proc/$program/status"
kill -TERM "$launcher"
check "a stopped program stays so" is_alive "$program"
kill -CONT "$launcher"
end_box
expect_status 143 "SIGCONT for the launcher continues it, and SIGTERM was not lost"

# shellcheck disable=SC2016
box -- sh -c 'kill -KILL 1; kill -TERM 1; kill -STOP 1; kill -USR1 1; exit 5'
expect_status 5 "nothing from inside reaches pid 1"

# 5000 orphans: pid 1 reaps them
# shellcheck disable=SC2016
box -- sh -c 'i=0; while [ $i -lt 500 ]; do (true & true &) ; i=$((i + 1)); done
	sleep 0.2; grep -l "State:	Z" /proc/[0-9]*/status | wc -l'
check "pid 1 reaps orphans" [ "$(cat "$out")" -lt 5 ]

# --- when something is killed -----------------------------------------------

start_box -- sh -c 'echo ready; sleep 60 & sleep 60'
pids=$(descendants "$launcher")
kill -KILL "$launcher"
# shellcheck disable=SC2086
check "the box ends with its launcher" await 2 none_alive $pids
end_box

# pid 1 cannot look after itself while it is stopped: the kernel must do it
start_box -- sh -c 'echo ready; sleep 60 & sleep 60'
pids=$(descendants "$launcher")
kill -STOP "$(children "$launcher")"
kill -KILL "$launcher"
# shellcheck disable=SC2086
check "even if pid 1 is stopped" await 2 none_alive $pids
end_box

start_box -- sh -c 'echo ready; sleep 60 & sleep 60'
init=$(children "$launcher")
pids=$(descendants "$launcher")
kill -KILL "$init"
end_box
expect_status 137 "SIGKILL of pid 1 is the end of the launcher too"
expect_words "sandbox: warning: the box was ended from outside, by SIGKILL" "SIGKILL of pid 1 is told"
# shellcheck disable=SC2086
check "SIGKILL of pid 1 ends all the box" await 2 none_alive $pids

# At any moment of a launch, slow filter and all: nothing may be left.
launch_time
pids=
for _ in $(seq 30); do
	rm -rf "$HOME/.cache"
	"$SANDBOX" -- sleep 60 </dev/null >/dev/null 2>&1 &
	launcher=$!
	nap_below "$((2 * milliseconds))"
	pids="$pids $(descendants "$launcher" | tr '\n' ' ')"
	kill -KILL "$launcher"
	wait "$launcher" 2>/dev/null
done
# shellcheck disable=SC2086
check "a launcher killed at any moment leaves no process" await 2 none_alive $pids
check "some of them had one to leave" [ -n "${pids// /}" ]

# --- descriptors that the program closes --------------------------------------

# shellcheck disable=SC2016
start "$SANDBOX" --quiet -- sh -c 'echo first; exec >&-; sleep 30' > >(cat >"$out"; echo eof >>"$out")
check "a reader sees the program close its output" await 5 grep -q eof "$out"
check "and the program goes on" is_alive "$!"
kill -TERM "${started[-1]}"

box -- sh -c 'yes | head -n 1'
expect_output y "SIGPIPE is as without a box"
"$SANDBOX" -- yes 2>"$err" | head -n 1 >/dev/null
status=${PIPESTATUS[0]}
expect_status 141 "a reader that leaves ends the program"
finish
