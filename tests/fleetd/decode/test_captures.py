"""Whole captures: the keys that they tell of, and the numbers of their lines."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.key_record import pack_key
from fleetd.decode.lines import LINE_MAX, line_words
from fleetd.decode.words import Key
from fleetd.host.command_line import main
from fleetd.host.decode_commands import decode

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "kb1.json").read_text())
CAR, FIRST = bytes.fromhex(VECTORS["car"]), bytes.fromhex(VECTORS["car_key"])
KEYS = (FIRST, bytes(range(32)), bytes(range(1, 33)))


def told_key(number: int, wrapped_under: bytes = FIRST, sealed_under: bytes = FIRST) -> str:
    """A DELTA with the record of a later key, as a line."""
    record = pack_key(wrapped_under, CAR, number, bytes((number,)) * 8, KEYS[number])
    body = kb1_centre.pack_delta(2, 1, 2, bytes(8), [(codes.OP_PUT_KEY, record)])
    down = frames.direction_key(sealed_under, frames.DOWN)
    return frames.pack_frame(down, CAR, kb1.DELTA, body).hex()


def prompt(number: int) -> str:
    """A TIME under a key of the car, as a line."""
    down = frames.direction_key(KEYS[number], frames.DOWN)
    body = kb1_centre.pack_time(bytes(8), 1_790_000_000, 1, 1, bytes(8))
    return frames.pack_frame(down, CAR, kb1.TIME, body).hex()


def tags(*lines: str, capsys: pytest.CaptureFixture[str], is_stream: bool = False) -> list[str]:
    class Stream(io.StringIO):
        def seekable(self) -> bool:
            return not is_stream

    file = Stream("".join(f"{line}\n" for line in lines))
    assert decode(file, Key(VECTORS["car"], FIRST), as_json=True)
    out = capsys.readouterr().out
    for key in KEYS:
        assert key.hex() not in out
    return [json.loads(line)["tag"] for line in out.splitlines()]


def test_frames_under_a_later_key_hold_when_the_capture_tells_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Wherever its record stands, and whichever key that frame is under."""
    found = tags(prompt(0), prompt(1), told_key(1), prompt(1), prompt(2), capsys=capsys)
    unheld = "does not hold under the first key or key 1; the car may have a later one"
    assert found == ["holds", "holds (key 1)", "holds", "holds (key 1)", unheld]
    lines = (prompt(2), told_key(2, sealed_under=KEYS[1]), told_key(1), prompt(1))
    assert tags(*lines, capsys=capsys) == [
        "holds (key 2)", "holds (key 1)", "holds", "holds (key 1)",
    ]  # fmt: skip


def test_of_a_stream_what_came_before_the_record_cannot_be_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = tags(prompt(1), told_key(1), prompt(1), capsys=capsys, is_stream=True)
    unheld = "does not hold under the first key; the car may have a later one"
    assert found == [unheld, "holds", "holds (key 1)"]


def test_a_key_that_was_not_wrapped_under_the_first_one_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody teaches the decoder a key of their own: neither in a frame nor as a bare record."""
    forged = told_key(1, wrapped_under=KEYS[2], sealed_under=KEYS[2])
    found = tags(forged, prompt(1), capsys=capsys)
    assert [tag[:13] for tag in found] == ["does not hold"] * 2
    key = Key(VECTORS["car"], FIRST)
    record = pack_key(KEYS[2], CAR, 1, bytes(8), KEYS[1])
    for line in (f"0931{record.hex()}", f"0905{record[:5].hex()}"):
        assert line_words(line, key, "record") is not None
        assert key.later == []
    good = pack_key(FIRST, CAR, 1, bytes(8), KEYS[1])
    for _ in range(2):
        assert line_words(f"0931{good.hex()}", key, "record") is not None
        assert key.later == [(1, KEYS[1])]
    assert repr(KEYS[1]) not in repr(key)


def test_the_frames_of_the_vectors_under_a_later_key(capsys: pytest.CaptureFixture[str]) -> None:
    """The record stands in the copy of their car."""
    records: list[dict[str, Any]] = VECTORS["records"]
    puts = [one for one in records if one["op"] == codes.OP_PUT_KEY]
    key = Key(VECTORS["car"], FIRST)
    lines = [VECTORS["slot"]["hello"], VECTORS["slot"]["time"]]
    before = [line_words(line, key) for line in lines]
    for one in puts:
        key.learn(codes.OP_PUT_KEY, bytes.fromhex(one["record"]))
    after = [line_words(line, key) for line in lines]
    assert [words["tag"][:13] for words in before if words] == ["does not hold"] * 2
    assert [words["tag"] for words in after if words] == ["holds (key 1)"] * 2


@pytest.mark.parametrize("filler", ["x", " ", "00 "])
def test_a_line_that_is_too_long_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], filler: str
) -> None:
    good = prompt(0)
    for length in (LINE_MAX + 1, LINE_MAX + 2, LINE_MAX + 3, 5 * LINE_MAX):
        long = (filler * length)[:length]
        (tmp_path / "c").write_text(f"{good}\n{long}\n#{long}\n{good}\n{long}{good}")
        assert main(["decode", str(tmp_path / "c"), "--json"]) == 1
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(one["line"], "unreadable" in one) for one in found] == [
            (1, False), (2, True), (4, False), (5, True),
        ]  # fmt: skip
        assert (
            found[1]["unreadable"]
            == f"a line of more than {LINE_MAX} characters, which are the most"
        )


def test_the_longest_line_that_may_be_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    good = prompt(0)
    for end in ("\n", "\r\n", ""):
        line = f"{' ' * (LINE_MAX - len(good))}{good}{end}"
        assert decode(io.StringIO(line + good), None, as_json=True) == bool(end)
    capsys.readouterr()


def test_a_file_that_breaks_off_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Its reading fails at the first byte: nothing is mapped at 0."""
    assert main(["decode", "/proc/self/mem"]) == 2
    told = capsys.readouterr()
    assert (told.err, told.out) == ("/proc/self/mem: cannot be read: Input/output error\n", "")
