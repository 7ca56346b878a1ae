#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# How far a box's network reaches. A namespace plays the host: it has an address of its own, and servers.
if [ -z "${SANDBOX_TEST_NETWORK:-}" ] && unshare -rn true 2>/dev/null; then
	SANDBOX_TEST_NETWORK=1 exec unshare -rn "$0"
fi
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX_TEST_NETWORK:-}" ] || skip_all "no network namespace in a user namespace"
need ip curl
build_probe
address=192.0.2.1
ip link set lo up && ip link add veth0 type veth peer name veth1 &&
	ip address add $address/24 dev veth0 && ip link set veth0 up && ip link set veth1 up || exit 1
start ./probe listen 8000 canary >server.log
start ./probe serve e2e-canary >abstract.log
await 5 grep -qs ready server.log abstract.log
connections() { grep -c connection server.log; }
check "control: the server answers on its own address" [ "$(curl -s http://$address:8000)" = canary ]
check "control: and on 127.0.0.1" [ "$(curl -s http://127.0.0.1:8000)" = canary ]

# --- none ---------------------------------------------------------------------

before=$(connections)
box -- cut -sd: -f1 /proc/net/dev
expect_output "    lo" "net = none: there is nothing but a loopback device"
for target in 127.0.0.1 ::1 $address 10.0.2.2; do
	box -- ./probe connect $target 8000
	check "net = none: $target cannot be reached" grep -qE '^E(CONNREFUSED|NETUNREACH)$' "$out"
done
box -- sh -c './probe listen 8000 inside >/tmp/log & until grep -qs ready /tmp/log; do sleep 0.02; done; ./probe connect 127.0.0.1 8000'
expect_line inside "net = none: its own loopback works"
box -- ./probe abstract e2e-canary
expect_output ECONNREFUSED "net = none: no abstract socket of the host"
limited ./probe abstract e2e-canary
expect_output ok "control: outside there is one"
check "net = none: the server saw no connection" [ "$(connections)" = "$before" ]
box -- ./probe listen 80 x
expect_line "bind EACCES" "a port below 1024 cannot be taken"
box --map=single --user=root -- ip link set lo down
check "the network cannot be configured" grep -q "Operation not permitted" "$err"

# --- sockets --------------------------------------------------------------------

box -- ./probe sockets
expect_output "family 1 type 1 ok
family 1 type 2 ok
family 1 type 3 ok
family 1 type 5 ok
family 2 type 1 ok
family 2 type 2 ok
family 2 type 3 EPERM
family 2 type 5 ESOCKTNOSUPPORT
family 10 type 1 ok
family 10 type 2 ok
family 10 type 3 EPERM
family 10 type 5 ESOCKTNOSUPPORT
netlink 0 ok
$(for i in $(seq 23); do echo "netlink $i EPROTONOSUPPORT"; done)
raw icmp EPERM
raw icmp nonblock EPERM" "just these sockets can be made"
limited ./probe sockets
check "control: outside AF_PACKET can" grep -qx 'family 17 type 3 ok' "$out"
check "control: and raw ones, and other netlink protocols" [ "$(grep -cxE '(raw icmp|netlink (4|9|12|15)) ok' "$out")" -ge 2 ]
box --socket-families=unix -- ./probe sockets
expect_no_match '^(family ([2-9]|1[0-9])|netlink)' "--socket-families=unix: no other"

# --- host ------------------------------------------------------------------------

if has_scopes; then
	box --net=host -- curl -s http://$address:8000
	expect_output canary "net = host: the host's network"
	box --net=host -- ./probe abstract e2e-canary
	expect_output EPERM "net = host: but not its abstract sockets"
else
	box --net=host -- true
	expect_refusal "network = host needs Landlock's abstract-unix scope, or the box reaches the host's abstract sockets (X11, session bus); this kernel does not have it (--scopes=signal accepts that)" "net = host: not without a scope"
	box --net=host --scopes=signal -- curl -s http://$address:8000
	expect_output canary "net = host: the host's network, when that is accepted"
