"""A box that starts on a damaged flash: what it makes of it, and what it must never do.

Never: an exception, a pulse that nobody asked for, a session that was not there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache as remembered
from random import Random
from typing import Any
from zlib import crc32

from firmware.cache import SECTORS_MIN
from firmware.journal import Journal
from firmware.loop import Loop
from firmware.terms import load_settings, load_terms
from firmware.wire import codes
from firmware.wire.chain import EMPTY_HASH
from firmware.wire.journal_format import HEAD_BYTES
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import CARD, IDENTITY, Box

JOURNAL_SECTORS = 8
CACHE_SECTOR_BYTES = 1024
STORAGE_FAULTS = {
    codes.FAULT_JOURNAL_FAILED,
    codes.FAULT_CACHE_FAILED,
    codes.FAULT_SESSION_UNREADABLE,
}
STRANGER = b"\1\1\6\1\x77\x77\x77\x77"


@remembered
def terms_and_settings() -> tuple[Any, Any]:
    with open("firmware/profiles/top24-2023.json") as file:
        terms = load_terms(json.load(file))
    return terms, load_settings({}, terms)


class SmallBox(Box):
    """A box on the smallest flash there may be."""

    def __init__(self) -> None:
        super().__init__()
        self.journal_storage = Flash(JOURNAL_SECTORS)
        self.cache_storage = Flash(SECTORS_MIN, sector_bytes=CACHE_SECTOR_BYTES)
        self.hash8, self.rev = EMPTY_HASH, 0
        self.restart()

    def start_anew(self) -> None:
        """As `restart`, without reading the profile again and without a turn."""
        self.boots += 1
        terms, settings = terms_and_settings()
        self.loop = Loop(
            self, terms, settings, IDENTITY, struct.pack(">QQ", self.boots, self.boots << 32)
        )
        self.loop.start()

    def set(self, index: int, value: int) -> None:
        self.inputs[index].value = value
        self.after(60)
        self.after(60)

    def touch(self, card: bytes = CARD) -> None:
        self.reader.card = card
        for wait_ms in (0, 500, 500, 500):
            self.after(wait_ms)


def driving() -> SmallBox:
    """A rental in progress: the key is out, the engine runs, the car moves."""
    box = SmallBox()
    box.book()
    box.touch()
    box.set(codes.IN_LOCKED, codes.NO)
    box.set(codes.IN_BLOCKED, codes.NO)
    box.after(1000)
    box.set(codes.IN_DOOR_DRIVER, codes.YES)
    box.set(codes.IN_KNOB_AT_RETURN, codes.NO)
    box.set(codes.IN_DOOR_DRIVER, codes.NO)
    box.set(codes.IN_ENGINE, codes.YES)
    box.set(codes.IN_MOVING, codes.YES)
    for number in range(40):
        box.wall_s += 10
        box.set(codes.IN_DOOR_REAR_LEFT, number % 2)  # the driver stops, and somebody gets out
        box.after(10_000)
    assert box.loop.state == "in_use", box.loop.state
    return box


def idle() -> SmallBox:
    """Booked, and nobody came yet."""
    box = SmallBox()
    box.book()
    box.after(1000)
    return box


MakeBox = Callable[[], SmallBox]


@dataclass
class Outcomes:
    """How many starts ended how."""

    starts: int = 0
    as_before: int = 0
    vacant_and_told: int = 0
    older_session: int = 0
    untold: int = 0  # the last session is not back, and nobody hears of it
    faults_told: int = 0
    raised: int = 0
    pulses: int = 0
    examples: list[str] = field(default_factory=list)

    def complain(self, what: str) -> None:
        if len(self.examples) < 5:
            self.examples.append(what)

    def is_clean(self) -> bool:
        return self.raised == self.pulses == 0


class Patient:
    """A box with whole images, and what it was like before the damage."""

    def __init__(self, box: SmallBox) -> None:
        self._box = box
        self.state = box.loop.state
        self.instance = box.loop._journal.instance
        self.session = box.loop._journal.session
        self.images = (
            bytes(box.journal_storage.contents),
            bytes(box.cache_storage.contents),
        )

    def try_images(self, journal: bytes, copy: bytes, outcomes: Outcomes, what: str) -> None:
        """Start on them, live for a while, touch with a stranger's card."""
        box = self._box
        box.journal_storage.contents[:] = journal
        box.cache_storage.contents[:] = copy
        rises = [line.rises for line in box.pulses]
        outcomes.starts += 1
        is_back = session_in(box.journal_storage) == self.session
        try:
            box.start_anew()
            started = list(box.loop.committed)
            state = box.loop.state
            for wait_ms in (0, 60, 1000, 11_000):
                box.after(wait_ms)
            box.touch(STRANGER)
        except Exception as error:  # noqa: BLE001 - to be counted, whatever it is
            outcomes.raised += 1
            outcomes.complain(f"{what}: {error!r}")
            return
        if rises != [line.rises for line in box.pulses]:
            outcomes.pulses += 1
            outcomes.complain(f"{what}: a pulse in {state}")
        self._judge(state, started, outcomes, what)
        if not is_back and not self._is_told:
            outcomes.untold += 1
            outcomes.complain(f"{what}: not told that the session in {self.state} is gone")

    def _judge(self, state: str, started: list[bytes], outcomes: Outcomes, what: str) -> None:
        journal = self._box.loop._journal
        unsent = [] if journal.is_open else journal.read_unacked(900)[1]
        faults = {e[HEAD_BYTES] for e in started + unsent if e[0] == codes.AUDIT_FAULT}
        # Another journal number tells the centre that this journal begins anew.
        self._is_told = journal.instance != self.instance or not faults.isdisjoint(STORAGE_FAULTS)
        outcomes.faults_told += self._is_told
        if state == self.state:
            outcomes.as_before += 1
        elif codes.FAULT_SESSION_UNREADABLE in faults or unsent:
            outcomes.vacant_and_told += state == "vacant"
        else:
            outcomes.older_session += 1
            outcomes.complain(f"{what}: {self.state} became {state}")


