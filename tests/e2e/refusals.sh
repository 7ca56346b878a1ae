#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Bad input: each is refused with status 125 and one line that says what is wrong.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
limit=10

# Where it was built to look; the message has it, and the build may be anybody's.
data_profiles() {
	"$SANDBOX" --profile=x-y-z -- true 2>&1 | sed -n 's|.*/[.]config/sandbox/profiles, \(.*\))$|\1|p'
}

# Make a file somebody else's: of a subordinate id, or as root.
give_away() { # FILE [MODE]
	if [ "$level" = root ]; then
		chown 12345 "$1" && chmod "${2:-644}" "$1"
	else
		has_range && "$SANDBOX" --profile=root -- sh -c 'chown 7 "$0" && chmod "$1" "$0"' "$1" "${2:-644}"
	fi
}

# --- the command line ---------------------------------------------------------

box
expect_refusal "no program to run: sandbox [OPTION]... PROGRAM [ARGUMENT]... (--help tells more)" "no command"
box --
expect_refusal "no program to run: sandbox [OPTION]... PROGRAM [ARGUMENT]... (--help tells more)" "no command behind --"
box --no-such-thing -- true
expect_refusal "unknown option '--no-such-thing'" "unknown option"
box --hostnane=x -- true
expect_refusal "unknown option '--hostnane' (did you mean '--hostname'?)" "unknown option that is nearly one"
box -Z -- true
expect_refusal "unknown option '-Z'" "unknown short option"
box --unshare-all -- true
expect_refusal "--unshare-all is not an option here: every namespace is unshared anyway; leave it out" \
	"an option of another program"
box --hostname
expect_refusal "--hostname needs a value, NAME" "a value is missing"
box --quiet=yes -- true
expect_refusal "--quiet takes no value, and has 'yes'" "a value too many"
box -- --bind / / sh
expect_refusal "'--bind' is not a program's name (write ./--bind for a file)" "a program that looks like an option"
box --net=wifi -- true
expect_refusal "--net: value 'wifi' is not none, slirp or host" "unknown word"
box --user=daemon -- true
expect_refusal "--user: user 'daemon' is not self, root, UID:GID or your own name, '$(id -un)' (others go by number)" "another user's name"
box --user=4294967296:0 -- true
expect_refusal "--user: user '4294967296:0' is not self, root or UID:GID" "an id that is too large"
box --user=0x0 -- true
expect_refusal "--user: user '0x0' is not self, root or UID:GID" "an id that is not decimal"
box --keep-fd=99 -- true
expect_refusal "--keep-fd: descriptor 99 is not open" "a descriptor that is not open"
box --seccomp-allow=no_such_call -- true
expect_refusal "--seccomp-allow: no system call or group 'no_such_call'" "unknown system call"
box --seccomp-allow=ptracee -- true
expect_refusal "--seccomp-allow: no system call or group 'ptracee' (did you mean 'ptrace'?)" "unknown system call that is nearly one"
box --seccomp-deny=@debgu -- true
expect_refusal "--seccomp-deny: no system call or group '@debgu' (did you mean '@debug'?)" "unknown group"
box --cap-keep=sys_everything -- true
expect_refusal "capabilities.keep: no capability 'sys_everything'" "unknown capability"
box --terminal=pty -- true
expect_refusal "terminal = pty needs a terminal to relay, and none of stdin, stdout and stderr is one" "a pty without a terminal"

# --- profiles -------------------------------------------------------------------

profile() { # TEXT: ./p.ini has it
	printf "$1" >p.ini
	box --profile=./p.ini -- true
}

looked="looked in $SANDBOX_PROFILE_PATH, $HOME/.config/sandbox/profiles, $(data_profiles)"
box --profile=no-such -- true
expect_refusal "no profile 'no-such' ($looked)" "unknown profile"
box --profile=defualt -- true
expect_refusal "no profile 'defualt' (did you mean 'default'? $looked)" "unknown profile that is nearly one"
box --profile=../../etc/x -- true
expect_refusal "cannot open profile '../../etc/x': No such file or directory" "a profile's path that is not there"
box --profile=UPPER -- true
expect_refusal "'UPPER' is not a profile's name (a to z, 0 to 9, '.', '_' and '-', at most 64)" "not a profile's name"

