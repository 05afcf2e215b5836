"""What the rental does, a line a case: how it came about, what happens then, all that follows.

    booked, tap > done > unlocked; ...

Before the last `>` stand steps of the vocabulary below, after it everything that follows from the
last step: the state; pulses with who may ask for them and how long; hazard flashes and signals;
records with their causes and reasons; answers to the phone; timers that were armed anew or went
out; flags of the session that changed. What is not in the line did not happen.
"""

import struct

from firmware import session
from firmware.alerts import Alerts
from firmware.interlock import permits
from firmware.ticks import ticks_diff
from firmware.wire import codes
from firmware.wire.code_names import (
    AUDIT_NAMES,
    CAUSE_NAMES,
    FAULT_NAMES,
    PULSE_NAMES,
    REASON_NAMES,
    WARNING_NAMES,
)
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1_centre import unpack_refusal, unpack_result
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    NEXT_BOOKING,
    NINE,
    OTHER,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
    profile,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FLAGS = {
    getattr(session, name): name.lower()
    for name in ("LAPSED", "KEY_WAS_OUT", "SECURITY_DUE", "REOPEN_USED", "REOPEN_DOOR", "OVER")
}
FLAGS[session.STAFF_REVIEW] = "staff_review"
FLAGS[session.STAFF_IN] = "staff_in"
IDENTS = {CARD: "card", OTHER_CARD: "other", STRANGER: "stranger", STAFF_CARD: "staff"}
VERBS = {
    "start": codes.VERB_START,
    "end": codes.VERB_END,
    "reopen": codes.VERB_REOPEN,
    "lock": codes.VERB_LOCK,
    "reunlock": codes.VERB_REUNLOCK,
    "enrol": codes.VERB_ENROL,
    "position": codes.VERB_POSITION,
    "maintenance_on": codes.VERB_MAINTENANCE_ON,
    "maintenance_off": codes.VERB_MAINTENANCE_OFF,
}
CARDS = {
    "tap": CARD,
    "tap other": OTHER_CARD,
    "tap stranger": STRANGER,
    "tap staff": STAFF_CARD,
}
#: Word: input and the value that it takes, in a step of its own.
INPUTS = {
    "door opens": (codes.IN_DOOR_DRIVER, codes.YES),
    "door closes": (codes.IN_DOOR_DRIVER, codes.NO),
    "door unknown": (codes.IN_DOOR_REAR_LEFT, codes.UNKNOWN),
    "key out": (codes.IN_KNOB_AT_RETURN, codes.NO),
    "key in": (codes.IN_KNOB_AT_RETURN, codes.YES),
    "key unknown": (codes.IN_KNOB_AT_RETURN, codes.UNKNOWN),
    "engine runs": (codes.IN_ENGINE, codes.YES),
    "engine rests": (codes.IN_ENGINE, codes.NO),
    "engine unknown": (codes.IN_ENGINE, codes.UNKNOWN),
    "car moves": (codes.IN_MOVING, codes.YES),
    "brake off": (codes.IN_BRAKE, codes.NO),
    "lights on": (codes.IN_LIGHTS, codes.YES),
    "window open": (codes.IN_WINDOW, codes.YES),
}
#: The same, but the next step is the first to see it: what the relays left behind.
READ_BACK = {
    "locked": (codes.IN_LOCKED, codes.YES),
    "unlocked": (codes.IN_LOCKED, codes.NO),
    "locks unknown": (codes.IN_LOCKED, codes.UNKNOWN),
    "blocked": (codes.IN_BLOCKED, codes.YES),
    "released": (codes.IN_BLOCKED, codes.NO),
    "block unknown": (codes.IN_BLOCKED, codes.UNKNOWN),
}
#: Words that stand for others.
STORIES = {
    "started": "booked, tap, done",
    "boarding": "started, door opens",
    "driving": "boarding, key out, door closes",
    "back": "driving, key in",
    "relocked": "started, wait 60, done",
    "secured": "boarding, door closes, wait 600, done",
    "ending": "back, tap",
    "ended": "ending, done",
    "reopened": "ended, reopen, done",
    "over": "ended, wait 600",
    "asking": "online, booked, tap",
    "serviced": "maintenance_on",
}


class WatchedAlerts(Alerts):
    """Writes down what it is asked for."""

    def __init__(self, terms: "Any", log: "list[str]") -> None:
        super().__init__(terms)
        self._log = log

    def flash(self, count: int, now_ms: int) -> None:
        super().flash(count, now_ms)
        self._log.append("flash %d" % count)

    def alarm(self, now_ms: int) -> None:
        super().alarm(now_ms)
        self._log.append("alarm")

    def warn(self, now_ms: int) -> None:
        super().warn(now_ms)
        self._log.append("sound")

    def refuse(self, now_ms: int) -> None:
        super().refuse(now_ms)
        self._log.append("signal")


