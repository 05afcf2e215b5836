"""selftest: the whole box in a dozen lines, each OK, NOT OK or CANNOT TELL, and what to do (TECH-4).

The report is kept as a byte a line in the journal, and compared with the newest one that is there.
Relays move only as SAFE-1 and SAFE-2 allow: a parked car is locked and its starter blocked, which
it is anyway; in maintenance, at level 2, doors and starter are opened first.
"""

from firmware.console import asking, faults, reach, reasons
from firmware.console.asking import REMEDIES, VERDICTS
from firmware.console.events import when
from firmware.console.inputs import NAMES
from firmware.console.out import Pages
from firmware.console.said import span, volts
from firmware.console.tail import Tail
from firmware.snapshot import IS_NOISY
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox
    from firmware.ring import Ring

    #: A verdict, what was found, what to do.
    Found = tuple[int, str, str]

OK, NOT_OK, CANNOT_TELL = 0, 1, 2
#: The order of the lines, and of the bytes in the journal: new ones go at the end.
LINES = (
    "doors", "starter", "switches", "bounce", "reader", "journal", "copy", "clock", "network",
    "position", "battery", "odometer",
)  # fmt: skip
#: The last report is looked for in so many events.
LAST_EVENTS = 500
_REPORT_AT = 21  # of its event: head 10, cause 1, ident 8, action 1, argument 1
_WORKSHOP = 2
#: Inputs that somebody can move at a parked car: doors, trunk, key, knob, parking brake.
_BY_HAND = (0, 1, 2, 3, 4, 5, 6, 9)


def selftest(_words: "list[str]", box: "ConsoleBox", _out: "Out") -> Pages:
    """All of it; takes some seconds, most of them for the relays."""
    return Pages(_report(box))


def _report(box: "ConsoleBox") -> "Iterator[Item | None]":
    tail = Tail(box.journal, LAST_EVENTS)
    last = b""
    while not tail.is_done:
        event = tail.step() or b""
        if _is_report(event):
            last = event
        yield None
    found = bytearray()
    for line in range(len(LINES)):
        if line < 2:
            verdict, text, remedy = yield from _relays(box, line)
        else:
            verdict, text, remedy = _CHECKS[line - 2](box)
        found.append(verdict)
        yield LINES[line], "%s: %s" % (VERDICTS[verdict], text), VERDICTS[verdict]
        if remedy:
            yield "  do", remedy, None
    wrong = list(found).count(NOT_OK)
    unknown = list(found).count(CANNOT_TELL)
    yield "result", "%d NOT OK, %d CANNOT TELL, of %d" % (wrong, unknown, len(LINES)), wrong
    yield from _compared(last, found)
    asking.put(box, codes.ACT_SELFTEST, wrong, bytes(found))


def _is_report(event: bytes) -> bool:
    is_action = len(event) > _REPORT_AT and event[0] == codes.AUDIT_TECHNICIAN_ACTION
    return is_action and event[_REPORT_AT - 2] == codes.ACT_SELFTEST


def _compared(last: bytes, found: bytearray) -> "Iterator[Item]":
    if not last:
        yield "before", "no earlier report in the last %d events" % LAST_EVENTS, None
        return
    before = last[_REPORT_AT:]
    changed = 0
    for line in range(min(len(before), len(found))):
        if before[line] != found[line] and before[line] < len(VERDICTS):
            changed += 1
            yield "changed", "%s was %s" % (LINES[line], VERDICTS[before[line]]), LINES[line]
    yield "before", "%d lines differ from the report of %s" % (changed, when(last).strip()), changed


def _relays(box: "ConsoleBox", line: int) -> "Generator[None, None, Found]":
    """Doors or starter: pulses with their read-back."""
    shut = (codes.ACT_LOCK, codes.ACT_BLOCK)[line]
    index = (codes.IN_LOCKED, codes.IN_BLOCKED)[line]
    failed = faults.of_relays(box, 2 * line, 2)
    if line and box.level < _WORKSHOP:
        if failed:
            return _failed_before(failed[0])
        return CANNOT_TELL, "not tested at level 1", "type unlock 2"
    actions = [shut]
    is_whole = box.controller.rental.state == "maintenance" and box.level >= _WORKSHOP
    if is_whole:
        actions.insert(0, (codes.ACT_UNLOCK, codes.ACT_RELEASE)[line])
    for action in actions:
        asking.put(box, action)
        while box.controller.told is None or box.actuators.are_moving():
            yield None
        told = box.controller.told
        if told:
            if failed:
                return _failed_before(failed[0])
            reason, argument = told[0]
            text = "not tested: " + reasons.sentence_of(reason, argument)
            return CANNOT_TELL, text, reasons.remedy_of(reason)
        value = box.snapshot.values[index]
        name = asking.words_of(action)
        if value == codes.UNKNOWN:
            return CANNOT_TELL, "no read-back of %s" % name, REMEDIES[CANNOT_TELL]
        if value != (codes.YES if action == shut else codes.NO):
            return NOT_OK, "%s does not read back" % name, REMEDIES[NOT_OK]
    if is_whole:
        return OK, "both relays move and read back", ""
    return OK, "%s reads back; the other relay only in maintenance" % asking.words_of(shut), ""


def _failed_before(fault: int) -> "Found":
    """Not tested now: what its last pulse has shown."""
    return NOT_OK, faults.name_of(fault) + ", the last time", faults.remedy_of(fault)


