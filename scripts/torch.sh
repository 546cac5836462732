#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm run torch` runs: scripts/train_torch.py by PyTorch itself, in one process and in two on loopback, beside the core.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh compiler cmake torch npm
npm run --silent build >/dev/null

folder=build/torch
mkdir -p $folder
# Debian 12's torchrun, PyTorch 1.13 on Python 3.11, begins only where it is told what to do with standard output.
run=(torchrun --redirects 1 --tee 1)
export OMP_NUM_THREADS=1

echo "== 100 updates in one process, in two, and in two of as many machines"
losses=(tests/torch_losses.py tests/golden/torch.json)
limit=(timeout --kill-after 60 600)
"${limit[@]}" /usr/bin/python3 "${losses[@]}" $folder/one.json
"${limit[@]}" "${run[@]}" --nproc_per_node 2 "${losses[@]}" $folder/two.json
port=$(/usr/bin/python3 -c 'import socket; s = socket.create_server(("localhost", 0)); print(s.getsockname()[1])') # a free one
machine=("${run[@]}" --nnodes 2 --nproc_per_node 1 --rdzv_backend c10d --rdzv_endpoint "localhost:$port")
"${limit[@]}" "${machine[@]}" "${losses[@]}" $folder/machines.json 2>$folder/other.txt & # one of the two finds the port taken, and says so
other=$!
"${limit[@]}" "${machine[@]}" "${losses[@]}" $folder/machines.json
wait $other || { cat $folder/other.txt; exit 1; }
echo "== beside the core"
NEXTCHAR_TORCH=$PWD/$folder timeout --kill-after 60 1800 node --no-concurrent-recompilation --test tests/torch.test.mjs
