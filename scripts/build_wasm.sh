#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/build_wasm.sh [programs]
#
# Builds web/core/rnn.wasm (SIMD), web/core/rnn-relaxed.wasm (SIMD with the relaxed int8 dot product) and
# web/core/rnn-scalar.wasm from CMakeLists.txt; with `programs` the C tests and the programs of bench/ too,
# in build/wasm-*/. The first usable Emscripten is taken:
#   1. emcc on PATH, from version 3.1.69 on;
#   2. Debian 13's (3.1.69), in a root file system of its own under ~/.cache/nextchar, entered by
#      chroot; made by debootstrap if it is not there;
#   3. the system's package.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
trap 'exit 130' INT TERM # without it an interrupted step would count as one that cannot be done here

# Older ones build right but slow code: a product with 3.1.6 (clang 14) takes 3 to 5 times as long.
least_version=3.1.69
target=rnn_wasm stamp=build/wasm.built sources=(CMakeLists.txt src)
case ${1:-} in
  "") ;;
  programs) target=all stamp=build/wasm-programs.built sources+=(tests/CMakeLists.txt tests/*.[ch] tests/golden bench/*.c) ;;
  *) echo "scripts/build_wasm.sh: unknown \"$1\"; its first lines say what there is." >&2; exit 2 ;;
esac
root=${XDG_CACHE_HOME:-$HOME/.cache}/nextchar/emscripten-debian13

say() { echo "build_wasm: $*" >&2; }

up_to_date() {
  [ -f web/core/rnn.wasm ] && [ -f web/core/rnn-relaxed.wasm ] && [ -f web/core/rnn-scalar.wasm ] && [ -f $stamp ] &&
    [ -z "$(find "${sources[@]}" -newer $stamp -print -quit)" ] # folders too: a file may be gone
}

links_standalone() {
  local trial status=0
  trial=$(mktemp -d)
  echo 'int one(void) { return 1; }' >"$trial/one.c"
  emcc --no-entry -sSTANDALONE_WASM -msimd128 "$trial/one.c" -o "$trial/one.wasm" >&2 || status=1
  rm -rf "$trial"
  return $status
}

emcc_is_usable() {
  command -v emcc >/dev/null || return 1
  local version
  version=$(emcc -dumpversion 2>/dev/null) || return 1
  if [ "$(printf '%s\n' "$least_version" "$version" | sort -V | head -n 1)" != "$least_version" ]; then
    say "emcc on PATH is $version; $least_version or later makes a much faster core."
    return 1
  fi
  links_standalone
}

# The root file system appears under its name only when it is whole; what is cut short is removed.
make_root() {
  scripts/as_root.sh true && scripts/setup.sh debootstrap || return 1
  say "getting Emscripten $least_version into $root (once; 2.5 GB, a few minutes)"
  mkdir -p "$(dirname "$root")" && partial=$(mktemp -d "$root.XXXXXX") || return 1
  trap 'discard "$partial"' EXIT
  scripts/as_root.sh debootstrap --variant=minbase --include=emscripten,cmake,make trixie "$partial" >&2 &&
    scripts/as_root.sh sh -c 'rm -f "$1"/var/cache/apt/archives/*.deb; chmod 755 "$1" && mv -T "$1" "$2"' sh "$partial" "$root" ||
    { say "Debian 13's Emscripten cannot be had here: debootstrap failed."; return 1; }
}

# debootstrap mounts these two while it works; they must be gone before anything is removed.
discard() {
  [ ! -e "$1" ] || scripts/as_root.sh sh -c 'umount "$1/proc" "$1/sys" 2>/dev/null; rm -rf --one-file-system "$1"' sh "$1"
}

# Run by whichever Emscripten: $1 is the repository, $2 the target. Each folder is configured once; make does the rest.
build='
set -eu
cd "$1"
for isa in simd128 relaxed scalar; do
  [ -f build/wasm-$isa/Makefile ] || emcmake cmake -G "Unix Makefiles" -S . -B build/wasm-$isa -DNEXTCHAR_ISA=$isa
  cmake --build build/wasm-$isa --parallel --target "$2"
done'

# The sources are copied in and the modules out: a bind mount is not allowed in every container. The
# repository has the same path inside, so that the compiler's messages name the right files. What was
# built inside lives as long as build/ does here.
build_in_root() {
  [ -d build/wasm-scalar ] || scripts/as_root.sh rm -rf "$root$repo/build"
  scripts/as_root.sh sh -c 'rm -rf "$1/src" "$1/tests" "$1/bench"; mkdir -p "$1/bench"' sh "$root$repo"
  scripts/as_root.sh cp -a CMakeLists.txt src tests "$root$repo/"
  scripts/as_root.sh cp -a bench/*.c "$root$repo/bench/"
  scripts/as_root.sh env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    chroot "$root" sh -c "$build" sh "$repo" $target >&2
  local isa
  for isa in simd128 relaxed scalar; do
    mkdir -p build/wasm-$isa
    cp "$root$repo/build/wasm-$isa/"{*.wasm,rnn.map} build/wasm-$isa/
  done
}

print_sizes() {
  local file
  for file in web/core/rnn*.wasm; do
    echo "$file: $(wc -c <"$file") bytes, $(gzip -9 -c "$file" | wc -c) gzipped"
  done
}

if ! up_to_date; then
  mkdir -p build
  touch build/wasm.begun # what is edited from here on is for the next run
  if emcc_is_usable; then
    scripts/setup.sh cmake
    sh -c "$build" sh "$repo" $target >&2
  elif [ -d "$root" ] || make_root; then
    say "building with Emscripten $least_version in $root"
    build_in_root
  else
    scripts/setup.sh emscripten cmake
    say "building with the system's Emscripten $(emcc -dumpversion)"
    sh -c "$build" sh "$repo" $target >&2
  fi
  install -m 644 build/wasm-simd128/rnn.wasm web/core/rnn.wasm
  install -m 644 build/wasm-relaxed/rnn.wasm web/core/rnn-relaxed.wasm
  install -m 644 build/wasm-scalar/rnn.wasm web/core/rnn-scalar.wasm
  [ $target = rnn_wasm ] || cp -p build/wasm.begun build/wasm.built # the modules are among them
  mv build/wasm.begun $stamp
fi
print_sizes
