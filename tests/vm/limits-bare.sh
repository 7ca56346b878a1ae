#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits where the user's manager has few controllers to hand out: systemd always keeps account of
# memory and processes, but not of the rest.
# account: bareuser
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

export XDG_RUNTIME_DIR=/run/user/$UID
limit=$((30 * slow))
why="systemd does not hand that out to you (an administrator adds a drop-in for user@.service with [Service] Delegate="

for row in cpu:--cpu=50% cpuset:--cpuset=1 io:--io-weight=50 "cpu, io:--cpu=50% --io-weight=50 --pids=20"; do
	names=${row%%:*}
	# shellcheck disable=SC2086
	box ${row#*:} -- true
	expect_refusal "$names: cannot be limited: $why${names//,/}; then log in anew; --on-unavailable=warn runs it without)" "$names: refused"
	# shellcheck disable=SC2086
	box ${row#*:} --on-unavailable=warn -- echo ran
	expect_output ran "$names: with on-unavailable = warn it runs"
	expect_words "sandbox: warning: $names: not limited: $why${names//,/}; then log in anew)" "$names: and says what is not there"
done
box --memory=64M --pids=20 -- echo ran
expect_output ran "what is there is enforced"
expect_words "" "and nothing is said"
box -- echo ran
expect_output ran "without a limit nothing is missed"

finish
