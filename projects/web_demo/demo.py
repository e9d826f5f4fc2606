"""What the page asks of the server: each method answers one request."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from gvseg.formats.errors import one_line
from gvseg.utils.errors import InputError

from .bodies import read_json, write_body
from .clips import SUFFIXES, check_content, check_name, open_clip
from .examples import EXAMPLES, example_path, find_example
from .exports import EXPORTS
from .jobs import JobQueue
from .limits import Limits
from .models import TASKS, ModelChoice
from .prompts import PromptHistory
from .results import mask_picture
from .sessions import Session, SessionStore
from .state import state_of

HISTORY_STEPS = dict(undo=PromptHistory.undo, redo=PromptHistory.redo, clear=PromptHistory.clear)


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
        self.reading = asyncio.Semaphore(2)  # clips read, and files written, at the same time
        self.previewing = asyncio.Semaphore(self.limits.jobs)

    def warm_up(self) -> None:
        """Load the model of real video before the first user asks for it."""
        model = next((one for one in self.models.values() if one.real and one.takes_objects), None)
        if model is not None:
            with self.jobs.pool.borrow(model):
                pass

    def session(self, request: Request) -> Session:
        """Session of a request's token."""
        return self.store.get(request.path_params['token'])

    def model(self, key: object) -> ModelChoice:
        """The model of a key.

        Raises:
            InputError: there is none.
        """
        if not isinstance(key, str) or key not in self.models:
            raise InputError(f'There is no model {key!r}; there are {", ".join(self.models)}.')
        return self.models[key]

    # ---- Sessions and clips

    async def create(self, request: Request) -> Response:
        """Open a session and return the available models, examples and files."""
        shown = ('key', 'task', 'title', 'note', 'real', 'takes_objects')
        return JSONResponse(
            dict(
                token=self.store.create(),
                tasks=TASKS,
                models=[{name: getattr(model, name) for name in shown} for model in self.models.values()],
                examples=[dict(name=one.name, real=one.real, credit=one.credit) for one in EXAMPLES.values()],
                exports=[dict(kind=kind, title=one.title) for kind, one in EXPORTS.items()],
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
        return self._state(self.session(request))

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
        return self._state(session)

    async def example(self, request: Request) -> Response:
        """Open an example."""
        session, example = self.session(request), find_example(request.path_params['name'])
        with session.changing_clip():
            async with self.reading:
                path = await run_in_threadpool(example_path, example, self.root)
            folder = session.new_folder('clip')
            with _removed_on_error(folder):
                await self._open(session, path, example.name, folder, example.credit)
        return self._state(session)

    async def trim(self, request: Request) -> Response:
        """Choose the part of the clip that is segmented."""
        session, body = self.session(request), await read_json(request)
        session.check_free()
        await run_in_threadpool(session.workspace.trim, body.get('first'), body.get('last'))
        return self._state(session)

    async def _open(self, session: Session, path: Path, name: str, folder: Path, credit: str = '') -> None:
        async with self.reading:
            clip = await run_in_threadpool(open_clip, path, name, folder / 'pictures', self.limits, credit)
        await run_in_threadpool(session.use, clip)

    # ---- Prompts

    async def add_prompt(self, request: Request) -> Response:
        """Add a prompt; ``model`` is that of the mask that a stroke extends."""
        session, body = self.session(request), await read_json(request)
        model = self.model(body.pop('model', None))
        body.pop('base', None)
        if body.get('kind') == 'brush':
            body['base'] = session.workspace.mask_of(model, body.get('object_id'), body.get('frame'))
        return await self._change(session, lambda history: history.add(**body))

    async def step(self, request: Request) -> Response:
        """Undo or redo a change of the prompts, or delete all objects."""
        step = request.path_params['step']
        if step not in HISTORY_STEPS:
            raise InputError(f'There is no step {step!r}; there are {", ".join(HISTORY_STEPS)}.')
        return await self._change(self.session(request), HISTORY_STEPS[step])

    async def rename(self, request: Request) -> Response:
        """Name an object."""
        session, body = self.session(request), await read_json(request)
        number = request.path_params['object_id']
        return await self._change(session, lambda history: history.rename(number, body.get('name')))

    async def delete(self, request: Request) -> Response:
        """Delete an object."""
        number = request.path_params['object_id']
        return await self._change(self.session(request), lambda history: history.delete(number))

    async def _change(self, session: Session, action: Callable[[PromptHistory], object]) -> Response:
        session.check_free()
        try:
            await run_in_threadpool(session.workspace.change, action)
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError) as error:  # values of other types, refused by numpy
            raise InputError(f'This is not a prompt: {one_line(error)}.') from error
        return self._state(session)

    # ---- Runs

    async def run(self, request: Request) -> Response:
        """Start a run."""
        session, model = self.session(request), self.model(request.path_params['model'])
        self.jobs.submit(session, model, request.query_params.get('direction', 'forward'))
        return self._state(session)

    async def stop(self, request: Request) -> Response:
        """Stop the run; finished frames are kept."""
        session = self.session(request)
        if session.job is not None:
            session.job.stop.set()
        return self._state(session)

    async def prepare(self, request: Request) -> Response:
        """Load a model and read the frames for it, so that the first preview is fast."""
        session, model = self.session(request), self.model(request.path_params['model'])
        session.check_free()
        work = session.workspace
        with session.working():
            async with self.previewing:
                await run_in_threadpool(work.prepare, model, self.jobs.pool)
        return JSONResponse({})

    # ---- Pictures and files

    async def picture(self, request: Request) -> Response:
        """A frame of the clip."""
        work = self.session(request).work
        return _file(work and work.clip.pictures / f'{request.path_params["index"]}.jpg')

    async def masks(self, request: Request) -> Response:
        """Masks of a frame as a transparent PNG; a frame with new prompts is segmented first."""
        session, model = self.session(request), self.model(request.path_params['model'])
        work, frame, headers = session.workspace, request.path_params['index'], {}
        active = session.job is not None and session.job.active
        if work.needs_preview(model, frame) and not active:
            with session.working():
                async with self.previewing:
                    begin = time.perf_counter()
                    await run_in_threadpool(work.preview, model, frame, self.jobs.pool)
                    headers['Server-Timing'] = f'preview;dur={1000 * (time.perf_counter() - begin):.0f}'
        result = work.shown(model, frame)
        if result is None:
            return Response(status_code=204)
        return Response(await run_in_threadpool(mask_picture, result), media_type='image/png', headers=headers)

    async def export(self, request: Request) -> Response:
        """Write a file of the result; ``download`` sends it."""
        session, model, kind = self.session(request), self.model(request.path_params['model']), self._kind(request)
        session.check_free()
        folder = self._exports(session, model)
        with session.working():
            async with self.reading:
                await run_in_threadpool(session.workspace.export, model, kind, folder)
        return JSONResponse({})

    async def download(self, request: Request) -> Response:
        """A file that ``export`` has written."""
        session, model, kind = self.session(request), self.model(request.path_params['model']), self._kind(request)
        name = EXPORTS[kind].file
        return _file(self._exports(session, model) / name, f'gvseg-{model.task}-{name}')

    def _kind(self, request: Request) -> str:
        kind = request.path_params['kind']
        if kind not in EXPORTS:
            raise InputError(f'There is no file of kind {kind!r}; there are {", ".join(EXPORTS)}.')
        return kind

    def _exports(self, session: Session, model: ModelChoice) -> Path:
        return session.folder / f'export-{model.key}'

    def _state(self, session: Session) -> Response:
        return JSONResponse(state_of(session, self.jobs))


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
