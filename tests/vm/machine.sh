#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The machine is what the tests in it take it for; else they would show less than they say.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

export XDG_RUNTIME_DIR=/run/user/$UID
ours=/sys/fs/cgroup/user.slice/user-$UID.slice

reads() { # FILE TEXT
	[ "$(cat "$1")" = "$2" ]
}

# --- systemd -----------------------------------------------------------------
check "the test is in a login session" grep -qx "0::/user.slice/user-$UID.slice/session-[0-9]*.scope" /proc/self/cgroup
check "of which the user owns no part" [ ! -w "$ours" ]
limited systemctl --user is-system-running
expect_output running "there is a user manager"
limited loginctl show-user "$UID" --property=Linger --value
expect_output yes "that was there before the session"
check "with every controller" reads "$ours/user@$UID.service/cgroup.controllers" "cpuset cpu io memory pids"
check "and a bus" [ "$DBUS_SESSION_BUS_ADDRESS" = "unix:path=/run/user/$UID/bus" ]
limited systemd-run --user --quiet --wait --pipe --setenv=SANDBOX_PROFILE_PATH="$SANDBOX_PROFILE_PATH" "$SANDBOX" -- id -u
expect_output "$UID" "a box in a service of the user's"

# --- the kernel -----------------------------------------------------------------
check "Linux 6.1" [ "$(uname -r | cut -d. -f1,2)" = 6.1 ]
for module in apparmor landlock yama; do
	check "$module is active" grep -qw $module /sys/kernel/security/lsm
done
check "AppArmor is enabled" reads /sys/module/apparmor/parameters/enabled Y
check "ptrace is for parents only" reads /proc/sys/kernel/yama/ptrace_scope 1
check "there is swap" [ "$(wc -l </proc/swaps)" = 2 ]
check "and no second hierarchy of control groups" [ ! -e /sys/fs/cgroup/unified ]

finish
