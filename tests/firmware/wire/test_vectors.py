"""The golden vectors are what the second implementation makes, and it is a second one."""

from __future__ import annotations

import pytest

from tools import imports, make_vectors, tree


def test_the_file_is_what_the_program_makes() -> None:
    assert (tree.ROOT / make_vectors.PATH).read_text(encoding="utf-8") == make_vectors.text()


def test_check_says_when_the_file_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_vectors.main(["--check"]) == 0
    monkeypatch.setattr(make_vectors, "NOW", 1)
    assert make_vectors.main(["--check"]) == 1
    assert "run it without --check" in capsys.readouterr().out


def test_the_program_shares_nothing_with_the_firmware() -> None:
    all_names = set()
    for name in ("make_vectors", "make_record_vectors", "make_event_vectors"):
        path = f"tools/{name}.py"
        source = tree.source(path, (tree.ROOT / path).read_text(encoding="utf-8"))
        names = {name for _, name in imports.run_time_imports(source.tree)}
        assert {name for name in names if name.startswith(("firmware", "fleetd", "hal"))} == set()
        all_names |= names
    assert "hmac" in all_names


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_vectors.main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err
