"""Test a checkpoint: predict every clip of the test data and print the metrics.

Example:
    python tools/test.py configs/vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py weights/gvseg-vss_tiny_moving-shapes.pth
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gvseg.entry import entry_point
from gvseg.formats.files import write_text
from gvseg.formats.json_files import nan_to_none
from gvseg.utils.command_line import add_common_options, prepare
from gvseg.utils.errors import ConfigError
from gvseg.utils.work_dir import prepare_work_dir

if TYPE_CHECKING:
    from mmengine.config import Config


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line; names and meanings are those of the OpenMMLab tools."""
    parser = argparse.ArgumentParser(description='Test a checkpoint')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', help='write all predictions to this .pkl file, or the metrics to this .json file')
    parser.add_argument('--show-dir', help='write frames with drawn results to this directory')
    parser.add_argument('--show', action='store_true', help='show every frame with its result in a window')
    parser.add_argument(
        '--wait-time',
        type=float,
        default=2.0,
        metavar='SECONDS',
        help='seconds that --show displays a frame; 0: until the space bar is pressed',
    )
    parser.add_argument(
        '--tta', action='store_true', help='test-time augmentation: average the predictions over the views of tta_model'
    )
    parser.add_argument(
        '--amp',
        nargs='?',
        const='auto',
        choices=['auto', 'float16', 'bfloat16'],
        help='autocast of the network; default type: float16 on CUDA and bfloat16 elsewhere',
    )
    parser.add_argument('--compile', action='store_true', help='compile backbone and pixel decoder')
    parser.add_argument('--channels-last', action='store_true', help='backbone with channels last')
    add_common_options(parser)
    return parser.parse_args(arguments)


def apply_options(config: Config, arguments: argparse.Namespace) -> None:
    """Apply the test options to the config.

    Raises:
        ConfigError: ``--out`` has an unknown suffix or is a folder, or ``--show-dir`` lacks a visualization hook,
            ``--show`` a display, or ``--tta`` a model.
    """
    config.load_from, config.resume = arguments.checkpoint, False
    if arguments.out:
        if not arguments.out.endswith(('.pkl', '.pickle', '.json')):
            raise ConfigError(f'--out {arguments.out}: the file must end in .pkl (predictions) or .json (metrics).')
        if os.path.isdir(arguments.out):
            raise ConfigError(f'--out {arguments.out} is a folder: give the file to write.')
        prepare_work_dir(os.path.dirname(arguments.out) or '.')
    if arguments.show_dir:
        hook = config.get('default_hooks', {}).get('visualization')
        if hook is None:
            raise ConfigError('--show-dir needs default_hooks.visualization in the config.')
        prepare_work_dir(arguments.show_dir)
        hook.update(draw=True, test_out_dir=os.path.abspath(arguments.show_dir))
    if arguments.show:
        from gvseg.visualization import window_backend  # imports mmdet, so the cheaper checks come first

        window_backend()
        live = dict(type='LiveViewHook', wait_time=arguments.wait_time)
        config.custom_hooks = [*config.get('custom_hooks', []), live]
    if arguments.amp:
        from gvseg.utils.precision import default_half_precision

        config.model.test_dtype = default_half_precision() if arguments.amp == 'auto' else arguments.amp
    if arguments.tta:
        if 'tta_model' not in config:
            raise ConfigError('--tta needs tta_model in the config; configs/default_runtime.py has one.')
        config.model.update(config.tta_model)


def write_metrics(metrics: dict[str, Any], path: str) -> None:
    """Write the metrics as JSON atomically; undefined values are null.

    Args:
        metrics (dict): Name to number.
        path (str): The file.
    """
    numbers = nan_to_none({name: float(value) for name, value in metrics.items()})
    write_text(path, json.dumps(numbers, indent=2, allow_nan=False))


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from mmengine.dist import is_main_process
    from mmengine.registry import RUNNERS
    from mmengine.runner import Runner

    from gvseg.evaluation.metrics import DumpVideoResults
    from gvseg.utils.checkpoint import check_fits, read_state
    from gvseg.utils.distributed import closed_process_group

    with closed_process_group():
        weights = read_state(arguments.checkpoint)
        config = prepare(arguments)
        apply_options(config, arguments)
        runner = RUNNERS.build(config) if 'runner_type' in config else Runner.from_cfg(config)
        check_fits(getattr(runner.model, 'module', runner.model), weights, arguments.checkpoint)
        del weights
        model = getattr(runner.model, 'module', runner.model)
        if arguments.channels_last:
            model.use_channels_last()
        if arguments.compile:
            model.compile_network()
        if arguments.out and not arguments.out.endswith('.json'):
            runner.test_evaluator.metrics.append(DumpVideoResults(out_file_path=arguments.out))
        metrics = runner.test()
        if arguments.out and arguments.out.endswith('.json') and is_main_process():
            write_metrics(metrics, arguments.out)


if __name__ == '__main__':
    sys.exit(main())
