"""``--task``, or ``--config`` and ``--checkpoint``: the model that a tool looks at."""

import argparse
from collections.abc import Sequence


def add_model_choice(parser: argparse.ArgumentParser, random_weights: bool = False) -> None:
    """The three options.

    Args:
        parser: of the tool.
        random_weights: a config without a checkpoint gets random ones.
    """
    tasks = '' if random_weights else ': vis, vss or vps'
    parser.add_argument('--task', help=f'use the shipped model of this task{tasks}')
    parser.add_argument('--config', help='config file, instead of --task')
    parser.add_argument('--checkpoint', help='its weights; random ones by default' if random_weights else 'its weights')
    parser.set_defaults(random_weights=random_weights)


def parse_model_choice(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; a line of error unless exactly one model is chosen."""
    parsed = parser.parse_args(arguments)
    complete = parsed.checkpoint or parsed.random_weights if parsed.config else not parsed.checkpoint
    if bool(parsed.task) == bool(parsed.config) or not complete:
        weights = '--config' if parsed.random_weights else 'both --config and --checkpoint'
        parser.error(f'give either --task or {weights}')
    return parsed


def chosen_model(arguments: argparse.Namespace) -> tuple[str, str | None]:
    """Config and weights."""
    from gvseg.apis import shipped_model

    return shipped_model(arguments.task) if arguments.task else (arguments.config, arguments.checkpoint)
