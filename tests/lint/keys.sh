#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The man pages have every key and every option of the key table.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
generate=${top_builddir:-.}/completions/generate
keys=$("$generate" keys)
options=$("$generate" options)
bad=0

for page in man/sandbox.1.scd man/sandbox-profile.5.scd; do
	[ -s $page ] || { echo "no $page" && exit 1; }
done

# A key stands in bold under the heading of its section, "## [network]" or "# [NETWORK]".
missing=$(echo "$keys" | awk '
	FNR == NR {
		if (/^#/)
			section = tolower($0)
		text[section] = text[section] "\n" $0
		next
	}
	{
		found = 0
		for (section in text)
			if (index(section, "[" $1 "]") && index(text[section], "*" $2 "*"))
				found = 1
		if (!found)
			print "sandbox-profile(5): no *" $2 "* under [" $1 "]"
	}' man/sandbox-profile.5.scd -)
[ -z "$missing" ] || { echo "$missing" && bad=1; }

for option in $options; do
	grep -qE -- "\*$option([^a-z0-9-]|$)" man/sandbox.1.scd && continue
	echo "sandbox(1): no *$option*"
	bad=1
done
exit $bad
