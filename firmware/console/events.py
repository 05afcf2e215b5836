"""Events of the journal in words; their layout is that of `firmware.wire.journal_format`."""

import struct

from firmware.console import faults, reasons
from firmware.console.inputs import NAMES
from firmware.console.said import card, driver, moment
from firmware.wire import codes
from firmware.wire.journal_format import HEAD, HEAD_BYTES

#: By number, from 1.
_EVENTS = (
    "start asked for", "start refused", "card refused", "unlocked", "locked", "door opened",
    "door closed", "key taken out", "key put back", "starter blocked", "starter released",
    "locked again, no door was opened", "to be locked when the engine stops",
    "locked and blocked, the key stayed", "unlocked again", "warned of the booking's end",
    "booking made longer", "reader's window over", "end asked for", "end refused", "ended",
    "reopen asked for", "reopen refused", "reopened", "locked after the reopen",
    "reopen window over", "enrolment of a card open", "enrolment over", "card enrolled",
    "command received", "command refused", "staff came", "staff left", "technician came",
    "technician did", "technician left", "started anew", "power lost", "FAULT", "fault over",
    "clock set", "position told", "lost here",
)  # fmt: skip
#: By number, from 1.
_ACTIONS = (
    "console unlocked, level", "console locked", "doors unlock", "doors lock", "engine release",
    "engine block", "maintenance on", "maintenance off", "test", "selftest, not OK", "reset",
    "journal export", "prompt", "set",
)  # fmt: skip
#: By the action: its argument in words. Others have a number, or none.
_ARGUMENTS = {
    codes.ACT_CLOSE: ("by hand", "by time", "with the cable"),
    codes.ACT_TEST: ("red", "green", "yellow", "hazard", "buzzer", "voice"),
    codes.ACT_RESET: ("", "to be bare", "to the prompt"),
}
_NUMBERED = (codes.ACT_OPEN, codes.ACT_SELFTEST)
_WHO = ("", "", "by phone or centre", "by time", "by technician", "after a reset")

_REFUSED = (
    codes.AUDIT_START_REFUSED,
    codes.AUDIT_CARD_REFUSED,
    codes.AUDIT_END_REFUSED,
    codes.AUDIT_REOPEN_REFUSED,
    codes.AUDIT_COMMAND_REFUSED,
)
_BY_INPUT = (codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED)
_BY_FAULT = (codes.AUDIT_FAULT, codes.AUDIT_FAULT_CLEARED)
_BY_STATE = (codes.AUDIT_RESET, codes.AUDIT_POWER_LOST)
_OF_USE = (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED)
_CAUSE_BYTES = 9
_REASON_BYTES = 5


def is_refusal(event: bytes) -> bool:
    return event[0] in _REFUSED


def is_fault(event: bytes) -> bool:
    return event[0] == codes.AUDIT_FAULT


def fault_of(event: bytes) -> int:
    """The fault's number; 0 when it has none."""
    return event[HEAD_BYTES] if len(event) > HEAD_BYTES else 0


def name_of(code: int) -> str:
    """What happened."""
    return _EVENTS[code - 1] if 0 < code <= len(_EVENTS) else "event %d" % code


def when(event: bytes) -> str:
    """Date and time in UTC; with ? when the clock could not be trusted."""
    if len(event) < HEAD_BYTES:
        return "?"
    _, at_s, trusted, _ = struct.unpack_from(HEAD, event, 0)
    return moment(at_s) + (" " if trusted else "?")


def who(detail: bytes) -> str:
    """Who caused it; of a card no more than its last four digits, of a command nothing."""
    cause = detail[0]
    if cause == codes.BY_CARD and len(detail) >= _CAUSE_BYTES:
        return card(detail[1:_CAUSE_BYTES])
    return _WHO[cause] if cause < len(_WHO) else "by cause %d" % cause


def is_technicians(event: bytes) -> bool:
    """Whether a technician at the cable asked for it."""
    return len(event) > HEAD_BYTES and event[HEAD_BYTES] == codes.BY_TECHNICIAN


def is_twin(before: bytes, event: bytes) -> bool:
    """A touch that starts nothing is recorded as a start and as a card that were refused."""
    is_start = before[0] == codes.AUDIT_START_REFUSED
    return is_start and event[0] == codes.AUDIT_CARD_REFUSED and before[1:] == event[1:]


def reasons_of(event: bytes) -> "list[tuple[int, int]]":
    """(reason, argument) of a refusal."""
    at = HEAD_BYTES + _CAUSE_BYTES + 1
    found = []
    while at + _REASON_BYTES <= len(event):
        reason, argument = struct.unpack_from(">BI", event, at)
        found.append((reason, argument))
        at += _REASON_BYTES
    return found


def describe(event: bytes) -> str:
    """What happened, to whom, by whom, in a line."""
    text = name_of(event[0])
    if len(event) < HEAD_BYTES:
        return text
    booking = struct.unpack_from(HEAD, event, 0)[3]
    more = _detail(event[0], event[HEAD_BYTES:])
    if more:
        text += ": " + more
    if booking:
        text += ", booking %d" % booking
    if is_refusal(event):
        is_theirs = is_technicians(event)
        names = [reasons.told(reason, 0, is_theirs)[0] for reason, _ in reasons_of(event)]
        text += ": " + ", ".join(names)
    return text


def _detail(code: int, detail: bytes) -> str:
    size = len(detail)
    if size == 0:
        return ""
    if code in _BY_INPUT:
        return NAMES[detail[0]] if detail[0] < len(NAMES) else "input %d" % detail[0]
    if code in _BY_FAULT:
        return faults.name_of(detail[0]) + (faults.about(detail[0], detail[1]) if size > 1 else "")
    if code in _BY_STATE:
        names = codes.STATE_NAMES
        return names[detail[0]] if detail[0] < len(names) else "state %d" % detail[0]
    if code == codes.AUDIT_EXTENDED or code == codes.AUDIT_GAP or code == codes.AUDIT_CLOCK_SET:
        return _number(code, detail)
    text = who(detail)
    if code in _OF_USE and size >= _CAUSE_BYTES + 8:
        number, metres = struct.unpack_from(">Ii", detail, _CAUSE_BYTES)
        text += ", " + driver(number)
        if metres >= 0:
            text += ", at %d km" % (metres // 1000)
    elif code == codes.AUDIT_TECHNICIAN_ACTION and size > _CAUSE_BYTES + 1:
        action, argument = detail[_CAUSE_BYTES], detail[_CAUSE_BYTES + 1]
        name = _ACTIONS[action - 1] if 0 < action <= len(_ACTIONS) else "action %d" % action
        told = _ARGUMENTS.get(action, ())
        text = name
        if argument < len(told):
            text = (name + " " + told[argument]).rstrip()
        elif argument or action in _NUMBERED:
            text = "%s %d" % (name, argument)
        if action == codes.ACT_SET and size > _CAUSE_BYTES + 2:
            signs = [chr(one) for one in detail[_CAUSE_BYTES + 2 :] if 32 <= one < 127]
            text = name + " " + "".join(signs)
    return text


def _number(code: int, detail: bytes) -> str:
    if len(detail) < 4:
        return ""
    if code == codes.AUDIT_CLOCK_SET:
        return "by %d s" % struct.unpack_from(">i", detail, 0)[0]
    number = struct.unpack_from(">I", detail, 0)[0]
    if code == codes.AUDIT_GAP:
        return "%d events" % number
    return "until %s UTC" % moment(number)[:16]
