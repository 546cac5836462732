#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/train_weights.sh [--background] [--source DIR] NAME...
#
# Makes the networks of weights/ by the project's own command: corpus -> train -> quantize -> score on text never trained on.
#   NAME           first, first-ru, shakespeare, pushkin, war-and-peace, tolstoy, course, alice-words,
#                  or course-news (stays on this machine: its corpus is for non-commercial use)
#   --source DIR   where the corpora lie (default: $NEXTCHAR_CORPORA); node scripts/corpus.mjs lists the files and their sources
#   --background   goes on after you log out; progress in build/weights/NAME.log
# Running it again goes on from the last checkpoint, to the same weights as a run without a break.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/weights

# One line per network: its shape, how much of the text an update reads, what is stored, and whose corpus it is.
#             cell hidden embed batch window stored  level      corpus
networks=(
"first         lstm 216    32    16    128    int8    characters shakespeare"
"first-ru      lstm 208    32    16    64     int8    characters pushkin"
"shakespeare   lstm 512    64    20    64     int8    characters shakespeare"
"pushkin       lstm 512    64    20    64     int8    characters pushkin"
"war-and-peace lstm 880    64    16    64     int8    characters war-and-peace"
"tolstoy       lstm 640    64    16    128    int8    characters tolstoy"
"course        lstm 64     0     16    100    float32 characters course"
"alice-words   gru  128    128   8     32     int8    words      alice-words"
"course-news   lstm 64     0     16    100    float32 characters course-news"
)
# The trainings of each, one after the other: over which of the corpus's texts (scripts/corpus.mjs), how often, with which rate.
# `final` is the share of the rate left at the end, `drop` and `recur` the shares dropped of what a layer gives on and of its
# recurrent weights.
#             text      passes rate   final drop recur
trainings=(
"first         train     32     0.01   0.02  0.25 0.15"
"first-ru      train     12     0.01   0.3   0.25 0.15"
"first-ru      fine-tune 24     0.003  0.02  0.3  0.2"
"shakespeare   train     12     0.005  0.02  0.5  0"
"pushkin       train     8      0.005  0.3   0.4  0"
"pushkin       fine-tune 14     0.0015 0.02  0.5  0"
"war-and-peace train     7      0.003  0.02  0.4  0.1"
"tolstoy       before    2      0.003  0.3   0.2  0"
"tolstoy       train     4      0.001  0.02  0.5  0.2"
"tolstoy       train     6      0.003  0.02  0.35 0.05"
"course        train     20     0.01   0.02  0    0"
"alice-words   train     16     0.003  0.02  0.7  0.3"
"course-news   train     8      0.01   0.02  0    0"
)
describe() {   # NAME -> the corpus, its source and its terms, as metadata options
  case $1 in
    first | shakespeare) meta "tiny Shakespeare, all but its last 111,540 bytes" "github.com/karpathy/char-rnn data/tinyshakespeare/input.txt" "public domain" ;;
    war-and-peace) meta "War and Peace, the first 80 of each 100 blocks in each of 100 streams" "github.com/MrHereward/machine_learning_sandbox warpeace_input.txt" "public domain" ;;
    tolstoy) meta "Russian prose of Pushkin, Gogol and Chekhov, then Anna Karenina, its first four fifths" "github.com/d0rj/RusLit" "public domain" ;;
    first-ru | pushkin) meta "Pushkin's prose and verse, all but the last tenth of each verse work" "github.com/d0rj/RusLit" "public domain" ;;
    course) meta "The Adventures of Sherlock Holmes and Alice's Adventures in Wonderland, all but the last twentieth of each" "books of 1892 and 1865" "public domain" ;;
    alice-words) meta "Alice's Adventures in Wonderland, all but its last tenth, as words" "a book of 1865" "public domain" ;;
    course-news) meta "AG News, all but the last tenth of the items" "github.com/mhjabreel/CharCnn_Keras data/ag_news_csv" "non-commercial use only: not to be published" ;;
  esac
}
meta() { printf '%s\n' --meta "corpus=$1" --meta "source=$2" --meta "terms=$3"; }

usage() { sed -n '3,11s/^# \{0,1\}//p' scripts/train_weights.sh >&2; exit 2; }
rows_of() { printf '%s\n' "${@:2}" | awk -v name="$1" '$1 == name'; }   # NAME ROW... -> the rows of that name

background=0 source=${NEXTCHAR_CORPORA:-} names=()
while [ $# -gt 0 ]; do
  case $1 in
    --background) background=1 ;;
    --source) [ $# -gt 1 ] || usage; source=$2; shift ;;
    --*) usage ;;
    *) [ -n "$(rows_of "$1" "${networks[@]}")" ] || usage; names+=("$1") ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] && [ -n "$source" ] || usage
