"""A driver who has left the page of an operation finds what came of it on the booking's card."""

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import pack_cause, pack_refusal
from fleetd.sentences import SENTENCES
from tests.fleetd.pages.reader import Reader, reader_of
from tests.fleetd.pages.test_use_pages import answer, ask
from tests.fleetd.rig import Desk, ScriptedCar, command_in, online

CARD = b"\1\2\3\4\5\6\7\1"


def in_use(desk: Desk) -> ScriptedCar:
    car = online(desk)
    car.happen(codes.AUDIT_UNLOCKED, 1, car.use_detail())
    car.tell()
    desk.clock.now_s += 60
    desk.taken()
    return car


def refuse_end(desk: Desk, reader: Reader, car: ScriptedCar) -> bytes:
    """By the car, which tells it in its journal, too; the command."""
    ask(reader, "end")
    command = command_in(desk)
    reasons = [(codes.DOOR_OPEN, 0), (codes.KEY_NOT_IN_BOX, 0)]
    answer(desk, car, command, reasons)
    refusal = pack_refusal(codes.BY_COMMAND, command.command, reasons)
    car.happen(codes.AUDIT_END_REFUSED, 1, refusal)
    car.tell()
    desk.clock.now_s += 60
    return command.command


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("place", ["/", "/bookings/1"])
@pytest.mark.usefixtures("booking")
def test_a_refusal_with_its_reasons_and_what_to_do(desk: Desk, language: str, place: str) -> None:
    """END-5: all of them."""
    reader = reader_of(desk, language=language)
    refuse_end(desk, reader, in_use(desk))
    sheet, words = reader.get(place), SENTENCES[language]
    assert words.text("refused", "end") in sheet.text
    assert f"09:01 {words.text('buttons', 'end')}" in sheet.text
    assert sheet.codes == ["door_open", "key_not_in_box"]
    for code in sheet.codes:
        assert f"{words.reason(code)} {words.remedy(code, desk.fleet.profile)}" in sheet.text


@pytest.mark.usefixtures("booking")
def test_it_stands_until_the_next_operation(desk: Desk, reader: Reader) -> None:
    car = in_use(desk)
    refuse_end(desk, reader, car)
    car.happen(codes.AUDIT_DOOR_CLOSED, 1, b"\0")
    car.tell()
    assert reader.get("/").codes == ["door_open", "key_not_in_box"]
    ask(reader, "end")
    sheet = reader.get("/")
    assert sheet.codes == []
    assert "Asking the car to end" in sheet.text
    answer(desk, car, command_in(desk), [(codes.BRAKE_OFF, 0)])
    assert reader.get("/").codes == ["brake_off"]
    desk.clock.now_s += 60
    ask(reader, "end")
    answer(desk, car, command_in(desk), [])
    assert "data-look" not in reader.get("/").html, "the booking's state says it"


@pytest.mark.parametrize("code", [codes.AUDIT_END_REFUSED, codes.AUDIT_REUNLOCKED])
@pytest.mark.usefixtures("booking")
def test_what_is_done_at_the_car_is_a_next_operation(desk: Desk, reader: Reader, code: int) -> None:
    car = in_use(desk)
    refuse_end(desk, reader, car)
    detail = pack_cause(codes.BY_CARD, CARD)
    if code == codes.AUDIT_END_REFUSED:
        detail = pack_refusal(codes.BY_CARD, CARD, [(codes.DOOR_OPEN, 0)])
    car.happen(code, 1, detail)
    car.tell()
    assert "data-look" not in reader.get("/").html


@pytest.mark.usefixtures("booking")
def test_what_the_car_did_before_is_none(desk: Desk, reader: Reader) -> None:
    """Told late, when the line was there again."""
    car = in_use(desk)
    car.happen(codes.AUDIT_END_REFUSED, 1, pack_refusal(codes.BY_CARD, CARD, []))
    desk.clock.now_s += 60
    refuse_end(desk, reader, car)
    assert reader.get("/").codes == ["door_open", "key_not_in_box"]


@pytest.mark.usefixtures("booking")
def test_what_was_not_answered_and_what_did_not_reach_the_car(desk: Desk, reader: Reader) -> None:
    """FAULT-1: nothing is said that is not known."""
    ask(reader)
    desk.clock.now_s += 30
    desk.fleet.tick()
    sheet = reader.get("/")
    assert sheet.codes == ["unreachable"]
    assert "The car could not be reached" in sheet.text
    car = online(desk)
    ask(reader)
    command = command_in(desk)
    desk.clock.now_s += 30
    desk.fleet.tick()
    text = reader.get("/").text
    assert "Not known yet" in text
    assert "It may have been done: look at the car." in text
    answer(desk, car, command, [(codes.LEASE_OVER, 0)])
    assert reader.get("/").codes == ["lease_over"], "a late answer is the truth"


@pytest.mark.usefixtures("booking")
def test_nothing_of_a_use_that_is_over(desk: Desk, reader: Reader) -> None:
    car = in_use(desk)
    refuse_end(desk, reader, car)
    car.happen(codes.AUDIT_ENDED, 1, car.use_detail())
    car.happen(codes.AUDIT_WINDOW_OVER, 1, b"\0")
    car.tell()
    assert "data-look" not in reader.get("/bookings/1").html
