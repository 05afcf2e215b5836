"""The durable copy of bookings and cards: START-3 without a network, SAFE-3; rules 2, 3 and 7."""

import struct

from firmware.cache import APPLIED, DOES_NOT_FIT, LATE, SECTORS_MIN, STORAGE, Cache
from firmware.tables import RECORDS_MAX, SENSELESS, UNSUPPORTED
from firmware.wire import codes
from firmware.wire.chain import EMPTY_HASH, next_hash
from firmware.wire.journal_format import EPOCH_2020_S
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
    no_card,
    reopened,
    rot,
    staff,
)


def fresh() -> "tuple[Flash, Cache, Centre]":
    flash = Flash(SECTORS)
    return flash, reopened(flash), Centre()


def test_an_empty_copy_has_heard_nothing() -> None:
    cache = fresh()[1]
    assert (cache.gen, cache.rev, cache.hash8) == (0, 0, EMPTY_HASH)
    assert cache.lease_from_s == 0


def test_a_change_survives_a_reset_safe_3() -> None:
    flash, cache, centre = fresh()
    assert centre.delta(cache, [booking(1), booking(2), card(9, 5), staff(4, 6)]) == APPLIED
    assert centre.agrees(cache)
    again = reopened(flash)
    assert centre.agrees(again) and again.lease_from_s == NOW
    assert again.bookings.received_s(again.bookings.find(2)) == NOW
    assert again.cards.owner(identifier(9)) == 5
    assert again.staff.owner(identifier(4)) == 6


def test_deletions_survive() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1), booking(2), card(9), card(8), staff(8)])
    centre.delta(cache, [no_booking(1), no_card(9), no_card(77)])
    assert centre.agrees(reopened(flash)) and centre.rev == 8
    assert len(centre.records) == 3


def test_only_what_follows_on_the_own_revision_is_applied_rule_2() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1), booking(2)])
    kept = Picture(cache)
    centre.log(*booking(3))
    centre.log(*no_booking(1))
    hash8, ops = centre.hash8, centre.ops
    for gen, from_rev, to_rev in (
        (0, 3, 4),  # behind a gap
        (1, 2, 4),  # another generation
        (0, 0, 2),  # had already
        (0, 0, 1),
        (0, 1, 2),
    ):
        assert cache.apply(gen, from_rev, to_rev, hash8, ops[from_rev:to_rev], NOW) == LATE
    # Not even with a hash that would fit what would be left of it.
    assert cache.apply(0, 3, 4, next_hash(cache.hash8, *ops[3]), ops[3:4], NOW) == LATE
    assert cache.apply(0, 0, 2, centre.hashes[2], ops[:2], NOW + 1) == LATE
    assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
    assert centre.send(cache, 2) == APPLIED
    assert centre.agrees(cache)


def test_operations_that_the_car_has_are_left_out_rule_2() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1), booking(2)])
    centre.log(*no_booking(1))
    centre.log(*booking(1, 900))
    assert centre.send(cache, 0, NOW + 60) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert cache.bookings.received_s(cache.bookings.find(2)) == NOW


def test_a_hash_that_does_not_fit_changes_nothing_rule_3() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)])
    kept = Picture(cache)
    ops = [booking(2)]
    good = next_hash(cache.hash8, *ops[0])
    for bit in range(64):
        wrong = bytearray(good)
        wrong[bit // 8] ^= 1 << bit % 8
        assert cache.apply(0, 1, 2, bytes(wrong), ops, NOW) == LATE
    assert cache.apply(0, 1, 2, next_hash(EMPTY_HASH, *ops[0]), ops, NOW) == LATE
    assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
    assert cache.apply(0, 1, 2, good, ops, NOW) == APPLIED


def test_senseless_records_change_nothing() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1), card(1)])
    kept = Picture(cache)
    late = EPOCH_2020_S + 0x3FFFFFFF
    poison = [
        (0, b""),
        (7, b"\0\0\0\1"),
        (codes.OP_PUT_TERMS, bytes(34)),
        (codes.OP_PUT_TERMS, b"\1" + bytes(34)),
        (codes.OP_DEL_TERMS, b"\1"),
        (codes.OP_PUT_KEY, bytes(48)),
        (codes.OP_DEL_KEY, bytes(49)),
        (codes.OP_PUT_BOOKING, b"short"),
        (codes.OP_PUT_BOOKING, booking(5)[1] + b"\0"),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 7, 5, 10)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 7, EPOCH_2020_S + 9, EPOCH_2020_S + 9)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 7, EPOCH_2020_S - 1, EPOCH_2020_S + 9)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 7, EPOCH_2020_S, late + 1)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 0, 7, EPOCH_2020_S, late)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 0, EPOCH_2020_S, late)),
        (codes.OP_DEL_BOOKING, b"\0\0\1"),
        (codes.OP_PUT_CARD, bytes(11)),
        (codes.OP_PUT_CARD, bytes(12)),
        (codes.OP_DEL_CARD, bytes(9)),
        (codes.OP_PUT_STAFF, identifier(3) + bytes(4)),
        (codes.OP_DEL_STAFF, bytes(12)),
    ]
    for op in poison:
        hash8 = next_hash(next_hash(cache.hash8, *booking(3)), *op)
        assert cache.apply(0, 2, 4, hash8, [booking(3), op], NOW) == SENSELESS
    for op in ((11, b"x"), (99, b""), (codes.OP_PUT_TERMS, b"\2" + bytes(40))):
        hash8 = next_hash(next_hash(cache.hash8, *booking(3)), *op)
        assert cache.apply(0, 2, 4, hash8, [booking(3), op], NOW) == UNSUPPORTED
    assert cache.apply(0, 2, 4, cache.hash8, [booking(3)], NOW) == SENSELESS
    assert Picture(cache).equals(kept) and Picture(reopened(flash)).equals(kept)
    edge = codes.OP_PUT_BOOKING, struct.pack(">IIII", 5, 7, EPOCH_2020_S, late)
    assert centre.delta(cache, [edge]) == APPLIED


