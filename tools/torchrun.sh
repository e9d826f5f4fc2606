#!/usr/bin/env bash
# Start a script in several processes; dist_train.sh and dist_test.sh go through here:
#   tools/torchrun.sh PROCESSES SCRIPT [arguments]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
processes=$1
shift
if [ -z "${PYTHON:-}" ]; then
    PYTHON=python
    if [ -z "${VIRTUAL_ENV:-}" ] && [ -x "$root/.venv/bin/python" ]; then
        PYTHON=$root/.venv/bin/python
    fi
fi
if [ -z "${MASTER_PORT:-}" ]; then
    if [ "${NNODES:-1}" != 1 ]; then
        echo "error: set MASTER_PORT to the same free port on all $NNODES machines" >&2
        exit 2
    fi
    MASTER_PORT=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
fi
export PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
exec "$PYTHON" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$processes" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="$MASTER_PORT" "$@"
