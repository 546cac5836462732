#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm run notebook` runs: scripts/nextchar_notebook.py with networks of PyTorch and of Keras 3 and 2 themselves. Each makes small
# ones, which are then opened here. PyTorch is Debian's python3-torch, as its wheel wants CUDA, some gigabytes more; the others go into
# build/notebook.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh venv torch npm
scripts/build_wasm.sh

folder=build/notebook
python=$folder/venv/bin/python
[ -x $python ] || python3 -m venv $folder/venv
timeout 1800 $python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
  keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0
export TF_CPP_MIN_LOG_LEVEL=3

failed=0
for program in torch keras tf_keras; do
  case $program in
    torch) with=/usr/bin/python3 tests=Torch ;;
    keras) with=$python tests=Keras3 ;;
    tf_keras) with=$python tests=Keras2 ;;
  esac
  echo "== $program"
  timeout 600 "$with" tests/notebook_frameworks_test.py $tests || failed=1
  log=$folder/$program.log
  timeout 600 "$with" scripts/make_notebook.py $program $folder >$log 2>&1 || { tail -n 20 $log >&2; failed=1; }
done
echo "== what they have made"
NEXTCHAR_NOTEBOOK=$PWD/$folder timeout 600 node --no-concurrent-recompilation --test tests/notebook.test.mjs || failed=1
exit $failed
