"""Whose card is there. `make()` gives (a `CardReader`, the `Cards` before it), the reader eager, nobody there.

ALL are for every reader, LICENCES for those that hear type B cards as well, TIMED where time is the
test's own, and PACED where its looks take time.
"""

from firmware.ticks import ticks_diff
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hal.api import CardReader

    class Cards(Protocol):
        """What lies on the reader, and the board that polls it."""

        @property
        def looks(self) -> int:
            """How often the reader has looked for a card so far, or more often than that."""

        def now_ms(self) -> int: ...
        def turn(self) -> bytes | None:
            """The board's next poll: the reader has something, or is due; not before that."""

        def put(self, ident: bytes) -> None:
            """A FeliCa card, in place of what is there."""

        def put_licence(self, pupi: bytes, changes: bool) -> None:
            """A type B card, likewise; `changes`: it gives another PUPI each time."""

        def take_away(self) -> None: ...
        def fail(self) -> None:
            """The reader is dead."""

        def mend(self) -> None: ...

    Make = Callable[[], tuple[CardReader, Cards]]

CARD = b"\1\1\6\1\x12\xab\x34\xcd"
OTHER = b"\1\1\6\1\x12\xab\x34\xce"
PUPI = b"\xe8\x25\x3e\xec"
#: What is waited for takes a few turns, and on this machine's own clock at most 50 ms each.
_TURNS_MAX = 2000
#: One that has nothing to do until a card comes.
_DUE_MS_MAX = 60_000
#: After so many more looks nothing is on its way any more that was heard before them.
_LOOKS = 12
#: `firmware.touch`: a held card answers at least so often.
_HELD_MS_MAX = 500


def _turn(reader: "CardReader", cards: "Cards") -> "bytes | None":
    found = cards.turn()
    given: object = found
    assert given is None or (isinstance(given, bytes) and len(given) == 8), given
    assert 0 <= ticks_diff(reader.next_due_at_ms, cards.now_ms()) <= _DUE_MS_MAX
    return found


def _listens(reader: "CardReader") -> bool:
    return reader.is_listening


def _until_it_listens(reader: "CardReader", cards: "Cards") -> None:
    for _ in range(_TURNS_MAX):
        if _listens(reader):
            return
        _turn(reader, cards)
    raise AssertionError("it does not listen")


def _until(reader: "CardReader", cards: "Cards", is_healthy: bool) -> None:
    for _ in range(_TURNS_MAX):
        if reader.is_healthy == is_healthy:
            return
        _turn(reader, cards)
    raise AssertionError("healthy: %s, still" % reader.is_healthy)


def _told(reader: "CardReader", cards: "Cards", count: int) -> "list[bytes]":
    found: "list[bytes]" = []
    for _ in range(_TURNS_MAX):
        one = _turn(reader, cards)
        if one is not None:
            found.append(one)
        if len(found) == count:
            return found
    raise AssertionError(found)


def _told_while_looking(reader: "CardReader", cards: "Cards", looks: int) -> "list[bytes]":
    found: "list[bytes]" = []
    until = cards.looks + looks
    for _ in range(_TURNS_MAX):
        is_enough = cards.looks >= until
        one = _turn(reader, cards)  # once more, for what was said in the meantime
        if one is not None:
            found.append(one)
        if is_enough:
            return found
    raise AssertionError("%d looks of %d" % (cards.looks, until))


def check_nobody_is_there(make: "Make") -> None:
    reader, cards = make()
    assert _told_while_looking(reader, cards, _LOOKS) == []
    _until(reader, cards, True)  # nfcpy gives its chip 100 ms, which a busy machine may exceed


def check_the_identifier_of_a_card_that_answered(make: "Make") -> None:
    """Once: what was told has been told, and the same card is told again when it answers again."""
    reader, cards = make()
    cards.put(CARD)
    assert _told(reader, cards, 1) == [CARD]
    assert reader.poll(cards.now_ms()) is None
    assert _told(reader, cards, 3) == [CARD] * 3


def check_digits_as_they_are(make: "Make") -> None:
    reader, cards = make()
    for ident in (b"\1" + bytes(7), b"\xff" * 8, b"\1\n\r\0\x1a\x11\x13\x03"):
        cards.put(ident)
        for _ in range(_TURNS_MAX):
            if _turn(reader, cards) == ident:
                break
        else:
            raise AssertionError(ident)


