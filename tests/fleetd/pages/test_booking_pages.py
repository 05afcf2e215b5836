"""Bookings on pages: what can be done and why not, free times, a new one, changes."""

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import FLAG_LIGHTS_ON, FLAG_WINDOW_OPEN
from tests.fleetd.pages.reader import Reader, Sheet, reader_of
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, settle, wire

TOMORROW_S = NOW_S + 24 * HOUR_S


def buttons(sheet: Sheet, booking: int = 1) -> list[str]:
    """The operations that the page offers, in their order."""
    prefix = f"/bookings/{booking}/"
    return [link.removeprefix(prefix) for link in sheet.links if link.startswith(prefix)]


def make(desk: Desk, starts_s: int, hours: int = 2, driver: str = "") -> int:
    made = desk.fleet.add_booking(driver or desk.driver, CAR, starts_s, starts_s + hours * HOUR_S)
    return int(made["id"])


def start(desk: Desk, booking: int) -> ScriptedCar:
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    car.happen(codes.AUDIT_UNLOCKED, booking, car.use_detail())
    car.tell()
    exchange(desk, car)
    return car


def test_a_booking_shows_what_can_be_done_and_why_the_rest_cannot(
    desk: Desk, reader: Reader
) -> None:
    """START-1, BOOK-7."""
    number = make(desk, NOW_S + HOUR_S)
    sheet = reader.get("/")
    assert buttons(sheet) == ["change", "cancel"]
    assert "Start Possible from 09:46." in sheet.text
    assert "10:00 – 12:00" in sheet.text
    desk.clock.now_s = NOW_S + HOUR_S - 14 * 60
    sheet = reader.get("/")
    assert buttons(sheet) == ["start", "cancel"]
    assert "Change It is too late to change this booking." in sheet.text
    desk.clock.now_s = NOW_S + HOUR_S
    car = start(desk, number)
    sheet = reader.get("/")
    assert buttons(sheet) == ["end", "extend"]
    assert "Unlock again" not in sheet.text  # these terms do not have it
    whole = reader.get("/bookings/1")
    assert "Other operations" in whole.text
    assert "Start The use has started already." in whole.text
    car.happen(codes.AUDIT_ENDED, number, car.use_detail())
    car.tell()
    sheet = reader.get("/")
    assert buttons(sheet) == ["reopen"]
    assert "can be reopened once until 10:10" in sheet.text
    car.happen(codes.AUDIT_REOPENED, number, b"")
    exchange(desk, car)
    car.tell()
    assert buttons(reader.get("/")) == ["lock"]


def test_the_receipt_says_since_when_the_car_has_it(desk: Desk, reader: Reader) -> None:
    make(desk, NOW_S + 5 * 24 * HOUR_S)
    assert "Will be sent to the car before the start" in reader.get("/").text
    make(desk, NOW_S + HOUR_S)
    assert "On its way to the car" in reader.get("/").text
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 3)
    assert "The car has received this booking (09:00)." in reader.get("/").text


def test_the_next_three_are_shown_and_the_others_one_touch_away(desk: Desk, reader: Reader) -> None:
    for number in range(4):
        make(desk, NOW_S + (1 + 3 * number) * HOUR_S)
    sheet = reader.get("/")
    assert sheet.html.count("<article") == 3
    assert "/?all=1" in sheet.links
    whole = reader.get("/?all=1")
    assert whole.html.count("<article") == 4
    assert "/?all=1" not in whole.links


def test_terms_with_a_way_out_offer_it(desk: Desk) -> None:
    """USE-5: re-unlock is a button where the profile has it."""
    other = Desk(desk.path.with_name("other.db"), "jparc-2023")
    start(other, make(other, NOW_S))
    sheet = reader_of(other).get("/")
    assert buttons(sheet) == ["end", "extend", "reunlock", "enrol"]
    other.db.close()


def test_a_members_id_sees_and_hears_why_it_cannot(desk: Desk) -> None:
    make(desk, NOW_S + HOUR_S)
    make(desk, NOW_S + 4 * HOUR_S, driver=desk.other)
    reader = reader_of(desk, "KAG00001")
    sheet = reader.get("/")
    assert sheet.text.count("A member's ID cannot book or operate") == 1
    assert "Log in with a driver's ID for that." in sheet.text
    assert desk.driver in sheet.text
    assert desk.other in sheet.text
    assert buttons(sheet) == []
    assert "/cars" not in sheet.links
    for place in ("/bookings/1/start", "/bookings/1/change", "/cars", f"/cars/{CAR}"):
        assert "member_cannot_book" in reader.get(place).codes, place


