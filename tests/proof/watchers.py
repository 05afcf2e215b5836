"""What must hold in every turn; each watcher is one sentence, and None means that it holds.

They see the turn from outside (`scene.Step`) and judge by rules read anew (`reading`, `diary`).
"""

from __future__ import annotations

from typing import Any

from firmware.session import OVER, SECURITY_DUE, STAFF_IN
from firmware.wire import codes
from tests.proof import reading, scene
from tests.proof.diary import FREE, OPENINGS, REOPENED, SERVICE, USE, WINDOW
from tests.proof.rights import (
    KEY,
    PARKED,
    asks_end,
    changes_told,
    expected_lamp,
    is_enrolling,
    is_second_try,
    may_open,
)  # fmt: skip
from tests.proof.scene import Step
from tests.proof.watchers_owed import OWED
from tests.proof.watchers_time import (
    a_due_lock_waits_for_nothing_else,
    a_lock_is_to_come,
    asking_ends,
    deadlines_as_published,
    deadlines_begin_whole,
    deadlines_run_on,
    every_window_ends_once,
    locks_when_due,
    nobody_is_locked_out,
    use_is_warned,
    wall_clock_moves_no_deadline,
    window_ends,
)  # fmt: skip

_OPENING = (codes.PULSE_UNLOCK, codes.PULSE_RELEASE)
_REQUESTS = {*OPENINGS, codes.AUDIT_TECHNICIAN_ACTION, codes.AUDIT_END_REFUSED}
_LOCK_REASONS = {codes.AUDIT_LOCKED, codes.AUDIT_END_REQUESTED}
_BLOCK_REASONS = {codes.AUDIT_LOCKED, codes.AUDIT_END_REQUESTED, codes.AUDIT_WINDOW_OVER,
                  codes.AUDIT_TECHNICIAN_ACTION}  # fmt: skip
_REPEATABLE = {
    codes.AUDIT_DOOR_OPENED, codes.AUDIT_DOOR_CLOSED, codes.AUDIT_FAULT, codes.AUDIT_LOCKED,
    codes.AUDIT_ENGINE_BLOCKED, codes.AUDIT_WARNED,
}  # fmt: skip
NO_IDENT = bytes(8)


def block_only_at_rest(step: Step) -> str | None:
    """SAFE-1: no block pulse goes out unless engine and motion are both known to be no."""
    if codes.PULSE_BLOCK in step.pulses and not reading.is_at_rest(step.car.snapshot.values):
        return "block pulse while engine or motion is not known to rest"
    return None


def deadline_locks_at_rest(step: Step) -> str | None:
    """SAFE-1: a lock that a deadline causes in a use waits, doors included, until the car rests."""
    if step.was[0] != USE or reading.is_at_rest(step.car.snapshot.values):
        return None
    if step.wanted[codes.PULSE_LOCK] == codes.BY_DEADLINE and step.before != "ending":
        return "a deadline locks the doors of a car that is not known to rest"
    return None


def blocked_is_told_as_it_reads(step: Step) -> str | None:
    """END-4, REOPEN-2, FAULT-1: the journal has no `engine_blocked` while the block reads otherwise."""
    reads = step.car.value(codes.IN_BLOCKED)
    if codes.AUDIT_ENGINE_BLOCKED in step.codes and reads != codes.YES:
        return f"the journal says that the engine is blocked, and it reads {reads}"
    return None


def a_left_car_is_locked(step: Step) -> str | None:
    """REOPEN-6: a car left with a door open is locked as soon as no door is known open."""
    car = step.car
    flags = car.rental.session.flags
    if step.after not in ("vacant", "authorising") or not flags & SECURITY_DUE or flags & STAFF_IN:
        return None
    if step.kind == "wake" or not step.is_journaled or not car.snapshot.is_settled:
        return None
    if codes.YES in car.snapshot.values[: codes.IN_TRUNK + 1]:
        return None
    return "no door is known open, and the car that was left is not locked"


