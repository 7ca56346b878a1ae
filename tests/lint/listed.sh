#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makefile.am names every source, test, profile and man page: what it does not name is neither built, run nor shipped.
set -eu
cd "${top_srcdir:-$(dirname "$0")/../..}"
bad=0

words=" $(tr -s '[:space:]' ' ' <Makefile.am) "
for file in $(find src -name '*.[ch]') \
	tests/unit/check_*.c tests/kernel/check_*.c tests/fuzz/fuzz_*.c \
	tests/golden/*.sh tests/e2e/*.sh tests/lint/*.sh tests/vm/*.sh profiles/*.ini man/*.scd; do
	[ -f "$file" ] || continue
	case $file in
	tests/*.c) name=${file%.c} ;; # a program named after its source
	*) name=$file ;;
	esac
	case $words in
	*" $name "*) ;;
	*)
		echo "$file: not in Makefile.am"
		bad=1
		;;
	esac
done
exit $bad