profile '[filesystem]\nreadonly = /\n'
expect_refusal "./p.ini:2: unknown key 'readonly' in section [filesystem]" "unknown key"
profile '[filesystem]\nhostname = x\n'
expect_refusal "./p.ini:2: key 'hostname' belongs to section [namespaces], not [filesystem]" "a key of another section"
profile '[namespace]\nhostname = x\n'
expect_refusal "./p.ini:2: unknown section [namespace] (did you mean [namespaces]?)" "unknown section"
profile '[namespaces]\nhostname = a\nhostname = b\n'
expect_refusal "./p.ini:3: key 'hostname' stands in line 2 already; a list is one line, its words apart by blanks" "duplicate key"
profile '[filesystem]\nro = ~/../etc\n'
expect_refusal "./p.ini:2: '$HOME/../etc' has a '..' in it (write where that leads)" "'..' in a profile"
profile '[filesystem]\nro = "/my dir"\n'
expect_refusal "./p.ini:2: 'dir' is not an absolute path (if '/my dir' is meant: ro = '\"/my dir\"')" "a blank in a path"
profile '[filesystem]\nro = /usr;/etc\n'
expect_refusal "./p.ini:2: ';' would cut the value off here; write ro = \"/usr;/etc\", or the comment on a line of its own" "';' in an unquoted value"
profile '[seccomp]\nallow = mounte\n'
expect_refusal "./p.ini:2: no system call or group 'mounte' (did you mean 'mount'?)" "unknown system call in a profile"
profile '[network]\nmode = wifi\n'
expect_refusal "./p.ini:2: mode 'wifi' is not none, slirp or host" "unknown word in a profile"
profile '[profile]\ninherit = p\n[network]\nmode = none\n'
expect_refusal "./p.ini:2: no profile 'p' ($looked)" "inherit of an unknown profile"
profile '[network]\nmode = \033]0;evil\a\n'
expect_refusal "./p.ini:2: control character '\\x1b'" "control characters are not printed"
profile ''
expect_refusal "./p.ini: there is no key in this file" "an empty profile"
profile '# nothing\n'
expect_refusal "./p.ini: there is no key in this file" "a profile of comments"
rm p.ini
mkfifo p.ini
box --profile=./p.ini -- true
expect_refusal "profile './p.ini' is not a regular file" "a FIFO as a profile"
rm p.ini
truncate -s 100M p.ini
box --profile=./p.ini -- true
expect_refusal "profile './p.ini' has more than 256 KiB: File too large" "a profile of 100 MB"
box --profile=/dev/zero -- true
expect_refusal "profile '/dev/zero' is not a regular file" "a device as a profile"
box --profile=/etc -- true
expect_refusal "profile '/etc' is not a regular file" "a directory as a profile"
rm p.ini
ln -s nowhere p.ini
box --profile=./p.ini -- true
expect_refusal "profile './p.ini' is a symbolic link to nothing" "a link to nothing as a profile"
rm p.ini
printf '[network]\nmode = none\n' >p.ini
chmod 666 p.ini
box --profile=./p.ini -- true
expect_refusal "profile './p.ini' is writable by everybody (chmod o-w helps)" "a profile that everybody can write"
chmod 000 p.ini
if [ "$level" = user ]; then
	box --profile=./p.ini -- true
	expect_refusal "cannot open profile './p.ini': Permission denied" "a profile that cannot be read"
else
	skip "a profile that cannot be read" "root reads every file of its own"
fi
chmod 644 p.ini
if give_away p.ini; then
	box --profile=./p.ini -- true
	expect_refusal "profile './p.ini' belongs to uid $(stat -c %u p.ini), neither to you nor to root" "a profile that is not ours"
else
	skip "a profile that is not ours" "nobody to give a file to"
fi

# --- files ----------------------------------------------------------------------

touch file
mkdir -p there root/proc root/sys root/usr
ln -s /etc link
box --ro=/no/such/path -- true
expect_refusal "--ro: there is no '/no/such/path' on the host (a '-' before the path makes it optional)" "a mount source that is missing"
box --ro=-/no/such/path -- true
expect_status 0 "the same with a '-'"
box --ro=there:/srv --rw=there:/srv -- true
expect_refusal "--rw: two mounts on '/srv' (the other: --ro)" "two mounts on one target"
box --ro=there --tmpfs=there -- true
expect_refusal "--tmpfs: two mounts on '$place/work/there' (the other: --ro)" "two mounts on one target, of two kinds"
box --ro=there:../srv -- true
expect_refusal "--ro: '../srv' is not an absolute path" "a relative target"
box --ro=there:/srv/../etc -- true
expect_refusal "--ro: '/srv/../etc' has a '..' in it (write where that leads)" "'..' in a target"
box --ro=there/../../work/there/../../none -- true
expect_refusal "--ro: there is no '$place/none' on the host (a '-' before the path makes it optional)" "'..' in a source is resolved"
box --ro=/proc/self/fd:/srv -- true
expect_refusal "--ro: '/proc/self/fd' lies in /proc, which is never taken from the host" "a source in /proc"
box --tmpfs=/srv:mode=777 -- true
expect_refusal "--tmpfs: cannot read 'mode=777', a tmpfs is PATH[:size=64M]" "an unknown mount option"
# shellcheck disable=SC2016
box --ro='$HOME/x' -- true
# shellcheck disable=SC2016
expect_refusal "--ro: '\$' in '\$HOME/x' does not begin a macro such as \${HOME}" "a macro of the shell"
through_link="a symbolic link is in the way; name the path it leads to"
ln -s ../../../../../../etc/e2e-target root/usr/out
box --root=./root --ro=there:/usr/out/x -- true
expect_refusal "no mount point '/usr/out/x' in the box: Too many levels of symbolic links ($through_link)" "a target through a symbolic link"
check "nothing was made where it leads" [ ! -e /etc/e2e-target ]
box --root=./root --ro=there:/usr/out -- true
expect_refusal "no mount point '/usr/out' in the box: Too many levels of symbolic links ($through_link)" "a target that is a symbolic link"
box --ro=there:/link/x --symlink=/etc:/link -- true
expect_refusal "no mount point '/link/x' in the box: Too many levels of symbolic links ($through_link)" "a target through a symbolic link of the box's own"
box --ro=file:/etc/profile.d -- true
expect_refusal "cannot mount '$place/work/file' on '/etc/profile.d': Not a directory (one is a directory, the other is a file)" "a file on a directory"
box --ro=there:/etc/passwd -- true
expect_refusal "cannot mount '$place/work/there' on '/etc/passwd': Not a directory (one is a directory, the other is a file)" "a directory on a file"
rm -r root/proc
ln -s /etc root/proc
box --root=./root -- true
expect_refusal "--root: '$place/work/root/proc' is not a directory, as it must be in a root" "a root whose /proc is a link"
box --root=file/ -- true
expect_refusal "--root: root '$place/work/file' is not a directory" "a root that is a file"
box --root=there2 -- true
expect_refusal "--root: root '$place/work/there2' is not a directory" "a root that is missing"
box --chdir=/no/such -- true
expect_refusal "cannot enter '/no/such' in the box: No such file or directory (see --chdir)" "a start directory that is missing"

# --- ids --------------------------------------------------------------------------

# A mount namespace whose /etc/subuid is what we write. Root of it needs more ids than one, or
# there would be no range whatever the file says.
root_with_range() {
	if [ "$level" = root ]; then
		limited unshare -m "$@"
	else
		limited unshare --map-auto --map-root-user -m "$@"
	fi
}
with_subids() { # LINES COMMAND...
	printf '%b' "$1" >"$place/subuid"
	shift
	root_with_range sh -c 'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid &&
		shift && exec "$@"' sh "$place/subuid" "$@"
}
advice="(an administrator gives ids with: usermod --add-subuids START-END --add-subgids START-END root; or use --map=single)"
sub_problem() { # LINES PROBLEM WHAT
	with_subids "$1" "$SANDBOX" --map=range -- true
	expect_refusal "map = range is not possible: $2 $advice" "$3"
}
if [ "$level" = root ] || has_range; then
	sub_problem '' "no line for 'root' in /etc/subuid" "no subordinate ids"
	sub_problem 'other:1000:5\n' "no line for 'root' in /etc/subuid" "somebody else's subordinate ids"
	sub_problem 'root:70000:10\nroot:70005:10\n' "/etc/subuid:2: the line of 'root' overlaps another line of the same user" "subordinate ids that overlap"
	sub_problem 'root:70000:0\n' "/etc/subuid:1: the line of 'root' is an empty range" "an empty range"
	sub_problem 'root:0:5\n' "/etc/subuid:1: the line of 'root' holds the host's root, id 0" "a range with the host's root"
	sub_problem 'root:4294967290:10\n' "/etc/subuid:1: the line of 'root' goes past the last id, 4294967294" "a range past the end"
	sub_problem 'root:-5:10\n' "/etc/subuid:1: the line of 'root' is not NAME:FIRST:COUNT" "a negative number"
	sub_problem 'root:70000\n' "/etc/subuid:1: the line of 'root' is not NAME:FIRST:COUNT" "a line without a count"
	with_subids '' "$SANDBOX" -- true
	expect_status 0 "map = auto takes one id instead"