def test_somebody_elses_booking_is_none(desk: Desk, reader: Reader) -> None:
    make(desk, NOW_S, driver=desk.other)
    for place in ("", "/start", "/end", "/change", "/cancel", "/extend"):
        sheet = reader.get(f"/bookings/1{place}")
        assert (sheet.status, sheet.codes) == (404, ["no_booking"])
    form = reader.get("/cars").form("/logout")
    sheet = reader.post("/bookings/1/start", {**form.fields, "key": "0" * 32})
    assert (sheet.status, sheet.codes) == (404, ["no_booking"])


def test_free_times_are_those_that_can_be_booked(desk: Desk, reader: Reader) -> None:
    """BOOK-1, BOOK-2: the half hour before another booking is the last that can start."""
    make(desk, NOW_S + 2 * HOUR_S, 3, desk.other)
    desk.clock.now_s += 16 * 60
    place = f"/cars/{CAR}"
    starts = [link for link in reader.get(place).links if "starts_s=" in link]
    times = [int(link.partition("=")[2]) - NOW_S for link in starts]
    assert times[:6] == [15 * 60, 30 * 60, 45 * 60, HOUR_S, HOUR_S + 15 * 60, HOUR_S + 30 * 60]
    assert times[6] == 5 * HOUR_S
    assert times[-1] == 15 * HOUR_S - 15 * 60  # the last quarter of the day
    assert "11:00 – 14:00 not free" in reader.get(place).text
    tomorrow = reader.get(f"{place}?day=2026-04-02")
    assert 'aria-current="date"><strong>Tomorrow</strong>' in tomorrow.html
    assert len([link for link in tomorrow.links if "starts_s=" in link]) == 96
    for link in (starts[0], starts[5], starts[6]):
        form = reader.get(link).form()
        sheet = reader.send(form, ends_s=str(int(link.partition("=")[2]) + 1800))
        assert "The car is booked." in sheet.text


@pytest.mark.parametrize(
    ("day", "code"),
    [("x", "bad_field"), ("2026-02-30", "bad_field"), ("2026-03-31", "in_the_past"),
     ("2026-07-02", "too_far"), ("9999-12-31", "too_far"), ("0001-01-01", "in_the_past")],
)  # fmt: skip
def test_a_day_that_is_none_is_told(reader: Reader, day: str, code: str) -> None:
    sheet = reader.get(f"/cars/{CAR}?day={day}")
    assert (sheet.status, sheet.codes) == (422, [code])
    assert "09:00" in sheet.text


def test_a_car_that_is_not_there(reader: Reader) -> None:
    for place in ("/cars/x", "/cars/000000000000", "/cars/x/book?starts_s=1"):
        sheet = reader.get(place)
        assert (sheet.status, sheet.codes) == (404, ["no_car"])


def test_a_new_booking_from_the_grid_to_its_page(desk: Desk, reader: Reader) -> None:
    """BOOK-2: the ends on offer are from half an hour to 72 hours."""
    form = reader.get(f"/cars/{CAR}/book?starts_s={TOMORROW_S}")
    options = [int(part.partition('"')[0]) for part in form.html.split('<option value="')[1:]]
    assert (options[0], options[-1]) == (TOMORROW_S + 1800, TOMORROW_S + 72 * HOUR_S)
    assert "free until 1 h before the start, then 50 %" in form.text
    sheet = reader.send(form.form(), ends_s=str(TOMORROW_S + 3 * HOUR_S))
    assert sheet.place == "/bookings/1?done=book"
    assert "Tomorrow, Thu 2 Apr 09:00 – 12:00" in sheet.text


@pytest.mark.parametrize(
    ("ends_s", "code", "limit"),
    [(TOMORROW_S + 900, "too_short", "limit: 30 min"), (TOMORROW_S + 1900, "off_grid", "15 min"),
     (TOMORROW_S + 73 * HOUR_S, "too_long", "limit: 72 h"), (0, "too_short", ""), ("x", "bad_field", ""),
     ("9" * 30, "bad_field", "")],
)  # fmt: skip
def test_a_booking_that_cannot_be_is_explained_on_its_page(
    reader: Reader, ends_s: int | str, code: str, limit: str
) -> None:
    form = reader.get(f"/cars/{CAR}/book?starts_s={TOMORROW_S}").form()
    sheet = reader.send(form, ends_s=str(ends_s))
    assert sheet.codes == [code]
    assert limit in sheet.text
    assert sheet.form().action == form.action  # to try again


