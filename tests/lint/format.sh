#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# clang-format leaves every file as it is. `make format` repairs.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"

# Each major version lays out a little differently: one of them is the measure.
version=14
for clang_format in clang-format-$version clang-format ''; do
	"${clang_format:-false}" --version 2>/dev/null | grep -q "version $version\." && break
done
if [ -z "$clang_format" ]; then
	echo "skip: no clang-format $version"
	exit 77
fi
misfits=$(find src tests completions -name '*.[ch]' -print0 |
	xargs -0 "$clang_format" --dry-run 2>&1 | sed -n 's/: warning: .*//p' | sort -u)
[ -z "$misfits" ] || { echo "$misfits" && exit 1; }
