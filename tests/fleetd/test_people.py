"""Members, drivers, cards, passwords and log-ins."""

import pytest

from fleetd.core.refused import Refused
from fleetd.people import TOKEN_S
from fleetd.service import Fleet
from tests.fleetd.rig import CAR, CARD, HOUR_S, NOW_S, Desk, exchange, records_of, wire


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_a_first_password_opens_nothing_but_its_change(desk: Desk) -> None:
    fleet = desk.fleet
    token = fleet.login(desk.driver, desk.password)
    assert code_of(fleet.driver_of, token) == "password_must_change"
    assert code_of(fleet.account_of, token) == "password_must_change"
    assert code_of(fleet.change_password, token, desk.password, "12345") == "password_too_short"
    assert code_of(fleet.change_password, token, desk.password, desk.password) == (
        "password_unchanged"
    )
    assert code_of(fleet.change_password, token, "not it", "umbrella") == "wrong_login"
    changed = fleet.change_password(token, desk.password, "umbrella")
    assert fleet.driver_of(changed) == desk.driver
    assert code_of(fleet.driver_of, token) == "not_logged_in"
    assert code_of(fleet.login, desk.driver, desk.password) == "wrong_login"
    assert fleet.driver_of(fleet.login(desk.driver, "umbrella")) == desk.driver


def test_tokens_end(desk: Desk) -> None:
    fleet = desk.fleet
    token = fleet.change_password(
        fleet.login(desk.driver, desk.password), desk.password, "umbrella"
    )
    desk.clock.now_s += TOKEN_S - 1
    assert fleet.driver_of(token) == desk.driver
    desk.clock.now_s += 1
    assert code_of(fleet.driver_of, token) == "not_logged_in"
    token = fleet.login(desk.driver, "umbrella")
    fleet.logout(token)
    assert code_of(fleet.driver_of, token) == "not_logged_in"
    assert code_of(fleet.driver_of, "") == "not_logged_in"


def test_wrong_tries_have_to_wait(desk: Desk) -> None:
    for _ in range(5):
        assert code_of(desk.fleet.login, desk.driver, "guess") == "wrong_login"
    assert code_of(desk.fleet.login, desk.driver, desk.password) == "too_many_tries"
    desk.clock.now_s += 30
    assert desk.fleet.login(desk.driver, desk.password)
    assert code_of(desk.fleet.login, desk.driver, "guess") == "wrong_login"


def test_an_unknown_account_looks_like_a_wrong_password(desk: Desk) -> None:
    assert code_of(desk.fleet.login, "KAG99999001", "guess") == "wrong_login"
    assert code_of(desk.fleet.login, "' OR 1=1 --", "guess") == "wrong_login"


def test_no_secret_is_kept_in_clear_but_keys_and_the_outbox(desk: Desk) -> None:
    token = desk.fleet.login(desk.driver, desk.password)
    for mail in desk.fleet.unsent_mails():
        desk.fleet.note_mail_sent(mail["id"])
    assert desk.fleet.unsent_mails() == []
    dump = "\n".join(desk.db.connection.iterdump())
    for secret in (desk.password, token, desk.identity.password):
        assert secret not in dump
    assert desk.identity.key not in repr(desk.identity)
    assert desk.identity.password not in repr(desk.identity)


def test_first_passwords_go_out_by_mail(desk: Desk) -> None:
    mails = desk.fleet.unsent_mails()
    assert [mail["name"] for mail in mails] == ["member_registered"] + ["driver_registered"] * 2
    assert desk.password in mails[1]["content"]
    assert mails[1]["address"] == "y@example.org"


def test_a_member_sees_all_and_books_nothing(desk: Desk) -> None:
    first = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    second = desk.fleet.book(desk.other, CAR, NOW_S + HOUR_S, NOW_S + 2 * HOUR_S)["id"]
    assert [one["id"] for one in desk.fleet.bookings_of("KAG00001")] == [first, second]
    assert [one["id"] for one in desk.fleet.bookings_of(desk.other)] == [second]
    assert code_of(desk.fleet.booking, desk.driver, second) == "no_booking"
    assert desk.fleet.bookings_of("KAG00099") == []
    times = (NOW_S + 4 * HOUR_S, NOW_S + 5 * HOUR_S)
    assert code_of(desk.fleet.book, "KAG00001", CAR, *times) == "member_cannot_book"


