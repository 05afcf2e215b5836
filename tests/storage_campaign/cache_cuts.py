"""The copy of the centre's records, its power cut at each operation: old, new, or a mixture?"""

from __future__ import annotations

from random import Random

from firmware.cache import SECTORS_MIN, Cache
from hal.fake.flash import PowerCut
from tests.portable.firmware.cache_rig import NOW, Centre, Picture, booking, card, staff
from tests.storage_campaign.journal_cuts import Tally
from tests.storage_campaign.torn_flash import TornFlash

SECTOR_BYTES = 1024
OWNER = 0xBEEF


def opened(flash: TornFlash) -> Cache:
    cache = Cache(flash, OWNER)
    cache.open()
    return cache


class CacheCuts:
    """A centre that changes its mind, a car that follows, and a cut at each flash operation."""

    def __init__(self, seed: int, weak_share: float, tally: Tally, cuts_max: int) -> None:
        self._tally = tally
        self._cuts_max = cuts_max
        self._random = Random(seed)
        self._weak_share = weak_share
        self._flash = self._new_flash()
        self._centre = Centre(1)
        self._centre.ops_in_chunk = 9

    def _new_flash(self) -> TornFlash:
        seed = self._random.randrange(1 << 30)
        return TornFlash(SECTORS_MIN, seed, SECTOR_BYTES, self._weak_share)

    def run(self, changes: int) -> None:
        for number in range(changes):
            if self._tally.cuts >= self._cuts_max:
                return
            self._change()
            is_snap = number % 4 == 3
            self._cut_everywhere(is_snap, NOW + 60 * number)
            cache = opened(self._flash)
            self._push(cache, is_snap, NOW + 60 * number)

    def _change(self) -> None:
        have = sorted(self._centre.records)
        for _ in range(self._random.randrange(3)):
            op, ident = have[self._random.randrange(len(have))] if have else (1, b"\0\0\0\1")
            self._centre.log(op + 1, ident)
        for _ in range(1 + self._random.randrange(4)):
            number = 1 + self._random.randrange(40)
            make = (booking, booking, card, staff)[self._random.randrange(4)]
            self._centre.log(*make(number, 1 + self._random.randrange(3000)))

    def _push(self, cache: Cache, is_snap: bool, at_s: int) -> None:
        """As the daemon does it, with the car's idle work behind it."""
        if is_snap or cache.gen != self._centre.gen:
            self._centre.snap(cache, at_s)
        else:
            self._centre.send(cache, cache.rev, at_s)
        for _ in range(3):
            cache.service()

    def _copy(self) -> TornFlash:
        flash = self._new_flash()
        flash.contents[:] = self._flash.contents
        return flash

    def _cut_everywhere(self, is_snap: bool, at_s: int) -> None:
        before = Picture(opened(self._copy()))
        done = self._copy()
        self._push(opened(done), is_snap, at_s)
        after = Picture(opened(done))
        cut_after = 0
        while self._tally.cuts < self._cuts_max:
            flash = self._copy()
            cache = opened(flash)
            flash.cut_after = cut_after
            try:
                self._push(cache, is_snap, at_s)
                return
            except PowerCut:
                flash.restore_power()
            self._tally.cuts += 1
            cut_after += 1
            self._judge(opened(flash), before, after)
            self._live_on(flash, before, at_s)

    def _judge(self, cache: Cache, before: Picture, after: Picture) -> None:
        tally = self._tally
        now = Picture(cache)
        if now.records == after.records and now.standing == after.standing:
            tally.turns_kept += 1
        elif now.records == before.records and now.standing == before.standing:
            tally.turns_gone += 1
        elif now.standing[:2] < before.standing[:2]:
            tally.lost += 1
            tally.complain(f"the copy fell back from {before.standing[:2]} to {now.standing[:2]}")
        else:
            tally.torn += 1
            tally.complain(f"the copy is neither the old one nor the new one: {now.standing[:2]}")

    def _live_on(self, flash: TornFlash, before: Picture, at_s: int) -> None:
        """A second cut, and then all comes right."""
        flash.cut_after = self._random.randrange(12)
        try:
            self._push(opened(flash), False, at_s + 1)
        except PowerCut:
            self._tally.second_cuts += 1
        flash.restore_power()
        cache = opened(flash)
        if cache.rev < before.standing[1]:
            self._tally.lost += 1
            self._tally.complain("a second cut lost what was acknowledged")
        if cache.rev < self._centre.rev:
            self._push(cache, False, at_s + 2)
            if cache.rev != self._centre.rev:
                self._tally.lost += 1
                self._tally.complain("no further change is taken")
        if not self._centre.agrees(opened(flash)):
            self._tally.torn += 1
            self._tally.complain("after the next change the copy is not the centre's")
        self._tally.torn_programs += flash.torn_programs
        self._tally.torn_erases += flash.torn_erases


def run(cuts: int, seed: int, weak_share: float) -> Tally:
    """That many cuts, over as many lives as it needs."""
    tally = Tally()
    life = 0
    while tally.cuts < cuts:
        life += 1
        CacheCuts(seed * 1000 + life, weak_share, tally, cuts).run(60)
    return tally
