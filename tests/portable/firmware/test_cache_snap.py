"""Snapshots: chunks are staged, checked, and switched to at once (rule 4 of the protocol)."""

import struct

from firmware.cache import (
    APPLIED,
    DOES_NOT_FIT,
    LATE,
    SECTORS_MIN,
    STAGED,
    STORAGE,
    Cache,
)
from firmware.cache_stage import CHUNKS_MAX
from firmware.compat import IS_MICROPYTHON
from firmware.tables import RECORDS_MAX, SENSELESS
from firmware.wire import codes
from firmware.wire.chain import next_hash
from hal.fake.flash import Flash
from tests.portable.firmware.cache_rig import (
    NOW,
    SECTORS,
    Centre,
    Picture,
    booking,
    card,
    identifier,
    no_booking,
    reopened,
    rot,
    staff,
)

#: The other interpreters are a tenth as fast; what they may do otherwise shows in fewer rounds.
GENERATIONS = 7 if IS_MICROPYTHON else 13
EVERY = 3 if IS_MICROPYTHON else 1


def full_centre(gen: int, bookings: int = 200, cards: int = 150, start: int = 3600) -> Centre:
    centre = Centre(gen)
    for number in range(1, bookings + 1):
        centre.log(*booking(number, start))
    for number in range(1, cards + 1):
        centre.log(*card(number, number))
    centre.log(*staff(1))
    return centre


def small() -> "tuple[Flash, Cache, Centre]":
    """A car that has bookings 1 to 4 of generation 1, arrived at NOW."""
    flash = Flash(SECTORS)
    cache, centre = reopened(flash), Centre(1)
    for number in range(1, 5):
        centre.log(*booking(number))
    centre.log(*card(8))
    assert centre.snap(cache) == [APPLIED]
    return flash, cache, centre


def test_a_snapshot_comes_to_a_car_that_has_heard_nothing() -> None:
    flash = Flash(SECTORS)
    cache, centre = reopened(flash), full_centre(3)
    verdicts = centre.snap(cache)
    assert len(verdicts) > 4 and verdicts == [STAGED] * (len(verdicts) - 1) + [APPLIED]
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert cache.lease_from_s == reopened(flash).lease_from_s == NOW
    assert centre.snap(cache) == [LATE] * len(verdicts)
    assert centre.delta(cache, [no_booking(7)]) == APPLIED
    assert centre.agrees(reopened(flash))


def test_an_empty_snapshot_empties_the_copy() -> None:
    flash, cache, _ = small()
    centre = Centre(2)
    assert centre.snap(cache) == [APPLIED]
    assert centre.agrees(cache) and cache.bookings.count() == 0
    assert centre.agrees(reopened(flash))


def test_the_old_state_serves_until_the_last_chunk_whatever_their_order_rule_4() -> None:
    for turned in range(5):
        flash, cache, _ = small()
        kept = Picture(cache)
        centre = full_centre(2)
        count = len(centre.chunks())
        order = [(turned + 3 * i) % count for i in range(count)]
        if len(set(order)) < count:
            order = list(range(count - 1, -1, -1))
        twice = [number for number in order[:-1] for _ in range(2)]
        assert centre.snap(cache, NOW, twice) == [STAGED] * len(twice)
        assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
        assert centre.snap(cache, NOW, order[-1:]) == [APPLIED]
        assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_doubled_chunks_are_written_once() -> None:
    flash, cache, _ = small()
    centre = full_centre(2)
    centre.snap(cache, NOW, [0, 1])
    before = flash.operations
    assert centre.snap(cache, NOW, [0, 1, 1, 0]) == [STAGED] * 4
    assert flash.operations == before


def test_only_a_greater_snapshot_is_taken_rule_4() -> None:
    flash, cache, _ = small()
    kept = Picture(cache)
    for gen, rev in ((1, 5), (1, 4), (0, 9), (0, 0)):
        assert cache.take_chunk(gen, rev, b"12345678", 0, 1, [booking(9)], NOW) == LATE
    assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
    for gen, rev in ((1, 6), (2, 0), (2, 1), (7, 0)):
        assert cache.take_chunk(gen, rev, b"12345678", 0, 1, [booking(9)], NOW) == APPLIED
        assert (cache.gen, cache.rev, cache.hash8) == (gen, rev, b"12345678")
        assert reopened(flash).gen == gen


def test_a_reset_forgets_staged_chunks_and_a_new_push_begins_anew() -> None:
    flash, cache, _ = small()
    kept = Picture(cache)
    centre = full_centre(2)
    count = len(centre.chunks())
    for cut in range(count):
        assert centre.snap(cache, NOW, list(range(cut))) == [STAGED] * cut
        cache = reopened(flash)
        assert Picture(cache).equals(kept)
        assert centre.snap(cache, NOW, [count - 1]) == [STAGED]
        cache = reopened(flash)
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(reopened(flash))


