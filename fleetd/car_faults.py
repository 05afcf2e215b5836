"""Faults that a car tells: an alarm each, by the fault's own name, until it is over or seen to."""

from __future__ import annotations

from firmware.wire import codes
from firmware.wire.code_names import FAULT_NAMES, INPUT_NAMES
from firmware.wire.journal_format import FLAG_KEY_OUT
from fleetd.core import health
from fleetd.core.audit import Event
from fleetd.store import health_rows, notice_rows
from fleetd.turn import Turn

STORAGE_FAILED = "storage_failed"
KEY_NOT_IN_BOX = "key_not_in_box"
_INPUTS = (codes.FAULT_INPUT_NOISY, codes.FAULT_INPUT_CONTRADICTORY, codes.FAULT_INPUT_STALE)
#: A box that starts anew tells these again, if they still are.
_JUDGED_ANEW = (
    codes.FAULT_READER_SILENT,
    codes.FAULT_ANTENNA_MISSING,
    codes.FAULT_BATTERY_LOW,
    codes.FAULT_BATTERY_CRITICAL,
    *_INPUTS,
)
#: These share one end: the starter block reads as it should. A box that starts anew takes what it
#: reads then for right, so that its reset ends nothing.
_STARTER = (
    codes.FAULT_BLOCK_NOT_CONFIRMED,
    codes.FAULT_RELEASE_NOT_CONFIRMED,
    codes.FAULT_STARTER_MOVED,
)
#: The car does not take these back: somebody has to look.
_STAY = (
    codes.FAULT_LOCK_NOT_CONFIRMED,
    codes.FAULT_UNLOCK_NOT_CONFIRMED,
    codes.FAULT_PROGRAM_ERROR,
    codes.FAULT_KEY_CANNOT_TELL,
    codes.FAULT_DOORS_LEFT_OPEN,
    codes.FAULT_SESSION_UNREADABLE,
)
#: Fault -> name of its alarm; the storages have one together.
ALARMS = {fault: FAULT_NAMES[fault] for fault in (*_JUDGED_ANEW, *_STARTER, *_STAY)}
#: The box starts anew.
_STARTS = (codes.AUDIT_RESET, codes.AUDIT_POWER_LOST)
_FAULTS = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
#: Events that `hear` is about.
HEARD = frozenset((*_STARTS, *_FAULTS, codes.AUDIT_LOCKED, codes.AUDIT_WINDOW_OVER))


def hear(turn: Turn, car: str, event: Event) -> None:
    """An event that is new."""
    if event.code in _STARTS:
        for fault in _JUDGED_ANEW:
            notice_rows.clear_alarm(turn.db, ALARMS[fault], car, turn.now_s)
    elif event.code == codes.AUDIT_LOCKED:
        doors_open = ALARMS[codes.FAULT_DOORS_LEFT_OPEN]
        notice_rows.clear_alarm(turn.db, doors_open, car, turn.now_s)
    elif event.code == codes.AUDIT_WINDOW_OVER and event.detail:
        _hear_window_over(turn, car, event)
    elif event.code in _FAULTS and len(event.detail) >= 2:
        fault, argument = event.detail[:2]
        if event.code == codes.AUDIT_FAULT:
            _raise(turn, car, fault, argument, event.booking)
        else:
            _end(turn, car, fault, argument)


def _raise(turn: Turn, car: str, fault: int, argument: int, booking: int) -> None:
    storage = health.storage_words(fault, argument)
    if storage:
        notice_rows.raise_alarm(turn.db, STORAGE_FAILED, car, turn.now_s, detail=storage)
    elif fault in _INPUTS:
        notice_rows.raise_alarm(turn.db, ALARMS[fault], car, turn.now_s, detail=_input(argument))
    elif fault in ALARMS:
        _raise_once(turn, ALARMS[fault], car, health.detail_of(fault, argument), booking)


def _raise_once(turn: Turn, alarm: str, car: str, detail: str, booking: int) -> None:
    """The detail tells of the moment; it makes no second alarm."""
    if not health_rows.is_known(turn.db, alarm, car, turn.now_s + 1):
        notice_rows.raise_alarm(turn.db, alarm, car, turn.now_s, booking, detail)


def _end(turn: Turn, car: str, fault: int, argument: int) -> None:
    if fault in _INPUTS:
        notice_rows.clear_alarm(turn.db, ALARMS[fault], car, turn.now_s, _input(argument))
    elif fault in ALARMS:
        for one in _STARTER if fault in _STARTER else (fault,):
            notice_rows.clear_alarm(turn.db, ALARMS[one], car, turn.now_s)


def _hear_window_over(turn: Turn, car: str, event: Event) -> None:
    """REOPEN-3, REOPEN-6: is the key where the next driver needs it, as far as can be told?"""
    if not event.detail[0] & FLAG_KEY_OUT:
        notice_rows.clear_alarm(turn.db, KEY_NOT_IN_BOX, car, turn.now_s)
    else:
        _raise_once(turn, KEY_NOT_IN_BOX, car, "", event.booking)


def _input(number: int) -> str:
    return INPUT_NAMES.get(number, f"input {number}")
