#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the launcher tells without making a box: --dry-run, --help, --version, profiles, -v, completions.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"

# --- --dry-run -------------------------------------------------------------------

scopes=
! has_scopes || scopes=' signal abstract-unix'
box --dry-run -- touch made
expect_status 0 "--dry-run"
check "nothing is run" [ ! -e made ]
check "nothing is made" [ -z "$(ls -A "$HOME")" ]
for line in "network none" "capabilities none" "nested no" "hostname sandbox" "user $(id -u):$(id -g)" "argv touch" "argv made" \
	"namespaces user mnt pid net ipc uts cgroup time" "seal /" "seal /dev" "proc /proc noexec" "limit core 1" \
	"landlock-scopes$scopes" "terminal none" "cwd $PWD" "env HOME=$HOME"; do
	expect_line "$line" "--dry-run: $line"
done
cp "$out" once
box --dry-run -- touch made
check "it says the same each time" cmp -s "$out" once
box --dry-run --net=slirp -p 8080:80 --hostname=x --cwd=rw -e A=b --ro=/usr:/opt/u --cap-keep=chown --user=5:6 -- true
for line in "network slirp" "publish 127.0.0.1:8080 -> 80/tcp" "hostname x" "bind $PWD <- $PWD" "env A=b" \
	"bind /opt/u <- /usr ro" "capabilities cap_chown" "user 5:6"; do
	expect_line "$line" "--dry-run: $line"
done
box --dry-run -- printf $'\033[2J'
expect_match 'argv .*\\x1b\[2J' "control characters are not printed"
box --dry-run=json -- printf $'a"b\\\n'
if command -v python3 >/dev/null; then
	cp "$out" plan.json
	limited python3 -c '
import json
plan = json.load(open("plan.json"))
assert [x["value"] for x in plan if x["what"] == "argv"] == ["printf", "a\"b\\\n"]
assert any(x["what"] == "network" and x["mode"] == "none" for x in plan)
assert any(x["what"] == "proc" and x["target"] == "/proc" and x["noexec"] for x in plan)
print(len(plan) > 50)'
	expect_output True "--dry-run=json is JSON and says the same"
else
	skip "--dry-run=json" "no python3"
fi
box --dry-run
expect_status 0 "--dry-run without a program"
box --dry-run --ro=/no/such/path -- true
expect_refusal "--ro: there is no '/no/such/path' on the host (a '-' before the path makes it optional)" "--dry-run refuses what would be refused"

# --- profiles ------------------------------------------------------------------------

box --list-profiles
for name in build build-online default dev root; do
	expect_match "^$name +[a-z]" "--list-profiles has $name"
done
expect_no_match broken "none of them is broken"
box --profile=dev --show-profile
check "--show-profile: what applies, in order" [ "$(grep -c '^; /.*\.ini$' "$out") $(grep '^; ' "$out" | sed 's,.*/,,' | tr '\n' ' ')" = "3 default.ini build.ini dev.ini " ]
box --show-profile=root
expect_line "map = range" "--show-profile=NAME"
box --show-profile root
expect_line "map = range" "--show-profile NAME"
mkdir -p "$HOME/.config/sandbox/profiles"
printf '[profile]\ndescription = mine\ninherit = default\nprograms = uname\n[namespaces]\nhostname = from-mine\n' >"$HOME/.config/sandbox/profiles/mine.ini"
mkdir above
printf '[namespaces]\nhostname = from-local\n' >above/default.local.ini
box --list-profiles
expect_match '^mine +mine$' "a profile of one's own"
box -- uname -n
expect_output from-mine "programs = names whose profile it is"
box -- /bin/uname -n
check "by its path as well" [ "$(cat "$out")" = from-mine ]
SANDBOX_PROFILE_PATH=$PWD/above:$SANDBOX_PROFILE_PATH box -- sh -c 'uname -n'
expect_output from-local "default.local.ini is applied after default"
box --hostname=from-option -- uname -n
expect_output from-option "the command line is applied last"
rm -r "$HOME/.config"

# --- words ---------------------------------------------------------------------------

box --help
expect_status 0 "--help"
for line in "Launch:" "Files:" "Network:" "Ids:" "Limits:" "System calls:"; do
	expect_line "$line" "--help has a group '$line'"
done
check "no line is wider than a terminal" [ "$(awk 'length > 120' "$out" | wc -l)" = 0 ]
box --version
for regex in '^sandbox [0-9]' '^libseccomp: 2\.' '^slirp4netns: ' '^kernel: [0-9]' '^landlock: '; do
	expect_match "$regex" "--version: $regex"
done
box -v -- true
check "-v says which profile was chosen" grep -q '^sandbox: profile: .*/default\.ini$' "$err"
check "and which ids, and why" grep -q '^sandbox: ids: ' "$err"
box -vv -- true
check "-vv says each step" [ "$(grep -c '^sandbox: init: ' "$err")" -ge 15 ]
box -- true
expect_words "" "without it nothing is said"
expect_output "" "nor written"
SANDBOX_DEBUG=1 box -- true
check "SANDBOX_DEBUG does as -vv" grep -q '^sandbox: init: shed privileges$' "$err"
"$SANDBOX" --help >/dev/full 2>"$err"
check "output that cannot be written is an error" [ $? = 125 ]

# --- completions ------------------------------------------------------------------------

if [ -e "$top_builddir/completions/sandbox.bash" ]; then
	cat >complete.sh <<-'END'
		. "$1"
		COMP_WORDS=(sandbox --ne) COMP_CWORD=1 COMP_LINE='sandbox --ne' COMP_POINT=12 COMPREPLY=()
		$(complete -p sandbox | sed 's/.*-F \([^ ]*\).*/\1/') sandbox --ne sandbox
		printf '%s\n' "${COMPREPLY[@]}"
	END
	limited bash ./complete.sh "$top_builddir/completions/sandbox.bash"
	expect_match '^--net' "bash completes --ne to --net"
fi
finish