def test_a_chunk_of_another_snapshot_begins_anew() -> None:
    flash, cache, _ = small()
    first, second = full_centre(2), full_centre(2, start=9000)
    count = len(first.chunks())
    assert first.rev == second.rev and first.hash8 != second.hash8
    first.snap(cache, NOW, list(range(count - 1)))
    assert second.snap(cache, NOW, [count - 1]) == [STAGED]
    assert first.snap(cache, NOW, [count - 1]) == [STAGED]
    assert second.snap(cache)[-1] == APPLIED
    assert second.agrees(cache) and second.agrees(reopened(flash))


def test_other_revision_generation_or_number_of_chunks_is_another_snapshot() -> None:
    for gen, rev, hash8, chunks in (
        (3, 9, b"aaaaaaaa", 2),
        (2, 8, b"aaaaaaaa", 2),
        (2, 9, b"aaaaaaab", 2),
        (2, 9, b"aaaaaaaa", 3),
    ):
        _, cache, _ = small()
        assert cache.take_chunk(2, 9, b"aaaaaaaa", 0, 2, [booking(1)], NOW) == STAGED
        assert cache.take_chunk(gen, rev, hash8, 1, chunks, [booking(2)], NOW) == STAGED
        assert cache.take_chunk(2, 9, b"aaaaaaaa", 1, 2, [booking(2)], NOW) == STAGED
        assert cache.take_chunk(2, 9, b"aaaaaaaa", 0, 2, [booking(1)], NOW) == APPLIED


def test_a_change_while_chunks_are_staged() -> None:
    flash, cache, old = small()
    centre = full_centre(2)
    count = len(centre.chunks())
    centre.snap(cache, NOW, list(range(count - 1)))
    assert old.delta(cache, [booking(70), no_booking(1)], NOW + 1) == APPLIED
    assert old.agrees(reopened(flash))
    assert centre.snap(cache, NOW + 2, [count - 1]) == [APPLIED]
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_a_snapshot_that_changes_overtook_is_late() -> None:
    _, cache, old = small()
    assert cache.take_chunk(1, 6, b"aaaaaaaa", 0, 2, [booking(1)], NOW) == STAGED
    assert old.delta(cache, [booking(70)]) == APPLIED
    assert cache.take_chunk(1, 6, b"aaaaaaaa", 1, 2, [booking(2)], NOW) == LATE
    assert old.agrees(cache)


def test_bookings_that_stay_keep_their_arrival_start_4() -> None:
    for at_s in (NOW + 500, 0):
        flash, cache, _ = small()
        centre = Centre(2)
        for op in (booking(1), booking(2, 7200), booking(9)):
            centre.log(*op)
        assert centre.snap(cache, at_s) == [APPLIED]
        for one in (cache, reopened(flash)):
            found = [one.bookings.received_s(one.bookings.find(number)) for number in (1, 2, 9)]
            assert found == [NOW, at_s, at_s]
            assert one.lease_from_s == max(NOW, at_s)


def test_senseless_snapshots_are_refused_and_forgotten() -> None:
    flash, cache, _ = small()
    kept = Picture(cache)
    edge = struct.pack(">IIII", 5, 7, 5, 10)
    poison = [
        [booking(2), no_booking(3)],
        [(codes.OP_DEL_CARD, identifier(1))],
        [(codes.OP_DEL_STAFF, identifier(1))],
        [(codes.OP_PUT_BOOKING, edge)],
        [(codes.OP_DEL_TERMS, b"")],
        [(codes.OP_PUT_TERMS, bytes(34))],
        [booking(2), booking(2)],
        [card(4), booking(2), card(4, 9)],
        [staff(4), staff(4)],
        [booking(1, 60)],  # chunk 0 has booking 1 already
        [card(1)],
        [staff(1, 9)],
    ]
    for case in range(len(poison)):
        snap = (2, 9, bytes((case,)) * 8)
        assert cache.take_chunk(*snap, 2, 3, [booking(50)], NOW) == STAGED
        first = [booking(1), card(1), staff(1)]
        assert cache.take_chunk(*snap, 0, 3, first, NOW) == STAGED
        assert cache.take_chunk(*snap, 1, 3, poison[case], NOW) == SENSELESS
        assert cache.take_chunk(*snap, 1, 3, [booking(2)], NOW) == STAGED
        assert Picture(cache).equals(kept)
    assert cache.take_chunk(*snap, 3, 3, [booking(2)], NOW) == SENSELESS
    assert Picture(reopened(flash)).equals(kept)
    # The same number as booking, card and staff is no double.
    same = (2, 9, b"bbbbbbbb")
    number = b"\0\0\0\5"
    ops = [
        booking(5),
        (codes.OP_PUT_CARD, number + bytes(4) + number),
        (codes.OP_PUT_STAFF, number + bytes(4) + number),
    ]
    assert cache.take_chunk(*same, 0, 1, ops, NOW) == APPLIED
    assert reopened(flash).staff.owner(number + bytes(4)) == 5


def test_512_records_fit_and_513_do_not() -> None:
    flash = Flash(SECTORS)
    cache = reopened(flash)
    centre = full_centre(1, 200, RECORDS_MAX - 201)
    assert len(centre.records) == RECORDS_MAX
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    centre.gen = 2
    centre.log(*staff(2))
    verdicts = centre.snap(cache)
    assert verdicts[-1] == DOES_NOT_FIT and STAGED in verdicts and APPLIED not in verdicts
    assert cache.gen == reopened(flash).gen == 1
    # All others in place of all there are: the limit holds for what stays.
    other = Centre(3)
    for number in range(1001, 1001 + RECORDS_MAX):
        other.log(*booking(number))
    assert other.snap(cache)[-1] == APPLIED
    assert other.agrees(cache) and other.agrees(reopened(flash))


