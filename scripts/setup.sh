#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/setup.sh NEED...: installs what is missing; quick when nothing is.
#   compiler     a C compiler for this machine
#   cmake        CMake and make
#   coverage     clang and LLVM's tools that count branches
#   npm          the development packages of package-lock.json
#   bundlers     those of tests/package, and other versions of Node
#   browser      Chromium or Google Chrome
#   browsers     the same, Firefox and WebKitGTK with their drivers, for the tests
#   fuzzer       clang with libFuzzer and its sanitizers
#   venv         Python's virtual environments
#   torch        PyTorch for the system's own Python
#   emscripten   the system's own Emscripten
#   debootstrap  what scripts/build_wasm.sh makes a private Emscripten with
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

has() { type -P "$1" >/dev/null; } # a program, not a function of this file
chromium() { has chromium || has google-chrome || packages+=(chromium); }
installed() { [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ]; }
fuzzes() { has clang && echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>&1; }
compiles() { has cc && echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; }

install_packages() {
  echo "nextchar: installing $*" >&2
  if has apt-get && scripts/as_root.sh apt-get update >&2 &&
    scripts/as_root.sh env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2
  then return; fi
  echo "nextchar: could not install $*: please install these packages (their names on Debian and Ubuntu) and try again." >&2
  exit 1
}

packages=()
for need in "$@"; do
  case $need in
    compiler) compiles || packages+=(gcc libc6-dev) ;;
    cmake) has cmake && has make || packages+=(cmake make) ;;
    coverage) has clang && has llvm-cov && has llvm-profdata || packages+=(clang llvm libclang-rt-dev) ;;
    npm) installed . || npm ci >&2 ;;
    bundlers) installed tests/package || npm ci --prefix tests/package --no-audit --no-fund >&2 ;;
    browser) chromium ;;
    browsers)
      chromium
      has firefox-esr || has firefox || packages+=(firefox-esr)
      has WebKitWebDriver && has Xvfb || packages+=(webkit2gtk-driver xvfb)
      ;;
    fuzzer) fuzzes >/dev/null || packages+=(clang libclang-rt-dev) ;;
    venv) has python3 && python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv) ;;
    torch) /usr/bin/python3 -c 'import torch' 2>/dev/null || packages+=(python3-torch) ;;
    emscripten) has emcc || packages+=(emscripten) ;;
    debootstrap) has debootstrap || packages+=(debootstrap debian-archive-keyring) ;;
    *) echo "scripts/setup.sh: unknown need \"$need\"; its first lines list what there is." >&2; exit 2 ;;
  esac
done
[ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"
