"""Cards of drivers without a near booking: so that a refusal says what is wrong (START-9)."""

import struct

from firmware.wire import codes
from firmware.wire.records import CARD as CARD_RECORD
from fleetd.core import car_copy
from tests.fleetd.rig import CAR, CARD, HOUR_S, NOW_S, Desk, records_of

OTHER_CARD = bytes.fromhex("0101060199999999")


def cards_of(desk: Desk) -> dict[bytes, int]:
    """Card -> driver's number, as the car holds them."""
    found = {}
    for (op, _), record in records_of(desk.db).items():
        if op == codes.OP_PUT_CARD:
            identifier, driver = struct.unpack(CARD_RECORD, record)
            found[identifier] = driver
    return found


def add_strangers(desk: Desk, count: int) -> None:
    """Drivers with cards, who have nothing to do with the car."""
    with desk.db.transaction():
        for number in range(100, 100 + count):
            desk.db.run(
                "INSERT INTO account (id, salt, hash, must_change) VALUES (?, x'00', x'00', 0)",
                f"KAG00009{number}",
            )
            desk.db.run(
                "INSERT INTO driver (number, id, member, name, mail, licence_until, added_s)"
                " VALUES (?, ?, 'KAG00001', 'x', 'x@example.org', '', 0)",
                number, f"KAG00009{number}",
            )  # fmt: skip
            desk.db.run(
                "INSERT INTO card VALUES (?, ?, 0)", bytes(4) + number.to_bytes(4, "big"), number
            )


def test_a_small_fleet_knows_every_card_in_every_car(desk: Desk) -> None:
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.add_card(desk.other, OTHER_CARD)
    assert cards_of(desk) == {CARD: 1, OTHER_CARD: 2}
    newer = bytes(7) + b"\7"
    desk.fleet.add_card(desk.other, newer)
    assert cards_of(desk) == {CARD: 1, newer: 2}, "the lost card is known no more"


def test_a_large_fleet_knows_the_cards_of_who_booked_the_car(desk: Desk) -> None:
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.add_card(desk.other, OTHER_CARD)
    add_strangers(desk, car_copy.FAMILIAR_MAX - 1)
    number = desk.fleet.book(desk.driver, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"]
    assert cards_of(desk) == {CARD: 1}
    desk.fleet.cancel(desk.driver, number)
    assert cards_of(desk) == {CARD: 1}, "who booked it lately is still told why not"


def test_familiar_cards_take_only_the_room_that_is_left() -> None:
    cards = {number: [number.to_bytes(8, "big")] for number in range(1, 200)}
    records = car_copy.wanted_records([], cards, {}, 0, NOW_S)
    assert len(records) == car_copy.FAMILIAR_MAX
    assert [key[1][7] for key in records] == list(range(1, car_copy.FAMILIAR_MAX + 1))