def opens_with_authorisation(step: Step) -> str | None:
    """SAFE-2: no unlock or release pulse without an authorisation that the rules themselves give."""
    for line in _OPENING:
        if not step.wanted[line]:
            continue
        if line not in step.pulses and (step.car.end_is_past or not step.is_journaled):
            continue  # the interlock has said so already
        if not may_open(step, line):
            gone = "out" if line in step.pulses else "to the interlock"
            return f"pulse {line} went {gone} without authorisation"
    return None


def journal_names_the_opener(step: Step) -> str | None:
    """SAFE-2: the durable turn of an opening names the cause and the identifier of its pulse."""
    turn = step.car.turn
    for line in step.pulses:
        if line not in _OPENING:
            continue
        wanted = bytes((turn.pulse_cause[line],)) + turn.pulse_ident[line]
        if is_second_try(step) and step.was[3] == turn.pulse_ident[line]:
            continue
        if not any(r[0] in _REQUESTS and r[10:19] == wanted for r in turn.records):
            return f"pulse {line} for {wanted.hex()}, which no record of the turn names"
    return None


def reset_moves_nothing_open(step: Step) -> str | None:
    """SAFE-3: a reset never opens a locked car and never blocks one that is not known to rest."""
    if step.kind not in ("wake", "resume"):
        return None
    if step.wanted[codes.PULSE_UNLOCK] or step.wanted[codes.PULSE_RELEASE]:
        return "a reset wants to open the car"
    if step.wanted[codes.PULSE_BLOCK] and not reading.is_at_rest(step.car.snapshot.values):
        return "a reset wants to block a car that is not known to rest"
    return None


def card_needs_a_trusted_clock(step: Step) -> str | None:
    """SAFE-4: while the wall clock is not trusted no touch starts a use."""
    if step.card and not step.car.snapshot.wall_is_trusted and codes.AUDIT_UNLOCKED in step.codes:
        return "a card start with an untrusted clock"
    return None


def pulse_has_its_record(step: Step) -> str | None:
    """SAFE-5: what a pulse is for stands in the durable records of its turn."""
    if not step.pulses:
        return None
    if not step.is_journaled:
        return "a pulse in a turn that is not in the journal"
    told = set(step.codes)
    again = step.kind in ("finish", "resume")
    for line in step.pulses:
        if line == codes.PULSE_UNLOCK and not (told & _REQUESTS or again):
            return "unlock pulse without a record"
        if (
            line == codes.PULSE_RELEASE
            and codes.AUDIT_ENGINE_RELEASED not in told
            and codes.AUDIT_START_REQUESTED not in told
            and not again
        ):
            return "release pulse without a record"
        if line == codes.PULSE_LOCK and not (told & _LOCK_REASONS or again):
            return "lock pulse without a record"
        if line == codes.PULSE_BLOCK and not (told & _BLOCK_REASONS or again):
            return "block pulse without a record"
    return None


def no_event_twice(step: Step) -> str | None:
    """SAFE-5: one cause, one event: none twice in a turn, one end to a use, one record a door."""
    records = step.car.turn.records if step.is_journaled else []
    if len(records) > 1:
        once = [r for r in records if r[0] not in _REPEATABLE]
        if len(set(once)) != len(once):
            return f"the same event twice: {step.codes}"
    if codes.AUDIT_ENDED in step.codes and step.was[7]:
        return "a second end of one use"
    if codes.AUDIT_UNLOCKED in step.codes and step.was[0] in (USE, REOPENED):
        return "a second start of one use"
    if step.kind in ("wake", "resume") or not step.is_journaled:
        return None
    return changes_told(step)


def a_taken_key_is_told(step: Step) -> str | None:
    """SAFE-5: a use goes on with the key taken, and the journal has it; after a reset too."""
    car = step.car
    if step.before not in reading.IN_USE or step.after != "in_use" or step.before == "in_use":
        return None
    is_known = step.was[4] or car.told[KEY] == codes.NO or codes.AUDIT_KEY_OUT in step.codes
    if is_known or not step.is_journaled:
        return None
    return "the key was taken, and the journal does not say so"


