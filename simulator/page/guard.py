"""Who may speak with the page's server: the page itself, in a browser on this machine.

Any site that a browser visits can send requests to 127.0.0.1, and can have its own name point
there. So the host that is asked for must be ours by name, and what changes something must come from
our own page.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_READING = ("GET", "HEAD")


class Guard:
    """Around the application: refuses strangers, and adds the headers that keep them out."""

    def __init__(self, application: ASGIApp, port: int) -> None:
        self._application = application
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is None:
            await self._application(scope, receive, guarded)
        else:
            await refusal(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if host not in self._hosts:
            return PlainTextResponse(
                f"This is the desk page of {self._hosts[0]}, for this machine only; open that"
                " address.\n",
                421,
            )
        if method in _READING:
            return None
        if headers.get("origin", "") != f"http://{host}":
            return PlainTextResponse(
                "Only the desk page itself may ask the car to do things.\n", 403
            )
        return None
