#!/usr/bin/env bash
# Create a virtual environment with all requirements of GvSeg; `make venv` runs this.
#   tools/misc/make_venv.sh DIRECTORY
# Variables: PYTHON (the interpreter), TORCH_INDEX (URL of a package index to search
# for torch first, e.g. PyTorch's own for its CPU builds), MMCV_WITH_OPS=1 (compile mmcv's operators).
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=$1

fail() {
    echo "error: $*" >&2
    exit 1
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then  # named by the user: this one or none
        supported "$PYTHON" || fail "PYTHON=$PYTHON is not there, or not Python 3.10 to 3.13"
        echo "$PYTHON"
        return
    fi
    for candidate in python3.11 python3.12 python3.13 python3.10 python3; do
        if supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "GvSeg needs Python 3.10 to 3.13: install one (sudo apt install python3 python3-venv), or name it, as in" \
        "make PYTHON=/path/to/python3.11"
}

make_venv() {
    local python version
    python=$(find_python)
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        fail "Python $version has no venv module: run sudo apt install python$version-venv, then the same command again"
    fi
    echo "Making $venv with Python $version"
    "$python" -m venv "$venv"
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    make_venv
fi
pip=("$venv/bin/python" -m pip --disable-pip-version-check)
install=("${pip[@]}" install -qq --prefer-binary --constraint requirements/constraints.txt)

echo "Installing into $venv; this happens once and takes a few minutes."
echo "1/4 torch, the largest"
if [ -n "${TORCH_INDEX:-}" ]; then
    "${install[@]}" --index-url "$TORCH_INDEX" torch
fi
"${install[@]}" --requirement requirements/build.txt
echo "2/4 mmengine, mmcv, mmdet, mmseg"
# Without compiled operators, unless asked: they take minutes of C++ and GvSeg works without them.
export MMCV_WITH_OPS=${MMCV_WITH_OPS:-0}
"${install[@]}" --requirement requirements/mminstall.txt
echo "3/4 the other libraries"
"${install[@]}" --requirement requirements/runtime.txt --requirement requirements/tests.txt
# The packages below ask for opencv-python as well as opencv-python-headless; both write the folder
# cv2, and the first needs libGL and X11, which a server lacks. Whichever comes last wins.
"${install[@]}" --force-reinstall --no-deps opencv-python-headless
echo "4/4 gvseg itself"
"${install[@]}" --no-deps --editable .
"$venv/bin/python" -c 'import cv2, gvseg, mmdet.models, torch'
echo "Done: $venv"
