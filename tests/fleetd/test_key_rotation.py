"""F37: a key that is changed, interrupted at each step: never locked out, in step at the end."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes, frames, kb1, kb1_centre
from fleetd.core.refused import Refused
from fleetd.store.database import Database
from hal.fake.flash import Flash
from tests.fleetd.key_rig import CARD, FOUND_AGAIN_S, OPERATOR, Pair, PowerCut
from tests.fleetd.rig import CAR, HOUR_S, NOW_S
from tests.portable.firmware.loop_rig import IDENTITY

SEEDS = 4


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_it_is_changed_twice_and_stays_changed_after_resets(pair: Pair) -> None:
    keys = {IDENTITY.key}
    for number in (1, 2):
        assert pair.rotate() == number
        assert pair.slot == (0 if number == 1 else 2)
        pair.settle(5)
        assert pair.slot == 1
        pair.check()
        keys.add(pair.desk.car_row().spoken_key)
        pair.wake()
        pair.settle(5)
        pair.check()
        pair.restart_daemon()
        pair.settle(5)
        pair.check()
    assert len(keys) == 3


def test_a_change_that_is_not_done_is_not_begun_again(pair: Pair) -> None:
    pair.spoil = lambda _frame: 0
    pair.rotate()
    with pytest.raises(Refused, match="key_change_running"):
        pair.rotate()
    pair.settle(20)
    assert pair.slot == 0
    pair.spoil = lambda _frame: 1
    pair.settle(70)
    assert pair.slot == 1
    pair.check()


@pytest.mark.parametrize("is_erased", [False, True], ids=["delta", "snap"])
def test_power_is_cut_at_every_operation_of_the_flash(pair: Pair, *, is_erased: bool) -> None:
    """What the car has durably is what it signs with, and the daemon follows it."""
    cuts = 0
    for after in range(40):
        pair.rotate()
        if is_erased:
            pair.box.cache_storage = Flash(16)
        pair.box.cache_storage.cut_after = after
        try:
            if is_erased:
                pair.box.restart()
                pair.reconnect()
            pair.settle(4)
            is_over = True
        except PowerCut:
            is_over = False
            cuts += 1
        pair.wake()
        pair.settle(5)
        assert pair.slot == 1, after
        pair.check()
        if is_over:
            break
    assert is_over
    assert cuts >= (4 if is_erased else 1)


@pytest.mark.parametrize("keeps_wal", [False, True])
def test_the_daemon_dies_at_every_statement(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, keeps_wal: bool
) -> None:
    """Of the command that makes the key, and of the HELLO that ends the change."""
    for dies_in in ("rotate", "hello"):
        for statement in range(60):
            pair.rotate() if dies_in == "hello" else None
            died = _run_until(pair, monkeypatch, dies_in, statement)
            if keeps_wal:
                pair.desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
            pair.restart_daemon()
            if dies_in == "rotate" and died:
                assert pair.desk.car_row().key_heard_s is not None or pair.slot == 0
            pair.settle(5)
            pair.check()
            if not died:
                break
        assert not died
        assert statement > 5


def _run_until(pair: Pair, monkeypatch: pytest.MonkeyPatch, what: str, statement: int) -> bool:
    """Whether it died before that statement."""
    left = statement
    run = Database.run

    def dying(db: Database, sql: str, *values: Any) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise sqlite3.OperationalError("gone")
        return run(db, sql, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "run", dying)
        try:
            if what == "rotate":
                pair.rotate()
            else:
                pair.step(1)
                pair.step(1)
        except sqlite3.OperationalError:
            return True
    return left < 0


@pytest.mark.parametrize("seed", range(SEEDS))
def test_frames_are_lost_and_doubled_and_either_side_falls(tmp_path: Path, seed: int) -> None:
    pair = Pair(tmp_path, seed)
    chance = pair.random.random
    for _ in range(2):
        loss = pair.random.choice((0.1, 0.3, 0.6))
        pair.spoil = lambda _frame, loss=loss: (  # type: ignore[misc]
            0 if chance() < loss else 2 if chance() < loss else 1
        )
        pair.rotate()
        for _ in range(40):
            pair.step(pair.random.choice((1, 1, 5)))
            if pair.seen and chance() < 0.3:
                pair.box.centre.put(pair.random.choice(pair.seen))
            if chance() < 0.05:
                pair.wake()
            if chance() < 0.05:
                pair.restart_daemon()
            if chance() < 0.03:
                pair.erase_copy()
        pair.spoil = lambda _frame: 1
        pair.reconnect()
        pair.settle(FOUND_AGAIN_S, 5)
        pair.check()
        assert pair.slot == 1
    assert pair.opened() == 0


def test_a_copy_that_was_erased_comes_back_with_its_key(pair: Pair) -> None:
    """The car has only its first key then, and is heard under it."""
    pair.rotate()
    pair.settle(5)
    pair.erase_copy()
    pair.step(1)
    pair.settle(5)
    assert pair.slot == 1
    assert pair.desk.fleet.counts["key_slot_changed"] == 3
    pair.check()


def test_a_database_from_before_the_key(pair: Pair) -> None:
    """The car falls back to its first key, takes a SNAP under it, and can get a new one."""
    backup = pair.back_up()
    pair.rotate()
    pair.settle(5)
    pair.restore(backup)
    pair.settle(30)
    assert not pair.is_in_step
    assert pair.desk.fleet.counts["frame_not_signed"] > 0
    pair.settle(FOUND_AGAIN_S, 5)
    assert "database_forked" in pair.desk.alarms()
    assert pair.slot == 0
    assert pair.desk.car_row().slot_key is None
    pair.check()
    pair.rotate()
    pair.settle(5)
    assert pair.slot == 1
    pair.check()


def test_a_database_from_the_middle_of_the_change_and_from_the_key_before(pair: Pair) -> None:
    pair.spoil = lambda _frame: 0
    pair.rotate()
    backup = pair.back_up()
    pair.spoil = lambda _frame: 1
    pair.settle(70)
    pair.check()
    pair.restore(backup)
    pair.settle(10)
    assert pair.slot == 1
    pair.check()
    backup = pair.back_up()
    pair.rotate()
    pair.settle(5)
    pair.restore(backup)
    pair.settle(FOUND_AGAIN_S, 5)
    assert pair.slot == 1
    assert "database_forked" in pair.desk.alarms()
    pair.check()


def test_a_daemon_that_was_silent_for_long_goes_on_under_the_new_key(pair: Pair) -> None:
    """The car tried its first key meanwhile; it did not give up the new one."""
    pair.rotate()
    pair.settle(5)
    pair.spoil = lambda _frame: 0
    for _ in range(60):
        pair.step(30)
    pair.spoil = lambda _frame: 1
    pair.settle(130)
    assert pair.slot == 1
    pair.check()


def test_a_centre_that_has_not_heard_of_it_is_heard_for_this_boot(pair: Pair) -> None:
    """What was signed before the car's HELLO arrived is not lost."""
    pair.spoil = lambda frame: int(frame[1] >= kb1.DELTA)  # nothing from the car arrives
    pair.rotate()
    pair.settle(2)
    pair.desk.fleet.add_booking(pair.desk.other, CAR, NOW_S + 9 * HOUR_S, NOW_S + 10 * HOUR_S)
    pair.settle(5)
    assert pair.slot == 0
    assert pair.is_in_step
    pair.wake()
    pair.box.centre.put(start_command(pair))
    pair.settle(2)
    assert pair.opened() == 0
    pair.spoil = lambda _frame: 1
    pair.settle(70)
    pair.check()


