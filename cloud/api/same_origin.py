"""Nobody else's page changes anything here: requests a browser makes for another site are refused before any route.

Browsers say for whom they ask: `Sec-Fetch-Site`, and `Origin` with every request that may change something. A request
without either comes from a program, which has no cookie unless it was given one. A request with a key or a token in
`Authorization` needs no cookie, and no other site's page can add one unasked. The other half is the cookie itself
(SameSite=lax, HttpOnly); `frame-ancestors` keeps pages out of other sites' frames.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # a link that works once stands in its page's address
}


class SameOrigin:
    """Passes on what comes from this cloud's own pages, or from a program."""

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self._app, self._own = app, urlsplit(public_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif self._is_foreign(scope):
            await self._refuse(scope, receive, send)
        else:
            await self._app(scope, receive, _guarded(send) if scope["type"] == "http" else send)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope.get("method") in SAFE or "authorization" in headers:
            return False
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc not in {headers.get("host"), self._own or None}

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        sentence = "expected a request from a page of this cloud, found one from another site"
        await JSONResponse({"detail": sentence}, 403)(scope, receive, _guarded(send))


def _guarded(send: Send) -> Send:
    """Adds what browsers are asked to see to, where the answer does not say it itself."""

    async def passed_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in GUARDS.items():
                headers.setdefault(name, value)
        await send(message)

    return passed_on
