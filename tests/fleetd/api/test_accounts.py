"""Log-in, first passwords, and how often somebody may try."""

import logging

import pytest

from fleetd.core.passwords import FAILURES_MAX, WAIT_S
from tests.fleetd.api.phone import Phone, Reply, application_of, phone_of
from tests.fleetd.rig import Desk

NEW = "long enough"


def log_in(phone: Phone, ident: str, password: str) -> Reply:
    return phone.post("/v1/login", id=ident, password=password)


def test_a_first_password_opens_nothing_but_its_change(desk: Desk) -> None:
    phone = Phone(application_of(desk))
    first = log_in(phone, desk.driver, desk.password)
    assert first.status == 200
    assert first.body["must_change_password"] is True
    phone.token = first.body["token"]
    assert phone.get("/v1/bookings").error == (403, "password_must_change")
    assert phone.post("/v1/bookings", "k").error == (403, "password_must_change")

    short = phone.post("/v1/password", old=desk.password, new="short")
    assert short.error == (422, "password_too_short")
    assert (short.body["limit"], short.body["value"], short.body["unit"]) == (6, 5, "characters")
    long = phone.post("/v1/password", old=desk.password, new="x" * 201)
    assert (long.error, long.body["limit"]) == ((422, "password_too_long"), 200)
    same = phone.post("/v1/password", old=desk.password, new=desk.password)
    assert same.error == (422, "password_unchanged")
    assert phone.post("/v1/password", old="wrong one", new=NEW).error == (401, "wrong_login")

    changed = phone.post("/v1/password", old=desk.password, new=NEW)
    assert changed.body["must_change_password"] is False
    assert phone.get("/v1/bookings").error == (401, "not_logged_in")  # the old token has ended
    phone.token = changed.body["token"]
    assert phone.get("/v1/bookings").body == {"bookings": []}
    assert log_in(phone, desk.driver, desk.password).error == (401, "wrong_login")
    assert log_in(phone, desk.driver, NEW).body["must_change_password"] is False


def test_a_token_ends_with_the_log_out(desk: Desk) -> None:
    phone = phone_of(desk)
    assert phone.get("/v1/account").body == {"id": desk.driver, "kind": "driver"}
    done = phone.post("/v1/logout")
    assert (done.status, done.raw) == (204, b"")
    assert phone.get("/v1/account").error == (401, "not_logged_in")
    assert phone.post("/v1/logout").status == 204


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer " + "0" * 64])
def test_whoever_has_no_token_is_told_how_to_bring_one(desk: Desk, header: str) -> None:
    reply = Phone(application_of(desk)).ask("GET", "/v1/account", authorization=header)
    assert reply.error == (401, "not_logged_in")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_member_sees_and_neither_books_nor_operates(desk: Desk) -> None:
    desk.fleet.add_booking(desk.driver, desk.identity.car, 1775005200, 1775012400)
    phone = phone_of(desk, "KAG00001")
    assert phone.get("/v1/account").body == {"id": "KAG00001", "kind": "member"}
    (booking,) = phone.get("/v1/bookings").body["bookings"]
    assert {one["reason"] for one in booking["operations"].values()} == {"member_cannot_book"}
    refused = phone.post("/v1/bookings", "k", car="", starts_s=0, ends_s=0)
    assert refused.error == (403, "member_cannot_book")
    refused = phone.post(f"/v1/bookings/{booking['id']}/commands", "k", verb="start")
    assert refused.error == (403, "member_cannot_book")


def test_an_account_has_to_wait_after_wrong_tries_whether_there_is_one_or_not(desk: Desk) -> None:
    """Both answer the same at every try, so nobody learns which IDs there are."""
    phone = Phone(application_of(desk))
    answers: dict[str, list[tuple[int, str]]] = {desk.driver: [], "KAG99999001": []}
    for ident, said in answers.items():
        for _ in range(FAILURES_MAX + 1):
            said.append(log_in(phone, ident, "a wrong one").error)
            desk.clock.now_s += 2
    assert answers[desk.driver] == answers["KAG99999001"]
    assert answers[desk.driver] == [(401, "wrong_login")] * FAILURES_MAX + [(429, "too_many_tries")]
    # The right password is not looked at either, until the wait is over.
    held = log_in(phone, "KAG99999001", "a wrong one")
    assert held.error == (429, "too_many_tries")
    assert 0 < int(held.headers["retry-after"]) <= WAIT_S
    desk.clock.now_s += WAIT_S
    assert log_in(phone, desk.driver, desk.password).status == 200


def test_a_right_log_in_forgives_the_wrong_ones_before(desk: Desk) -> None:
    phone = Phone(application_of(desk))
    for _ in range(2):
        for _ in range(FAILURES_MAX - 1):
            assert log_in(phone, desk.driver, "a wrong one").status == 401
        assert log_in(phone, desk.driver, desk.password).status == 200
        desk.clock.now_s += 10


def test_whoever_has_a_token_cannot_try_out_the_password_with_it(desk: Desk) -> None:
    """Tries through the change of a password count; they cannot be had by two doors at once."""
    phone = phone_of(desk)
    for _ in range(FAILURES_MAX):
        assert phone.post("/v1/password", old="a wrong one", new=NEW).status == 401
    desk.clock.now_s += 10
    held = phone.post("/v1/password", old="a wrong one", new=NEW)
    assert held.error == (429, "too_many_tries")
    assert int(held.headers["retry-after"]) == WAIT_S - 10
    # Another process, which has not seen the tries, holds the account all the same.
    elsewhere = log_in(Phone(application_of(desk)), desk.driver, desk.password)
    assert elsewhere.error == (429, "too_many_tries")
    assert int(elsewhere.headers["retry-after"]) == WAIT_S


def test_an_address_has_to_wait_after_wrong_tries_of_many_accounts(desk: Desk) -> None:
    phone = Phone(application_of(desk))
    seen = []
    for number in range(40):
        seen.append(log_in(phone, f"KAG{number:05d}001", "a wrong one").error)
        desk.clock.now_s += 1
        if seen[-1][0] == 429:
            break
    assert seen[0] == (401, "wrong_login")
    assert seen[-1] == (429, "too_many_tries")
    assert log_in(phone, desk.driver, desk.password).error == (429, "too_many_tries")
    elsewhere = Phone(phone.application, address="198.51.100.7")
    assert log_in(elsewhere, desk.driver, desk.password).status == 200


def test_log_ins_in_all_leave_time_for_the_cars(desk: Desk) -> None:
    """Every try costs the daemon's only thread; from many addresses at once most have to wait."""
    application = application_of(desk)
    seen = []
    for number in range(30):
        phone = Phone(application, address=f"198.51.100.{number}")
        seen.append(log_in(phone, f"KAG{number:05d}001", "a wrong one").error)
    assert seen.count((401, "wrong_login")) == 20
    assert set(seen[20:]) == {(503, "overloaded")}


def test_no_secret_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    phone = Phone(application_of(desk))
    phone.token = log_in(phone, desk.driver, desk.password).body["token"]
    phone.post("/v1/password", old=desk.password, new=NEW)
    phone.post("/v1/password", old="a wrong one", new=NEW)
    log_in(phone, desk.driver, "a wrong one")
    for secret in (desk.password, NEW, "a wrong one", phone.token):
        assert secret not in caplog.text