def session_in(flash: Flash) -> bytes | None:
    """The session record that a start finds there; nothing is changed."""
    other = Flash(flash.sectors, sector_bytes=flash.sector_bytes)
    other.contents[:] = flash.contents
    journal = Journal(other, 1, crc32(IDENTITY.car))
    journal.open()
    return journal.session


def flipped(image: bytes, bit: int) -> bytes:
    changed = bytearray(image)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def single_bits(
    patient: Patient, which: int, every: int, outcomes: Outcomes, blank_every: int = 1
) -> None:
    """Each bit of one image, or one of `every`; of erased bytes one bit in `blank_every` more."""
    image = patient.images[which]
    for bit in range(0, 8 * len(image), every):
        if image[bit // 8] == 0xFF and (bit // every) % blank_every:
            continue
        images = list(patient.images)
        images[which] = flipped(image, bit)
        patient.try_images(images[0], images[1], outcomes, f"image {which}, bit {bit}")


def several(
    patient: Patient,
    source: Random,
    count: int,
    damage: Callable[[Random, bytearray], None],
    outcomes: Outcomes,
) -> None:
    """That many starts with a damage by chance in each image."""
    for number in range(count):
        images = [bytearray(image) for image in patient.images]
        for image in images:
            damage(source, image)
        patient.try_images(
            bytes(images[0]), bytes(images[1]), outcomes, f"{damage.__name__} {number}"
        )


def some_bits(source: Random, image: bytearray) -> None:
    """2 to 40 of them, most where something is written."""
    used = [at for at in range(len(image)) if image[at] != 0xFF]
    for _ in range(source.randrange(2, 40)):
        at = source.choice(used) if used and source.random() < 0.8 else source.randrange(len(image))
        image[at] ^= 1 << source.randrange(8)


def cut_short(source: Random, image: bytearray) -> None:
    """From some place on there is nothing, or zeros."""
    at = source.randrange(len(image)) & ~0xFF
    image[at:] = bytes((source.choice((0, 0xFF)),)) * (len(image) - at)


def pages_lost(source: Random, image: bytearray) -> None:
    for _ in range(source.randrange(1, 6)):
        at = source.randrange(len(image)) & ~0xFF
        image[at : at + 256] = source.choice((bytes(256), b"\xff" * 256, source.randbytes(256)))


def noise(source: Random, image: bytearray) -> None:
    image[:] = source.randbytes(len(image))


def sectors_lost(source: Random, image: bytearray) -> None:
    """Some or all of its sectors, up to all, are erased, zeros or noise."""
    size = 4096 if len(image) == JOURNAL_SECTORS * 4096 else CACHE_SECTOR_BYTES
    count = len(image) // size
    for sector in source.sample(range(count), source.randrange(1, count + 1)):
        lost = source.choice((bytes(size), b"\xff" * size, source.randbytes(size)))
        image[sector * size : (sector + 1) * size] = lost
