"""HTTP routes: JSON, images and files, each under the token of its session."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gvseg.utils.errors import InputError

from .bodies import StalledError, TooLargeError
from .demo import Demo
from .guards import Guard
from .sessions import BusyError, SessionStore, UnknownSessionError

STATIC = Path(__file__).parent / 'static'
SECONDS_BETWEEN_SWEEPS = 20
STATUS = {UnknownSessionError: 410, BusyError: 503, TooLargeError: 413, StalledError: 408}


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
        (f'{one}/part', demo.trim, 'POST'),
        (f'{one}/prompts', demo.add_prompt, 'POST'),
        (f'{one}/prompts/{{step}}', demo.step, 'POST'),
        (f'{one}/objects/{{object_id:int}}/name', demo.rename, 'POST'),
        (f'{one}/objects/{{object_id:int}}/delete', demo.delete, 'POST'),
        (f'{one}/prepare/{{model}}', demo.prepare, 'POST'),
        (f'{one}/run/{{model}}', demo.run, 'POST'),
        (f'{one}/stop', demo.stop, 'POST'),
        (f'{one}/frames/{{index:int}}.jpg', demo.picture, 'GET'),
        (f'{one}/masks/{{model}}/{{index:int}}.png', demo.masks, 'GET'),
        (f'{one}/files/{{model}}/{{kind}}', demo.export, 'POST'),
        (f'{one}/files/{{model}}/{{kind}}', demo.download, 'GET'),
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
