"""Forms: only ours, from this site, and done once however often they are sent."""

import pytest

from fleetd.api.fields import BODY_BYTES_MAX
from tests.fleetd.api.phone import application_of
from tests.fleetd.pages.reader import HOST, Form, Reader, Sheet, reader_of
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk

LATER_S = NOW_S + 26 * HOUR_S
BOOK = f"/cars/{CAR}/book?starts_s={LATER_S}"
PLACES = (
    "/login", "/password", "/logout", "/bookings/1/start", "/bookings/1/end", "/bookings/1/cancel",
    "/bookings/1/extend", "/bookings/1/change", BOOK,
)  # fmt: skip


def commands(desk: Desk) -> int:
    return int(desk.db.row("SELECT count(*) FROM command")[0])


def bookings(desk: Desk) -> int:
    return int(desk.db.row("SELECT count(*) FROM booking WHERE status = 'booked'")[0])


def check_refused(desk: Desk, sheet: Sheet) -> None:
    assert (sheet.status, sheet.codes) == (403, ["bad_form"])
    assert (commands(desk), bookings(desk)) == (0, 1)


@pytest.mark.parametrize("place", PLACES)
def test_a_form_of_another_site_does_nothing(
    desk: Desk, reader: Reader, booking: int, place: str
) -> None:
    form = reader.get("/bookings/1/start").form()
    key = {"key": form.fields["key"]}
    check_refused(desk, reader.post(place, key))
    check_refused(desk, reader.post(place, {**key, "form": "0" * 64}))
    check_refused(desk, reader.post(place, {**key, "form": "\u3042"}))
    theirs = reader_of(desk, desk.other).get("/cars").form("/logout").fields["form"]
    check_refused(desk, reader.post(place, {**key, "form": theirs}))
    elsewhere = {"origin": "https://evil.example"}
    check_refused(desk, reader.post(place, form.fields, **elsewhere))
    check_refused(desk, reader.post(place, form.fields, origin="null"))
    check_refused(desk, reader.post(place, form.fields, origin=f"https://{HOST}"))
    check_refused(desk, reader.post(place, form.fields, sec_fetch_site="cross-site"))
    assert reader.get("/").status == 200  # nobody is logged out either


@pytest.mark.parametrize(
    ("raw", "media", "status", "code"),
    [
        (b"{}", "application/json", 403, "bad_form"),
        (b"a=1", "multipart/form-data", 403, "bad_form"),
        (b"a=1&a=2", "application/x-www-form-urlencoded", 403, "bad_form"),
        (b"a=%ff", "application/x-www-form-urlencoded", 403, "bad_form"),
        (b"\xff=1", "application/x-www-form-urlencoded", 403, "bad_form"),
        (b"&".join([b"a"] * 30), "application/x-www-form-urlencoded", 403, "bad_form"),
        (b"a=" + b"1" * BODY_BYTES_MAX, "application/x-www-form-urlencoded", 413, "too_large"),
        (b"", "application/x-www-form-urlencoded", 403, "bad_form"),
    ],
)
def test_a_body_that_is_no_form_of_ours(
    desk: Desk, reader: Reader, raw: bytes, media: str, status: int, code: str
) -> None:
    sheet = reader.ask("POST", "/logout", raw, {"content-type": media})
    assert (sheet.status, sheet.codes) == (status, [code])
    assert reader.get("/").status == 200


def test_a_double_tap_and_a_reload_order_once(desk: Desk, reader: Reader, booking: int) -> None:
    form = reader.get(f"/bookings/{booking}/start").form()
    places = {reader.post(form.action, form.fields).headers["location"] for _ in range(3)}
    assert len(places) == 1
    assert commands(desk) == 1
    again = reader.get(f"/bookings/{booking}/start").form()
    assert again.fields["key"] != form.fields["key"]
    assert reader.post(again.action, again.fields).headers["location"] not in places


def test_a_booking_is_made_once(desk: Desk, reader: Reader) -> None:
    form = reader.get(BOOK).form()
    places = {reader.post(form.action, form.fields).headers["location"] for _ in range(3)}
    assert places == {"/bookings/1?done=book"}
    assert bookings(desk) == 1
    other = {**form.fields, "ends_s": str(LATER_S + 2 * HOUR_S)}
    sheet = reader.post(form.action, other)
    assert (sheet.status, sheet.codes) == (409, ["key_reused"])


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "0" * 500, "\u3042"])
def test_a_form_without_its_key_does_nothing(
    desk: Desk, reader: Reader, booking: int, key: str
) -> None:
    form = reader.get(f"/bookings/{booking}/start").form()
    check_refused(desk, reader.send(form, key=key))
    check_refused(desk, reader.send(Form(BOOK, form.fields), key=key))


def test_a_visit_before_the_log_in_has_a_form_of_its_own(desk: Desk) -> None:
    first, second = Reader(application_of(desk)), Reader(application_of(desk))
    theirs = first.get("/login").form()
    second.get("/login")
    assert second.send(theirs, id=desk.driver, password="x").codes == ["bad_form"]
    assert first.send(theirs, id=desk.driver, password="x").codes == ["wrong_login"]
