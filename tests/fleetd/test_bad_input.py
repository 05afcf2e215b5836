"""What a car, or somebody who has its key, says wrongly: refused, counted by cause, no other car notices.

What was not made with the key at all is in test_sync_trouble; by chance and in numbers, in
tests/protocol/fuzz_frames.
"""

from __future__ import annotations

import logging
import struct

import pytest

from firmware.wire import codes, frames, kb1
from firmware.wire.chain import EMPTY_HASH
from firmware.wire.journal_format import EPOCH_2020_S, pack_event
from fleetd.store import car_rows
from tests.fleetd.rig import (
    CAR,
    HOUR_S,
    NOW_S,
    OTHER_CAR,
    Desk,
    ScriptedCar,
    exchange,
    records_of,
    wire,
)

START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S
NOT_TAKEN = "frame_not_taken"


class Pair:
    """The desk's car, and another one that is in step before and must be after."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.car = wire(desk)
        identity = desk.fleet.add_car("Suginami 2", OTHER_CAR)
        self.secrets = (desk.identity.key, desk.identity.password, identity.key, identity.password)
        self.other = ScriptedCar(
            OTHER_CAR, identity.key, lambda frame: desk.fleet.receive(OTHER_CAR, frame), desk.clock
        )
        for one in (self.car, self.other):
            one.hello()
        self.deliver()
        self.row = car_rows.find(desk.db, OTHER_CAR)

    def deliver(self) -> None:
        exchange(self.desk, self.car)
        while waiting := self.desk.taken(OTHER_CAR):
            for frame in waiting:
                self.other.hear(frame)

    def say(self, kind: int, body: bytes) -> None:
        self.desk.fleet.receive(CAR, self.car.frame(kind, body))

    def refused(self) -> dict[str, int]:
        """What was counted of frames."""
        counts = self.desk.fleet.counts
        return {name: count for name, count in counts.items() if name.startswith("frame_")}

    def check_other(self) -> None:
        """Untouched so far; and a booking of it goes its way at once."""
        desk = self.desk
        assert desk.taken(OTHER_CAR) == []
        assert car_rows.find(desk.db, OTHER_CAR) == self.row
        desk.clock.now_s += 5
        number = desk.fleet.book(desk.other, OTHER_CAR, START_S, END_S)["id"]
        self.deliver()
        assert desk.fleet.receipts(number)["state"] == "in_car"
        assert self.other.records == records_of(desk.db, OTHER_CAR)


@pytest.fixture
def pair(desk: Desk) -> Pair:
    return Pair(desk)


HELLO = struct.pack(
    ">B8sI8sII8sIIII", 2, b"newboot1", 5, b"a nonce!", 1, 0, EMPTY_HASH, 0, 0x11, 1, NOW_S
)
SENSELESS = {
    "hello cut": (kb1.HELLO, HELLO[:-1]),
    "hello of nothing": (kb1.HELLO, b""),
    "events that are not there": (kb1.EVENTS, struct.pack(">IIB", 0x11, 1, 9)),
    "event longer than the frame": (kb1.EVENTS, struct.pack(">IIB", 0x11, 1, 1) + b"\xff" + b"x"),
    "result neither yes nor no": (kb1.RESULT, bytes(8) + bytes((2, 0, 0, 0, 0))),
    "result without read-back": (kb1.RESULT, bytes(8) + bytes((1, 0, 0))),
    "nack cut": (kb1.NACK, bytes(9)),
    "telemetry cut": (kb1.TELEMETRY, bytes(18)),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_a_senseless_body_under_a_right_tag_is_counted_and_no_more(pair: Pair, name: str) -> None:
    """F34, from the car's side."""
    before = pair.desk.car_row()
    pair.say(*SENSELESS[name])
    assert pair.refused() == {"frame_senseless": 1}
    assert pair.desk.car_row() == before
    assert pair.desk.taken() == []
    pair.check_other()
    pair.car.hello()
    assert pair.desk.car_row().said_rev == pair.car.rev, "its next frame is read"


@pytest.mark.parametrize("kind", [0, 6, 15, kb1.DELTA, kb1.CMD, kb1.SNAP, 255])
def test_a_kind_that_no_car_says(pair: Pair, kind: int) -> None:
    pair.say(kind, bytes(60))
    assert pair.refused() == {"frame_of_unknown_kind": 1}
    assert pair.desk.taken() == []
    pair.check_other()


@pytest.mark.parametrize(
    ("at_s", "is_taken"), [(0, False), (EPOCH_2020_S - 1, False), (EPOCH_2020_S, True)]
)
def test_telemetry_from_before_2020(pair: Pair, at_s: int, is_taken: bool) -> None:
    pair.say(kb1.TELEMETRY, kb1.pack_telemetry(at_s, 12_000, 5, 0, 0, False))
    found = pair.desk.db.row("SELECT at_s FROM telemetry")
    assert (found is not None) == is_taken
    assert pair.desk.fleet.counts["frame_before_2020"] == (not is_taken)
    pair.check_other()


def test_telemetry_from_far_ahead_wins_nothing(pair: Pair) -> None:
    def tell(at_s: int, odometer_m: int) -> int | None:
        pair.say(kb1.TELEMETRY, kb1.pack_telemetry(at_s, 12_000, odometer_m, 0, 0, False))
        found = pair.desk.db.row("SELECT odometer_m FROM telemetry")
        return found and int(found[0])

    assert tell(NOW_S + 301, 1) is None
    assert tell(2**32 - 1, 2) is None
    assert pair.refused() == {"frame_ahead": 2}
    assert tell(NOW_S + 300, 3) == 3
    assert tell(NOW_S + 299, 4) == 3, "newest wins, by the car's clock"
    pair.check_other()
    pair.desk.clock.now_s -= 3600  # ours was ahead, and what came then is kept
    assert tell(NOW_S - 3600, 5) == 5


