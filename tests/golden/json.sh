#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# --dry-run=json is JSON to somebody else's parser, the golden one and that of this machine.
set -eu

if ! python3 -c 'import json' 2>/dev/null; then
	echo "skip: no python3"
	exit 77
fi

# A list of objects that each say what they are.
is_plan() {
	python3 -c 'import json, sys
plan = json.load(sys.stdin)
assert plan and all(isinstance(entry["what"], str) for entry in plan)
assert {"namespaces", "bind", "seccomp", "env", "argv"} <= {entry["what"] for entry in plan}'
}

is_plan <"${top_srcdir:-.}/tests/golden/default.json"
is_plan <"${top_srcdir:-.}/tests/golden/limits.json"
cd "${top_srcdir:-.}"
"$SANDBOX" --dry-run=json --map=single -e "ODD=$(printf 'a"b\\c\td\033e\377f')" -- true 'x"y' | is_plan
