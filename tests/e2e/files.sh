#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What of the host's files is there, what can be written, and what the box has of its own.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
build_probe
canary="canary-$RANDOM$RANDOM"
echo "$canary" >"$HOME/secret"
echo "$canary" >"$place/beside"
echo mine >note
mkdir -p tree/below

expect_refused() { # REGEX WHAT: the program failed, and said so
	if [ "$status" != 0 ] && grep -qE -- "$1" "$err"; then
		ok "$2"
	else
		not_ok "$2" "expected a failure: $1" "$(show)"
	fi
}

# --- the host's system -----------------------------------------------------------

box -- sh -c 'ls /usr/bin/env /etc/passwd && id -un >/dev/null'
expect_status 0 "the system's programs and files are there"
for dir in /usr /usr/bin /etc; do
	box -- sh -c "echo x >$dir/new-file"
	expect_refused 'Read-only file system|Permission denied' "$dir cannot be written"
done
# the same with the ids that own it, which only the mount refuses
if [ "$level" = root ]; then
	box --map=single --landlock=off --scopes= -- sh -c 'echo x >/usr/new-file'
	expect_refused 'Read-only file system' "/usr is read-only, not only somebody else's"
	check "and nothing was written" [ ! -e /usr/new-file ]
fi
box -- grep -c -v ' ro,' /proc/self/mountinfo
box -- awk '$5 ~ "^/(usr|etc|bin|lib|opt)" && $6 !~ /^ro,/' /proc/self/mountinfo
expect_output "" "no mount of the system is writable"
box -- awk '$6 !~ /nosuid/' /proc/self/mountinfo
expect_output "" "every mount is nosuid"
box -- awk '$6 !~ /nodev/ && $5 !~ "^/dev"' /proc/self/mountinfo
expect_output "" "every mount but those of /dev is nodev"
box -- awk '{ for (i = 7; $i != "-"; i++) if ($i ~ /shared|master/) print }' /proc/self/mountinfo
expect_output "" "no mount takes part in the host's"
box -- stat -c %i / /..
check "'..' of the root is the root" [ "$(sort -u "$out" | wc -l)" = 1 ]
box -- ls -A /proc/self/root/..
check "the old root is gone" [ "$(grep -c '^usr$' "$out") $(grep -cE '^(boot|root|srv|mnt)$' "$out")" = "1 0" ]

# Mounts that come later, below a directory that is shown, stay outside.
if unshare -Urm true 2>/dev/null; then
	limited unshare -Urm sh -c 'mkdir shown later && mount --bind shown shown && mount --make-shared shown
		"$0" -q --map=single --ro=shown -- sh -c "echo ready; while [ ! -e shown/go ]; do sleep 0.05; done
			ls shown/in; : >shown/in/file" >result 2>&1 &
		until grep -qs ready result; do sleep 0.05; done
		mkdir shown/in && mount -t tmpfs tmpfs shown/in && : >shown/in/later && : >shown/go && wait
		ls shown/in' "$SANDBOX"
	expect_output later "control: the mount that came later is there outside"
	check "it is not in the box" [ "$(sed -n '/later$/p' result)" = "" ]
	check "and nothing there can be written" grep -qE 'Read-only|Permission denied' result

	# Read-only is recursive: a writable mount below a read-only one is not writable inside.
	limited unshare -Urm sh -c 'mkdir -p upper/mounted && mount -t tmpfs tmpfs upper/mounted && : >upper/mounted/control
		exec "$0" -q --map=single --ro=upper -- sh -c "ls upper/mounted; : >upper/mounted/file"' "$SANDBOX"
	expect_line control "a mount below a shown directory is shown"
	expect_refused 'Read-only|Permission denied' "it is read-only like the directory"
else
	skip "mounts below mounts" "no mount namespace in a user namespace"
fi

# --- home and working directory ----------------------------------------------------