def check_who_has_gone_is_not_told(make: "Make") -> None:
    reader, cards = make()
    cards.put(CARD)
    _told(reader, cards, 1)
    cards.take_away()
    _told_while_looking(reader, cards, _LOOKS)
    assert _told_while_looking(reader, cards, _LOOKS) == []


def check_another_card_in_its_place(make: "Make") -> None:
    """Never an identifier that is made of both."""
    reader, cards = make()
    cards.put(CARD)
    _told(reader, cards, 1)
    cards.put(OTHER)
    found = _told(reader, cards, 1)
    while found[-1] == CARD:  # it had answered before
        found += _told(reader, cards, 1)
    assert set(found) <= {CARD, OTHER}
    assert _told(reader, cards, 2) == [OTHER] * 2


def check_calm_it_is_never_deaf(make: "Make") -> None:
    reader, cards = make()
    reader.set_eager(False)
    cards.put(CARD)
    assert _told(reader, cards, 2) == [CARD] * 2
    reader.set_eager(True)
    reader.set_eager(True)
    cards.put(OTHER)
    for _ in range(_TURNS_MAX):
        if _turn(reader, cards) == OTHER:
            return
    raise AssertionError("not told")


def check_trouble_and_its_end(make: "Make") -> None:
    reader, cards = make()
    cards.fail()
    _until(reader, cards, False)
    cards.put(CARD)
    assert _turn(reader, cards) is None
    assert not reader.is_healthy
    cards.mend()
    _until(reader, cards, True)
    cards.put(CARD)
    assert _told(reader, cards, 1) == [CARD]
    _until(reader, cards, True)


def check_a_card_that_lay_there_is_told_before_it_listens(make: "Make") -> None:
    """SAFE-3: whoever was there when it began to look; one that comes later finds it listening."""
    reader, cards = make()
    _until_it_listens(reader, cards)
    cards.fail()
    _until(reader, cards, False)
    cards.put(CARD)
    assert _turn(reader, cards) is None
    assert not _listens(reader)
    cards.mend()
    for _ in range(4):
        assert _told(reader, cards, 1) == [CARD]
        assert not _listens(reader)
    cards.take_away()
    _until_it_listens(reader, cards)
    cards.put(CARD)
    assert _told(reader, cards, 1) == [CARD] and _listens(reader)


def check_nobodys_card(make: "Make") -> None:
    """An identifier that changes; and one that stays is told, by what no FeliCa card can have."""
    reader, cards = make()
    cards.put_licence(PUPI, True)
    assert _told(reader, cards, 2) == [NO_IDENT] * 2
    cards.put_licence(PUPI, False)
    found = _told(reader, cards, 1)
    while found[-1] == NO_IDENT:
        found += _told(reader, cards, 1)
    assert found[-1] == b"B\0\0\0" + PUPI
    assert _told(reader, cards, 2) == [b"B\0\0\0" + PUPI] * 2
    cards.put(CARD)
    for _ in range(_TURNS_MAX):
        if _turn(reader, cards) == CARD:
            return
    raise AssertionError("not told")


def check_calm_looks_seldomer(make: "Make") -> None:
    """To save the battery."""
    turns = []
    for is_eager in (True, False):
        reader, cards = make()
        reader.set_eager(is_eager)
        _told_while_looking(reader, cards, _LOOKS)
        began_ms = cards.now_ms()
        looks = cards.looks
        while ticks_diff(cards.now_ms(), began_ms) < 10_000:
            _turn(reader, cards)
        turns.append(cards.looks - looks)
    assert 8 <= turns[1] < turns[0], turns


def check_a_card_that_stays_is_told_in_time(make: "Make") -> None:
    """TOUCH-1: a pause of a second means that it has gone."""
    for is_eager in (True, False):
        reader, cards = make()
        reader.set_eager(is_eager)
        cards.put(CARD)
        _told(reader, cards, 1)
        for _ in range(20):
            before_ms = cards.now_ms()
            assert _told(reader, cards, 1) == [CARD]
            assert ticks_diff(cards.now_ms(), before_ms) <= _HELD_MS_MAX
            assert reader.is_healthy


ALL = (
    check_nobody_is_there,
    check_the_identifier_of_a_card_that_answered,
    check_digits_as_they_are,
    check_who_has_gone_is_not_told,
    check_another_card_in_its_place,
    check_calm_it_is_never_deaf,
    check_trouble_and_its_end,
    check_a_card_that_lay_there_is_told_before_it_listens,
)
LICENCES = (check_nobodys_card,)
TIMED = (check_a_card_that_stays_is_told_in_time,)
PACED = (check_calm_looks_seldomer,)
