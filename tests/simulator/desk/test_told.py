"""Lines are numbered, and who joins later gets the last ones."""

from simulator.desk.told import KEPT_MAX, ToldLines
from simulator.live.told import ACTED, NOTED, Told


def line(kind: str, text: str) -> Told:
    return Told("09:00:00", kind, text)


def test_lines_are_numbered_in_order() -> None:
    lines = ToldLines()
    assert lines.add(line(ACTED, "a"))["told"]["n"] == 1
    assert lines.add(line(NOTED, "b"))["told"]["n"] == 2
    assert [one["told"]["text"] for one in lines.last()] == ["a", "b"]


def test_what_blinks_does_not_push_the_story_out() -> None:
    lines = ToldLines()
    for number in range(3):
        lines.add(line(ACTED, f"story {number}"))
        for _ in range(KEPT_MAX):
            lines.add(line(NOTED, "hazard on"))
    last = lines.last()
    assert len(last) == KEPT_MAX
    assert [one["told"]["text"] for one in last if one["told"]["kind"] == ACTED] == [
        "story 0", "story 1", "story 2",
    ]  # fmt: skip
    numbers = [one["told"]["n"] for one in last]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 3 + 3 * KEPT_MAX


def test_a_long_story_leaves_room_for_nothing_else() -> None:
    lines = ToldLines()
    lines.add(line(NOTED, "door open"))
    for number in range(KEPT_MAX + 5):
        lines.add(line(ACTED, str(number)))
    assert [one["told"]["text"] for one in lines.last()] == [
        str(number) for number in range(5, KEPT_MAX + 5)
    ]
