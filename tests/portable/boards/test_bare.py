"""The bare box (commissioning): takes a file whole or not at all, and tells of secrets as digests only."""

import binascii
import json

from boards import bare, bare_file
from boards.bare import BareConsole
from boards.pin_table import BoardError
from tests.portable.boards.box_rig import KEY, PASSWORD, values
from tests.portable.boards.folders import new_folder, remove_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from boards.box_config import BoxConfig

_CHUNK = 66


class Cable:
    """A `ByteLink` between a script and the box."""

    def __init__(self) -> None:
        self.typed = bytearray()
        self.said = bytearray()

    def any(self) -> int:
        return len(self.typed)

    def readinto(self, buffer: bytearray) -> int:
        count = min(len(buffer), len(self.typed))
        buffer[:count] = self.typed[:count]
        self.typed = self.typed[count:]
        return count

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        self.said.extend(data)
        return len(data)

    def set_baud(self, rate: int) -> None:
        pass


class Bench:
    """A bare box in a folder of its own."""

    def __init__(self) -> None:
        self.folder = new_folder()
        self.said = ""
        self.plug()

    def plug(self) -> None:
        self.cable = Cable()
        self.box = BareConsole(self.cable, self.folder, "sim", "0.1.0", "box.json: there is none")

    def ask(self, text: str) -> "dict[str, Any]":
        """The last JSON object of the answer, with its items by name."""
        self.cable.typed.extend(text.encode() + b" --json\r")
        for _ in range(20):
            self.box.turn()
        told = self.cable.said.decode()
        self.cable.said = bytearray()
        self.said += told
        found = [json.loads(line) for line in told.split("\r\n") if line[:1] == "{"]
        last: "dict[str, Any]" = found[-1]
        for part in found[:-1]:
            last[part.get("name", "text")] = part.get("value")
        return last

    def send(self, data: bytes, name: str = "box.json", more: str = "") -> "dict[str, Any]":
        told = self.ask(
            "provision begin %s %d %s%s" % (name, len(data), bare_file.digest_of(data), more)
        )
        assert told["ok"], told
        for at in range(0, len(data), _CHUNK):
            self.line(data, at)
        return self.ask("provision end")

    def line(self, data: bytes, at: int) -> "dict[str, Any]":
        text = binascii.b2a_base64(data[at : at + _CHUNK]).decode().strip()
        told = self.ask("provision line %d %s" % (at, text))
        assert told["ok"], told
        return told

    def read(self, name: str = "box.json") -> bytes:
        try:
            with open(self.folder + name, "rb") as file:
                return file.read()
        except OSError:
            return b""

    def remove(self) -> None:
        remove_folder(self.folder)


def whole(**changes: "Any") -> bytes:
    raw = values()
    raw.update(changes)
    return json.dumps(raw).encode()


def test_a_whole_file_takes_its_place_and_the_box_starts_anew() -> None:
    bench = Bench()
    data = whole()
    told = bench.send(data)
    assert told["ok"] and told["sha256"] == bare_file.digest_of(data)
    assert bench.read() == data
    assert bench.box.ends_by == bare.PROVISIONED
    for secret in (KEY, PASSWORD):
        assert secret not in bench.said
    bench.remove()


def test_a_certificate_comes_before_it_and_starts_nothing() -> None:
    bench = Bench()
    assert bench.send(b"\x30\x82" * 300, "ca.der")["ok"]
    assert bench.read("ca.der") == b"\x30\x82" * 300
    assert not bench.box.ends_by
    bench.remove()


def test_a_line_that_comes_twice_counts_once() -> None:
    """The host did not hear that it was taken."""
    bench = Bench()
    data = whole()
    assert bench.ask("provision begin box.json %d %s" % (len(data), bare_file.digest_of(data)))[
        "ok"
    ]
    for at in range(0, len(data), _CHUNK):
        bench.line(data, at)
        bench.line(data, at)
    assert bench.ask("provision end")["ok"]
    assert bench.read() == data
    bench.remove()


def test_what_the_box_could_not_live_with_is_not_written() -> None:
    bench = Bench()
    told = bench.send(whole(port=0))
    assert not told["ok"] and "port: 0 is no port" in told["error"], told
    assert bench.read() == b"" and not bench.box.ends_by
    assert bench.send(whole())["ok"]
    bench.remove()


def test_what_only_this_board_cannot_be_is_not_written() -> None:
    """TECH-4: else it would be bare again at its next start, though the host was told that all is well."""
    bench = Bench()
    assert bench.send(whole())["ok"]
    old = bench.read()
    bench.plug()
    hosts = []

    def judge(config: "BoxConfig") -> None:
        hosts.append(config.host)
        if config.host == "elsewhere.example":
            raise BoardError("box.json: board.pins: pin 5 is used by trunk and by key")

    bench.box.judge = judge
    told = bench.send(whole(host="elsewhere.example"))
    assert told["error"] == "box.json: board.pins: pin 5 is used by trunk and by key"
    assert told["do"] == "correct it on the host and begin anew"
    assert bench.read() == old and not bench.box.ends_by
    assert bench.send(whole(host="here.example"))["ok"]
    assert hosts == ["elsewhere.example", "here.example"]
    bench.remove()


