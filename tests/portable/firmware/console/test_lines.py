"""Bytes become lines, and whatever else comes costs the line that it came in."""

from firmware.console import lines
from firmware.console.lines import LINE_BYTES_MAX, LineReader
from firmware.console.out import Out
from hal.fake.byte_link import FakeByteLink


def feed(reader: LineReader, data: bytes) -> "list[object]":
    """What was found: texts of lines, and codes of the rest."""
    found: "list[object]" = []
    for byte in data:
        one = reader.feed(byte)
        if one == lines.LINE:
            found.append(reader.text)
        elif one != lines.NOTHING:
            found.append(one)
    return found


def rig() -> "tuple[LineReader, FakeByteLink, Out]":
    link = FakeByteLink()
    out = Out(link)
    return LineReader(out), link, out


def test_cr_lf_and_crlf_each_end_one_line() -> None:
    reader = rig()[0]
    assert feed(reader, b"a\rb\nc\r\nd\r\r\n\n") == ["a", "b", "c", "d", "", ""]


def test_backspace_takes_back_and_stops_at_the_beginning() -> None:
    reader, link, out = rig()
    assert feed(reader, b"\x08\x7fstatux\x08s\x7f\x7f\x7fs\r") == ["stas"]
    out.drain()
    assert link.take()[0][1] == b"statux\b \bs\b \b\b \b\b \bs"


def test_noise_costs_the_line_and_no_more() -> None:
    for byte in (0, 9, 27, 128, 255):
        reader = rig()[0]
        assert feed(reader, b"sta" + bytes((byte,)) + b"tus\rversion\r") == [lines.NOISE, "version"]


def test_a_break_before_a_line_costs_nothing() -> None:
    reader = rig()[0]
    assert feed(reader, b"\0\0version\r\0\r") == ["version", ""]


def test_a_line_of_the_longest_length_is_one_and_a_longer_one_is_told_once() -> None:
    reader = rig()[0]
    longest = b"x" * LINE_BYTES_MAX
    assert feed(reader, longest + b"\r") == [longest.decode()]
    assert feed(reader, longest + b"y" * 5000) == [lines.TOO_LONG]
    assert feed(reader, b"\x00\x08zzz\rversion\r") == ["version"]


def test_ctrl_c_clears_the_line_and_what_was_wrong_with_it() -> None:
    reader = rig()[0]
    assert feed(reader, b"abc\x03def\r") == [lines.CLEARED, "def"]
    assert feed(reader, b"\xff\x03def\r") == [lines.CLEARED, "def"]
    assert feed(reader, b"x" * 200 + b"\x03def\r") == [lines.TOO_LONG, lines.CLEARED, "def"]


def test_a_password_is_echoed_as_stars() -> None:
    """Whoever looks at the screen, or keeps what was on it, does not learn it."""
    reader, link, out = rig()
    assert feed(reader, b"set wifi_password ab\x08c d\rset wifi depot\r") == [
        "set wifi_password ac d",
        "set wifi depot",
    ]
    while out.drain():
        pass
    said = b"".join([data for _, data in link.take()])
    assert said == b"set wifi_password **\b \b***set wifi depot"


def test_a_password_is_echoed_as_stars_however_its_command_is_written() -> None:
    """The console takes capitals and any number of blanks."""
    for head in (b"SET wifi_password ", b" set  wifi_password ", b"  Set wifi_PASSWORD   ",
                 b"set wifi_passwort\x08d x\x08\x08\x08d "):  # fmt: skip
        reader, link, out = rig()
        feed(reader, head + b"se cret")
        while out.drain():
            pass
        said = b"".join([data for _, data in link.take()])
        assert said[-7:] == b"*******" and b"cret" not in said, said
    for line in (b"set wifi depot", b"set wifi_passwordx y", b"log set wifi_password x",
                 b"set wifi_password x\x03set host y", b"set wifi_password \x08\x08q y"):  # fmt: skip
        reader, link, out = rig()
        feed(reader, line)
        while out.drain():
            pass
        said = b"".join([data for _, data in link.take()])
        assert said[-1:] == line[-1:], said
