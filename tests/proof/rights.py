"""What the watchers' sentences rest on: who has which right, and what the reader should show."""

from __future__ import annotations

from firmware.session import STAFF_IN
from firmware.snapshot import IS_NOISY
from firmware.wire import codes
from tests.proof import reading, scene
from tests.proof.diary import FREE, REOPENED, SERVICE, USE, WINDOW
from tests.proof.scene import Step

#: Place of the key in what is told of doors and key.
KEY = 5
PARKED = ("vacant", "ended", "maintenance")
_TIMES = ("relock", "key", "key_return")
_CHANGES = (
    codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED, codes.AUDIT_KEY_IN, codes.AUDIT_KEY_OUT,
)  # fmt: skip


def is_second_try(step: Step) -> bool:
    return step.kind == "finish" and step.was[8] < 3


def may_open(step: Step, line: int) -> bool:
    """Whether something gives the right to this pulse; one right a kind of opening."""
    car, turn = step.car, step.car.turn
    ident, cause = turn.pulse_ident[line], turn.pulse_cause[line]
    phase, tries = step.was[0], step.was[8]
    if step.kind == "finish" and step.before == "ending":
        goes_on = step.after in ("boarding", "in_use", "key_returned")
        return goes_on and line == codes.PULSE_RELEASE and not car.end_is_past
    if step.kind == "finish":
        again = ident == step.was[3] and tries < 3 and not (phase == USE and car.end_is_past)
        return again and (phase == USE or (phase == REOPENED and line == codes.PULSE_UNLOCK))
    if step.kind == "command" and cause == codes.BY_COMMAND:
        command = step.command
        assert command is not None
        if ident != command.command or not is_acceptable(step):
            return False
        return _command_may_open(step, line)
    if step.kind == "technician" and cause == codes.BY_TECHNICIAN:
        return _technician_may_open(step, line)
    # A card that was asked about may get its answer in the turn of a command.
    card = step.card or step.was[10]
    if not card or ident != card or cause != codes.BY_CARD:
        return False
    return _card_may_open(step, card, line)


def _technician_may_open(step: Step, line: int) -> bool:
    """SAFE-2, TECH-3: the doors of a parked car; its engine from level 2 on, in maintenance."""
    car, phase = step.car, step.was[0]
    if car.turn.pulse_ident[line] != scene.TECHNICIAN or step.before not in PARKED:
        return False
    if line == codes.PULSE_RELEASE:
        return phase == SERVICE and step.right >= 2
    return phase in (FREE, WINDOW, SERVICE) and step.right >= 1 and car.around().has_room


def _command_may_open(step: Step, line: int) -> bool:
    car, command = step.car, step.command
    assert command is not None
    phase, booking = step.was[0], step.was[1]
    is_drivers = command.booking == booking
    if command.verb == codes.VERB_START:
        if phase in (FREE, WINDOW):
            return reading.command_start(
                command.booking, command.driver, command.left_s, car.around(), car.known, step.used
            )
        if not is_drivers or car.end_is_past:
            return False
        return _may_start_again(step) or (_was_missed(step) and line == codes.PULSE_RELEASE)
    if command.verb == codes.VERB_REOPEN:
        return is_drivers and line == codes.PULSE_UNLOCK and _may_reopen(step)
    if command.verb == codes.VERB_REUNLOCK:
        if is_drivers and _was_missed(step) and line == codes.PULSE_RELEASE and not car.end_is_past:
            return True
        locked = step.before in ("relocked", "secured", "unlocked")
        return car.profile == "jparc-2023" and is_drivers and phase == USE and locked
    return False


def _card_may_open(step: Step, card: bytes, line: int) -> bool:
    car = step.car
    phase, driver, lapsed = (step.was[i] for i in (0, 2, 5))
    if is_enrolling(step) and step.card:
        return False
    if card == scene.STAFF_CARD:
        locked = car.value(codes.IN_LOCKED)
        if locked == codes.UNKNOWN and step.before_flags & STAFF_IN:
            return False  # who is in locks
        room = car.around().has_room and locked != codes.NO
        return room and line == codes.PULSE_UNLOCK and phase in (FREE, WINDOW, SERVICE)
    owner = car.owners.get(card, 0)
    may_start = reading.card_start(owner, car.around(), car.known, step.used)
    if phase in (FREE, WINDOW) and may_start:
        return True
    if not owner or owner != driver:
        return False
    if line == codes.PULSE_UNLOCK and not lapsed and _may_reopen(step):
        return True
    if lapsed or car.end_is_past:
        return False
    return _may_start_again(step) or (_was_missed(step) and line == codes.PULSE_RELEASE)


def ran_out(step: Step, *timers: str) -> bool:
    """SAFE-3: one of these is over, though it is served only when the inputs are told."""
    names = step.car.rental.deadlines.names
    return any(step.lefts[names.index(timer)] == 0 for timer in timers)


