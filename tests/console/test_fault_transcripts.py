"""Faults as a technician finds them at the cable; docs/transcripts has what was said."""

from collections.abc import Iterator

import pytest

from firmware.wire import codes, console_key
from fleetd.console.client import question_in
from tests.console.box_on_pty import BoxOnPty
from tests.console.transcripts import Typist, check
from tests.portable.firmware.loop_rig import CARD, IDENTITY, NOW


@pytest.fixture
def box() -> Iterator[BoxOnPty]:
    with BoxOnPty() as found:
        found.tell("book 500 7 3600 7200")
        found.tell(f"card {CARD.hex()} 7")
        yield found


@pytest.fixture
def typist(box: BoxOnPty) -> Iterator[Typist]:
    found = Typist(box.port)
    yield found
    found.close()


def unlock(typist: Typist) -> None:
    """As the depot answers; docs/technician.md."""
    question = console_key.read_question(question_in(typist.type("unlock 1")))
    assert question is not None
    nonce, level, _ = question
    answer = console_key.answer_to(IDENTITY.key, IDENTITY.car, nonce, level)
    assert "level" in typist.type(f"answer {answer}")


def test_transcript_of_a_reader_that_is_unplugged(box: BoxOnPty, typist: Typist) -> None:
    typist.remark("A driver holds a card to the reader, and nothing lights up.")
    box.tell("reader 0")
    assert "reader does not answer" in typist.type("status")
    typist.remark("The plug behind the reader was loose. It is pushed home.")
    box.tell("reader 1")
    box.tell("wait 2000")  # a card that lay there all along is no touch
    told = typist.type("status faults")
    # What was wrong lately stands below what is wrong now.
    now, _, lately = told.partition("faults      none now")
    assert "reader does not answer" not in now
    assert "reader does not answer" in lately
    unlock(typist)
    typist.begin("card", "No touch counts")
    box.tell(f"tap {CARD.hex()}")
    assert "..34CD" in typist.end().upper()
    typist.type("lock")
    check("reader-unplugged", typist.seen)


def test_transcript_of_a_door_switch_that_is_stuck(box: BoxOnPty, typist: Typist) -> None:
    typist.remark("Nobody can end a use: the phone says that a door is open. All doors are closed.")
    box.tell(f"input {codes.IN_DOOR_PASSENGER} 1")
    box.tell("wait 600000")
    assert "yes" in typist.type("sensors")
    typist.remark("The passenger's door reads open while it is closed. Its plug is taken off.")
    box.tell(f"input {codes.IN_DOOR_PASSENGER} 0")  # an open contact
    box.tell("wait 5000")
    assert "PassengerSide.IsOpen  no " in typist.type("sensors")
    typist.remark(
        "It reads no: so it is the switch, not the wire. The switch is changed, the plug put on."
    )
    box.tell(f"input {codes.IN_DOOR_PASSENGER} 1")
    box.tell("wait 5000")
    typist.remark("The door is opened once and closed.")
    box.tell(f"input {codes.IN_DOOR_PASSENGER} 0")
    box.tell("wait 5000")
    assert "door closed" in typist.type("log 6")
    check("door-switch-stuck", typist.seen)


def test_transcript_of_bookings_that_do_not_arrive(box: BoxOnPty) -> None:
    box.tell("centre 0")
    box.tell("air 7")
    box.tell("wait 3600000")
    typist = Typist(box.port)
    typist.remark("A driver booked half an hour ago; the car says that there is no booking.")
    assert "no Wi-Fi of that name in reach" in typist.type("status")
    unlock(typist)
    typist.type("net")
    assert "the antenna" in typist.type("net retry")
    typist.remark("The aerial's plug was off. It is pushed home.")
    box.tell("air 0")
    box.tell("centre 1")
    box.tell("book 501 7 9000 3600")
    assert "booking 501" in typist.type("status")
    typist.type("lock")
    typist.close()
    check("bookings-not-arriving", typist.seen)


def test_transcript_of_a_car_where_nobody_can_be_asked(box: BoxOnPty) -> None:
    staff = bytes.fromhex("0101060155667788")
    box.tell(f"staff {staff.hex()} 3")
    box.tell("centre 0")
    typist = Typist(box.port)
    typist.remark(
        "In a garage without reception a car is to be kept from drivers. This morning the technician was\n"
        "   told the PIN of today: python -m fleetd technician pin mori 4b4700000001 --db fleet.db"
    )
    typist.begin("unlock card", "the next one counts")
    box.tell(f"tap {staff.hex()}")
    assert "card ..7788" in typist.end()
    today = console_key.day_of(NOW)
    wrong = console_key.pin_of(IDENTITY.key, staff, today - 1)
    assert "that is not the PIN" in typist.type(f"pin {wrong}")
    typist.remark("That was yesterday's.")
    assert "level" in typist.type(f"pin {console_key.pin_of(IDENTITY.key, staff, today)}")
    typist.type("maintenance on")
    typist.type("log 4")
    typist.type("lock")
    typist.close()
    check("nobody-to-ask", typist.seen)
