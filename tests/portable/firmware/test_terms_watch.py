"""Rule 10 of the protocol: the copy's terms are what the car goes by, and never in the middle of a use."""

import json

from firmware.car_terms import STAFF_REVIEW
from firmware.terms import load_settings, load_terms, pack_record
from firmware.wire import codes, kb1, kb1_centre
from tests.portable.firmware.loop_rig import CARD, Box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def record(settings: "dict[str, Any] | None" = None, **changed: "Any") -> bytes:
    """Of the box's own profile, with changes."""
    with open("firmware/profiles/top24-2023.json") as file:
        raw = json.load(file)
    del raw["check"]
    raw.update(changed)
    terms = load_terms(raw)
    return pack_record(terms, load_settings(settings or {}, terms))


def put(box: Box, packed: bytes) -> None:
    box.put_delta([(codes.OP_PUT_TERMS, packed)])
    box.after(10)


def touch(box: Box) -> None:
    box.reader.card = CARD
    box.after(1500)


def left_ms(box: Box, name: str) -> int:
    for one, left in box.loop.deadlines():
        if one == name:
            return left
    return -1


def relock_ms(box: Box) -> int:
    """What the car goes by now."""
    found: int = box.loop._controller.rental.terms.relock_ms
    return found


def test_a_vacant_car_takes_them_at_once() -> None:
    box = Box()
    box.book()
    put(box, record(relock_s=90))
    touch(box)
    assert box.loop.state == "unlocked"
    assert 88000 < left_ms(box, "relock") <= 90000


def test_a_use_goes_on_by_the_old_ones_and_the_next_goes_by_the_new() -> None:
    box = Box()
    box.book()
    touch(box)
    before = left_ms(box, "relock")
    put(box, record(relock_s=600 - 1, key_s=600))
    assert box.loop._cache.rev == box.rev  # it has them
    assert relock_ms(box) == 60000
    assert before - 100 < left_ms(box, "relock") < before
    for _ in range(70):
        box.after(1000)
        if box.loop.state == "relocked":
            break
    assert box.loop.state == "relocked" and relock_ms(box) == 60000
    box.centre.online = True
    box.after(10)
    box.put_command(b"COMMAND1", codes.VERB_END)
    for _ in range(20):
        box.after(200)
    while box.loop.state != "vacant":
        assert relock_ms(box) == 60000, box.loop.state
        box.after(10000)
    box.after(10)
    assert relock_ms(box) == 599000


def test_a_start_takes_them_and_what_runs_keeps_its_times_safe_3() -> None:
    box = Box()
    box.book()
    touch(box)
    put(box, record(relock_s=300))
    before = left_ms(box, "relock")
    assert before <= 60000
    box.restart()
    assert relock_ms(box) == 300000
    assert box.loop.state == "unlocked"
    assert left_ms(box, "relock") <= before


def test_they_survive_a_reset_and_end_with_their_deletion() -> None:
    box = Box()
    put(box, record(relock_s=90))
    box.restart()
    assert relock_ms(box) == 90000
    put(box, record(relock_s=100))
    assert relock_ms(box) == 100000
    box.put_delta([(codes.OP_DEL_TERMS, b"")])
    box.after(10)
    assert relock_ms(box) == 60000
    box.restart()
    assert relock_ms(box) == 60000


def test_what_is_not_wired_is_not_read_from_then_on() -> None:
    """END-8: the car's own settings are in the same record."""
    box = Box()
    put(box, record({"no_sensor": ["lights"], "no_door": ["trunk"], "cannot_tell": "staff_review"}))
    box.after(60)
    rental = box.loop._controller.rental
    assert rental.settings.cannot_tell == STAFF_REVIEW
    assert rental.snapshot.values[codes.IN_LIGHTS] == codes.UNKNOWN
    assert rental.snapshot.values[codes.IN_TRUNK] == codes.NO
    box.inputs[codes.IN_LIGHTS].value = box.inputs[codes.IN_TRUNK].value = codes.YES
    box.after(1000)
    box.after(1000)
    assert rental.snapshot.values[codes.IN_LIGHTS] == codes.UNKNOWN
    assert rental.snapshot.values[codes.IN_TRUNK] == codes.NO
    put(box, record())
    box.after(60)
    box.after(60)
    assert rental.snapshot.values[codes.IN_LIGHTS] == codes.YES
    assert rental.snapshot.values[codes.IN_TRUNK] == codes.YES


def nack(box: Box) -> int:
    """The reason of the only NACK."""
    found = [kb1_centre.unpack_nack(body)[1] for body in box.taken(kb1.NACK)]
    assert len(found) == 1, found
    return found[0]


def test_poison_and_a_later_format_change_nothing_and_say_why() -> None:
    """F34, F35."""
    box = Box()
    box.centre.online = True
    put(box, record(relock_s=90))
    box.centre.take()
    good, rev, hash8 = record(), box.rev, box.hash8
    spoilt = good[:12] + b"\0\5" + good[14:]  # relocked after 5 s
    for op, packed, reason in (
        (codes.OP_PUT_TERMS, spoilt, kb1.NACK_SENSELESS),
        (codes.OP_PUT_TERMS, good[:-1], kb1.NACK_SENSELESS),
        (codes.OP_PUT_TERMS, b"\2" + good[1:], kb1.NACK_UNSUPPORTED),
        (codes.OP_PUT_TERMS, b"\2" + good + b"more", kb1.NACK_UNSUPPORTED),
        (codes.OP_PUT_KEY, bytes(49), kb1.NACK_SENSELESS),
        (codes.OP_DEL_KEY + 1, b"new", kb1.NACK_UNSUPPORTED),
    ):
        box.put_delta([(op, packed)])
        box.after(10)
        assert nack(box) == reason, (op, packed)
        box.rev, box.hash8 = rev, hash8
        snap = kb1_centre.pack_snap(1, 1, bytes(8), 0, 1, [(op, packed)])
        box.put(kb1.SNAP, snap)
        box.after(10)
        assert nack(box) == (reason if op != codes.OP_DEL_KEY else kb1.NACK_SENSELESS)
        assert (box.loop._cache.rev, relock_ms(box)) == (rev, 90000)
    box.restart()
    assert (box.loop._cache.rev, relock_ms(box)) == (rev, 90000)


def test_staff_in_the_car_is_not_disturbed() -> None:
    box = Box()
    box.put_delta([(codes.OP_PUT_STAFF, CARD + b"\0\0\0\1")])
    box.after(10)
    touch(box)
    box.inputs[codes.IN_TRUNK].value = codes.YES
    box.after(1000)
    box.after(1000)
    assert box.loop.deadlines() == []
    put(box, record(relock_s=90))
    assert box.loop.state == "vacant" and relock_ms(box) == 60000
    box.inputs[codes.IN_TRUNK].value = codes.NO
    box.after(4000)
    box.after(1000)
    touch(box)
    for _ in range(80):
        box.after(1000)
    assert relock_ms(box) == 90000


def test_a_car_in_maintenance_is_not_disturbed() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    box.put_command(b"COMMAND1", codes.VERB_MAINTENANCE_ON)
    box.after(1000)
    box.after(1000)
    assert box.loop.state == "maintenance" and box.loop.deadlines() == []
    put(box, record(relock_s=90))
    assert relock_ms(box) == 60000
    box.put_command(b"COMMAND2", codes.VERB_MAINTENANCE_OFF, 2)
    for _ in range(5):
        box.after(1000)
    assert box.loop.state == "vacant" and relock_ms(box) == 90000
