#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file includes headers of its own folder and of the folders above it, never below.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"

find src -name '*.[ch]' | sort | xargs awk '
	BEGIN {
		n = split("base config plan kernel helper run", folders)
		for (i = 1; i <= n; i++)
			rank[folders[i]] = i
	}
	FNR == 1 {
		n = split(FILENAME, part, "/")
		own = n == 2 ? "main" : part[2]
		if (own != "main" && !(own in rank))
			complain("is in a folder that is no layer")
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		header = quoted[2]
		if (header == "config-auto.h")
			next
		split(header, part, "/")
		if (!(part[1] in rank))
			complain("includes " header ", which names no layer")
		else if (own != "main" && rank[part[1]] > rank[own])
			complain("includes " header ", which is below it")
		else if (own == "base" && header == "base/log.h" && FILENAME !~ /\/log\.c$/)
			complain("logs; in base only log.c does")
	}
	function complain(what) {
		print FILENAME ":" FNR ": " what
		bad = 1
	}
	END { exit bad }'
