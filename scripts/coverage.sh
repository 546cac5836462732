#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm run coverage` runs: the C tests and the tests of the command, both with clang's counters, and those of JavaScript with V8's;
# and a table of what each reaches. `npm run coverage -- library` is of the C tests alone. The build is the baseline: its branches are
# the same on every machine.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh compiler cmake npm bundlers browser coverage

folder=$PWD/build/coverage
rm -rf "$folder"/*.profiles
CC=clang timeout 600 cmake -S . -B "$folder" -DNEXTCHAR_ISA=baseline \
  -DCMAKE_C_FLAGS="-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation" >/dev/null
timeout 1200 cmake --build "$folder" --parallel >/dev/null

# report NAME PROGRAM...: what the programs' profiles in NAME.profiles say, as NAME.json
report() {
  llvm-profdata merge --sparse -o "$folder/$1.profile" "$folder/$1.profiles"
  local objects=()
  for program in "${@:3}"; do objects+=(-object "$program"); done
  llvm-cov export -instr-profile="$folder/$1.profile" "$2" "${objects[@]}" src >"$folder/$1.json"
}

LLVM_PROFILE_FILE=$folder/library.profiles/%m.profraw \
  timeout 600 ctest --test-dir "$folder" --parallel "$(nproc)" --timeout 300 --output-on-failure --no-tests=error >&2
report library "$folder"/tests/*_test
reports=("$folder/library.json")

if [ "${1:-}" != library ]; then
  scripts/build_wasm.sh
  # %c: the counters lie in the file itself, for a process that is killed, or may write no file, writes none at its end
  LLVM_PROFILE_FILE=$folder/command.profiles/%m%c.profraw NEXTCHAR_COMMAND=$folder/nextchar \
    timeout 1200 node --test --test-timeout=600000 --test-reporter=dot tests/command*.test.mjs >&2
  report command "$folder/nextchar"
  reports+=("$folder/command.json")
fi
missed=0
node scripts/coverage_c.mjs "${reports[@]}" || missed=1
[ "${1:-}" = library ] || node scripts/coverage_js.mjs || missed=1
exit $missed
