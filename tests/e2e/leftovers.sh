#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# After 200 launches, 50 at once and 25 killed at any moment, the host is as it was before:
# processes, mounts, files, keys, descriptors, namespaces.
# alone: it counts the keyrings of all boxes
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
mkdir "$place/runtime"
chmod 700 "$place/runtime"
export XDG_RUNTIME_DIR=$place/runtime
marker=9${RANDOM}7${RANDOM}.5 # seconds to sleep, and the mark of the processes of this test

# What may not change. The first launch makes the filter cache.
box -- true
files() {
	find "$HOME" "$place/work" "$place/runtime" | sort
	find /tmp /var/tmp /dev/shm "/run/user/$(id -u)" -maxdepth 1 -user "$(id -un)" \
		-name 'sandbox-??????' 2>/dev/null | sort
}
mounts() { cut -d' ' -f4- /proc/self/mountinfo | sort; }
ours() { grep -lsa -- "$marker" /proc/[0-9]*/cmdline | tr -dc '0-9\n'; }
alive() {
	local pid n=0

	for pid in $(ours); do
		! is_alive "$pid" || n=$((n + 1))
	done
	echo "$n"
}
rings() { grep -c 'keyring   _ses' /proc/keys; }
files >"$place/files"
mounts >"$place/mounts"
ls "/proc/$$/fd" >"$place/descriptors"
keyrings=$(rings)
check "control: a process of this test is found" sh -c 'sleep "$0" & sleep 0.05; grep -qsa -- "$0" /proc/$!/cmdline; r=$?; kill $!; exit $r' "$marker"

# 125 one after the other, of several kinds
bad=0
for i in $(seq 125); do
	case $((i % 5)) in
	0) options=(--map=single) ;;
	1) options=(--cwd=rw) ;;
	2) options=(--tmpfs=/a:size=1M --ro=/usr:/b) ;;
	3) options=(--map=single --user=5:6 --cap-keep=chown) ;;
	*) options=() ;;
	esac
	"$SANDBOX" -q "${options[@]}" -- sh -c 'exit 7' </dev/null >/dev/null 2>&1
	[ $? = 7 ] || bad=$((bad + 1))
done
check "125 launches, one after the other" [ "$bad" = 0 ]

# 50 at once
pids=()
for i in $(seq 50); do
	"$SANDBOX" -q -- sh -c 'exit 7' </dev/null >/dev/null 2>>"$err.many" &
	pids+=($!)
done
bad=0
for pid in "${pids[@]}"; do
	wait "$pid"
	[ $? = 7 ] || bad=$((bad + 1))
done
check "50 launches at once" [ "$bad" = 0 ]

launch_time
# 25 killed: while they are made (with a cold filter cache too), and while they run
for i in $(seq 25); do
	[ $((i % 3)) != 0 ] || rm -rf "$HOME/.cache/sandbox/filters"/*
	options=()
	[ $((i % 5)) != 0 ] || options=(--net=slirp -p "$((20000 + i)):80")
	"$SANDBOX" -q "${options[@]}" -- sh -c 'sleep "$0" & sleep "$0"' "$marker" </dev/null >/dev/null 2>&1 &
	pid=$!
	nap_below "$((3 * milliseconds))"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
done
# and while slirp4netns is not ready yet, with ports to publish
mkdir "$place/fake"
printf '#!/bin/sh\necho "$*" >"%s"\nread -r line <&4\n' "$place/started" >"$place/fake/slirp4netns"
chmod 755 "$place/fake/slirp4netns"
SANDBOX_HELPER_PATH=$place/fake "$SANDBOX" -q --net=slirp -p 20000:80 -- sleep "$marker" </dev/null >/dev/null 2>&1 &
pid=$!
await 5 [ -s "$place/started" ]
check "control: slirp4netns is to make a socket" grep -q -- ' --api-socket=' "$place/started"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
everybody_is_gone() { [ "$(alive)" = 0 ]; }
check "no process is left" await 2 everybody_is_gone
box -- true

mounts >"$place/mounts-after"
check "no mount" cmp "$place/mounts" "$place/mounts-after"
# a compiler that was killed leaves at most its temporary file, in the cache
files | grep -v '/filters/[0-9a-f]*\.[0-9]*$' >"$place/files-after"
check "no file" diff "$place/files" "$place/files-after"
ls "/proc/$$/fd" >"$place/descriptors-after"
check "no descriptor" cmp "$place/descriptors" "$place/descriptors-after"
no_keyring_more() { [ "$(rings)" -le "$keyrings" ]; }
check "no key" await 10 no_keyring_more # the kernel collects them from time to time

# Nothing that a killed launcher held stands in the way of the next.
box --net=none -- sh -c 'exit 7'
expect_status 7 "the next launch works"
finish
