#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a reviewer would say every time: no goto, a licence line, no path of somebody's machine.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
bad=0

if find src tests completions -name '*.[ch]' -print0 |
	xargs -0 grep -nE '\<goto[[:space:]]+[a-z_]+;'; then
	echo "goto: an owned local with cleanup_* does it"
	bad=1
fi

if find src tests completions -name '*.[ch]' -print0 | xargs -0 grep -L 'SPDX-License-Identifier: LGPL-2.1-or-later' |
	grep .; then
	echo "no SPDX-License-Identifier line"
	bad=1
fi

# Text that people wrote: no build output, no git.
if find . \( -name .git -o -name build-aux -o -name autom4te.cache -o -name 'sandbox-[0-9]*' \) -prune -o \
	-type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.md' -o -name '*.scd' -o -name '*.ini' -o \
	-name '*.am' -o -name '*.ac' -o -name '*.txt' -o -path './.ci/*' \) -print0 |
	xargs -0 grep -nE "(^|[ \"'=:(])/(wor[k]|far[m])/"; then
	echo "a path that exists on one machine only"
	bad=1
fi
exit $bad
