"""A small journal on a desk: two cars, a replaced journal, a gap, checkpoints; and its checks."""

from __future__ import annotations

import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT, pack_cause, pack_refusal
from fleetd.ledger.check import Check
from fleetd.ledger.earlier import Earlier
from fleetd.ledger.file import lines
from fleetd.ledger.findings import Report
from fleetd.ledger.key import Signer
from fleetd.ledger.scope import Asked
from tests.fleetd.rig import OTHER_CAR, Desk, ScriptedCar, exchange, wire

#: Keys from fixed bytes: the same journal in each run.
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
FOREIGN = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
CARD_IDENT = bytes.fromhex("0101060112ab34cd")


def tell_all(desk: Desk, car: ScriptedCar, rounds: int = 40) -> None:
    """Until everything is confirmed."""
    for _ in range(rounds):
        if car.acked == len(car.events):
            return
        car.tell()
        for frame in desk.taken(car.car.hex()):
            car.hear(frame)
    raise AssertionError("the car is not heard")


def other_car(desk: Desk) -> ScriptedCar:
    identity = desk.fleet.add_car("Suginami 2", OTHER_CAR)
    desk.taken(OTHER_CAR)
    return ScriptedCar(
        OTHER_CAR, identity.key, lambda frame: desk.fleet.receive(OTHER_CAR, frame), desk.clock, 2
    )


def checkpoint(desk: Desk) -> None:
    """An hour goes by."""
    desk.clock.now_s += 3600
    desk.fleet.tick()


def small_journal(desk: Desk) -> tuple[ScriptedCar, ScriptedCar]:
    """Three checkpoints with something new, one with nothing, and three events unsigned."""
    desk.fleet.signer = SIGNER
    car, other = wire(desk), other_car(desk)
    for _ in range(2):
        car.happen(codes.AUDIT_START_REQUESTED, 7, pack_cause(codes.BY_CARD, CARD_IDENT))
        car.happen(codes.AUDIT_UNLOCKED, 7, car.use_detail())
        other.happen(codes.AUDIT_DOOR_OPENED, 0, b"\0")
    tell_all(desk, car)
    tell_all(desk, other)
    checkpoint(desk)
    checkpoint(desk)
    detail = pack_refusal(codes.BY_COMMAND, b"COMMAND1", [(codes.TOO_EARLY, 99)])
    car.happen(codes.AUDIT_END_REFUSED, 7, detail)
    other.happen(codes.AUDIT_KEY_OUT)
    tell_all(desk, car)
    tell_all(desk, other)
    other.journal, other.events, other.acked = 0x22, [], 0
    other.happen(codes.AUDIT_FAULT, 0, bytes((codes.FAULT_READER_SILENT, 0)))
    tell_all(desk, other)
    checkpoint(desk)
    car.happen(codes.AUDIT_KEY_IN)
    car.happen(codes.AUDIT_ENDED, 7, car.use_detail(odometer_m=13_000))
    desk.fleet.receive(car.car.hex(), car.events_frame(6, 2))
    car.happen(codes.AUDIT_GAP, 0, struct.pack(">I", 4))
    gap = car.events.pop()
    car.events += [b"", b"", b"", gap]
    desk.fleet.receive(car.car.hex(), car.events_frame(11, 1))
    exchange(desk, car)
    car.happen(codes.AUDIT_REUNLOCKED, 7, pack_cause(codes.BY_COMMAND, NO_IDENT))
    tell_all(desk, car)
    checkpoint(desk)
    other.happen(codes.AUDIT_KEY_IN)
    car.happen(codes.AUDIT_DOOR_CLOSED, 0, b"\1")
    car.happen(codes.AUDIT_LOCKED, 0, b"\2")
    tell_all(desk, car)
    tell_all(desk, other)
    return car, other


def exported(desk: Desk, car: str = "", since_s: int = 0) -> list[str]:
    return list(lines(desk.db, car, since_s))


def checked(
    text: list[str],
    *earlier: Earlier,
    asked: Asked = Asked(),  # noqa: B008 - it does not change
    signer: Signer = SIGNER,
) -> Report:
    check = Check([signer.verifier], earlier, asked=asked)
    for line in text:
        check.feed(line)
    return check.finish()


def copy_of(desk: Desk, path: Path) -> None:
    """The database as a backup has it."""
    desk.db.run("VACUUM INTO ?", str(path))
