#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `npm run notebook` runs: scripts/nextchar_notebook.py with networks of PyTorch and of Keras 3 and 2 themselves. Each makes small
# ones, which are then opened here; and in a real Jupyter server the page is shown under a cell. PyTorch is Debian's python3-torch, as its
# wheel wants CUDA, some gigabytes more; the others go into build/notebook.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh venv torch npm browser
scripts/build_wasm.sh

folder=build/notebook
python=$folder/venv/bin/python
mkdir -p $folder
node scripts/build_onefile.mjs $folder/nextchar.html
[ -x $python ] || python3 -m venv $folder/venv
pip="timeout 1800 $python -m pip --quiet --disable-pip-version-check"
$pip install --only-binary :all: keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 jupyterlab==4.6.6 notebook==7.6.5 ipykernel==7.4.0
# A kernel that has Debian's PyTorch.
[ -x $folder/torch/bin/python ] || /usr/bin/python3 -m venv --system-site-packages --without-pip $folder/torch
$pip --python $folder/torch/bin/python install --only-binary :all: ipykernel==7.4.0
export NEXTCHAR_NOTEBOOK=$PWD/$folder TF_CPP_MIN_LOG_LEVEL=3

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
timeout 600 node --no-concurrent-recompilation --test tests/notebook.test.mjs || failed=1
echo "== in Jupyter"
timeout 1200 node --no-concurrent-recompilation --test tests/browser/jupyter.mjs || failed=1
exit $failed
