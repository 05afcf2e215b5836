"""What the car is asked, followed to its answer: nothing is said that is not known."""

import pytest

from firmware.wire import codes, kb1
from firmware.wire.code_names import INPUT_NAMES, REASON_NAMES, WARNING_NAMES
from fleetd.sentences import SENTENCES
from tests.fleetd.pages.reader import Reader, Sheet, reader_of
from tests.fleetd.rig import CAR, Desk, ScriptedCar, command_in, exchange, online


def ask(reader: Reader, verb: str = "start") -> Sheet:
    """The page that follows the command."""
    return reader.send(reader.get(f"/bookings/1/{verb}").form())


def answer(
    desk: Desk,
    car: ScriptedCar,
    command: kb1.Command,
    reasons: list[tuple[int, int]],
    warnings: bytes = b"",
) -> None:
    result = kb1.pack_result(
        command.command, not reasons, reasons, warnings, codes.UNKNOWN, codes.YES
    )
    desk.fleet.receive(CAR, car.frame(kb1.RESULT, result))


def phase(sheet: Sheet) -> str:
    return sheet.html.partition('data-phase="')[2].partition('"')[0]


def refreshes(sheet: Sheet) -> bool:
    return '<noscript><meta http-equiv="refresh"' in sheet.html


@pytest.mark.usefixtures("booking")
def test_the_page_before_a_start_or_an_end_reminds(desk: Desk, reader: Reader) -> None:
    text = reader.get("/bookings/1/start").text
    assert "Stand beside the car" in text
    car = online(desk)
    car.happen(codes.AUDIT_UNLOCKED, 1, car.use_detail())
    car.tell()
    text = reader.get("/bookings/1/end").text
    for reminder in ("ETC card", "room lamp", "belongings", "parking brake"):
        assert reminder in text


@pytest.mark.usefixtures("booking")
def test_an_accepted_start(desk: Desk, reader: Reader) -> None:
    """START-2."""
    car = online(desk)
    sheet = ask(reader)
    assert phase(sheet) == "asking"
    assert "Sent to the car. Waiting for its answer." in sheet.text
    assert refreshes(sheet)
    exchange(desk, car)
    sheet = reader.get(sheet.place)
    assert phase(sheet) == "accepted"
    assert "Your use has started" in sheet.text
    assert "Doors unlocked Engine can be started" in sheet.text
    assert refreshes(sheet)  # the booking does not say so yet
    car.happen(codes.AUDIT_UNLOCKED, 1, car.use_detail())
    car.tell()
    sheet = reader.get(sheet.place)
    assert "/bookings/1/end" in sheet.links
    assert not refreshes(sheet)


@pytest.mark.usefixtures("booking")
def test_a_car_that_is_not_there(desk: Desk, reader: Reader) -> None:
    """FAULT-1: honest at 10 s, and at the end."""
    sheet = ask(reader)
    assert phase(sheet) == "not_sent"
    assert "Waiting for a connection to the car." in sheet.text
    desk.clock.now_s += 9
    assert phase(reader.get(sheet.place)) == "not_sent"
    desk.clock.now_s += 1
    still = reader.get(sheet.place)
    assert phase(still) == "still"
    assert "Still asking the car." in still.text
    assert refreshes(still)
    desk.clock.now_s += 20
    desk.fleet.tick()
    over = reader.get(sheet.place)
    assert (phase(over), over.codes) == ("unreachable", ["unreachable"])
    assert "nothing was done" in over.text
    assert not refreshes(over)
    assert "/bookings/1/start" in over.links  # to try again


@pytest.mark.usefixtures("booking")
def test_what_was_sent_and_not_answered_is_not_known(desk: Desk, reader: Reader) -> None:
    car = online(desk)
    sheet = ask(reader)
    command = command_in(desk)
    desk.clock.now_s += 30
    desk.fleet.tick()
    unknown = reader.get(sheet.place)
    assert phase(unknown) == "unknown"
    assert "Not known yet" in unknown.text
    assert "It may have been done: look at the car." in unknown.text
    assert refreshes(unknown)
    answer(desk, car, command, [])
    assert phase(reader.get(sheet.place)) == "accepted"


@pytest.mark.usefixtures("booking")
def test_an_answer_that_never_comes_is_not_waited_for_for_ever(desk: Desk, reader: Reader) -> None:
    online(desk)
    sheet = ask(reader)
    desk.clock.now_s += 30
    desk.fleet.tick()
    desk.clock.now_s += 601
    assert not refreshes(reader.get(sheet.place))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("code", sorted(REASON_NAMES))
@pytest.mark.usefixtures("booking")
def test_every_reason_of_a_car_is_shown_with_what_to_do(
    desk: Desk, language: str, code: int
) -> None:
    """END-5: whatever the car refuses with."""
    reader = reader_of(desk, language=language)
    car = online(desk)
    sheet = ask(reader)
    answer(desk, car, command_in(desk), [(code, 0)])
    sheet = reader.get(sheet.place)
    words, name = SENTENCES[language], REASON_NAMES[code]
    assert (phase(sheet), sheet.codes) == ("refused", [name])
    assert words.reason(name) in sheet.text
    assert words.remedy(name, desk.fleet.profile) in sheet.text


