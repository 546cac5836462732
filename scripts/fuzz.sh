#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# npm run fuzz [-- TARGET... [--seconds N] [--runs N]]: feeds the targets of tests/fuzz/, all of them for 60 seconds each if nothing
# else is said. What they find lies in build/fuzz/findings/, their growing corpora in build/fuzz/corpus/.
#   npm run fuzz -- smoke            8 seconds each from the stored corpus alone, with the same dice each time; `npm test` has it
#   npm run fuzz -- differential     the header's reader against the safetensors library
#   npm run fuzz -- minimize         the stored corpus anew, from the seeds and all that the runs here have found
set -euo pipefail
cd "$(dirname "$0")/.."
all=(header weights checkpoint text words grams sampling calls)
declare -A longest=([header]=1600 [weights]=2400 [checkpoint]=3600 [text]=200 [words]=200 [grams]=300 [sampling]=300 [calls]=200)
stored=tests/fuzz/corpus programs=build/fuzz/tests/fuzz

targets=() seconds=60 runs=-1 smoke=
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift ;;
    --runs) runs=$2 seconds=0; shift ;;
    smoke) smoke=1 seconds=8 ;;
    *) [[ " ${all[*]} differential minimize " == *" $1 "* ]] ||
      { echo "scripts/fuzz.sh: no target $1; there are ${all[*]}, smoke, differential and minimize." >&2; exit 2; }
      targets+=("$1") ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")

scripts/setup.sh cmake fuzzer
mkdir -p build/fuzz/findings build/fuzz/logs
{
  CC=clang timeout 300 cmake -S . -B build/fuzz -DNEXTCHAR_FUZZ=ON -DNEXTCHAR_ISA=baseline &&
    timeout 1200 cmake --build build/fuzz --target fuzz --parallel
} >build/fuzz/logs/build 2>&1 || { cat build/fuzz/logs/build >&2; exit 1; }

# An allocation above 40 MB is refused, as where memory is short. The quarantine of freed memory is small: a large one costs time.
export ASAN_OPTIONS=quarantine_size_mb=4:allocator_may_return_null=1:max_allocation_size_mb=40 UBSAN_OPTIONS=print_stacktrace=1

# The last line of a log that says how far the run came, as columns.
report() {
  awk -v target="$1" '/ cov: / { line = $0 } /number_of_executed_units/ { n = $2 } /average_exec_per_sec/ { speed = $2 }
    END { match(line, /cov: [0-9]+/); edges = substr(line, RSTART + 5, RLENGTH - 5); match(line, /ft: [0-9]+/)
          printf "%-10s %10d executions %7d a second %5d edges %6d features\n",
            target, n, speed, edges, substr(line, RSTART + 4, RLENGTH - 4) }' "$2"
}

# Each run_... is called where its failure is counted, and there `set -e` ends nothing: each step says `|| return 1` itself.

run_target() {
  local log=build/fuzz/logs/$1 corpus=build/fuzz/corpus/$1
  local options=(-max_len="${longest[$1]}" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -runs="$runs" -max_total_time="$seconds"
    -artifact_prefix="build/fuzz/findings/$1-")
  case $1 in header | weights | checkpoint) options+=(-dict=tests/fuzz/json.dict) ;; esac
  if [ "$smoke" ]; then
    corpus=build/fuzz/smoke/$1
    rm -rf "$corpus"
    options+=(-seed=1)
  fi
  mkdir -p "$corpus"
  if timeout --kill-after=10 $((seconds ? seconds + 300 : 86400)) "$programs/$1" "${options[@]}" "$corpus" "$stored/$1" >"$log" 2>&1; then
    report "$1" "$log"
    return
  fi
  tail -n 60 "$log" >&2
  echo "$1: found something; its input is in build/fuzz/findings/. Once it is mended, it goes into $stored/$1/." >&2
  return 1
}

run_differential() {
  local python=build/differential/bin/python
  scripts/setup.sh venv || return 1
  [ -x $python ] || python3 -m venv build/differential || return 1
  $python -m pip install --quiet --disable-pip-version-check --only-binary :all: safetensors==0.8.0 || return 1
  [ "$runs" -gt 0 ] || runs=1000000
  timeout 7200 $python tests/fuzz/differential.py $programs/verdicts $stored/header $stored/weights --runs "$runs"
}

# The fewest and smallest inputs that reach all edges that the runs here have reached. What was stored as a finding stays.
run_minimize() {
  rm -rf build/fuzz/minimized
  for target in "${all[@]}"; do
    mkdir -p build/fuzz/{minimized,seeds,corpus}/"$target" "$stored/$target"
  done
  $programs/seeds build/fuzz/seeds || return 1
  for target in "${all[@]}"; do
    cut=$(find "build/fuzz/seeds/$target" -type f -size +"${longest[$target]}"c)
    [ ! "$cut" ] || { echo "scripts/fuzz.sh: longer than what $target reads: $cut" >&2; return 1; }
    timeout 3600 $programs/"$target" -set_cover_merge=1 -use_counters=0 -max_len="${longest[$target]}" \
      -artifact_prefix="build/fuzz/findings/$target-" build/fuzz/{minimized,seeds,corpus}/"$target" \
      "$stored/$target" >build/fuzz/logs/minimize 2>&1 || { tail -n 60 build/fuzz/logs/minimize >&2; return 1; }
    find "$stored/$target" -type f ! -name 'finding-*' -delete || return 1
    cp build/fuzz/minimized/"$target"/* "$stored/$target/" || return 1
  done
  du -s --apparent-size -h $stored/*
}

failed=0
for target in "${targets[@]}"; do
  case $target in
    differential | minimize) "run_$target" || failed=1 ;;
    *) run_target "$target" || failed=1 ;;
  esac
done
exit $failed
