#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/make_texts.sh: writes texts/*.txt, which the page offers to learn from, with the networks of weights/.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh compiler cmake
cmake -S . -B build >/dev/null && cmake --build build --parallel >/dev/null
build/nextchar write weights/shakespeare.safetensors --prompt "ROMEO:" --temperature 0.7 --length 120000 --seed 1 >texts/shakespeare-like.txt
build/nextchar write weights/pushkin.safetensors --prompt "Мой дядя " --temperature 0.7 --length 120000 --seed 1 >texts/pushkin-like.txt
