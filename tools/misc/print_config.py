"""Print a config as it is after its bases and --cfg-options are merged.

Example:
    python tools/misc/print_config.py configs/vis/gvseg-vis_r50_8xb2-15k_youtubevis2021.py
"""
import argparse

import gvseg.quiet_imports  # noqa: F401  (first: mmdet without the noise)
from gvseg.utils.command_line import readable_errors
from gvseg.utils.config import check_parts, load_config
from mmengine.config import DictAction


def parse_arguments() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description='Print the whole config')
    parser.add_argument('config', help='config file')
    parser.add_argument('--check', action='store_true', help='also check that every part it names exists')
    parser.add_argument('--save-path', help='write it to this .py, .json or .yml file as well')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='override settings: key=value')
    return parser.parse_args()


def main() -> None:
    """Entry point."""
    arguments = parse_arguments()
    with readable_errors():
        config = load_config(arguments.config, arguments.cfg_options)
        if arguments.check:
            check_parts(config, arguments.config)
        print(config.pretty_text)
        if arguments.save_path:
            config.dump(arguments.save_path)


if __name__ == '__main__':
    main()
