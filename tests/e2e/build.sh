#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real C project is configured, compiled and run under --profile=build: this one.
# shellcheck source=lib.sh
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
[ -e "$top_srcdir/configure" ] || skip_all "no configure script"
limit=200

# What a tarball has, whether or not somebody has built in the tree.
mkdir source
tar -C "$top_srcdir" --create --exclude-vcs --exclude='*.o' --exclude='*.a' --exclude='*.log' --exclude='*.trs' \
	--exclude=.deps --exclude=.dirstamp --exclude=autom4te.cache --anchored --exclude='./sandbox-[0-9]*' \
	--exclude=./sandbox --exclude=./Makefile --exclude=./config.status --exclude=./config-auto.h \
	--exclude='./stamp-h*' . | tar -C source --extract --no-same-owner
chmod -R u+w source
cd source || exit 1
touch aclocal.m4 && touch configure config-auto.h.in Makefile.in
touch "$place/work/before"

limited sh -c '"$0" --profile=build -- ./configure --quiet --disable-dependency-tracking CFLAGS=-O1 &&
	exec "$0" --profile=build -- make -s -j2 sandbox' "$SANDBOX"
expect_status 0 "./configure && make"
check "the program is there" [ -x sandbox ]
limited ./sandbox --version
check "and works" grep -q "^sandbox [0-9]" "$out"
box --profile=build -- ./sandbox --version
check "inside as well" grep -q "^sandbox [0-9]" "$out"
box --profile=build -- ./sandbox -- true
check "but makes no box in a box" [ "$status" = 125 ]
check "and says why" grep -q "^sandbox: cannot make the namespaces of the box: " "$err"

box --profile=build -- sh -c 'cat /proc/net/dev | grep -c : ; echo x >../outside 2>/dev/null; true'
expect_line 1 "it was offline"
check "nothing was written beside the tree" [ -z "$(find "$place/work" "$HOME" -newer "$place/work/before" ! -path "$place/work/source*" ! -path "$HOME/.cache*" ! -path "$place/work" ! -path "$HOME")" ]
box --profile=build -- sh -c 'nproc >/dev/null && cc --version >/dev/null && make --version >/dev/null'
expect_status 0 "tools find what they look for"
finish