def test_a_centre_that_speaks_with_the_first_key_is_told_better(pair: Pair) -> None:
    """Any frame under it makes the car say HELLO."""
    pair.rotate()
    pair.settle(5)
    with pair.desk.db.transaction():
        pair.desk.db.run("UPDATE car SET key_slot = 0")
    pair.check()


def test_an_old_snapshot_with_an_old_key_is_caught_up(pair: Pair) -> None:
    """After its copy was erased a car takes what was recorded; the centre has forgotten that key."""
    pair.rotate()
    pair.settle(5)
    pair.erase_copy()
    pair.settle(5)
    snaps = [frame for frame in pair.seen if frame[1] == kb1.SNAP]
    pair.rotate()
    pair.settle(5)
    pair.erase_copy()
    pair.box.centre.put(snaps[-1])
    pair.box.after(10)
    pair.wake()
    assert pair.box.loop._keyring.is_rotated
    assert pair.box.loop._keyring._newest != pair.desk.car_row().slot_key
    pair.settle(FOUND_AGAIN_S, 5)
    pair.check()
    assert pair.slot == 1


def forged(kind: int, body: bytes) -> bytes:
    """By somebody who got hold of the first key."""
    key = frames.direction_key(IDENTITY.key, frames.DOWN)
    return frames.pack_frame(key, IDENTITY.car, kind, body)


