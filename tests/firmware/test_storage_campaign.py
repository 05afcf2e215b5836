"""The storage campaign in small: SAFE-2, SAFE-3, SAFE-5. In full: python -m tests.storage_campaign."""

import pytest

from hal.fake.flash import Flash
from tests.storage_campaign import cache_cuts, damage, journal_cuts
from tests.storage_campaign.__main__ import chances, flips, lost_sectors


@pytest.mark.parametrize("weak_share", [0.0, 0.7])
def test_cuts_of_the_journal_lose_double_and_tear_nothing_safe_5(weak_share: float) -> None:
    tally = journal_cuts.run(60, 3, weak_share)
    assert tally.cuts == 60
    assert tally.torn_programs > 40
    assert min(tally.turns_kept, tally.turns_gone) > 0
    found = (tally.lost, tally.doubled, tally.torn, tally.wrong_session)
    assert found == (0, 0, 0, 0), tally.examples


def test_cuts_of_the_copy_leave_old_or_new_safe_3() -> None:
    tally = cache_cuts.run(50, 3, 0.7)
    assert tally.cuts == 50
    assert min(tally.turns_kept, tally.turns_gone) > 0
    assert (tally.lost, tally.torn) == (0, 0), tally.examples


@pytest.mark.parametrize("make", [damage.driving, damage.idle])
def test_one_flipped_bit_anywhere_changes_nothing_safe_3(make: damage.MakeBox) -> None:
    outcomes = flips(make, 211, 8)
    assert outcomes.starts > 200
    assert outcomes.as_before == outcomes.starts, outcomes.examples
    assert outcomes.is_clean(), outcomes.examples
    # Nor is the session that is found an older one of the same state.
    image = damage.Patient(make()).images[0]
    flash = Flash(damage.JOURNAL_SECTORS)
    flash.contents[:] = image
    newest = damage.session_in(flash)
    written = [at for at, byte in enumerate(image) if byte != 0xFF]
    for at in written[::13]:
        flash.contents[:] = damage.flipped(image, 8 * at + at % 8)
        assert damage.session_in(flash) == newest, at


def test_no_damage_raises_or_moves_a_relay_safe_2_safe_3() -> None:
    outcomes = chances(5, 120)
    assert outcomes.starts == 120
    assert 0 < outcomes.as_before < outcomes.starts
    assert outcomes.is_clean(), outcomes.examples


def test_whoever_lost_the_last_session_says_so_safe_3() -> None:
    outcomes = lost_sectors(7, 120)
    assert outcomes.starts == 120
    assert 0 < outcomes.as_before < outcomes.starts
    assert outcomes.untold == 0, outcomes.examples
    assert outcomes.is_clean(), outcomes.examples
