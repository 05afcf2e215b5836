"""Power cuts at every storage operation, failures, rot and noise (SAFE-3, SAFE-5)."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.journal import Journal
from firmware.journal_events import EventWalk
from firmware.storage_codes import OPENED_DAMAGED, OPENED_NEW
from hal.fake.flash import Flash, PowerCut
from tests.firmware.journal_campaign import (
    IDLE,
    Campaign,
    Expected,
    Step,
    check,
    flash_with,
    perform,
    reopen,
    steps,
)


def cut_everywhere(seed: int, workload: list[Step], variants: int = 1) -> Campaign:
    """For a long run raise `variants` and the lengths of the workloads."""
    campaign = Campaign(seed)
    campaign.run(workload, variants)
    assert campaign.cuts > len(workload)
    assert campaign.second_cuts > len(workload) // 2
    return campaign


def test_cuts_with_the_centre_in_reach() -> None:
    """SAFE-3, SAFE-5."""
    assert cut_everywhere(1, steps(1, 180, 2)).refused == 0


def test_cuts_with_the_centre_seldom_in_reach() -> None:
    """SAFE-3, SAFE-5."""
    assert cut_everywhere(2, steps(2, 120, 25)).refused == 0


def test_cuts_until_all_is_full_and_when_it_empties() -> None:
    """SAFE-3, SAFE-5."""
    campaign = cut_everywhere(3, steps(3, 200, 1000) + steps(5, 40, 2))
    assert 20 < campaign.refused < 60


def test_cuts_while_it_is_made() -> None:
    """The format and the first turn (SAFE-3, SAFE-5)."""
    first = steps(9, 1, 9)[0]
    cuts = 0
    for seed in range(300):
        flash = Flash(sectors=8, seed=seed)
        if seed % 2:
            flash.contents[:] = random.Random(seed).randbytes(len(flash.contents))
        flash.cut_after = seed % 7
        expected = Expected()
        attempted = expected.after(first)
        journal = Journal(flash, 0xC0DE)
        try:
            journal.open()
            expected = perform(journal, first, expected)
        except PowerCut:
            cuts += 1
        flash.restore_power()
        expected = check(flash, expected, attempted)
        again = reopen(flash)
        assert again.instance in (0xC0DE, 0xBAD)
        assert again.instance == 0xC0DE or not expected.events
        expected = perform(again, first, expected)
        check(flash, expected, expected)
    assert cuts > 150


def test_cuts_when_a_confirmation_must_free_room_and_cannot_be_kept_first() -> None:
    """The head is torn, nothing is erased ahead, and the centre has everything (SAFE-5)."""
    cuts = 0
    for cut_after in range(40):
        flash = Flash(sectors=8, seed=cut_after)
        journal = Journal(flash, 1)
        journal.open()
        expected = Expected()
        source = iter(steps(6, 400, 1000))
        while journal.turns.ready or journal.turns.can_prepare() or journal.turns.head < 5:
            step = next(source)
            if step[0] != IDLE:
                expected = perform(journal, step, expected)
        flash.fail_next(9)
        assert not journal.commit([b"\x04lost"], None)
        flash.fail_next(0)
        journal.acknowledge(expected.confirm_all())
        flash.cut_after = cut_after
        step = next(step for step in source if step[1])
        attempted = expected.after(step)
        try:
            expected = perform(journal, step, expected)
        except PowerCut:
            cuts += 1
        flash.restore_power()
        check(flash, expected, attempted)
    assert 5 < cuts < 40


@pytest.mark.parametrize("seed", range(12))
def test_failures_of_the_device(seed: int) -> None:
    """Any of its operations fails: a turn is durable or nothing of it happened (SAFE-5)."""
    flash = Flash(sectors=8, seed=seed)
    journal = Journal(flash, 1)
    journal.open()
    source = random.Random(seed)
    expected = Expected()
    refused = 0
    for step in steps(seed, 200, 5):
        if source.random() < 0.2:
            flash.fail_next(source.randrange(1, 16))
        count = len(expected.events)
        expected = perform(journal, step, expected)
        flash.fail_next(0)
        refused += bool(step[1]) and len(expected.events) == count
        assert (journal.next_seq - 1, journal.session) == (len(expected.events), expected.session)
        if source.random() < 0.1:
            check(flash, expected, expected)
    assert 5 < refused < 60
    check(flash, expected, expected)


def filled(count: int) -> tuple[Flash, Journal]:
    flash = Flash(sectors=8)
    journal = Journal(flash, 1)
    journal.open()
    expected = Expected()
    for step in steps(4, count, 1000):
        expected = perform(journal, step, expected)
    while journal.service():
        pass
    return flash, journal


def everything(journal: Journal) -> tuple[dict[int, bytes], list[bytes | None]]:
    """All events by number and all session records, wherever they stand."""
    events = {}
    sessions: list[bytes | None] = []
    for ring in (journal.store, journal.turns):
        walk = EventWalk(ring)
        while walk.next_event():
            events[walk.seq] = walk.event()
        walk = EventWalk(ring)
        while walk.next_frame():
            if walk.session() is not None:
                sessions.append(walk.session())
    return events, sessions


def test_two_wrong_bits_cost_one_frame_at_most() -> None:
    """One is mended: tests/firmware/test_storage_damage.py."""
    flash, journal = filled(60)
    whole, sessions = everything(reopen(flash))
    source = random.Random(5)
    lost_most = 0
    for _ in range(600):
        offset = source.randrange(len(flash.contents) - 1)
        bits = source.sample(range(16), 2)
        for bit in bits:
            flash.flip(offset + bit // 8, bit % 8)
        again = reopen(flash_with(flash.contents))
        for bit in bits:
            flash.flip(offset + bit // 8, bit % 8)
        assert again.instance == 1
        assert again.session in sessions
        found, _ = everything(again)
        lost = sorted(set(whole) - set(found))
        assert all(found[seq] == whole[seq] for seq in found)
        assert len(lost) <= 12
        assert not lost or lost[-1] - lost[0] < 30
        lost_most = max(lost_most, len(lost))
        assert again.next_seq <= journal.next_seq
        assert perform(again, (IDLE, [], None), Expected()) is not None
    assert lost_most > 1


@settings(max_examples=150)
@given(
    pieces=st.lists(
        st.tuples(
            st.integers(0, 8 * 4096 - 1),
            st.one_of(
                st.binary(min_size=1, max_size=64),
                st.builds(
                    lambda byte, count: bytes((byte,)) * count,
                    st.sampled_from([0, 0x5A, 0xFF]),
                    st.integers(1, 9000),
                ),
            ),
        ),
        max_size=8,
    ),
    count=st.sampled_from([0, 3, 60]),
)
def test_no_contents_raise(pieces: list[tuple[int, bytes]], count: int) -> None:
    """Noise, zeros, cut-off and blank stretches over a journal; then it goes on working."""
    flash, _ = filled(count)
    for offset, piece in pieces:
        inside = piece[: len(flash.contents) - offset]
        flash.contents[offset : offset + len(inside)] = inside
    journal = Journal(flash, 3)
    assert journal.open() & ~(OPENED_NEW | OPENED_DAMAGED) == 0
    for _ in range(50):
        first, events = journal.read_unacked(3000)
        journal.acknowledge(first + len(events) - 1)
        journal.service()
    assert journal.backlog() == 0
    assert journal.commit([b"\x04new"], b"state")
    again = reopen(flash)
    assert again.session == b"state"
    again.acknowledge(journal.next_seq - 2)
    assert again.read_unacked(1000) == (journal.next_seq - 1, [b"\x04new"])
