"""Re-unlock, enrolment, staff and maintenance amid everything else: SAFE-1, SAFE-2, SAFE-3, FAULT-1."""

from firmware.session import STAFF_IN
from firmware.wire import codes
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    NEXT_BOOKING,
    OTHER_CARD,
    STAFF_CARD,
    STRANGER,
    Rig,
    profile,
)
from tests.portable.firmware.test_random_life import Dice, Life

STEPS = 600
SEEDS = 3
TOUCHES = (CARD, OTHER_CARD, STRANGER, STAFF_CARD, STAFF_CARD)
VERBS = (
    codes.VERB_START,
    codes.VERB_END,
    codes.VERB_REOPEN,
    codes.VERB_LOCK,
    codes.VERB_REUNLOCK,
    codes.VERB_REUNLOCK,
    codes.VERB_ENROL,
    codes.VERB_MAINTENANCE_ON,
    codes.VERB_MAINTENANCE_OFF,
    codes.VERB_MAINTENANCE_OFF,
)
WAITS_S = (1, 1, 5, 30, 61, 601)


class Service(Life):
    """A life with everything that jparc-2023 has."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed + 100)
        self.rig = Rig({"cannot_tell": "ask_again"}, terms=profile("jparc-2023"))
        self.mine = BOOKING
        self.theirs = NEXT_BOOKING
        self._book()
        self.states: "list[str]" = []

    def step(self) -> None:
        rig = self.rig
        rig.mark()
        state = rig.state
        deadlines = rig.controller.rental.deadlines
        before = {slot: deadlines.left_ms(slot) for slot in range(len(deadlines.names))}
        choice = self.dice.below(10)
        asked = choice < 5
        touched = b""
        if choice < 3:
            touched = TOUCHES[self.dice.below(len(TOUCHES))]
            self._touch(touched)
        elif choice < 5:
            self._command()
        elif choice < 7:
            self._move_something()
        elif choice < 9:
            self._wait(WAITS_S[self.dice.below(len(WAITS_S))])
        elif rig.state == "vacant" and rig.controller.rental.session.used:
            self._book_anew()
        else:
            self._reset(before)
        if rig.done:
            rig.finish_pulses()
        self._watch(asked)
        self._watch_service(state, touched)
        self.states.append(rig.state)

    def _touch(self, card: bytes) -> None:
        rig = self.rig
        turn = rig.tap(card)
        assert (
            turn.lamp == codes.LAMP_REFUSED
            or codes.AUDIT_CARD_ENROLLED in rig.seen
            or rig.flashes()
        ), (rig.state, card)

    def _command(self) -> None:
        rig = self.rig
        verb = VERBS[self.dice.below(len(VERBS))]
        mine = self.dice.below(4) > 0
        booking = self.mine if mine else self.theirs
        driver = 7 if mine else 8
        left_s = rig.bookings.ends_s(rig.bookings.find(booking)) - rig.snapshot.wall_s
        if verb in (codes.VERB_MAINTENANCE_ON, codes.VERB_MAINTENANCE_OFF):
            booking = driver = left_s = 0
        if rig.command(verb, booking, driver, left_s if left_s > 0 else 0) is None:
            rig.finish_pulses()
        if rig.answer() is None:
            assert rig.state == "ending", (rig.state, verb)

    def _watch_service(self, before: str, touched: bytes) -> None:
        rig = self.rig
        session = rig.controller.rental.session
        released = codes.PULSE_RELEASE in rig.pulses
        assert not (touched == STAFF_CARD and released)
        if before == "maintenance":
            assert not released
            assert rig.state in ("maintenance", "vacant")
        if session.has(STAFF_IN):
            assert rig.state in ("vacant", "ended", "maintenance", "authorising")
        else:
            assert "staff" not in dict(rig.deadlines())
        if rig.state == "maintenance":
            assert "enrol" not in dict(rig.deadlines()) and rig.turn.lamp in (
                codes.LAMP_DARK,
                codes.LAMP_REFUSED,
            )
        if codes.AUDIT_TECHNICIAN_OUT in rig.seen:  # SAFE-1
            assert codes.PULSE_BLOCK in rig.pulses and rig.snapshot.in_motion() == codes.NO


def test_safe_1_safe_2_safe_3_fault_1_whatever_staff_and_drivers_do() -> None:
    reached: "set[str]" = set()
    for seed in range(SEEDS):
        life = Service(seed)
        for _ in range(STEPS):
            life.step()
        reached.update(life.states)
    assert reached >= {"maintenance", "secured", "relocked", "reopened", "in_use", "key_returned"}
