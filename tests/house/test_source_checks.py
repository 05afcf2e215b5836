"""The checks of form, each firing on a planted snippet and silent on the one beside it."""

import ast

import pytest

from tools import portable_checks, source_checks, text_checks, tree

LONG_BODY = "    x = 1\n" * 50
LONG_DOCSTRING = '    """' + "words\n" * 60 + '    """\n'


def lengths(path: str, text: str) -> list[str]:
    return [found.text for found in source_checks.check_lengths(tree.source(path, text))]


def names(path: str, text: str = "") -> list[str]:
    return [found.text for found in source_checks.check_names(tree.source(path, text))]


def portable(text: str, path: str = "firmware/loop.py") -> list[str]:
    return [found.text for found in portable_checks.check(tree.source(path, text))]


def texts(text: str) -> list[str]:
    return [found.text for found in text_checks.check("docs/page.md", text)]


def test_lengths() -> None:
    assert lengths("firmware/a.py", "x = 1\n" * 300) == []
    assert lengths("firmware/a.py", "x = 1\n" * 301) == ["301 lines, 300 is the limit; split it"]
    assert lengths("tests/test_a.py", "x = 1\n" * 400) == []
    assert len(lengths("tests/test_a.py", "x = 1\n" * 401)) == 1


def test_lengths_of_functions() -> None:
    assert lengths("firmware/a.py", "def f():\n" + LONG_BODY[:-10]) == []
    assert lengths("firmware/a.py", "def f():\n" + LONG_BODY) == ["f has 51 lines, 50 is the limit"]
    assert lengths("firmware/a.py", "def f():\n" + LONG_DOCSTRING + LONG_BODY[:-10]) == []
    nested = "class A:\n" + "".join(
        f"    {line}\n" for line in ("def f():\n" + LONG_BODY).splitlines()
    )
    assert len(lengths("firmware/a.py", nested)) == 1


@pytest.mark.parametrize("name", ["CarManager", "ManagerOfCars", "TimeUtil", "LinkImpl", "Helper"])
def test_empty_class_names(name: str) -> None:
    assert len(names("simulator/car.py", f"class {name}:\n    pass\n")) == 1


@pytest.mark.parametrize("name", ["Implement", "Utilisation", "CardReader"])
def test_class_names_that_only_look_alike(name: str) -> None:
    assert names("simulator/car.py", f"class {name}:\n    pass\n") == []


@pytest.mark.parametrize("path", ["simulator/queue.py", "firmware/platform.py", "tools/utils.py"])
def test_module_names(path: str) -> None:
    assert len(names(path)) == 1


@pytest.mark.parametrize("path", ["simulator/__main__.py", "firmware/__init__.py", "hal/pn532.py"])
def test_good_module_names(path: str) -> None:
    assert names(path) == []


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    f()\nexcept TimeoutError:\n    pass",
        "try:\n    f()\nexcept (ValueError, ConnectionError):\n    pass",
        "raise PermissionError(1)",
        "format(3, 'x')",
        "'abc'.removeprefix('a')",
        "h.hexdigest()",
        "json.dumps(x, sort_keys=True)",
        "int.from_bytes(b'12', byteorder='big')",
        "zip(a, b, strict=True)",
        "match x:\n    case 1:\n        pass",
        "def f(a, /):\n    pass",
        "async def f():\n    pass",
        "try:\n    f()\nexcept* ValueError:\n    pass",
        "x = 0.5",
        "x = a / b",
        "x /= 2",
    ],
)
def test_what_micropython_lacks(text: str) -> None:
    assert len(portable(text)) == 1
    assert portable(text, "simulator/kernel.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    f()\nexcept OSError:\n    pass",
        "'{}'.format(3)",
        "n.to_bytes(4, 'big')",
        "def f(a, *, b):\n    return a // b",
        "format = 1",
    ],
)
def test_what_micropython_has(text: str) -> None:
    assert portable(text) == []


def test_portable_tests_may_use_floats() -> None:
    assert portable("x = 0.5", "tests/portable/test_a.py") == []
    assert len(portable("h.hexdigest()", "tests/portable/test_a.py")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "# TO" + "DO later",
        "FIX" + "ME",
        "--index-url https://py" + "pi.org/simple",
        '"resolved": "https://registry.' + "npmjs.org/x.tgz",
        "cd /ho" + "me/someone/project",
        "open('/t" + "mp/x')",
        "see /wo" + "rk/main",
    ],
)
def test_texts_that_no_file_may_contain(text: str) -> None:
    assert len(texts(f"a line before\n{text}\n")) == 1


@pytest.mark.parametrize(
    "text", ["the work/home of it", "/dev/ttyUSB0", "$ROOT/home/x", "mastodon", "src/tmp/x"]
)
def test_texts_that_any_file_may_contain(text: str) -> None:
    assert texts(text) == []


def test_portable_is_what_runs_on_both() -> None:
    for path in ("firmware/wire/codes.py", "hal/pn532.py", "hal/fake/clock.py", "boards/sim/m.py"):
        assert tree.is_portable(path)
    for path in ("hal/esp32/clock.py", "hal/linux/x.py", "boards/pi/main.py", "tests/conftest.py"):
        assert not tree.is_portable(path)


def test_names_without_an_equivalent_are_those_of_this_interpreter() -> None:
    """A misspelt entry of the list would never fire."""
    builtin = set(dir(__import__("builtins")))
    assert set(portable_checks.NAMES) <= builtin
    methods = {name for kind in (str, bytes, int, float, memoryview) for name in dir(kind)}
    assert set(portable_checks.METHODS) - {"hexdigest"} <= methods


def test_source_is_parsed_with_its_path() -> None:
    assert isinstance(tree.source("a.py", "x = 1").tree, ast.Module)
    with pytest.raises(SyntaxError, match=r"a\.py"):
        tree.source("a.py", "x = = 1")