fi
box --net=host --scopes=signal -- ./probe abstract e2e-canary
expect_output ok "control: unless asked for"

# --- slirp -----------------------------------------------------------------------

command -v slirp4netns >/dev/null && [ -r /dev/net/tun ] || {
	skip "net = slirp" "no slirp4netns or no /dev/net/tun"
	finish
}

for ids in --user=self "--map=single --user=5:6"; do
	# shellcheck disable=SC2086
	box --net=slirp $ids -- curl -s http://$address:8000
	expect_output canary "net = slirp ($ids): curl reaches a server on the host's own address"
	before=$(connections)
	for target in 127.0.0.1 10.0.2.2 ::1; do
		# shellcheck disable=SC2086
		box --net=slirp $ids -- ./probe connect $target 8000
		check "net = slirp ($ids): the host's loopback is not at $target" grep -qE '^E(CONNREFUSED|NETUNREACH)$' "$out"
	done
	check "net = slirp ($ids): the server saw no connection" [ "$(connections)" = "$before" ]
done
box --net=slirp --host-loopback=yes -- ./probe connect 10.0.2.2 8000
expect_line canary "control: with --host-loopback=yes it is at 10.0.2.2"
# over IPv6 as soon as slirp4netns has advertised a prefix
at_fd00='i=0; until grep -q "^fd00.* tap0" /proc/net/if_inet6 || [ $i = 50 ]; do sleep 0.1; i=$((i + 1)); done; ./probe connect fd00::2 8000'
before=$(connections)
box --net=slirp -- sh -c "$at_fd00"
check "net = slirp: the host's loopback is not at fd00::2" grep -qE '^E(CONNREFUSED|NETUNREACH)$' "$out"
check "net = slirp: nor did the server see a connection" [ "$(connections)" = "$before" ]
box --net=slirp --host-loopback=yes -- sh -c "$at_fd00"
expect_line canary "control: with --host-loopback=yes it is at fd00::2"
box --net=slirp -- ./probe abstract e2e-canary
expect_output ECONNREFUSED "net = slirp: no abstract socket of the host"
box --net=slirp -- sh -c 'cat /etc/resolv.conf; ip -o address show tap0'
expect_line "nameserver 10.0.2.3" "the box has a resolver of its own"
expect_match 'inet 10\.0\.2\.100/24' "the interface is up before the program starts"
box --net=slirp --dns=192.0.2.53,2001:db8::53 -- cat /etc/resolv.conf
expect_output "nameserver 192.0.2.53
nameserver 2001:db8::53" "--dns"

# How slirp4netns itself is confined.
"$SANDBOX" --net=slirp --map=single --user=5:6 --status-fd=9 -p 127.0.0.1:8080:9000/tcp -- \
	sh -c './probe listen 9000 inside & while [ ! -e /tmp/stop ]; do sleep 0.05; done' 9>events </dev/null >box.log 2>"$err" &
launcher=$!
started+=("$launcher")
await 10 grep -qs ready box.log
slirp=
for pid in $(children "$launcher"); do
	[ "$(cat "/proc/$pid/comm")" != slirp4netns ] || slirp=$pid
done
check "slirp4netns runs beside the box" [ -n "$slirp" ]
check "under a filter, with no_new_privs and one capability" \
	[ "$(grep -E '^(CapEff|NoNewPrivs|Seccomp):' "/proc/$slirp/status" | tr -s '\t\n' ' ')" = "CapEff: 0000000000000400 NoNewPrivs: 1 Seccomp: 2 " ]
check "with the arguments it was meant to have" \
	[ "$(tr '\0' ' ' <"/proc/$slirp/cmdline" | sed 's,^[^ ]*/,,; s, --api-socket=[^ ]*,,; s, [0-9]* tap0, N tap0,')" = \
	"slirp4netns --configure --mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6 --ready-fd=3 --exit-fd=4 --disable-host-loopback N tap0 " ]
