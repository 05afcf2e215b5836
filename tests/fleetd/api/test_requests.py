"""Requests that are not what they should be, and a daemon in trouble: one clear answer each."""

import json
import sqlite3
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetd.api.application import CALLS
from tests.fleetd.api.phone import Phone, application_of, phone_of
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b'"x"', 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b'{"id": "a", "id": "b", "password": "c"}', 400, "bad_json"),
        (b'{"id": NaN}', 400, "bad_json"),
        (b"[" * 4096, 400, "bad_json"),
        (b'{"id": ' + b"1" * 4000 + b"}", 400, "bad_field"),
        (b" " * 4097, 413, "too_large"),
    ],
)
def test_a_body_that_is_no_small_json_object(
    desk: Desk, raw: bytes, status: int, code: str
) -> None:
    reply = Phone(application_of(desk)).ask("POST", "/v1/login", raw)
    assert reply.error == (status, code)
    assert set(reply.body) >= {"error", "sentence"}


def test_a_body_is_not_read_when_it_says_that_it_is_too_large(desk: Desk) -> None:
    reply = Phone(application_of(desk)).ask("POST", "/v1/login", b"{}", content_length="4097")
    assert reply.error == (413, "too_large")
    assert (reply.body["limit"], reply.body["unit"]) == (4096, "bytes")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_say_that_it_is_json(desk: Desk, kind: str) -> None:
    reply = Phone(application_of(desk)).ask("POST", "/v1/login", b"{}", content_type=kind)
    assert reply.error == (415, "not_json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "id"),
        ({"id": "KAG00001001"}, "password"),
        ({"id": "KAG00001001", "password": None}, "password"),
        ({"id": 5, "password": "x"}, "id"),
        ({"id": "K" * 12, "password": "x"}, "id"),
        ({"id": "KAG00001001", "password": "x" * 201}, "password"),
        ({"id": "KAG00001001", "password": "\ud800"}, "password"),
        ({"id": "KAG00001001", "password": "x", "admin": True}, "admin"),
        ({"id": "KAG00001001", "password": "x", "\ud800é": True}, "??"),
    ],
)
def test_a_wrong_field_is_named(desk: Desk, body: dict[str, Any], field: str) -> None:
    reply = Phone(application_of(desk)).ask("POST", "/v1/login", json.dumps(body).encode())
    assert reply.error == (400, "bad_field")
    assert reply.body["field"] == field


@pytest.mark.parametrize("starts_s", [1.5, "1775005200", True, -1, 2**32, None, [1]])
def test_a_time_is_a_whole_number_in_range(desk: Desk, starts_s: object) -> None:
    body = {"car": CAR, "starts_s": starts_s, "ends_s": NOW_S + HOUR_S}
    raw = json.dumps(body).encode()
    reply = phone_of(desk).ask("POST", "/v1/bookings", raw, idempotency_key="k")
    assert (reply.error, reply.body["field"]) == ((400, "bad_field"), "starts_s")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1", 404, "no_path"),
        ("GET", "/v1/bookings/", 404, "no_path"),
        ("GET", "/v1/../etc/passwd", 404, "no_path"),
        ("GET", "/v1/login", 405, "wrong_method"),
        ("DELETE", "/v1/bookings/1", 405, "wrong_method"),
    ],
)
def test_an_address_that_there_is_not(
    desk: Desk, method: str, path: str, status: int, code: str
) -> None:
    reply = Phone(application_of(desk)).ask(method, path)
    assert reply.error == (status, code)


def test_answers_are_not_for_keeping(desk: Desk) -> None:
    for reply in (phone_of(desk).get("/v1/account"), phone_of(desk).get("/nothing")):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_bug_shows_no_trace_to_the_client(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise RuntimeError("the secret of the house")

    phone = phone_of(desk)
    monkeypatch.setattr(desk.fleet, "upcoming", fail)
    reply = phone.get("/v1/bookings")
    assert reply.error == (500, "internal")
    assert b"secret" not in reply.raw
    assert b"Traceback" not in reply.raw
    assert phone.get("/v1/account").status == 200


def test_a_database_in_trouble_is_told_as_such(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> NoReturn:
        raise sqlite3.OperationalError("database or disk is full")

    phone = phone_of(desk)
    monkeypatch.setattr(desk.fleet, "book", fail)
    reply = phone.post("/v1/bookings", "k", car=CAR, starts_s=NOW_S, ends_s=NOW_S + HOUR_S)
    assert reply.error == (503, "database_busy")
    assert reply.headers["retry-after"] == "5"
    assert b"disk" not in reply.raw
    assert "disk is full" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
NAMES = sorted({name for call in CALLS for name in call.body})
BODIES = st.dictionaries(st.sampled_from(NAMES), JSON) | JSON


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    call=st.sampled_from(CALLS), body=BODIES, parts=st.text(max_size=12), key=st.text(max_size=9)
)
def test_whatever_comes_is_answered_and_no_bug_is_found(
    desk: Desk, call: Any, body: Any, parts: str, key: str
) -> None:
    phone = phone_of(desk)
    path = call.path
    for name in ("car", "booking", "command"):
        path = path.replace("{" + name + "}", parts.encode("utf-8", "replace").decode())
    raw = json.dumps(body).encode() if call.method == "POST" else b""
    header = key.encode("utf-8", "replace").decode("latin-1")
    reply = phone.ask(call.method, path.replace("?", ""), raw, idempotency_key=header)
    assert reply.status < 500 or reply.body["error"] == "overloaded"
