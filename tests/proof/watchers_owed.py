"""Watchers of what somebody is owed: an engine that a reset left blocked, a lock, a word to staff."""

from __future__ import annotations

from firmware import car_terms
from firmware.session import SECURITY_DUE, STAFF_IN, STAFF_REVIEW
from firmware.wire import codes
from firmware.wire.journal_format import FLAG_STAFF_REVIEW
from tests.proof import reading
from tests.proof.diary import DRIVEN
from tests.proof.rights import PARKED, is_acceptable
from tests.proof.scene import Step

_STUCK = 14  # in the diary


def a_release_that_was_cut_off_can_be_had(step: Step) -> str | None:
    """FAULT-1, START-3: after a reset in a use the engine reads blocked; a start releases it."""
    car, command = step.car, step.command
    if not step.was[_STUCK] or step.before not in DRIVEN or step.kind != "command":
        return None
    assert command is not None
    is_drivers = command.booking == step.was[1] and codes.AUDIT_COMMAND_RECEIVED in step.codes
    verbs = [codes.VERB_START]
    if car.profile == "jparc-2023":
        verbs.append(codes.VERB_REUNLOCK)
    if command.verb not in verbs or not is_drivers or not is_acceptable(step):
        return None
    if car.end_is_past or not step.is_journaled or codes.PULSE_RELEASE in step.pulses:
        return None
    return "the engine stays blocked, and nobody can release it"


def an_end_in_doubt_is_reviewed(step: Step) -> str | None:
    """END-8: an end that goes on with an input that cannot be told says so when it is done."""
    car = step.car
    if codes.AUDIT_ENDED in step.codes and step.is_journaled:
        ended = next(record for record in car.turn.records if record[0] == codes.AUDIT_ENDED)
        if bool(ended[-1] & FLAG_STAFF_REVIEW) != bool(step.before_flags & STAFF_REVIEW):
            return "the end does not say whether it is for staff"
    if step.after != "ending" or codes.PULSE_LOCK not in step.pulses:
        return None
    is_sure = reading.end_checks_hold(
        car.snapshot.values,
        car.settings.key_has_knob,
        car.terms.gear_is_checked and car.settings.has_gear_sensor,
        False,
    )
    if is_sure or car.settings.cannot_tell != car_terms.STAFF_REVIEW:
        return None
    if not car.rental.session.has(STAFF_REVIEW):
        return "an end goes on in doubt, and staff will not hear of it"
    return None


def a_lock_given_up_is_owed(step: Step) -> str | None:
    """STAFF-CAR-1, REOPEN-6: a parked car's lock did not show, a door is open: it locks with it."""
    car = step.car
    if step.kind != "finish" or step.before not in PARKED or not step.is_journaled:
        return None
    lines = step.events[-1][1] if step.events else b""
    if codes.PULSE_LOCK not in lines or codes.PULSE_LOCK in step.pulses:
        return None
    if car.value(codes.IN_LOCKED) == codes.YES or step.after == "maintenance":
        return None
    flags = car.rental.session.flags
    if codes.YES not in car.snapshot.values[: codes.IN_TRUNK + 1] or flags & STAFF_IN:
        return None
    return None if flags & SECURITY_DUE else "a lock is given up, and none will come"


OWED = [
    a_release_that_was_cut_off_can_be_had,
    an_end_in_doubt_is_reviewed,
    a_lock_given_up_is_owed,
]
