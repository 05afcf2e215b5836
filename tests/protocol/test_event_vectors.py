"""The golden audit events between the three readers: the strangers' page, the daemon, and a frozen file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from fleetd.core import audit
from fleetd.decode.events import event_words
from tests.fleetd.conftest import desk
from tests.fleetd.rig import CAR, Desk, ScriptedCar, exchange, settle, wire
from tests.portable.firmware.wire.golden import VECTORS
from tests.protocol import page, stranger
from tools import tree

__all__ = ["desk"]

#: Each released version's events, and those of today.
FILES = sorted((tree.ROOT / "tests" / "vectors").glob("events-*.json"))


@pytest.fixture(params=["today", *(path.name for path in FILES)])
def vectors(request: pytest.FixtureRequest) -> Any:
    if request.param == "today":
        return VECTORS
    path = tree.ROOT / "tests" / "vectors" / request.param
    return json.loads(path.read_text(encoding="utf-8"))


def values_of(fields: dict[str, Any]) -> list[object]:
    """Of the detail, in their order, as a stranger has them."""
    found: list[object] = []
    for name, value in fields.items():
        if name == "ident":
            found.append(bytes.fromhex(value))
        elif name == "reasons":
            found.append([tuple(pair) for pair in value])
        elif name not in ("at", "clock", "booking"):
            found.append(value)
    return found


def test_version_1_0_is_kept() -> None:
    assert [path.name for path in FILES][:1] == ["events-1.0.json"]


def test_the_strangers_read_and_write_them_by_the_page_alone(vectors: Any) -> None:
    for one in vectors["events"]:
        event, fields = bytes.fromhex(one["event"]), one["fields"]
        at_s = fields["at"] + stranger.YEAR_2020_S
        found = stranger.detail_of(event)
        head = (one["code"], at_s, fields["clock"], fields["booking"])
        assert tuple(found[name] for name in ("code", "at_s", "trusted", "booking")) == head
        assert found["layout"] == one["layout"] == stranger.LAYOUT_OF[one["code"]]
        assert found["left"] == 0, one["name"]
        if one["layout"] == "refusal":
            said = [found["cause"], found["ident"], found["reasons"]]
        else:
            values = found["values"]
            assert isinstance(values, tuple)
            said = list(values)
        assert said == values_of(fields), one["name"]
        assert stranger.event_as_bytes(*head, *values_of(fields)) == event, one["name"]


def test_the_page_names_each_as_the_vector_does(vectors: Any) -> None:
    rows = {int(row[0]): row[1:3] for row in page.tables(page.sections()["8. Events"], "code")}
    assert {one["code"]: [one["name"], one["layout"]] for one in vectors["events"]}.items() <= (
        rows.items()
    )


def test_the_daemon_reads_every_field(vectors: Any) -> None:
    for one in vectors["events"]:
        event, fields = audit.parse_event(bytes.fromhex(one["event"])), one["fields"]
        assert event.name == one["name"]
        assert event.at_s == fields["at"] + stranger.YEAR_2020_S
        assert (event.clock_was_trusted, event.booking) == (fields["clock"] == 1, fields["booking"])
        assert len(event.reasons) == len(fields.get("reasons", []))
        assert event.gap == (fields["count"] if one["layout"] == "count" else 0)
        words = event_words(event.body)
        assert not {"more", "senseless", "detail"} & set(words), one["name"]
        for name in ("driver", "argument"):
            if name in fields:
                assert words[name] == fields[name], one["name"]
        if one["layout"] == "use":
            use = audit.parse_use(event.detail)
            assert use is not None
            assert use.flags == fields["flags"]
            assert use.odometer_m == (None if fields["odometer_m"] < 0 else fields["odometer_m"])
            place = (fields["latitude_udeg"], fields["longitude_udeg"])
            is_valid = bool(fields["flags"] & 1)
            assert (use.latitude_udeg, use.longitude_udeg) == (place if is_valid else (None, None))


def test_what_is_cut_short_is_told_so_and_nothing_follows(vectors: Any) -> None:
    for one in vectors["short_events"]:
        body = bytes.fromhex(one["event"])
        assert event_words(body)["senseless"]
        event = audit.parse_event(body)
        assert event.body == body
        if one["code"] in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED):
            assert audit.parse_use(event.detail) is None
        with pytest.raises(stranger.SenselessError):
            stranger.detail_of(body)


def test_what_a_later_version_adds_is_passed_over(vectors: Any) -> None:
    """Bytes behind a layout, flags, numbers: the rest is read as it always was."""
    for one in vectors["later_events"]:
        body = bytes.fromhex(one["event"])
        found, words = stranger.detail_of(body), event_words(body)
        assert "senseless" not in words, one["why"]
        assert found["code"] == body[0]
        use = audit.parse_use(body[HEAD_BYTES:])
        if body[0] == codes.AUDIT_ENDED:
            assert use is not None
            assert (use.driver, use.odometer_m, use.odometer_source) == (31, 18249000, None)
            values = found["values"]
            assert isinstance(values, tuple)
            assert values[2:4] == (31, 18249000)


def test_the_daemon_keeps_and_confirms_all_of_them_as_they_came(desk: Desk, vectors: Any) -> None:
    """Also those that are cut short, or of a later version; a gap stands for what is not there."""
    car: ScriptedCar = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    groups = ("events", "short_events", "later_events")
    bodies = [bytes.fromhex(one["event"]) for group in groups for one in vectors[group]]
    car.events = [body for body in bodies if audit.gap_of(body) == 0]
    while car.acked < len(car.events):
        before = car.acked
        car.tell()
        exchange(desk, car)
        assert car.acked > before
    rows = desk.db.rows("SELECT body FROM event ORDER BY seq")
    assert [row[0] for row in rows] == car.events
