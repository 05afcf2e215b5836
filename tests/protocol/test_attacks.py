"""The real car and the real daemon, and somebody on the way who keeps, repeats, alters, delays and drops."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from firmware.wire import codes, kb1
from tests.fleetd.rig import CAR, HOUR_S
from tests.portable.firmware.loop_rig import CARD
from tests.protocol.pair import END_S, START_S, Pair, is_of_copy, kinds


@pytest.fixture
def pair(tmp_path: Path) -> Generator[Pair, None, None]:
    found = Pair(tmp_path)
    yield found
    found.desk.db.close()


def ask_position(pair: Pair) -> str:
    return pair.desk.fleet.ask_position(CAR, "operator", "a test")


def test_every_event_once_though_no_eack_comes_for_an_hour(pair: Pair) -> None:
    """F13."""
    pair.go_online()
    pair.lost = {kb1.EACK}
    for minute in range(60):
        pair.car.inputs[codes.IN_DOOR_DRIVER].value = minute % 2
        pair.after(60, step_s=20)
    assert pair.car.loop._journal.backlog() > 50
    opened = pair.told(codes.AUDIT_DOOR_OPENED)
    pair.lost = set()
    pair.after(180, step_s=5)
    assert pair.car.loop._journal.backlog() == 0
    assert (pair.told(codes.AUDIT_DOOR_OPENED), pair.told(codes.AUDIT_DOOR_CLOSED)) == (30, 29)
    assert 0 < opened <= 30
    rows = pair.desk.db.rows("SELECT seq FROM event ORDER BY seq")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


def test_a_repeated_command_is_done_once(pair: Pair) -> None:
    """F14."""
    pair.go_online()
    ask_position(pair)
    pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 1
    for _ in range(3):
        assert pair.replay_down(lambda kind: kind == kb1.CMD) == 1
        pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 1
    answers = [frame for frame in pair.seen_up if frame[1] == kb1.RESULT]
    assert len(answers) == 4, "the answer that it had"
    assert len(set(answers)) == 1


def test_no_command_of_an_earlier_boot_is_done(pair: Pair) -> None:
    """F15, SAFE-5: every CMD that was ever sent, after a restart, again and again."""
    pair.go_online()
    for _ in range(4):
        ask_position(pair)
        pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 4
    pair.car.restart()
    pair.after(5)
    assert pair.replay_down(lambda kind: kind == kb1.CMD) >= 4
    pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 4
    assert pair.told(codes.AUDIT_COMMAND_REFUSED) == 4
    for _ in range(5):
        assert pair.replay_down(lambda kind: kind == kb1.CMD) >= 4
        pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 4
    assert pair.told(codes.AUDIT_COMMAND_REFUSED) == 4, "each is in the journal once"


def test_a_command_that_comes_late_is_not_done_and_said_to_have_expired(pair: Pair) -> None:
    """F16: somebody held it back for ten minutes."""
    pair.go_online()
    pair.lost = {kb1.CMD}
    ident = ask_position(pair)
    pair.after(600, step_s=5)
    assert pair.desk.fleet.command(ident)["status"] == "unknown"
    pair.lost = set()
    pair.replay_down(lambda kind: kind == kb1.CMD)
    pair.after(5)
    assert pair.told(codes.AUDIT_POSITION_REPORTED) == 0
    found = pair.desk.fleet.command(ident)
    assert (found["status"], found["reasons"]) == ("refused", [{"code": "expired"}])


def test_no_altered_frame_is_taken(pair: Pair) -> None:
    """F18: each byte of a frame of each kind and direction, and the frames of one direction in the other."""
    pair.go_online()
    pair.desk.fleet.book(pair.desk.driver, CAR, START_S + HOUR_S, END_S)
    pair.after(5)
    ask_position(pair)
    pair.after(70)
    inbox, counts = pair.car.loop._inbox, pair.desk.fleet.counts
    samples_up = {frame[1]: frame for frame in pair.seen_up}
    samples_down = {frame[1]: frame for frame in pair.seen_down}
    assert set(samples_up) == {kb1.HELLO, kb1.EVENTS, kb1.RESULT, kb1.TELEMETRY}
    assert set(samples_down) == {kb1.DELTA, kb1.TIME, kb1.CMD, kb1.EACK, kb1.SNAP}
    before, standing = pair.desk.car_row(), pair.standing()
    altered = 0
    for frame in samples_up.values():
        for at in range(len(frame)):
            changed = frame[:at] + bytes((frame[at] ^ 0x10,)) + frame[at + 1 :]
            pair.desk.fleet.receive(CAR, changed)
            altered += 1
    for frame in samples_down.values():
        pair.desk.fleet.receive(CAR, frame)
    assert counts["frame_not_signed"] == altered + len(samples_down)
    assert pair.desk.car_row() == before
    down = 0
    for frame in [*samples_down.values(), *samples_up.values()]:
        for at in range(len(frame) if frame[1] in samples_down else 0):
            pair.car.centre.put(frame[:at] + bytes((frame[at] ^ 0x10,)) + frame[at + 1 :])
            pair.car.after(0)
            down += 1
    for frame in samples_up.values():
        pair.car.centre.put(frame)
        pair.car.after(0)
    assert inbox.unsigned == down + len(samples_up)
    assert pair.standing() == standing


def test_an_old_copy_never_comes_back(pair: Pair) -> None:
    """F20: all DELTAs and SNAPs of before, after each change; a revoked card stays revoked."""
    fleet, desk = pair.desk.fleet, pair.desk
    fleet.add_card(desk.driver, CARD)
    number = fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    pair.go_online()
    assert pair.car.loop._cache.bookings.count() == 1
    fleet.cancel(desk.driver, number)
    pair.after(5)
    for turn in range(6):
        pair.check_in_step()
        before = pair.standing()
        assert pair.car.loop._cache.bookings.count() == 0
        assert pair.replay_down(is_of_copy) >= 2
        assert pair.standing() == before
        pair.after(5)
        starts_s = START_S + (2 + turn) * HOUR_S
        number = fleet.book(desk.other, CAR, starts_s, starts_s + HOUR_S)["id"]
        pair.after(5)
        fleet.cancel(desk.other, number)
        pair.after(5)
    pair.car.reader.card = CARD
    pair.after(5)
    assert pair.car.loop.state == "vacant"


def test_a_thousand_reconnects_lose_nothing(pair: Pair) -> None:
    """F21: with events that wait all the time."""
    pair.go_online()
    pair.lost = {kb1.EVENTS, kb1.EACK}
    for turn in range(1000):
        pair.car.inputs[codes.IN_DOOR_DRIVER].value = turn // 100 % 2
        pair.go_offline()
        pair.car.after(200)
        pair.car.centre.online = True
        pair.desk.fleet.connected(CAR)
        pair.car.after(200)
        pair.carry()
    pair.lost = set()
    pair.after(180, step_s=5)
    assert (pair.told(codes.AUDIT_DOOR_OPENED), pair.told(codes.AUDIT_DOOR_CLOSED)) == (5, 4)
    rows = pair.desk.db.rows("SELECT seq FROM event ORDER BY seq")
    assert [row[0] for row in rows] == list(range(1, pair.car.loop._journal.next_seq))


def test_a_burst_is_bounded_and_the_next_hello_mends_it(pair: Pair) -> None:
    """F32, F33: a thousand frames, good ones and garbage; then both are in step."""
    pair.go_online()
    for turn in range(1000):
        pair.car.centre.put(pair.seen_down[turn % len(pair.seen_down)] if turn % 2 else bytes(1024))
        if turn % 100 == 99:
            pair.car.after(10)
    assert pair.car.centre.lost > 0
    while pair.car.centre.waiting():
        pair.car.after(10)
    pair.desk.taken()
    pair.desk.fleet.book(pair.desk.driver, CAR, START_S + HOUR_S, END_S)
    pair.seen_down.clear()
    pair.after(5)
    pair.check_in_step()
    assert 1 <= sum(is_of_copy(frame[1]) for frame in pair.seen_down) <= 5, "one a second at most"


@pytest.mark.parametrize("chunk", range(2))
def test_the_line_breaks_inside_a_snap(pair: Pair, chunk: int) -> None:
    """F2: after each chunk; the old copy serves until a later SNAP is whole."""
    fleet, desk = pair.desk.fleet, pair.desk
    for number in range(100):
        fleet.add_staff_card(bytes([7, number] * 4), f"staff {number}")
    pair.go_online()
    pair.check_in_step()
    assert pair.car.loop._cache.staff.count() == 100
    # Another generation: what a restored database does.
    row = desk.car_row()
    desk.db.run("UPDATE car SET gen = gen + 1, said_gen = ?", row.gen)
    before = pair.standing()
    pair.go_offline()
    pair.car.after(100)
    pair.car.centre.online = True
    fleet.connected(CAR)
    desk.clock.now_s += 2
    pair.car.after(2000)
    for frame in pair.car.centre.take():
        fleet.receive(CAR, frame)
    snap = [frame for frame in desk.taken() if frame[1] == kb1.SNAP]
    assert len(snap) == 2
    for frame in snap[:chunk]:
        pair.car.centre.put(frame)
        pair.car.after(10)
    assert pair.standing() == before
    pair.go_offline()
    pair.car.after(100)
    pair.car.reader.card = bytes([7, 1] * 4)
    pair.after(3)
    assert pair.car.pulses[codes.PULSE_UNLOCK].rises == 1, "the old copy serves"
    pair.go_online()
    pair.after(70)
    pair.check_in_step()
    assert pair.told(codes.AUDIT_STAFF_IN) == 1
    assert pair.standing()[0] == row.gen + 1


def test_all_kinds_were_on_the_way(pair: Pair) -> None:
    """So that the tests above alter and repeat what is really said."""
    pair.go_online()
    ask_position(pair)
    pair.after(5)
    assert kinds(pair.seen_up) >= {kb1.HELLO, kb1.EVENTS, kb1.RESULT}
    assert kinds(pair.seen_down) >= {kb1.SNAP, kb1.CMD, kb1.EACK}
