#!/usr/bin/env bash
# Train with several processes, one per GPU, or on CPUs (gloo) where there is no GPU:
#   tools/dist_train.sh CONFIG PROCESSES [options of tools/train.py]
# Variables: NNODES NODE_RANK MASTER_ADDR MASTER_PORT (several machines), GVSEG_BACKEND, PYTHON.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG PROCESSES [options of tools/train.py]" >&2
    exit 2
fi
config=$1
processes=$2
shift 2
exec "$(dirname "$0")/torchrun.sh" "$processes" "$(dirname "$0")/train.py" "$config" --launcher pytorch "$@"
