"""unlock card and pin: level 1 with a staff card and its PIN of the day, without anybody (TECH-1)."""

import struct

from firmware.wire import codes
from firmware.wire.console_key import day_of, pin_of
from firmware.wire.journal_format import NO_IDENT
from firmware.wire.records import CARD as CARD_RECORD
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import CARD, IDENTITY

STAFF = b"\1\1\6\1\x55\x66\x77\x88"
OTHER_STAFF = b"\1\1\6\1\x55\x66\x77\x99"
STRANGE = b"\1\1\6\1\x11\x22\x33\x44"


class PinRig(GateRig):
    """A car whose copy has two staff cards, and a driver's."""

    def __init__(self) -> None:
        super().__init__()
        self.box.book()
        self.box.put_delta(
            [
                (codes.OP_PUT_STAFF, struct.pack(CARD_RECORD, STAFF, 3)),
                (codes.OP_PUT_STAFF, struct.pack(CARD_RECORD, OTHER_STAFF, 4)),
            ]
        )
        self.turn(10)

    def touch(self, card: bytes, line: str = "unlock card") -> "list[str]":
        """`unlock card`, and this card; what was said to the touch."""
        self.cable.put(line.encode() + b"\r")
        for _ in range(5):
            self.turn(10)
        self.taken()
        self.box.reader.card = card
        said = b""
        for _ in range(20):
            self.turn(10)
            said += self.taken()
        return str(said, "ascii").split("\r\n")[:-1]

    def told(self) -> "list[int]":
        """Codes of the events that became durable."""
        return [event[0] for event in self.seen]

    def pin(self, card: bytes = STAFF, days: int = 0, key: bytes = IDENTITY.key) -> str:
        """As the daemon tells it, for today and so many days more."""
        return "pin " + pin_of(key, card, day_of(self.box.wall_s) + days)


def test_tech_1_card_and_pin_open_level_1_and_the_journal_has_the_card() -> None:
    rig = PinRig()
    assert rig.touch(STAFF) == [
        "card        card ..7788",
        "now type its PIN of today (fleetd technician pin): pin NNNN NNNN",
    ]
    assert rig.inside.level == 0
    assert rig.asked(rig.pin()) == ["level       1, technician, for 15 minutes"]
    assert rig.inside.level == 1
    assert rig.actions() == [(STAFF, codes.ACT_OPEN, 1)]
    rig.asked("doors unlock")
    assert rig.actions()[-1] == (STAFF, codes.ACT_UNLOCK, 0)
    assert rig.rises()[codes.PULSE_UNLOCK] == 1
    assert rig.asked("engine block")[0].startswith("engine is locked: type unlock 2")
    rig.turn(15 * 60000)
    rig.turn()
    assert rig.inside.level == 0
    assert rig.actions()[-1] == (STAFF, codes.ACT_CLOSE, codes.CLOSED_BY_TIME)


def test_tech_4_the_touch_opens_nothing_and_the_next_one_counts() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    assert rig.rises() == [0, 0, 0, 0] and rig.state == "vacant" and rig.told() == []
    rig.turn(5000)
    rig.box.reader.card = STAFF
    for _ in range(100):
        rig.turn(10)
    assert rig.rises()[codes.PULSE_UNLOCK] == 1
    assert codes.AUDIT_STAFF_IN in rig.told()


def wrong(rig: PinRig) -> str:
    return rig.ask(rig.pin(OTHER_STAFF))[0]


def test_tech_1_a_pin_is_of_one_card_car_and_day() -> None:
    for pin in (
        {"days": 1},
        {"days": -1},
        {"card": OTHER_STAFF},
        {"key": bytes(32)},
    ):
        rig = PinRig()
        rig.touch(STAFF)
        said = rig.ask(rig.pin(**pin))
        assert said == [
            "that is not the PIN: try again; is it of this car, card, day?",
        ]
        assert rig.inside.level == 0 and rig.inside.wrong == 1
        rig.turn()
        assert rig.refusals() == [(STAFF, codes.BAD_SIGNATURE)]
        assert rig.ask(rig.pin())[0].startswith("level       1")


def test_tech_1_the_day_is_that_of_the_pin_not_of_the_touch() -> None:
    """Over midnight in Japan yesterday's PIN ends."""
    rig = PinRig()
    midnight_s = (day_of(rig.box.wall_s) + 1) * 86400 - 9 * 3600
    rig.box.wall_s = midnight_s - 1
    rig.touch(STAFF)
    yesterdays = rig.pin()
    rig.box.wall_s = midnight_s
    rig.turn()
    assert rig.ask(yesterdays)[0].startswith("that is not the PIN")
    assert rig.ask(rig.pin())[0].startswith("level       1")