def test_bytes_that_are_missing_or_others_are_not_written() -> None:
    bench = Bench()
    data = whole()
    bench.ask("provision begin box.json %d %s" % (len(data), bare_file.digest_of(data)))
    bench.line(data, 0)
    told = bench.ask("provision end")
    assert not told["ok"] and "%d of %d bytes" % (_CHUNK, len(data)) in told["error"]
    bench.ask("provision begin box.json %d %s" % (len(data), bare_file.digest_of(data + b" ")))
    for at in range(0, len(data), _CHUNK):
        bench.line(data, at)
    told = bench.ask("provision end")
    assert not told["ok"] and "digest" in told["error"]
    assert bench.read() == b""
    bench.remove()


def test_cut_off_in_the_middle_nothing_is_half_done() -> None:
    """Power goes after any line; the file before stays in force, and a new try succeeds."""
    bench = Bench()
    old = whole(host="before.example")
    assert bench.send(old)["ok"]
    data = whole()
    bench.plug()
    bench.ask("provision begin box.json %d %s" % (len(data), bare_file.digest_of(data)))
    bench.line(data, 0)
    bench.plug()
    assert bench.read() == old
    assert not bench.ask("provision line 66 AAAA")["ok"]
    assert bench.send(data)["ok"]
    assert bench.read() == data
    bench.remove()


def test_a_new_identity_keeps_the_rest_of_the_old_file() -> None:
    """`car swap-key`: the host need not know what Wi-Fi and pins the box was given."""
    bench = Bench()
    assert bench.send(whole(host="before.example", key="22" * 32))["ok"]
    bare_file.lay_bare(bench.folder)
    assert bench.read() == b""
    bench.plug()
    identity = json.dumps({"car": "4b4700000001", "key": KEY, "password": "new"}).encode()
    assert bench.send(identity, more=" keep")["ok"]
    found = json.loads(bench.read())
    assert (found["key"], found["password"], found["host"]) == (KEY, "new", "before.example")
    bench.remove()


def test_with_nothing_to_keep_it_says_so() -> None:
    bench = Bench()
    told = bench.send(b'{"car": "4b4700000001"}', more=" keep")
    assert not told["ok"] and "nothing of its own to keep" in told["error"]
    bench.remove()


def test_what_is_no_provisioning_is_one_sentence() -> None:
    bench = Bench()
    good = "ab" * 32
    for text in (
        "provision",
        "provision begin",
        "provision begin box.json 10",
        "provision begin ../box.json 10 " + good,
        "provision begin main.py 10 " + good,
        "provision begin box.json 0 " + good,
        "provision begin box.json 9000 " + good,
        "provision begin box.json x " + good,
        "provision begin box.json 10 abc",
        "provision begin box.json 10 " + good + " kept",
        "provision line 0 AAAA",
        "provision end",
        "status",
    ):
        told = bench.ask(text)
        assert not told["ok"] and told["error"], text
    assert bench.ask("provision begin box.json 10 " + good)["ok"]
    for text in ("0", "0 !!!!", "0 AAA", "x AAAA", "4 AAAA", "0 " + "AAAA" * 8):
        assert not bench.ask("provision line " + text)["ok"], text
    assert bench.ask("version")["bare"] is True
    assert bench.ask("help")["ok"]
    bench.remove()


def test_exit_and_quit_are_known_as_in_service() -> None:
    """A person who leaves by the word is told how, not that there is no such command."""
    bench = Bench()
    for text in ("exit", "quit", "EXIT"):
        told = bench.ask(text)
        assert told["ok"] and told["parts"] == 1, (text, told)
        assert '"text":' in bench.said and "Ctrl-]" in bench.said
        bench.said = ""
    assert not bench.box.ends_by
    bench.cable.typed.extend(b"help\r")
    for _ in range(20):
        bench.box.turn()
    assert b"exit, quit" in bench.cable.said
    bench.remove()


def test_each_line_for_programs_gets_a_verdict_as_in_service() -> None:
    bench = Bench()
    told = bench.ask("")
    assert told["error"] == "no command stands before --json", told
    assert bench.ask("VERSION")["bare"] is True
    told = bench.ask("version now")
    assert told["error"] == "nothing may stand behind version", told
    told = bench.ask("prompt now")
    assert told["do"] == "type prompt alone" and not bench.box.ends_by
    bench.remove()


def test_the_prompt_opens_without_a_challenge_where_there_is_one() -> None:
    """Nothing is guarded here: whoever has the cable may flash the board."""
    bench = Bench()
    told = bench.ask("prompt")
    assert not told["ok"] and "no prompt" in told["error"]
    assert not bench.box.ends_by
    bench.box.has_prompt = True
    assert bench.ask("prompt")["ok"]
    assert bench.box.ends_by == bare.PROMPT
    bench.remove()


def test_what_is_done_is_done_also_when_nobody_hears_the_last_word() -> None:
    """The cable went: a box that has its file must not wait for a reader of its answer."""
    bench = Bench()
    bench.box.has_prompt = True
    cable = bench.cable
    bench.cable.write = lambda _: 0  # type: ignore[method-assign,assignment]
    cable.typed.extend(b"prompt\r")
    turns = 0
    while not bench.box.ends_by and turns < 1000:
        bench.box.turn()
        turns += 1
    assert 50 < turns < 200
    bench.remove()


def test_it_runs_until_it_has_its_file_and_says_how_it_ended() -> None:
    bench = Bench()
    waits: "list[int]" = []

    def wait(ms: int) -> None:
        waits.append(ms)
        if len(waits) == 3:
            bench.cable.typed.extend(b"prompt\r")

    ended = bare.run(bench.cable, bench.folder, "sim", "0.1.0", "none", wait, True)
    assert ended == bare.PROMPT
    assert len(waits) < 10 and max(waits) <= 20
    assert b"the prompt comes" in bench.cable.said
    bench.remove()
