#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm test` runs: set-up, builds, then every test. One failing suite does not hide the next.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh compiler cmake npm browsers
# The C tests run in each of these builds, and in all three of wasm; tests/hash_test.c holds all to the same bits.
folders=()
build() { cmake -S . -B "$@" && cmake --build "$1" --parallel && folders+=("$1"); }
build build
build build/scalar -DNEXTCHAR_ISA=scalar
build build/baseline -DNEXTCHAR_ISA=baseline
if grep -qsw avx2 /proc/cpuinfo; then build build/avx2 -DNEXTCHAR_ISA=baseline -DCMAKE_C_FLAGS=-mavx2; fi
build build/sanitize -DNEXTCHAR_SANITIZE=ON
scripts/build_wasm.sh

failed=()
suite() {
  echo "== $1"
  "${@:2}" || failed+=("$1")
}
for folder in "${folders[@]}"; do
  suite "C in $folder" ctest --test-dir "$folder" --parallel "$(nproc)" --output-on-failure --no-tests=error
done
suite "types" node_modules/.bin/tsc
suite "wasm, JavaScript and page" node --test --test-reporter=spec tests/*.test.mjs tests/browser/*.test.mjs

[ ${#failed[@]} = 0 ] || { printf 'FAILED: %s\n' "${failed[@]}" >&2; exit 1; }
