"""The document says what there is: every call in it is made, every answer has the shape it says."""

from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes
from fleetd.api.answers import STATUS_OF
from fleetd.api.application import CALLS
from fleetd.api.calls import NOBODY, Call
from fleetd.sentences import is_known
from tests.fleetd.api.phone import Phone, Reply, application_of, phone_of
from tests.fleetd.api.shapes import problems
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, settle, wire

NAMES = [f"{call.method} {call.path}" for call in CALLS]


def document_of(desk: Desk) -> dict[str, Any]:
    reply = Phone(application_of(desk)).get("/openapi.json")
    assert reply.status == 200
    found: dict[str, Any] = reply.body
    return found


def described(document: dict[str, Any], call: Call) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][call.path][call.method.lower()]
    return found


def check(document: dict[str, Any], call: Call, reply: Reply) -> None:
    """The status is described, and the body has the shape that it says."""
    responses = described(document, call)["responses"]
    assert str(reply.status) in responses, f"{call.path} answers {reply.status}: {reply.raw!r}"
    content = responses[str(reply.status)].get("content")
    if content is None:
        assert reply.raw == b""
        return
    schema = content["application/json"]["schema"]
    assert problems(document, schema, reply.body) == []
    if reply.status >= 400:
        assert reply.body["error"] in responses[str(reply.status)]["description"].split(", ")


def test_it_lists_what_there_is_and_nothing_else(desk: Desk) -> None:
    document = document_of(desk)
    listed = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert listed == {(call.method, call.path) for call in CALLS}
    idents = [
        one["operationId"] for methods in document["paths"].values() for one in methods.values()
    ]
    assert len(idents) == len(set(idents))


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_without_a_token_a_call_answers_nothing(desk: Desk, call: Call) -> None:
    document = document_of(desk)
    path = call.path.format(car=CAR, booking="1", command="0" * 16)
    reply = Phone(application_of(desk)).ask(call.method, path, b"{}", authorization="")
    check(document, call, reply)
    needs_token = "security" in described(document, call)
    assert needs_token == (call.needs != NOBODY)
    if needs_token:
        assert reply.error == (401, "not_logged_in")


@pytest.mark.parametrize(
    "call", [call for call in CALLS if call.method == "POST"],
    ids=[name for name in NAMES if name.startswith("POST")],
)  # fmt: skip
def test_a_bad_body_is_refused_as_described(desk: Desk, call: Call) -> None:
    document = document_of(desk)
    phone = phone_of(desk)
    path = call.path.format(booking="1")
    for raw in (b"{", b'{"unknown": 1}', b"x" * 5000):
        reply = phone.ask("POST", path, raw, idempotency_key="k")
        check(document, call, reply)
        assert reply.status in (400, 413)


def test_a_whole_use_has_the_shapes_that_are_described(desk: Desk) -> None:
    document = document_of(desk)
    by_name = dict(zip(NAMES, CALLS, strict=True))
    phone = phone_of(desk)
    asked: set[str] = set()

    def ask(name: str, where: str = "", query: str = "", key: str = "", **body: Any) -> Any:
        method, path = name.split()
        path = path.format(booking=where, car=where, command=where) + query
        reply = phone.get(path) if method == "GET" else phone.post(path, key, **body)
        check(document, by_name[name], reply)
        assert reply.status < 400, reply.raw
        asked.add(name)
        return reply.body if reply.raw else None

    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    ask("GET /v1/account")
    ask("GET /v1/cars")
    ask("GET /v1/cars/{car}/free-times", CAR, f"?from_s={NOW_S}&to_s={NOW_S + HOUR_S}")
    now = ask("POST /v1/bookings", key="a", car=CAR, starts_s=NOW_S, ends_s=NOW_S + HOUR_S)
    later = ask("POST /v1/bookings", key="b", car=CAR,
                starts_s=NOW_S + 3 * HOUR_S, ends_s=NOW_S + 4 * HOUR_S)  # fmt: skip
    ask("POST /v1/bookings/{booking}/change", later["id"], key="c",
        starts_s=NOW_S + 4 * HOUR_S, ends_s=NOW_S + 5 * HOUR_S)  # fmt: skip
    ask("POST /v1/bookings/{booking}/cancel", later["id"], key="d")
    ask("GET /v1/bookings/{booking}", later["id"])
    settle(desk, car, 3)
    command = ask("POST /v1/bookings/{booking}/commands", now["id"], key="e", verb="start")
    settle(desk, car, 2)
    assert ask("GET /v1/commands/{command}", command["id"])["status"] == "accepted"
    car.happen(codes.AUDIT_UNLOCKED, now["id"], car.use_detail())
    car.tell()
    settle(desk, car, 2)
    assert ask("POST /v1/bookings/{booking}/extend", now["id"], key="f", by_s=900)["extensions"]
    ask("GET /v1/bookings/{booking}/receipt", now["id"])
    ask("GET /v1/bookings")
    phone.token = ask("POST /v1/login", id=desk.driver, password=desk.password)["token"]
    phone.token = ask("POST /v1/password", old=desk.password, new="long enough")["token"]
    ask("POST /v1/logout")
    assert asked == set(NAMES)


def test_an_enrolment_and_a_relock_have_the_shape_that_it_says(tmp_path: Path) -> None:
    """ENROL-1, START-6: where the terms have it."""
    desk = Desk(tmp_path / "fleet.db", "jparc-2023")
    number = desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    phone, document = phone_of(desk), document_of(desk)
    by_name = {f"{call.method} {call.path}": call for call in CALLS}
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    made = phone.post(f"/v1/bookings/{number}/commands", "a", verb="enrol")
    assert made.body["enrolment"] is None
    settle(desk, car, 3)
    seen = phone.get(f"/v1/commands/{made.body['id']}")
    check(document, by_name["GET /v1/commands/{command}"], seen)
    assert seen.body["enrolment"] == {"state": "open", "until_s": NOW_S + 61, "card": None}
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.happen(codes.AUDIT_RELOCKED, number, b"\3")
    car.tell()
    shown = phone.get(f"/v1/bookings/{number}")
    check(document, by_name["GET /v1/bookings/{booking}"], shown)
    assert shown.body["locked_itself"] == "relocked"
    assert shown.body["operations"]["reunlock"] == {"possible": True}
    desk.db.close()


def test_every_refusal_has_a_sentence_and_a_status_that_is_meant() -> None:
    assert [code for code in STATUS_OF if not is_known(code)] == []
    for call in CALLS:
        assert [code for code in call.codes if not is_known(code)] == []