def _may_reopen(step: Step) -> bool:
    """REOPEN-1, REOPEN-5: once in the window; one that a reset cut off, or that opened nothing, again."""
    if ran_out(step, "reopen_window", "reopen_relock"):
        return False
    phase, reopen_used, cut = step.was[0], step.was[6], step.was[9]
    is_locked = step.car.value(codes.IN_LOCKED) == codes.YES
    return bool((phase == WINDOW and not reopen_used) or (phase == REOPENED and (cut or is_locked)))


def _may_start_again(step: Step) -> bool:
    """START-3, FAULT-1: a start that a reset cut off, or that did not show, before a door was opened."""
    if ran_out(step, "relock"):
        return False
    is_locked = step.car.value(codes.IN_LOCKED) == codes.YES
    is_missed = step.was[9] or is_locked or step.was[13]
    return bool(step.was[0] == USE and is_missed) and step.before == "unlocked"


def _was_missed(step: Step) -> bool:
    """The driver is in the car already, and its engine was told to stay blocked."""
    return bool(step.was[0] == USE and step.was[13]) and not ran_out(step, *_TIMES)


def is_enrolling(step: Step) -> bool:
    """ENROL-1: the next touch is stored and asks for nothing."""
    return bool(step.lefts[step.car.enrol] > 0)


def is_acceptable(step: Step) -> bool:
    command = step.command
    assert command is not None
    boot = step.car.boot
    return bool(command.boot == boot.ident and command.expires_s > boot.uptime_s)


def changes_told(step: Step) -> str | None:
    """A record for each door and for the key that changed since the last durable turn, no other."""
    car = step.car
    told = car.told
    now = reading.tell(told, car.snapshot.values, car.settings.key_has_knob)
    expected = [0, 0, 0, 0]
    if now != told:
        for index, (old, new) in enumerate(zip(told, now, strict=True)):
            if codes.UNKNOWN not in (old, new) and old != new:
                expected[(2 if index == KEY else 0) + (new == codes.NO)] += 1
    counted = [step.codes.count(code) for code in _CHANGES] if step.codes else [0, 0, 0, 0]
    if told[KEY] == codes.UNKNOWN and sum(counted[2:]) == 1 and now[KEY] != codes.UNKNOWN:
        return None  # after a reset the key's first reading may be news
    if counted != expected and not _is_noise(step):
        return f"{sum(expected)} changes of doors and key, {sum(counted)} records"
    return None


def _is_noise(step: Step) -> bool:
    """A noisy contact is told as a fault, and once more by where it rests when it is quiet."""
    if any(faults & IS_NOISY for faults in step.car.snapshot.faults):
        return True
    return any(
        record[0] == codes.AUDIT_FAULT_CLEARED and record[10] == codes.FAULT_INPUT_NOISY
        for record in step.car.turn.records
    )


def asks_end(step: Step) -> bool:
    was_out, lapsed = step.was[4], step.was[5]
    if step.kind == "card":
        if is_enrolling(step):
            return False
        if step.car.owners.get(step.card, 0) != step.was[2] or lapsed:
            return False
        was_out = was_out or codes.AUDIT_KEY_OUT in step.codes
        return was_out or step.before in ("relocked", "secured")
    if step.kind == "command":
        command = step.command
        assert command is not None
        is_end = command.verb == codes.VERB_END and command.booking == step.was[1]
        return is_end and is_acceptable(step) and command.counter == step.car.boot.counter
    return False


def expected_lamp(step: Step) -> int | None:
    car = step.car
    start, talking, end, reopen = reading.LAMPS[car.profile]
    state = step.after
    if step.kind in ("wake", "resume"):
        return None
    if step.lefts_now[car.rental.deadlines.index("enrol")] > 0:
        return codes.LAMP_GREEN_YELLOW_BLINK
    if state == "authorising":
        return talking
    diary, turn = car.diary, car.turn
    if codes.AUDIT_UNLOCKED in step.codes or step.before != state:
        return None  # the turn of the change; the next one is judged
    if state in ("ended", "reopened"):
        if not diary.lapsed and step.lefts_now[car.rental.deadlines.index("reopen_window")] > 0:
            return reopen
        if state == "reopened":
            return codes.LAMP_DARK
    if state in ("vacant", "ended"):
        around = car.around()
        is_open = any(
            reading.card_start(b.driver, around._replace(has_room=True), [b], set(diary.used))
            for b in car.known
        )
        return start if is_open else codes.LAMP_DARK
    if state not in reading.IN_USE or turn.records:
        return None if turn.records else codes.LAMP_DARK
    holds = reading.end_checks_hold(
        car.snapshot.values,
        car.settings.key_has_knob,
        car.terms.gear_is_checked and car.settings.has_gear_sensor,
        False,
    )
    return end if holds and diary.was_out and not diary.lapsed else codes.LAMP_DARK
