"""Packed bookings and cards."""

from firmware.bookings import BOOKINGS_MAX, Bookings
from firmware.cards import Cards


def test_bookings_put_find_delete() -> None:
    bookings = Bookings()
    for number in range(1, 6):
        assert bookings.put(number, number * 10, 1000 + number, 2000 + number, 500)
    bookings.delete(2)
    bookings.delete(77)
    assert bookings.count() == 4 and bookings.find(2) == -1
    for number in (1, 3, 4, 5):
        index = bookings.find(number)
        assert bookings.driver(index) == number * 10
        assert bookings.starts_s(index) == 1000 + number
        assert bookings.ends_s(index) == 2000 + number


def test_bookings_are_bounded() -> None:
    bookings = Bookings()
    for number in range(1, BOOKINGS_MAX + 1):
        assert bookings.put(number, 1, 1, 2, 0)
    assert not bookings.put(9999, 1, 1, 2, 0)
    assert bookings.put(5, 2, 1, 2, 0)
    assert bookings.count() == BOOKINGS_MAX


def test_version_counts_every_change() -> None:
    bookings = Bookings()
    seen = [bookings.version]
    bookings.put(1, 1, 1, 2, 0)
    seen.append(bookings.version)
    bookings.delete(1)
    seen.append(bookings.version)
    assert len(set(seen)) == 3


def test_leading_zeros_of_a_card_count() -> None:
    cards = Cards()
    cards.put(b"\x00\x00\x00\x00\x00\x00\x0a\xbc", 1)
    cards.put(b"\x00\x00\x00\x00\x00\x00\xab\x0c", 2)
    assert cards.owner(b"\x00\x00\x00\x00\x00\x00\x0a\xbc") == 1
    assert cards.owner(b"\x00\x00\x00\x00\x00\x00\xab\x0c") == 2
    assert not cards.put(b"\x0a\xbc", 3)


def test_a_card_is_not_found_across_two_records() -> None:
    cards = Cards()
    cards.put(b"ABCDEFGH", 0x494A4B4C)
    cards.put(b"MNOPQRST", 7)
    assert cards.owner(b"EFGHIJKL") == 0
    assert cards.owner(b"IJKLMNOP") == 0
    assert cards.owner(b"MNOPQRST") == 7


def test_cards_replace_and_delete() -> None:
    cards = Cards()
    cards.put(b"ABCDEFGH", 1)
    cards.put(b"ABCDEFGH", 2)
    assert cards.count() == 1 and cards.owner(b"ABCDEFGH") == 2
    cards.put(b"MNOPQRST", 7)
    cards.delete(b"ABCDEFGH")
    cards.delete(b"NOTTHERE")
    assert cards.count() == 1 and cards.owner(b"MNOPQRST") == 7
