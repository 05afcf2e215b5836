"""Commands begin, go on and end; whatever is wrong is one sentence."""

import json

from firmware.console import words
from tests.portable.firmware.console.console_rig import ConsoleRig

SELF = "tests.portable.firmware.console.test_console"


class Endless:
    """An answer that only a key ends."""

    is_live = False

    def more(self, out: "object") -> bool:
        return True


class Live(Endless):
    is_live = True


def endless(_words: "list[str]", box: "object", out: "object") -> Endless:
    return Endless()


def live(_words: "list[str]", box: "object", out: "object") -> Live:
    return Live()


def broken(_words: "list[str]", box: "object", out: "object") -> None:
    raise KeyError("planted")


class Breaks:
    def more(self, out: "object") -> bool:
        raise MemoryError


def breaks(_words: "list[str]", box: "object", out: "object") -> Breaks:
    return Breaks()


def greedy(_words: "list[str]", box: "object", out: "object") -> None:
    for number in range(40):
        out.line("%d %s" % (number, "x" * 70))  # type: ignore[attr-defined]


TRIALS = (
    ("endless", 0, SELF, "endless", "", ""),
    ("live", 0, SELF, "live", "", ""),
    ("broken", 0, SELF, "broken", "", ""),
    ("breaks", 0, SELF, "breaks", "", ""),
    ("greedy", 0, SELF, "greedy", "", ""),
    ("first", 1, SELF, "broken", "", ""),
    ("third", 3, SELF, "greedy", "", ""),
)


def rig() -> ConsoleRig:
    """With the trial commands; `done` takes them away."""
    words.COMMANDS = words.COMMANDS + TRIALS
    return ConsoleRig()


def done() -> None:
    words.COMMANDS = words.COMMANDS[: -len(TRIALS)]


def test_help_names_every_command_within_the_columns() -> None:
    rig = ConsoleRig()
    lines = rig.ask("help")
    for word in words.COMMANDS:
        assert any([line.startswith(word[0]) for line in lines])
    assert all([len(line) <= 78 for line in lines])
    assert rig.ask("help log")[0] == "log [n]: " + words.find("log")[5]  # type: ignore[index]
    assert rig.ask("help me") == ["there is no command me: type help for what there is"]


def test_version_names_program_car_and_uptime() -> None:
    rig = ConsoleRig()
    rig.turn(61000)
    assert rig.ask("version") == [
        "program     Kagibako 1.2.3",
        "car         4b4700000001",
        "up          since the last start 1 min 1 s",
    ]


def test_an_empty_line_is_answered_with_the_prompt_alone() -> None:
    rig = ConsoleRig()
    rig.open()
    assert rig.type("\r") == "\r\n> "


def test_words_behind_a_command_that_takes_none_are_refused() -> None:
    assert ConsoleRig().ask("version 2") == ["nothing may stand behind version: type version alone"]


def test_for_programs_each_item_is_an_object_and_the_last_says_ok() -> None:
    rig = ConsoleRig()
    lines = [json.loads(line) for line in rig.ask("version --json")]
    assert [line["part"] for line in lines[:-1]] == [1, 2, 3]
    assert lines[1]["name"] == "car"
    assert lines[1]["value"] == "4b4700000001"
    assert lines[-1] == {"ok": True, "parts": 3}
    # the next one is for people again
    assert rig.ask("version")[1] == "car         4b4700000001"


def test_for_programs_a_refusal_is_one_object() -> None:
    rig = ConsoleRig()
    for line, error, remedy in (
        ("statsu --json", "there is no command statsu", "did you mean status?"),
        ("log x --json", "log takes a number from 1 to 500, not x", "type log or log 50"),
        ("--json", "no command stands before --json", "type help --json"),
    ):
        (answer,) = rig.ask(line)
        assert json.loads(answer) == {"ok": False, "error": error, "do": remedy}


def test_every_answer_for_programs_is_made_of_objects() -> None:
    rig = ConsoleRig()
    for line in ("help", "status", "status faults", "sensors", "log", "why", "help log"):
        answers = [json.loads(answer) for answer in rig.ask(line + " --json")]
        assert answers[-1]["ok"] is True
        assert answers[-1]["parts"] == len(answers) - 1 > 0


def test_noise_and_long_lines_cost_one_sentence() -> None:
    rig = ConsoleRig()
    rig.open()
    rig.cable.put(b"ver\xffsion\rversion\r")
    said = str(rig.hear(), "ascii")
    assert said.startswith("version\r\nnoise in this line: type it again\r\n> version\r\nprogram ")
    said = rig.type("x" * 130)
    assert said.endswith("\r\na line has at most 120 characters: make it shorter\r\n> ")
    assert rig.type("y" * 200) == ""
    assert rig.type("\r") == ""
    assert rig.ask("version")[0] == "program     Kagibako 1.2.3"


def test_a_command_that_breaks_costs_one_sentence() -> None:
    trial = rig()
    try:
        for name, error in (("broken", "KeyError"), ("breaks", "MemoryError")):
            assert " ".join(trial.ask(name)).startswith("the command failed (%s)" % error)
            assert trial.ask("version")[0] == "program     Kagibako 1.2.3"
    finally:
        done()


def test_what_is_locked_says_how_to_unlock_it() -> None:
    trial = rig()
    try:
        assert trial.ask("first") == ["first is locked: type unlock 1"]
        trial.inside.level = 2
        trial.type("\r")
        assert trial.ask("third") == ["third is locked: type unlock 3"]
        assert trial.ask("first")[0].startswith("the command failed")
    finally:
        done()


def test_ctrl_c_ends_a_long_answer_and_other_keys_do_not() -> None:
    trial = rig()
    try:
        trial.open()
        trial.cable.put(b"endless\r")
        for _ in range(50):
            trial.turn()
        trial.cable.put(b"version\r")
        for _ in range(50):
            trial.turn()
        assert trial.taken() == b"endless\r\n"
        assert trial.type("\x03") == "> "
    finally:
        done()


def test_any_key_ends_a_live_answer_and_is_no_part_of_the_next_line() -> None:
    trial = rig()
    try:
        trial.open()
        trial.cable.put(b"live\r")
        for _ in range(50):
            trial.turn()
        assert trial.taken() == b"live\r\n"
        assert trial.type("q") == "> "
        assert trial.ask("version")[1] == "car         4b4700000001"
    finally:
        done()


def test_lines_that_find_no_room_are_counted_and_the_rest_is_whole() -> None:
    trial = rig()
    try:
        lines = trial.ask("greedy")
        assert 8 < len(lines) < 40
        assert [line[:2].strip() for line in lines] == [str(n) for n in range(len(lines))]
        assert trial.ask("version")[1] == "car         4b4700000001"
    finally:
        done()