def test_a_hello_whose_clock_is_before_2020_is_told_the_time(pair: Pair) -> None:
    """A clock that is wrong is no reason not to hear where a car stands."""
    pair.car.ahead_s = -NOW_S + 5
    pair.car.hello()
    exchange(pair.desk, pair.car)
    assert pair.car.times[-1][1] == NOW_S
    pair.check_other()


def test_an_event_of_a_senseless_time_is_kept_and_moves_no_booking_into_the_future(
    pair: Pair,
) -> None:
    """It happened, whatever the clock said; the next driver is not kept out by it."""
    desk, car = pair.desk, pair.car
    number = desk.fleet.book(desk.driver, CAR, NOW_S, END_S)["id"]
    desk.clock.now_s += 5
    for code in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED):
        car.events.append(pack_event(code, 0xFFFFFFFF, 1, number, car.use_detail()))
    car.tell()
    pair.deliver()
    assert car.acked == 2
    row = desk.db.row("SELECT status, window_until_s FROM booking WHERE id = ?", number)
    assert row["status"] == "ended"
    assert row["window_until_s"] < NOW_S + HOUR_S
    pair.check_other()


def test_events_of_another_cars_booking_do_nothing_to_it(pair: Pair) -> None:
    """A stolen key opens one car's book, not the fleet's."""
    desk, car = pair.desk, pair.car
    number = desk.fleet.book(desk.driver, OTHER_CAR, START_S, END_S)["id"]
    pair.deliver()
    pair.row = car_rows.find(desk.db, OTHER_CAR)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.happen(codes.AUDIT_ENDED, number, car.use_detail())
    car.tell()
    exchange(desk, car)
    assert car.acked == 2
    assert desk.fleet.counts["event_of_foreign_booking"] == 2
    assert desk.db.row("SELECT status FROM booking WHERE id = ?", number)[0] == "booked"


def test_events_that_nobody_understands_are_kept_as_they_came(pair: Pair) -> None:
    """And confirmed: else the car could never tell what comes behind them."""
    bodies = [b"", b"\x04", b"\xff" * 200, pack_event(250, 5, 7, 99, b"later"), bytes(10)]
    pair.car.events += bodies
    pair.car.tell()
    pair.deliver()
    assert pair.car.acked == len(bodies)
    stored = [row["body"] for row in pair.desk.db.rows("SELECT body FROM event ORDER BY seq")]
    assert stored == bodies
    pair.check_other()


def test_numbers_at_the_edge(pair: Pair) -> None:
    """The greatest numbers of each field: nothing overflows, and the car gets into step again."""
    most = 0xFFFFFFFF
    body = struct.pack(
        ">B8sI8sII8sIIII", 255, b"\xff" * 8, most, b"\xff" * 8, most, most, b"\xff" * 8, most, most,
        most, most,
    )  # fmt: skip
    pair.say(kb1.HELLO, body)
    pair.say(kb1.NACK, kb1.pack_nack(255, 255, most, most))
    pair.say(kb1.EVENTS, struct.pack(">IIB", most, most, 1) + b"\0")
    pair.desk.fleet.tick()
    pair.desk.taken()
    pair.check_other()
    pair.car.boot_anew()
    pair.car.hello()
    assert pair.desk.car_row().boot == pair.car.boot
    assert pair.desk.fleet.counts["database_failed"] == 0


def test_three_refusals_are_an_alarm_for_this_car_alone(pair: Pair) -> None:
    """F34: pushes go slowly from then on; who takes his frames again is served as ever."""
    desk, car = pair.desk, pair.car
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, NOW_S + 3 * HOUR_S, NOW_S + 4 * HOUR_S)
    for _ in range(3):
        assert NOT_TAKEN not in desk.alarms()
        desk.taken()
        pair.say(kb1.NACK, kb1.pack_nack(kb1.DELTA, kb1.NACK_SENSELESS, car.gen, car.rev))
        for _ in range(59):
            desk.clock.now_s += 1
            desk.fleet.tick()
        assert desk.taken() == [], "no push within a minute"
        desk.clock.now_s += 1
        desk.fleet.tick()
    alarms = [one["car"] for one in desk.fleet.status()["alarms"] if one["name"] == NOT_TAKEN]
    assert alarms == [CAR]
    exchange(desk, car)  # now it takes the frame
    assert car.records == records_of(desk.db)
    assert NOT_TAKEN not in desk.alarms()
    pair.row = car_rows.find(desk.db, OTHER_CAR)
    pair.check_other()


def test_no_secret_in_logs_counts_or_alarms(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk, car = pair.desk, pair.car
    for kind, body in SENSELESS.values():
        pair.say(kind, body)
    good = car.hello_frame()
    desk.fleet.receive(OTHER_CAR, good)
    desk.fleet.receive("ffffffffffff", good)
    desk.fleet.receive(CAR, good[:-1])
    pair.say(99, bytes.fromhex(pair.secrets[0]))
    for _ in range(3):
        pair.say(kb1.NACK, kb1.pack_nack(kb1.SNAP, kb1.NACK_SENSELESS, 0, 0))
    said = caplog.text + repr(desk.fleet.counts) + repr(desk.fleet.status())
    assert NOT_TAKEN in said
    tag = frames.direction_key(bytes.fromhex(pair.secrets[0]), frames.UP).hex()
    for secret in (*pair.secrets, tag, good.hex()):
        assert secret not in said
    assert repr(bytes.fromhex(pair.secrets[0])) not in said
