#!/usr/bin/env bash
# What has to be seen on a GPU, in one run without a network: tools/benchmarks/gpu_check.sh OUT.json [--quick]
# Needs what the project needs, importable by $PYTHON (python3 by default). A compiled mmcv is not needed; deformops is
# used where it is installed. The results of every step go into the JSON as soon as it is done, and errors of those that fail.
set -u
cd "$(dirname "$0")/../.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
exec "${PYTHON:-python3}" tools/benchmarks/gpu_check.py "$@"