def test_more_than_the_hard_limit_does_not_fit() -> None:
    flash, cache, centre = fresh()
    for first in range(1, RECORDS_MAX - 99, 50):
        assert centre.delta(cache, [booking(first + i) for i in range(50)]) == APPLIED
    assert cache.bookings.count() == 450
    assert centre.delta(cache, [card(1 + i) for i in range(31)]) == APPLIED
    assert centre.delta(cache, [staff(1 + i) for i in range(31)]) == APPLIED
    kept = Picture(cache)
    for one_too_many in (
        [booking(9999)],
        [card(9999)],
        [staff(9999)],
        [booking(1), no_booking(2), card(9998), card(9999)],
        [card(9999), no_card(9999)],
        [no_card(1), no_card(1), card(9998), card(9999)],
        [no_booking(9999), card(9999)],
    ):
        hash8 = cache.hash8
        for op in one_too_many:
            hash8 = next_hash(hash8, *op)
        to_rev = cache.rev + len(one_too_many)
        assert cache.apply(0, cache.rev, to_rev, hash8, one_too_many, NOW) == DOES_NOT_FIT
        assert Picture(cache).equals(kept)
    assert Picture(reopened(flash)).equals(kept)
    full = [booking(1), card(3, 9), no_booking(2), card(9999), no_card(9999), staff(9999)]
    assert centre.delta(cache, full) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert len(centre.records) == RECORDS_MAX


def test_a_device_that_fails_changes_nothing() -> None:
    for failures in (1, 2, 3, 7, 50):
        flash, cache, centre = fresh()
        centre.delta(cache, [booking(1)])
        kept = Picture(cache)
        flash.fail_next(failures)
        verdict = centre.delta(cache, [booking(2)])
        flash.fail_next(0)
        if verdict != APPLIED:
            assert verdict == STORAGE and Picture(cache).equals(kept)
            assert Picture(reopened(flash)).equals(kept)
            assert centre.send(cache, 1) == APPLIED
        assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert verdict == STORAGE


def test_thousands_of_changes_are_compacted() -> None:
    flash = Flash(SECTORS_MIN)
    cache, centre = reopened(flash), Centre()
    for number in range(1, 1500):
        ops = [booking(number), card(number % 40 + 1)]
        if number > 100:
            ops.append(no_booking(number - 100))
        assert centre.delta(cache, ops, NOW + number) == APPLIED
        if number % 200 == 0:
            cache.service()
        if number % 333 == 0:
            cache = reopened(flash)
    again = reopened(flash)
    assert centre.agrees(again) and len(centre.records) == 140
    assert again.lease_from_s == NOW + 1499
    for number in range(1400, 1500):
        index = again.bookings.find(number)
        assert again.bookings.received_s(index) == NOW + number


def test_room_is_made_in_idle_time() -> None:
    flash, cache, centre = fresh()
    while cache.service():
        pass
    busy = 0
    for number in range(1, 700):
        centre.delta(cache, [booking(number % 300 + 1, number)])
        before = sum(flash.erases)
        while cache.service():
            busy += 1
        erased = sum(flash.erases)
        assert centre.delta(cache, [card(1, number)]) == APPLIED
        assert sum(flash.erases) == erased >= before
    assert busy > 10