class RowRig(Rig):
    """A rig that plays words and tells what followed from the last one."""

    def __init__(self) -> None:
        self.log: "list[str]" = []
        self.authorised: "list[str]" = []
        self.hands: "list[str]" = []
        terms = profile()
        terms["reunlock"] = terms["enrolment"] = True
        super().__init__(terms=terms)

    def new_controller(self) -> "Any":
        controller = super().new_controller()
        controller.rental.alerts = WatchedAlerts(controller.rental.terms, self.log)
        return controller

    def _obey(self) -> None:
        for line in range(codes.PULSES):
            if permits(line, self.turn, self.snapshot, True):
                left_ms = ticks_diff(self.turn.pulse_not_after_ms[line], self.snapshot.now_ms)
                limit = " %d" % (left_ms // 1000) if line in (0, 2) else ""
                who = cause_of(self.turn.pulse_cause[line], self.turn.pulse_ident[line])
                self.hands.append("%s by %s%s" % (PULSE_NAMES[line], who, limit))
            elif self.turn.pulse_cause[line]:
                self.hands.append("%s forbidden" % PULSE_NAMES[line])
        super()._obey()
        for body in self.turn.results:
            self.log.append(answer_of(body))
        if self.turn.asks:
            self.log.append("asks")

    def play(self, word: str) -> None:
        """One word, or a story of several."""
        if word in STORIES:
            for part in STORIES[word].split(", "):
                self.play(part)
        elif word in INPUTS:
            self.change(INPUTS[word][0], INPUTS[word][1])
        elif word in READ_BACK:
            self.set(READ_BACK[word][0], READ_BACK[word][1])
        elif word in CARDS:
            self.tap(CARDS[word])
        elif word.split(" ")[0] in VERBS:
            parts = word.split(" ")
            if len(parts) > 1:
                self.command(VERBS[parts[0]], NEXT_BOOKING, OTHER)
            else:
                self.command(VERBS[parts[0]])
        elif word.startswith("wait "):
            self.run(int(word[5:]))
        else:
            WORDS[word](self)

    def reset(self) -> None:
        """Power goes and comes back at once; all inputs are told in the second step."""
        record = self.controller.state()
        self.snapshot.is_settled = False
        self.controller = self.new_controller()
        assert self.controller.restore(record, self.snapshot, -1)
        self.step()
        self.snapshot.is_settled = True
        self.step()


def be_online(rig: RowRig) -> None:
    rig.snapshot.is_online = True


def be_offline(rig: RowRig) -> None:
    rig.snapshot.is_online = False


def may_connect(rig: RowRig) -> None:
    rig.snapshot.may_connect = True


def lose_clock(rig: RowRig) -> None:
    rig.snapshot.wall_is_trusted = False


def fill_journal(rig: RowRig) -> None:
    rig.snapshot.journal_has_room = False


def lose_lease(rig: RowRig) -> None:
    rig.snapshot.lease_holds = False


def book(rig: RowRig) -> None:
    rig.book()


def book_next(rig: RowRig) -> None:
    """Another driver's booking, that may begin now."""
    rig.book(NEXT_BOOKING, OTHER)


def book_tomorrow(rig: RowRig) -> None:
    rig.book(starts_in_s=86400)


def book_again(rig: RowRig) -> None:
    """The same driver's next booking, that may begin now."""
    rig.book(NEXT_BOOKING)


def book_late(rig: RowRig) -> None:
    """The driver's own, its reader window lapsed."""
    rig.book(starts_in_s=-3000)


def hear_answer(rig: RowRig) -> None:
    rig.step(("centre_answered", b""))


def finish(rig: RowRig) -> None:
    rig.finish_pulses()


def reset(rig: RowRig) -> None:
    rig.reset()


def idle(rig: RowRig) -> None:
    rig.step()


WORDS: "dict[str, Callable[[RowRig], None]]" = {
    "fresh": idle,
    "online": be_online,
    "offline": be_offline,
    "may connect": may_connect,
    "clock lost": lose_clock,
    "journal full": fill_journal,
    "lease over": lose_lease,
    "booked": book,
    "next booked": book_next,
    "tomorrow booked": book_tomorrow,
    "again booked": book_again,
    "late booked": book_late,
    "answer": hear_answer,
    "done": finish,
    "reset": reset,
}


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
        text.append(FAULT_NAMES[detail[0]])
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
    return " ".join(text)


IDENTS_OF_BYTES = {codes.BY_CARD: CARD, codes.BY_COMMAND: b"CMND0000"}


def timers_of(rig: RowRig, elapsed_s: int, before: "list[tuple[str, int]]") -> "list[str]":
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


def told(line: str) -> str:
    """The whole line with what really follows."""
    steps, _, rest = line.partition(" > ")
    last = rest.partition(" > ")[0]
    rig = RowRig()
    for word in steps.split(", "):
        rig.play(word)
    before, flags = rig.deadlines(), rig.controller.rental.session.flags
    rig.mark()
    rig.log.clear()
    rig.hands.clear()
    rig.play(last)
    elapsed_s = int(last[5:]) if last.startswith("wait ") else 0
    r = rig.controller.rental
    said = [rig.state] + rig.hands + rig.log  # noqa: RUF005 - not on MicroPython
    said += [record_of(body) for body in rig.bodies]
    said += timers_of(rig, elapsed_s, before) + flags_of(flags, r.session.flags)
    return "%s > %s > %s" % (steps, last, "; ".join(said))


def check(lines: str) -> None:
    """Every line of a text; the first that is not so is shown as it is."""
    checked = 0
    for line in lines.strip().split("\n"):
        if line and line[0] != "#":
            found = told(line)
            assert found == line, "wanted %s\nbut    %s" % (line, found)
            checked += 1
    assert checked
