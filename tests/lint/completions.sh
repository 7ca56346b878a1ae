#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every option completes in every shell, and bash completes what it should where it should.
set -eu
cd "${top_builddir:-$(dirname "$0")/../..}/completions"
bad=0

complain() {
	echo "$*"
	bad=1
}

make -s -C .. completions/sandbox.bash completions/_sandbox completions/sandbox.fish
options=$(./generate options)
[ -n "$options" ] || complain "the generator knows no option"

bash -n sandbox.bash || complain "sandbox.bash: bad syntax"
! command -v zsh >/dev/null || zsh -n _sandbox || complain "_sandbox: bad syntax"
! command -v fish >/dev/null || fish --no-execute sandbox.fish || complain "sandbox.fish: bad syntax"
for option in $options; do
	grep -qxF -- "$option" sandbox.bash || complain "sandbox.bash: no $option"
	grep -qE -- "'\*$option(\[|=|\+)" _sandbox || complain "_sandbox: no $option"
	case $option in
	--*) fish=" -l ${option#--} " ;;
	*) fish=" -s ${option#-} " ;;
	esac
	grep -qF -- "$fish" sandbox.fish || complain "sandbox.fish: no $option"
done

# offered WORD... = what bash offers at the end of that command line
offered() {
	bash -c '. ./sandbox.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		compopt() { :; }
		_sandbox "$1"
		echo "${COMPREPLY[*]}"' bash "$@"
}

expect() {
	wanted=$1
	shift
	got=$(offered "$@")
	[ "$got" = "$wanted" ] || complain "$*: offers '$got', not '$wanted'"
}

expect '--net --network' sandbox --net
expect 'none slirp host' sandbox --net ''
expect 'none slirp host' sandbox --net =
expect 'slirp' sandbox --net = sl
expect '--net=slirp' sandbox --net=sl
expect '/usr/share' sandbox --ro /usr/shar
expect '/usr/share' sandbox --rw = /usr/shar
expect '/usr/share' sandbox -v --ro /usr : /usr/shar
expect 'basename' sandbox --dry-run --net = host --ro /usr : /x basenam
expect 'basename' sandbox -q -- basenam
expect '' sandbox -q -- --ne
exit $bad
