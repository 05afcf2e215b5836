"""Faults in words, with what a technician does about them; and which of them stand just now."""

from firmware.console.inputs import NAMES
from firmware.console.said import volts
from firmware.snapshot import IS_CONTRADICTORY, IS_NOISY, IS_STALE
from firmware.storage_codes import (
    FULL,
    MENDED,
    OPENED_DAMAGED,
    OPENED_FAILED,
    OPENED_FOREIGN,
    OPENED_NEWER,
    WORN,
)
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console_door import ConsoleBox
    from firmware.snapshot import Snapshot

# Not of the journal: what the console alone calls a fault.
NO_CLOCK = 100
NO_LEASE = 101
LOGIN_REFUSED = 102
CANNOT_BE_TOLD = 103
NO_ROOM = 104
NEVER_CONFIRMED = 105

#: (code, what it is, what to do)
_FAULTS = (
    (codes.FAULT_LOCK_NOT_CONFIRMED, "doors did not lock", "lock relay, fuse, read-back wire; after the use: test doors"),
    (codes.FAULT_UNLOCK_NOT_CONFIRMED, "doors did not unlock", "unlock relay, fuse, read-back wire; after the use: test doors"),
    (codes.FAULT_BLOCK_NOT_CONFIRMED, "starter was not blocked", "block relay, fuse, read-back wire; in maintenance: test starter"),
    (codes.FAULT_RELEASE_NOT_CONFIRMED, "starter was not released", "release relay, fuse, read-back wire; in maintenance: test starter"),
    (codes.FAULT_JOURNAL_FAILED, "journal", "if it stays after a reset, swap the box"),
    (codes.FAULT_READER_SILENT, "reader does not answer", "check its plug, its supply and both data wires"),
    (codes.FAULT_PROGRAM_ERROR, "the program failed and started anew", "send the log to the makers"),
    (codes.FAULT_KEY_CANNOT_TELL, "key in the box cannot be told", "check the key contact and the knob switch"),
    (codes.FAULT_CACHE_FAILED, "copy of bookings and cards", "if it stays after a reset, swap the box"),
    (codes.FAULT_DOORS_LEFT_OPEN, "a door was left open", "close all doors; if they are, check the switch"),
    (codes.FAULT_INPUT_NOISY, "switch bounces: ", "check plug, crimp and switch of that wire"),
    (codes.FAULT_INPUT_CONTRADICTORY, "contradicts the others: ", "compare it with the car; check that wire"),
    (codes.FAULT_INPUT_STALE, "no news from the bus: ", "check the bus plug, and that the ignition wakes it"),
    (codes.FAULT_SESSION_UNREADABLE, "the last use could not be read", "look whether the car is in use; see log"),
    (codes.FAULT_STARTER_MOVED, "starter relay moved by itself", "check the relay for tampering and its wires"),
    (codes.FAULT_ANTENNA_MISSING, "positioning antenna", "check its plug; measure for a short"),
    (codes.FAULT_BATTERY_LOW, "battery low", "charge it; look for what drains it"),
    (codes.FAULT_BATTERY_CRITICAL, "battery critical", "charge it now; the box rests its radio"),
    (NO_CLOCK, "the time is not known: cards cannot start", "bring the car online; it is set from there"),
    (NEVER_CONFIRMED, "the copy was never confirmed: cards cannot start", "wait a minute online; else see network and log"),
    (NO_LEASE, "the centre was not heard for 72 h: cards cannot start", "bring the car online"),
    (LOGIN_REFUSED, "the centre refuses this car", "provision it anew; was the box swapped?"),
    (CANNOT_BE_TOLD, "cannot be told: ", "see sensors; check its wire, or declare it absent"),
    (NO_ROOM, "journal full: no use can start", "bring the car online; it hands over its events"),
)  # fmt: skip
#: By PULSE_*.
_UNPROVED = (
    codes.FAULT_UNLOCK_NOT_CONFIRMED,
    codes.FAULT_LOCK_NOT_CONFIRMED,
    codes.FAULT_RELEASE_NOT_CONFIRMED,
    codes.FAULT_BLOCK_NOT_CONFIRMED,
)
_ANTENNA = {codes.ANTENNA_OPEN: ": not connected", codes.ANTENNA_SHORT: ": shorted"}
_STORAGE = (
    (OPENED_FAILED, "cannot be read or written"),
    (OPENED_NEWER, "written by a later program"),
    (OPENED_FOREIGN, "of another car"),
    (OPENED_DAMAGED, "something in it is lost"),
    (WORN, "a worn sector is passed over"),
    (MENDED, "wrong bits were set right"),
)


