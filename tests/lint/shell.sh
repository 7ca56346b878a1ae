#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every shell script passes shellcheck.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"

if ! command -v shellcheck >/dev/null; then
	echo "skip: no shellcheck"
	exit 77
fi
for file in bootstrap .ci/* tests/* tests/*/*; do
	[ -f "$file" ] && head -n 1 "$file" | grep -qaE '^#!.*[/ ](ba)?sh( |$)' && printf '%s\0' "$file"
done | xargs -0 shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR
