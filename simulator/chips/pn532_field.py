"""The reader's radio field: which cards are in it since when, and how a poll in it ends.

A poll of many tries is worked out in one step: nothing happens between its start and the
try that succeeds, however many tries that takes. When a card comes or goes, it is worked
out again.
"""

import zlib
from dataclasses import dataclass, field

from simulator.chips.felica import (
    RESPONSE_DELAY_US,
    SLOT_US,
    FelicaCard,
    air_time_us,
    try_time_us,
)
from simulator.chips.iso14443b import TRY_US as TYPE_B_TRY_US
from simulator.chips.iso14443b import Iso14443bCard

Card = FelicaCard | Iso14443bCard

#: A poll without end among cards that always collide is looked at for so many tries.
_TRIES_LOOKED_AT_MAX = 4096
_OTHER_TECHNOLOGY_TRY_US = 1000
TYPE_B_KBPS = 106


@dataclass
class _Presence:
    card: Card
    since_us: int
    until_us: int | None = None


@dataclass(frozen=True)
class Poll:
    """InListPassiveTarget under way. `tries` None: until a card answers."""

    start_us: int
    tries: int | None
    targets_max: int
    kbps: int  #: 0: a technology that no simulated card speaks
    system_code: int = 0xFFFF
    request_code: int = 0
    slots: int = 1
    family: int = 0  #: of type B applications; 0: any

    @property
    def try_us(self) -> int:
        if self.kbps == TYPE_B_KBPS:
            return TYPE_B_TRY_US
        if not self.kbps:
            return _OTHER_TECHNOLOGY_TRY_US
        return try_time_us(self.kbps, self.slots)


@dataclass(frozen=True)
class PollEnd:
    at_us: int
    #: The cards found and their answers, in the order of their time slots.
    found: tuple[tuple[Card, bytes], ...] = ()


@dataclass
class Field:
    on_since_us: int | None = None
    _presences: list[_Presence] = field(default_factory=list)

    def switch(self, is_on: bool, at_us: int) -> None:
        if not is_on:
            self.on_since_us = None
        elif self.on_since_us is None:
            self.on_since_us = at_us

    def present(self, card: Card, at_us: int) -> None:
        self._forget_before(at_us)
        self._presences.append(_Presence(card, at_us))

    def remove(self, card: Card | None, at_us: int) -> None:
        """Take away one card, or all."""
        for presence in self._presences:
            if presence.until_us is None and card in (None, presence.card):
                presence.until_us = at_us
        self._forget_before(at_us)

    def _forget_before(self, at_us: int) -> None:
        horizon_us = at_us - 100_000
        self._presences = [
            p for p in self._presences if p.until_us is None or p.until_us > horizon_us
        ]

    def _hears_from_us(self, presence: _Presence) -> int | None:
        if self.on_since_us is None:
            return None
        return max(presence.since_us, self.on_since_us) + presence.card.start_up_us

    def powered_since_us(self, card: Card) -> int:
        """Since when a card has power, or had it when it was here last; 0: it has none."""
        since_us = [p.since_us for p in self._presences if p.card is card]
        return max(since_us[-1], self.on_since_us) if since_us and self.on_since_us else 0

    def cards(self) -> tuple[Card, ...]:
        """The cards on the reader now, powered or not."""
        return tuple(p.card for p in self._presences if p.until_us is None)

    def heard_throughout(self, card: Card, start_us: int, end_us: int) -> bool:
        """Whether a card is powered and in the field from `start_us` to `end_us`."""
        for presence in self._presences:
            hears_from_us = self._hears_from_us(presence)
            if presence.card is not card or hears_from_us is None or hears_from_us > start_us:
                continue
            if presence.until_us is None or presence.until_us >= end_us:
                return True
        return False

    def end_of(self, poll: Poll) -> PollEnd | None:
        """How `poll` ends if no card comes or goes any more; None: it does not."""
        first = self._first_try_with_a_card(poll)
        if first is not None:
            last = first + _TRIES_LOOKED_AT_MAX if poll.tries is None else poll.tries
            for number in range(first, last):
                end = self._end_of_try(poll, number)
                if end is not None:
                    return end
        if poll.tries is None:
            return None
        return PollEnd(poll.start_us + poll.tries * poll.try_us)

    def _first_try_with_a_card(self, poll: Poll) -> int | None:
        if not poll.kbps:
            return None
        starts = [
            self._hears_from_us(presence)
            for presence in self._presences
            if presence.until_us is None or presence.until_us > poll.start_us
        ]
        waits = [max(0, at_us - poll.start_us) for at_us in starts if at_us is not None]
        return -(-min(waits) // poll.try_us) if waits else None

    def _end_of_try(self, poll: Poll, number: int) -> PollEnd | None:
        start_us = poll.start_us + number * poll.try_us
        by_slot: dict[int, list[tuple[Card, bytes, int]]] = {}
        for card in {id(p.card): p.card for p in self._presences}.values():
            if poll.kbps not in card.kbps:
                continue
            if isinstance(card, Iso14443bCard):
                reply = card.activated(poll.family, self.powered_since_us(card))
                slot, took_us = 0, reply[1] if reply else 0
                answer = reply[0] if reply else None
            else:
                answer = card.polled(poll.system_code, poll.request_code)
                slot = zlib.crc32(card.idm + start_us.to_bytes(8, "big")) % poll.slots
                took_us = _felica_time_us(poll.kbps, slot, len(answer or b""))
            answered_us = start_us + took_us
            if answer is not None and self.heard_throughout(card, start_us, answered_us):
                by_slot.setdefault(slot, []).append((card, answer, answered_us))
        # Two answers in one slot destroy each other.
        clear = [by_slot[slot][0] for slot in sorted(by_slot) if len(by_slot[slot]) == 1]
        clear = clear[: poll.targets_max]
        if not clear:
            return None
        end_us = clear[-1][2]
        if len(clear) < poll.targets_max:
            end_us = max(end_us, start_us + poll.try_us)
        return PollEnd(end_us, tuple((card, answer) for card, answer, _ in clear))


def _felica_time_us(kbps: int, slot: int, answer_bytes: int) -> int:
    asked_us = air_time_us(6, kbps) + RESPONSE_DELAY_US + slot * SLOT_US
    return asked_us + air_time_us(answer_bytes, kbps)
