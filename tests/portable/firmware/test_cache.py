"""The durable copy of bookings and cards: START-3 without a network, SAFE-3."""

import struct

from firmware.cache import Cache
from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S
from hal.fake.flash import Flash

NOW = 197_200_000


def booking(number: int, start: int = 3600) -> "tuple[int, bytes]":
    starts = EPOCH_2020_S + NOW + start
    return codes.OP_PUT_BOOKING, struct.pack(">IIII", number, 7, starts, starts + 7200)


def card(number: int) -> "tuple[int, bytes]":
    return codes.OP_PUT_CARD, struct.pack(">8sI", struct.pack(">Q", number), number)


def reopened(flash: Flash) -> Cache:
    cache = Cache(flash)
    cache.open()
    return cache


def test_a_change_survives_a_reset_safe_3() -> None:
    flash = Flash(16)
    cache = reopened(flash)
    assert cache.apply([booking(1), booking(2), card(9)], 5, NOW)
    again = reopened(flash)
    assert again.rev == 5 and again.bookings.count() == 2
    assert again.bookings.received_s(again.bookings.find(2)) == NOW
    assert again.cards.owner(struct.pack(">Q", 9)) == 9


def test_deletions_survive() -> None:
    flash = Flash(16)
    cache = reopened(flash)
    cache.apply([booking(1), booking(2), card(9), card(8)], 1, NOW)
    cache.apply([(codes.OP_DEL_BOOKING, struct.pack(">I", 1))], 2, NOW)
    cache.apply([(codes.OP_DEL_CARD, struct.pack(">Q", 9))], 3, NOW)
    again = reopened(flash)
    assert again.bookings.find(1) < 0 and again.bookings.find(2) >= 0
    assert again.cards.owner(struct.pack(">Q", 9)) == 0
    assert again.cards.owner(struct.pack(">Q", 8)) == 8


def test_senseless_records_change_nothing() -> None:
    cache = reopened(Flash(16))
    for op in (
        (99, b"x"),
        (codes.OP_PUT_BOOKING, b"short"),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 1, 7, 5, 10)),
        (codes.OP_PUT_BOOKING, struct.pack(">IIII", 1, 7, EPOCH_2020_S + 9, EPOCH_2020_S + 8)),
    ):
        assert not cache.apply([booking(3), op], 4, NOW)
        assert cache.rev == 0 and cache.bookings.count() == 0


def test_a_device_that_fails_changes_nothing() -> None:
    flash = Flash(16)
    cache = reopened(flash)
    cache.apply([booking(1)], 1, NOW)
    flash.fail_next(50)
    assert not cache.apply([booking(2)], 2, NOW)
    assert cache.rev == 1 and cache.bookings.count() == 1
    flash.fail_next(0)
    assert cache.apply([booking(2)], 2, NOW)
    assert reopened(flash).rev == 2


def test_thousands_of_changes_are_compacted() -> None:
    flash = Flash(12)
    cache = reopened(flash)
    for number in range(1, 3000):
        ops = [booking(number), card(number % 40 + 1)]
        if number > 100:
            ops.append((codes.OP_DEL_BOOKING, struct.pack(">I", number - 100)))
        assert cache.apply(ops, number, NOW + number)
    again = reopened(flash)
    assert again.rev == 2999
    assert again.bookings.count() == 100 and again.cards.count() == 40
    for number in range(2900, 3000):
        index = again.bookings.find(number)
        assert again.bookings.received_s(index) == NOW + number


def test_a_moved_booking_keeps_its_arrival_only_if_its_start_stays_start_4() -> None:
    cache = reopened(Flash(16))
    cache.apply([booking(1)], 1, NOW)
    cache.apply([booking(1)], 2, NOW + 500)
    assert cache.bookings.received_s(0) == NOW
    cache.apply([booking(1, start=7200)], 3, NOW + 900)
    assert cache.bookings.received_s(0) == NOW + 900


def test_garbage_in_the_flash_is_an_empty_copy() -> None:
    flash = Flash(12)
    for sector in range(12):
        flash.program(sector * 4096, bytes((sector * 37 + 11) & 0xFF for _ in range(256)))
    cache = reopened(flash)
    assert cache.rev == 0
    assert cache.apply([booking(1)], 1, NOW)
    assert reopened(flash).rev == 1
