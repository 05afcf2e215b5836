"""Behind a proxy on this machine that ends TLS: whose word counts, and what must come with it.

uvicorn takes scheme and address from `X-Forwarded-Proto` and `X-Forwarded-For` of 127.0.0.1 alone.
Without them the site would give out cookies that a browser sends in the clear, and take its own
forms for foreign ones; so a request that did not come by TLS is refused, and says what is missing.
"""

from __future__ import annotations

import logging

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

#: Whose headers are believed.
TRUSTED = "127.0.0.1"
STATUS = 421
MISSING = (
    "This daemon stands behind a proxy (--behind-proxy), and the proxy did not say that you came by"
    " TLS. It must send Host, X-Forwarded-For, and X-Forwarded-Proto: https.\n"
)

log = logging.getLogger(__name__)


def by_tls_only(application: ASGIApp) -> ASGIApp:
    """To be asked after the headers of the proxy were taken in."""
    has_told = False

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal has_told
        if scope["type"] == "http" and scope.get("scheme") != "https":
            if not has_told:
                has_told = True
                log.warning("behind a proxy: a request without X-Forwarded-Proto: https")
            response = PlainTextResponse(MISSING, STATUS, {"Cache-Control": "no-store"})
            await response(scope, receive, send)
            return
        await application(scope, receive, send)

    return answer