def name_of(code: int) -> str:
    """What the fault is."""
    for one, name, _ in _FAULTS:
        if one == code:
            return name
    return "fault %d" % code


def remedy_of(code: int) -> str:
    """What to do about it."""
    for one, _, remedy in _FAULTS:
        if one == code:
            return remedy
    return "send the log to the makers"


def about(code: int, argument: int) -> str:
    """What the argument of a fault adds to its name."""
    if code in (codes.FAULT_JOURNAL_FAILED, codes.FAULT_CACHE_FAILED):
        return ": " + storage_words(argument)
    if codes.FAULT_INPUT_NOISY <= code <= codes.FAULT_INPUT_STALE and argument < len(NAMES):
        return NAMES[argument]
    if code == codes.FAULT_ANTENNA_MISSING:
        return _ANTENNA.get(argument, "")
    if code in (codes.FAULT_BATTERY_LOW, codes.FAULT_BATTERY_CRITICAL) and argument:
        return " (%s)" % volts(100 * argument)
    return ""


def storage_words(bits: int) -> str:
    """What is wrong with the flash."""
    found = [words for bit, words in _STORAGE if bits & bit]
    return ", ".join(found) or "trouble %d" % bits


def of_relays(box: "ConsoleBox", first: int, count: int) -> "list[int]":
    """The fault of each PULSE_* from `first` on whose last one did not show, until one does."""
    unproved = box.actuators.unproved
    return [_UNPROVED[line] for line in range(first, first + count) if unproved >> line & 1]


def standing(box: "ConsoleBox") -> "Iterator[tuple[int, str]]":
    """(code, what about) of each fault that stands now; the gravest first."""
    snapshot = box.snapshot
    journal, cache = box.journal.trouble(), box.cache.trouble()
    if journal & ~FULL:
        yield codes.FAULT_JOURNAL_FAILED, about(codes.FAULT_JOURNAL_FAILED, journal)
    if journal & FULL:
        yield NO_ROOM, ""
    if cache:
        yield codes.FAULT_CACHE_FAILED, about(codes.FAULT_CACHE_FAILED, cache)
    reader = box.ports.reader
    if reader is not None and not reader.is_healthy:
        yield codes.FAULT_READER_SILENT, ""
    for code in of_relays(box, 0, codes.PULSES):
        yield code, ""
    if getattr(getattr(box.controller, "_starter"), "_fault") == codes.FAULT_STARTER_MOVED:  # noqa: B009
        yield codes.FAULT_STARTER_MOVED, ""
    if getattr(box.ports.centre, "login_refused", False):
        yield LOGIN_REFUSED, ""
    if not snapshot.wall_is_trusted:
        yield NO_CLOCK, ""
    elif not snapshot.lease_holds:
        yield NO_LEASE if box.cache.lease_from_s else NEVER_CONFIRMED, ""
    yield from _of_inputs(snapshot, box.settings.no_sensors | box.settings.no_doors)
    if snapshot.antenna >= codes.ANTENNA_OPEN:
        yield codes.FAULT_ANTENNA_MISSING, _ANTENNA[snapshot.antenna]
    level = box.loop.power.battery.level
    if level:
        code = codes.FAULT_BATTERY_LOW - 1 + level
        yield code, about(code, max(0, snapshot.battery_mv // 100))


def _of_inputs(snapshot: "Snapshot", absent: int) -> "Iterator[tuple[int, str]]":
    """`absent`: a bit for each input that is not wired."""
    for i in range(codes.INPUTS):
        faults = snapshot.faults[i]
        for bit, code in (
            (IS_NOISY, codes.FAULT_INPUT_NOISY),
            (IS_CONTRADICTORY, codes.FAULT_INPUT_CONTRADICTORY),
            (IS_STALE, codes.FAULT_INPUT_STALE),
        ):
            if faults & bit:
                yield code, NAMES[i]
        if not faults and snapshot.values[i] == codes.UNKNOWN and not absent >> i & 1:
            yield CANNOT_BE_TOLD, NAMES[i]
