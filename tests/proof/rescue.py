"""Whether the driver, the operator, or time alone gets out of a state."""

from __future__ import annotations

from firmware.wire import codes
from tests.proof.car import Car
from tests.proof.happenings import NO, UNKNOWN, YES, finish
from tests.proof.trouble import fall_due


def _is_left_in_time(car: Car) -> bool:
    here = car.save()
    car.put(codes.IN_DOOR_DRIVER, UNKNOWN)
    car.step("input")
    for _ in range(4):
        if car.rental.state == "reopened" and car.next_ms():
            fall_due(car)
    for _ in range(3):
        if car.pending:
            finish(car)
    is_left = car.rental.state == "vacant" and car.value(codes.IN_LOCKED) == YES
    car.load(here)
    return is_left


def rescue(car: Car) -> bool:
    """FAULT-1, END-6, START-10: all put as an end wants it, the driver or the operator gets out.

    Whether the car is nobody's, or waits in its reopen window, after at most three rounds; and one
    that is reopened is nobody's by time alone, with a door that nobody can tell (REOPEN-6).
    """
    if car.rental.state == "reopened" and not _is_left_in_time(car):
        return False
    for index in (codes.IN_DOOR_DRIVER, codes.IN_ENGINE):
        car.put(index, NO)
    car.put(codes.IN_KEY, YES)
    car.step("input")
    for _ in range(3):
        if car.pending:
            finish(car)
        state = car.rental.state
        if state in ("vacant", "ended"):
            return True
        if state == "authorising":
            fall_due(car)
        elif state == "reopened":
            car.command(codes.VERB_LOCK)
        elif state == "maintenance":
            car.command(codes.VERB_MAINTENANCE_OFF)
        elif state != "ending":
            car.command(codes.VERB_END)
    if car.pending:
        finish(car)
    return car.rental.state in ("vacant", "ended")