def staff_is_locked_out(step: Step) -> str | None:
    """STAFF-CAR-1: doors that a staff card unlocked and nobody opened have a lock ahead of them."""
    car = step.car
    if (
        car.diary.staff == 1
        and step.is_journaled
        and step.kind not in ("wake", "resume")
        and car.value(codes.IN_DOOR_DRIVER) == codes.NO
        and car.told[0] == codes.NO
        and step.lefts_now[car.rental.deadlines.index("staff")] < 0
        and not step.codes
    ):
        return "staff let in, and no lock will come"
    return None


def maintenance_starts_nothing(step: Step) -> str | None:
    """STAFF-CAR-1, TECH-3: in maintenance no driver can start, and the engine is a technician's."""
    if step.was[0] != SERVICE:
        return None
    is_his = step.kind == "technician" and step.right >= 2
    if codes.AUDIT_UNLOCKED in step.codes or (codes.PULSE_RELEASE in step.pulses and not is_his):
        return "a start in maintenance"
    return None


def technician_works_at_a_parked_car(step: Step) -> str | None:
    """SAFE-2, TECH-2, TECH-3: no right, no pulse and no maintenance; and never in somebody's use."""
    if step.kind != "technician":
        return None
    causes = step.car.turn.pulse_cause
    moved = any(causes[line] == codes.BY_TECHNICIAN for line in step.pulses)
    # What the same turn hears of door and key is not his doing.
    if step.is_journaled and step.before != step.after:
        moved = moved or "maintenance" in (step.before, step.after)
    if moved and not step.right:
        return "a technician without a right moved something"
    if moved and step.before not in PARKED:
        return f"a technician moved something in {step.before}"
    return None


def end_iff_the_checks_hold(step: Step) -> str | None:
    """END-1, END-6: an end that may be asked for is accepted when its checks hold, else refused."""
    car = step.car
    if step.before not in reading.IN_USE or step.before_flags & OVER:
        return None
    begun = codes.AUDIT_END_REQUESTED in step.codes
    asked = asks_end(step)
    if step.before == "unlocked" and codes.AUDIT_START_REQUESTED in step.codes:
        return None  # a start that was cut off or did not show comes first
    if begun and not asked:
        return "an end that nobody may ask for"
    if not asked or not step.is_journaled or step.kind not in ("card", "command"):
        return None
    holds = reading.end_checks_hold(
        car.snapshot.values,
        car.settings.key_has_knob,
        car.terms.gear_is_checked and car.settings.has_gear_sensor,
        scene.CANNOT_TELL[car.profile] == "staff_review",
    )
    if holds != begun:
        return f"checks of the end hold: {holds}, end begun: {begun}"
    return None


def ended_means_locked(step: Step) -> str | None:
    """END-4: the use ends when the doors are seen locked, and in no other turn."""
    if codes.AUDIT_ENDED in step.codes and (
        step.car.value(codes.IN_LOCKED) != codes.YES or step.before != "ending"
    ):
        return "an end without the doors locked"
    return None


def touch_is_answered(step: Step) -> str | None:
    """FAULT-1: every touch opens, locks, asks, or is refused by a signal at once."""
    car = step.car
    if not step.card or not step.is_journaled:
        return None
    turn = car.turn
    shown = turn.lamp == codes.LAMP_REFUSED or any(turn.levels[codes.OUT_HAZARD :])
    stored = codes.AUDIT_CARD_ENROLLED in step.codes
    if not (shown or step.pulses or turn.asks or stored):
        return "a touch without an answer"
    return None


def failed_turn_is_told(step: Step) -> str | None:
    """FAULT-1: after a turn that could not be journaled the next one gives the refusal signal."""
    if (
        step.events
        and step.events[0][0] == "journal_failed"
        and step.is_journaled
        and step.car.turn.lamp != codes.LAMP_REFUSED
    ):
        return "a failed turn without a signal"
    return None


