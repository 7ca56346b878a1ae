#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No file over 600 lines, no function over 60, no main() over 50.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"

find src tests completions -name '*.[ch]' | sort | xargs awk '
	function complain(where, what) {
		print FILENAME ":" where ": " what
		bad = 1
	}
	FNR == 601 { complain(601, "the file is over 600 lines") }
	/^[A-Za-z_].*\(/ { head = $0; line = FNR }
	/^{/ { start = FNR }
	/^}/ && start {
		size = FNR - start - 1
		most = head ~ /^int main\(/ ? 50 : 60
		if (size > most)
			complain(line, "a function of " size " lines, at most " most)
		start = 0
	}
	END { exit bad }'
