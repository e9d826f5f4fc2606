"""HTTP routes: JSON, images and files, each under the token of its session."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gvseg.formats.errors import one_line
from gvseg.utils.errors import InputError

from .bodies import StalledError, TooLargeError, read_json, write_body
from .clips import EXAMPLES, SUFFIXES, check_content, check_name, open_clip, write_example
from .guards import Guard
from .limits import Limits
from .segmenting import TASKS, Job, JobQueue, ModelChoice
from .sessions import BusyError, Session, SessionStore, UnknownSessionError

STATIC = Path(__file__).parent / 'static'
SECONDS_BETWEEN_SWEEPS = 20
STATUS = {UnknownSessionError: 410, BusyError: 503, TooLargeError: 413, StalledError: 408}


@dataclass
class Demo:
    """The parts of the service.

    Attributes:
        root: folder for examples; ``store`` has the folders of sessions.
        store: open sessions.
        jobs: queue of runs.
        models: available models by key.
        limits: limits of the service.
    """

    root: Path
    store: SessionStore
    jobs: JobQueue
    models: dict[str, ModelChoice]
    limits: Limits

    def __post_init__(self) -> None:
        self.reading = asyncio.Semaphore(2)  # clips read at the same time

    def session(self, request: Request) -> Session:
        """Session of a request's token."""
        return self.store.get(request.path_params['token'])

    async def create(self, request: Request) -> Response:
        """Open a session and return the available models and examples."""
        models = [
            dict(
                key=model.key,
                task=model.task,
                title=model.title,
                note=model.note,
                real=model.real,
                takes_objects=model.takes_objects,
            )
            for model in self.models.values()
        ]
        return JSONResponse(
            dict(
                token=self.store.create(),
                tasks=TASKS,
                models=models,
                examples=list(EXAMPLES),
                suffixes=SUFFIXES,
                limits=asdict(self.limits),
            )
        )

    async def close(self, request: Request) -> Response:
        """Close the session."""
        await run_in_threadpool(self.store.close, request.path_params['token'])
        return JSONResponse({})

    async def state(self, request: Request) -> Response:
        """Return the current state."""
        return JSONResponse(self._state(self.session(request)))

    async def upload(self, request: Request) -> Response:
        """Upload a clip as the body of the request."""
        session, name = self.session(request), Path(request.query_params.get('name', '')).name
        check_name(name)
        with session.changing_clip():
            folder = session.new_folder('clip')
            folder.mkdir()
            path = folder / ('clip' + Path(name).suffix.lower())
            with _removed_on_error(folder):
                await write_body(request, path, name, self.limits.megabytes)
                check_content(path, name)
                await self._open(session, path, name, folder)
        return JSONResponse(self._state(session))

    async def example(self, request: Request) -> Response:
        """Open an example."""
        session, name = self.session(request), request.path_params['name']
        with session.changing_clip():
            async with self.reading:
                path = await run_in_threadpool(write_example, self.root, name)
            folder = session.new_folder('clip')
            with _removed_on_error(folder):
                await self._open(session, path, name, folder)
        return JSONResponse(self._state(session))

    async def draw(self, request: Request) -> Response:
        """Add a drawing."""
        session, body = self.session(request), await read_json(request)
        if session.drawn is None:
            raise InputError('Choose a clip first.')
        try:
            session.drawn.add(**body)
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError) as error:  # values of other types, refused by numpy
            raise InputError(f'This is not a drawing: {one_line(error)}.') from error
        return JSONResponse(self._state(session))

    async def undo(self, request: Request) -> Response:
        """Remove the last drawing, or all."""
        session = self.session(request)
        if session.drawn is not None:
            (session.drawn.clear if request.path_params['what'] == 'clear' else session.drawn.undo)()
        return JSONResponse(self._state(session))

    async def run(self, request: Request) -> Response:
        """Start a run."""
        session, key = self.session(request), request.path_params['model']
        if key not in self.models:
            raise InputError(f'There is no model {key!r}; there are {", ".join(self.models)}.')
        self.jobs.submit(session, self.models[key])
        return JSONResponse(self._state(session))

    async def stop(self, request: Request) -> Response:
        """Stop the run; finished frames are kept."""
        session = self.session(request)
        if session.job is not None:
            session.job.stop.set()
        return JSONResponse(self._state(session))

    async def picture(self, request: Request) -> Response:
        """A frame of the clip."""
        session = self.session(request)
        return _file(session.clip and session.clip.pictures / f'{request.path_params["index"]}.jpg')

    async def result_picture(self, request: Request) -> Response:
        """A frame of the result."""
        job = self.session(request).job
        return _file(job and job.folder / f'{request.path_params["index"]}.jpg')

    async def result_file(self, request: Request) -> Response:
        """The video or the masks of a result."""
        job, name = self.session(request).job, request.path_params['name']
        known = name in ('result.mp4', 'masks.zip') and job and not job.active
        return _file(job.folder / name if known else None, f'gvseg-{job.model.task}-{name}' if known else None)

    async def _open(self, session: Session, path: Path, name: str, folder: Path) -> None:
        async with self.reading:
            clip = await run_in_threadpool(open_clip, path, name, folder / 'pictures', self.limits)
        session.use(clip)

    def _state(self, session: Session) -> dict:
        clip, job = session.clip, session.job
        return dict(
            clip=clip
            and dict(
                name=clip.name,
                length=clip.length,
                height=clip.size[0],
                width=clip.size[1],
                fps=clip.fps,
                damaged=clip.damaged,
                cut=clip.cut,
                version=clip.pictures.parent.name,
            ),
            drawings=[drawing.as_json() for drawing in session.drawn.drawings] if session.drawn else [],
            job=job and self._job_state(job),
        )

    def _job_state(self, job: Job) -> dict:
        return dict(
            version=job.folder.name,
            model=job.model.key,
            state=job.state,
            done=job.done,
            total=job.total,
            error=job.error,
            seconds=job.seconds(),
            ahead=self.jobs.ahead(job),
            segments=list(job.segments),
        )


