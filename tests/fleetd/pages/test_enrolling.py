"""Re-unlock and enrolment by phone: what the pages offer, and what they say came of it."""

import struct
from collections.abc import Generator
from pathlib import Path

import pytest

from firmware.wire import codes, kb1
from tests.fleetd.pages.reader import Reader, Sheet, reader_of
from tests.fleetd.pages.test_use_pages import answer, ask, phase, refreshes
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, command_in, exchange, online

NEW_CARD = bytes.fromhex("01010601CAFE0001")


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    found = Desk(tmp_path / "fleet.db", "jparc-2023")
    found.fleet.add_booking(found.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)
    yield found
    found.db.close()


@pytest.fixture
def car(desk: Desk) -> ScriptedCar:
    return online(desk)


def tell(car: ScriptedCar, *events: int) -> None:
    for code in events:
        uses = code in (codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED)
        car.happen(code, 1, car.use_detail() if uses else b"\3")
    car.tell()


def opened(desk: Desk, car: ScriptedCar, reader: Reader) -> Sheet:
    """The page while the reader waits."""
    sheet = ask(reader, "enrol")
    exchange(desk, car)
    return reader.get(sheet.place)


def touch(car: ScriptedCar) -> None:
    detail = struct.pack(">B8sI", codes.BY_CARD, NEW_CARD, 1)
    car.happen(codes.AUDIT_CARD_ENROLLED, 1, detail)
    car.tell()


def test_the_page_before_it_says_what_will_happen(car: ScriptedCar, reader: Reader) -> None:
    """ENROL-1, ENROL-2."""
    sheet = reader.get("/bookings/1")
    assert "/bookings/1/enrol" in sheet.links
    text = reader.get("/bookings/1/enrol").text
    assert "blinks green and yellow" in text
    assert "takes the place" in text


def test_the_card_is_touched_and_registered(desk: Desk, car: ScriptedCar, reader: Reader) -> None:
    """ENROL-1: the page waits with the driver, and says what came of it."""
    sheet = opened(desk, car, reader)
    assert phase(sheet) == "touch"
    assert "Touch your card on the reader" in sheet.text
    assert "within 60 seconds" in sheet.text
    assert 'max="60" value="0"' in sheet.html
    assert refreshes(sheet)
    assert 'data-every="500"' in sheet.html
    desk.clock.now_s += 20
    assert 'max="60" value="20"' in reader.get(sheet.place).html
    touch(car)
    done = reader.get(f"{sheet.place}?live=1")
    assert phase(done) == "registered"
    assert 'data-say="The card is registered"' in done.html
    assert "Card …0001 opens your cars" in done.text
    assert not refreshes(reader.get(sheet.place))


def test_the_time_is_over(desk: Desk, car: ScriptedCar, reader: Reader) -> None:
    """ENROL-1: what is not known yet is not said."""
    sheet = opened(desk, car, reader)
    desk.clock.now_s += 59
    assert phase(reader.get(sheet.place)) == "touch"
    desk.clock.now_s += 1
    late = reader.get(sheet.place)
    assert phase(late) == "touch_late"
    assert "has not said yet" in late.text
    assert refreshes(late)
    tell(car, codes.AUDIT_ENROL_EXPIRED)
    over = reader.get(sheet.place)
    assert phase(over) == "time_over"
    assert "Nothing has changed" in over.text
    assert not refreshes(over)
    assert "/bookings/1/enrol" in over.links  # to try again


def test_a_car_that_never_tells_is_not_waited_for_for_ever(
    desk: Desk, car: ScriptedCar, reader: Reader
) -> None:
    sheet = opened(desk, car, reader)
    desk.clock.now_s += 60 + 600
    assert not refreshes(reader.get(sheet.place))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_somebody_elses_card_is_not_registered(desk: Desk, car: ScriptedCar, language: str) -> None:
    reader = reader_of(desk, language=language)
    desk.fleet.add_card(desk.other, NEW_CARD)
    sheet = opened(desk, car, reader)
    touch(car)
    sheet = reader.get(sheet.place)
    assert (phase(sheet), sheet.codes) == ("not_registered", ["card_of_somebody_else"])
    assert "…0001" in sheet.text


