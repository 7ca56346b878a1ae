#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No file over 600 lines, no function over 60, no main() over 50.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"

find src tests completions -name '*.[ch]' | sort | xargs awk '
	function complain(line, what) {
		print FILENAME ":" line ": " what
		bad = 1
	}
	FNR == 601 { complain(601, "the file is over 600 lines") }
	/^[A-Za-z_].*\(/ { name = $0; head = FNR }
	/^{/ { start = FNR }
	/^}/ && start {
		length_ = FNR - start + 1
		most = name ~ /^int main\(/ ? 50 : 60
		if (length_ > most)
			complain(head, "a function of " length_ " lines, at most " most)
		start = 0
	}
	END { exit bad }'
