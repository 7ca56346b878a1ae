#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# When there is no memory left, and the default profile has no control group: whom the kernel takes.
# The larger program is outside, and lives. (A machine that really runs out is of no use to the
# other tests, and an emulated one for long to nobody: both are in one group of a service's, in
# which the kernel chooses by the same rule.)
# shellcheck disable=SC2016 # $ is for perl
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"

need perl systemd-run
limit=$((60 * slow))
export XDG_RUNTIME_DIR=/run/user/$UID

# Take so many MiB, and say so.
cat >neighbour <<'EOF'
my @taken = map { "x" x 1048576 } 1 .. $ARGV[0];
print STDERR "there\n";
sleep 600;
EOF
# So many processes that each take so many MiB, and how many of them were killed.
cat >hogs <<'EOF'
my ($n, $size) = @ARGV;
for (1 .. $n) {
	next if fork;
	my @taken = map { "x" x 1048576 } 1 .. $size;
	sleep 10;
	exit 0;
}
my $killed = 0;
while (wait() > 0) { $killed++ if ($? & 127) == 9 }
print "killed $killed\n";
EOF
# A neighbour of 112M, and in the box five times 88M.
cat >crowd <<'EOF'
cat /proc/self/oom_score_adj
perl neighbour 112 2>there &
until grep -qs there there; do sleep 0.1; done
"$@" -- perl hogs 5 88
echo "status $?"
kill -0 $! && echo alive
kill $!
EOF

# All of it in 400M, and nobody but the kernel decides.
crowd() { # OPTION...
	rm -f there
	limited systemd-run --user --quiet --wait --collect --pipe --property=MemoryMax=400M \
		--property=MemorySwapMax=0 --property=OOMPolicy=continue --property=OOMScoreAdjust=100 \
		--working-directory="$PWD" env HOME="$HOME" SANDBOX_PROFILE_PATH="$SANDBOX_PROFILE_PATH" \
		bash ./crowd "$SANDBOX" -q "$@"
}

crowd
expect_line 100 "nobody here begins with a score like the box's"
expect_match '^killed [1-4]$' "default: some of the box are killed"
expect_line "status 0" "and the program goes on"
expect_line alive "and so does a larger program outside"
crowd --oom-score=
expect_no_match '^alive$' "without a score it would have been the one"
finish