def test_tech_1_only_a_staff_card_of_the_copy_will_do() -> None:
    rig = PinRig()
    for card in (CARD, STRANGE, NO_IDENT):
        said = rig.touch(card)
        assert len(said) == 1 and "is no staff card of this car's copy: type unlock 1" in said[0]
        rig.turn(5000)
        assert rig.ask(rig.pin(card))[0].startswith("no staff card waits for its PIN")
    assert rig.inside.wrong == 0 and rig.inside.level == 0
    assert rig.refusals() == [] and rig.state == "vacant"


def test_tech_1_a_card_that_is_no_longer_staffs_has_no_pin() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    rig.box.put_delta([(codes.OP_DEL_STAFF, STAFF)])
    rig.turn(10)
    assert rig.ask(rig.pin())[0].startswith("no staff card waits")
    assert rig.inside.level == 0


def test_tech_1_a_card_waits_for_its_pin_for_15_minutes_and_opens_once() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    for _ in range(3):
        rig.turn(5 * 60000 - 1000)
        rig.ask("version")
    rig.turn(3000)
    assert rig.ask(rig.pin())[0].startswith("no staff card waits")
    rig.touch(STAFF)
    rig.ask(rig.pin())
    assert rig.ask("lock") == ["locked"]
    assert rig.ask(rig.pin())[0].startswith("no staff card waits")
    rig.turn(5000)
    rig.touch(STAFF)
    rig.cable.is_there = False
    rig.turn()
    rig.cable.is_there = True
    assert rig.ask(rig.pin())[0].startswith("no staff card waits")


def test_tech_1_the_same_three_tries_as_answers_have() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    assert wrong(rig).startswith("that is not the PIN: try again")
    rig.question()
    assert rig.ask("answer 0000-0000-00")[0].startswith("that is not the answer: try again")
    assert wrong(rig).startswith("that is not the PIN: wait 60 s")
    for line in (rig.pin(), "unlock card", "unlock 1"):
        assert rig.ask(line)[0].startswith("too many wrong answers: wait 60 s")
    rig.turn(60000)
    assert wrong(rig).startswith("that is not the PIN: wait 120 s")
    rig.turn(120000)
    assert rig.ask(rig.pin())[0].startswith("level       1")
    assert rig.inside.wrong == 0


def test_tech_1_without_the_time_there_is_no_day() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    rig.box.trusted = False
    rig.turn(10)
    for line in (rig.pin(), "unlock card"):
        assert rig.ask(line)[0].startswith("the box does not know the day"), line
    assert rig.inside.level == 0 and rig.inside.wrong == 0
    rig.box.trusted = True
    rig.turn(10)
    assert rig.ask(rig.pin())[0].startswith("level       1")


def test_tech_1_what_the_journal_does_not_have_is_not_unlocked() -> None:
    rig = PinRig()
    rig.touch(STAFF)
    rig.box.loop._journal.is_open = False
    assert rig.ask(rig.pin())[0].startswith("not unlocked")
    assert rig.inside.level == 0


def test_one_sentence_for_every_mistake() -> None:
    rig = PinRig()
    assert rig.ask("pin 1234 5678")[0].startswith(
        "no staff card waits for its PIN: type unlock card"
    )
    rig.touch(STAFF)
    for line in ("pin", "pin 1234", "pin 1234 567x", "pin 1234 5678 9"):
        assert rig.ask(line) == ["a PIN has 8 digits: type it as pin NNNN NNNN"]
    assert rig.inside.wrong == 0
    rig.ask(rig.pin())
    for line in ("unlock card", "pin 1234 5678"):
        assert rig.ask(line)[0].startswith("level 1 is unlocked already")
    assert rig.ask("unlock cards")[0].endswith("or unlock card")


def test_no_reader_or_a_silent_one() -> None:
    rig = PinRig()
    rig.box.reader.is_healthy = False
    rig.cable.put(b"unlock card\r")
    said = b""
    for _ in range(20):
        rig.turn(10)
        said += rig.taken()
    assert b"the reader does not answer: check its plug" in said
    rig.box.reader = None  # type: ignore[assignment]
    assert rig.ask("unlock card")[0].startswith("this car has no reader")


def test_tech_1_no_other_pin_opens_however_many_are_tried() -> None:
    """Neighbours of the right one, and 60 others; each is refused, and none breaks the command."""
    rig = PinRig()
    rig.touch(STAFF)
    right = int(rig.pin()[4:].replace(" ", ""))
    tries = [(right + step) % 100000000 for step in (-1, 1, 10000, 50000000)]
    number = 12345
    for _ in range(60):
        number = (number * 1103 + 12345) % 99999989
        tries.append(number)
    for tried in tries:
        rig.inside.wrong = 0  # as if there were no wait
        said = rig.ask("pin %08d" % tried)
        assert said[0].startswith("that is not the PIN"), said
    assert right not in tries and rig.inside.level == 0
    assert rig.ask("pin %08d" % right)[0].startswith("level       1")