@pytest.mark.usefixtures("car")
def test_a_refused_enrolment_says_from_when(desk: Desk, car: ScriptedCar, reader: Reader) -> None:
    """ENROL-1: 14 minutes before the start."""
    sheet = ask(reader, "enrol")
    answer(desk, car, command_in(desk), [(codes.TOO_EARLY, NOW_S + 600)])
    sheet = reader.get(sheet.place)
    assert (phase(sheet), sheet.codes) == ("refused", ["too_early"])
    assert "No card could be registered" in sheet.text
    assert "Possible from 09:10." in sheet.text


def test_a_car_that_locked_itself_says_so_and_what_to_do(
    desk: Desk, car: ScriptedCar, reader: Reader
) -> None:
    """START-6, START-7, USE-2, USE-5: on the booking, without being asked."""
    tell(car, codes.AUDIT_UNLOCKED)
    assert reader.get("/").codes == []
    tell(car, codes.AUDIT_RELOCKED)
    sheet = reader.get("/")
    assert sheet.codes == ["relocked"]
    assert "Unlock it again on this site" in sheet.text
    assert 'class="button main" id="b1-reunlock"' in sheet.html
    tell(car, codes.AUDIT_REUNLOCKED)
    sheet = reader.get("/")
    assert sheet.codes == []
    assert 'class="button main" id="b1-end"' in sheet.html
    tell(car, codes.AUDIT_SECURED)
    assert reader.get("/").codes == ["secured_at_start"]
    exchange(desk, car)
    tell(car, codes.AUDIT_REUNLOCKED, codes.AUDIT_KEY_OUT, codes.AUDIT_KEY_IN, codes.AUDIT_SECURED)
    assert reader.get("/").codes == ["secured_in_use"]
    exchange(desk, car)
    tell(car, codes.AUDIT_ENDED)
    assert reader.get("/").codes == []


@pytest.mark.parametrize(
    ("event", "way_out"),
    [
        (codes.AUDIT_RELOCKED, "End the use and book again"),
        (codes.AUDIT_SECURED, "End the use and book again"),
        (codes.AUDIT_KEY_IN, "Please call the help desk. You can also end the use here."),
    ],
)
def test_the_way_out_is_the_operators(tmp_path: Path, event: int, way_out: str) -> None:
    """START-6, START-7, USE-2: without re-unlock it is another one."""
    desk = Desk(tmp_path / "other.db", "top24-2023")
    desk.fleet.add_booking(desk.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)
    car, reader = online(desk), reader_of(desk)
    sheet = ask(reader)
    exchange(desk, car)
    started = reader.get(sheet.place)
    assert "Should the car lock itself again: End the use and book again" in started.text
    tell(car, codes.AUDIT_UNLOCKED, event)
    if event == codes.AUDIT_KEY_IN:
        tell(car, codes.AUDIT_SECURED)
    sheet = reader.get("/")
    assert way_out in sheet.text
    assert "/bookings/1/reunlock" not in sheet.links
    assert 'class="button main" id="b1-end"' in sheet.html
    desk.db.close()


@pytest.mark.usefixtures("car")
def test_nothing_to_undo_is_no_refusal(desk: Desk, car: ScriptedCar, reader: Reader) -> None:
    """USE-5."""
    tell(car, codes.AUDIT_UNLOCKED)
    sheet = ask(reader, "reunlock")
    command = command_in(desk)
    assert command.verb == codes.VERB_REUNLOCK
    told = [(codes.NOTHING_TO_UNDO, 0)]
    result = kb1.pack_result(command.command, True, told, b"", codes.NO, codes.NO)
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, result))
    sheet = reader.get(sheet.place)
    assert phase(sheet) == "accepted"
    assert "There is nothing to undo. Use the car as it is." in sheet.text
    assert "The car is unlocked" not in sheet.text


def test_in_maintenance_there_is_a_reason_in_place_of_the_buttons(
    desk: Desk, car: ScriptedCar, reader: Reader
) -> None:
    """STAFF-CAR-1."""
    car.happen(codes.AUDIT_TECHNICIAN_IN, 0, struct.pack(">B8s", codes.BY_COMMAND, bytes(8)))
    car.tell()
    sheet = reader.get("/bookings/1")
    assert "The car is being serviced." in sheet.text
    assert {"/bookings/1/start", "/bookings/1/enrol"}.isdisjoint(sheet.links)
    sheet = reader.get("/bookings/1/start")
    assert sheet.codes == ["in_maintenance"]
