#!/usr/bin/env bash
# All GPU checks in one run, without a network: tools/benchmarks/gpu_check.sh OUT.json [--quick]
# Needs the requirements of the project in $PYTHON (python3 by default). A compiled mmcv is not needed; deformops is used
# if it is installed. Results and errors of every step are written to the JSON as soon as it ends.
set -u
cd "$(dirname "$0")/../.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
exec "${PYTHON:-python3}" tools/benchmarks/gpu_check.py "$@"
