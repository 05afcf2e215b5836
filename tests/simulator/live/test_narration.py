"""Words for what happens."""

from pathlib import Path

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S, pack_event, pack_refusal
from simulator.audit import Reason, parse_event
from simulator.live import narration
from simulator.live.sentences import about_event, about_lock, about_reasons, duration, span
from simulator.scenario.actions import ACTIONS, parse
from simulator.scenario.stage import Stage
from tests.simulator.live.troupe import RENTAL_DAY, morning, rental_day

_EXAMPLES = {
    "IDM": "0101060112AB34CD", "ID": "B1", "DOOR": "trunk", "GEAR": "D", "DURATION": "15m",
    "DISTANCE": "3.5km", "DRIVER": "XXY2", "START": "10:00", "END": "12:00", "PERCENT": "30%",
    "SHIFT": "-3600s", "INPUT": "trunk", "VALUE": "open", "VOLT": "11.4V", "REASON*": "overdue", "SECONDS": "8s", "DELAY": "8s",
}  # fmt: skip


def test_every_action_has_words_in_which_its_own_stand() -> None:
    for pattern in ACTIONS:
        text = " ".join(_EXAMPLES.get(word, word) for word in pattern.split())
        said = narration.about(parse(text, 1, morning().now))
        assert said
        assert "{" not in said
        assert "0101060112AB34CD" not in said
        assert hasattr(Stage, ACTIONS[pattern])


def test_words_stand_in_their_places() -> None:
    now = morning().now
    assert narration.about(parse("drive 8.4km in 25m", 1, now)) == "drives 8.4km in 25m"
    assert narration.about(parse("tap 0101060112AB34CD", 1, now)) == "card …34CD touches the reader"
    booked = narration.about(parse("book B1 XXY2 10:00 12:00", 1, now))
    assert booked == "booked: B1 for XXY2, 10:00 to 12:00"
    assert narration.about(parse("clock jump -3600s", 1, now)) == "clock jump -3600s"


def test_comments_belong_to_the_line_below(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("# a head\n\nsteps:\n  # One,\n  # and two.\n  - {do: reset}\n  - {do: hang}\n")
    assert narration.read_comments(str(file)) == {6: "One, and two."}
    assert narration.read_comments(str(tmp_path / "none.yaml")) == {}


def test_the_rental_day_says_what_goes_on() -> None:
    comments = narration.read_comments(RENTAL_DAY)
    steps = {step.line for step in rental_day().steps}
    assert len(comments) >= 8
    assert set(comments) <= steps | {1}


def test_the_introduction_names_driver_and_card() -> None:
    said = "\n".join(narration.introduction(morning()))
    assert "A morning" in said
    assert "top24-2023" in said
    assert "demo driver XXY00001001, card 0101060112AB34CD" in said


def test_reasons_are_sentences() -> None:
    zone = morning().now.tzinfo
    reasons = [Reason("engine_running"), Reason("cannot_tell", 1 << codes.IN_TRUNK)]
    said = about_reasons(reasons, zone)
    assert said == "The engine is running. The car cannot tell: trunk."
    assert about_reasons([Reason("reason_99")], zone) == "Reason 99."


def test_a_start_that_is_too_early_says_from_when() -> None:
    """START-1."""
    zone = morning().now.tzinfo
    at_s = int(morning().now.timestamp()) - EPOCH_2020_S
    said = about_reasons([Reason("too_early", at_s)], zone)
    assert said == f"It is too early to start. Possible from {morning().now:%H:%M}."


def test_a_car_that_locked_itself_says_the_way_out_by_the_terms() -> None:
    """START-6, START-7, USE-2, USE-5."""
    unlocked = parse_event(pack_event(codes.AUDIT_UNLOCKED, 0, 1, 0, b""))
    key_out = parse_event(pack_event(codes.AUDIT_KEY_OUT, 0, 1, 0, b""))
    for code in (codes.AUDIT_RELOCKED, codes.AUDIT_SECURED):
        locked = parse_event(pack_event(code, 0, 1, 0, b""))
        assert "book again" in about_lock([unlocked, locked], "top24-2023")
        assert "Unlock it again" in about_lock([unlocked, locked], "jparc-2023")
        assert about_lock([unlocked, locked, unlocked], "jparc-2023") == ""
    in_use = about_lock([unlocked, key_out, locked], "top24-2023")
    assert "call the help desk" in in_use
    assert "book again" not in in_use


def test_events_are_words() -> None:
    detail = bytes((codes.IN_DOOR_REAR_LEFT,))
    event = parse_event(pack_event(codes.AUDIT_DOOR_OPENED, 0, 1, 0, detail))
    assert about_event(event) == "door opened: rear left"
    detail = pack_refusal(codes.BY_CARD, bytes(8), [(codes.DOOR_OPEN, 0), (codes.BRAKE_OFF, 0)])
    event = parse_event(pack_event(codes.AUDIT_END_REFUSED, 0, 1, 0, detail))
    assert about_event(event) == "end refused: door open, brake off"


def test_times_that_are_left() -> None:
    assert [span(one) for one in (0, 59, 60, 3599, 3600, 7199)] == [
        "0:00", "0:59", "1:00", "59:59", "1:00:00", "1:59:59",
    ]  # fmt: skip


def test_durations() -> None:
    spans = (500_000, 1_500_000, 30_000_000, 60_000_000, 90_000_000, 2400_000_000)
    assert [duration(one) for one in spans] == [
        "500 ms", "1.5 s", "30 s", "1 min", "90 s", "40 min",
    ]  # fmt: skip
