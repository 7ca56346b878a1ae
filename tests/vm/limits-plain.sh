#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits where there is no user manager: cron, su.
# account: plainuser
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

limit=$((30 * slow))
unset DBUS_SESSION_BUS_ADDRESS
help="a login by ssh or at a console has one, and so has everybody after: loginctl enable-linger plainuser"

for option in --memory=64M --pids=20 --cpu=50%; do
	name=${option#--} name=${name%=*}
	box "$option" -- true
	expect_status 125 "$name: refused"
	check "$name: why" grep -q "^sandbox: $name: cannot be limited: no user bus: there is none in this session; and '/sys/fs/cgroup/.*' is not ours: Permission denied ($help; --on-unavailable=warn runs it without)$" "$err"
	box "$option" --on-unavailable=warn -- echo ran
	expect_output ran "$name: with on-unavailable = warn it runs"
	check "$name: and says what is not there" grep -q "^sandbox: warning: $name: not limited: " "$err"
done
box --timeout=1s --stop-timeout=1s -- sleep 600
expect_status 124 "a time limit needs nothing"
box -- echo ran
expect_output ran "without a limit nothing is missed"

finish