@contextmanager
def _removed_on_error(folder: Path) -> Iterator[None]:
    """Remove the files of a clip that is refused or whose upload fails."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _file(path: Path | None, download: str | None = None) -> Response:
    if path is None or not path.is_file():
        return JSONResponse(dict(error='There is no such file (yet).'), 404)
    return FileResponse(path, filename=download, content_disposition_type='inline')


def _answer(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: user errors become error responses."""

    async def answer(request: Request) -> Response:
        try:
            response = await handler(request)
        except InputError as error:
            response = JSONResponse(dict(error=str(error)), STATUS.get(type(error), 400))
        except ClientDisconnect:
            response = Response(status_code=499)
        return response

    return answer


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / 'index.html')


async def _mistake(request: Request, error: Exception) -> Response:
    """Response to an internal error; the server logs the traceback."""
    return JSONResponse(dict(error='Internal server error; see the log of the server.'), 500)


def create_app(demo: Demo, hosts: tuple[str, ...] = ('127.0.0.1', 'localhost')) -> Guard:
    """Create the application.

    Args:
        demo: parts of the service; sessions and jobs are closed when the server stops.
        hosts: allowed host names; others are refused (DNS rebinding).
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(demo.store))
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        demo.store.close_all()
        await run_in_threadpool(demo.jobs.close)

    one = '/api/sessions/{token}'
    routes = [
        ('/', _page, 'GET'),
        ('/api/sessions', demo.create, 'POST'),
        (one, demo.state, 'GET'),
        (f'{one}/close', demo.close, 'POST'),
        (f'{one}/clip', demo.upload, 'POST'),
        (f'{one}/examples/{{name}}', demo.example, 'POST'),
        (f'{one}/drawings', demo.draw, 'POST'),
        (f'{one}/drawings/{{what}}', demo.undo, 'POST'),
        (f'{one}/run/{{model}}', demo.run, 'POST'),
        (f'{one}/stop', demo.stop, 'POST'),
        (f'{one}/frames/{{index:int}}.jpg', demo.picture, 'GET'),
        (f'{one}/result/{{index:int}}.jpg', demo.result_picture, 'GET'),
        (f'{one}/result/{{name}}', demo.result_file, 'GET'),
    ]
    app = Starlette(
        routes=[Route(path, _answer(handler), methods=[method]) for path, handler, method in routes]
        + [Mount('/static', StaticFiles(directory=STATIC))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        lifespan=lifespan,
        exception_handlers={Exception: _mistake},
    )
    return Guard(app)


async def _sweep(store: SessionStore) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)
        await run_in_threadpool(store.sweep)
