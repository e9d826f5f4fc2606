"""Request bodies, read in chunks with limits on size and time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request

from gvseg.utils.errors import InputError

JSON_BYTES = 200_000  # a stroke of 2000 points takes half of it
STALL_SECONDS = 20.0  # without a byte
UPLOAD_SECONDS = 600.0  # for a whole upload


class TooLargeError(InputError):
    """A request body is too large."""


class StalledError(InputError):
    """A request body does not arrive in time."""


async def read_json(request: Request) -> dict:
    """Read the body of a request as a JSON object.

    Raises:
        TooLargeError, StalledError: Too large, or not complete in time.
        InputError: Not a JSON object.
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
    """Write the body of a request to a file, up to the allowed size.

    Raises:
        TooLargeError, StalledError: Too large, or not complete in time.
    """
    message = f'{name} is larger than the limit of {megabytes} MB. Cut it, or save it smaller.'
    with open(path, 'wb') as file:
        async for chunk in chunks(request, megabytes * 1_000_000, message):
            file.write(chunk)


async def chunks(request: Request, most: int, too_large: str) -> AsyncIterator[bytes]:
    """Yield the chunks of a body as they arrive.

    Args:
        request: the request.
        most: limit in bytes.
        too_large: error message above the limit.

    Raises:
        TooLargeError: At once if the request announces more, otherwise as soon as more have arrived.
        StalledError: Nothing arrives for ``STALL_SECONDS``, or the body takes more than ``UPLOAD_SECONDS``.
        ClientDisconnect: The client disconnected.
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
