"""Known commands, and the nearest one to an unknown word."""

from firmware.console import words
from tests.portable.firmware.console.console_rig import ConsoleRig


def test_distance_counts_letters_put_in_taken_out_and_changed() -> None:
    for a, b, expected in (
        ("", "", 0),
        ("", "log", 3),
        ("log", "", 3),
        ("log", "log", 0),
        ("lgo", "log", 2),
        ("logs", "log", 1),
        ("lg", "log", 1),
        ("lag", "log", 1),
        ("status", "sensors", 5),
        ("kitten", "sitting", 3),
    ):
        assert words.distance(a, b) == expected, (a, b)
        assert words.distance(b, a) == expected, (b, a)


def test_an_unknown_word_is_answered_with_the_nearest_command() -> None:
    rig = ConsoleRig()
    assert rig.ask("statsu") == ["there is no command statsu: did you mean status?"]
    assert rig.ask("help Stauts") == ["there is no command Stauts: did you mean status?"]
    assert rig.ask("lg 5") == ["there is no command lg: did you mean log?"]
    for word in ("foo", "help foo", "oo"):
        (answer,) = rig.ask(word)
        assert answer.endswith(": type help for what there is"), "nothing is like %s" % word
    assert rig.ask("frobnicate") == ["there is no command frobnicate: type help for what there is"]


def test_a_command_counts_in_whatever_case_it_is_typed() -> None:
    rig = ConsoleRig()
    assert rig.ask("VERSION") == rig.ask("version")
    assert rig.ask("HELP Log") == rig.ask("help log")


def test_a_word_of_a_whole_line_is_cut_in_the_answer() -> None:
    (answer,) = ConsoleRig().ask("x" * 120)
    assert answer == "there is no command %s: type help for what there is" % ("x" * 16)


def test_the_names_are_there_once_and_their_functions_exist() -> None:
    from firmware.compat import load

    names = [word[0] for word in words.COMMANDS]
    assert len(set(names)) == len(names)
    for name, level, module, function, _, line in words.COMMANDS:
        assert words.find(name) is not None
        assert callable(getattr(load(module), function)), name
        assert 0 <= level <= 3
        assert 0 < len(line) <= 56
