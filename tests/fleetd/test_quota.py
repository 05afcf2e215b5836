"""What one car may have kept within an hour: wide for the honest, an end for who floods."""

from __future__ import annotations

import pytest

from firmware.wire import codes, kb1
from firmware.wire.journal_format import pack_event
from fleetd.core import quota
from fleetd.core.quota import EVENTS_MAX, JOURNALS_MAX, OverQuota, Quota
from tests.fleetd.rig import CAR, HOUR_S, OTHER_CAR, Desk, ScriptedCar, exchange, online

EVENT = pack_event(codes.AUDIT_DOOR_OPENED, 5, 1, 0, b"")
#: What the journal's 64 sectors of 4 KiB can hold of the smallest events.
WHOLE_JOURNAL = 64 * 4096 // (len(EVENT) + 2)


def tell(desk: Desk, car: ScriptedCar, journal: int) -> None:
    desk.fleet.receive(CAR, car.frame(kb1.EVENTS, kb1.pack_events(journal, 1, [EVENT])))


def journals(desk: Desk) -> int:
    return int(desk.db.row("SELECT count(*) FROM journal WHERE car = ?", CAR)[0])


def test_journals_without_end_are_one_alarm_and_few_rows(desk: Desk) -> None:
    """66 of them, as in an audit; they make one alarm of each kind, and the count."""
    car = online(desk)
    for number in range(66):
        tell(desk, car, number)
    assert journals(desk) == JOURNALS_MAX
    found = {one["name"]: one for one in desk.fleet.status()["alarms"]}
    assert sorted(found) == ["car_tells_too_much", "journal_replaced"]
    assert len(desk.fleet.status()["alarms"]) == 2
    assert found["journal_replaced"]["times"] == JOURNALS_MAX - 1
    assert found["journal_replaced"]["detail"] == "the newest is journal 0000000f"
    assert desk.fleet.counts["frame_over_journals"] == 66 - JOURNALS_MAX
    eacks = [kind for kind in heard(desk, car) if kind == kb1.EACK]
    assert len(eacks) == JOURNALS_MAX, "what is not taken is not confirmed"


def heard(desk: Desk, car: ScriptedCar) -> list[int]:
    car.kinds.clear()
    car.journal = 0xFFFF  # none of those
    exchange(desk, car)
    return car.kinds


def test_who_floods_is_told_of_once_an_hour(desk: Desk) -> None:
    car = online(desk)
    for hour in range(3):
        for number in range(40):
            tell(desk, car, 100 * hour + number)
        desk.clock.now_s += HOUR_S
    (alarm,) = [one for one in desk.fleet.status()["alarms"] if one["name"] == "car_tells_too_much"]
    assert alarm["times"] == 3
    assert journals(desk) == 3 * JOURNALS_MAX


def test_an_honest_cars_events_wait_in_it_and_come_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost by the bound: what is not confirmed the car keeps."""
    monkeypatch.setattr(quota, "EVENTS_MAX", 16)
    car = online(desk)
    for _ in range(30):
        car.happen(codes.AUDIT_DOOR_OPENED)
    for _ in range(9):
        car.tell()
        exchange(desk, car)
    assert car.acked == 16
    desk.clock.now_s += HOUR_S
    for _ in range(9):
        car.tell()
        exchange(desk, car)
    assert car.acked == 30
    assert desk.fleet.figures()["events_missing"] == {"gap": 0, "lost": 0}


def test_what_is_told_again_does_not_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "EVENTS_MAX", 8)
    car = online(desk)
    for _ in range(8):
        car.happen(codes.AUDIT_DOOR_OPENED)
    for _ in range(50):
        desk.fleet.receive(CAR, car.events_frame(1))
    assert desk.fleet.counts["frame_over_events"] == 0


def test_another_car_is_not_bound_by_it(desk: Desk) -> None:
    car = online(desk)
    identity = desk.fleet.add_car("Suginami 2", OTHER_CAR)
    other = ScriptedCar(
        OTHER_CAR, identity.key, lambda frame: desk.fleet.receive(OTHER_CAR, frame), desk.clock
    )
    for number in range(40):
        tell(desk, car, number)
    other.happen(codes.AUDIT_DOOR_OPENED)
    other.tell()
    assert desk.db.row("SELECT count(*) FROM event WHERE car = ?", OTHER_CAR)[0] == 1


def test_a_whole_journal_after_weeks_goes_through_at_once() -> None:
    """Twice over, as when a box tells of a journal and then of the next."""
    own = Quota()
    assert EVENTS_MAX >= 2 * WHOLE_JOURNAL
    for _ in range(2 * WHOLE_JOURNAL // 8):
        own.take_events(5, 8)


def test_the_bound_is_exact_and_begins_anew_after_an_hour_or_a_clock_set_back() -> None:
    own = Quota()
    own.take_events(1000, EVENTS_MAX)
    for now_s in (1000, 4599):
        with pytest.raises(OverQuota, match="events"):
            own.take_events(now_s, 1)
    own.take_events(4600, EVENTS_MAX)
    own.take_events(4599, EVENTS_MAX)
    for number in range(JOURNALS_MAX):
        own.take_journal(4599, number)
        own.take_journal(4599, number)
    with pytest.raises(OverQuota, match="journals"):
        own.take_journal(4599, JOURNALS_MAX)