def _switches(box: "ConsoleBox") -> "Found":
    """What contradicts or is silent is wrong; what nobody moved since the start cannot be told."""
    snapshot = box.snapshot
    absent = box.settings.no_sensors | box.settings.no_doors
    bad, still = [], []
    for i in range(codes.INPUTS):
        if absent >> i & 1:
            continue
        if snapshot.faults[i] or snapshot.values[i] == codes.UNKNOWN:
            bad.append(NAMES[i])
        elif i in _BY_HAND and not box.debounce.edges(i):
            still.append(NAMES[i])
    if bad:
        return NOT_OK, ", ".join(bad), "see sensors and status faults"
    if still:
        text = "never changed in %s: %s" % (span(box.boot.uptime_s), ", ".join(still))
        return CANNOT_TELL, text, "move each once and look at sensors live: or it is stuck"
    return OK, "each was seen to change", ""


def _bounce(box: "ConsoleBox") -> "Found":
    """Raw changes since the start: of the inputs that bounce, or of the one with the most."""
    most, at, noisy = 0, 0, []
    for i in range(codes.INPUTS):
        edges = box.debounce.edges(i)
        if edges > most:
            most, at = edges, i
        if box.snapshot.faults[i] & IS_NOISY:
            noisy.append("%s %d changes" % (NAMES[i], edges))
    up = span(box.boot.uptime_s)
    if noisy:
        text = "%s in %s" % (", ".join(noisy), up)
        return NOT_OK, text, faults.remedy_of(codes.FAULT_INPUT_NOISY)
    text = "at most %d changes in %s" % (most, up)
    return OK, text + (" (%s)" % NAMES[at] if most else ""), ""


def _reader(box: "ConsoleBox") -> "Found":
    reader = box.ports.reader
    if reader is None:
        return OK, "none, by the car's settings", ""
    if not reader.is_healthy:
        return NOT_OK, "silent", faults.remedy_of(codes.FAULT_READER_SILENT)
    return OK, "answers; its field: hold a card to it with the command card", ""


def _worn(rings: "tuple[Ring, ...]") -> int:
    return sum([ring.places.retired for ring in rings])


def _journal(box: "ConsoleBox") -> "Found":
    journal = box.journal
    trouble = journal.trouble()
    worn = _worn((journal.turns, journal.store))
    if trouble or not journal.is_open:
        text = faults.storage_words(trouble) if trouble else "cannot be written"
        return NOT_OK, text, faults.remedy_of(codes.FAULT_JOURNAL_FAILED)
    return OK, "%d sectors worn, %d events wait" % (worn, journal.backlog()), ""


def _copy(box: "ConsoleBox") -> "Found":
    trouble = box.cache.trouble()
    if trouble or not box.cache.is_open:
        text = faults.storage_words(trouble) if trouble else "cannot be read"
        return NOT_OK, text, faults.remedy_of(codes.FAULT_CACHE_FAILED)
    if not box.cache.rev:
        return CANNOT_TELL, "empty: nothing came from the centre yet", "see net"
    return OK, "%d sectors worn, revision %d" % (_worn((box.cache.ring,)), box.cache.rev), ""


def _clock(box: "ConsoleBox") -> "Found":
    if box.snapshot.wall_is_trusted:
        return OK, "set and trusted", ""
    return NOT_OK, "not set since the start", faults.remedy_of(faults.NO_CLOCK)


def _network(box: "ConsoleBox") -> "Found":
    centre = box.ports.centre
    if centre.is_online():
        return OK, "online", ""
    if getattr(centre, "login_refused", False):
        return NOT_OK, "the centre refuses this car", faults.remedy_of(faults.LOGIN_REFUSED)
    if centre.may_connect():
        return NOT_OK, "network, but not online", "type net, then net retry"
    words, remedy, _ = reach.below(box)
    return NOT_OK, words or "no network", remedy


def _position(box: "ConsoleBox") -> "Found":
    snapshot = box.snapshot
    if snapshot.antenna >= codes.ANTENNA_OPEN:
        text = "antenna" + faults.about(codes.FAULT_ANTENNA_MISSING, snapshot.antenna)
        return NOT_OK, text, faults.remedy_of(codes.FAULT_ANTENNA_MISSING)
    if snapshot.position_is_valid:
        return OK, "known", ""
    return CANNOT_TELL, "no position now", "wait some minutes under the open sky"


def _battery(box: "ConsoleBox") -> "Found":
    mv = box.snapshot.battery_mv
    if mv < 0:
        return CANNOT_TELL, "no reading", "check the measuring wire"
    power = getattr(box.loop, "power", None)
    level = power.battery.level if power is not None else 0
    if level:
        return NOT_OK, volts(mv) + ", low", faults.remedy_of(16 + level)
    return OK, volts(mv), ""


def _odometer(box: "ConsoleBox") -> "Found":
    if box.ports.odometer.source == codes.ODOMETER_NONE:
        return OK, "none fitted", ""
    if box.snapshot.odometer_m < 0:
        return CANNOT_TELL, "no count", "drive some metres; check the pulse wire"
    return OK, "%d km" % (box.snapshot.odometer_m // 1000), ""


#: From `switches` on, in the order of LINES.
_CHECKS = (
    _switches, _bounce, _reader, _journal, _copy, _clock, _network, _position, _battery, _odometer,
)  # fmt: skip
