"""Bodies of requests: read piece by piece, never more than allowed and never for ever."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request

from gvseg.utils.errors import InputError

JSON_BYTES = 200_000  # a stroke of 2000 places takes half of it
STALL_SECONDS = 20.0  # without a byte
UPLOAD_SECONDS = 600.0  # for a whole upload


class TooLargeError(InputError):
    """A body of too many bytes."""


class StalledError(InputError):
    """A body that does not arrive."""


async def read_json(request: Request) -> dict:
    """The body of a request as a JSON object.

    Raises:
        TooLargeError, StalledError: too long, or not complete in time.
        InputError: no JSON object.
    """
    body = bytearray()
    async for chunk in chunks(request, JSON_BYTES, f'This request is larger than {JSON_BYTES // 1000} kB.'):
        body += chunk
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = 'too deep' if isinstance(error, RecursionError) else error
        raise InputError(f'This request cannot be read: {reason}.') from error
    if not isinstance(content, dict):
        raise InputError(f'This request cannot be read: a JSON object is expected, not {type(content).__name__}.')
    return content


async def write_body(request: Request, path: Path, name: str, megabytes: int) -> None:
    """Write the body of a request to a file, and not a byte more than allowed.

    Raises:
        TooLargeError, StalledError: too long, or not complete in time.
    """
    message = f'{name} is larger than {megabytes} MB, the most this page takes. Cut it, or save it smaller.'
    with open(path, 'wb') as file:
        async for chunk in chunks(request, megabytes * 1_000_000, message):
            file.write(chunk)


async def chunks(request: Request, most: int, too_large: str) -> AsyncIterator[bytes]:
    """The pieces of a body as they arrive.

    Args:
        request: whose body.
        most: bytes.
        too_large: message where there are more.

    Raises:
        TooLargeError: at once where the request announces more, else as soon as more have arrived.
        StalledError: nothing arrives for ``STALL_SECONDS``, or all of it takes more than ``UPLOAD_SECONDS``.
        ClientDisconnect: the sender is gone.
    """
    announced = request.headers.get('content-length', '0')
    if not announced.isdecimal() or int(announced[:20]) > most:
        raise TooLargeError(too_large)
    size, end = 0, time.monotonic() + UPLOAD_SECONDS
    stream = request.stream()
    while True:
        try:
            patience = max(0.0, min(STALL_SECONDS, end - time.monotonic()))
            chunk = await asyncio.wait_for(anext(stream), patience)
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError as error:
            raise StalledError('The upload stalled. Check the connection and send it again.') from error
        size += len(chunk)
        if size > most:
            raise TooLargeError(too_large)
        yield chunk
