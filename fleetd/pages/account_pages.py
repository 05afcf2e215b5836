"""Log in, change the password, log out."""

from __future__ import annotations

from typing import Any

from fleetd.api import account_calls
from fleetd.api.answers import Wrong
from fleetd.api.calls import DRIVER_ID_CHARACTERS
from fleetd.core import passwords
from fleetd.core.refused import Refused
from fleetd.pages import telling
from fleetd.pages.rendering import GoTo, Page
from fleetd.pages.visit import Visit, safe_place


def show_login(visit: Visit) -> Page | GoTo:
    if visit.token:
        try:
            visit.account()
        except Refused as refused:
            if refused.code == "password_must_change":
                return GoTo("/password")
        else:
            return GoTo("/")
    return _login(visit, visit.query.get("to", "/"))


def log_in(visit: Visit) -> Page | GoTo:
    to = visit.form.get("to", "/")
    # A keyboard's small letters and a pasted blank are no wrong ID.
    body = {
        "id": visit.form.get("id", "").strip().upper(),
        "password": visit.form.get("password", ""),
    }
    try:
        found = visit.ask(account_calls.log_in, body=body)
    except (Wrong, Refused) as error:
        said = telling.refused(visit, error, {})
        if error.code == "bad_field":  # longer than any ID: as wrong as any other
            said = telling.problem(visit, "wrong_login")
        return _login(visit, to, said, body["id"][:DRIVER_ID_CHARACTERS])
    if visit.token:
        visit.fleet.logout(visit.token)
    return GoTo(
        "/password" if found["must_change_password"] else safe_place(to), token=found["token"]
    )


def show_password(visit: Visit) -> Page | GoTo:
    return _password(visit)


def change_password(visit: Visit) -> Page | GoTo:
    form = visit.form
    body = {"old": form.get("old", ""), "new": form.get("new", "")}
    if form.get("again", "") != body["new"]:
        return _password(visit, telling.problem(visit, "password_unlike"))
    try:
        found = visit.ask(account_calls.change_password, body=body)
    except (Wrong, Refused) as error:
        if error.code == "not_logged_in":
            raise
        return _password(visit, telling.refused(visit, error, body))
    return GoTo("/?done=password", token=found["token"])


def log_out(visit: Visit) -> Page | GoTo:
    visit.fleet.logout(visit.token)
    return GoTo("/login", token="")


def _login(visit: Visit, to: str, problem: Any = None, ident: str = "") -> Page:
    values = {"problem": problem, "to": safe_place(to), "ident": ident, "is_logged_in": False}
    status = telling.status_of(problem["code"]) if problem else 200
    return Page("login.html", visit.words.text("page", "login_title"), values, status)


def _password(visit: Visit, problem: Any = None) -> Page:
    """For everybody who is logged in, with a first password above all."""
    is_first = False
    try:
        visit.account()
    except Refused as refused:
        if refused.code != "password_must_change":
            raise
        is_first = True
    values = {
        "problem": problem,
        "is_first": is_first,
        "characters_min": passwords.PASSWORD_CHARACTERS_MIN,
        "characters_max": passwords.PASSWORD_CHARACTERS_MAX,
    }
    status = telling.status_of(problem["code"]) if problem else 200
    return Page("password.html", visit.words.text("page", "password_title"), values, status)