def test_a_start_that_is_taken_meanwhile(desk: Desk, reader: Reader) -> None:
    form = reader.get(f"/cars/{CAR}/book?starts_s={TOMORROW_S}").form()
    make(desk, TOMORROW_S, driver=desk.other)
    sheet = reader.send(form)
    assert (sheet.status, sheet.codes) == (409, ["overlaps"])
    assert f"/cars/{CAR}?day=2026-04-02" in sheet.links
    for start_text in ("", "x", "-1", "9" * 11):
        assert reader.get(f"/cars/{CAR}/book?starts_s={start_text}").codes == ["bad_field"]


def test_a_change(desk: Desk, reader: Reader) -> None:
    """BOOK-7."""
    make(desk, TOMORROW_S)
    make(desk, TOMORROW_S + 4 * HOUR_S, driver=desk.other)
    sheet = reader.get("/bookings/1/change")
    assert "Thu 2 Apr 00:00 – 13:00" in sheet.text
    assert "Changes left: 9" in sheet.text
    new = {"starts_day": "2026-04-02", "starts_clock": "10:15", "ends_day": "2026-04-02",
           "ends_clock": "13:00"}  # fmt: skip
    clash = reader.send(sheet.form(), **{**new, "ends_clock": "13:15"})
    assert (clash.status, clash.codes) == (409, ["overlaps"])
    assert "<option selected>13:15</option>" in clash.html  # what was typed is still there
    for wrong in ({"starts_day": "x"}, {"ends_clock": "25:00"}, {"ends_clock": "1:5"},
                  {"starts_day": "0001-01-01"}):  # fmt: skip
        assert reader.send(sheet.form(), **{**new, **wrong}).codes == ["bad_field"]
    done = reader.send(sheet.form(), **new)
    assert done.place == "/bookings/1?done=change"
    assert "10:15 – 13:00" in done.text


def test_a_cancellation_says_what_it_costs(desk: Desk, reader: Reader) -> None:
    """BOOK-9, BOOK-10."""
    make(desk, NOW_S + 2 * HOUR_S)
    assert "Cancelled now, it costs nothing." in reader.get("/bookings/1/cancel").text
    desk.clock.now_s = NOW_S + HOUR_S + 1
    sheet = reader.get("/bookings/1/cancel")
    assert "Cancelled now, it costs 50 % of the time fee." in sheet.text
    done = reader.send(sheet.form())
    assert done.place == "/bookings/1?done=cancel"
    assert "Cancellation fee: 50 % of the time fee" in done.text
    assert buttons(done) == []
    again = reader.send(reader.get("/cars").form("/logout"))  # the form is gone with the booking
    assert again.place == "/login"


def test_an_extension_offers_what_there_is_room_for(desk: Desk, reader: Reader) -> None:
    """BOOK-12."""
    number = make(desk, NOW_S)
    make(desk, NOW_S + 3 * HOUR_S, driver=desk.other)
    assert reader.get("/bookings/1/extend").codes == ["not_started"]
    start(desk, number)
    sheet = reader.get("/bookings/1/extend")
    assert [part.partition("<")[0] for part in sheet.html.split('value="')[1:]] != []
    assert "11:15 (+15 min) 11:30 (+30 min) 11:45 (+45 min) 12:00 (+1 h)" in sheet.text
    assert "12:15" not in sheet.text
    for wrong in ("", "x", "-900", "1000000000000"):
        assert reader.send(sheet.form(), by_s=wrong).codes == ["bad_field"]
    assert reader.send(sheet.form(), by_s="901").codes == ["off_grid"]
    done = reader.send(sheet.form())
    assert done.place == "/bookings/1?done=extend"
    assert "09:00 – 11:15" in done.text


def test_what_an_end_by_card_left_behind_is_told_while_it_can_be_put_right(
    desk: Desk, reader: Reader
) -> None:
    """END-2: nobody asked by phone, so no page of a command has it."""
    number = make(desk, NOW_S)
    car = start(desk, number)
    assert reader.get("/bookings/1").codes == []
    left = FLAG_LIGHTS_ON | FLAG_WINDOW_OPEN
    car.happen(codes.AUDIT_ENDED, number, car.use_detail(flags=left))
    car.tell()
    for place in ("/", "/bookings/1"):
        sheet = reader.get(place)
        assert sheet.codes == ["lights_on", "window_open"]
        assert "The lights are on. Switch them off" in sheet.text
    desk.clock.now_s += 601
    desk.fleet.tick()
    assert reader.get("/bookings/1").codes == []