@pytest.mark.usefixtures("booking")
def test_every_failed_check_is_shown_with_its_inputs(desk: Desk, reader: Reader) -> None:
    """END-5, END-8."""
    car = online(desk)
    sheet = ask(reader)
    every = sum(1 << bit for bit in INPUT_NAMES)
    reasons = [(codes.ENGINE_RUNNING, 0), (codes.DOOR_OPEN, 0), (codes.CANNOT_TELL, every)]
    answer(desk, car, command_in(desk), reasons)
    sheet = reader.get(sheet.place)
    assert sheet.codes == ["engine_running", "door_open", "cannot_tell"]
    for name in INPUT_NAMES.values():
        assert SENTENCES["en"].text("inputs", name) in sheet.text
    assert "Doors cannot tell Engine cannot be started" in sheet.text


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.usefixtures("booking")
def test_what_to_do_when_the_car_cannot_tell_is_its_setting(desk: Desk, language: str) -> None:
    """END-8: `ask_again` says to try once more, `refuse` to call."""
    reader, words = reader_of(desk, language=language), SENTENCES[language]
    car = online(desk)
    ways = [words.remedy("cannot_tell"), words.remedy("cannot_tell", setting="refuse")]
    assert ways[0] != ways[1]
    for setting, told in (("ask_again", 0), ("refuse", 1), ("staff_review", 0), ("default", 0)):
        desk.fleet.set_car_terms(CAR, "top24-2023", {"cannot_tell": setting}, "mori")
        sheet = ask(reader)
        blind = [(codes.CANNOT_TELL, 1 << codes.IN_BRAKE)]
        answer(desk, car, command_in(desk), blind)
        text = reader.get(sheet.place).text
        assert [way in text for way in ways] == [told == 0, told == 1]


@pytest.mark.usefixtures("booking")
def test_a_start_that_is_too_early_says_from_when(desk: Desk, reader: Reader) -> None:
    """START-1."""
    car = online(desk)
    sheet = ask(reader)
    at_s = int(desk.clock.now_s) + 600
    answer(desk, car, command_in(desk), [(codes.TOO_EARLY, at_s)])
    assert "Possible from 09:10." in reader.get(sheet.place).text


@pytest.mark.usefixtures("booking")
def test_warnings_come_with_the_acceptance(desk: Desk, reader: Reader) -> None:
    """END-2."""
    car = online(desk)
    sheet = ask(reader)
    answer(desk, car, command_in(desk), [], bytes(WARNING_NAMES))
    sheet = reader.get(sheet.place)
    assert phase(sheet) == "accepted"
    assert sheet.codes == list(WARNING_NAMES.values())


@pytest.mark.usefixtures("booking")
def test_reasons_of_tomorrow_are_shown_too(desk: Desk, reader: Reader) -> None:
    car = online(desk)
    sheet = ask(reader)
    answer(desk, car, command_in(desk), [(250, 7)], b"\xfa")
    assert "That is not possible." in reader.get(sheet.place).text


def test_what_the_daemon_refuses_is_said_on_the_page_that_asked(
    desk: Desk, reader: Reader, booking: int
) -> None:
    forms = [reader.get("/bookings/1/start").form() for _ in range(6)]
    for form in forms[:4]:
        assert phase(reader.send(form)) == "not_sent"
    sheet = reader.send(forms[4])
    assert (sheet.status, sheet.codes) == (409, ["busy"])
    used = reader.post("/bookings/1/end", {**forms[0].fields})
    assert (used.status, used.codes) == (409, ["key_reused"])
    gone = reader.post("/bookings/1/reunlock", {**forms[5].fields})
    assert (gone.status, gone.codes) == (409, ["not_allowed_in_profile"])


@pytest.mark.usefixtures("booking")
def test_the_live_part_alone_comes_only_when_it_is_new(desk: Desk, reader: Reader) -> None:
    car = online(desk)
    sheet = ask(reader)
    part = reader.get(f"{sheet.place}?live=1")
    assert part.html.startswith('<div id="live"')
    assert part.html.strip() in sheet.html
    assert "form" not in part.html  # nothing in it that is made anew each time
    known = {"if-none-match": part.headers["etag"]}
    assert reader.get(f"{sheet.place}?live=1", **known).status == 304
    desk.clock.now_s += 1
    assert reader.get(f"{sheet.place}?live=1", **known).status == 200
    exchange(desk, car)
    part = reader.get(f"{sheet.place}?live=1", **known)
    assert 'data-say="Your use has started"' in part.html
    for place in ("/", "/bookings/1"):
        part = reader.get(f"{place}?live=1")
        assert part.html.startswith('<div id="live"')
        desk.clock.now_s += 1
        again = reader.get(f"{place}?live=1", **{"if-none-match": part.headers["etag"]})
        assert again.status == 304


@pytest.mark.usefixtures("booking")
def test_somebody_elses_command_is_none(desk: Desk, reader: Reader) -> None:
    place = ask(reader).place
    for at in (place, "/commands/0011223344556677", "/commands/x"):
        sheet = reader_of(desk, desk.other).get(at)
        assert (sheet.status, sheet.codes) == (404, ["no_command"])
    assert reader_of(desk, "KAG00001").get(place).status == 200