def asking_judges_the_touch(step: Step) -> str | None:
    """TOUCH-1, START-3: when the asking ends, the card that is judged is the one that touched."""
    asked = step.was[10]
    if step.before == "authorising" and step.kind in ("time", "centre") and step.is_journaled:
        for record in step.car.turn.records:
            judged = record[0] in (codes.AUDIT_START_REQUESTED, codes.AUDIT_CARD_REFUSED)
            if judged and record[11:19] != asked:
                return f"asked about {asked.hex()}, judged {record[11:19].hex()}"
    return None


def command_is_answered(step: Step) -> str | None:
    """FAULT-1: every command is answered now, or its answer waits for relays that move.

    SAFE-5: one that gets no answer is refused in the journal, once however often it comes.
    """
    car, command = step.car, step.command
    if command is None:
        return None
    ident = command.command
    if ident in car.refused:
        return "a refusal told twice" if codes.AUDIT_COMMAND_REFUSED in step.codes else None
    if any(result[:8] == ident for result in car.turn.results):
        return None
    if car.pending and any(held[:8] == ident for held in car.controller._commands._held):
        return None
    if car.rental.session.command == ident and step.after == "ending":
        return None
    if codes.AUDIT_COMMAND_REFUSED in step.codes:
        car.refused.add(ident)
        return None
    return None if command.boot != car.boot.ident else "a command without an answer"


def end_command_is_answered(step: Step) -> str | None:
    """FAULT-1: an end command that waits for the lock goes on waiting, or is answered, or joined."""
    car = step.car
    if step.waiting == NO_IDENT or step.kind in ("wake", "resume"):
        return None
    if car.rental.session.command != NO_IDENT and step.after == "ending":
        return None
    held = car.controller._commands._held if car.pending else []
    if not any(result[:8] == step.waiting for result in (*car.turn.results, *held)):
        return "an end command that waited has no answer"
    return None


def lamp_says_what_is(step: Step) -> str | None:
    """START-4, END-3, REOPEN-1: the reader shows what a touch would do, in the profile's colours."""
    car = step.car
    lamp = car.turn.lamp
    if lamp == codes.LAMP_REFUSED or not step.is_journaled:
        return None
    expected = expected_lamp(step)
    if expected is not None and lamp != expected:
        return f"lamp {lamp}, expected {expected} in {step.after}"
    return None


def valid_touch_starts(step: Step) -> str | None:
    """START-3: a touch of a driver who may start, in a car that nobody holds, starts or asks."""
    car = step.car
    if not step.card or not step.is_journaled or step.was[0] not in (FREE, WINDOW):
        return None
    if step.before not in ("vacant", "ended") or is_enrolling(step):
        return None
    driver = car.owners.get(step.card, 0)
    if (
        reading.card_start(driver, car.around(), car.known, step.used)
        and codes.AUDIT_UNLOCKED not in step.codes
        and not car.turn.asks
    ):
        return "a valid touch that does not start"
    return None


WATCHERS: list[Any] = [
    block_only_at_rest, blocked_is_told_as_it_reads, a_left_car_is_locked, deadline_locks_at_rest, opens_with_authorisation, journal_names_the_opener,
    reset_moves_nothing_open, card_needs_a_trusted_clock, wall_clock_moves_no_deadline,
    pulse_has_its_record, no_event_twice, deadlines_as_published, deadlines_begin_whole,
    deadlines_run_on, a_due_lock_waits_for_nothing_else, nobody_is_locked_out,
    a_lock_is_to_come, locks_when_due, window_ends, every_window_ends_once, staff_is_locked_out,
    a_taken_key_is_told,
    maintenance_starts_nothing, technician_works_at_a_parked_car, use_is_warned, end_iff_the_checks_hold, ended_means_locked,
    touch_is_answered, failed_turn_is_told, asking_ends, asking_judges_the_touch,
    command_is_answered, end_command_is_answered, lamp_says_what_is, valid_touch_starts,
    *OWED,
]  # fmt: skip
