"""Middleware: security headers of every response, and no cross-site requests."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
}
"""No external sources, no browser cache, no embedding in other pages."""
SAFE_METHODS = ('GET', 'HEAD')
OWN_SITE = ('same-origin', 'none')


class Guard:
    """Add ``HEADERS`` to every response, including errors, and refuse cross-site requests.

    Another site cannot read responses, but could open sessions up to the limit. Browsers send the source of a request
    in ``Sec-Fetch-Site``, older ones in ``Origin``; other clients send neither and are allowed.

    Args:
        app: the wrapped application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope['type'] != 'http':
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        app = self.app
        if scope['method'] not in SAFE_METHODS and is_foreign(Headers(scope=scope)):
            app = JSONResponse(dict(error='This request comes from a page of another site.'), 403)
        await app(scope, receive, send_with_headers)


def is_foreign(headers: Headers) -> bool:
    """Whether the headers mark a request from another site."""
    site = headers.get('sec-fetch-site')
    if site is not None:
        return site.lower() not in OWN_SITE
    origin = headers.get('origin')
    return origin is not None and urlsplit_host(origin) != headers.get('host', '').lower()


def urlsplit_host(origin: str) -> str:
    """``host:port`` of an origin; empty for ``null`` and invalid values."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ''
