#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who the program is: ids, groups, capabilities, namespaces, and what it cannot take back.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
build_probe
uid=$(id -u) gid=$(id -g)

# --- ids ----------------------------------------------------------------------

expect_ids() { # UID GID WHAT
	expect_output "$1 $2" "$3"
}
who='echo $(id -u) $(id -g)'
box -- sh -c "$who"
expect_ids "$uid" "$gid" "the program keeps our id"
box --user="$(id -un)" -- sh -c "$who"
expect_ids "$uid" "$gid" "our own name is ourselves"
box --map=single -- sh -c "$who"
expect_ids "$uid" "$gid" "map = single: the program keeps our id"
box --map=single --user=root -- sh -c "$who"
expect_ids 0 0 "user = root over one id"
box --map=single --user=5:6 -- sh -c "$who"
expect_ids 5 6 "user = UID:GID over one id"
box --map=single -- cat /proc/self/uid_map /proc/self/gid_map
check "map = single: one id" [ "$(tr -s ' ' <"$out")" = " $uid $uid 1
 $gid $gid 1" ]
box --map=single -- cat /proc/self/setgroups
expect_output deny "map = single: groups cannot be set"
if has_range; then
	box --profile=root -- sh -c "$who; wc -l </proc/self/uid_map"
	expect_output "0 0
2" "profile root is root inside"
	box --map=range --user=5:6 -- sh -c "$who"
	expect_ids 5 6 "user = UID:GID over a range"
	box --map=range -- cat /proc/self/uid_map
	first=$(awk -F: -v name="$(id -un)" '$1 == name { print $2; exit }' /etc/subuid)
	check "map = range: our own id between the subordinate ones" \
		[ "$(tr -s ' ' <"$out" | head -n 2)" = " 0 $first $uid
 $uid $uid 1" ]
	box --map=range -- sh -c 'id -G'
	expect_output "$gid" "map = range: no group but our own"
	box --profile=root -- sh -c 'touch f && chown 5:6 f && stat -c "%u %g" f && rm f'
	expect_output "5 6" "profile root: files for other users"
	box --profile=root -- sh -c 'touch mine; chown 7 theirs 2>&1; touch theirs; chown 7 theirs'
	check "they belong to a subordinate id outside" [ "$(stat -c %u theirs mine)" = "$((first + 6))
$uid" ]
	box --profile=root -- rm theirs mine
	expect_status 0 "and the same profile removes them"
else
	skip "a range of ids" "no range of ids here"
fi

# --- groups -------------------------------------------------------------------

# A file that one of our groups alone may read, and that somebody else owns: made by a user of a
# box, in a directory that hands its group on. With a range the program is not in that group.
extra=
for group in $(id -G); do
	[ "$group" = "$gid" ] || extra=$group
done
if [ -n "$extra" ] && has_range; then
	mkdir shared
	chgrp "$extra" shared
	chmod 2777 shared
	box --profile=root -- ./probe as 7 sh -c 'umask 0; echo canary >shared/secret; chmod 0040 shared/secret'
	check "control: a file of a supplementary group can be read outside" grep -q canary shared/secret
	box --map=range -- cat shared/secret
	expect_no_match canary "map = range: it cannot inside"
	box --map=single -- cat shared/secret
	expect_output canary "map = single: it can, as sandbox(1) says"
	rm -f shared/secret
else
	skip "supplementary groups" "no supplementary group, or no range of ids"
fi

# --- capabilities, no_new_privs, the filter ---------------------------------------

# The same for every process there is, threads too.
state() { # WHAT OPTION...
	local what=$1

	shift
	box "$@" -- sh -c './probe keep >/dev/null & sleep 60 & ./probe threads
		cat /proc/[0-9]*/task/*/status | grep -E "^(Cap|NoNewPrivs|Seccomp)"'
	check "$what: no capability, no_new_privs and the filter in every process" \
		[ "$(sort -u "$out" | tr -s '\t\n' ' ')" = "CapAmb: 0000000000000000 CapBnd: 0000000000000000 CapEff: 0000000000000000 CapInh: 0000000000000000 CapPrm: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 Seccomp_filters: 2 " ]
	check "$what: all were there" [ "$(grep -c NoNewPrivs "$out")" -ge 5 ]
}
state "default"
state "map = single" --map=single
state "user = root" --map=single --user=root
state "profile dev" --profile=dev
state "nested = limited" --nested=limited
state "two user namespaces" --map=single --user=5:6 --net=slirp
if has_range; then
	state "root of a range" --profile=root --cap-keep=
	box --profile=root -- cat /proc/1/status
	check "profile root: pid 1 has no capability" [ "$(grep -c '^Cap.*	0000000000000000$' "$out")" = 5 ]
fi
box --map=single --user=5:6 --cap-keep=net_bind_service -- grep Cap /proc/self/status
check "a kept capability is the only one" [ "$(sort -u "$out" | tr -s '\t\n' ' ')" = "CapAmb: 0000000000000400 CapBnd: 0000000000000400 CapEff: 0000000000000400 CapInh: 0000000000000400 CapPrm: 0000000000000400 " ]
check "control: outside a user namespace gives all of them" \
	sh -c '! unshare -Ur grep -q "CapEff:	0000000000000000" /proc/self/status'

# The host's kernel would keep what is asked for there, and everybody may ask.
if [ -e /proc/pressure/cpu ]; then
	box -- sh -c 'grep -c some /proc/pressure/cpu; : >>/proc/pressure/cpu'
	check "no trigger can be set on the machine's pressure" grep -q "Read-only file system" "$err"
	expect_line 1 "and it can be read"
fi

# As the host's root: what lies in a directory that others may not enter is not theirs to read.
if [ "$level" = root ]; then
	mkdir -p tree/shut/deep tree/open
	echo canary | tee tree/shut/file tree/shut/deep/file >tree/open/file
	chmod 700 tree/shut
	touch other
	tree() { box --map=single --cwd=none --root=./tree --ro=/usr --symlink=usr/bin:/bin --symlink=usr/lib:/lib --symlink=usr/lib64:/lib64 "$@"; }
	tree -- cat /open/file
	expect_output canary "control: a directory for all"
	tree -- ls -A /shut
	expect_output "" "host's root: a directory for root alone is empty"
	tree --ro=./other:/shut/other --ro=./other:/open/other -- sh -c 'ls -A /shut; cat /shut/deep/file /shut/file; cat /open/file'
	expect_output "other
canary" "and has nothing but what is mounted in it"
fi

# A setuid program gains nothing, whatever its owner is inside.
setuid_program=$(command -v newuidmap || command -v su)
box -- sh -c "stat -c %a '$setuid_program'; '$setuid_program' 1 0 0 1 2>/dev/null; sh -c 'grep -E \"^(Uid|CapEff)\" /proc/self/status'"
expect_match "^4[0-7]{3}$" "control: a setuid program is there"
cp probe setuid
chmod 4755 setuid
if has_range; then
	box --map=range --user=5:6 -- sh -c './setuid keep >/dev/null & sleep 0.3; grep Uid: /proc/$!/status; kill $!'
	expect_match '^Uid:	5	5	5	5$' "a setuid program of our own changes no id"
else
	box --map=single -- sh -c './setuid threads'
	expect_match '^CapEff:	0000000000000000$' "a setuid program of our own has no capability"
fi

# --- namespaces ---------------------------------------------------------------

for ns in user mnt pid net ipc uts cgroup time; do
	outside=$(readlink "/proc/self/ns/$ns")
	box -- readlink "/proc/self/ns/$ns"
	check "the $ns namespace is the box's own" [ "$status" = 0 ] 
	check "the $ns namespace is not the host's" [ "$(cat "$out")" != "$outside" ]
done
box -- sh -c 'echo $(readlink /proc/self/ns/pid /proc/self/ns/pid_for_children /proc/self/ns/time /proc/self/ns/time_for_children | sort -u | wc -l)'
expect_output 2 "children are in the same namespaces"
box -- uname -n
expect_output sandbox "the host's name is sandbox"
box --hostname=elsewhere.example -- uname -n
expect_output elsewhere.example "the host's name as asked"
check "outside it is not" [ "$(uname -n)" != elsewhere.example ]
box --hostname=x -- hostname y
check "it cannot be changed" [ "$status" != 0 ]
now=$(cut -d. -f1 /proc/uptime)
box --time-offset=+2h -- cut -d. -f1 /proc/uptime
check "a time offset shifts the clocks" [ "$(($(cat "$out") - now))" -ge 7190 ]
check "not those outside" [ "$(($(cut -d. -f1 /proc/uptime) - now))" -lt 60 ]
box --time-offset=boottime=1d -- cat /proc/self/timens_offsets
check "time offsets are those asked for" [ "$(tr -s ' \n' ' ' <"$out")" = "monotonic 0 0 boottime 86400 0 " ]
box -- sh -c 'echo "monotonic 5 0" >/proc/self/timens_offsets'
check "they cannot be changed" [ "$status" != 0 ]
box -- sh -c 'ls -d /proc/[0-9]* | wc -l'
check "no process of the host is seen" [ "$(cat "$out")" -le 5 ]
box -- sh -c "kill -0 $$"
check "none can be signalled" [ "$status" != 0 ]
box --share=uts -- uname -n
expect_output "$(uname -n)" "control: a shared namespace is the host's"

# --- namespaces inside ---------------------------------------------------------

box -- ./probe namespaces
check "no namespace can be made inside" [ "$(grep -c EPERM "$out") $(grep -vc EPERM "$out")" = "17 0" ]
limited unshare -Ur ./probe namespaces
check "control: outside they can" [ "$(grep -c ok "$out")" -ge 14 ]
box --nested=limited -- ./probe namespaces
for want in "unshare user ok" "clone user ok" "unshare user+net ok" "unshare mnt EPERM" "clone mnt EPERM" \
	"unshare cgroup EPERM" "unshare time EPERM" "unshare uts EPERM"; do
	expect_line "$want" "nested = limited: $want"
done
# not from id 0, which the kernel would want CAP_SETFCAP for
box --map=single --user=5:6 --nested=limited -- unshare -Ur id -u
expect_output 0 "nested = limited: a browser's sandbox can be root of its own"

# The second lock, which the filter hides: seen from outside, without the filter.
"$SANDBOX" -q --map=single -- ./probe keep </dev/null >"$out" 2>"$err" &
launcher=$!
started+=("$launcher")
await 10 grep -qs ready "$out"
program=$(children "$(children "$launcher")")
limited nsenter --preserve-credentials --user --target "$program" unshare -U true
check "a second lock: the limit on user namespaces in the box's own" \
	grep -q 'unshare failed: No space left on device' "$err"
kill -KILL "$launcher"

# --- system calls ----------------------------------------------------------------

# Refused with the errno that programs expect; control: let through outside.
box -- ./probe calls
cp "$out" inside
limited unshare -Urmn ./probe calls
cp "$out" outside
expected='mount EPERM
umount2 EPERM
pivot_root EPERM
chroot EPERM
setns EPERM
ptrace EPERM
process_vm_readv EPERM
pidfd_getfd EPERM
kcmp EPERM
open_tree ENOSYS
move_mount ENOSYS
fsopen ENOSYS
fsconfig ENOSYS
fsmount ENOSYS
fspick ENOSYS
mount_setattr ENOSYS
statmount ENOSYS
listmount ENOSYS
clone3 ENOSYS
io_uring_setup ENOSYS
userfaultfd ENOSYS
bpf ENOSYS
perf_event_open ENOSYS
keyctl ENOSYS
add_key ENOSYS
request_key ENOSYS
open_by_handle_at ENOSYS
personality READ_IMPLIES_EXEC EPERM
ioctl TIOCSTI EPERM
ioctl TIOCSTI high EPERM
ioctl TIOCLINUX EPERM
ioctl TIOCLINUX high EPERM'
while read -r line; do
	if grep -qxF "$line" outside; then
		skip "$line" "this kernel refuses it to everybody"
	else
		check "$line" grep -qxF "$line" inside
	fi
done <<<"$expected"
for line in "personality ask ok" "ioctl TIOCGWINSZ EBADF" "seccomp EFAULT" "getdents EBADF" "unknown ENOSYS"; do
	check "let through: $line" grep -qxF "$line" inside
done
box --profile=dev -- ./probe calls
expect_line "ptrace ESRCH" "profile dev: ptrace is let through"
for abi in i386 x32; do
	box -- ./probe foreign $abi
	if [ "$(uname -m)" = x86_64 ]; then
		expect_status 159 "a call of the ABI $abi ends the program"
	fi
done
box --architectures=native,i386 -- ./probe foreign i386
if [ "$(uname -m)" = x86_64 ]; then
	expect_match '^[1-9][0-9]*$' "control: --architectures=native,i386 lets it through"
fi

# --- pid 1 ---------------------------------------------------------------------------

box -- ./probe pid1
check "nothing of pid 1 can be read" [ "$(grep -c 'E\(ACCES\|PERM\)$' "$out") $(wc -l <"$out")" = "11 11" ]
box --profile=dev -- ./probe pid1
check "not even with ptrace" [ "$(grep -c 'E\(ACCES\|PERM\)$' "$out") $(wc -l <"$out")" = "11 11" ]
box --hostname=secret-argument -- cat /proc/1/cmdline /proc/1/comm
check "pid 1 is called init and shows no argument" [ "$(tr '\0' ' ' <"$out")" = "init init" ]
finish
