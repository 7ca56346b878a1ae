#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The terminal: keys, signals, job control, window size, modes, pipelines, floods. See terminal.py.
set -eu

for tool in python3 bash; do
	command -v $tool >/dev/null || {
		echo "skip: no $tool"
		exit 77
	}
done
exec python3 "$(dirname "$0")/terminal.py" "$@"
