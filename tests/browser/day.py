"""A day with a car, by phone: from the first log-in to the lock after a reopen."""

from __future__ import annotations

from firmware.wire import codes
from tests.browser.car import ObedientCar
from tests.browser.phone_rig import Phone

NAMES = (
    "login", "password", "empty", "cars", "day", "book", "booked", "booking", "change", "cancel",
    "start-confirm", "asking", "started", "in-use", "extend", "end-confirm", "end-refused",
    "refused-at-home", "ended", "reopen-confirm", "reopened", "lock-confirm", "locked", "over", "nothing",
)  # fmt: skip


def live(phone: Phone, car: ObedientCar) -> None:
    """Calls `phone.seen` on every kind of page, in the order of NAMES."""
    phone.log_in()
    car.connect()
    phone.book()
    phone.page.locator(".receipt.in_car").wait_for() if phone.has_script else None
    phone.go("/bookings/1")
    phone.seen("booking")
    _forms(phone, "change", "cancel")

    car.is_silent = True
    phone.operate("start")
    phone.until_phase("asking")
    phone.seen("asking")
    car.speak()
    phone.until_phase("accepted")
    phone.until_state("in_use")
    phone.seen("started")
    phone.go("/")
    phone.seen("in-use")
    _forms(phone, "extend")

    unclear = 1 << codes.IN_BRAKE | 1 << codes.IN_GEAR_P
    car.script.refusals = [(codes.ENGINE_RUNNING, 0), (codes.CANNOT_TELL, unclear)]
    phone.operate("end")
    phone.until_phase("refused")
    phone.seen("end-refused")
    phone.go("/")
    phone.seen("refused-at-home")
    phone.seen = _but(phone, "end-confirm")
    car.script.warnings = bytes((codes.WARN_LIGHTS_ON, codes.WARN_WINDOW_OPEN))
    phone.operate("end")
    phone.until_phase("accepted")
    phone.until_state("reopen_possible")
    phone.seen("ended")
    phone.operate("reopen")
    phone.until_phase("accepted")
    phone.until_state("reopened")
    phone.seen("reopened")
    phone.operate("lock")
    phone.until_phase("accepted")
    phone.until_state("over")
    phone.seen("locked")
    phone.go("/bookings/1")
    phone.seen("over")
    phone.go("/nothing")
    phone.seen("nothing")


def _forms(phone: Phone, *verbs: str) -> None:
    for verb in verbs:
        phone.go(f"/bookings/1/{verb}")
        phone.seen(verb)


def _but(phone: Phone, name: str):  # type: ignore[no-untyped-def]
    """What was seen once is not looked at again."""
    seen = phone.seen
    return lambda other: None if other == name else seen(other)