source=$(realpath "$source")
mkdir -p "$work"

build() {
  scripts/setup.sh compiler cmake
  { cmake -S . -B build && cmake --build build --parallel --target nextchar; } >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
}

train() (   # runs inside the work folder, so that the settings stored in the file name no folder of this machine
  name=$1
  read -r _ cell hidden embedding batch window stored level corpus < <(rows_of "$name" "${networks[@]}")
  exec 9>"$work/$name.lock"
  flock -n 9 || { echo "nextchar: $name is already being trained; see $work/$name.log" >&2; exit 1; }
  node scripts/corpus.mjs "$corpus" "$source" "$work"
  cd "$work"
  mapfile -t description < <(describe "$name")
  mapfile -t steps < <(rows_of "$name" "${trainings[@]}")
  from=(--level "$level" --cell "$cell" --layers 1 --hidden "$hidden" --embedding "$embedding")
  for ((i = 1; i <= ${#steps[@]}; i++)); do
    read -r _ text passes rate final dropout recurrent <<<"${steps[i - 1]}"
    made=$name.$i.safetensors
    [ $i -lt ${#steps[@]} ] || made=$name.float32.safetensors
    settled "$made" "$(rows_of "$name" "${networks[@]}" "${steps[@]:0:i}")"
    [ $i -lt ${#steps[@]} ] && [ -f "$made" ] || learn "$corpus.$text.txt" "$made" "${from[@]}" || { rm -f "$made"; exit 1; }
    description+=(--meta "train.$i=$passes passes over $corpus.$text.txt, rate $rate to $final of it, dropout $dropout, recurrent $recurrent, $(minutes "$made") minutes")
    from=(--from "$made")
  done
  store "$name" "$stored"
  for ((i = 1; i < ${#steps[@]}; i++)); do rm "$name.$i.safetensors"; done
)

settled() {   # OUTPUT ROWS: what was made by other rows, or half made, is made anew
  [ "$(cat "$1.rows" 2>/dev/null)" = "$2" ] || rm -f "$1" "$1.checkpoint"
  printf '%s\n' "$2" >"$1.rows"
}

learn() {   # TEXT OUTPUT OPTION...: one training, or the rest of it if there is a checkpoint, whose network has its options
  local begin=("${@:3}")
  [ ! -f "$2.checkpoint" ] || begin=(--resume)
  "$root/build/nextchar" train "$1" --output "$2" --held-out "$corpus.held-out.txt" "${begin[@]}" --batch "$batch" --window "$window" \
    --passes "$passes" --rate "$rate" --final-rate "$final" --warmup 100 --clip 1 --dropout "$dropout" --recurrent-dropout "$recurrent" --optimizer adam --seed 1 \
    --keep last --force --checkpoint-minutes 5 --meta "name=$name" "${description[@]}"
}

store() {   # NAME float32|int8: to weights/, except what may not be published
  local made=$1.float32.safetensors target=$root/weights/$1.safetensors
  [ "$1" != course-news ] || target=$work/$1.safetensors
  if [ "$2" = int8 ]; then
    made=$1.int8.safetensors
    "$root/build/nextchar" quantize "$1.float32.safetensors" --output "$made" --force
    # What was measured in float32 is measured again: the number in a file is the number of that file.
    "$root/build/nextchar" quantize "$1.float32.safetensors" --output "$made" --force --meta "$(measured "$1" "$made")" --meta "heldOut.perplexity=$(perplexity "$1" "$made")"
  fi
  cp "$made" "$target"
  echo "$target: $("$root/build/nextchar" score "$made" "$corpus.held-out.txt")"
}
minutes() { "$root/build/nextchar" inspect "$1" | sed -n 's/^train.minutes: //p'; }
# heldOut.bitsPerCharacter=2.0916, or for words heldOut.bitsPerToken; and their perplexity (of characters: nothing).
measured() { "$root/build/nextchar" score "$2" "$corpus.held-out.txt" --json | sed 's/.*"\(bitsPer[A-Za-z]*\)":\([0-9]*\.[0-9]\{4\}\).*/heldOut.\1=\2/'; }
perplexity() { "$root/build/nextchar" score "$2" "$corpus.held-out.txt" --json | sed -n 's/.*"perplexity":\([0-9]*\.[0-9][0-9]\).*/\1/p'; }

build
set -m   # each training in the background gets a process group of its own
for name in "${names[@]}"; do
  if [ $background = 1 ]; then
    (trap '' HUP; train "$name") >>"$work/$name.log" 2>&1 </dev/null &
    echo "$name: progress in build/weights/$name.log; kill -TERM -- -$! stops it with a checkpoint"
  else
    train "$name"
  fi
done
