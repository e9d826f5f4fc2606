"""Web demo: upload a clip, prompt objects, view the segmentation.

Example:
    python -m projects.web_demo.app
"""

import argparse
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point
from gvseg.utils.errors import InputError

from .limits import Limits

REPOSITORY = Path(__file__).resolve().parents[2]
LOOPBACK = ('127.0.0.1', 'localhost')


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--host',
        default=LOOPBACK[0],
        help='address to listen on; the default serves this computer only, 0.0.0.0 serves '
        'all networks, unencrypted and without a password',
    )
    parser.add_argument('--port', type=int, default=7860)
    parser.add_argument('--device', default='cpu', help='for example cuda:0')
    parser.add_argument(
        '--model',
        action='append',
        default=[],
        metavar='NAME',
        help='also offer public weights (gvseg segment --list-models), fetched before serving, or a checkpoint or work '
        'directory of training; may be repeated',
    )
    limits = Limits()
    for name, text in (
        ('megabytes', 'size of an uploaded file'),
        ('frames', 'length of a clip; the rest is left out'),
        ('side', 'longer side of a frame in pixels; larger frames are shrunk'),
        ('objects', 'prompted objects of a clip'),
        ('sessions', 'open sessions'),
        ('jobs', 'runs, and previews, at the same time'),
        ('waiting', 'queued runs'),
    ):
        parser.add_argument(
            f'--max-{name}',
            type=positive,
            default=getattr(limits, name),
            metavar='N',
            help=f'limit: {text} (default %(default)s)',
        )
    parser.add_argument(
        '--idle-minutes',
        type=float,
        default=limits.idle_minutes,
        metavar='N',
        help='close a session after this idle time (default %(default)g)',
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
    """Serve until interrupted; all files are removed then.

    Raises:
        InputError: A library or weights are missing, or the device does not exist.
    """
    try:
        import uvicorn

        from .demo import Demo
        from .jobs import JobQueue
        from .models import SegmenterPool, added_models, offered_models
        from .routes import create_app
        from .sessions import SessionStore
    except ImportError as error:
        raise InputError(
            f'The page needs {error.name}: run "pip install -r projects/web_demo/requirements.txt" in '
            'the environment of GvSeg.'
        ) from error
    from gvseg.utils.devices import check_device

    check_device(arguments.device)
    limits, models = limits_of(arguments), {**offered_models(REPOSITORY), **added_models(arguments.model)}
    # After its shutdown uvicorn raises the signal again, which would kill the process before its folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix='gvseg-web-', ignore_cleanup_errors=True) as root:
        demo = Demo(
            Path(root) / 'examples',
            SessionStore(Path(root) / 'sessions', limits),
            JobQueue(SegmenterPool(arguments.device), limits.jobs, limits.waiting),
            models,
            limits,
        )
        threading.Thread(target=demo.warm_up, daemon=True).start()
        app = create_app(demo, LOOPBACK if arguments.host in LOOPBACK else ('*',))
        sys.stderr.write(f'Open http://{arguments.host}:{arguments.port} in a browser; Ctrl+C ends the service.\n')
        # No access log: addresses hold the tokens of sessions.
        uvicorn.run(app, host=arguments.host, port=arguments.port, log_level='warning', access_log=False)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    serve(arguments)


if __name__ == '__main__':
    sys.exit(main())
