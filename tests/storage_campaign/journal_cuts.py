"""The journal, its power cut at each of its operations: what is lost, doubled or torn?"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from random import Random

from firmware.journal import Journal
from hal.fake.flash import PowerCut
from tests.firmware.journal_campaign import (
    Expected,
    Found,
    Step,
    compare,
    perform,
    steps,
    twin,
)
from tests.storage_campaign.torn_flash import TornFlash

SECTORS = 8


@dataclass
class Tally(Found):
    """What the cuts of a campaign left."""

    cuts: int = 0
    second_cuts: int = 0
    torn_programs: int = 0
    torn_erases: int = 0
    turns_kept: int = 0  # the turn that was cut off was whole all the same
    turns_gone: int = 0


def weak_twin(journal: Journal) -> tuple[Journal, TornFlash]:
    """As `twin`, for a journal on flash that tears."""
    other, flash = twin(journal)
    assert isinstance(flash, TornFlash)
    return other, flash


class JournalCuts:
    """Tells a workload; at each operation of each step the power goes, in a copy of all."""

    def __init__(self, seed: int, weak_share: float, tally: Tally, cuts_max: int) -> None:
        self._tally = tally
        self._cuts_max = cuts_max
        self._random = Random(seed)
        self._flash = TornFlash(SECTORS, seed, weak_share=weak_share)
        self._journal = Journal(self._flash, 0xC0DE, 0xBEEF)
        self._after_cut = steps(seed + 1, 6, 3)

    def run(self, workload: list[Step], variants: int) -> None:
        expected = Expected()
        self._journal.open()
        for step in workload:
            cut_after = 0
            while self._tally.cuts < self._cuts_max and self._cut(
                step, expected, cut_after, variants
            ):
                cut_after += 1
            expected = perform(self._journal, step, expected)

    def _cut(self, step: Step, expected: Expected, cut_after: int, variants: int) -> bool:
        for _ in range(variants):
            journal, flash = weak_twin(self._journal)
            flash._random = self._random.randrange(1 << 30)
            flash.source = Random(self._random.randrange(1 << 30))
            flash.cut_after = cut_after
            promised = copy.copy(expected)
            try:
                perform(journal, step, promised)
                return False
            except PowerCut:
                flash.restore_power()
            self._tally.cuts += 1
            self._live_on(flash, promised, promised.after(step))
        return True

    def _live_on(self, flash: TornFlash, promised: Expected, attempted: Expected) -> None:
        """The reset after the cut, life, a second cut, and all that is there in the end."""
        tally = self._tally
        kept = promised
        for has_cut in (True, False):
            flash.cut_after = self._random.randrange(2, 30) if has_cut else None
            try:
                journal = Journal(flash, 0xBAD, 0xBEEF)
                journal.open()
                is_whole = journal.next_seq - 1 == len(attempted.events)
                tally.turns_kept += is_whole
                tally.turns_gone += not is_whole
                if is_whole and journal.session == attempted.session:
                    promised = attempted
                elif journal.session != promised.session:
                    tally.wrong_session += 1
                    tally.complain("after the cut: neither the old session nor the new one")
                kept = attempted = promised
                for step in self._after_cut:
                    attempted = kept.after(step)
                    kept = perform(journal, step, kept)
                    attempted = kept
            except PowerCut:
                tally.second_cuts += 1
                flash.restore_power()
            promised = kept
        end = Journal(flash, 0xBAD, 0xBEEF)
        end.open()
        compare(end, kept, attempted, tally)
        tally.torn_programs += flash.torn_programs
        tally.torn_erases += flash.torn_erases


def run(cuts: int, seed: int, weak_share: float) -> Tally:
    """That many cuts, over as many lives as it needs; sparse, usual and never a confirmation."""
    tally = Tally()
    life = 0
    while tally.cuts < cuts:
        life += 1
        confirm_every = (2, 25, 1000)[life % 3]
        campaign = JournalCuts(seed * 1000 + life, weak_share, tally, cuts)
        campaign.run(steps(seed * 77 + life, 60 + 60 * (life % 3), confirm_every), 1)
    return tally
