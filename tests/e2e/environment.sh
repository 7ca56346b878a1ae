#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a program inherits from its caller, and what it does not: variables, descriptors, keys, signals, limits.
# shellcheck source=lib.sh
# shellcheck disable=SC2016,SC2034
. "$(dirname "$0")/lib.sh"
build_probe
canary="canary-$RANDOM$RANDOM"

# --- variables ------------------------------------------------------------------

variables="LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GCONV_PATH BASH_ENV ENV PYTHONSTARTUP PYTHONPATH PERL5LIB RUBYOPT
NODE_OPTIONS RUSTC_WRAPPER GIT_SSH_COMMAND GIT_ASKPASS SSH_AUTH_SOCK SSH_AGENT_PID GPG_AGENT_INFO DBUS_SESSION_BUS_ADDRESS
XDG_SESSION_ID XDG_DATA_DIRS DISPLAY WAYLAND_DISPLAY XAUTHORITY TMPDIR MOZ_ASSUME_USER_NS MOZ_DISABLE_CONTENT_SANDBOX
CHROME_DEVEL_SANDBOX AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY GITHUB_TOKEN NPM_TOKEN CI_JOB_TOKEN PGPASSWORD http_proxy
HTTPS_PROXY PS4 IFS_X MAIL EDITOR SUDO_USER KUBECONFIG DOCKER_HOST"
assignments=()
for name in $variables; do
	case $name in
	LD_*) assignments+=("$name=/$canary") ;; # the launcher's own loader reads them too
	*) assignments+=("$name=$canary") ;;
	esac
done
check "control: there are 40 of them" [ "${#assignments[@]}" -ge 40 ]
limited env "${assignments[@]}" "$SANDBOX" -- sh -c 'env; cat /proc/[0-9]*/environ 2>/dev/null | tr "\0" "\n"; true'
check "the box runs" [ "$status" = 0 ]
expect_no_match "$canary" "no variable of ours is inside, in no process"
limited env "${assignments[@]}" sh -c env
expect_match "$canary" "control: a program outside has them"

limited env TERM=xterm-test LANG=C.UTF-8 LC_MESSAGES=C TZ=UTC "$SANDBOX" -- env
for line in TERM=xterm-test LANG=C.UTF-8 LC_MESSAGES=C TZ=UTC "HOME=$HOME" "USER=$(id -un)"; do
	expect_line "$line" "inside is $line"
done
check "and no more than needed" [ "$(wc -l <"$out")" -le 14 ]
limited env A_TOKEN=1 B_TOKEN=2 "$SANDBOX" -e C=3 -e A_TOKEN --env-keep='B_*' --env-unset=TZ -- env
for line in A_TOKEN=1 B_TOKEN=2 C=3; do
	expect_line "$line" "asked for: $line"
done
box -e 'HOME=/elsewhere' -- sh -c 'echo "$HOME"'
expect_output /elsewhere "--env-set wins"

# Helpers come from where the system has them, with an environment of their own.
mkdir fake
for name in newuidmap newgidmap slirp4netns; do
	printf '#!/bin/sh\nenv >"%s/used"\nexit 1\n' "$place" >"fake/$name"
	cp "fake/$name" .
done
chmod 755 fake/* newuidmap newgidmap slirp4netns
limited env PATH=".:$PWD/fake:$PATH" "$SANDBOX" -- true
expect_status 0 "helpers are not looked for in PATH"
check "not one" [ ! -e "$place/used" ]
limited env "${assignments[@]}" SANDBOX_HELPER_PATH="$PWD/fake" "$SANDBOX" --net=slirp -- true
check "control: \$SANDBOX_HELPER_PATH names another place" [ -e "$place/used" ]
check "a helper has no variable of ours" ! grep -q "$canary" "$place/used"

# --- descriptors -----------------------------------------------------------------

# Every one from 3 to 20, of all kinds.
with_descriptors() { # COMMAND...
	limited ./probe hold "$@"
}
with_descriptors ./probe fds
check "control: descriptors 3 to 20 are open" [ "$(grep -cE '^([3-9]|1[0-9]|20)$' "$out")" = 18 ]
with_descriptors "$SANDBOX" -- ./probe fds
expect_output "0
1
2" "every descriptor above 2 is closed"
with_descriptors "$SANDBOX" --keep-fd=7 --keep-fd=12 -- sh -c './probe fds; head -c 6 <&7; echo'
expect_output "0
1
2
7
12
root:x" "--keep-fd passes just those"
with_descriptors "$SANDBOX" --keep-fd=2 --keep-fd=0 -- ./probe fds
expect_output "0
1
2" "--keep-fd of the standard ones changes nothing"
with_descriptors "$SANDBOX" -- sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E "memfd|socket|profiles|/sandbox$|filters"'
expect_no_match . "no process has one of the launcher's"

touch held
"$SANDBOX" -q -- sh -c 'echo ready; sleep 60' 5<held </dev/null >"$out" 2>"$err" &
launcher=$!
started+=("$launcher")
await 10 grep -qs ready "$out"
check "nor has the launcher kept them" [ -z "$(find "/proc/$launcher/fd" -lname "$PWD/held")" ]
kill -TERM "$launcher"

open='for fd in 0 1 2; do if [ -e "/proc/$$/fd/$fd" ]; then echo "$fd" >&9; fi; done'
closed() { # WHAT EXPECTED REDIRECTION
	eval "\"\$SANDBOX\" --quiet --keep-fd=9 -- sh -c \"\$open\" 9>\"\$out\" $3"
	status=$?
	expect_output "$2" "$1 closed"
}
closed stdin "1
2" "<&- >/dev/null 2>&1"
closed stdout "0
2" "</dev/null >&- 2>/dev/null"
closed stderr "0
1" "</dev/null >/dev/null 2>&-"
closed "all three" "" "<&- >&- 2>&-"
limited sh -c '"$0" --no-such-option -- true <&- >&-' "$SANDBOX"
expect_words "sandbox: unknown option '--no-such-option'" "a message, with the others closed"

# What was given to read is on a mount of the host's; opened anew it could be written there.
echo given >input
if "$SANDBOX" --version | grep -q '^landlock: ABI'; then
	"$SANDBOX" -q -- sh -c 'echo changed >/proc/self/fd/0; cat' <input >"$out" 2>"$err"
	status=$?
	expect_output given "a file on standard input cannot be written"
	"$SANDBOX" -q --landlock=off -- sh -c 'echo changed >/proc/self/fd/0' <input >"$out" 2>"$err"
	check "control: without Landlock it can" [ "$(cat input)" = changed ]
	"$SANDBOX" -q -- sh -c 'echo a >/dev/stdout; echo b >/dev/stderr' </dev/null >output 2>messages
	check "control: standard output and error can be opened anew" [ "$(cat output messages)" = "a
b" ]
else
	skip "a file on standard input" "no Landlock in this kernel"
fi
"$SANDBOX" -q -- ls /proc/self/fd/0/.. <. >"$out" 2>"$err"
status=$?
expect_refusal "standard input is a directory, and would lead out of the box" "a directory on standard input"

# --- keys --------------------------------------------------------------------------

# The filter refuses keyctl inside; so look at it from outside, where the owner sees his keyrings.
cat >keys.sh <<-'END'
	rings() { grep 'keyring   _ses' /proc/keys | cut -d' ' -f1 | sort; }
	rings >before
	"$1" -q -- sh -c 'echo ready; sleep 60' >ready &
	until grep -qs ready ready; do sleep 0.02; done
	rings | comm -13 before - | sed 's/.*/one more/' | sort -u
	kill %1
	wait
	"$1" -q -- ./probe key
	"$1" -q -- cat /proc/keys
	echo "outside: $(./probe key)"
