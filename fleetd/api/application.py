"""The calls, and beside them the pages, as an ASGI application. Everything runs on the event loop's thread, like the fleet."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fleetd.api import account_calls, booking_calls, command_calls, openapi
from fleetd.api.answers import Answer, Wrong, refusal, refusal_by_rules
from fleetd.api.attempts import Attempts
from fleetd.api.calls import ACCOUNT, DRIVER, NOBODY, Asked, Call
from fleetd.api.fields import check_fields, check_query, read_object
from fleetd.core.refused import Refused
from fleetd.health import REFUSED_HERE
from fleetd.pages import phone_site
from fleetd.service import Fleet

CALLS: tuple[Call, ...] = (*account_calls.CALLS, *booking_calls.CALLS, *command_calls.CALLS)

#: Answers are about one person and one moment, and nothing but JSON.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_TOKEN = re.compile(r"Bearer +([0-9a-f]{64})", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")

log = logging.getLogger(__name__)


def make_application(fleet: Fleet, monotonic: Callable[[], float] = time.monotonic) -> Starlette:
    """`monotonic`: seconds, for the limits of log-ins."""
    attempts = Attempts(monotonic)
    routes = [
        Route(call.path, _endpoint(call, fleet, attempts), methods=[call.method]) for call in CALLS
    ]
    document = openapi.document(CALLS)
    routes.append(Route("/openapi.json", _fixed(document), methods=["GET"]))
    routes += phone_site.routes(fleet, attempts)

    async def no_route(request: Request, error: Exception) -> Response:
        """No such path, or not with this method."""
        is_method = isinstance(error, HTTPException) and error.status_code == 405
        code = "wrong_method" if is_method else "no_path"
        if phone_site.wants_page(request):
            return phone_site.error_page(request, fleet, attempts, code)
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return _respond(refusal(code, headers))

    async def failed(request: Request, _error: Exception) -> Response:
        """A bug: the trace goes to the log, never to the client."""
        if phone_site.wants_page(request):
            return phone_site.error_page(request, fleet, attempts, "internal")
        return _respond(refusal("internal"))

    application = Starlette(
        routes=routes, exception_handlers={HTTPException: no_route, Exception: failed}
    )
    application.router.redirect_slashes = False
    return application


def _endpoint(
    call: Call, fleet: Fleet, attempts: Attempts
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body: dict[str, Any] = {}
        try:
            asked = _who_asks(call, request, fleet, attempts)
            if call.method == "POST":
                found = await read_object(request.stream(), request.headers)
                body = check_fields(call.body, found)
            answer = call.run(_with_body(asked, body))
        except Wrong as wrong:
            answer = refusal(wrong.code, wrong.headers, **wrong.details)
        except Refused as refused:
            answer = refusal_by_rules(refused.code, fleet.rules, body)
        except sqlite3.Error as error:
            # Nothing is committed. The reason is for the operator, and names no values.
            log.error("%s %s: the database failed: %s", call.method, call.path, error)  # noqa: TRY400
            answer = refusal("database_busy", {"Retry-After": "5"})
        except ClientDisconnect:
            answer = refusal("too_slow")  # nobody reads it
        if answer.body is not None and "error" in answer.body:
            fleet.counts[REFUSED_HERE + answer.body["error"]] += 1
        return _respond(answer)

    return answer


def _who_asks(call: Call, request: Request, fleet: Fleet, attempts: Attempts) -> Asked:
    """All but the body; the body of somebody who may not ask is not read."""
    token = "" if call.needs == NOBODY else _token(request)
    account = ""
    if call.needs == ACCOUNT:
        account = fleet.account_of(token)
    elif call.needs == DRIVER:
        account = fleet.driver_of(token)
    key = request.headers.get("idempotency-key", "") if call.needs_key else ""
    if call.needs_key and not _KEY.fullmatch(key):
        raise Wrong("bad_key")
    query = check_query(call.query, request.query_params.multi_items())
    address = request.client.host if request.client else ""
    return Asked(
        fleet, attempts, address, account, token, key, dict(request.path_params), query, {}
    )


def _with_body(asked: Asked, body: dict[str, Any]) -> Asked:
    return Asked(
        asked.fleet, asked.attempts, asked.address, asked.account, asked.token, asked.key,
        asked.path, asked.query, body,
    )  # fmt: skip


def _token(request: Request) -> str:
    found = _TOKEN.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise Wrong("not_logged_in")
    return found[1]


def _respond(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=HEADERS | answer.headers)
    return Response(
        json.dumps(answer.body, ensure_ascii=False),
        answer.status,
        HEADERS | answer.headers,
        "application/json",
    )


def _fixed(document: dict[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return _respond(Answer(200, document))

    return answer
