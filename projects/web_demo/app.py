"""The web page: upload a clip, point at things, watch it segmented.

Example:
    python -m projects.web_demo.app
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

import gvseg  # noqa: F401  (before mmdet: checks versions, stands in for mmcv's missing operators)
from gvseg.entry import readable_errors
from gvseg.utils.devices import check_device
from gvseg.utils.errors import InputError

from .limits import Limits
from .segmenting import JobQueue, SegmenterPool, offered_models
from .sessions import SessionStore

REPOSITORY = Path(__file__).resolve().parents[2]
LOOPBACK = ('127.0.0.1', 'localhost')


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--host',
        default=LOOPBACK[0],
        help='address to listen at; the default is reachable from this computer only, 0.0.0.0 is '
        'reachable from everywhere, unencrypted and without a password',
    )
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    limits = Limits()
    for name, text in (
        ('megabytes', 'size of an uploaded file'),
        ('frames', 'length of a clip'),
        ('side', 'longer side of a frame in pixels'),
        ('objects', 'objects shown in a clip'),
        ('sessions', 'open pages'),
        ('jobs', 'runs at the same time'),
        ('waiting', 'runs waiting for those'),
    ):
        parser.add_argument(
            f'--max-{name}',
            type=positive,
            default=getattr(limits, name),
            metavar='N',
            help=f'most of: {text} (default %(default)s)',
        )
    parser.add_argument(
        '--idle-minutes',
        type=float,
        default=limits.idle_minutes,
        metavar='N',
        help='close a page not heard of for so long (default %(default)g)',
    )
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is less than 1')
    return value


def limits_of(arguments: argparse.Namespace) -> Limits:
    """The limits given on the command line."""
    names = ('megabytes', 'frames', 'side', 'objects', 'sessions', 'jobs', 'waiting')
    return Limits(idle_minutes=arguments.idle_minutes, **{name: getattr(arguments, f'max_{name}') for name in names})


def serve(arguments: argparse.Namespace) -> None:
    """Serve until interrupted; then all files are gone.

    Raises:
        InputError: a library or weights are missing, or there is no such device.
    """
    try:
        import uvicorn

        from .routes import Demo, create_app
    except ImportError as error:
        raise InputError(
            f'The page needs {error.name}: run "pip install -r projects/web_demo/requirements.txt" in '
            'the environment of GvSeg.'
        ) from error
    check_device(arguments.device)
    limits, models = limits_of(arguments), offered_models(REPOSITORY)
    # After its own clean end uvicorn passes the signal on, which would kill the process before its folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix='gvseg-web-', ignore_cleanup_errors=True) as root:
        demo = Demo(
            Path(root) / 'examples',
            SessionStore(Path(root) / 'sessions', limits),
            JobQueue(SegmenterPool(arguments.device), limits.jobs, limits.waiting),
            models,
            limits,
        )
        app = create_app(demo, LOOPBACK if arguments.host in LOOPBACK else ('*',))
        sys.stderr.write(f'Open http://{arguments.host}:{arguments.port} in a browser; Ctrl+C ends the service.\n')
        # No access log: addresses hold the tokens of sessions.
        uvicorn.run(app, host=arguments.host, port=arguments.port, log_level='warning', access_log=False)


def main() -> None:
    """Entry point."""
    arguments = parse_arguments()
    with readable_errors():
        serve(arguments)


if __name__ == '__main__':
    main()
