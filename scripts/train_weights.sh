#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# scripts/train_weights.sh [--background] [--source DIR] NAME...
#
# Makes the networks of weights/ by the project's own command: corpus -> train -> quantize -> score on text never trained on.
#   NAME           first, first-ru, shakespeare, pushkin, course, alice-words, or course-news (stays on this machine: its corpus is for non-commercial use)
#   --source DIR   where the corpora lie (default: $NEXTCHAR_CORPORA); node scripts/corpus.mjs lists the files and their sources
#   --background   goes on after you log out; progress in build/weights/NAME.log
# Running it again goes on from the last checkpoint, to the same weights as a run without a break.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/build/weights

# One line per network; `final` is the share of the rate left at the end, `drop` and `recur` the shares that are dropped of what
# a layer gives on and of its recurrent weights; the last columns say what is stored, and whose corpus it is.
#            cell hidden embed batch window passes rate  final drop recur stored  level      corpus
settings=(
"first       lstm 216    32    16    64     25     0.01  0.02  0.25 0.15  int8    characters shakespeare"
"first-ru    lstm 208    32    16    64     12     0.01  0.3   0.25 0.15  int8    characters pushkin"
"shakespeare lstm 512    64    20    64     12     0.005 0.02  0.5  0     int8    characters shakespeare"
"pushkin     lstm 512    64    20    64     8      0.005 0.3   0.4  0     int8    characters pushkin"
"course      lstm 64     0     16    100    20     0.01  0.02  0    0     float32 characters course"
"alice-words gru  128    128   8     32     10     0.003 0.02  0.6  0     int8    words      alice-words"
"course-news lstm 64     0     16    100    8      0.01  0.02  0    0     float32 characters course-news"
)
# A second training of some, on the text alone that the held-out text is like (scripts/corpus.mjs says which).
#            passes rate   final drop recur
fine_tuning=(
"first-ru    24     0.003  0.02  0.3  0.2"
"pushkin     14     0.0015 0.02  0.5  0"
)
describe() {   # CORPUS -> the corpus, its source and its terms, as metadata options
  case $1 in
    shakespeare) meta "tiny Shakespeare, all but its last 111,540 bytes" "github.com/karpathy/char-rnn data/tinyshakespeare/input.txt" "public domain" ;;
    pushkin) meta "Pushkin's prose and verse, all but the last tenth of each verse work" "github.com/d0rj/RusLit" "public domain" ;;
    course) meta "The Adventures of Sherlock Holmes and Alice's Adventures in Wonderland, all but the last twentieth of each" "books of 1892 and 1865" "public domain" ;;
    alice-words) meta "Alice's Adventures in Wonderland, all but its last tenth, as words" "a book of 1865" "public domain" ;;
    course-news) meta "AG News, all but the last tenth of the items" "github.com/mhjabreel/CharCnn_Keras data/ag_news_csv" "non-commercial use only: not to be published" ;;
  esac
}
meta() { printf '%s\n' --meta "corpus=$1" --meta "source=$2" --meta "terms=$3"; }

usage() { sed -n '3,10s/^# \{0,1\}//p' scripts/train_weights.sh >&2; exit 2; }
row_of() { printf '%s\n' "${@:2}" | awk -v name="$1" '$1 == name'; }   # NAME ROW... -> the row of that name

background=0 source=${NEXTCHAR_CORPORA:-} names=()
while [ $# -gt 0 ]; do
  case $1 in
    --background) background=1 ;;
    --source) [ $# -gt 1 ] || usage; source=$2; shift ;;
    --*) usage ;;
    *) [ -n "$(row_of "$1" "${settings[@]}")" ] || usage; names+=("$1") ;;
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
  read -r _ cell hidden embedding batch window passes rate final dropout recurrent stored level corpus <<<"$(row_of "$name" "${settings[@]}")"
  exec 9>"$work/$name.lock"
  flock -n 9 || { echo "nextchar: $name is already being trained; see $work/$name.log" >&2; exit 1; }
  node scripts/corpus.mjs "$corpus" "$source" "$work"
  cd "$work"
  mapfile -t description < <(describe "$corpus")
  last=$name.float32.safetensors first=$last
  fine=$(row_of "$name" "${fine_tuning[@]}")
  [ -z "$fine" ] || first=$name.first.safetensors
  if [ "$first" = "$last" ] || [ ! -f "$first" ]; then
    learn "$corpus.train.txt" "$first" --level "$level" --cell "$cell" --layers 1 --hidden "$hidden" --embedding "$embedding"
  fi
  if [ -n "$fine" ]; then
    description+=(--meta "train.before=$passes passes over $corpus.train.txt, rate $rate to $final of it, dropout $dropout, recurrent $recurrent, $(minutes "$first") minutes")
    read -r _ passes rate final dropout recurrent <<<"$fine"
    learn "$corpus.fine-tune.txt" "$last" --from "$first"
    rm "$first"
  fi
  store "$name" "$stored"
)

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