def test_bad_registrations(desk: Desk) -> None:
    fleet = desk.fleet
    assert code_of(fleet.add_member, "A", "a@b.c", "KAG00001") == "member_exists"
    assert code_of(fleet.add_member, "A", "a@b.c", "kag1") == "bad_member_id"
    assert code_of(fleet.add_member, " ", "a@b.c") == "bad_name"
    assert code_of(fleet.add_member, "A", "nowhere") == "bad_mail"
    assert code_of(fleet.add_driver, "KAG00009", "A", "a@b.c") == "no_member"
    assert code_of(fleet.add_driver, "KAG00001", "A", "a@b.c", "soon") == "bad_day"
    assert code_of(fleet.register, "A", "a@b.c", "", "", b"short") == "bad_card"
    assert fleet.add_member("A", "a@b.c")[0] == "KAG00002"  # nothing of it was half done
    assert code_of(fleet.add_car, "B", CAR) == "car_exists"
    assert code_of(fleet.add_car, "B", "4B4700000002") == "bad_car_id"
    for name in (" ", "a" * 201, "a\nb"):
        assert code_of(fleet.add_car, name) == "bad_name"


def test_no_two_cars_have_one_name(desk: Desk) -> None:
    """It is what people see on the pages. Where an older program made two, both go on."""
    for name in ("Suginami 1", " suginami 1"):
        with pytest.raises(Refused) as refused:
            desk.fleet.add_car(name)
        assert (refused.value.code, refused.value.about) == ("car_name_taken", f"car {CAR}")
    other = desk.fleet.add_car("Suginami 2").car
    with desk.db.transaction():
        desk.db.run("UPDATE car SET name = 'Suginami 1' WHERE id = ?", other)
    assert [one["name"] for one in desk.fleet.cars()] == ["Suginami 1"] * 2
    assert len(desk.fleet.status()["cars"]) == 2
    assert code_of(desk.fleet.add_car, "Suginami 1") == "car_name_taken"
    assert desk.fleet.add_car("Suginami 2").car not in (CAR, other)


def test_a_car_logs_in_with_its_own_password(desk: Desk) -> None:
    other = desk.fleet.add_car("Suginami 2")
    fleet: Fleet = desk.fleet
    assert fleet.check_car_login(CAR, desk.identity.password.encode())
    assert not fleet.check_car_login(CAR, other.password.encode())
    assert not fleet.check_car_login(CAR, b"")
    assert not fleet.check_car_login("4b47000000ff", b"")


def test_a_car_whose_key_cannot_be_kept_is_not_there(desk: Desk) -> None:
    def fail(_identity: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        desk.fleet.add_car("Suginami 2", "4b4700000002", fail)
    assert len(desk.fleet.status()["cars"]) == 1


def test_enrol_2_a_new_card_takes_the_place_of_the_old(desk: Desk) -> None:
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    assert (3, CARD) in car.records
    desk.clock.now_s += 5
    new = bytes(7) + b"\1"
    desk.fleet.add_card(desk.driver, new)
    exchange(desk, car)
    assert (3, CARD) not in car.records
    assert (3, new) in car.records
    assert car.records == records_of(desk.db)
    assert code_of(desk.fleet.add_card, desk.other, new) == "card_of_somebody_else"
    assert code_of(desk.fleet.add_card, desk.other, b"short") == "bad_card"
    assert code_of(desk.fleet.add_card, desk.other, bytes(8)) == "bad_card"
    registered = [m for m in desk.fleet.unsent_mails() if m["name"] == "card_registered"]
    assert len(registered) == 2
    assert "0101060112" not in registered[0]["content"]


def test_staff_cards_reach_every_car(desk: Desk) -> None:
    desk.fleet.add_staff_card(CARD, "Station Suginami")
    later = desk.fleet.add_car("Suginami 2", "4b4700000002")
    for car in (CAR, later.car):
        assert (5, CARD) in records_of(desk.db, car)
    assert code_of(desk.fleet.add_card, desk.driver, CARD) == "card_of_somebody_else"
