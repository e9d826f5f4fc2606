#!/usr/bin/env bash
# Test GvSeg with the classic OpenMMLab packages (requirements/classic.txt); `make test-classic` runs this.
#   tools/misc/test_classic.sh DIRECTORY_OF_THE_VENV
# Variables: PYTHON (a Python 3.10), TORCH_INDEX (URL of a package index to search for torch first, e.g. PyTorch's own
# for its CPU builds, which are smaller), BUILD_SECONDS (time limit of building the environment; beyond it a message
# and exit status 0; unset: no limit), ARGS (more arguments for pytest).
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=$1
export OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES=-1 PYTHONPATH=$PWD

build() {
    local python=${PYTHON:-} tested=requirements/classic_tested.txt install candidate
    for candidate in python3.10 "$HOME"/.pyenv/versions/3.10.*/bin/python3.10; do
        [ -n "$python" ] || ! "$candidate" -V >/dev/null 2>&1 || python=$candidate
    done
    install=("$venv/bin/python" -m pip --disable-pip-version-check install -qq --prefer-binary)
    "${python:-python3.10}" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' || return
    if [ "$(df -Pk . | awk 'NR == 2 {print $4}')" -lt 8000000 ]; then
        echo "less than 8 GB of disk are free" >&2
        return 1
    fi
    "$python" -m venv "$venv" && "${install[@]}" wheel "setuptools<81" || return
    if [ -n "${TORCH_INDEX:-}" ]; then
        "${install[@]}" --index-url "$TORCH_INDEX" "$(grep '^torch==' $tested)" || return
    fi
    MMCV_WITH_OPS=0 "${install[@]}" --requirement requirements/classic.txt --requirement $tested &&
        touch "$venv/.classic-installed"
}

if [ ! -e "$venv/.classic-installed" ]; then
    export -f build
    export venv
    if ! timeout "${BUILD_SECONDS:-0}" bash -c build; then
        echo "test-classic skipped: no environment of the classic line (Python 3.10, torch 2.1) could be built here" \
            "${BUILD_SECONDS:+within $BUILD_SECONDS s}"
        [ -n "${BUILD_SECONDS:-}" ]
        exit
    fi
fi

python=$venv/bin/python
"$python" -c 'import torch, mmengine, mmcv, mmdet, mmseg, numpy
print("classic line:", *(f"{m.__name__} {m.__version__}" for m in (torch, mmengine, mmcv, mmdet, mmseg, numpy)))' | tail -1
"$python" -m pytest -q tests/core tests/models tests/utils/test_checkpoint.py tests/utils/test_checkpoint_loader.py ${ARGS:-}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
data=$folder/train/vipseg
config=configs/vps/gvseg-vps_tiny_1xb2-8k_moving-shapes.py
"$python" tools/dataset_converters/moving_shapes.py --out "$folder" --split train --videos 4 --frames 9 >/dev/null
options=(train_cfg.max_iters=20 train_cfg.val_interval=100 default_hooks.checkpoint.interval=10)
for part in train val test; do
    options+=("${part}_dataloader.num_workers=0" "${part}_dataloader.persistent_workers=False"
        "${part}_dataloader.dataset.data_root=$data")
done
for part in val test; do
    options+=("${part}_evaluator.ann_file=$data/panoptic_gt.json" "${part}_evaluator.seg_prefix=$data/panomasksRGB")
done
run() {
    local name=$1
    shift
    if ! "$python" "$@" --cfg-options "${options[@]}" >"$folder/log" 2>&1; then
        tail -20 "$folder/log" >&2
        echo "classic line: $name failed" >&2
        exit 1
    fi
    echo "classic line: $name passed"
}
run "20 iterations" tools/train.py $config --work-dir "$folder/run"
run "test of its checkpoint" tools/test.py $config "$folder/run/iter_20.pth" --work-dir "$folder/test"
rm "$folder/run/iter_20.pth"
run "resuming" tools/train.py $config --work-dir "$folder/run" --resume
[ -e "$folder/run/iter_20.pth" ]
"$python" tests/openmmlab_day.py >"$folder/log" 2>&1 || { tail -20 "$folder/log" >&2; exit 1; }
echo "classic line: an OpenMMLab user's day passed"
