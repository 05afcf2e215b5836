"""The site as a whole: headers, addresses that are none, a daemon in trouble, nothing secret."""

import logging
import re
import sqlite3
from typing import NoReturn

import pytest

from fleetd.pages.phone_site import PAGES
from fleetd.pages.rendering import STATIC
from tests.fleetd.api.phone import application_of
from tests.fleetd.pages.reader import Reader, reader_of
from tests.fleetd.rig import CAR, NOW_S, Desk

PLACES = ("/", "/login", "/password", "/bookings/1", "/bookings/1/start", "/bookings/1/cancel",
          "/bookings/1/change", "/bookings/1/extend", "/cars", f"/cars/{CAR}",
          f"/cars/{CAR}/book?starts_s={NOW_S + 7200}", "/nothing")  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_every_page_keeps_others_out(reader: Reader, booking: int, place: str) -> None:
    sheet = reader.get(place)
    policy = sheet.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
            "form-action 'self'", "base-uri 'none'"} <= set(policy.split("; "))  # fmt: skip
    assert sheet.headers["cache-control"] == "no-store"
    assert sheet.headers["x-content-type-options"] == "nosniff"
    assert sheet.headers["x-frame-options"] == "DENY"
    assert sheet.headers["referrer-policy"] == "same-origin"
    assert " style=" not in sheet.html
    assert not re.search(r"<script(?! src=)|\son\w+=|javascript:", sheet.html)
    assert all(link.startswith(("/", "#")) for link in sheet.links)


@pytest.mark.parametrize("place", ["/nothing", "/bookings", "/cars/x/y", "/language", "/.env"])
def test_an_address_that_is_none_is_a_page_for_a_browser(desk: Desk, place: str) -> None:
    sheet = Reader(application_of(desk)).get(place)
    assert (sheet.status, sheet.codes) == (404, ["no_path"])
    assert "/" in sheet.links
    by_program = Reader(application_of(desk), accept="*/*").get(place)
    assert by_program.headers["content-type"] == "application/json"


def test_the_api_answers_in_json_to_browsers_too(desk: Desk) -> None:
    sheet = Reader(application_of(desk)).get("/v1/nothing")
    assert (sheet.status, sheet.headers["content-type"]) == (404, "application/json")


def test_a_wrong_method_is_a_page(reader: Reader) -> None:
    for method, place in (("GET", "/logout"), ("DELETE", "/"), ("PUT", "/bookings/1")):
        sheet = reader.ask(method, place)
        assert (sheet.status, sheet.codes) == (405, ["wrong_method"])


@pytest.mark.parametrize("verb", ["explode", "receipt", "position", "x" * 900, "%00"])
def test_an_operation_that_there_is_not(reader: Reader, booking: int, verb: str) -> None:
    sheet = reader.get(f"/bookings/1/{verb}")
    assert (sheet.status, sheet.codes) == (404, ["no_path"])


@pytest.mark.parametrize("number", ["0", "-1", "x", "4294967296", "9" * 900, "%31x", "１"])
def test_a_number_that_is_none_is_no_booking(reader: Reader, number: str) -> None:
    sheet = reader.get(f"/bookings/{number}")
    assert (sheet.status, sheet.codes) == (404, ["no_booking"])


def test_what_is_typed_is_text_and_never_tags(reader: Reader) -> None:
    evil = '"><script>alert(1)</script>'
    login = Reader(reader.application)
    sheet = login.send(login.get("/login").form(), id=evil, password=evil, to=evil)
    assert "<script>" not in sheet.html.lower()
    for place in (f"/cars/{CAR}?day={evil}", f"/nothing?{evil}", f"/bookings/1?done={evil}"):
        assert "<script>alert" not in reader.get(place).html


def test_a_bug_is_a_page_and_a_busy_database_too(
    desk: Desk, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> NoReturn:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(desk.fleet, "upcoming", bug)
    sheet = reader.get("/")
    assert (sheet.status, sheet.codes) == (500, ["internal"])
    assert "secret" not in sheet.html
    assert "Traceback" not in sheet.html

    def busy(*_: object) -> NoReturn:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(desk.fleet, "upcoming", busy)
    sheet = reader.get("/")
    assert (sheet.status, sheet.codes) == (503, ["database_busy"])
    assert "locked" not in sheet.html


def test_neither_pages_nor_logs_hold_secrets(
    desk: Desk, booking: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader = reader_of(desk)
    token = reader.cookies["session"]
    for place in PLACES:
        assert token not in reader.get(place).html
    login = Reader(reader.application)
    sheet = login.send(login.get("/login").form(), id=desk.driver, password="hush hush")
    assert "hush" not in sheet.html
    for secret in (token, "hush", desk.password, desk.identity.key, desk.identity.password):
        assert secret not in caplog.text


def test_static_files_are_kept_under_an_address_of_their_own(reader: Reader) -> None:
    sheet = reader.get("/login")
    for name, found in STATIC.items():
        link = f"/static/{name}?v={found.version}"
        assert link in sheet.html
        got = reader.get(link)
        assert "immutable" in got.headers["cache-control"]
        assert got.html.encode() == found.body
    for name in ("x", "..%2f__init__.py", "phone.css.bak"):
        assert reader.get(f"/static/{name}").status == 404


def test_a_page_with_all_that_it_loads_is_small(desk: Desk, reader: Reader) -> None:
    """100 KB, uncompressed, for the largest of them."""
    desk.fleet.add_booking(desk.driver, CAR, NOW_S + 7200, NOW_S + 14400)
    files = sum(len(found.body) for found in STATIC.values())
    for place in (
        *PLACES,
        f"/cars/{CAR}?day=2026-04-02",
        f"/cars/{CAR}/book?starts_s={NOW_S + 86400}",
    ):
        assert len(reader.get(place).html.encode()) + files < 100_000, place


def test_no_page_reaches_what_only_a_simulator_may(desk: Desk) -> None:
    """The daemon's pages are these and no others."""
    first = {path.split("/")[1] for _, path, _ in PAGES}
    assert first == {"", "login", "password", "logout", "bookings", "commands", "cars"}