if [ -r "/proc/$slirp/ns/mnt" ] && ours=$(readlink /proc/self/ns/mnt) && its=$(readlink "/proc/$slirp/ns/mnt"); then
	check "in a mount namespace of its own" [ "$its" != "$ours" ]
fi

check "a published port leads into the box" [ "$(curl -s http://127.0.0.1:8080)" = inside ]
check "on 127.0.0.1 only" ! curl -s --max-time 2 http://$address:8080
[ ! -d "/proc/$slirp/fd/5/" ] || check "its socket is gone" [ -z "$(ls -A "/proc/$slirp/fd/5/")" ]
kill -KILL "$slirp"
await 5 grep -q offline "$err"
expect_words "sandbox: warning: slirp4netns has ended (killed by SIGKILL): the box is offline from here on" "slirp4netns killed: it is said"
check "--status-fd says it too" grep -qx '{"event":"network-lost"}' events
check "the program goes on" is_alive "$launcher"
program=$(children "$(children "$launcher")")
check "without the interface" [ "$(cut -sd: -f1 "/proc/$program/net/dev" | tr -d ' ')" = lo ]
check "and not with the host's" ! curl -s --max-time 2 http://127.0.0.1:8080
kill -KILL "$launcher"

start "$SANDBOX" -q --net=slirp -- sh -c 'echo ready; sleep 60' >box.log
await 10 grep -qs ready box.log
pids=$(descendants "${started[-1]}")
kill -KILL "${started[-1]}"
# shellcheck disable=SC2086
check "slirp4netns ends with its launcher" await 2 none_alive $pids

box --net=slirp -p 8000:8000 -- true
expect_refusal "-p: cannot publish port 8000 of 127.0.0.1: Address already in use (something listens there already, or the address is not this host's)" "a published port that is taken"
box -p 8000 -- true
expect_refusal "-p: a published port needs mode = slirp (--net=slirp)" "a published port without a network"
box --net=slirp -p 99999 -- true
expect_refusal "-p: cannot read port '99999', it is [ADDRESS:]HOST-PORT[:BOX-PORT][/tcp or /udp]" "no port"

# --- a slirp4netns that does not work ----------------------------------------------

mkdir fake
fake() { # TEXT
	printf '#!/bin/sh\n%s\n' "$1" >fake/slirp4netns
	chmod 755 fake/slirp4netns
}
export SANDBOX_HELPER_PATH=$PWD/fake
fake "echo \$\$ >'$PWD/fake.pid'; exec sleep 60"
SECONDS=0
box --net=slirp -- touch ran
expect_refusal "cannot bring the network up: slirp4netns was not ready after 5 s: Connection timed out" "one that never gets ready"
check "is waited for 5 s, no more" [ "$SECONDS" -ge 4 ]
check "and no less" [ "$SECONDS" -le 8 ]
check "it is ended" await 2 none_alive "$(cat fake.pid)"
check "the program was not started" [ ! -e ran ]
fake 'echo "no luck today" >&2; exit 1'
box --net=slirp -- true
expect_refusal "cannot bring the network up: slirp4netns gave up: Network is down (no luck today)" "one that gives up is quoted"
fake 'kill -SEGV $$'
box --net=slirp -- true
expect_refusal "cannot bring the network up: slirp4netns gave up: Network is down (is /dev/net/tun there and open to you?)" "one that crashes"
unset SANDBOX_HELPER_PATH
limited unshare -rm sh -c 'mount --bind /dev/null /dev/net/tun && exec "$0" -q --net=slirp -- true' "$SANDBOX"
check "no /dev/net/tun is a refusal" [ "$status" = 125 ]
check "with slirp4netns's own words" grep -q '^sandbox: cannot bring the network up: slirp4netns gave up: Network is down (' "$err"
finish