END
limited ./probe session "$canary" bash ./keys.sh "$SANDBOX"
if [ "$status" = 77 ]; then
	skip "session keyring" "no keys in this kernel"
else
	expect_line "one more" "the box has a session keyring of its own"
	expect_line ENOSYS "the host's key cannot be read inside"
	expect_line "outside: $canary" "control: outside it can, before and after"
	check "nor seen" [ "$(grep -c "$canary" "$out") $(wc -l <"$out")" = "1 3" ]
fi

# --- signals, umask, working directory, home ------------------------------------------

limited env --ignore-signal=CHLD "$SANDBOX" -- sh -c 'true & wait $!; exit 3'
expect_status 3 "a caller that ignores SIGCHLD"
limited env --ignore-signal "$SANDBOX" -- sh -c 'grep SigIgn /proc/self/status; kill -USR1 $$; exit 3'
expect_status 138 "a caller that ignores every signal: the program has its defaults"
limited env --block-signal "$SANDBOX" -- sh -c 'grep SigBlk /proc/self/status; exit 3'
expect_status 3 "a caller that blocks every signal"
expect_line "SigBlk:	0000000000000000" "none is blocked inside"

(umask 027 && box -- sh -c 'umask; stat -c %a /tmp /run "$HOME"')
recall
expect_output "0027
1777
755
700" "the umask is passed on, and the box's own directories are not made with it"
(umask 0777 && box -- sh -c 'umask')
recall
expect_output 0777 "umask 0777"

mkdir gone
(cd gone && rmdir "$PWD" && box -- pwd)
recall
expect_output "$HOME" "a working directory that was removed"
mkdir locked
(cd locked && chmod 0 . && box -- pwd)
recall
chmod 700 locked
check "a working directory that we may not look into" [ "$status" = 0 ]
limited env -u HOME "$SANDBOX" -- true
expect_status 0 "no HOME"
limited env HOME=relative/home "$SANDBOX" -- true
expect_status 0 "a relative HOME"
limited env HOME="$place/no/home" "$SANDBOX" -- sh -c 'cd && pwd'
expect_output "$place/no/home" "a HOME that is not there"
limited env -i "$SANDBOX" --profile="$SANDBOX_PROFILE_PATH/default.ini" -- true
expect_status 0 "no environment at all"
limited nice -n 19 "$SANDBOX" -- nice
expect_output 19 "the nice value is passed on"

# --- limits -----------------------------------------------------------------------------

limited sh -c 'ulimit -n 16 && exec "$0" -- sh -c "ulimit -n"' "$SANDBOX"
expect_output 16 "16 descriptors are enough"
limited sh -c 'ulimit -n 4 && exec "$0" -- true' "$SANDBOX"
check "4 are not, and that is said" [ "$status" = 125 ]
check "in one line" [ "$(words | grep -c '^sandbox: ')" = 1 ]
box --open-files=64 --file-size=1M -- sh -c 'ulimit -n; ulimit -n 128 2>/dev/null || echo no; dd if=/dev/zero of=/tmp/f bs=64k count=32 2>/dev/null; stat -c %s /tmp/f'
expect_output "64
no
1048576" "limits hold, and cannot be raised"
box --cwd=rw -- sh -c 'grep "Max core" /proc/self/limits; ulimit -c unlimited 2>/dev/null || echo no; kill -SEGV $$'
expect_match '^Max core file size +1 +1 ' "no core dump: a limit of 1, with which handlers on the host are not started either"
expect_line no "it cannot be raised"
expect_status 139 "a crash is a crash"
check "and leaves no file" [ -z "$(ls core* 2>/dev/null)" ]
finish
