"""Log in, the first password, log out; cookies and languages."""

import pytest

from fleetd.core import passwords
from tests.fleetd.api.phone import Phone, application_of
from tests.fleetd.pages.reader import Reader, Sheet, password_of, reader_of
from tests.fleetd.rig import Desk

PASSWORD = "long enough"


@pytest.fixture
def reader(desk: Desk) -> Reader:
    """Not logged in."""
    password_of(desk, desk.driver, PASSWORD)
    return Reader(application_of(desk), accept_language="en")


def log_in(reader: Reader, desk: Desk, password: str = PASSWORD, place: str = "/login") -> Sheet:
    return reader.send(reader.get(place).form(), id=desk.driver, password=password)


def test_the_first_password_opens_nothing_but_its_change(desk: Desk) -> None:
    reader = Reader(application_of(desk))
    sheet = log_in(reader, desk, desk.password)
    assert sheet.place == "/password"
    assert reader.get("/").place == "/password"
    assert reader.get("/cars").place == "/password"
    form = sheet.form()
    sheet = reader.send(form, old=desk.password, new="short", again="short")
    assert (sheet.status, sheet.codes) == (422, ["password_too_short"])
    assert "6 characters" in sheet.text
    sheet = reader.send(form, old=desk.password, new=PASSWORD, again=PASSWORD + "!")
    assert sheet.codes == ["password_unlike"]
    sheet = reader.send(form, old="wrong one", new=PASSWORD, again=PASSWORD)
    assert (sheet.status, sheet.codes) == (401, ["wrong_login"])
    old = reader.cookies["session"]
    sheet = reader.send(form, old=desk.password, new=PASSWORD, again=PASSWORD)
    assert (sheet.place, sheet.status) == ("/?done=password", 200)
    assert "The password is changed." in sheet.text
    assert reader.cookies["session"] != old


def test_a_wrong_log_in_is_told_and_shows_nothing(desk: Desk, reader: Reader) -> None:
    sheet = log_in(reader, desk, "not it")
    assert (sheet.status, sheet.codes) == (401, ["wrong_login"])
    assert desk.driver in sheet.html
    assert "not it" not in sheet.html
    for ident in ("KAG99999001", "K" * 500, "\u3042", "<b>"):
        sheet = reader.send(reader.get("/login").form(), id=ident, password="x")
        assert (sheet.status, sheet.codes) == (401, ["wrong_login"])
        assert "<b>" not in sheet.html


def test_an_id_may_be_typed_as_keyboards_do(desk: Desk, reader: Reader) -> None:
    sheet = reader.send(
        reader.get("/login").form(), id=f" {desk.driver.lower()} ", password=PASSWORD
    )
    assert (sheet.place, sheet.status) == ("/", 200)


def test_log_ins_are_limited_together_with_the_api(desk: Desk, reader: Reader) -> None:
    api = Phone(reader.application)
    for number in range(passwords.FAILURES_MAX):
        if number % 2:
            assert api.post("/v1/login", id=desk.driver, password="no").status == 401
        else:
            assert log_in(reader, desk, "no").codes == ["wrong_login"]
    sheet = log_in(reader, desk)
    assert (sheet.status, sheet.codes) == (429, ["too_many_tries"])
    desk.clock.now_s += passwords.WAIT_S
    assert log_in(reader, desk).place == "/"


def test_the_cookie_is_for_this_site_alone(desk: Desk, reader: Reader) -> None:
    form = reader.get("/login").form()
    sheet = reader.post("/login", {**form.fields, "id": desk.driver, "password": PASSWORD})
    (cookie,) = (line for line in sheet.cookies if line.startswith("session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    token = reader.cookies["session"]
    assert len(token) == 64

    by_tls = Reader(reader.application, scheme="https")
    form = by_tls.get("/login").form()
    sheet = by_tls.post("/login", {**form.fields, "id": desk.driver, "password": PASSWORD})
    (cookie,) = (line for line in sheet.cookies if line.startswith("__Host-session="))
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert by_tls.get("/").headers["strict-transport-security"]


def test_a_log_in_leads_to_where_one_wanted_to_go_but_not_elsewhere(
    desk: Desk, reader: Reader
) -> None:
    sheet = reader.get("/bookings/7?x=1")
    assert sheet.place == "/login?to=/bookings/7%3Fx%3D1"
    assert sheet.form().fields["to"] == "/bookings/7?x=1"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aX: y"):
        sheet = reader.send(
            reader.get("/login").form(), id=desk.driver, password=PASSWORD, to=elsewhere
        )
        assert sheet.place == "/"
        reader.send(sheet.form("/logout"))


def test_another_log_in_ends_the_one_before(desk: Desk, reader: Reader) -> None:
    log_in(reader, desk)
    token = reader.cookies["session"]
    form = reader.get("/cars").form("/logout").fields["form"]
    fields = {"form": form, "id": desk.driver, "password": PASSWORD}
    assert reader.post("/login", fields).status == 303
    assert reader.cookies["session"] != token
    assert Phone(reader.application, token).get("/v1/account").status == 401


def test_log_out_ends_the_log_in_everywhere(desk: Desk, reader: Reader) -> None:
    sheet = log_in(reader, desk)
    token = reader.cookies["session"]
    left = reader.send(sheet.form("/logout"))
    assert left.place == "/login"
    assert "session" not in reader.cookies
    assert Phone(reader.application, token).get("/v1/account").status == 401
    reader.cookies["session"] = token
    assert reader.get("/").place == "/login"


def test_a_log_in_that_is_over_or_none_leads_to_the_log_in(desk: Desk) -> None:
    reader = reader_of(desk)
    assert reader.get("/").status == 200
    desk.clock.now_s += 31 * 86400
    assert reader.get("/").place == "/login"
    for junk in ("x", "0" * 64, "' OR 1=1"):
        reader.cookies["session"] = junk
        assert reader.get("/cars").place.startswith("/login")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("", "ja"), ("ja", "ja"), ("en-GB,en;q=0.9", "en"), ("fr", "ja"), ("fr,en;q=0.5", "en"),
     ("en;q=0.4,ja;q=0.8", "ja"), ("ja;q=0.1,en", "en"), (";;q=,,x" * 300, "ja")],
)  # fmt: skip
def test_the_language_is_the_browsers_at_first(desk: Desk, wanted: str, language: str) -> None:
    sheet = Reader(application_of(desk), accept_language=wanted).get("/login")
    assert f'<html lang="{language}">' in sheet.html


def test_the_other_language_is_one_touch_away_and_is_kept(reader: Reader) -> None:
    sheet = reader.get("/login?to=/cars")
    (link,) = (link for link in sheet.links if link.startswith("/language/"))
    changed = reader.get(link)
    assert changed.place == "/login?to=/cars"
    assert '<html lang="ja">' in changed.html
    assert "ログイン" in changed.text
    assert '<html lang="ja">' in reader.get("/nothing").html
    assert '<html lang="ja">' in reader.get("/language/xx?to=//evil.example").html
