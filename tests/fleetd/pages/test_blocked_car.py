"""A car that is shut out, as drivers see it: not to be booked, and said so where a booking is."""

from tests.fleetd.pages.reader import Reader
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk


def test_a_blocked_car_is_not_offered_and_says_why(desk: Desk, reader: Reader) -> None:
    number = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    assert "Suginami 1" in reader.get("/cars").text
    desk.fleet.block_car(CAR, "Mori", "box stolen")
    assert "Suginami 1" not in reader.get("/cars").text
    for place in (f"/cars/{CAR}", f"/cars/{CAR}/book?starts_s={NOW_S + 5 * HOUR_S}"):
        found = reader.get(place)
        assert found.status == 409, place
        assert "car_blocked" in found.codes, place
    sheet = reader.get(f"/bookings/{number}")
    assert "This car is out of service." in sheet.text
    assert f"/bookings/{number}/start" not in sheet.links
    assert reader.get(f"/bookings/{number}/start").codes == ["car_blocked"]
    assert "Suginami 1" in sheet.text, "its name stays"
    assert "box stolen" not in sheet.text, "that is the operator's"
