#!/usr/bin/env bash
# Test with several processes, one per GPU, or on CPUs (gloo) where there is no GPU:
#   tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [options of tools/test.py]
# Variables: NNODES NODE_RANK MASTER_ADDR MASTER_PORT (several machines), GVSEG_BACKEND, PYTHON.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 CONFIG CHECKPOINT PROCESSES [options of tools/test.py]" >&2
    exit 2
fi
config=$1
checkpoint=$2
processes=$3
shift 3
exec "$(dirname "$0")/torchrun.sh" "$processes" "$(dirname "$0")/test.py" "$config" "$checkpoint" \
    --launcher pytorch "$@"
