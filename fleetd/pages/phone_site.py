"""The addresses of the phone site, and how a request becomes a page."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from fleetd.api.answers import STATUS_OF, Wrong
from fleetd.api.attempts import Attempts
from fleetd.api.fields import media_type, read_body
from fleetd.core.refused import Refused
from fleetd.pages import account_pages, booking_pages, day_pages, telling, use_pages
from fleetd.pages.forms import check_origin, parse_form
from fleetd.pages.rendering import HEADERS, SECURE_HEADERS, STATIC, GoTo, Page, render, render_live
from fleetd.pages.visit import Visit, language_of, safe_place, token_of
from fleetd.people import TOKEN_S
from fleetd.sentences import LANGUAGES
from fleetd.service import Fleet

Show = Callable[[Visit], Page | GoTo]
LANGUAGE_S = 365 * 86400
_VISIT_BYTES = 32

#: Each page with its address; a POST carries a form of ours.
PAGES: tuple[tuple[str, str, Show], ...] = (
    ("GET", "/", booking_pages.upcoming),
    ("GET", "/login", account_pages.show_login),
    ("POST", "/login", account_pages.log_in),
    ("GET", "/password", account_pages.show_password),
    ("POST", "/password", account_pages.change_password),
    ("POST", "/logout", account_pages.log_out),
    ("GET", "/bookings/{booking}", booking_pages.one),
    ("GET", "/bookings/{booking}/change", booking_pages.show_change),
    ("POST", "/bookings/{booking}/change", booking_pages.change),
    ("GET", "/bookings/{booking}/cancel", booking_pages.show_cancel),
    ("POST", "/bookings/{booking}/cancel", booking_pages.cancel),
    ("GET", "/bookings/{booking}/extend", booking_pages.show_extend),
    ("POST", "/bookings/{booking}/extend", booking_pages.extend),
    ("GET", "/bookings/{booking}/{verb}", use_pages.confirm),
    ("POST", "/bookings/{booking}/{verb}", use_pages.operate),
    ("GET", "/commands/{command}", use_pages.progress),
    ("GET", "/cars", day_pages.cars),
    ("GET", "/cars/{car}", day_pages.day),
    ("GET", "/cars/{car}/book", day_pages.show_book),
    ("POST", "/cars/{car}/book", day_pages.book),
)

log = logging.getLogger(__name__)


def routes(fleet: Fleet, attempts: Attempts) -> list[Route]:
    """One route an address, so that a wrong method is told from a wrong address."""
    found: dict[str, dict[str, Show]] = {}
    for method, path, show in PAGES:
        found.setdefault(path, {})[method] = show
    made = [
        Route(path, _endpoint(shows, fleet, attempts), methods=list(shows))
        for path, shows in found.items()
    ]
    made.append(Route("/language/{language}", _choose_language, methods=["GET"]))
    made.append(Route("/static/{name}", _static, methods=["GET"]))
    return made


def wants_page(request: Request) -> bool:
    """Is whoever asked for this address a browser, outside the API?"""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get(
        "accept", ""
    )


def error_page(request: Request, fleet: Fleet, attempts: Attempts, code: str) -> Response:
    """What cannot be done, in a sentence, without asking the fleet anything."""
    visit = _visit(request, fleet, attempts)
    return _respond(request, visit, telling.error(visit, code))


def _endpoint(
    shows: dict[str, Show], fleet: Fleet, attempts: Attempts
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visit = _visit(request, fleet, attempts)
        method = "GET" if request.method == "HEAD" else request.method
        try:
            if method == "POST":
                visit = replace(visit, form=await _form(request, visit))
            outcome = shows[method](visit)
        except (Wrong, Refused) as refused:
            outcome = _refusal(visit, refused.code)
        except sqlite3.Error as error:
            # Nothing is committed. The reason is for the operator, and names no values.
            log.error("%s %s: the database failed: %s", method, visit.place, error)  # noqa: TRY400
            outcome = telling.error(visit, "database_busy")
        except ClientDisconnect:
            outcome = telling.error(visit, "too_slow")  # nobody reads it
        return _respond(request, visit, outcome)

    return answer


def _refusal(visit: Visit, code: str) -> Page | GoTo:
    """What a page did not catch itself."""
    if code == "not_logged_in":
        here = "" if visit.form or visit.place == "/" else f"?to={quote(visit.place)}"
        return GoTo(f"/login{here}", token="" if visit.token else None)
    if code == "password_must_change":
        return GoTo("/password")
    return telling.error(visit, code)


def _visit(request: Request, fleet: Fleet, attempts: Attempts) -> Visit:
    token = token_of(request, _cookie(request, "session"))
    secret = token or token_of(request, _cookie(request, "visit"))
    address = request.client.host if request.client else ""
    query = request.url.query.removesuffix("live=1").rstrip("&")
    place = f"{request.url.path}?{query}" if query else request.url.path
    return Visit(
        fleet, attempts, address, safe_place(place), language_of(request), token, secret or secrets.token_hex(_VISIT_BYTES),
        dict(request.path_params), dict(request.query_params),
    )  # fmt: skip


async def _form(request: Request, visit: Visit) -> dict[str, str]:
    body = await read_body(request.stream(), request.headers)
    form = parse_form(body, media_type(request.headers))
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    check_origin(visit.secret, form, request.headers, own)
    return form


def _respond(request: Request, visit: Visit, outcome: Page | GoTo) -> Response:
    response: Response
    if isinstance(outcome, GoTo):
        response = RedirectResponse(outcome.place, 303)
        if outcome.token is not None:
            _set_cookie(request, response, "session", outcome.token, TOKEN_S)
    elif outcome.live and visit.query.get("live") == "1":
        body, version = render_live(outcome, visit)
        is_known = request.headers.get("if-none-match") == f'"{version}"'
        response = Response(status_code=304) if is_known else HTMLResponse(body)
        response.headers["ETag"] = f'"{version}"'
    else:
        response = HTMLResponse(render(outcome, visit), outcome.status)
        if not visit.token and token_of(request, _cookie(request, "visit")) != visit.secret:
            _set_cookie(request, response, "visit", visit.secret, TOKEN_S)
    response.headers.update(HEADERS)
    if request.url.scheme == "https":
        response.headers.update(SECURE_HEADERS)
    return response


def _cookie(request: Request, name: str) -> str:
    """With this prefix a browser takes it from this host alone, by TLS alone."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _set_cookie(request: Request, response: Response, name: str, value: str, age_s: int) -> None:
    response.set_cookie(
        _cookie(request, name), value, max_age=age_s if value else 0, path="/",
        secure=request.url.scheme == "https", httponly=True, samesite="lax",
    )  # fmt: skip


async def _choose_language(request: Request) -> Response:
    response = RedirectResponse(safe_place(request.query_params.get("to", "/")), 303)
    language = request.path_params["language"]
    if language in LANGUAGES:
        response.set_cookie(
            "language", language, max_age=LANGUAGE_S, path="/", httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
    response.headers.update(HEADERS)
    return response


async def _static(request: Request) -> Response:
    found = STATIC.get(request.path_params["name"])
    if found is None:
        return Response(status_code=STATUS_OF["no_path"], headers=HEADERS)
    headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.body, headers=headers, media_type=found.media)
