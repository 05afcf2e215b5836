"""What followed, in words: records, answers, timers and flags as the lines of `row_rig` say them."""

import struct

from firmware import session
from firmware.wire import codes
from firmware.wire.code_names import (
    AUDIT_NAMES,
    CAUSE_NAMES,
    FAULT_NAMES,
    REASON_NAMES,
    WARNING_NAMES,
)
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1_centre import unpack_refusal, unpack_result
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    NINE,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
)

FLAGS = {
    getattr(session, name): name.lower()
    for name in ("LAPSED", "KEY_WAS_OUT", "SECURITY_DUE", "REOPEN_USED", "REOPEN_DOOR", "OVER")
}
FLAGS[session.STAFF_REVIEW] = "staff_review"
FLAGS[session.STAFF_IN] = "staff_in"
IDENTS = {CARD: "card", OTHER_CARD: "other", STRANGER: "stranger", STAFF_CARD: "staff"}


def cause_of(cause: int, ident: bytes) -> str:
    """Who: a card by its owner, a command, else the cause's own name."""
    if cause == codes.BY_CARD:
        return IDENTS.get(ident, "card?")
    if cause == codes.BY_COMMAND:
        return "phone" if ident[:4] == b"CMND" else "phone?"
    if ident not in (b"", b"\0" * 8):
        return CAUSE_NAMES[cause] + "?"
    return CAUSE_NAMES[cause]


def reason_of(reason: int, argument: int, epoch_s: int) -> str:
    """Its name; seconds until it is no longer too early, the mask of what cannot be told."""
    if reason == codes.TOO_EARLY:
        return "too_early(%d s)" % (argument - epoch_s - NINE)
    return REASON_NAMES[reason] + ("(%d)" % argument if argument else "")


def answer_of(body: bytes) -> str:
    command, accepted, reasons, warnings, _, _ = unpack_result(body)
    said = ["yes" if accepted else "no"]
    said += [reason_of(reason, argument, EPOCH_2020_S) for reason, argument in reasons]
    said += [WARNING_NAMES[warning] for warning in warnings]
    assert command[:4] == b"CMND"
    return "answer " + " ".join(said)


def record_of(body: bytes) -> str:
    """Name, booking unless the usual one, cause, reasons."""
    code, _, _, booking = struct.unpack(">BIBI", body[:10])
    detail = body[10:]
    name = AUDIT_NAMES[code]
    text = [name]
    if booking != BOOKING:
        text.append("#%d" % booking)
    if name.endswith("_refused"):
        text.append(cause_of(detail[0], detail[1:9]))
        text += [reason_of(reason, argument, 0) for reason, argument in unpack_refusal(detail)]
    elif name in ("fault", "fault_cleared"):
        text.append(FAULT_NAMES[detail[0]] + (" %d" % detail[1] if detail[1] else ""))
    elif name == "extended":
        text.append("%d s" % (struct.unpack(">I", detail)[0] - NINE))
    elif name in ("door_opened", "door_closed", "window_over"):
        text.append("%d" % detail[0])
    elif len(detail) == 1:
        text.append(cause_of(detail[0], IDENTS_OF_BYTES.get(detail[0], b"")))
    elif len(detail) in (9, 13):
        text.append(cause_of(detail[0], detail[1:9]))
        text += ["%d" % struct.unpack(">I", detail[9:])[0]] if len(detail) == 13 else []
    elif name in ("unlocked", "ended"):
        driver, odometer_m, _, _, flags = struct.unpack(">IiiiB", detail[9:])
        text += [cause_of(detail[0], detail[1:9]), "%d %d %d" % (driver, odometer_m, flags)]
    elif detail:
        text.append("%d bytes" % len(detail))
    return " ".join(text)


IDENTS_OF_BYTES = {codes.BY_CARD: CARD, codes.BY_COMMAND: b"CMND0000"}


def timers_of(rig: Rig, elapsed_s: int, before: "list[tuple[str, int]]") -> "list[str]":
    """Those that do not simply run on."""
    old, new = dict(before), dict(rig.deadlines())
    late_ms = elapsed_s * 1000
    anew = [name for name in sorted(new) if name not in old or old[name] - late_ms != new[name]]
    said = ["%s %d" % (name, new[name] // 1000) for name in anew]
    return said + ["%s off" % name for name in sorted(old) if name not in new]


def flags_of(before: int, after: int) -> "list[str]":
    changed = []
    for flag in sorted(FLAGS):
        if after & flag and not before & flag:
            changed.append("+" + FLAGS[flag])
        elif before & flag and not after & flag:
            changed.append("-" + FLAGS[flag])
    return changed