else
	skip "subordinate ids" "no range of ids here"
fi
mkdir helpers
fake() { # NAME TEXT
	printf '#!/bin/sh\n%s\n' "$2" >"helpers/$1"
	chmod 755 "helpers/$1"
}
SANDBOX_HELPER_PATH=/nonexistent box --net=slirp -- true
expect_refusal "mode = slirp (--net=slirp) is not possible: slirp4netns is not installed (it is the package slirp4netns; or use --net=none)" "slirp4netns missing"
if has_range; then
	# newuidmap does not see what we see, and refuses ids that are not ours
	limited unshare --map-auto --map-root-user -m sh -c 'echo root:3000000000:65536 >"$0/sub" && mount --bind "$0/sub" /etc/subuid &&
		mount --bind "$0/sub" /etc/subgid && exec "$1" --map=range -- true' "$place" "$SANDBOX"
	check "a newuidmap that refuses is quoted" grep -qE "^sandbox: cannot map ids: '/.*/new[ug]idmap' failed with exit status 1: Operation not permitted \(new[ug]idmap: " "$err"
	SANDBOX_HELPER_PATH=/nonexistent box --map=range -- true
	expect_refusal "map = range is not possible: newuidmap is not installed (package uidmap or shadow-utils) (use --map=single)" "newuidmap missing"
	limited setpriv --no-new-privs "$SANDBOX" --map=range -- true
	expect_refusal "map = range is not possible: no_new_privs is set for us, so newuidmap cannot work (use --map=single)" "newuidmap under no_new_privs"
	fake newuidmap 'exit 0'
	fake newgidmap 'exit 0'
	SANDBOX_HELPER_PATH=$PWD/helpers box --map=range -- true
	check "a newuidmap that does nothing is noticed" grep -q "^sandbox: '/proc/[0-9]*/uid_map' is not the id map that was asked for: Protocol error$" "$err"
	fake newuidmap 'echo "no such luck" >&2; exit 1'
	SANDBOX_HELPER_PATH=$PWD/helpers box --map=range -- true
	expect_refusal "cannot map ids: '$PWD/helpers/newuidmap' failed with exit status 1: Operation not permitted (no such luck)" "a newuidmap that fails is quoted"
	SANDBOX_HELPER_PATH=/nonexistent box -- true
	expect_status 0 "map = auto takes one id without newuidmap"
else
	skip "newuidmap" "no range of ids here"
fi

# --- the kernel ---------------------------------------------------------------------

# The limit counts for every user namespace below this one.
limited unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" -q -- true' "$SANDBOX"
expect_refusal "cannot make the namespaces of the box: No space left on device (user.max_user_namespaces is 0; an administrator changes it with: sysctl user.max_user_namespaces=10000)" "user namespaces disabled"
limited unshare -r sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$0" -q -- true' "$SANDBOX"
expect_refusal "cannot make the namespaces of the box: No space left on device (user.max_net_namespaces is 0; an administrator changes it with: sysctl user.max_net_namespaces=10000)" "network namespaces disabled"
limited unshare -U "$SANDBOX" -q --map=single -- true
expect_status 125 "a caller without a mapped id"
cp "$SANDBOX" setuid
if give_away setuid 4755; then
	limited ./setuid -- true
	# a sanitizer's own words may follow: it does not read its options then
	check "a launcher that is setuid does not run" [ "$status" != 0 ]
	check "and says why" grep -qxF "sandbox: cannot run setuid, setgid or with file capabilities: nothing here needs them, and they would be the caller's to misuse" "$err"
else
	skip "setuid" "nobody to give a file to"
fi
rm -f setuid
finish
