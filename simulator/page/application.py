"""The page's calls: its own files, the feed as server-sent events, and requests.

GET /           the page
GET /events     server-sent events: hello, feed, clock, story, car, told
GET /choices    what the desk can begin anew with
GET /people     where the phones are, and who the demo driver is
POST /ask       a request as in simulator.live.requests, {"do": "open driver"}
POST /begin     the desk begins anew, {"story": ..., "profile": ..., "vm": ..., "hold": ...}

Whatever is wrong is answered with a sentence: {"error": "..."}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from simulator.desk.accounts import read_accounts
from simulator.desk.feed import LINE_BYTES_MAX
from simulator.desk.state_files import StateError
from simulator.page.choices import choices, read_wish
from simulator.page.feed_line import AskError, FeedLine

STATIC = Path(__file__).parent / "static"
#: A browser that hears nothing for so long would believe us gone.
_COMMENT_EVERY_S = 15.0
_BODY_BYTES_MAX = LINE_BYTES_MAX // 2
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

Call = Callable[["Page", Request], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """What the calls need. `wish`: tells the launcher; None where there is none."""

    feed: FeedLine
    wish: Callable[[dict[str, Any]], None] | None = None
    state: Path | None = None
    phones: str = ""


def make_application(page: Page) -> Starlette:
    """Without its `Guard`."""
    calls: list[tuple[str, str, Call]] = [
        ("/events", "GET", _events),
        ("/choices", "GET", _choices),
        ("/people", "GET", _people),
        ("/ask", "POST", _ask),
        ("/begin", "POST", _begin),
    ]
    routes = [
        Route(path, partial(_answer, page, call), methods=[method]) for path, method, call in calls
    ]
    for path in sorted(STATIC.iterdir()):
        address = "/" if path.name == "desk.html" else f"/{path.name}"
        routes.append(Route(address, _file(path)))
    handlers: dict[Any, Any] = {HTTPException: _no_such_thing, Exception: _our_fault}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _answer(page: Page, call: Call, request: Request) -> Response:
    try:
        return await call(page, request)
    except AskError as error:
        return JSONResponse({"error": str(error)}, error.status)
    except ClientDisconnect:
        return JSONResponse({"error": "The browser went away."}, 400)


async def _events(page: Page, _request: Request) -> Response:
    mailbox = page.feed.join()

    async def stream() -> AsyncIterator[str]:
        try:
            yield "retry: 500\n\n"
            while not mailbox.is_closed:
                yield await mailbox.take(_COMMENT_EVERY_S)
        finally:
            page.feed.leave(mailbox)

    return StreamingResponse(stream(), media_type="text/event-stream")


async def _choices(page: Page, _request: Request) -> Response:
    return JSONResponse({**choices(), "can_begin": page.wish is not None})


async def _people(page: Page, _request: Request) -> Response:
    """What `make run` has printed as well; {} where nobody said where it is kept."""
    if page.state is None:
        return JSONResponse({})
    try:
        accounts = read_accounts(page.state)
    except StateError as error:
        raise AskError(503, str(error)) from None
    demo = accounts.driver(accounts.demo)
    if demo is None:
        return JSONResponse({})
    return JSONResponse(
        {
            "phones": page.phones,
            "name": demo.name,
            "driver": demo.ident,
            "password": demo.password,
        }
    )


async def _ask(page: Page, request: Request) -> Response:
    await page.feed.ask(await _body(request))
    return JSONResponse({"ok": True})


async def _begin(page: Page, request: Request) -> Response:
    asked = await _body(request)
    if page.wish is None:
        raise AskError(409, "This page was started by itself; make run can begin anew.")
    page.wish(read_wish(asked))
    return JSONResponse({"ok": True}, 202)


async def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise AskError(415, "A request is JSON: Content-Type: application/json.")
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _BODY_BYTES_MAX:
            raise AskError(413, f"A request has {_BODY_BYTES_MAX} bytes at the most.")
    try:
        found = json.loads(data)
        json.dumps(found, allow_nan=False).encode()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AskError(400, 'A request is a JSON object, as {"do": "open driver"}.')
    return found


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def send(_request: Request) -> Response:
        return FileResponse(path, media_type=_TYPES.get(path.suffix))

    return send


async def _no_such_thing(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        sentence = f"{request.url.path} does not take {request.method}."
    else:
        sentence = "There is nothing here; the desk page is at /."
    headers = error.headers
    return PlainTextResponse(sentence + "\n", error.status_code, headers)


async def _our_fault(_request: Request, error: Exception) -> Response:
    print(f"the page failed: {error!r}", file=sys.stderr, flush=True)
    sentence = "The page's server made a mistake; its log has it. The car goes on.\n"
    return PlainTextResponse(sentence, 500)