def test_a_moved_booking_keeps_its_arrival_only_if_its_start_stays_start_4() -> None:
    _, cache, centre = fresh()
    centre.delta(cache, [booking(1)])
    centre.delta(cache, [booking(1)], NOW + 500)
    assert cache.bookings.received_s(0) == NOW
    centre.delta(cache, [booking(1)], 0)
    assert cache.bookings.received_s(0) == NOW
    centre.delta(cache, [booking(1, 7200)], NOW + 900)
    assert cache.bookings.received_s(0) == NOW + 900


def test_garbage_and_an_older_format_are_an_empty_copy() -> None:
    for fill in range(3):
        flash = Flash(SECTORS)
        for sector in range(SECTORS):
            data = bytes((sector * 37 + 11 + fill * i) & 0xFF for i in range(256))
            flash.program(sector * 4096, data)
        cache, centre = reopened(flash), Centre()
        assert cache.rev == 0
        assert centre.delta(cache, [booking(1)]) == APPLIED
        assert centre.agrees(reopened(flash))


def test_an_applied_change_renews_the_lease_rule_7() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)], 0)
    assert cache.lease_from_s == 0
    centre.delta(cache, [booking(2)], NOW + 5)
    centre.delta(cache, [booking(3)], 0)
    assert cache.lease_from_s == reopened(flash).lease_from_s == NOW + 5
    assert cache.apply(0, 0, 1, centre.hashes[1], centre.ops[:1], NOW + 9) == LATE
    assert cache.lease_from_s == NOW + 5


def test_a_confirmation_renews_the_lease_and_is_kept_once_an_hour_rule_7() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)], NOW)
    before = flash.operations
    cache.confirm(0)
    cache.confirm(NOW + 3599)
    assert (cache.lease_from_s, flash.operations) == (NOW + 3599, before)
    assert reopened(flash).lease_from_s == NOW
    cache.confirm(NOW + 3600)
    assert flash.operations > before and reopened(flash).lease_from_s == NOW + 3600
    before = flash.operations
    for minute in range(60):
        cache.confirm(NOW + 3600 + minute * 60)
    assert flash.operations == before
    cache.confirm(NOW + 3 * 3600)
    assert reopened(flash).lease_from_s == NOW + 3 * 3600
    cache.confirm(NOW)  # the clock had been wrong
    assert cache.lease_from_s == reopened(flash).lease_from_s == NOW


def test_a_confirmation_is_no_confirmation_of_an_older_state_rule_7() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)], NOW)
    centre.delta(cache, [no_booking(1)], NOW + 10)
    cache.confirm(NOW + 7200)
    at = flash.contents.find(struct.pack(">IIII", NOW + 10, 0, 1, 2))
    rot(flash, at, 3)
    again = reopened(flash)
    assert (again.rev, again.lease_from_s) == (1, NOW)
    assert centre.send(again, 1, NOW + 7300) == APPLIED
    assert centre.agrees(reopened(flash))


def test_a_confirmation_that_cannot_be_kept_counts_until_the_reset() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)], NOW)
    flash.fail_next(99)
    cache.confirm(NOW + 4000)
    flash.fail_next(0)
    assert cache.lease_from_s == NOW + 4000
    assert reopened(flash).lease_from_s == NOW
    cache.confirm(NOW + 4001)
    assert reopened(flash).lease_from_s == NOW + 4001


def test_years_of_confirmations_fill_nothing() -> None:
    flash, cache, centre = fresh()
    centre.delta(cache, [booking(1)])
    for hour in range(1, 1500):
        cache.confirm(NOW + hour * 3600)
    assert reopened(flash).lease_from_s == NOW + 1499 * 3600
    assert centre.delta(cache, [booking(2)]) == APPLIED
    assert centre.agrees(reopened(flash))


def test_wrong_bits_cost_changes_but_never_mix_them_rule_3() -> None:
    flash, cache, centre = fresh()
    pictures = [Picture(cache)]
    for number in range(1, 9):
        centre.delta(cache, [booking(number), no_booking(number + 97)], NOW + number)
        pictures.append(Picture(cache))
    used = flash.contents.find(b"\xff" * 64)
    found = set()
    for offset in range(0, used, 3):
        rot(flash, offset, offset & 7)
        again = Picture(reopened(flash))
        revs = [picture.standing[1] for picture in pictures]
        assert again.equals(pictures[revs.index(again.standing[1])])
        found.add(again.standing[1])
        rot(flash, offset, offset & 7)
    assert len(found) > 6


def test_a_flash_too_small_is_refused_at_once() -> None:
    try:
        Cache(Flash(SECTORS_MIN - 1))
    except ValueError:
        return
    raise AssertionError("taken")