def test_more_chunks_than_a_snapshot_can_have() -> None:
    _, cache, _ = small()
    for number in range(CHUNKS_MAX):
        verdict = cache.take_chunk(2, 99, b"a" * 8, number, CHUNKS_MAX, [booking(number + 1)], NOW)
        assert verdict == (APPLIED if number == CHUNKS_MAX - 1 else STAGED)
    assert cache.bookings.count() == CHUNKS_MAX
    verdict = cache.take_chunk(3, 0, b"a" * 8, 0, CHUNKS_MAX + 1, [], NOW)
    assert verdict == DOES_NOT_FIT


def test_snapshots_in_a_row_and_given_up_ones_fill_nothing() -> None:
    flash = Flash(SECTORS_MIN)
    cache = reopened(flash)
    for gen in range(1, GENERATIONS):
        centre = full_centre(gen, 260, 240, 3600 + gen)
        count = len(centre.chunks())
        for given_up in range(3):
            centre.gen = gen * 4 + given_up
            assert centre.snap(cache, NOW, list(range(count - 1))) == [STAGED] * (count - 1)
            if gen % 3 == given_up:
                cache.service()
            if gen % 5 == given_up:
                cache = reopened(flash)
        centre.gen = gen * 4 + 3
        assert centre.snap(cache)[-1] == APPLIED
        assert centre.agrees(cache) and centre.agrees(reopened(flash))
        assert centre.delta(cache, [no_booking(1)]) == APPLIED


def test_a_device_that_fails_leaves_the_old_state_and_a_new_push_succeeds() -> None:
    seen = set()
    for at in range(0, 40, EVERY):
        flash, cache, _ = small()
        kept = Picture(cache)
        centre = full_centre(2, 60, 10)
        count = len(centre.chunks())
        for number in range(count):
            if number == count - 1 or at % count == number:
                flash.fail_next(at)
            verdict = centre.snap(cache, NOW, [number])[0]
            flash.fail_next(0)
            seen.add(verdict)
            if verdict != APPLIED:
                assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
        assert cache.gen == 2 or APPLIED in centre.snap(cache)
        assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert seen == {STAGED, APPLIED, STORAGE}


def test_a_chunk_that_rots_before_the_switch_is_asked_for_again() -> None:
    flash, cache, _ = small()
    kept = Picture(cache)
    centre = full_centre(2)
    count = len(centre.chunks())
    centre.snap(cache, NOW, list(range(count - 1)))
    rot(flash, flash.contents.find(centre.chunks()[1][5][1]), 2)
    assert centre.snap(cache, NOW, [count - 1]) == [STORAGE]
    assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(reopened(flash))


def test_a_chunk_that_rots_after_the_switch_gives_the_old_state_back() -> None:
    flash, cache, old = small()
    kept = Picture(cache)
    centre = full_centre(2)
    centre.snap(cache)
    centre.delta(cache, [no_booking(3)])
    rot(flash, flash.contents.find(centre.chunks()[1][5][1]), 2)
    cache = reopened(flash)
    assert Picture(cache).equals(kept) and old.agrees(cache)
    assert centre.snap(cache)[-1] == APPLIED
    assert centre.agrees(reopened(flash))


def test_chunks_of_a_given_up_snapshot_are_not_taken_for_those_that_rotted() -> None:
    flash, cache, _ = small()
    kept = Picture(cache)
    assert cache.take_chunk(2, 9, b"aaaaaaaa", 0, 2, [booking(50)], NOW) == STAGED
    assert cache.take_chunk(2, 9, b"bbbbbbbb", 0, 1, [booking(60)], NOW) == APPLIED
    rot(flash, flash.contents.find(booking(60)[1]), 1)
    assert Picture(reopened(flash)).equals(kept)


def test_a_device_that_cannot_be_read_after_the_switch_is_read_anew() -> None:
    flash, cache, _ = small()
    centre = full_centre(2)
    count = len(centre.chunks())
    centre.snap(cache, NOW, list(range(count - 1)))

    def half_done(tables: object, at_s: int) -> None:
        cache.bookings.remove(0)
        raise OSError(5)

    cache.stage.merge = half_done  # type: ignore[method-assign]
    assert centre.snap(cache, NOW, [count - 1]) == [APPLIED]
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_the_hash_of_a_snapshot_is_where_changes_go_on_rule_3() -> None:
    _, cache, old = small()
    assert cache.take_chunk(2, 40, b"abcdefgh", 0, 1, [booking(1)], NOW) == APPLIED
    op = booking(2)
    assert cache.apply(2, 40, 41, next_hash(old.hash8, *op), [op], NOW) == LATE
    assert cache.apply(2, 40, 41, next_hash(b"abcdefgh", *op), [op], NOW) == APPLIED