def start_command(pair: Pair) -> bytes:
    boot, expires_s = pair.box.boot, 100_000
    command = kb1.Command(b"EVILEVIL", boot, 90_000, expires_s, codes.VERB_START, 1, 1, 7200)
    return forged(kb1.CMD, kb1_centre.pack_command(command))


def test_no_door_by_an_old_frame_or_the_first_key(pair: Pair) -> None:
    """Neither what was recorded, nor a fresh command under a key that is no longer the car's."""
    booking = pair.desk.fleet.bookings_of(pair.desk.driver)[0]["id"]
    pair.desk.fleet.operate(pair.desk.driver, booking, "start", "1")
    pair.spoil = lambda _frame: 0  # the command is caught on its way
    pair.step(1)
    pair.settle(40)
    pair.spoil = lambda _frame: 1
    pair.rotate()
    pair.settle(70)
    pair.check()
    for frame in [*pair.seen, start_command(pair)]:
        pair.box.centre.put(frame)
        pair.settle(1)
    assert pair.opened() == 0
    # Nor in the time in which the car looks for a centre of its first key: there only SNAP opens.
    pair.spoil = lambda _frame: 0
    for _ in range(30):
        pair.step(60)
        pair.box.centre.put(start_command(pair))
    assert pair.box.loop._keyring.unheard > 6
    assert pair.opened() == 0
    pair.spoil = lambda _frame: 1
    pair.settle(130)
    pair.check()
    # A card opens it: what was counted can be counted.
    pair.box.reader.card = CARD
    pair.settle(5)
    assert pair.opened() > 0


def test_a_first_key_snap_is_not_taken_while_the_centre_answers(pair: Pair) -> None:
    pair.rotate()
    pair.settle(5)
    cache = pair.box.loop._cache
    snap = kb1_centre.pack_snap(cache.gen + 1, 1, bytes(8), 0, 1, [])
    standing = cache.gen, cache.rev
    for _ in range(20):
        pair.box.centre.put(forged(kb1.SNAP, snap))
        pair.settle(2)
    assert (cache.gen, cache.rev) == standing
    pair.check()


def test_only_hello_is_heard_under_a_key_that_was_given_up(pair: Pair) -> None:
    pair.rotate()
    pair.settle(5)
    up = frames.direction_key(IDENTITY.key, frames.UP)
    events = kb1.pack_events(7, 1, [bytes(12)])
    pair.desk.fleet.receive(CAR, frames.pack_frame(up, IDENTITY.car, kb1.EVENTS, events))
    assert pair.desk.fleet.counts["frame_under_old_key"] == 1
    pair.check()


def test_nobody_reads_the_key_but_car_and_database(pair: Pair) -> None:
    pair.rotate()
    pair.settle(5)
    row = pair.desk.car_row()
    assert row.slot_key is not None
    shown = [repr(row), repr(pair.desk.fleet.status()), repr(pair.desk.fleet.car_terms(CAR))]
    for secret in (row.slot_key, IDENTITY.key):
        assert not any(secret in frame for frame in pair.seen)
        assert not any(secret.hex() in text or repr(secret) in text for text in shown)
    assert pair.desk.fleet.car_terms(CAR)["history"][-1]["who"] == OPERATOR
