#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/as_root.sh COMMAND...: runs the command as root, by sudo if need be; `scripts/as_root.sh true`
# asks whether that is possible. Without a terminal sudo is not let ask for a password.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

if [ "$(id -u)" = 0 ]; then
  exec "$@"
elif [ -t 0 ]; then
  exec sudo "$@"
else
  exec sudo -n "$@"
fi
