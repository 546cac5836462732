#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/train_patterns.sh [--source DIR] [NAME...]
#
# Makes the networks of weights/patterns/ by the project's own command: examples -> train -> quantize -> score on examples never
# trained on. Without a NAME all that are shipped; headline-topic and english-french stay in build/weights/patterns/.
#   NAME           as in the table below; letters, roman, dates, numbers-en and numbers-ru need no corpus
#   --source DIR   where the corpora lie (default: $NEXTCHAR_CORPORA); weights/README.md says which, and where each can be had
# A training that was stopped goes on from its checkpoint when its name is given again, to the same weights.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/weights/patterns

# One line per network; the last column has what its pattern asks for.
#                      pattern     cell hidden embed batch passes rate  dropout more
settings=(
"letters               one-to-one  lstm 1      0     1     1      0     0"
"language-surname      one-to-many gru  124    28    64    12     0.004 0.3"
"digits-en             one-to-many gru  64     8     32    15     0.003 0       --side 28 --maps 8"
"digits-ru             one-to-many gru  64     8     32    15     0.003 0       --side 28 --maps 8"
"digits-styled-en      one-to-many gru  64     8     16    8      0.0015 0       --side 28 --maps 10"
"digits-styled-ru      one-to-many gru  64     8     16    8      0.0015 0       --side 28 --maps 10"
"clothes-en            one-to-many gru  64     8     32    6      0.0015 0       --side 28 --maps 12"
"clothes-ru            one-to-many gru  64     8     32    6      0.0015 0       --side 28 --maps 12"
"surname-language      many-to-one gru  124    32    64    12     0.004 0.5     --targets last"
"surname-language-each many-to-one gru  124    32    64    24     0.004 0.4     --targets each"
"headline-topic        many-to-one gru  124    32    32    5      0.004 0.5     --targets each"
"vowels-en             synchronous lstm 128    24    32    8      0.01  0       --delay 4"
"vowels-ru             synchronous lstm 128    24    32    6      0.01  0       --delay 4"
"vowels-en-now         synchronous lstm 128    24    32    2      0.01  0"
"vowels-ru-now         synchronous lstm 128    24    32    2      0.01  0"
"roman                 sequence    lstm 64     32    16    60     0.003 0"
"dates                 sequence    lstm 64     16    32    4      0.006 0"
"numbers-en            sequence    lstm 128    32    32    5      0.005 0"
"numbers-ru            sequence    lstm 128    32    32    5      0.005 0"
"english-french        sequence    lstm 256    64    32    12     0.003 0.4"
)
# Made only when it is named, and kept in build/: a corpus for non-commercial use; translations that are not good enough.
not_shipped=" headline-topic english-french "
describe() {   # NAME -> what the examples are, their source and their terms, as metadata options
  case $1 in
    *surname*) meta "surnames of 18 languages, each once a language, 1,800 of them held out" "github.com/spro/practical-pytorch data/names" "MIT" ;;
    digits*) meta "8,000 of MNIST's 10,000 test pictures" "yann.lecun.com/exdb/mnist" "as MNIST: freely usable; LeCun, Cortes and Burges" ;;
    clothes*) meta "Fashion-MNIST, its 60,000 pictures to train on" "github.com/zalandoresearch/fashion-mnist" "MIT" ;;
    vowels-en*) meta "Alice, the Looking-Glass, Sherlock Holmes, Pride and Prejudice, tiny Shakespeare, all but the last 25th of each" "books of 1597 to 1892" "public domain" ;;
    vowels-ru*) meta "Anna Karenina, Dead Souls, Chekhov's and Pushkin's prose, all but the last 25th of each" "github.com/d0rj/RusLit" "public domain" ;;
    headline-topic) meta "AG News, titles and descriptions of nine tenths of the items" "github.com/mhjabreel/CharCnn_Keras data/ag_news_csv" "non-commercial use only: not to be published" ;;
    english-french) meta "Tatoeba's pairs with at most 20 characters of English, 1,000 sentences held out" "tatoeba.org by manythings.org/anki" "CC-BY 2.0: tatoeba.org and www.manythings.org/anki" ;;
    letters) meta "texts/shakespeare-like.txt, in small letters" "this project" "MIT" ;;
    *) meta "made by scripts/pattern_examples.mjs" "this project" "MIT" ;;
  esac
}
meta() { printf '%s\n' --meta "corpus=$1" --meta "source=$2" --meta "terms=$3"; }

usage() { sed -n '3,10s/^# \{0,1\}//p' scripts/train_patterns.sh >&2; exit 2; }
row_of() { printf '%s\n' "${settings[@]}" | awk -v name="$1" '$1 == name'; }

source=${NEXTCHAR_CORPORA:-.} names=()
while [ $# -gt 0 ]; do
  case $1 in
    --source) [ $# -gt 1 ] || usage; source=$2; shift ;;
    --*) usage ;;
    *) [ -n "$(row_of "$1")" ] || usage; names+=("$1") ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(printf '%s\n' "${settings[@]}" | awk -v but="$not_shipped" '!index(but, " " $1 " ") { print $1 }')
source=$(realpath "$source")
mkdir -p "$work" weights/patterns

scripts/setup.sh compiler cmake
{ cmake -S . -B build && cmake --build build --parallel --target nextchar; } >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

train() (   # runs inside the work folder, so that the settings stored in the file name no folder of this machine
  read -r name pattern cell hidden embedding batch passes rate dropout more <<<"$(row_of "$1")"
  node scripts/pattern_examples.mjs "$name" "$work" "$source"
  cd "$work"
  target=$root/weights/patterns/$name.safetensors
  [[ $not_shipped != *" $name "* ]] || target=$work/$name.safetensors
  mapfile -t description < <(describe "$name")
  # shellcheck disable=SC2206 # $more is options that blanks part
  begin=(--pattern "$pattern" --cell "$cell" --hidden "$hidden" --embedding "$embedding" $more)
  [ ! -f "$name.float32.safetensors.checkpoint" ] || begin=(--resume)
  "$root/build/nextchar" train "$name.train.txt" --held-out "$name.held-out.txt" --output "$name.float32.safetensors" "${begin[@]}" \
    --batch "$batch" --passes "$passes" --rate "$rate" --dropout "$dropout" --keep last --force --meta "name=$name" "${description[@]}"
  if [ "$pattern" = one-to-one ]; then # a table of logarithms is exact as it is
    cp "$name.float32.safetensors" "$target"
    return
  fi
  "$root/build/nextchar" quantize "$name.float32.safetensors" --output "$name.int8.safetensors" --force
  # What was measured in float32 is measured again: the numbers in a file are those of that file.
  mapfile -t measured < <("$root/build/nextchar" score "$name.int8.safetensors" "$name.held-out.txt" --json |
    sed -E 's/.*"right":([0-9]+),.*"bitsPerLabel":([0-9.]{6}).*/--meta\nheldOut.right=\1\n--meta\nheldOut.bitsPerLabel=\2/')
  "$root/build/nextchar" quantize "$name.float32.safetensors" --output "$target" --force "${measured[@]}"
  echo "$target: $("$root/build/nextchar" score "$target" "$name.held-out.txt")"
)

for name in "${names[@]}"; do train "$name"; done
