"""A car that anything may happen to, step by step from a seed: SAFE-1, SAFE-2, SAFE-3 watched throughout."""

from firmware.compat import IS_MICROPYTHON
from firmware.ticks import ticks_diff
from firmware.wire import codes
from tests.portable.firmware.rig import (
    BOOKING,
    CARD,
    DRIVER,
    NEXT_BOOKING,
    OTHER,
    OTHER_CARD,
    STRANGER,
    Rig,
)

STEPS = 1500
#: The other interpreters are a tenth as fast; what they may do otherwise shows in one life.
SEEDS = 1 if IS_MICROPYTHON else 12
CARDS = (CARD, OTHER_CARD, STRANGER)
VERBS = (
    codes.VERB_START,
    codes.VERB_END,
    codes.VERB_REOPEN,
    codes.VERB_LOCK,
    codes.VERB_REUNLOCK,
    codes.VERB_POSITION,
)
WAITS_S = (1, 1, 5, 30, 61, 601, 900)


class Dice:
    """The same numbers on every interpreter."""

    def __init__(self, seed: int) -> None:
        self._state = seed * 2654435 + 12345

    def below(self, limit: int) -> int:
        self._state = (self._state * 1103515 + 12345) & 0x0FFFFFFF
        return (self._state >> 8) % limit


class Life:
    """A rig, dice, and watchers that look after every step."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        self.rig = Rig({"cannot_tell": ("ask_again", "staff_review", "refuse")[seed % 3]})
        self.mine = BOOKING
        self.theirs = NEXT_BOOKING
        self._book()
        self.states: "list[str]" = []

    def _book(self) -> None:
        """Two hours for one driver, and the two after them for the other."""
        self.rig.book(self.mine, DRIVER, 600, 7200)
        self.rig.book(self.theirs, OTHER, 7800, 7200)

    def _book_anew(self) -> None:
        self.rig.bookings.delete(self.mine)
        self.rig.bookings.delete(self.theirs)
        self.mine += 2
        self.theirs += 2
        self._book()

    def step(self) -> None:
        """One thing happens."""
        rig = self.rig
        rig.mark()
        asked = False
        before = {slot: rig.controller.rental.deadlines.left_ms(slot) for slot in range(7)}
        choice = self.dice.below(10)
        if choice < 3:
            rig.tap(CARDS[self.dice.below(3)])
            asked = True
        elif choice < 5:
            mine = self.dice.below(4) > 0
            booking, driver = (self.mine, DRIVER) if mine else (self.theirs, OTHER)
            rig.command(VERBS[self.dice.below(6)], booking, driver, 3600)
            asked = True
        elif choice < 8:
            self._move_something()
        elif choice == 8:
            self._wait(WAITS_S[self.dice.below(7)])
        elif rig.state == "vacant" and rig.controller.rental.session.used:
            self._book_anew()
        else:
            self._reset(before)
        if rig.done:
            rig.finish_pulses()
        self._watch(asked)
        self.states.append(rig.state)

    def _move_something(self) -> None:
        if self.dice.below(4) == 0:
            self._park()
            return
        index = self.dice.below(13)
        value = (codes.YES, codes.NO, codes.UNKNOWN)[self.dice.below(9) // 4]
        self.rig.change(index, value)

    def _park(self) -> None:
        """All as it should be for an end."""
        for index in range(13):
            good = index in (codes.IN_KEY, codes.IN_KNOB_AT_RETURN, codes.IN_BRAKE, codes.IN_GEAR_P)
            self.rig.set(index, codes.YES if good else codes.NO)
        self.rig.step()

    def _wait(self, seconds: int) -> None:
        before = self.rig.snapshot.now_ms
        self.rig.run(seconds)
        assert ticks_diff(self.rig.snapshot.now_ms, before) == seconds * 1000

    def _reset(self, before: "dict[int, int]") -> None:
        """SAFE-3: the same state, nothing opened, no deadline later."""
        rig = self.rig
        record = rig.controller.state()
        state = rig.state
        rig.controller = rig.new_controller()
        rig.snapshot.is_settled = False
        assert rig.controller.restore(record, rig.snapshot, -1)
        for slot, left_ms in before.items():
            now_ms = rig.controller.rental.deadlines.left_ms(slot)
            assert now_ms <= left_ms or (now_ms == 0 and left_ms == 0), (slot, left_ms, now_ms)
        assert rig.state == state or state == "authorising"
        rig.step()
        rig.snapshot.is_settled = True
        rig.step()
        assert codes.PULSE_UNLOCK not in rig.pulses and codes.PULSE_RELEASE not in rig.pulses

    def _watch(self, asked: bool) -> None:
        rig = self.rig
        opened = codes.PULSE_UNLOCK in rig.pulses or codes.PULSE_RELEASE in rig.pulses
        assert not opened or asked  # SAFE-2: nobody asked, nothing opens
        if codes.PULSE_BLOCK in rig.pulses:  # SAFE-1, beside the interlock's own test
            assert rig.snapshot.in_motion() == codes.NO
        if rig.state == "reopened":  # REOPEN-2
            assert codes.PULSE_RELEASE not in rig.pulses
        if opened and codes.PULSE_RELEASE in rig.pulses:
            assert rig.state == "unlocked"
            assert rig.controller.rental.session.booking in (self.mine, self.theirs)


def test_safe_1_safe_2_safe_3_whatever_happens() -> None:
    reached: "set[str]" = set()
    for seed in range(SEEDS):
        life = Life(seed)
        for _ in range(STEPS):
            life.step()
        reached.update(life.states)
    assert reached == {
        "vacant",
        "unlocked",
        "boarding",
        "in_use",
        "key_returned",
        "ended",
        "reopened",
        "relocked",
        "secured",
    }