box -- sh -c 'ls -A "$HOME"; stat -c "%a %u" "$HOME"; echo x >"$HOME/file" && cat "$HOME/file"'
expect_output "700 $(id -u)
x" "the home is empty, and the program's own"
check "outside it is as before" [ "$(ls -A "$HOME")" = ".cache
secret" ]
box -- grep -rs "$canary" /home /root /tmp /var /run /etc/passwd
expect_no_match "$canary" "no file of ours is seen"
check "control: outside it is" grep -q "$canary" "$HOME/secret"
box -- sh -c 'pwd; cat note; echo x >new'
expect_match "^mine$" "the working directory can be read"
expect_refused 'Read-only file system' "cwd = ro: it cannot be written"
box --cwd=rw -- sh -c 'echo written >new'
check "cwd = rw: it can be written" [ "$(cat new)" = written ]
box --cwd=none -- sh -c 'pwd; ls'
expect_output "$HOME" "cwd = none: the program starts in its home"
cd "$HOME" || exit 1
box --cwd=rw -- sh -c 'pwd; ls -A; echo x >file'
expect_output "$HOME" "the home itself is never the working directory"
check "and says so" grep -q "^sandbox: warning: the working directory '$HOME' is not shown: it is or holds the home (another directory, or --ro=./FILE, helps)$" "$err"
check "nothing was written there" [ ! -e file ]
cd / || exit 1
box -- sh -c 'pwd'
expect_output "$HOME" "a working directory that holds the home is not shown"
cd "$place/work" || exit 1
box --home=host -- cat "$HOME/secret"
expect_output "$canary" "home = host: the home is there"
box --chdir=/usr -- pwd
expect_output /usr "--chdir"

# --- mounts -------------------------------------------------------------------------

box --ro=tree:/srv/a/b -- sh -c 'ls -A /srv/a/b; echo x >/srv/a/b/below/new'
expect_line below "--ro PATH:TARGET shows a tree"
expect_refused 'Read-only file system' "--ro cannot be written"
box --rw=tree:/srv -- sh -c 'echo x >/srv/below/new && mv /srv/below/new /srv/moved'
check "--rw can be written" [ -e tree/moved ]
rm tree/moved
box --ro=note:/etc/note -- cat /etc/note
expect_output mine "--ro of a file, in a directory that does not have it"
check "which it has not outside either" [ ! -e /etc/note ]
box --tmpfs=/scratch:size=1M -- sh -c 'df -k /scratch | tail -n 1; dd if=/dev/zero of=/scratch/f bs=64k count=32 2>/dev/null; stat -c %s /scratch/f'
expect_match '^tmpfs +1024 ' "--tmpfs has the size asked for"
expect_line 1048576 "and holds no more"
box --hide=/etc/passwd --hide=/usr/share -- sh -c 'cat /etc/passwd; ls -A /usr/share'
expect_output "" "--hide"
box --symlink=/usr/bin/env:/srv/link -- readlink /srv/link
expect_output /usr/bin/env "--symlink"
box --dev=/dev/null:/dev/nothing -- sh -c 'echo x >/dev/nothing && stat -c %t:%T /dev/nothing'
expect_output 1:3 "--dev shows a device"
box --ro=/dev/null:/srv/nothing -- sh -c 'cat /srv/nothing'
expect_refused 'Permission denied' "control: --ro does not"
box -v "$PWD/tree:/data:ro" -- ls /data
expect_output below "-v SOURCE:TARGET:ro is a volume"

for name in 'with space' 'with:colon' $'with\nnewline' $'\u00fcnic\u00f6de' 'back\slash' 'quo"te' 'per%cent' '-dash' '$dollar'; do
	mkdir -p "./names/$name"
	echo "$name" >"./names/$name/file"
	escaped=${name//\\/\\\\}
	escaped=${escaped//:/\\:}
	case $name in *'$'*) continue ;; esac
	box --ro="./names/$escaped:/srv/d" -- cat /srv/d/file
	expect_output "$name" "the source is '$(printf %q "$name")'"
	box --ro="tree:/srv/$escaped" -- ls "/srv/$name"
	expect_output below "the target is '$(printf %q "$name")'"
	cd "names/$name" || exit 1
	box -- cat file
	expect_output "$name" "the working directory is '$(printf %q "$name")'"
	cd "$place/work" || exit 1
done

# --- /proc, /sys, /dev -------------------------------------------------------------------

box -- sh -c 'cat /proc/keys /proc/key-users /proc/interrupts /proc/kallsyms /proc/cmdline /proc/timer_list /proc/config.gz /proc/softirqs 2>/dev/null; for dir in acpi scsi asound; do ls -A /proc/$dir 2>/dev/null; done; true'
expect_output "" "/proc tells nothing of the machine"
check "control: outside it does" [ "$(cat /proc/cmdline /proc/interrupts /proc/keys 2>/dev/null | wc -c)" -gt 0 ]
box --map=single --user=root -- ./probe write /proc
check "nothing in /proc can be written but what is the program's" \
	[ -z "$(grep -vE '^/proc/[0-9]+/' "$out")" ]
box --sys=ro --map=single --user=root -- ./probe write /sys
expect_output "" "nothing in /sys"
box -- sh -c 'ls -A /sys 2>/dev/null || true'
expect_output "" "sys = none: there is no /sys"
box --sys=ro -- sh -c 'ls /sys/class >/dev/null && for dir in firmware kernel/debug fs/cgroup; do ls -A "/sys/$dir" 2>/dev/null; done; true'
expect_output "" "sys = ro: what is the machine's is hidden"
box --proc=none -- sh -c 'ls -A /proc 2>/dev/null || true'
expect_output "" "proc = none"
box -- cat /proc/self/cgroup
check "no cgroup path of the host" [ "$(grep -cvE ':/$' "$out")" = 0 ]

box -- sh -c 'cd /dev; for f in *; do stat -c "%n %F %t:%T" "$f"; done | sed "s/ 0:0$//"'
expect_output "fd symbolic link
full character special file 1:7
null character special file 1:3
ptmx symbolic link
pts directory
random character special file 1:8
shm directory
stderr symbolic link
stdin symbolic link
stdout symbolic link
tty character special file 5:0
urandom character special file 1:9
zero character special file 1:5" "/dev is just this"
box -- sh -c 'ls -A /dev/pts /dev/shm | grep -v :'
check "terminals of the host are not there" [ "$(tr -d '\n' <"$out")" = ptmx ]
for path in / /dev /home /var; do
	box -- sh -c "echo x >${path%/}/new"
	if [ "$path" = / ] || [ "$path" = /dev ]; then
		expect_refused 'Read-only file system' "$path cannot be written"
	else
		check "$path cannot be written" [ "$status" != 0 ]
	fi
done
for dir in /tmp /var/tmp /dev/shm /run/user/"$(id -u)"; do
	box -- sh -c "echo x >$dir/new && cat $dir/new"
	expect_output x "$dir can, and is the box's own"
done
box -- sh -c 'mknod /tmp/null c 1 3'
check "no device can be made" [ "$status" != 0 ]
box -- sh -c 'mkfifo /tmp/fifo && test -p /tmp/fifo'
expect_status 0 "a FIFO can"

# Landlock says the same as the mounts: the domain is there, and signals do not leave it.
if "$SANDBOX" --version | grep -q '^landlock: ABI'; then
	box -v -- true
	# what is mounted noexec says so in the mount; what is not executable in the domain, by its errno
	box --dry-run -- true
	check "a Landlock domain is part of the plan" [ "$(grep -c '^landlock ' "$out")" -ge 5 ]
fi

# --- what the launcher reads next time ------------------------------------------------------

rm -rf "$HOME/.config" "$HOME/.cache"
box --home=host -- sh -c 'mkdir -p ~/.config/sandbox/profiles && echo "[network]" >~/.config/sandbox/profiles/default.ini; echo "next: $?"
	mv ~/.config ~/.config-2; echo "rename: $?"; mv ~/.config/sandbox ~/.config/s2; echo "rename: $?"; echo x >~/.config/other; echo "other: $?"
	rm -rf ~/.config/sandbox; ln -s /tmp ~/.config/sandbox; echo "link: $?"; echo x >~/.cache/sandbox/x; echo "cache: $?"'
check "home = host: no profile can be made" grep -qE '^next: [^0]' "$out"
check "none of the directories above it can be moved away" [ "$(grep -c '^rename: 1$' "$out")" = 2 ]
check "nor replaced" grep -q '^link: 1$' "$out"
check "nor the filter cache be written" grep -qE '^cache: [^0]' "$out"
expect_line "other: 0" "control: the directory beside it can be written"
check "nothing is there afterwards" [ -z "$(ls -A "$HOME/.config/sandbox/profiles" 2>/dev/null)" ]
mkdir -p "$HOME/.config/sandbox"
box --rw="$HOME/.config/sandbox" -- true
check "asked for by name it is refused" grep -q "is what the launcher itself reads at its next start; it is never writable inside (--ro shows it)$" "$err"
rm -rf "$HOME/.config"
mkdir -p "$HOME/.config" # of ours, and closed only until the program opens it
chmod 555 "$HOME/.config"
box --home=host -- sh -c 'chmod 755 ~/.config; mkdir -p ~/.config/sandbox/profiles; echo x >~/.config/sandbox/profiles/default.ini'
check "nor where the launcher may not make the directory" [ ! -e "$HOME/.config/sandbox/profiles/default.ini" ]
chmod 755 "$HOME/.config"
rm -rf "$HOME/.config"
mkdir -p "$HOME/real/sandbox"
ln -s real "$HOME/.config" # anybody who can write beside it can put a directory in its place
box --home=host -- true
expect_refusal "home = host: '$HOME' would be writable inside, but '$HOME/.config' leads to what the launcher itself reads, and a symbolic link cannot be protected (make it a directory)" "a symbolic link on the way is refused"
rm "$HOME/.config"
mkdir -p "$HOME/.config/sandbox/profiles" "$HOME/dotfiles"
cp "$SANDBOX_PROFILE_PATH/default.ini" "$HOME/dotfiles/mine.ini"
ln -s ../../../dotfiles/mine.ini "$HOME/.config/sandbox/profiles/mine.ini"
box --profile=mine --home=host -- sh -c 'echo x >>~/dotfiles/mine.ini; rm ~/.config/sandbox/profiles/mine.ini; mv ~/dotfiles ~/d2; mv ~/.config ~/c2; true'
expect_status 0 "a profile that is a link to a file of ours"
check "neither can be changed" cmp -s "$HOME/.config/sandbox/profiles/mine.ini" "$SANDBOX_PROFILE_PATH/default.ini"

# --- other roots ---------------------------------------------------------------------------

box --root=empty -- true
expect_status 127 "root = empty has no program"
box --root=empty --ro=./probe:/probe -- /probe fds
expect_output "0
1
2" "but a static one that is shown"
box --root=empty --ro=/usr --symlink=usr/bin:/bin --symlink=usr/lib:/lib --symlink=usr/lib64:/lib64 --symlink=usr/lib32:/lib32 -- sh -c 'ls /'
expect_no_match '^etc$' "root = empty and a few directories"

busybox=$(command -v busybox) || busybox=
if [ -n "$busybox" ] && ! ldd "$busybox" >/dev/null 2>&1; then
	mkdir -p bb/bin bb/etc
	for name in bin/busybox bin/sh bin/ls bin/cat; do cp "$busybox" "bb/$name"; done
	echo 'root:x:0:0::/:/bin/sh' >bb/etc/passwd
	hash=$(find bb -type f -exec cksum {} + | sort | cksum; find bb | sort)
	box --root=./bb -- /bin/sh -c 'ls /; cat /etc/passwd; ls -d /proc/self /dev/null /tmp >/dev/null && echo x >/tmp/y'
	expect_line "root:x:0:0::/:/bin/sh" "root = DIR: five files copied by hand"
	expect_no_match '^(usr|lib|opt)$' "and nothing of the host's"
	box --root=./bb -- /bin/sh -c 'echo x >/etc/new'
	expect_refused 'Read-only file system' "it cannot be written"
	box --root=./bb -- /bin/ls -a /..
	expect_no_match '^(usr|boot|root)$' "its '..' is itself"
	check "it is as before" [ "$hash" = "$(find bb -type f -exec cksum {} + | sort | cksum; find bb | sort)" ]
	box --root=empty --rw=./bb:/ -- /bin/sh -c 'echo written >/new; ls -a /.. /proc/1/root/..'
	check "--rw=DIR:/ on an empty root can be written" [ "$(cat bb/new)" = written ]
	expect_no_match '^(usr|boot|root|srv|old_root)$' "--rw=DIR:/: the old root is gone"
	box --root=empty --rw=./bb:/ -- /bin/cat "$place/beside" "/..$place/beside"
	expect_no_match "$canary" "--rw=DIR:/: no file of ours is seen"
	box --root=host --rw=./bb:/ -- true
	expect_refusal "--rw: only a writable tree on an empty root can be mounted on '/' (--root=DIR shows one read-only)" "--rw=DIR:/ on another root"
else
	skip "a directory of busybox" "no static busybox"
fi

# A real tree of Debian's: $SANDBOX_TEST_TREE, or one of the packages that are installed here.
make_tree() { # DIR
	local file

	mkdir "$1" && cd "$1" || return 1
	for file in bin sbin lib lib32 lib64 libx32; do
		[ ! -L "/$file" ] || { ln -s "$(readlink "/$file")" "$file" && mkdir -p "$(readlink "$file")"; }
	done
	dpkg -L base-files base-passwd bash coreutils dash debianutils grep libc6 libc-bin libpcre2-8-0 \
		libselinux1 libtinfo6 sed libacl1 libattr1 libgmp10 2>/dev/null | sort -u | while read -r file; do
		if [ -d "$file" ] && [ ! -L "$file" ]; then
			[ -L ".$file" ] || mkdir -p ".$file"
		elif [ -r "$file" ]; then
			printf '%s\0' "$file"
		fi
	done | tar -C / --create --no-recursion --null --files-from=- 2>/dev/null |
		tar --extract --keep-directory-symlink --no-same-owner 2>/dev/null
	cp /etc/passwd /etc/group etc/
	cd "$OLDPWD" && [ -e "$1/usr/bin/bash" ] || [ -e "$1/bin/bash" ]
}
tree=${SANDBOX_TEST_TREE:-}
[ -n "$tree" ] || ! command -v dpkg >/dev/null || ! make_tree "$place/debian" || tree=$place/debian
if [ -n "$tree" ]; then
	box --root="$tree" -- bash -c 'cat /etc/debian_version; ls /; [ -e /etc/hostname ] && cat /etc/hostname; id -u 2>/dev/null; pwd'
	expect_line "$(cat "$tree/etc/debian_version")" "root = DIR: a tree of Debian's"
	expect_line "$(id -u)" "its programs run"
	box --root="$tree" --cwd=none -- bash -c 'grep -rs "'"$canary"'" /home /tmp /srv /root; ls /usr/local/bin /opt; : >/usr/x'
	expect_no_match "$canary" "nothing of ours is in it"
	check "it cannot be written" [ "$status" != 0 ]
	box --root="$tree" --cwd=rw --map=single --user=root -- bash -c 'echo "$(id -u) $(cat note)" >from-tree'
	check "the working directory is there too" [ "$(cat from-tree)" = "0 mine" ]
	box --root="$tree" -- cat /etc/os-release
	expect_output "$(cat "$tree/etc/os-release")" "its files are those of the box"
else
	skip "a tree of Debian's" "no dpkg"
	finish
fi

# Its package manager and its accounts, when it is a whole one; and root in a copy of one's own.
if [ -e "$tree/var/lib/dpkg/status" ]; then
	box --root="$tree" -- dpkg -l
	check "dpkg knows its packages" [ "$(grep -c '^ii  ' "$out")" = "$(grep -c '^Status: install ok installed' "$tree/var/lib/dpkg/status")" ]
	box --root="$tree" --map=single --user=root -- dpkg --purge --force-all dash
	check "and removes none of them" [ "$status" != 0 ]
	check "which is still there" [ -e "$tree/bin/dash" ]
fi
if [ ! -x "$tree/usr/sbin/useradd" ]; then
	: # not a whole one
elif has_range; then
	mkdir copy
	tar -C "$tree" --create --exclude='./dev/*' . 2>/dev/null | tar -C copy --extract # but what is closed to us
	limit=60
	box --profile=root --root=empty --rw=./copy:/ -- sh -euc '
		useradd --create-home --shell /bin/sh tester
		chown daemon:mail /srv && stat -c "%U:%G" /home/tester /srv
		echo mine >/home/tester/file && chown tester: /home/tester/file && chmod 600 /home/tester/file
		chroot --userspec=tester / sh -c "id -un; cat /home/tester/file; grep ^CapEff /proc/self/status"
		mkdir -p /tmp/p/DEBIAN /tmp/p/opt && echo packed >/tmp/p/opt/file && chown games /tmp/p/opt/file
		printf "Package: box\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n" >/tmp/p/DEBIAN/control
		dpkg-deb --build /tmp/p /tmp/p.deb >/dev/null && dpkg --install /tmp/p.deb >/dev/null
		dpkg-query --list box | grep -o "^ii  box" && stat -c %U /opt/file && cat /opt/file'
	expect_output "tester:tester
daemon:mail
tester
mine
CapEff:	0000000000000000
ii  box
games
packed" "root in a writable copy: accounts, owners, packages"
	check "outside they are subordinate ids" [ "$(stat -c %U:%G copy/srv)" = UNKNOWN:UNKNOWN ]
	check "and the tree is as before" ! grep -q ^tester "$tree/etc/passwd"
	box --profile=root --rw=./copy -- chown -R root:root copy # what is ours can be removed
	expect_status 0 "root gives everything back"
else
	skip "root in a writable copy of a tree" "no range of ids here"
fi
finish
