#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm test` runs: set-up, builds, then every test. `npm run check` is scripts/test.sh quick: the types, the C tests of one
# build and the tests without a browser. One failing suite does not hide the next; no process runs without a time limit.
set -euo pipefail
cd "$(dirname "$0")/.."
tier=${1:-whole}

# Compiling in a second thread can hang Node for ever at its end (nodejs/node#54918): the thread waits for a collection of garbage,
# the main thread for the thread. It comes where a process has compiled many instances of wasm.
node=(node --no-concurrent-recompilation)
file_limit=600000 # milliseconds for a file of tests; Node ends its process then
build_limit=1200  # seconds for a build
suite_limit=3600  # seconds for a suite

folders=()
build() {
  timeout "$build_limit" cmake -S . -B "$@"
  timeout "$build_limit" cmake --build "$1" --parallel
  folders+=("$1")
}

failed=()
suite() {
  echo "== $1"
  timeout --kill-after=10 "$suite_limit" "${@:2}" || failed+=("$1")
}
node_tests() { suite "$1" "${node[@]}" --test --test-timeout="$file_limit" --test-reporter="$2" "${@:3}"; }

if [ "$tier" = quick ]; then
  scripts/setup.sh compiler cmake npm
  build build >/dev/null
  scripts/build_wasm.sh
  node_tests "JavaScript" dot $(ls tests/*.test.mjs | grep -vE '(wasi|linear).test') # the C tests once more as wasm, and long texts: not here
else
  scripts/setup.sh compiler cmake npm bundlers browsers fuzzer
  # The C tests run in each of these builds, and in all three of wasm; tests/hash_test.c holds all to the same bits.
  build build
  build build/scalar -DNEXTCHAR_ISA=scalar
  build build/baseline -DNEXTCHAR_ISA=baseline
  if grep -qsw avx2 /proc/cpuinfo; then build build/avx2 -DNEXTCHAR_ISA=baseline -DCMAKE_C_FLAGS=-mavx2; fi
  build build/sanitize -DNEXTCHAR_SANITIZE=ON -DCMAKE_C_COMPILER=clang
  scripts/build_wasm.sh programs
  node_tests "wasm, JavaScript and page" spec tests/*.test.mjs tests/browser/*.test.mjs
fi
for folder in "${folders[@]}"; do
  suite "C in $folder" ctest --test-dir "$folder" --parallel "$(nproc)" --timeout 300 --output-on-failure --no-tests=error
done
[ "$tier" = quick ] || suite "fuzzing" scripts/fuzz.sh smoke
suite "types" node_modules/.bin/tsc

[ ${#failed[@]} = 0 ] || { printf 'FAILED: %s\n' "${failed[@]}" >&2; exit 1; }
