"""What the rental does, a line a case: how it came about, what happens then, all that follows.

    booked, tap > done > unlocked; ...

Before the last `>` stand steps of the vocabulary below, after it everything that follows from the
last step: the state; pulses with who may ask for them and how long; hazard flashes and signals;
records with their causes and reasons; answers to the phone; timers that were armed anew or went
out; flags of the session that changed. What is not in the line did not happen.
"""

from firmware.alerts import Alerts
from firmware.interlock import permits
from firmware.ticks import ticks_diff
from firmware.wire import codes
from firmware.wire.code_names import (
    PULSE_NAMES,
)
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    NEXT_BOOKING,
    OTHER,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
    profile,
)
from tests.portable.firmware.row_reading import (
    answer_of,
    cause_of,
    flags_of,
    record_of,
    timers_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
    "fly": 99,  # no program has it
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


def extend(rig: RowRig) -> None:
    """The booking's end is half an hour later."""
    index = rig.bookings.find(BOOKING)
    starts_s, ends_s = rig.bookings.starts_s(index), rig.bookings.ends_s(index)
    rig.bookings.put(BOOKING, rig.bookings.driver(index), starts_s, ends_s + 1800, 0)
    rig.step(("records_changed", b""))


def know_place(rig: RowRig) -> None:
    rig.snapshot.position_is_valid = True
    rig.snapshot.odometer_m = 5000


def silence_reader(rig: RowRig) -> None:
    rig.step(("reader_changed", b"\0"))


def mend_reader(rig: RowRig) -> None:
    rig.step(("reader_changed", b"\1"))


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
    "extended": extend,
    "place known": know_place,
    "reader silent": silence_reader,
    "reader back": mend_reader,
    "answer": hear_answer,
    "done": finish,
    "reset": reset,
}


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
