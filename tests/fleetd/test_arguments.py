"""How every command of fleetd and of the simulator is declared."""

import argparse
from collections.abc import Callable, Iterator

import pytest

from fleetd.arguments import is_whole, own_port, port, whole
from fleetd.console import provision, terminal
from fleetd.host import command_line, decode_commands, journal_commands
from fleetd.serving import options
from simulator.desk import car_command
from simulator.fleet import command as fleet
from simulator.live import command as live
from simulator.live import watch
from simulator.page import command as page
from simulator.scenario import command as scenario
from simulator.weather import command as weather
from tools import tree

PARSERS = (
    command_line.parser, options.parser, journal_commands.parser, terminal.parser,
    provision.parser, decode_commands.parser, scenario.parser, live.parser, car_command.parser,
    watch.parser, page.parser, weather.parser, fleet.parser,
)  # fmt: skip


def arguments_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """(its program, an argument), those of its commands, too."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from arguments_of(below)
        else:
            yield parser.prog, action


def test_one_parser_says_what_is_wrong_in_one_sentence() -> None:
    """All programs have it from here; argparse's own says its whole usage first."""
    made = [
        source.path
        for source in tree.sources()
        if source.path.startswith(("fleetd/", "simulator/"))
        and ("ArgumentParser(" in source.text or "ArgumentParser):" in source.text)
    ]
    assert made == ["fleetd/arguments.py"]


@pytest.mark.parametrize("made", PARSERS)
def test_no_number_is_without_bounds(made: Callable[[], argparse.ArgumentParser]) -> None:
    """-1, 99999999999 or ten thousand digits would go on to where nobody expects them."""
    found = list(arguments_of(made()))
    assert found
    for program, action in found:
        assert action.type not in (int, float), (program, action.dest)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", " 1", "1_0", "١", "²", "0", "6", "9" * 5000]
)
def test_what_is_no_number_or_out_of_bounds_is_told_with_them(text: str) -> None:
    assert not is_whole(text, 1, 5)
    with pytest.raises(argparse.ArgumentTypeError, match=r"is no level from 1 to 5$"):
        whole(1, 5, "level")(text)


def test_who_does_something_is_asked_for_by_one_word() -> None:
    asked: dict[str, set[str]] = {}
    for program, action in arguments_of(command_line.parser()):
        asked.setdefault(program, set()).update(action.option_strings)
    assert not [program for program, options in asked.items() if "--who" in options]
    for command in ("alarm clear", "car terms", "car rotate-key", "car swap-box", "car swap-key",
                    "car keep-box", "console-answer"):  # fmt: skip
        assert "--by" in asked[f"python -m fleetd {command}"], command


def test_bounds_are_within_and_zero_is_a_port_to_listen_on_alone() -> None:
    assert [whole(1, 5)(text) for text in ("1", "5", "05")] == [1, 5, 5]
    assert (own_port("0"), own_port("65535"), port("1")) == (0, 65535, 1)
    with pytest.raises(argparse.ArgumentTypeError, match=r"^0 is no port from 1 to 65535$"):
        port("0")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--mqtt-port", "0", "argument --mqtt-port: 0 is no port from 1 to 65535 "),
        ("--mqtt-port", "65536", "argument --mqtt-port: 65536 is no port from 1 to 65535 "),
        ("--patience", "-1", "argument --patience: -1 is no number of seconds from 0 to 86400 "),
        ("--patience", "86401", "argument --patience: 86401 is no number of seconds from 0 "),
    ],
)
def test_a_box_is_given_no_port_that_there_is_not(
    option: str, value: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "/dev/none",
        "--db",
        "none.db",
        "--car",
        "4b4700000001",
        "--board",
        "pi",
        "--host",
        "x",
    ]
    assert provision.main([*words, option, value]) == 2
    assert capsys.readouterr().err.startswith(sentence)
    assert command_line.main(["car", "swap-box", words[0], words[4], *words[5:], "--db", "none.db",
                              option, value]) == 2  # fmt: skip
    assert capsys.readouterr().err.startswith(sentence)
